"""Two-exchange sessions through every service with real stores, beside nginx under the same connections and sizes.

CPU is what each process takes, user and system, between the load tool's READY and its DONE, and until what the
sessions left to do is done; PostgreSQL with all its processes. Kafka's broker is reported apart: its clients are in our
processes and count.
"""

import dataclasses
import json
import pathlib
import statistics
import subprocess
import sys
import time

from localcluster import Cluster, stores
from localcluster.cluster import EVERYTHING
from localcluster.errors import ClusterError
from localcluster.progress import Progress

from benchmarks import cpu
from benchmarks.nginx import Nginx
from benchmarks.report import Figure

OURS = ["ingress", "session", "tree", "operations"]
STORES = ["redis", "postgres"]
BAR_RATE, BAR_RATIO = 1500, 15
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
        self._load = str(binaries / "drover-load")
        self._folder = folder
        self._devices, self._concurrency, self._rounds = devices, concurrency, rounds
        self.cluster = Cluster(folder / "cluster", binaries, progress=Progress(title="bench"))
        self._redis_empty = 0
        self._redis_after_first = 0

    def run(self) -> list[Round]:
        with self.cluster:
            self.cluster.start(EVERYTHING)
            self._context = self.cluster.write_context()
            self._warm_up()
            self._redis_empty = self._redis_used()
            rounds = [self._round(number) for number in range(1, self._rounds + 1)]
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
        if number == 1:
            self._redis_after_first = self._redis_used()
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

    # --- Memory ---------------------------------------------------------------------------------------------

    def _redis_used(self) -> int:
        unit = self.cluster.unit("redis")
        password = pathlib.Path(unit.files["password"]).read_text().strip()
        argv = ["redis-cli", "-p", str(unit.ports["redis"]), "INFO", "memory"]
        environment = {"REDISCLI_AUTH": password, "PATH": "/usr/bin:/bin"}
        text = subprocess.run(argv, check=True, capture_output=True, text=True, env=environment).stdout
        return int(next(line for line in text.splitlines() if line.startswith("used_memory:")).split(":")[1])

    def _schema_octets(self, schema: str) -> int:
        script = (
            "SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0) FROM pg_class c JOIN pg_namespace n"
            f" ON n.oid = c.relnamespace WHERE n.nspname = '{schema}' AND c.relkind = 'r';"
        )
        return int(stores.psql(self.cluster.unit("postgres"), script, stores.DATABASE))

    def _measure_memory(self) -> list[Figure]:
        stores.psql(self.cluster.unit("postgres"), "VACUUM;", stores.DATABASE)
        devices = self._devices * self._rounds + 500
        remembered = (self._redis_after_first - self._redis_empty) / self._devices
        figures = [
            Figure("redis_bytes_session", remembered, "bytes", "lower"),
            Figure("postgres_bytes_device", self._schema_octets("tree") / devices, "bytes", "lower"),
            Figure("postgres_bytes_operation", self._schema_octets("operations") / devices / 2, "bytes", "lower"),
        ]
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
        Figure("session_cpu_own", own, "us/session", "lower", floor_cpu, own / floor_cpu),
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
