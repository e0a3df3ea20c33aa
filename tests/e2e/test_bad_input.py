"""Bad input is an answer, not an accident: the protocol's own code or HTTP's, a counter, a log line, no trace."""

import random
import socket
import time

import dm
import pytest
from conftest import wait_until
from dm import PACKAGE_1_WBXML, PACKAGE_1_WBXML_1_1, WBXML, XML

FLAGS = {
    "ingress": {"body-timeout": "1500ms", "header-timeout": "1500ms", "max-connections": "64"},
    "session": {"throttle-failures": "3", "throttle-pause": "30s"},
}


@pytest.fixture(autouse=True)
def _unharmed(site):
    """Whatever a test posts: the services live, and a terminal can still be managed afterwards."""
    yield
    assert site.all_alive()
    terminal = site.terminal()
    operation = site.drover.submit(terminal.id, "get", "./DevDetail/FwV")
    terminal.manage()
    assert site.drover.operation(operation)["state"] == "SUCCEEDED"


def opened(site):
    """A session that is past authentication, and its terminal; one command is outstanding."""
    terminal = site.terminal()
    operation = site.drover.submit(terminal.id, "get", "./DevDetail/FwV")
    session = terminal.session()
    message = session.send(session.package1())
    if message.code("SyncHdr") in ("401", "407"):
        message = session.send(session.package1())
    assert message.commands
    return terminal, session, message, operation


class Counted:
    """The refusals of one cause at the ingress while it is open, and whether the log has a line of it."""

    def __init__(self, site, cause: str):
        self._site, self._cause = site, cause

    def _count(self) -> float:
        return self._site.metric("ingress", "drover_ingress_rejected_total", cause=self._cause)

    def __enter__(self):
        self._before = self._count()
        return self

    def __exit__(self, failure, *_: object) -> None:
        if failure is None:
            wait_until(lambda: self._count() > self._before, 5, f"a refusal counted as {self._cause}")
            assert self._logged()

    def _logged(self) -> bool:
        lines = self._site.log("ingress")
        return any(line.get("event") == "ingress.rejected" and line.get("cause") == self._cause for line in lines)


# --- Not SyncML at all: HTTP's answers ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("media_type", "sample"), [(XML, "xml"), (WBXML, PACKAGE_1_WBXML), (WBXML, PACKAGE_1_WBXML_1_1)], ids=str
)
def test_every_truncation_of_a_message_is_refused_with_400(site, media_type, sample):
    body = site.terminal().session().package1() if sample == "xml" else sample
    with Counted(site, "decode"):
        for length in range(1, len(body) - 1, 7):
            assert site.post(body[:length], media_type).status == 400, length


@pytest.mark.parametrize("media_type", [XML, WBXML])
def test_random_octets_are_refused_with_400_or_415(site, media_type):
    chance = random.Random(1)
    for _ in range(50):
        answer = site.post(chance.randbytes(chance.randint(1, 2000)), media_type)
        assert answer.status in (400, 415)


@pytest.mark.parametrize("kind", ["xml", "wbxml"])
def test_mutated_messages_get_an_answer_of_the_protocol_or_400(site, kind):
    chance = random.Random(2)
    original = site.terminal().session().package1() if kind == "xml" else PACKAGE_1_WBXML
    for _ in range(200):
        octets = bytearray(original)
        for _ in range(chance.randint(1, 4)):
            octets[chance.randrange(len(octets))] = chance.randrange(256)
        answer = site.post(bytes(octets), XML if kind == "xml" else WBXML)
        assert answer.status in (200, 400, 403, 415, 503), answer  # 503: a damaged Cred, once too often.
        if answer.status == 200 and kind == "xml":
            dm.Message(answer.body)


def test_entity_bombs_are_refused_unexpanded(site):
    lines = [f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12)]
    bomb = f'<!DOCTYPE SyncML [<!ENTITY e0 "ha">{"".join(lines)}]><SyncML><SyncHdr>&e11;</SyncHdr></SyncML>'
    begin = time.monotonic()
    with Counted(site, "decode"):
        assert site.post(bomb.encode()).status == 400
    assert time.monotonic() - begin < 5


def test_external_entities_are_not_fetched(site):
    body = '<!DOCTYPE SyncML [<!ENTITY x SYSTEM "file:///etc/hostname">]><SyncML><SyncHdr>&x;</SyncHdr></SyncML>'
    answer = site.post(body.encode())
    assert answer.status == 400


def test_deep_nesting_is_refused_with_400(site):
    assert site.post(b"<SyncML>" + b"<Item>" * 50_000 + b"</Item>" * 50_000 + b"</SyncML>").status == 400


def test_a_body_past_the_limit_is_refused_with_413_before_it_is_read(site):
    with Counted(site, "body_too_large"):
        assert refuse_large(site, b"Content-Length: 10485760\r\n\r\n") == 413


def test_a_body_of_ten_megabytes_is_refused_with_413(site):
    with Counted(site, "body_too_large"):
        assert refuse_large(site, b"Content-Length: 10485760\r\n\r\n", b"x" * 10485760) in (413, 0)


