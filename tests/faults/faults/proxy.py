"""The fault proxy as seen from Python: see tests/faults/proxy/main.cc for its commands."""

import json
import pathlib
import subprocess
import threading


class Proxy:
    def __init__(self, binary: pathlib.Path):
        self._lock = threading.Lock()
        argv = ["/usr/bin/setpriv", "--pdeathsig", "KILL", "--", str(binary)]
        self._process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def _ask(self, **command: object) -> dict:
        with self._lock:
            print(json.dumps(command), file=self._process.stdin, flush=True)
            line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the fault proxy has ended ({self._process.poll()})")
        answer = json.loads(line)
        if "error" in answer:
            raise RuntimeError(f"the fault proxy: {answer['error']}")
        return answer

    def link(self, name: str, port: int, servers: list[int], http: bool = False) -> None:
        self._ask(link=name, port=port, servers=servers, http=http)

    def arm(self, link: str, kind: str, **how: object) -> None:
        self._ask(arm=link, kind=kind, **how)

    def cut_all(self, link: str, reset: bool) -> int:
        return self._ask(cut_all=link, reset=reset)["cut"]

    def disarm(self) -> None:
        self._ask(disarm=True)

    def counts(self) -> dict[str, dict[str, int]]:
        """Injections that have happened, by link and kind."""
        return self._ask(counts=True)["counts"]

    def armed(self) -> int:
        return sum(self._ask(counts=True)["armed"].values())

    def stop(self) -> None:
        self._process.stdin.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
