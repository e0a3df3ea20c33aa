"""Proofs of both sides: HMAC, nonces that are stale, lost or replayed, wrong passwords, secrets that change."""

import hashlib
import pathlib
import re
import threading

import pytest
from conftest import wait_until
from dm import MAC, Message, Session, Terminal, a1, b64, mac, md5_credential
from objects import ObjectTerminal

SERVER = "drover.example"  # The ServerID of a local cluster.
ZERO = bytes(4)
SERVER_PASSWORD = "the server's own secret"


def with_server_password(site, *more: str):
    return site.terminal("--server-password-file", site.drover.secret(SERVER_PASSWORD), *more)


def fw_version(site, terminal) -> str:
    return site.drover.submit(terminal.id, "get", "./DevDetail/FwV")


def state(site, operation: str) -> str:
    return site.drover.operation(operation)["state"]


def server_proof(message: Message) -> str | None:
    return message.header.findtext("Cred/Data")


# --- HMAC, both ways ------------------------------------------------------------------------------------------------


class MacSession(Session):
    """Verifies the server's header on every answer to a proof that held, and gives a new nonce for each next one."""

    def __init__(self, terminal, session_id):
        super().__init__(terminal, session_id)
        self.verified = 0

    def send(self, request: bytes) -> Message:
        message = super().send(request)
        if message.code("SyncHdr") == "200":
            self.verify()
        return message

    def verify(self) -> None:
        words = dict(re.findall(r'(\w+)="?([^",\s]+)"?', self.received.headers["x-syncml-hmac"]))
        assert words["username"] == SERVER and words.get("algorithm", "MD5") == "MD5"
        assert words["mac"] == mac(SERVER, SERVER_PASSWORD, self.terminal.server_nonce, self.received.body)
        self.verified += 1

    def header_status(self, message: Message, cmd_id: int) -> str:
        self.terminal.server_nonce = f"nonce {self.msg_id} of {self.id}".encode()
        return (
            f"<Status><CmdID>{cmd_id}</CmdID><MsgRef>{message.msg_id}</MsgRef><CmdRef>0</CmdRef><Cmd>SyncHdr</Cmd>"
            f'<Chal><Meta><Format xmlns="syncml:metinf">b64</Format><Type xmlns="syncml:metinf">{MAC}</Type>'
            f'<NextNonce xmlns="syncml:metinf">{b64(self.terminal.server_nonce)}</NextNonce></Meta></Chal>'
            "<Data>200</Data></Status>"
        )


class MacTerminal(Terminal):
    def __init__(self, terminal):
        super().__init__(terminal.post, terminal.id, terminal.password)
        self.scheme = MAC
        self.server_nonce = b""

    def session(self, session_id=None) -> MacSession:
        return MacSession(self, session_id or f"{next(self._sessions):X}")


@pytest.fixture
def mac_terminal(site) -> MacTerminal:
    return MacTerminal(with_server_password(site, "--client-scheme", "mac", "--server-scheme", "mac"))


def test_a_session_is_proved_by_hmac_on_every_message_of_both_sides(site, mac_terminal):
    mac_terminal.nonce = b"a stale one"
    operation = fw_version(site, mac_terminal)
    session = mac_terminal.session()
    session.run()
    first, *rest = session.answers
    assert first.code("SyncHdr") == "401" and first.challenge == MAC and not first.commands
    assert {code for _, code in first.statuses} == {"401"}
    assert rest and all(answer.code("SyncHdr") == "200" for answer in rest)
    assert all(answer.challenge == MAC and answer.next_nonce for answer in rest)
    assert session.verified == len(rest) >= 2
    assert state(site, operation) == "SUCCEEDED"


def test_the_nonces_of_an_hmac_session_hold_for_the_next_one(site, mac_terminal):
    mac_terminal.manage()
    operation = fw_version(site, mac_terminal)
    session = mac_terminal.manage()
    assert session.answers[0].code("SyncHdr") == "200" and session.verified == len(session.answers)
    assert state(site, operation) == "SUCCEEDED"


def test_a_body_that_its_hmac_does_not_fit_is_refused_and_executes_nothing(site, mac_terminal):
    mac_terminal.manage()
    operation = fw_version(site, mac_terminal)
    session = mac_terminal.session()
    request = session.package1()
    proof = session.proof(request)
    answer = Message(mac_terminal.post(request.replace(b"en-GB", b"de-DE"), **proof).body)
    assert answer.code("SyncHdr") == "401" and not answer.commands
    assert state(site, operation) == "PENDING"
    assert "de-DE" not in site.drover.ok("tree", "get", mac_terminal.id, "./DevInfo")