def test_a_chunked_body_past_the_limit_is_refused_with_413(site):
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    assert refuse_large(site, b"Transfer-Encoding: chunked\r\n\r\n", chunk * 160) == 413


def refuse_large(site, header: bytes, body: bytes = b"") -> int:
    request = b"POST /dm HTTP/1.1\r\nHost: x\r\nContent-Type: " + XML.encode() + b"\r\n" + header
    with connect(site) as connection:
        connection.sendall(request)
        try:
            connection.sendall(body)
        except (BrokenPipeError, ConnectionResetError):
            pass
        return http_status(connection)


def connect(site) -> socket.socket:
    return socket.create_connection((site.post.parts.hostname, site.post.parts.port), timeout=60)


def http_status(connection: socket.socket) -> int:
    """Of the answer that comes; 0 if the connection closes without one."""
    try:
        head = connection.recv(4096)
    except ConnectionResetError:
        return 0
    return int(head.split()[1]) if head else 0


def test_a_wrong_media_type_is_refused_with_415(site):
    with Counted(site, "media_type"):
        assert site.post(b"{}", "application/json").status == 415


def test_another_charset_is_refused_with_415(site):
    body = site.terminal().session().package1()
    assert site.post(body, f"{XML}; charset=UTF-16").status == 415


def test_a_missing_or_generic_media_type_is_settled_by_the_octets(site):
    terminal = site.terminal()
    assert site.post(terminal.session().package1(), None).status == 200
    assert site.post(PACKAGE_1_WBXML, "application/octet-stream").status == 200


def test_another_method_is_refused_with_405_that_names_post(site):
    with Counted(site, "not_post"):
        answer = site.post(b"", method="GET")
    assert answer.status == 405 and "POST" in answer.headers["allow"]


def test_another_path_is_refused_with_404(site):
    with Counted(site, "unknown_path"):
        assert site.post(b"x", path="/elsewhere").status == 404


def test_headers_past_the_limit_are_refused_with_431(site):
    with Counted(site, "header_too_large"):
        assert site.post(b"x", X_Filler="x" * 20_000).status == 431


def test_what_is_not_http_is_refused_with_400(site):
    with connect(site) as connection:
        connection.sendall(b"\x16\x03\x01 this is not HTTP\r\n\r\n")
        assert http_status(connection) in (0, 400)


# --- SyncML, but not as it should be: the protocol's own codes ------------------------------------------------------


def test_wrong_credentials_are_refused_with_401_and_another_challenge(site):
    terminal = site.terminal()
    before = site.metric("session-1", "drover_session_oddities_total", kind="wrong_credentials")
    terminal.password = "not this one"
    session = terminal.session()
    for _ in range(2):
        answer = session.send(session.package1())
        assert answer.code("SyncHdr") == "401" and answer.next_nonce and not answer.commands
    assert site.metric("session-1", "drover_session_oddities_total", kind="wrong_credentials") >= before + 2


def test_guessing_is_slowed_down(site):
    terminal = site.terminal()
    terminal.password = "not this one"
    session = terminal.session()
    statuses = [terminal.post(session.package1()).status for _ in range(10)]
    assert statuses[0] == 200 and set(statuses[6:]) <= {429, 503}, statuses
    assert any(line.get("event") == "session.odd_message" for line in site.log("session-1"))


def test_an_unknown_terminal_is_answered_as_one_with_a_wrong_password_is(site):
    known, unknown = site.terminal(), site.terminal(enrolled=False)
    known.password = "not this one"
    answers = []
    for terminal in (known, unknown):
        session = terminal.session()
        answers.append(session.send(session.package1()))
    assert answers[0].statuses == answers[1].statuses
    assert answers[0].challenge == answers[1].challenge


def test_another_terminals_session_cannot_be_entered(site):
    _, session, message, operation = opened(site)
    intruder = site.terminal()
    stolen = intruder.session(session.id)
    stolen.msg_id = session.msg_id
    body = dm.status(1, message.msg_id, "0", "SyncHdr", "200") + "<Final/>"
    answer = dm.Message(intruder.post(stolen.message(body)).body)
    assert answer.code("SyncHdr") in ("401", "407") and not answer.commands
    while (request := session.reply(message)) is not None:
        message = session.send(request)
    assert site.drover.operation(operation)["state"] == "SUCCEEDED"


def test_a_session_cannot_be_taken_over_without_credentials(site):
    terminal, session, message, operation = opened(site)
    stranger = terminal.session("77")
    answer = dm.Message(terminal.post(stranger.package1(credential=None)).body)
    assert answer.code("SyncHdr") == "407"
    while (request := session.reply(message)) is not None:
        message = session.send(request)
    assert site.drover.operation(operation)["state"] == "SUCCEEDED"


