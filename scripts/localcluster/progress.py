"""Says what the start is waiting for: one live line on a terminal, else a line when something becomes ready."""

import sys
import time


class Progress:
    def __init__(self, quiet: bool = False, title: str = "cluster"):
        self._quiet = quiet
        self._title = title
        self._live = not quiet and sys.stderr.isatty()
        self._begin = time.monotonic()
        self._states: dict[str, str] = {}
        self._shown = 0.0

    def note(self, name: str, state: str) -> None:
        self._states[name] = state
        if self._live:
            self._draw()
        elif not self._quiet and state == "ready":
            print(f"{self._title}: {name} ready after {self._seconds():.1f} s", file=sys.stderr, flush=True)

    def tick(self) -> None:
        if self._live and time.monotonic() - self._shown > 0.2:
            self._draw()

    def end(self) -> None:
        if self._live and self._states:
            self._draw()
            print(file=sys.stderr, flush=True)
        self._states.clear()

    def _seconds(self) -> float:
        return time.monotonic() - self._begin

    def _draw(self) -> None:
        self._shown = time.monotonic()
        parts = [name if state == "ready" else f"{name} ({state})" for name, state in self._states.items()]
        print(f"\r\033[K{self._title}: {self._seconds():.1f} s: {', '.join(parts)}", end="", file=sys.stderr, flush=True)
