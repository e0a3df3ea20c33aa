"""The load: `drover-load soak`, whose figures come four times a second."""

import json
import pathlib
import signal
import subprocess
import threading
import time


class Soak:
    def __init__(self, binary: pathlib.Path, folder: pathlib.Path, arguments: list[str]):
        self._summary = folder / "soak.json"
        self._log = open(folder / "soak.log", "w", encoding="utf-8")
        argv = ["/usr/bin/setpriv", "--pdeathsig", "KILL", "--", str(binary), "soak", "--json", "--until-stopped"]
        argv += [f"--summary={self._summary}", *arguments]
        self._process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=self._log, text=True)
        self.now: dict = {}
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        for line in self._process.stdout:
            if line.startswith("{"):
                self.now = json.loads(line)
                self._log.write(line)

    def figure(self, name: str) -> int:
        return self.now.get(name, 0)

    def alive(self) -> bool:
        return self._process.poll() is None

    def wait_for(self, name: str, at_least: int, seconds: float) -> bool:
        """Whether the figure came so far in time."""
        deadline = time.monotonic() + seconds
        while self.figure(name) < at_least:
            if time.monotonic() > deadline or not self.alive():
                return False
            time.sleep(0.05)
        return True

    def wait_quiet(self, name: str, still: float, seconds: float) -> bool:
        """Whether the figure stood still for so long, before so many seconds were over."""
        deadline = time.monotonic() + seconds
        value, since = self.figure(name), time.monotonic()
        while time.monotonic() < deadline and self.alive():
            if self.figure(name) != value:
                value, since = self.figure(name), time.monotonic()
            if time.monotonic() - since >= still:
                return True
            time.sleep(0.1)
        return False

    def finish(self, seconds: float) -> dict:
        """No new work; waits until what is open has ended and everything was compared. The summary."""
        self._process.send_signal(signal.SIGTERM)
        try:
            code = self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = -1
        self._reader.join(5)
        self._log.close()
        summary = json.loads(self._summary.read_text()) if self._summary.exists() else dict(self.now)
        summary["exit_code"] = code
        return summary

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