@pytest.mark.parametrize(
    ("command", "name", "code"),
    [
        ("<Get><CmdID>9</CmdID><Item><Target><LocURI>./x</LocURI></Target></Item></Get>", "Get", "405"),
        ("<Add><CmdID>9</CmdID><Item><Target><LocURI>./x</LocURI></Target></Item></Add>", "Add", "405"),
        ("<Delete><CmdID>9</CmdID><Item><Target><LocURI>./x</LocURI></Target></Item></Delete>", "Delete", "405"),
        ("<Exec><CmdID>9</CmdID><Item><Target><LocURI>./x</LocURI></Target></Item></Exec>", "Exec", "405"),
        ("<Put><CmdID>9</CmdID><Item><Data>x</Data></Item></Put>", "Put", "406"),
        ("<Alert><CmdID>9</CmdID><Data>4711</Data></Alert>", "Alert", "406"),
        ("<Alert><CmdID>9</CmdID><Data>1226</Data></Alert>", "Alert", "412"),
    ],
    ids=lambda value: value if len(value) < 9 else "",
)
def test_what_a_terminal_may_not_send_gets_its_code_and_the_session_goes_on(site, command, name, code):
    terminal = site.terminal()
    operation = site.drover.submit(terminal.id, "get", "./DevDetail/FwV")
    session = terminal.session()
    answer = session.send(session.package1(command))
    if answer.code("SyncHdr") in ("401", "407"):
        answer = session.send(session.package1(command))
    assert (name, code) in answer.statuses
    while (request := session.reply(answer)) is not None:
        answer = session.send(request)
    assert site.drover.operation(operation)["state"] == "SUCCEEDED"


def test_an_unknown_element_where_a_command_belongs_gets_400(site):
    terminal = site.terminal()
    terminal.manage()
    session = terminal.session()
    answer = session.send(session.package1("<Obliterate><CmdID>9</CmdID></Obliterate>"))
    assert ("Obliterate", "400") in answer.statuses or "400" in [code for _, code in answer.statuses]


def test_a_status_for_a_command_never_sent_changes_nothing_and_is_counted(site):
    _, session, message, operation = opened(site)
    name = "drover_session_oddities_total"
    before = site.metric("session-1", name, kind="status_for_unknown_command")
    stray = dm.status(1, message.msg_id, "0", "SyncHdr", "200") + dm.status(2, message.msg_id, "999", "Get", "200")
    answer = session.send(session.message(stray))  # Not Final: its own status is still to come.
    assert site.drover.operation(operation)["state"] == "RUNNING"
    assert site.metric("session-1", name, kind="status_for_unknown_command") == before + 1
    done = dm.status(1, answer.msg_id, "0", "SyncHdr", "200")
    for element in message.commands:
        done += session._answer_to(element, message.msg_id, iter(range(2, 20)))
    session.send(session.message(done + "<Final/>"))
    assert site.drover.operation(operation)["state"] == "SUCCEEDED"


def test_an_unknown_version_gets_505_and_an_unknown_protocol_513(site):
    session = site.terminal().session()
    other = session.package1().replace(b"<VerDTD>1.2<", b"<VerDTD>9.9<")
    assert dm.Message(site.post(other).body).code("SyncHdr") == "505"
    other = session.package1().replace(b"<VerProto>DM/1.2<", b"<VerProto>DM/9.9<")
    assert dm.Message(site.post(other).body).code("SyncHdr") == "513"


# --- Slow, cut off, too many ----------------------------------------------------------------------------------------


def test_a_sender_that_is_too_slow_gets_408_or_is_cut_off(site):
    with connect(site) as connection:
        head = f"POST /dm HTTP/1.1\r\nHost: x\r\nContent-Type: {XML}\r\nContent-Length: 1000\r\n\r\n"
        connection.sendall(head.encode() + b"<SyncML")
        with Counted(site, "too_slow"):
            assert http_status(connection) == 408


def test_a_sender_of_endless_headers_gets_408(site):
    with connect(site) as connection:
        connection.sendall(b"POST /dm HTTP/1.1\r\nHost: x\r\n")
        with Counted(site, "too_slow"):
            assert http_status(connection) == 408


def test_connections_past_the_limit_get_503_with_retry_after(site):
    idle = [connect(site) for _ in range(64)]
    try:
        with Counted(site, "too_many_connections"):
            answer = site.post(PACKAGE_1_WBXML, WBXML)
        assert answer.status == 503 and int(answer.headers["retry-after"]) >= 1
    finally:
        for connection in idle:
            connection.close()
    wait_until(lambda: site.metric("ingress", "drover_ingress_connections") < 64, 10, "connections closed")


def test_a_connection_that_is_cut_in_mid_message_leaves_no_trace(site):
    terminal, session, message, operation = opened(site)
    request = session.reply(message)
    for part in (10, len(request) // 2, len(request) - 1):
        with connect(site) as connection:
            head = f"POST /dm HTTP/1.1\r\nHost: x\r\nContent-Type: {XML}\r\nContent-Length: {len(request)}\r\n\r\n"
            connection.sendall(head.encode() + request[:part])
    assert site.drover.operation(operation)["state"] == "RUNNING"
    message = session.send(request)
    assert site.drover.operation(operation)["state"] == "SUCCEEDED"
    assert terminal.executed == [("Get", "./DevDetail/FwV")]
