"""The runner of local clusters: it starts what is asked for, and nothing it started outlives it."""

import json
import os
import pathlib
import signal
import socket
import subprocess

import pytest
from conftest import ROOT, wait_until

CLUSTER = str(ROOT / "scripts/cluster")


def processes_in(folder: str) -> list[str]:
    """Command lines that mention the folder."""
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if folder in words and int(path.parent.name) != os.getpid():
            found.append(words)
    return found


@pytest.fixture(name="running")
def _running():
    """A runner with Redis and PostgreSQL whose command waits for ever; and its temporary folder."""
    argv = [CLUSTER, "run", "--with", "redis,postgres", "--", "/bin/sh", "-c", "echo $DROVER_TEST_REDIS_URL; sleep 600"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as runner:
        port = runner.stdout.readline().strip().rpartition(":")[2]
        config = next(path for path in pathlib.Path("/tmp").glob("drover-cluster-*/redis/redis.conf")
                      if f"port {port}\n" in path.read_text())
        yield runner, str(config.parents[1])
        runner.kill()


def test_the_commands_exit_code_is_the_runners(tmp_path):
    run = [CLUSTER, "run", "--with", "redis", "--"]
    assert subprocess.run([*run, "/bin/sh", "-c", "exit 7"], check=False).returncode == 7
    assert subprocess.run([*run, "true"], check=False).returncode == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL], ids=lambda number: number.name)
def test_a_runner_that_is_ended_takes_everything_along(running, number):
    runner, folder = running
    assert processes_in(folder)
    runner.send_signal(number)
    runner.wait(20)
    wait_until(lambda: not processes_in(folder), 20, f"nothing runs in {folder}")
    wait_until(lambda: not pathlib.Path(folder).exists(), 20, f"{folder} is gone")


def test_a_lasting_cluster_is_seen_killed_restarted_and_stopped_by_later_commands(tmp_path):
    def cluster(*words: str) -> subprocess.CompletedProcess:
        argv = [CLUSTER, words[0], "--dir", str(tmp_path / "cluster"), *words[1:]]
        return subprocess.run(argv, check=False, capture_output=True, text=True)

    def states() -> dict[str, tuple[str, dict]]:
        rows = json.loads(cluster("status", "-o", "json").stdout)
        return {row["name"]: (row["state"], row["ports"]) for row in rows}

    assert cluster("up", "--with", "redis").returncode == 0
    try:
        before = states()
        assert before["redis"][0] == "ready"
        assert cluster("up", "--with", "redis").returncode == 1  # It runs already.
        assert cluster("kill", "redis").returncode == 0
        assert states()["redis"][0] == "ended"
        assert cluster("restart", "redis").returncode == 0
        assert states() == before
        assert "Ready to accept connections" in cluster("logs", "redis").stdout
    finally:
        cluster("stop")
    assert states()["redis"][0] == "ended"


def test_a_fixed_port_that_is_taken_is_named(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        argv = [CLUSTER, "up", "--dir", str(tmp_path / "a"), "--with", "redis", "--port-base", str(port - 1)]
        result = subprocess.run(argv, check=False, capture_output=True, text=True)
    assert result.returncode == 1 and str(port) in result.stderr and "redis" in result.stderr
