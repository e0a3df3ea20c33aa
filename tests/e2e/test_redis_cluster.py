"""Services on a Redis Cluster whose masters die: nothing is lost, nothing runs twice."""

import concurrent.futures
import os
import pathlib
import subprocess
import threading

import pytest
from conftest import wait_until
from localcluster import redis_cluster
from localcluster.cluster import EVERYTHING
from test_failures import finish, manage_until_done, opened, stubborn, succeeded_once

STARTED = [redis_cluster.KIND if name == "redis" else name for name in EVERYTHING]
REPLICAS = {"session": 2}


class Nodes:
    """The Redis Cluster, asked with redis-cli."""

    def __init__(self, cluster):
        self.cluster = cluster
        self.units = cluster.redis_units()
        self.environment = {
            **os.environ,
            "REDISCLI_AUTH": pathlib.Path(self.units[0].files["password"]).read_text().strip(),
        }

    def run(self, *words: str, unit=None, stdin: bytes = b"") -> bytes:
        """Raw output; without unit of whichever node has the key."""
        unit = unit or next(unit for unit in self.units if unit.alive())
        argv = ["/usr/bin/redis-cli", "-c", "-p", str(unit.ports["redis"]), "--raw", *words]
        return subprocess.run(argv, input=stdin, capture_output=True, check=True, env=self.environment).stdout

    def master_of(self, key: str) -> str:
        """The name of the unit that serves the key; empty while nobody does."""
        slot = int(self.run("CLUSTER", "KEYSLOT", key))
        for line in self.run("CLUSTER", "NODES").decode().splitlines():
            _, address, flags, _, _, _, _, state, *ranges = line.split()
            if "master" not in flags or "fail" in flags or state != "connected":
                continue
            for first, _, last in (text.partition("-") for text in ranges if not text.startswith("[")):
                if int(first) <= slot <= int(last or first):
                    port = int(address.partition("@")[0].rpartition(":")[2])
                    return next(unit.name for unit in self.units if unit.ports["redis"] == port)
        return ""

    def fail_over(self, key: str) -> str:
        """Kills the key's master; returns its name once another serves."""
        name = self.master_of(key)
        self.cluster.kill(name)
        wait_until(lambda: self.master_of(key) not in ("", name), 30, f"another than {name} for {key}")
        for unit in self.units:
            if unit.alive():
                wait_until(lambda unit=unit: self._sees_all_served(unit), 30, "every node knows it")
        return name

    def _sees_all_served(self, unit) -> bool:
        return b"cluster_state:ok" in self.run("CLUSTER", "INFO", unit=unit)

    def marks_stand(self) -> bool:
        """Whether no witness names a run that is over (libs/redis/witness.h)."""
        masters = [unit for unit in self.units if unit.alive() and b"role:master" in self.run("INFO", unit=unit)]
        runs = {self._run_id(unit) for unit in masters}
        found = set()
        for unit in masters:
            for key in self.run("KEYS", "drover:operations:marks:*", unit=unit).decode().split():
                found.add(self.run("GET", key, unit=unit).decode().strip())
        return runs <= found

    def restore(self, key: str, dumped: bytes) -> None:
        """Puts back what DUMP gave."""
        self.run("DEL", key)
        self.run("-x", "RESTORE", key, "60000", stdin=dumped)

    def _run_id(self, unit) -> str:
        lines = self.run("INFO", "server", unit=unit).decode().split()
        return next(line.partition(":")[2] for line in lines if line.startswith("run_id:"))


@pytest.fixture(name="nodes")
def _nodes(site):
    """Whole again after each test."""
    nodes = Nodes(site.cluster)
    yield nodes
    for unit in nodes.units:
        if not unit.alive():
            site.cluster.restart(unit.name)
    site.cluster.wait_ready(redis_cluster.NAMES)


def state_key(terminal) -> str:
    return f"drover:session:state:{{{terminal.id}}}"


