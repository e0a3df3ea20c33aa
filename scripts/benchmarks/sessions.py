"""Two-exchange sessions through every service with real stores, beside nginx under the same connections and sizes.

CPU is what each process takes, user and system, between the load tool's READY and its DONE, and until what the
sessions left to do is done; PostgreSQL with all its processes. Kafka's broker is reported apart: its clients are in our
processes and count.
"""

import dataclasses
import json
import pathlib
import shutil
import statistics
import subprocess
import sys
import time

from localcluster import Cluster
from localcluster.cluster import EVERYTHING
from localcluster.errors import ClusterError
from localcluster.progress import Progress

from benchmarks import cpu, memory
from benchmarks.nginx import Nginx
from benchmarks.report import Figure
from benchmarks.tls import TlsBench

SCENARIO = pathlib.Path(__file__).resolve().parents[2] / "loadtest/scenarios/session.yaml"
OURS = ["ingress", "session", "tree", "operations"]
STORES = ["redis", "postgres"]
BAR_RATE, BAR_RATIO, BAR_OWN_RATIO, BAR_P99 = 3500, 6, 4, 50
_LOOK, _IDLE = 0.25, 0.15  # Seconds to look; the share of a core below which the cluster counts as idle.


@dataclasses.dataclass
class Round:
    """Microseconds of CPU a session, by process; sessions a second; the same of nginx."""

    rate: float
    cpu: dict[str, float]
    generator: float
    latency: dict[str, float]
    floor_rate: float
    floor_cpu: float


