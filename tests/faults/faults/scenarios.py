"""The steps of a run: each does harm, takes it back, and looks whether the work goes on."""

import collections
import random
import signal
import threading
import time

from faults.plan import Step
from faults.site import Site
from faults.soak import Soak
from localcluster import ClusterError

SETTLE_SECONDS = 90  # In which work has to go on after any fault.
PROGRESS = 8  # Operations that have to end for that.
AWAY_SECONDS = 4
FROZEN_SECONDS = 3
DISK_FULL_SECONDS = 6
CLOCK_SECONDS = 6
QUIET_SECONDS = 12  # Without a broken session: what went before is over.


class Unsettled(Exception):
    """The work did not go on."""


class Scenarios:
    def __init__(self, site: Site, soak: Soak, seed: int, calm: threading.Event, say):
        self._site, self._soak, self._calm, self._say = site, soak, calm, say
        self._dice = random.Random(f"scenarios {seed}")
        self.kills = 0
        self.counts: collections.Counter = collections.Counter()  # Faults by kind, but for those of the proxy.
        self.failures: list[str] = []
        self.skipped: dict[str, str] = {}

    def run(self, step: Step) -> None:
        begun = time.monotonic()
        action = getattr(self, step.what.replace("-", "_"))
        try:
            action(step)
            self._settle(step)
        except (Unsettled, ClusterError) as error:
            self.failures.append(f"{step.what} {' '.join(step.units)}: {error}")
            self._say(f"FAILED: {self.failures[-1]}")
        self._say(f"{step.what} {' '.join(step.units)}: {time.monotonic() - begun:.1f} s")

    def _settle(self, step: Step) -> None:
        """Operations go on ending, and every process is there."""
        begin = self._soak.figure("ended")
        deadline = time.monotonic() + SETTLE_SECONDS
        while True:
            self._notice_ended()
            if self._soak.wait_for("ended", begin + PROGRESS, 1):
                return
            if time.monotonic() > deadline or not self._soak.alive():
                ended = self._soak.figure("ended") - begin
                raise Unsettled(f"{ended} operations ended in {SETTLE_SECONDS} s")

    def _notice_ended(self) -> None:
        """A process that ended by itself is a failure; it is started again, as whatever watches over it would."""
        for name, unit in self._site.cluster.units.items():
            if unit.alive():
                continue
            log = unit.last_log_lines(6)
            self._site.revive(name)
            if name == "postgres" and self.counts["disk full"]:
                continue  # It may give up when it cannot even write its log.
            self.failures.append(f"{name} has ended by itself; its log ends:\n{log}")
            self._say(f"FAILED: {self.failures[-1]}")

    def _count(self, what: str) -> None:
        self.counts[what] += 1

    def _kill(self, name: str) -> None:
        self._site.cluster.kill(name)
        self.kills += 1
        self._count(f"kill {name.rpartition('-')[0] or name}")

    # --- One step each --------------------------------------------------------------------------------------

    def kill(self, step: Step) -> None:
        for name in step.units:
            self._kill(name)
        if self._dice.random() < 0.3:
            time.sleep(self._dice.uniform(0.1, 1.5))
        self._site.cluster.restart(*step.units)  # All at once: each waits by itself for those it asks.

    def redis_emptied(self, _: Step) -> None:
        """Every key gone while the process lives."""
        self._site.redis("FLUSHALL")
        self._count("redis emptied")

    def redis_failover(self, _: Step) -> None:
        """A node of the Redis Cluster stays away until its replica has taken over."""
        name = self._dice.choice([unit.name for unit in self._site.cluster.redis_units()])
        self._kill(name)
        time.sleep(AWAY_SECONDS)
        self._site.revive(name)
        self._count("failover of the Redis Cluster")

    def frozen(self, step: Step) -> None:
        """A process that stands still with its connections open (SIGSTOP), then goes on where it was."""
        name = self._dice.choice([*self._site.services(), *self._site.stores()])
        if name == "postgres":  # Its children would go on without it.
            name = "kafka"
        unit = self._site.cluster.unit(name)
        unit.signal(signal.SIGSTOP)
        time.sleep(FROZEN_SECONDS)
        unit.signal(signal.SIGCONT)
        self._count("frozen process")

    def link_cut(self, _: Step) -> None:
        """Every connection of one way at the same time."""
        self._site.proxy.cut_all(self._dice.choice(self._site.links()), self._dice.random() < 0.5)
        self._count("all connections of a way cut")

    def takeover(self, _: Step) -> None:
        """One replica of a service stays away; the other must carry on what it had begun."""
        kind = ["session", "operations", "tree", "ingress"][self._dice.randrange(4)]
        for name in (f"{kind}-1", f"{kind}-2"):
            self._kill(name)
            good = self._soak.figure("sessions_good")
            time.sleep(AWAY_SECONDS)
            if not self._soak.wait_for("sessions_good", good + PROGRESS, SETTLE_SECONDS):
                raise Unsettled(f"the other {kind} did not take over from {name}")
            self._site.revive(name)
            self._count("takeover by the other replica")

    def clock_jump(self, _: Step) -> None:
        """The wall clock of one process an hour ahead, an hour behind, and right again."""
        name = self._dice.choice(self._site.services())
        # operations gives up waiting by the clock: further, it would end what still runs.
        size = 30 if name.startswith("operations") else 3600
        for offset in (size, -size, 0):
            self._site.set_clock(name, offset)
            self._count("clock jump")
            time.sleep(CLOCK_SECONDS)

    def disk_full(self, _: Step) -> None:
        """Not one octet left where PostgreSQL keeps its data, then space again."""
        if not self._site.disk_is_bounded:
            return self._skip("disk-full", "mounting a file system of its own was refused (not root)")
        self._site.fill_disk()
        time.sleep(DISK_FULL_SECONDS)
        self._site.free_disk()
        self._site.revive("postgres")
        self._count("disk full")

    def rolling_restart(self, _: Step) -> None:
        """Every replica of every service in turn, in order (SIGTERM): not one session may fail."""
        self._calm.set()
        try:
            self._site.proxy.disarm()
            if not self._soak.wait_quiet("sessions_broken", QUIET_SECONDS, 3 * SETTLE_SECONDS):
                raise Unsettled("sessions broke although nothing was done any more")
            sessions, broken = self._soak.figure("sessions"), self._soak.figure("sessions_broken")
            causes = collections.Counter(self._soak.figure("sessions_broken_by") or {})
            for name in self._site.services():
                self._site.cluster.restart(name)
                self._count("restart in order")
            self._soak.wait_for("sessions", self._soak.figure("sessions") + 300, SETTLE_SECONDS)
            failed = self._soak.figure("sessions_broken") - broken
            self._say(f"rolling restart: {self._soak.figure('sessions') - sessions} sessions, {failed} failed")
            if failed:
                why = collections.Counter(self._soak.figure("sessions_broken_by")) - causes
                raise Unsettled(f"{failed} sessions failed in a rolling restart: {dict(why)}")
        finally:
            self._calm.clear()

    def _skip(self, scenario: str, why: str) -> None:
        self.skipped[scenario] = why
