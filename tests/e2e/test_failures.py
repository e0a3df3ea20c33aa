"""Processes die and stores are emptied in the middle of sessions; every operation still runs once."""

import concurrent.futures
import signal
import threading
import time

import dm
from conftest import wait_until

REPLICAS = {"session": 2}


def stubborn(terminal, seconds: float = 60):
    """A terminal that repeats a message that was not answered, as the specification has it, and starts again
    where the server has lost the session."""
    deadline = time.monotonic() + seconds
    patient = terminal.post

    def post(body: bytes, *arguments, **more):
        while True:
            try:
                answer = patient(body, *arguments, **more)
                if answer.status not in (500, 502, 503):
                    return answer
            except OSError:
                pass
            assert time.monotonic() < deadline, "no answer"
            time.sleep(0.1)

    terminal.post = post
    return terminal


def finish(session, message):
    while (request := session.reply(message)) is not None:
        message = session.send(request)


def opened(site):
    terminal = stubborn(site.terminal())
    operation = site.drover.submit(terminal.id, "replace", "./DevInfo/Lang", "de")
    session = terminal.session()
    message = session.send(session.package1())
    if message.code("SyncHdr") in ("401", "407"):
        message = session.send(session.package1())
    assert message.commands
    return terminal, session, message, operation


def manage_until_done(site, terminal, operation):
    """New sessions, as after any that broke; it takes a moment until the services see that Redis was emptied."""

    def done() -> bool:
        terminal.manage()
        return site.drover.operation(operation)["state"] == "SUCCEEDED"

    wait_until(done, 20, f"{operation} is done")


def succeeded_once(site, terminal, operation):
    found = site.drover.operation(operation)
    assert found["state"] == "SUCCEEDED", found
    assert terminal.executed.count(("Replace", "./DevInfo/Lang")) == 1


def test_messages_of_one_session_may_go_to_any_replica(site):
    terminal, session, message, operation = opened(site)
    for name in ("session-1", "session-2"):  # Whichever has it: one of them is away, then the other.
        site.cluster.kill(name)
        request = session.reply(message)
        if request is not None:
            message = session.send(request)
        site.cluster.restart(name)
    finish(session, message)
    succeeded_once(site, terminal, operation)


def test_killing_every_session_replica_in_mid_session_loses_nothing(site):
    terminal, session, message, operation = opened(site)
    for name in ("session-1", "session-2"):
        site.cluster.kill(name)
    for name in ("session-1", "session-2"):
        site.cluster.restart(name)
    finish(session, message)
    succeeded_once(site, terminal, operation)


def test_killing_redis_in_mid_session_sends_the_terminal_back_and_the_work_is_done_once(site):
    terminal, session, message, operation = opened(site)
    request = session.reply(message)  # Carried out; the answer will find no session.
    site.cluster.kill("redis")
    site.cluster.restart("redis")
    answer = terminal.post(request)
    assert answer.status == 200
    manage_until_done(site, terminal, operation)
    succeeded_once(site, terminal, operation)


def test_emptying_redis_loses_no_work(site):
    terminal = stubborn(site.terminal())
    operation = site.drover.submit(terminal.id, "replace", "./DevInfo/Lang", "de")
    assert site.redis("FLUSHALL") == b"+OK\r\n"
    manage_until_done(site, terminal, operation)
    succeeded_once(site, terminal, operation)


def test_killing_operations_and_tree_in_mid_session_loses_nothing(site):
    terminal, session, message, operation = opened(site)
    request = session.reply(message)
    for name in ("operations", "tree"):
        site.cluster.kill(name)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        answer = pool.submit(session.send, request)
        for name in ("tree", "operations"):
            site.cluster.restart(name)
        message = answer.result()
    finish(session, message)
    succeeded_once(site, terminal, operation)


def test_restarting_postgres_in_mid_session_loses_nothing(site):
    terminal, session, message, operation = opened(site)
    request = session.reply(message)
    site.cluster.kill("postgres", signal.SIGQUIT)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        answer = pool.submit(session.send, request)
        site.cluster.unit("postgres").wait_gone(10)
        site.cluster.restart("postgres")
        message = answer.result()
    finish(session, message)
    succeeded_once(site, terminal, operation)


def test_a_drain_under_load_ends_every_session_in_order(site):
    terminals = [stubborn(site.terminal()) for _ in range(8)]
    stop = threading.Event()

    def keep_managing(terminal) -> int:
        sessions = 0
        while not stop.is_set():
            terminal.manage()
            sessions += 1
        return sessions

    with concurrent.futures.ThreadPoolExecutor(len(terminals)) as pool:
        runs = [pool.submit(keep_managing, terminal) for terminal in terminals]
        for name in ("session-1", "session-2", "ingress"):
            unit = site.cluster.unit(name)
            unit.signal(signal.SIGTERM)
            wait_until(lambda unit=unit: not unit.alive(), 40, f"{name} drained")
            site.cluster.restart(name)
        stop.set()
        assert all(run.result() > 0 for run in runs)


def test_a_repeat_that_meets_another_replica_gets_the_same_octets(site):
    terminal, session, message, operation = opened(site)
    request = session.reply(message)
    first = terminal.post(request).body
    site.cluster.kill("session-1")
    again = terminal.post(request).body
    site.cluster.restart("session-1")
    site.cluster.kill("session-2")
    assert terminal.post(request).body == again == first
    site.cluster.restart("session-2")
    finish(session, dm.Message(first))
    succeeded_once(site, terminal, operation)