class SessionBench:
    def __init__(self, binaries: pathlib.Path, folder: pathlib.Path, devices: int, concurrency: int, rounds: int):
        self._binaries = binaries
        self._load = str(binaries / "drover-load")
        self._folder = folder
        self._devices, self._concurrency, self._rounds = devices, concurrency, rounds
        self._tls = TlsBench(self._load, folder, SCENARIO, min(devices, 4000), 128)
        self.cluster = Cluster(folder / "cluster", binaries, flags={"ingress": self._tls.flags()},
                               progress=Progress(title="bench"))

    def run(self) -> list[Round]:
        with self.cluster:
            self.cluster.start(EVERYTHING)
            self._context = self.cluster.write_context()
            self._warm_up()
            rounds = [self._round(number) for number in range(1, self._rounds + 1)]
            self._p99 = self._measure_p99(statistics.median(found.rate for found in rounds))
            self._tls_figures = self._tls.run(self.cluster, self._sizes, self._say)
            self._memory = self._measure_memory()
            return rounds

    def _say(self, text: str) -> None:
        print(f"bench: {text}", file=sys.stderr, flush=True)

    def _sessions(self, seed: int, devices: int, *more: str) -> list[str]:
        ingress = self.cluster.endpoints()["DROVER_INGRESS_URL"]
        return [
            *(self._load, "sessions", f"--context={self._context}", f"--ingress={ingress}"),
            *(f"--devices={devices}", f"--concurrency={self._concurrency}", f"--seed={seed}", *more),
        ]

    def _warm_up(self) -> None:
        """Connections, caches, plans; and the sizes of the messages, which nginx is given too."""
        sizes = self._folder / "sizes.json"
        argv = self._sessions(1_000_000, 500, f"--sizes={sizes}")
        result = subprocess.run(argv, check=False, capture_output=True, text=True)
        if result.returncode != 0:
            raise ClusterError(f"the sessions of the warm-up failed:\n{result.stderr}{result.stdout}")
        self._sizes = json.loads(sizes.read_text())

    def _round(self, number: int) -> Round:
        floor_rate, floor_cpu = self._floor()
        figures, taken = self._measured(number)
        sessions = figures["sessions"]
        found = Round(
            rate=figures["sessions_per_s"],
            cpu={name: seconds * 1e6 / sessions for name, seconds in taken.items()},
            generator=figures["own_cpu_us_per_session"],
            latency=figures["session_ms"],
            floor_rate=floor_rate,
            floor_cpu=floor_cpu,
        )
        total = sum(found.cpu[name] for name in OURS + STORES)
        self._say(
            f"round {number} of {self._rounds}: {found.rate:,.0f} sessions/s, {total:,.0f} us of CPU each;"
            f" nginx {found.floor_rate:,.0f}/s, {found.floor_cpu:,.0f} us"
        )
        return found

    def _measured(self, seed: int) -> tuple[dict, dict[str, float]]:
        argv = self._sessions(seed, self._devices, "--handshake")
        with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as load:
            self._expect(load, "READY")
            self._settle()
            window = cpu.Window(self._pids())
            self._answer(load)
            self._expect(load, "DONE")
            self._settle()
            taken = window.close()
            self._answer(load)
            figures = load.stdout.readline()
        if load.returncode != 0:
            raise ClusterError(f"the load tool says that sessions failed (exit code {load.returncode}): {figures}")
        return json.loads(figures), taken

    def _settle(self, seconds: float = 10) -> None:
        """Until what the preparation (before) or the sessions (after) left to do is done: events on their way."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            window = cpu.Window(self._pids())
            time.sleep(_LOOK)
            taken = window.close()
            if sum(taken[name] for name in OURS + STORES) < _IDLE * _LOOK:
                return

    @staticmethod
    def _expect(load: subprocess.Popen, word: str) -> None:
        line = load.stdout.readline().strip()
        if line != word:
            raise ClusterError(f"the load tool said {line!r} instead of {word}")

    @staticmethod
    def _answer(load: subprocess.Popen) -> None:
        load.stdin.write("\n")
        load.stdin.flush()

    def _pids(self) -> dict[str, int]:
        return {unit.kind: unit.pid for unit in self.cluster.units.values()}

    def _floor(self) -> tuple[float, float]:
        """nginx: connections a second, and its CPU for one, in microseconds."""
        nginx = Nginx(round(statistics.mean(self._sizes["response_octets"])))
        try:
            octets = ",".join(str(size) for size in self._sizes["request_octets"])
            count = max(self._devices, 20_000)  # Enough for the clock ticks that CPU time is counted in.
            argv = [self._load, "floor", f"--url={nginx.url}", f"--sessions={count}"]
            argv += [f"--concurrency={self._concurrency}", f"--request-octets={octets}"]
            window = cpu.Window({"nginx": nginx.pid})
            result = subprocess.run(argv, check=True, capture_output=True, text=True)
            taken = window.close()["nginx"]
        finally:
            nginx.stop()
        return json.loads(result.stdout)["sessions_per_s"], taken * 1e6 / count

    def _measure_p99(self, rate: float) -> Figure:
        """Open model, at 70 % of the rate that the closed one reached."""
        out = self._folder / "p99"
        shutil.rmtree(out, ignore_errors=True)
        ingress = self.cluster.endpoints()["DROVER_INGRESS_URL"]
        argv = [self._load, "run", str(SCENARIO), f"--context={self._context}", f"--ingress={ingress}"]
        argv += [f"--devices={self._devices}", f"--rate={0.7 * rate:.0f}/s", "--seed=6000000", f"--out={out}"]
        result = subprocess.run(argv, check=False, capture_output=True, text=True)
        if result.returncode != 0:
            raise ClusterError(f"the run at 70 % of the rate failed:\n{result.stderr}{result.stdout[-2000:]}")
        summary = json.loads((out / "summary.json").read_text())
        sessions = summary["sessions"]
        p99, failed = summary["latency_ms"]["session"]["p99"], sessions["failed"] + sessions["refused"]
        bar = f"<= {BAR_P99} ms, no error" + (f" ({failed:,} failed)" if failed else "")
        return Figure("session_p99_at_70_percent", p99, "ms", "lower", bar=bar, met=p99 <= BAR_P99 and not failed)

    def further(self) -> list[Figure]:
        """Latency of the open model, and TLS."""
        return [self._p99, *self._tls_figures]

    # --- Memory ---------------------------------------------------------------------------------------------

    def _measure_memory(self) -> list[Figure]:
        devices = self._devices * self._rounds + 500
        per_operation = memory.schema_octets(self.cluster, "operations") / devices / 2
        load = self._sessions(2_000_000, min(self._devices, 3000), "--handshake")
        figures = memory.redis_figures(self.cluster, load, self._settle)
        figures += memory.postgres_figures(self.cluster, self._binaries, self._folder)
        figures.append(Figure("postgres_bytes_operation", per_operation, "bytes", "lower"))
        for name, pid in self._pids().items():
            if name in OURS:
                figures.append(Figure(f"rss_{name}", cpu.resident_octets(pid), "bytes", "lower"))
        return figures

    def memory(self) -> list[Figure]:
        return self._memory


def figures_of(rounds: list[Round]) -> list[Figure]:
    """Medians of the rounds."""

    def median(value) -> float:
        return statistics.median(value(found) for found in rounds)

    def of(*names: str) -> float:
        return median(lambda found: sum(found.cpu[name] for name in names))

    floor_cpu, floor_rate = median(lambda found: found.floor_cpu), median(lambda found: found.floor_rate)
    rate, own, total = median(lambda found: found.rate), of(*OURS), of(*OURS, *STORES)
    figures = [
        Figure("session_rate", rate, "sessions/s", "higher", floor_rate, rate / floor_rate,
               f">= {BAR_RATE:,}", rate >= BAR_RATE),
        Figure("session_cpu_own", own, "us/session", "lower", floor_cpu, own / floor_cpu,
               f"ratio <= {BAR_OWN_RATIO}", own / floor_cpu <= BAR_OWN_RATIO),
        Figure("session_cpu_total", total, "us/session", "lower", floor_cpu, total / floor_cpu,
               f"ratio <= {BAR_RATIO}", total / floor_cpu <= BAR_RATIO),
    ]
    for name in OURS + STORES:
        figures.append(Figure(f"session_cpu_{name}", of(name), "us/session", "lower"))
    figures += [
        Figure("session_cpu_kafka_broker", of("kafka"), "us/session", "lower"),
        Figure("session_cpu_generator", median(lambda found: found.generator), "us/session", "lower"),
        Figure("session_p50", median(lambda found: found.latency["p50"]), "ms", "lower"),
        Figure("session_p99", median(lambda found: found.latency["p99"]), "ms", "lower"),
    ]
    return figures
