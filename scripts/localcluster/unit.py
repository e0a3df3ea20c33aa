"""A process of the cluster as data: what to run, where its log is, how to see that it is ready.

Units are kept in cluster.json of the cluster's folder, so that another command can stop, kill or restart them.
"""

import dataclasses
import os
import pathlib
import signal
import subprocess
import time

from localcluster.errors import ClusterError

TICKS = os.sysconf("SC_CLK_TCK")


@dataclasses.dataclass
class Unit:
    name: str  # "session-1"
    kind: str  # "session"
    argv: list[str]
    log: str
    probe: dict  # See probes.py.
    ports: dict[str, int] = dataclasses.field(default_factory=dict)
    files: dict[str, str] = dataclasses.field(default_factory=dict)
    env: dict[str, str] = dataclasses.field(default_factory=dict)
    privileges: list[str] = dataclasses.field(default_factory=list)  # Further arguments of setpriv.
    stop_signal: str = "SIGTERM"
    fast_signal: str = "SIGKILL"  # When its data is thrown away anyhow.
    stop_seconds: float = 30
    pid: int = 0
    started_ticks: int = 0  # Since boot: tells the process from a later one with its number.

    def alive(self) -> bool:
        return self.pid > 0 and _started_ticks(self.pid) == self.started_ticks != 0

    def spawn(self, ends_with_parent: bool) -> None:
        argv = ["/usr/bin/setpriv", *self.privileges]
        if ends_with_parent:
            argv += ["--pdeathsig", "KILL"]
        # A service takes its flags from DROVER_* too: those of this process are meant for others.
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("DROVER_")}
        environment = {**inherited, **self.env}
        with open(self.log, "ab") as log:
            process = subprocess.Popen(
                [*argv, "--", *self.argv] if len(argv) > 1 else self.argv,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=environment,
                cwd=pathlib.Path(self.log).parent,
                start_new_session=True,
            )
        self.pid = process.pid
        self.started_ticks = _started_ticks(process.pid)
        _children[process.pid] = process

    def signal(self, number: int) -> None:
        if self.alive():
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:
                pass
            except PermissionError as error:
                raise ClusterError(f"{self.name} belongs to another user: run this as that user") from error

    def kill_family(self) -> None:
        """SIGKILL to the process and its children, none of which can tell another of it; waits for the end."""
        self.signal(signal.SIGSTOP)
        for child in _children_of(self.pid):
            _signal(child, signal.SIGKILL)
        self.signal(signal.SIGKILL)
        self.wait_gone(10)

    def wait_gone(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while self.alive():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.01)
        return True

    def end(self, first: int, seconds: float) -> None:
        """Signal, wait, SIGKILL."""
        self.signal(first)
        if not self.wait_gone(seconds):
            self.signal(signal.SIGKILL)
            self.wait_gone(10)
        self.pid = 0

    def cpu_seconds(self) -> float:
        """User and system time of the process and of its children that have ended."""
        fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return sum(int(fields[index]) for index in (11, 12, 13, 14)) / TICKS

    def last_log_lines(self, count: int = 15) -> str:
        path = pathlib.Path(self.log)
        lines = path.read_text(errors="replace").splitlines() if path.exists() else []
        return "\n".join(f"  {line}" for line in lines[-count:])


def _children_of(pid: int) -> list[int]:
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split() if entry.name.isdigit() else []
        except OSError:
            continue  # It has ended.
        if fields and int(fields[1]) == pid > 0:
            found.append(int(entry.name))
    return found


def _signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


_children: dict[int, subprocess.Popen] = {}


def _started_ticks(pid: int) -> int:
    """0 if there is no such process, or if it has ended (our own children are reaped)."""
    child = _children.get(pid)
    if child is not None and child.poll() is not None:
        return 0
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return 0 if fields[0] == "Z" else int(fields[19])
