"""Values of 100 KiB to and from a terminal that takes messages of 4000 octets, whatever breaks in the middle."""

import socket

import pytest
from conftest import wait_until
from dm import XML
from large import LargeTerminal
from test_failures import finish, stubborn

REPLICAS = {"session": 2}
KIB_100 = 100 * 1024
URI = "./Con/Big"

# Octets of two kinds: a piece must not end inside a character, and entities must not count as what they are written as.
TO = "".join(f"{n} < Länge & Größe > " for n in range(6000)).encode()[:KIB_100].decode("utf-8", "ignore")
FROM = "".join(f"{n:06d};" for n in range(KIB_100 // 7 + 1))[:KIB_100]


@pytest.fixture
def terminal(site) -> LargeTerminal:
    one = LargeTerminal(site.terminal())
    one.tree[URI] = ""
    return one


def sends(site, terminal, value: str = TO) -> str:
    """An operation that writes the large value."""
    file = site.drover.folder / "value"
    file.write_text(value)
    return site.drover.submit(terminal.id, "replace", URI, "--value-file", str(file))


def reads(site, terminal) -> str:
    """One that reads it."""
    terminal.tree[URI] = FROM
    return site.drover.submit(terminal.id, "get", URI)


def written_once(site, terminal, operation: str, value: str = TO) -> None:
    found = site.drover.operation(operation)
    assert found["state"] == "SUCCEEDED", found["cause"]
    assert terminal.tree[URI] == value
    assert terminal.executed.count(("Replace", URI)) == 1


def read_whole(site, operation: str) -> None:
    found = site.drover.operation(operation)
    assert found["state"] == "SUCCEEDED", found["cause"]
    assert [value_of(result) for result in found["results"]] == [FROM]


def value_of(result: dict) -> str:
    [node] = result["values"]
    assert node["uri"] == URI
    return node["data"]


def open_session(terminal):
    session = terminal.session()
    message = session.send(session.package1())
    if message.code("SyncHdr") in ("401", "407"):
        message = session.send(session.package1())
    return session, message


def walk(session, message, pieces: int):
    """So many pieces on; a further one is on its way. The last message."""
    for _ in range(pieces):
        request = session.reply(message)
        assert request is not None
        message = session.send(request)
    return message


def into_the_object(terminal, pieces: int = 6):
    session, message = open_session(terminal)
    while not session.midway:
        message = session.send(session.reply(message))
    message = walk(session, message, pieces)
    assert session.midway
    return session, message


# --- In pieces ------------------------------------------------------------------------------------------------------


def test_a_value_of_100_kib_reaches_a_terminal_of_small_messages_in_pieces(site, terminal):
    operation = sends(site, terminal)
    terminal.manage()
    written_once(site, terminal, operation)
    assert 25 < len(terminal.pieces) < 100


def test_a_value_of_100_kib_is_read_from_a_terminal_in_pieces(site, terminal):
    operation = reads(site, terminal)
    terminal.manage()
    read_whole(site, operation)
    assert terminal.executed.count(("Get", URI)) == 1


def test_a_terminal_that_takes_no_large_objects_gets_none_and_the_operation_says_so(site, terminal):
    terminal.tree["./DevDetail/LrgObj"] = "false"
    operation = sends(site, terminal)
    terminal.manage()
    found = site.drover.operation(operation)
    assert found["state"] == "FAILED" and "LrgObj" in found["cause"] and "4000" in found["cause"]
    assert not terminal.pieces


# --- Broken off -----------------------------------------------------------------------------------------------------


def cut(parts, request: bytes, octets: int) -> None:
    """Posts so many octets of the message, and is gone before any answer."""
    head = (
        f"POST {parts.path} HTTP/1.1\r\nHost: {parts.hostname}\r\nContent-Type: {XML}\r\n"
        f"Content-Length: {len(request)}\r\n\r\n"
    )
    with socket.create_connection((parts.hostname, parts.port), timeout=30) as connection:
        connection.sendall(head.encode() + request[:octets])


class LosingPost:
    """Loses each message three times: cut off in the middle, with nobody left to answer, and with its answer; the
    fourth time brings the same octets as the third."""

    def __init__(self, terminal):
        self.post, self.parts = terminal.post, terminal.post.parts
        self.lost = 0

    def __call__(self, body: bytes, *arguments, **more):
        cut(self.parts, body, len(body) // 2)
        cut(self.parts, body, len(body))
        lost = self.post(body, *arguments, **more)
        answer = self.post(body, *arguments, **more)
        assert answer.status == 200 and answer.body == lost.body
        self.lost += 1
        return answer


@pytest.mark.parametrize("direction", ["to", "from"])
def test_connections_lost_at_every_piece_lose_nothing_and_double_nothing(site, terminal, direction):
    operation = sends(site, terminal) if direction == "to" else reads(site, terminal)
    session, message = open_session(terminal)
    terminal.post = LosingPost(terminal)
    finish(session, message)
    assert terminal.post.lost > 25
    if direction == "to":
        written_once(site, terminal, operation)
    else:
        read_whole(site, operation)


@pytest.mark.parametrize("direction", ["to", "from"])
def test_session_replicas_killed_in_mid_object_lose_nothing_and_double_nothing(site, terminal, direction):
    operation = sends(site, terminal) if direction == "to" else reads(site, terminal)
    stubborn(terminal)
    session, message = into_the_object(terminal)
    for name in ("session-1", "session-2", "session-1"):
        site.cluster.kill(name)
        message = walk(session, message, 4)
        assert session.midway
        site.cluster.restart(name)
    finish(session, message)
    if direction == "to":
        written_once(site, terminal, operation)
    else:
        read_whole(site, operation)


def test_an_object_that_a_terminal_forgot_is_sent_from_the_beginning_in_its_next_session(site, terminal):
    operation = sends(site, terminal)
    into_the_object(terminal)
    assert site.drover.operation(operation)["state"] == "RUNNING"
    before = len(terminal.pieces)
    terminal.manage()
    written_once(site, terminal, operation)
    assert len(terminal.pieces) - before > 25
    assert ("Get", URI) not in terminal.executed  # It never was whole: there is nothing to find out.


def test_an_object_that_came_whole_is_not_sent_again_though_its_status_was_lost(site, terminal):
    operation = sends(site, terminal, FROM)
    session, message = into_the_object(terminal)
    while session.midway:
        request = session.reply(message)
        if session.midway:
            message = session.send(request)
    before = len(terminal.pieces)
    terminal.manage()
    assert len(terminal.pieces) == before
    written_once(site, terminal, operation, FROM)


def test_a_terminal_that_goes_silent_while_it_sends_is_asked_again(site, terminal):
    operation = reads(site, terminal)
    into_the_object(terminal)
    terminal.manage()
    read_whole(site, operation)
    assert terminal.executed.count(("Get", URI)) == 2


def test_a_terminal_that_says_1225_gets_the_object_from_the_beginning(site, terminal):
    operation = sends(site, terminal)
    session, message = into_the_object(terminal)
    session.incoming = None
    broken = (
        "<Alert><CmdID>9</CmdID><Data>1225</Data><Item><Source>"
        f"<LocURI>{URI}</LocURI></Source></Item></Alert>"
    )
    message = session.send(session.message(session.header_status(message, 1) + broken + "<Final/>"))
    finish(session, message)
    wait_until(lambda: site.drover.operation(operation)["state"] != "RUNNING")
    written_once(site, terminal, operation)
