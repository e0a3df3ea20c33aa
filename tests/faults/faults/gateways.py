"""Simulated voice home gateways (docs/gateway-simulator.md) of a cluster, and their operations by the operator's command line."""

import collections
import json
import os
import pathlib
import subprocess
import tempfile
import urllib.request

from localcluster.errors import ClusterError

AT_A_TIME = 500  # Devices of one submission.
VALUE = "faults.value"


class Simulator:
    """drover-gwsim with a population; the gateways are known (`gateways`) before they begin to register (`start`)."""

    def __init__(self, binaries: pathlib.Path, count: int, mix: str, seed: int = 1, more: tuple[str, ...] = ()):
        self._binary = str(binaries / "drover-gwsim")
        self._arguments = ["--count", str(count), "--mix", mix, "--seed", str(seed), "--http", "127.0.0.1:0",
                           "--sip", "127.0.0.1:0", *more]
        self._process = self._run("http://127.0.0.1:1", "--register-over", "1h")
        self.gateways = [json.loads(line) for line in self._get(f"/gateways?limit={count}").splitlines()]
        self.stop()

    def start(self, server: str, *more: str) -> None:
        """server: of the requests, without path."""
        self._process = self._run(server, *more)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(20)
            self._process = None

    def ledger(self) -> dict[str, int]:
        return json.loads(self._get("/ledger"))

    def one(self, serial: str) -> dict:
        return json.loads(self._get(f"/gateways/{serial}"))

    def executions(self) -> list[dict]:
        """Every step that any gateway has carried out, or failed to."""
        found: list[dict] = []
        while True:
            after = found[-1]["number"] if found else 0
            page = self._get(f"/executions?after={after}&limit=100000").splitlines()
            if not page:
                return found
            found += [json.loads(line) for line in page]

    @property
    def pid(self) -> int:
        return self._process.pid

    def _run(self, server: str, *more: str) -> subprocess.Popen:
        process = subprocess.Popen([self._binary, "--server", server, *self._arguments, *more], stdout=subprocess.PIPE, text=True)
        line = process.stdout.readline()
        if not line:
            raise ClusterError("drover-gwsim does not start")
        self._http = json.loads(line)["http"]
        return process

    def _get(self, path: str) -> str:
        with urllib.request.urlopen(f"http://{self._http}{path}", timeout=60) as answer:
            return answer.read().decode()


class Desk:
    """The operator's command line, for many gateways at once."""

    def __init__(self, binaries: pathlib.Path, context: pathlib.Path):
        self._drover = str(binaries / "drover")
        self._environment = {**os.environ, "DROVER_CONTEXT": str(context), "NO_COLOR": "1"}

    def run(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess:
        return subprocess.run([self._drover, *arguments], input=stdin, capture_output=True, text=True, check=False,
                              timeout=300, env=self._environment)

    def ok(self, *arguments: str, stdin: str = "") -> str:
        done = self.run(*arguments, stdin=stdin)
        if done.returncode != 0:
            raise ClusterError(f"drover {' '.join(arguments)}: {done.stderr.strip()[-400:]}")
        return done.stdout

    def enrol(self, gateways: list[dict]) -> None:
        keys = {"id": "serial", "password": "http_password", "sip_password": "sip_password"}
        lines = [json.dumps({key: one[name] for key, name in keys.items()}) for one in gateways]
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            file.write("\n---\n".join(lines) + "\n")
            file.flush()
            self.ok("gateway", "enrol", "-f", file.name)

    def submit(self, label: str, serials: list[str], commands: list[dict]) -> None:
        """One operation each."""
        for begin in range(0, len(serials), AT_A_TIME):
            some = serials[begin:begin + AT_A_TIME]
            wanted = {"devices": some, "label": label, "unchecked": True, "commands": commands}
            self.ok("op", "submit", "-f", "-", "-o", "name", stdin=json.dumps(wanted) + "\n")

    def states(self, label: str) -> dict[str, int]:
        """How many operations are in which state; empty while operations cannot be asked."""
        asked = self.run("op", "count", "--label", label, "-o", "json")
        if asked.returncode != 0:
            return {}
        return {one["state"]: int(one["count"]) for one in json.loads(asked.stdout) if int(one["count"]) > 0}

    def gateways(self) -> list[dict]:
        return [json.loads(line) for line in self.ok("get", "gateways", "-o", "ndjson").splitlines()]


def counted(executions: list[dict]) -> dict[str, collections.Counter]:
    """By serial number: how often each kind of step was carried out well ("config", "file", "reboot"), or "failed"."""
    out: dict[str, collections.Counter] = collections.defaultdict(collections.Counter)
    for one in executions:
        out[one["serial"]][one["step"] if one["good"] else "failed"] += 1
    return out