def test_a_message_without_hmac_in_the_middle_of_such_a_session_is_refused(site, mac_terminal):
    mac_terminal.manage()
    operation = fw_version(site, mac_terminal)
    session = mac_terminal.session()
    message = session.send(session.package1())
    assert message.commands
    answer = Message(mac_terminal.post(session.reply(message)).body)
    assert answer.code("SyncHdr") in ("401", "407") and not answer.commands
    assert state(site, operation) != "SUCCEEDED"


# --- Nonces that have drifted for good ------------------------------------------------------------------------------


def package0(site, terminal, name: str) -> tuple[bytes, str]:
    """The notification, verified as a terminal would with the zero nonce; and the session that it asks for."""
    file = pathlib.Path(site.drover.folder) / f"notification-{name}"
    site.drover.ok("device", "resync", terminal.id, "--out", str(file))
    assert file.stat().st_mode & 0o777 == 0o600
    octets = file.read_bytes()
    digest, trigger = octets[:16], octets[16:]
    of_trigger = b64(hashlib.md5(trigger).digest()).encode()
    expected = hashlib.md5(a1(SERVER, SERVER_PASSWORD) + b":" + ZERO + b":" + of_trigger).digest()
    assert digest == expected
    header = int.from_bytes(trigger[:8], "big")
    assert header >> 54 == 11 and header >> 51 & 1 == 1
    length = header & 0xFF
    assert trigger[8 : 8 + length] == SERVER.encode()
    return octets, f"{header >> 8 & 0xFFFF:X}"


def zero_package1(terminal, session_id: str) -> tuple[Session, bytes]:
    session = terminal.session(session_id)
    credential = md5_credential(terminal.user, terminal.password, ZERO)
    return session, session.package1(credential=credential).replace(b">1201<", b">1200<")


def lost(site, name: str):
    """One whose nonces nobody knows, and its notification's session."""
    terminal = with_server_password(site)
    terminal.manage()
    terminal.nonce = b"lost"
    return terminal, package0(site, terminal, name)[1]


def test_a_session_that_a_notification_asked_for_is_proved_by_the_zero_nonce_and_both_get_fresh_ones(site):
    terminal, session_id = lost(site, "once")
    operation = fw_version(site, terminal)
    session, request = zero_package1(terminal, session_id)
    message = session.send(request)
    assert message.code("SyncHdr") == "212" and message.commands
    assert message.next_nonce not in (None, ZERO)
    assert server_proof(message) == md5_credential(SERVER, SERVER_PASSWORD, ZERO)
    while (request := session.reply(message)) is not None:
        message = session.send(request)
    assert state(site, operation) == "SUCCEEDED"
    assert terminal.manage().answers[0].code("SyncHdr") == "212"  # By the fresh nonce, at once.


def test_the_zero_nonce_holds_once(site):
    terminal, session_id = lost(site, "twice")
    session, captured = zero_package1(terminal, session_id)
    assert session.send(captured).code("SyncHdr") == "212"
    terminal.manage()
    operation = fw_version(site, terminal)
    _, request = zero_package1(terminal, session_id)
    for attempt in (captured, request.replace(b"<MsgID>1<", b"<MsgID>7<")):
        answer = Message(terminal.post(attempt).body)
        assert answer.code("SyncHdr") == "401" and not answer.commands
    assert state(site, operation) == "PENDING"


def test_the_zero_nonce_holds_in_no_other_session(site):
    terminal, session_id = lost(site, "another")
    other = f"{int(session_id, 16) ^ 0x0101:X}"
    session, request = zero_package1(terminal, other)
    answer = session.send(request)
    assert answer.code("SyncHdr") == "401" and not answer.commands


def test_the_zero_nonce_holds_for_nobody_that_was_not_notified(site):
    terminal = with_server_password(site)
    terminal.manage()
    session, request = zero_package1(terminal, "AB")
    assert session.send(request).code("SyncHdr") == "401"


# --- Replays and guesses --------------------------------------------------------------------------------------------


def test_a_captured_package_1_is_refused_after_the_terminal_went_on(site):
    terminal = site.terminal()
    terminal.manage()
    captured = terminal.manage().requests[0]
    terminal.manage()
    operation = fw_version(site, terminal)
    answer = Message(terminal.post(captured).body)
    assert answer.code("SyncHdr") == "401" and not answer.commands
    assert state(site, operation) == "PENDING" and terminal.executed == []
    terminal.manage()
    assert state(site, operation) == "SUCCEEDED"