def test_the_main_job_goes_on_through_a_failover_of_each_master(site, nodes):
    terminals = [stubborn(site.terminal()) for _ in range(12)]
    operations = []
    stop = threading.Event()

    def keep_managing(terminal) -> None:
        while not stop.is_set():
            terminal.manage()

    def submit(round_number: int) -> None:
        for terminal in terminals:
            node = f"./Vendor/{round_number}"
            operations.append((terminal, node, site.drover.submit(terminal.id, "add", node, "x")))

    with concurrent.futures.ThreadPoolExecutor(len(terminals)) as pool:
        runs = [pool.submit(keep_managing, terminal) for terminal in terminals]
        try:
            for round_number, key in enumerate(("foo", "bar", "hello")):  # Of another master each.
                submit(2 * round_number)
                killed = nodes.fail_over(key)
                submit(2 * round_number + 1)
                site.cluster.restart(killed)
            for terminal, _, operation in operations:
                wait_until(lambda op=operation: site.drover.operation(op)["state"] == "SUCCEEDED", 60, operation)
        finally:
            stop.set()
        for run in runs:
            run.result()
    for terminal, node, _ in operations:
        assert terminal.executed.count(("Add", node)) == 1
    assert len(operations) == 72 and site.all_alive()


def test_a_session_goes_on_when_the_master_that_holds_it_dies(site, nodes):
    terminal, session, message, operation = opened(site)
    request = session.reply(message)
    nodes.fail_over(state_key(terminal))
    message = session.send(request)
    finish(session, message)
    manage_until_done(site, terminal, operation)
    succeeded_once(site, terminal, operation)


def test_a_message_sent_while_nobody_holds_its_session_is_answered_when_a_replica_took_over(site, nodes):
    terminal, session, message, operation = opened(site)
    site.cluster.kill(nodes.master_of(state_key(terminal)))
    finish(session, message)
    manage_until_done(site, terminal, operation)
    succeeded_once(site, terminal, operation)


def test_a_session_whose_last_state_a_failover_lost_runs_nothing_twice(site, nodes):
    terminal = stubborn(site.terminal())
    first = site.drover.submit(terminal.id, "replace", "./DevInfo/Lang", "de")
    session = terminal.session()
    message = session.send(session.package1())
    if message.code("SyncHdr") in ("401", "407"):
        message = session.send(session.package1())
    assert message.commands
    key = state_key(terminal)
    before = nodes.run("DUMP", key).removesuffix(b"\n")
    second = site.drover.submit(terminal.id, "add", "./Vendor/Lost", "x")
    message = session.send(session.reply(message))  # Its state is what gets lost.
    nodes.restore(key, before)
    finish(session, message)
    for operation in (first, second):
        manage_until_done(site, terminal, operation)
    assert terminal.executed.count(("Replace", "./DevInfo/Lang")) == 1
    assert terminal.executed.count(("Add", "./Vendor/Lost")) == 1


def test_a_master_that_comes_back_empty_loses_no_work(site, nodes):
    terminal = stubborn(site.terminal())
    operation = site.drover.submit(terminal.id, "replace", "./DevInfo/Lang", "de")
    name = nodes.master_of(state_key(terminal))
    site.cluster.kill(name)
    site.cluster.restart(name)  # At once: it has its slots still, and nothing in them.
    manage_until_done(site, terminal, operation)
    succeeded_once(site, terminal, operation)


def test_marks_are_raised_again_after_a_failover(site, nodes):
    terminal = stubborn(site.terminal())
    wait_until(nodes.marks_stand, 20, "the marks stand")
    operation = site.drover.submit(terminal.id, "replace", "./DevInfo/Lang", "de")
    mark = f"drover:operations:mark:{{{terminal.id}}}"
    nodes.run("DEL", mark)  # As if the failover had lost it.
    nodes.fail_over(mark)
    wait_until(nodes.marks_stand, 20, "the marks stand again")
    assert int(nodes.run("GET", mark)) > 0
    terminal.manage()
    succeeded_once(site, terminal, operation)
