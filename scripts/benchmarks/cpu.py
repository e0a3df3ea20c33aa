"""CPU time of processes with everything they started, from /proc."""

import os
import pathlib

TICKS = os.sysconf("SC_CLK_TCK")


def _fields(pid: int) -> list[str]:
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def _children() -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):
        if name.isdigit() and (fields := _fields(int(name))):
            found.setdefault(int(fields[1]), []).append(int(name))
    return found


def seconds(pid: int) -> float:
    """User and system time of the process and its descendants, those that have ended included."""
    children = _children()
    waiting, total = [pid], 0
    while waiting:
        current = waiting.pop()
        fields = _fields(current)
        if fields:
            total += sum(int(fields[index]) for index in (11, 12, 13, 14))
        waiting += children.get(current, [])
    return total / TICKS


def resident_octets(pid: int) -> int:
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0


class Window:
    """The CPU time that named processes take between its making and `close`."""

    def __init__(self, pids: dict[str, int]):
        self._pids = pids
        self._begin = {name: seconds(pid) for name, pid in pids.items()}

    def close(self) -> dict[str, float]:
        return {name: seconds(pid) - self._begin[name] for name, pid in self._pids.items()}
