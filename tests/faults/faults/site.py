"""A cluster with two replicas of every service, and the fault proxy on every way between its parts.

    terminals -> ingress (HTTP), ingress -> session-1, session-2, session -> tree, operations,
    operations -> tree, all -> redis, postgres, kafka; the operator -> desk.
"""

import ctypes
import os
import pathlib
import struct
import subprocess

from faults.proxy import Proxy
from localcluster import Cluster, ClusterError, ports
from localcluster.redis_cluster import KIND as REDIS_CLUSTER
from localcluster.services import ORDER
from localcluster.stores import DATABASE

CLOCK = "libdrover_fault_clock.so"  # tests/faults/clock
CLONE_NEWNS = 0x00020000
DISK_SIZE = "6g"
REPLICAS = 2
SESSION_TIMEOUT_S = 45
ASYNC_TIMEOUT_S = 120


class Site:
    def __init__(self, folder: pathlib.Path, binaries: pathlib.Path, redis_cluster: bool, durable: bool):
        self.folder, self.redis_cluster = folder, redis_cluster
        self._disk = folder / "postgres"
        self.disk_is_bounded = False
        self._flags: dict[str, dict[str, str]] = {}
        self._at = {name: ports.free_port() for name in ("redis", "postgres", "kafka", "tree", "operations", "desk")}
        self._at |= {name: ports.free_port() for name in ("terminals", "session-1", "session-2")}
        names = [f"{kind}-{number + 1}" for kind in ORDER for number in range(REPLICAS)]
        self.cluster = Cluster(
            folder,
            binaries,
            durable=durable,
            replicas={kind: REPLICAS for kind in ORDER},
            flags=self._flags,
            env={name: self._clock_environment(name, binaries) for name in names},
            kafka_via=self._at["kafka"],
        )
        self.proxy = Proxy(binaries / "drover-fault-proxy")

    # --- Beginning and end ----------------------------------------------------------------------------------

    def start(self) -> None:
        self.disk_is_bounded = self._bound_disk()
        redis = REDIS_CLUSTER if self.redis_cluster else "redis"
        self.cluster.start(["postgres", redis, "kafka"])
        self._link_stores()
        self._link_services(self.cluster.choose_ports(ORDER))
        self._tell_services()
        self.cluster.start(ORDER)

    def stop(self) -> None:
        self.cluster.stop(fast=True)
        self.proxy.stop()
        if self.disk_is_bounded:
            subprocess.run(["/usr/bin/umount", "-l", str(self._disk)], check=False)

    def _bound_disk(self) -> bool:
        """PostgreSQL's data goes to a file system of its own that can be filled; only root can have one. It is seen
        by this process and its children alone, and is gone with the last of them."""
        self._disk.mkdir(parents=True, exist_ok=True)
        if ctypes.CDLL(None).unshare(CLONE_NEWNS) != 0:
            return False
        subprocess.run(["/usr/bin/mount", "--make-rprivate", "/"], check=False, capture_output=True)
        argv = ["/usr/bin/mount", "-t", "tmpfs", "-o", f"size={DISK_SIZE},mode=755", "drover-faults", str(self._disk)]
        return subprocess.run(argv, check=False, capture_output=True).returncode == 0

    def _link_stores(self) -> None:
        units = self.cluster.units
        self.proxy.link("postgres", self._at["postgres"], [units["postgres"].ports["postgres"]])
        self.proxy.link("kafka", self._at["kafka"], [units["kafka"].ports["via"]])
        if not self.redis_cluster:
            self.proxy.link("redis", self._at["redis"], [units["redis"].ports["redis"]])

    def _link_services(self, asked_at: dict[str, int]) -> None:
        def of(kind: str) -> list[int]:
            return [port for name, port in asked_at.items() if name.startswith(f"{kind}-")]

        self.proxy.link("tree", self._at["tree"], of("tree"))
        self.proxy.link("operations", self._at["operations"], of("operations"))
        self.proxy.link("desk", self._at["desk"], of("operations"))
        self.proxy.link("terminals", self._at["terminals"], of("ingress"), http=True)
        for name in ("session-1", "session-2"):
            self.proxy.link(name, self._at[name], [asked_at[name]])

    def _tell_services(self) -> None:
        def at(name: str) -> str:
            return f"127.0.0.1:{self._at[name]}"

        stores = {"kafka-brokers": at("kafka")}
        if not self.redis_cluster:
            stores["redis-url"] = f"redis://{at('redis')}"
        sql = {"postgres-url": f"postgresql://{DATABASE}@{at('postgres')}/{DATABASE}"}
        times = {"session-timeout": f"{SESSION_TIMEOUT_S}s", "async-timeout": f"{ASYNC_TIMEOUT_S}s"}
        self._flags |= {
            "tree": {**stores, **sql},
            "operations": {**stores, **sql, **times, "tree-target": at("tree")},
            "session": {**stores, "tree-target": at("tree"), "operations-target": at("operations")},
            "ingress": {"session-targets": f"{at('session-1')},{at('session-2')}"},
        }

    def soak_arguments(self) -> list[str]:
        units = self.cluster.units
        return [
            f"--operations=127.0.0.1:{self._at['desk']}",
            f"--tree=127.0.0.1:{units['tree-1'].ports['grpc']}",
            f"--token-file={units['tree-1'].files['token']}",
            f"--ingress=http://127.0.0.1:{self._at['terminals']}/dm",
            f"--kafka=127.0.0.1:{units['kafka'].ports['kafka']}",
        ]

    # --- What can be done to it -----------------------------------------------------------------------------

    def revive(self, name: str) -> None:
        """Starts it again if it does not run, and waits until it is ready."""
        unit = self.cluster.unit(name)
        if not unit.alive():
            self.cluster.restart(name)
        self.cluster.wait_ready([name], 90)

    def links(self) -> list[str]:
        stores = ["postgres", "kafka"] + ([] if self.redis_cluster else ["redis"])
        return [*stores, "tree", "operations", "desk", "session-1", "session-2"]

    def services(self) -> list[str]:
        return [name for name, unit in self.cluster.units.items() if unit.kind in ORDER]

    def stores(self) -> list[str]:
        return [name for name, unit in self.cluster.units.items() if unit.kind not in ORDER]

    def set_clock(self, name: str, offset_s: int) -> None:
        """The wall clock of one service process; its monotonic clock goes on as it should."""
        with open(self.folder / f"clock-{name}", "r+b") as file:
            file.write(struct.pack("<q", offset_s))

    def _clock_environment(self, name: str, binaries: pathlib.Path) -> dict[str, str]:
        path = self.folder / f"clock-{name}"
        path.write_bytes(struct.pack("<q", 0))
        return {"LD_PRELOAD": str(binaries / CLOCK), "DROVER_FAULT_CLOCK": str(path)}

    def fill_disk(self) -> None:
        """Not one octet more than there are now, but for what is written until that is done."""
        for spare_octets in (0, 1 << 16, 1 << 18, 1 << 20, 1 << 22):
            space = os.statvfs(self._disk)
            used = (space.f_blocks - space.f_bfree) * space.f_frsize
            if self._resize_disk(f"{(used + spare_octets) // 1024}k"):
                return
        raise ClusterError(f"{self._disk} could not be shrunk to what it holds")

    def free_disk(self) -> None:
        self._resize_disk(DISK_SIZE)

    def _resize_disk(self, size: str) -> bool:
        argv = ["/usr/bin/mount", "-o", f"remount,size={size}", str(self._disk)]
        return subprocess.run(argv, check=False, capture_output=True).returncode == 0

    def redis(self, *words: str) -> None:
        unit = self.cluster.redis_units()[0]
        password = pathlib.Path(unit.files["password"]).read_text().strip()
        argv = ["/usr/bin/redis-cli", "-p", str(unit.ports["redis"]), *words]
        subprocess.run(argv, check=True, capture_output=True, env={**os.environ, "REDISCLI_AUTH": password}, timeout=10)
