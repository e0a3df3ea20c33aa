"""The cluster that the tests of a file share, the operator's command line, and what services say of themselves."""

import json
import os
import pathlib
import subprocess
import sys
import time
import urllib.request

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "scripts"), str(pathlib.Path(__file__).parent)]

from dm import Post, Terminal  # noqa: E402 (needs the path above)
from localcluster import Cluster  # noqa: E402
from localcluster.cluster import EVERYTHING, STORES  # noqa: E402

BINARIES = pathlib.Path(os.environ.get("DROVER_E2E_BIN", ROOT / "build/dev/bin"))


class Drover:
    """The operator's command line against one cluster."""

    def __init__(self, context: pathlib.Path, folder: pathlib.Path):
        self.context = context
        self.folder = folder
        self._count = 0

    def run(self, *arguments: str, stdin: str = "", **environment: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [str(BINARIES / "drover"), *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            env={**os.environ, "DROVER_CONTEXT": str(self.context), "NO_COLOR": "1", **environment},
        )

    def ok(self, *arguments: str, stdin: str = "") -> str:
        result = self.run(*arguments, stdin=stdin)
        assert result.returncode == 0, f"drover {' '.join(arguments)}: {result.returncode}: {result.stderr}"
        return result.stdout

    def secret(self, text: str) -> str:
        """A file that holds it: secrets are never arguments."""
        self._count += 1
        path = self.folder / f"secret-{self._count}"
        path.touch(mode=0o600)
        path.write_text(text + "\n")
        return str(path)

    def enrol(self, device_id: str, password: str, *more: str) -> None:
        self.ok("device", "enrol", device_id, "--password-file", self.secret(password), *more)

    def submit(self, device_id: str, *command: str) -> str:
        """The new operation's id."""
        return json.loads(self.ok("op", "submit", "-o", "json", device_id, *command))["id"]

    def operation(self, operation_id: str) -> dict:
        return json.loads(self.ok("op", "get", operation_id, "-o", "json"))


class Site:
    """A cluster and all that a test asks of it."""

    def __init__(self, cluster: Cluster):
        self.cluster = cluster
        self.ingress = cluster.endpoints().get("DROVER_INGRESS_URL", "")  # A file may start without it.
        self.post = Post(self.ingress)
        self.drover = Drover(cluster.write_context(), cluster.folder)
        self._terminals = 0

    def terminal(self, *more: str, enrolled: bool = True) -> Terminal:
        """A new terminal; with its account unless told otherwise. more: flags of `drover device enrol`."""
        self._terminals += 1
        terminal = Terminal(self.post, f"IMEI:4930051005{self._terminals:05d}", f"secret of {self._terminals}")
        if enrolled:
            self.drover.enrol(terminal.id, terminal.password, *more)
        return terminal

    def metric(self, unit: str, name: str, **labels: str) -> float:
        """The sum over the series that have these labels; 0 if there is none."""
        port = self.cluster.unit(unit).ports["admin"]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
            lines = answer.read().decode().splitlines()
        wanted = [f'{key}="{value}"' for key, value in labels.items()]
        series = [line.rpartition(" ") for line in lines if line.split("{")[0].split(" ")[0] == name]
        return sum(float(value) for text, _, value in series if all(label in text for label in wanted))

    def log(self, unit: str) -> list[dict]:
        """What the process has logged, as JSON."""
        lines = pathlib.Path(self.cluster.unit(unit).log).read_text(errors="replace").splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    def redis(self, *words: str) -> bytes:
        """One command's raw reply."""
        import socket

        unit = self.cluster.unit("redis")
        password = pathlib.Path(unit.files["password"]).read_text().strip()
        with socket.create_connection(("127.0.0.1", unit.ports["redis"]), timeout=5) as connection:
            for command in (("AUTH", password), words):
                parts = [f"*{len(command)}\r\n", *(f"${len(word.encode())}\r\n{word}\r\n" for word in command)]
                connection.sendall("".join(parts).encode())
                reply = connection.recv(65536)
            return reply

    def all_alive(self) -> bool:
        return all(unit.alive() for unit in self.cluster.units.values())


def wait_until(true, seconds: float = 20, what: str = "") -> None:
    """Polls; fails with what was waited for."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what or true}"
        time.sleep(0.05)


def _start(flags: dict, replicas: dict, names: list[str]) -> Cluster:
    cluster = Cluster(None, BINARIES, durable=False, flags=flags, replicas=replicas)
    cluster.start(names)
    return cluster


@pytest.fixture(scope="module")
def site(request):
    """One cluster for all tests of the file; the file may set FLAGS, REPLICAS and STARTED."""
    module = request.module
    cluster = _start(
        getattr(module, "FLAGS", {}), getattr(module, "REPLICAS", {}), getattr(module, "STARTED", EVERYTHING)
    )
    with cluster:
        failed_before = request.session.testsfailed
        yield Site(cluster)
        if request.session.testsfailed > failed_before:  # The logs go with the folder.
            for unit in cluster.units.values():
                if unit.kind not in STORES:
                    print(f"--- {unit.name}\n{unit.last_log_lines(12)}", file=sys.stderr)