def test_a_captured_package_1_of_the_last_session_brings_no_work(site):
    terminal = site.terminal()
    terminal.manage()
    captured = terminal.manage().requests[0]
    operation = fw_version(site, terminal)
    answer = Message(terminal.post(captured).body)
    assert not answer.commands, answer.statuses
    assert state(site, operation) == "PENDING"


def test_a_captured_package_1_does_not_end_the_session_that_is_open(site):
    terminal = site.terminal()
    terminal.manage()
    captured = terminal.manage().requests[0]
    terminal.manage()
    operation = fw_version(site, terminal)
    session = terminal.session()
    message = session.send(session.package1())
    assert message.commands
    assert Message(terminal.post(captured).body).code("SyncHdr") == "401"
    message = session.send(session.reply(message))
    assert not message.commands and state(site, operation) == "SUCCEEDED"


def test_five_wrong_credentials_are_each_counted_and_then_nothing_is_looked_at_for_a_while(site):
    terminal = site.terminal()
    right, terminal.password = terminal.password, "a guess"
    session = terminal.session()
    wrong = site.metric("session-1", "drover_session_oddities_total", kind="wrong_credentials")
    messages = site.metric("session-1", "drover_session_messages_total")
    for _ in range(5):
        assert session.send(session.package1()).code("SyncHdr") == "401"
    terminal.password = right  # Not even the right ones: guessing is to be slow.
    for _ in range(3):
        answer = terminal.post(session.package1())
        assert answer.status == 503 and 1 <= int(answer.headers["retry-after"]) <= 30
    assert site.metric("session-1", "drover_session_oddities_total", kind="wrong_credentials") == wrong + 5
    assert site.metric("session-1", "drover_session_messages_total") == messages + 8


# --- Secrets that change --------------------------------------------------------------------------------------------


def test_secrets_hold_though_the_terminal_lost_power_between_their_change_and_its_status(site):
    terminal = ObjectTerminal(with_server_password(site))
    terminal.add_dmacc("./DMAcc/1", SERVER)
    old = terminal.password
    discovering = threading.Thread(
        target=lambda: site.drover.ok("tree", "discover", terminal.id, "--wait", "--timeout", "60s")
    )
    discovering.start()
    wait_until(lambda: terminal.manage() and not discovering.is_alive(), 60, "the tree is known")
    words = ("credentials", "rotate", terminal.id, "--server-id", SERVER)
    results = []
    rotating = threading.Thread(
        target=lambda: results.append(site.drover.run(*words, "--wait", "--timeout", "90s", "-o", "json"))
    )
    rotating.start()
    secrets = ("./DMAcc/1/AppAuth/1/AAuthSecret", "./DMAcc/1/AppAuth/2/AAuthSecret")
    try:
        wait_until(lambda: carried_out(terminal, secrets), 60, "the secrets were changed")
        terminal.password = terminal.tree[secrets[0]]
        server_password = terminal.tree[secrets[1]]
        assert terminal.password != old and server_password != SERVER_PASSWORD
        wait_until(lambda: terminal.manage() and not rotating.is_alive(), 60, "the rotation ended")
    finally:
        rotating.join(timeout=100)
    assert results[0].returncode == 0, results[0].stdout + results[0].stderr
    assert terminal.tree[secrets[0]] == terminal.password and terminal.tree[secrets[1]] == server_password

    site.drover.submit(terminal.id, "get", "./DevDetail/FwV")
    session = terminal.session()
    message = session.send(session.package1())  # The new one at once, and the server proves itself by its new one.
    assert message.code("SyncHdr") == "212" and message.commands
    assert server_proof(message) == md5_credential(SERVER, server_password, b"")
    terminal.password = old
    refused = terminal.session()
    assert refused.send(refused.package1()).code("SyncHdr") == "401"


def carried_out(terminal, secrets) -> bool:
    """Manages the terminal until it has changed them; then it loses power: no status is sent."""
    session = terminal.session()
    message = session.send(session.package1())
    if message.code("SyncHdr") in ("401", "407"):
        message = session.send(session.package1())
    while (request := session.reply(message)) is not None:
        if all(terminal.tree[uri] for uri in secrets):
            return True
        message = session.send(request)
    return False

def test_an_ended_session_hands_out_nothing_to_whoever_knows_its_id(site):
    terminal = site.terminal()
    terminal.manage()
    session = terminal.manage()
    assert session.answers[-1].final and not session.answers[-1].commands
    operation = fw_version(site, terminal)
    answer = Message(terminal.post(session.package1(credential=None)).body)
    assert answer.code("SyncHdr") == "407" and not answer.commands
    assert state(site, operation) == "PENDING"
