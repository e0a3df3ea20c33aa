"""CPU time of groups of processes, from /proc."""

import os
import pathlib

TICKS = os.sysconf("SC_CLK_TCK")


def _stat(pid: int) -> tuple[int, float]:
    """Parent, and seconds of CPU with those of its children that have ended; (0, 0): no such process."""
    try:
        text = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return 0, 0.0
    fields = text.rpartition(")")[2].split()
    return int(fields[1]), sum(int(field) for field in fields[11:15]) / TICKS


def _command(pid: int) -> str:
    try:
        return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def _pids() -> list[int]:
    return [int(entry.name) for entry in pathlib.Path("/proc").iterdir() if entry.name.isdigit()]


def stores(postgres_url: str) -> dict[str, int]:
    """The first processes of the PostgreSQL behind that URL and of the Kafka that was started beside it."""
    port = postgres_url.rpartition(":")[2].partition("/")[0]
    commands = {pid: _command(pid) for pid in _pids()}
    postgres = next(
        pid for pid, command in commands.items() if "/postgres -D " in command and f"port={port} " in command
    )
    folder = commands[postgres].split()[2].removesuffix("/postgres/data")
    kafka = next(pid for pid, command in commands.items() if "java" in command and f"{folder}/kafka" in command)
    return {"postgres": postgres, "kafka": kafka}


class Meter:
    """Of each named process and its children, since it was made."""

    def __init__(self, groups: dict[str, list[int]]):
        self.groups = groups
        self.before = self._now()

    def _now(self) -> dict[str, float]:
        stats = {pid: _stat(pid) for pid in _pids()}
        used = {}
        for name, roots in self.groups.items():
            members = set(roots) | {pid for pid, (parent, _) in stats.items() if parent in roots}
            used[name] = sum(stats[pid][1] for pid in members if pid in stats)
        return used

    def microseconds_each(self, count: int) -> dict[str, float]:
        now = self._now()
        return {name: (now[name] - self.before[name]) * 1e6 / max(count, 1) for name in now}
