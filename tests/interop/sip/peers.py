"""What the tests of this folder share: our SIP element (sip_probe), and programs of others beside it.

Everything listens on free ports of the loopback and ends with its test.
"""

import json
import os
import pathlib
import queue
import shutil
import socket
import subprocess
import sys
import threading
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "scripts"))
from localcluster import ports  # noqa: E402

BIN = pathlib.Path(os.environ.get("DROVER_E2E_BIN", ROOT / "build/dev/bin"))
PATIENCE_S = 45  # Longer than timer F.


def needs(*programs: str) -> None:
    """Skips the module where one of them is not installed (scripts/setup test installs them)."""
    for program in programs:
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed", allow_module_level=True)


def until(what: str, attempt, patience_s: float = PATIENCE_S):
    """attempt()'s first answer that is not None."""
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        answer = attempt()
        if answer is not None:
            return answer
        time.sleep(0.02)
    raise AssertionError(f"waited {patience_s} s in vain: {what}")


def udp_bound(port: int) -> bool | None:
    """Whether somebody listens on that UDP port of this machine."""
    ending = f":{port:04X}"
    for table in ("/proc/net/udp", "/proc/net/udp6"):
        for line in pathlib.Path(table).read_text().splitlines()[1:]:
            if line.split()[1].endswith(ending):
                return True
    return None


def tcp_listens(port: int) -> bool | None:
    with socket.socket() as attempt:
        return True if attempt.connect_ex(("127.0.0.1", port)) == 0 else None


class Program:
    """One of somebody else's; its output is kept in a file."""

    def __init__(self, folder: pathlib.Path, arguments: list, **more):
        self.log = folder / f"{pathlib.Path(arguments[0]).name}-{time.monotonic_ns()}.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(arguments, stdout=log, stderr=log, cwd=folder, **more)

    def ready(self, what: str, attempt):
        def alive():
            assert self.process.poll() is None, f"{what} has ended: {self.log.read_text(errors='replace')[-2000:]}"
            return attempt()

        return until(what, alive)

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Probe:
    """sip_probe: sends requests and tells how they ended, and notes the requests that come."""

    def __init__(self, *options: str):
        self.process = subprocess.Popen(
            [BIN / "sip_probe", "--udp", "127.0.0.1:0", *map(str, options)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.ports = json.loads(self.process.stdout.readline())["ports"]
        self.requests: queue.Queue = queue.Queue()
        self.ends: dict[str, queue.Queue] = {}
        self.count = 0
        self.reader = threading.Thread(target=self._read)
        self.reader.start()

    def _read(self) -> None:
        for line in self.process.stdout:
            said = json.loads(line)
            if "request" in said:
                self.requests.put(said)
            else:
                self.ends[said["id"]].put(said)

    def tell(self, command: dict) -> None:
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()

    def begin(self, uri: str, **command) -> str:
        """Sends a request; its end comes by end(). Each has a Call-ID of its own unless it names one."""
        self.count += 1
        name = str(self.count)
        self.ends[name] = queue.Queue()
        self.tell({"id": name, "uri": uri, "call_id": f"{name}.{id(self)}@probe"} | command)
        return name

    def end(self, name: str) -> dict:
        said = self.ends[name].get(timeout=PATIENCE_S)
        del self.ends[name]
        return said

    def ask(self, uri: str, **command) -> dict:
        return self.end(self.begin(uri, **command))

    def notify(self, uri: str, event: str = "resync", **command) -> dict:
        return self.ask(uri, event=event, subscription_state="active", **command)

    def request(self) -> str:
        """The next one that came."""
        return self.requests.get(timeout=PATIENCE_S)["request"]

    def uri(self, user: str) -> str:
        return f"sip:{user}@127.0.0.1:{self.ports['udp']}"

    def stop(self) -> None:
        self.process.stdin.close()
        self.process.wait(10)
        self.reader.join()
        self.process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def field(message: str, name: str) -> list[str]:
    """Values of a header field, as they stand there."""
    head = message.partition("\r\n\r\n")[0].split("\r\n")[1:]
    return [line.partition(":")[2].strip() for line in head if line.partition(":")[0].lower() == name.lower()]


def free_port() -> int:
    return ports.free_port()
