"""What a session costs with one and with two replicas of ingress and session, and on a Redis Cluster of three masters.

Two generators drive each cluster, so that they are the same in all of them; ingress and session are pinned to a processor
each, everything else is where the kernel wants it. Closed model: as many sessions at a time everywhere, fewer than one
ingress admits.
"""

import dataclasses
import json
import os
import pathlib
import shutil
import statistics
import subprocess

from localcluster import Cluster
from localcluster.cluster import EVERYTHING
from localcluster.errors import ClusterError
from localcluster.progress import Progress
from localcluster.redis_cluster import KIND as REDIS_CLUSTER

from benchmarks import cpu
from benchmarks.memory import SESSION_KEYS
from benchmarks.redis import Redis
from benchmarks.report import Figure

BAR_MORE = 1.10
BAR_SPREAD = 1.10  # Of the busiest master beside the mean of the three.
GENERATORS = 2
PINNED = ("ingress", "session")
OURS = ("ingress", "session", "tree", "operations")


@dataclasses.dataclass
class Found:
    rate: float
    cpu: dict[str, float]  # Kind of process -> microseconds a session.
    sessions_of_master: list[int]

    def of(self, *kinds: str) -> float:
        return sum(self.cpu[kind] for kind in kinds)


class ScaleBench:
    def __init__(self, binaries: pathlib.Path, folder: pathlib.Path, scenario: pathlib.Path, devices: int,
                 concurrency: int, rounds: int):
        self._binaries, self._folder, self._scenario = binaries, folder, scenario
        self._devices, self._concurrency, self._rounds = devices, concurrency, rounds

    def run(self) -> list[Figure]:
        found: dict[str, list[Found]] = {"one": [], "two": [], "redis_cluster": []}
        for number in range(self._rounds):  # Alternated: what else the machine does meets all of them.
            found["one"].append(self._cluster("one", 1, False, number))
            found["two"].append(self._cluster("two", 2, False, number))
            found["redis_cluster"].append(self._cluster("redis_cluster", 2, True, number))
        return figures_of(found)

    def _cluster(self, name: str, replicas: int, redis_cluster: bool, number: int) -> Found:
        folder = self._folder / "scale"
        shutil.rmtree(folder, ignore_errors=True)
        cluster = Cluster(folder, self._binaries, replicas={"ingress": replicas, "session": replicas},
                          progress=Progress(title=f"bench scale, {name}"))
        with cluster:
            cluster.start([REDIS_CLUSTER if redis_cluster and unit == "redis" else unit for unit in EVERYTHING])
            cluster.write_context()
            pin(cluster)
            self._generators(cluster, number, ["--prepare-only"])
            window = cpu.Window({unit.name: unit.pid for unit in cluster.units.values()})
            closed = f"--closed={self._concurrency // GENERATORS}"
            rates = self._generators(cluster, number, ["--no-prepare", "--no-ledgers", closed])
            taken = window.close()
            by_kind = {kind: 0.0 for kind in OURS}
            for unit in cluster.units.values():
                kind = "redis" if unit.kind == REDIS_CLUSTER else unit.kind
                by_kind[kind] = by_kind.get(kind, 0.0) + taken[unit.name] * 1e6 / self._devices
            return Found(sum(rates), by_kind, sessions_of_masters(cluster) if redis_cluster else [])

    def _generators(self, cluster: Cluster, number: int, more: list[str]) -> list[float]:
        """The rates that they reached, beside each other."""
        ingresses = [unit for unit in cluster.units.values() if unit.kind == "ingress"]
        running = []
        for index in range(GENERATORS):
            out = self._folder / f"scale-{index}"
            shutil.rmtree(out, ignore_errors=True)
            port = ingresses[index % len(ingresses)].ports["http"]
            argv = [str(self._binaries / "drover-load"), "run", str(self._scenario)]
            argv += [f"--context={cluster.folder / 'context.yaml'}", f"--ingress=http://127.0.0.1:{port}/dm"]
            argv += [f"--devices={self._devices // GENERATORS}", f"--seed={10 * number + index + 1}", f"--out={out}"]
            running.append((out, subprocess.Popen([*argv, *more], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                                  text=True)))
        said = [process.communicate()[0] for _, process in running]
        for (_, process), text in zip(running, said):
            if process.returncode != 0:
                raise ClusterError(f"a generator ended with exit code {process.returncode}:\n{text[-2000:]}")
        reports = [out / "summary.json" for out, _ in running]
        return [json.loads(path.read_text())["sessions"]["good_per_s"] for path in reports if path.exists()]


def pin(cluster: Cluster) -> None:
    """A processor each, one after the other: the replicas of a service stand on different ones."""
    processors = sorted(os.sched_getaffinity(0))
    for offset, kind in enumerate(PINNED):
        for index, unit in enumerate(unit for unit in cluster.units.values() if unit.kind == kind):
            for thread in pathlib.Path(f"/proc/{unit.pid}/task").iterdir():
                os.sched_setaffinity(int(thread.name), {processors[(index + offset) % len(processors)]})


def sessions_of_masters(cluster: Cluster) -> list[int]:
    counts = []
    for unit in cluster.redis_units():
        password = pathlib.Path(unit.files["password"]).read_text().strip() if "password" in unit.files else ""
        with Redis(unit.ports["redis"], password) as redis:
            if redis.ask([b"ROLE"])[0][0] == b"master":
                counts.append(sum(key.startswith(SESSION_KEYS) for key in redis.keys()))
    return counts


def figures_of(found: dict[str, list[Found]]) -> list[Figure]:
    def median(name: str, value) -> float:
        return statistics.median(value(each) for each in found[name])

    def front(each: Found) -> float:
        return each.of(*PINNED)

    one, two, redis = (median(name, front) for name in ("one", "two", "redis_cluster"))
    figures = [
        Figure("scale_cpu_two_replicas", two, "us/session", "lower", one, two / one, f"ratio <= {BAR_MORE:.2f}",
               two / one <= BAR_MORE),
        Figure("scale_cpu_redis_cluster", redis, "us/session", "lower", one, redis / one),
    ]
    for name in found:
        figures.append(Figure(f"scale_rate_{name}", median(name, lambda each: each.rate), "sessions/s", "higher"))
        figures.append(Figure(f"scale_cpu_own_{name}", median(name, lambda each: each.of(*OURS)), "us/session", "lower"))
        figures.append(Figure(f"scale_cpu_redis_of_{name}", median(name, lambda each: each.of("redis")), "us/session",
                              "lower"))
    counts = [sum(each) for each in zip(*(each.sessions_of_master for each in found["redis_cluster"]))]
    spread = max(counts) / statistics.mean(counts)
    figures.append(Figure("scale_busiest_master", spread, "of the mean", "lower", bar=f"<= {BAR_SPREAD:.2f}",
                          met=len(counts) == 3 and spread <= BAR_SPREAD))
    return figures
