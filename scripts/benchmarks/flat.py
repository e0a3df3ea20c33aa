"""What a session and a terminal cost in populations of different sizes: each should cost the same.

Every terminal is enrolled and has an operation waiting; then sessions come at the same rate everywhere, of as many
terminals as fit into the time: all of a small population, a sample of a large one.
"""

import dataclasses
import json
import pathlib
import shutil
import subprocess
import time

from localcluster import Cluster, stores
from localcluster.cluster import EVERYTHING
from localcluster.errors import ClusterError
from localcluster.progress import Progress

from benchmarks import memory
from benchmarks.redis import Redis
from benchmarks.report import Figure

WARM_UP = "5k"
BAR_NEIGHBOURS = 1.20  # Of the next smaller population's figure.
OURS = ("ingress", "session-1", "tree", "operations")
STORES = ("redis", "postgres")
_UNITS = {"k": 1_000, "M": 1_000_000}


def count_of(text: str) -> int:
    """10k, 1M, 500: as everywhere in the load generator."""
    return int(text[:-1]) * _UNITS[text[-1]] if text[-1] in _UNITS else int(text)


@dataclasses.dataclass
class Found:
    prepared_s: float
    sessions: int
    figures: dict[str, tuple[float, str]]  # Name -> value, unit.


class FlatBench:
    def __init__(self, binaries: pathlib.Path, folder: pathlib.Path, scenario: pathlib.Path, sizes: list[str],
                 rate: int, seconds: int):
        self._binaries, self._folder, self._scenario = binaries, folder, scenario
        self._sizes, self._rate, self._seconds = sizes, rate, seconds

    def run(self) -> list[Figure]:
        figures: list[Figure] = []
        before: Found | None = None
        for size in self._sizes:
            found = self._population(size)
            for name, (value, unit) in found.figures.items():
                figure = Figure(f"flat_{name}_{size}", value, unit, "lower")
                if before:
                    figure.floor = before.figures[name][0]
                    figure.ratio = value / figure.floor if figure.floor else None
                    figure.bar = f"ratio <= {BAR_NEIGHBOURS:.2f}"
                    figure.met = figure.ratio is not None and figure.ratio <= BAR_NEIGHBOURS
                figures.append(figure)
            figures.append(Figure(f"flat_prepared_{size}", found.prepared_s, "s", "lower"))
            figures.append(Figure(f"flat_sessions_{size}", found.sessions, "sessions", "higher"))
            before = found
        return figures

    def _population(self, size: str) -> Found:
        folder, out = self._folder / "flat", self._folder / f"flat-{size}"
        for old in (folder, out):
            shutil.rmtree(old, ignore_errors=True)
        count = count_of(size)
        progress = Progress(title=f"bench flat, {size}")
        with Cluster(folder, self._binaries, progress=progress, long_run=True) as cluster:
            cluster.start(EVERYTHING)
            cluster.write_context()
            self._generator(cluster, WARM_UP, "--seed=99")  # Plans, caches, compiled code.
            empty = octets_of(cluster)
            begun = time.monotonic()
            self._generator(cluster, size, "--prepare-only")
            prepared_s = time.monotonic() - begun
            full = octets_of(cluster)
            duration = [f"--duration={self._seconds}s"] if count > self._rate * self._seconds else []
            self._generator(cluster, size, "--no-prepare", "--no-ledgers", f"--out={out}", *duration)
        shutil.rmtree(folder, ignore_errors=True)  # Gigabytes.
        summary = json.loads((out / "summary.json").read_text())
        cpu = {process["name"]: process["cpu_us_per_session"] for process in summary["processes"]}
        figures = {
            "cpu_own": (sum(cpu[name] for name in OURS), "us/session"),
            "cpu_total": (sum(cpu[name] for name in (*OURS, *STORES)), "us/session"),
            "p99": (summary["latency_ms"]["session"]["p99"], "ms"),
        }
        for store in full:
            figures[f"{store}_bytes"] = (max(full[store] - empty[store], 0) / count, "bytes/terminal")
        return Found(prepared_s, summary["sessions"]["good"], figures)

    def _generator(self, cluster: Cluster, size: str, *more: str) -> None:
        argv = [str(self._binaries / "drover-load"), "run", str(self._scenario), f"--devices={size}"]
        argv += [f"--context={cluster.folder / 'context.yaml'}", f"--rate={self._rate}/s", *more]
        argv += [f"--ingress={cluster.endpoints()['DROVER_INGRESS_URL']}"]
        result = subprocess.run(argv, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if result.returncode != 0:
            raise ClusterError(f"the generator ended with exit code {result.returncode}:\n{result.stdout[-2000:]}")


def octets_of(cluster: Cluster) -> dict[str, int]:
    """What each store holds, once what it has to do about the past is done."""
    postgres = sum(memory.schema_octets(cluster, schema) for schema in ("tree", "operations"))
    unit = cluster.unit("redis")
    password = pathlib.Path(unit.files["password"]).read_text().strip() if "password" in unit.files else ""
    with Redis(unit.ports["redis"], password) as redis:
        info = redis.ask([b"INFO", b"memory"])[0].decode()
    used = next(int(line.partition(":")[2]) for line in info.splitlines() if line.startswith("used_memory_dataset:"))
    kafka = sum(path.stat().st_size for path in (cluster.folder / "kafka").rglob("*.log") if path.name[0].isdigit())
    stores.psql(cluster.unit("postgres"), "CHECKPOINT;", stores.DATABASE)
    return {"postgres": postgres, "redis": used, "kafka": kafka}
