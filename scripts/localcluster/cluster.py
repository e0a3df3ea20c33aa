"""A set of units in one folder: start in order, wait until ready, kill, restart, stop."""

import concurrent.futures
import json
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

from localcluster import ports, probes, redis_cluster, services, smsc, stores
from localcluster.errors import ClusterError
from localcluster.progress import Progress
from localcluster.unit import Unit

STORES = ["postgres", "redis", "kafka"]
EVERYTHING = [*STORES, *services.ORDER]
KNOWN = [*EVERYTHING, *services.SMS, *services.GATEWAYS, redis_cluster.KIND]  # A Redis Cluster stands in the place of "redis".

# With a fixed base each port has its place; replicas of session take two each from SESSION_PLACE on.
PLACES = {
    "postgres": 0,
    "redis": 1,
    "kafka": 2,
    "kafka-controller": 3,
    "ingress-http": 5,
    "ingress-admin": 6,
    "tree-grpc": 10,
    "tree-admin": 11,
    "operations-grpc": 12,
    "operations-admin": 13,
    "push-grpc": 14,
    "push-admin": 15,
    "smsc-smpp": 16,
    "smsc-http": 17,
    "push-pap": 18,
    "sip-grpc": 40,
    "sip-admin": 41,
    "sip-udp": 42,
    "sip-http": 43,
}
SESSION_PLACE = 20
REDIS_NODE_PLACE = 80  # Two each: redis-1, redis-1-bus, redis-2 ..


def _place(what: str) -> int:
    if what in PLACES:
        return PLACES[what]
    if what.startswith("redis-"):
        _, number, *bus = what.split("-")
        return REDIS_NODE_PLACE + 2 * (int(number) - 1) + len(bus)
    _, replica, purpose = what.split("-")  # session-2-grpc
    return SESSION_PLACE + 2 * (int(replica) - 1) + (purpose == "admin")


class Cluster:
    """lasting: processes outlive this one and the folder is kept; else both end with it, however it ends."""

    def __init__(
        self,
        folder: str | pathlib.Path | None = None,
        binaries: str | pathlib.Path = "build/release/bin",
        *,
        lasting: bool = False,
        auth: bool = True,
        durable: bool = True,
        auto_create_topics: bool = False,
        replicas: dict[str, int] | None = None,
        flags: dict[str, dict[str, str]] | None = None,
        port_base: int | None = None,
        ingress_listen: str = "",
        env: dict[str, dict[str, str]] | None = None,
        kafka_via: int | None = None,
        progress: Progress | None = None,
        start_seconds: float = 120,
        long_run: bool = False,
    ):
        """env: of single service processes, by name. kafka_via: clients reach the broker through this port, where
        something passes connections on to its port "via". long_run: it will be under load for minutes."""
        self.temporary = folder is None
        self.folder = pathlib.Path(folder or tempfile.mkdtemp(prefix="drover-cluster-")).resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        if self.temporary:
            self.folder.chmod(0o711)  # The user `postgres` goes through.
            self._janitor = _start_janitor(self.folder)
        self.lasting = lasting
        self._auth, self._durable, self._auto_create = auth, durable, auto_create_topics
        self._replicas, self._port_base = replicas or {}, port_base
        self._start_seconds = start_seconds
        self.progress = progress or Progress(quiet=True)
        self.units: dict[str, Unit] = {}
        self._at = services.Surroundings(self.folder, pathlib.Path(binaries).resolve())
        self._at.extra = flags if flags is not None else {}  # The caller may fill it until the services start.
        self._at.ingress_listen = ingress_listen
        self._at.env = env or {}
        self._kafka_via, self._long_run = kafka_via, long_run

    @staticmethod
    def load(folder: str | pathlib.Path) -> "Cluster":
        """A cluster that another command has started in this folder."""
        path = pathlib.Path(folder) / "cluster.json"
        if not path.exists():
            raise ClusterError(f"there is no cluster in {folder} (no cluster.json): start one with `scripts/cluster up`")
        cluster = Cluster(folder, lasting=True)
        for entry in json.loads(path.read_text())["units"]:
            cluster.units[entry["name"]] = Unit(**entry)
        return cluster

    def __enter__(self) -> "Cluster":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    # --- Starting -------------------------------------------------------------------------------------------

    def start(self, names: list[str]) -> None:
        """Starts these (of KNOWN) and waits until all are ready; stops all again if one is not."""
        unknown = set(names) - set(KNOWN)
        if unknown:
            raise ClusterError(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(KNOWN)}")
        self._check_needs(names)
        try:
            self._start_stores([name for name in [*STORES, redis_cluster.KIND] if name in names])
            if smsc.KIND in names:
                self._spawn(smsc.unit(self._at, self._port("smsc-smpp"), self._port("smsc-http")))
                self.wait_ready([smsc.KIND])
            if "push" in names:
                self._at.pap = self._port("push-pap")
            if "sip" in names:
                self._at.sip = {purpose: self._port(f"sip-{purpose}") for purpose in ("udp", "http")}
            self._start_services([name for name in [*services.ORDER, "push", "sip"] if name in names])
        except BaseException:
            self.progress.end()
            self.stop(fast=True)
            raise
        self.progress.end()

    def _check_needs(self, names: list[str]) -> None:
        there = set(names) | {unit.kind for unit in self.units.values()}
        if redis_cluster.KIND in there:
            if "redis" in there:
                raise ClusterError(f"redis or {redis_cluster.KIND}, not both")
            there.add("redis")
        needs = {"tree": STORES, "operations": [*STORES, "tree"], "session": ["redis", "kafka", "tree", "operations"]}
        needs["ingress"] = ["session"]
        needs["sip"] = [*STORES, "tree", "operations"]
        needs["push"] = ["postgres", "kafka", "session", smsc.KIND]
        for name in names:
            missing = [need for need in needs.get(name, []) if need not in there]
            if missing:
                raise ClusterError(f"{name} needs {', '.join(missing)} too")

    def _port(self, what: str) -> int:
        if self._port_base is None:
            return ports.free_port()
        return ports.require_free(self._port_base + _place(what), what)

    def _start_stores(self, names: list[str]) -> None:
        if "kafka" in names:  # First: it takes longest.
            via = (self._port("kafka-via"), self._kafka_via) if self._kafka_via else None
            port, controller_port = self._port("kafka"), self._port("kafka-controller")
            unit = stores.kafka(self.folder, port, controller_port, self._auto_create, via, self._long_run)
            self._spawn(unit)
        if "redis" in names:
            self._spawn(stores.redis(self.folder, self._port("redis"), self._auth))
        if "postgres" in names:
            self.progress.note("postgres", "preparing")
            unit = stores.postgres(self.folder, self._port("postgres"), self._auth, self._durable, self._long_run)
            self._spawn(unit)
        if redis_cluster.KIND in names:
            self._start_redis_cluster()
        single = [name for name in names if name != redis_cluster.KIND]
        self.wait_ready(single)
        if "postgres" in names:
            stores.create_database(self.units["postgres"])
        self._at.stores.update({name: self.units[name] for name in single})
        self._at.redis = self.redis_units()

    def _start_redis_cluster(self) -> None:
        for name in redis_cluster.NAMES:
            port, bus_port = self._port(name), self._port(f"{name}-bus")
            self._spawn(redis_cluster.node(self.folder, name, port, bus_port, self._auth))
        self.wait_ready(redis_cluster.NAMES)
        self.progress.note("redis-1", "forming a cluster")
        redis_cluster.form(self.redis_units())
        self.progress.note("redis-1", "ready")
        self._save()

    def redis_units(self) -> list[Unit]:
        """The Redis server, or the nodes of the Redis Cluster; empty without."""
        return [unit for unit in self.units.values() if unit.kind in ("redis", redis_cluster.KIND)]

    def _instances(self, kind: str) -> list[str]:
        count = self._replicas.get(kind, 1)
        if kind == "session" or count > 1:
            return [f"{kind}-{number + 1}" for number in range(count)]
        return [kind]

    def choose_ports(self, kinds: list[str]) -> dict[str, int]:
        """Where these services will be asked (gRPC, ingress: HTTP), for what has to stand between them first."""
        for kind in kinds:
            names = [name for name in self._instances(kind) if name not in {**self._at.grpc, **self._at.http}]
            if self._port_base is not None and kind != "session" and len(names) > 1:
                raise ClusterError(f"with fixed ports only session can have replicas, not {kind}")
            if kind == "ingress" and len(names) == 1:
                self._choose_ingress_port()
                self._at.http[names[0]] = int(self._at.ingress_listen.rpartition(":")[2])
            elif kind == "ingress":
                self._at.http.update({name: self._port(f"{name}-http") for name in names})
            else:
                self._at.grpc.update({name: self._port(f"{name}-grpc") for name in names})
        names = [name for kind in kinds for name in self._instances(kind)]
        return {name: {**self._at.grpc, **self._at.http}[name] for name in names}

    def _start_services(self, kinds: list[str]) -> None:
        self.choose_ports(kinds)
        self._migrate([kind for kind in kinds if kind in services.WITH_SCHEMA])
        started = []  # All at once: each waits by itself for those it asks.
        for kind in kinds:
            for name in self._instances(kind):
                self._spawn(services.unit(self._at, kind, name, self._port(f"{name}-admin")))
                started.append(name)
        self.wait_ready(started)

    def _migrate(self, kinds: list[str]) -> None:
        for kind in kinds:
            self.progress.note(kind, "migrating")
        with concurrent.futures.ThreadPoolExecutor() as pool:
            for done in [pool.submit(services.migrate, self._at, kind) for kind in kinds]:
                done.result()

    def _choose_ingress_port(self) -> None:
        wanted = self._at.ingress_listen
        if not wanted:
            self._at.ingress_listen = f"127.0.0.1:{self._port('ingress-http')}"
        elif ":" not in wanted:
            self._at.ingress_listen = f"127.0.0.1:{ports.require_free(int(wanted), 'the ingress')}"

    def _spawn(self, unit: Unit) -> None:
        unit.spawn(ends_with_parent=not self.lasting)
        self.units[unit.name] = unit
        self._save()
        self.progress.note(unit.name, "starting")

    def _save(self) -> None:
        entries = [vars(unit) for unit in self.units.values()]
        temporary = self.folder / "cluster.json.new"
        temporary.write_text(json.dumps({"units": entries}, indent=1))
        temporary.rename(self.folder / "cluster.json")

    def wait_ready(self, names: list[str], seconds: float | None = None) -> None:
        begin = time.monotonic()
        deadline = begin + (seconds or self._start_seconds)
        waiting = [self.units[name] for name in names]
        while waiting:
            for unit in list(waiting):
                if not unit.alive():
                    raise ClusterError(f"{unit.name} ended instead of starting; its log, {unit.log}, ends:\n"
                                       f"{unit.last_log_lines()}")
                if probes.ready(unit.probe):
                    waiting.remove(unit)
                    self.progress.note(unit.name, "ready")
            if waiting and time.monotonic() > deadline:
                unit = waiting[0]
                raise ClusterError(f"{unit.name} is not ready after {time.monotonic() - begin:.0f} s; its log,"
                                   f" {unit.log}, ends:\n{unit.last_log_lines()}")
            self.progress.tick()
            time.sleep(0.02)

    # --- While it runs --------------------------------------------------------------------------------------

    def unit(self, name: str) -> Unit:
        if name not in self.units:
            raise ClusterError(f"no process {name} here; there are {', '.join(self.units)}")
        return self.units[name]

    def kill(self, name: str, number: int = signal.SIGKILL) -> None:
        """Sends the signal; waits for the end if it is SIGKILL."""
        unit = self.unit(name)
        if number == signal.SIGKILL:
            unit.kill_family()
        else:
            unit.signal(number)

    def restart(self, *names: str) -> None:
        """Stops them in order if they run, starts them with the same arguments and waits until all are ready."""
        for name in names:
            unit = self.unit(name)
            unit.end(signal.Signals[unit.stop_signal], unit.stop_seconds)
            if unit.kind == "postgres":
                stores.forget_postmaster(self.folder / "postgres" / "data", self._start_seconds)
            self._spawn(unit)
        self.wait_ready(list(names))
        self.progress.end()

    def endpoints(self) -> dict[str, str]:
        """Where things are, by the names that `scripts/cluster env` exports."""
        found: dict[str, str] = {}
        for unit in self.units.values():
            found.update(_endpoints_of(unit))
        if redis := self.redis_units():
            found["DROVER_REDIS_URL"] = stores.redis_url(redis)
        sessions = [unit for unit in self.units.values() if unit.kind == "session"]
        if sessions:
            found["DROVER_SESSION_TARGETS"] = ",".join(f"127.0.0.1:{unit.ports['grpc']}" for unit in sessions)
        context = self.folder / "context.yaml"
        if context.exists():
            found["DROVER_CONTEXT"] = str(context)
        return found

    def _first(self, kind: str) -> Unit:
        return next(unit for unit in self.units.values() if unit.kind == kind)

    def write_context(self) -> pathlib.Path:
        """The command line's file that says how to reach this cluster."""
        tree, operations = self._first("tree"), self._first("operations")
        session, push, sip = (self.units.get(name) for name in ("session-1", "push", "sip"))
        path = self.folder / "context.yaml"
        path.write_text(
            f"tree: 127.0.0.1:{tree.ports['grpc']}\n"
            f"operations: 127.0.0.1:{operations.ports['grpc']}\n"
            f"token-file: {operations.files['token']}\n"
            + (f"session: 127.0.0.1:{session.ports['grpc']}\n" if session else "")
            + (f"push: 127.0.0.1:{push.ports['grpc']}\n" if push else "")
            + (f"sip: 127.0.0.1:{sip.ports['grpc']}\n" if sip else "")
        )
        return path

    # --- Ending ---------------------------------------------------------------------------------------------

    def stop(self, fast: bool | None = None) -> None:
        """Ends all, those that ask before those that answer. fast: what keeps data need not save it."""
        fast = self.temporary if fast is None else fast
        for kinds in [[kind] for kind in ["push", "sip", *reversed(services.ORDER)]] + [[*STORES, smsc.KIND, redis_cluster.KIND]]:
            _end_together([unit for unit in self.units.values() if unit.kind in kinds], fast)
        if self.folder.exists():
            self._save()
        if self.temporary:
            shutil.rmtree(self.folder, ignore_errors=True)
            self._janitor.stdin.close()
            self._janitor.wait()
            self.temporary = False


def _end_together(units: list[Unit], fast: bool) -> None:
    threads = []
    for unit in units:
        number = signal.Signals[unit.fast_signal if fast else unit.stop_signal]
        threads.append(threading.Thread(target=unit.end, args=(number, 10 if fast else unit.stop_seconds)))
        threads[-1].start()
    for thread in threads:
        thread.join()


def _start_janitor(folder: pathlib.Path) -> subprocess.Popen:
    """Removes the folder when this process has ended without doing so: it sees its standard input close."""
    script = pathlib.Path(__file__).with_name("janitor.py")
    argv = [sys.executable, "-IS", str(script), str(folder)]
    return subprocess.Popen(argv, stdin=subprocess.PIPE, start_new_session=True)


def _endpoints_of(unit: Unit) -> dict[str, str]:
    at = {purpose: f"127.0.0.1:{port}" for purpose, port in unit.ports.items()}
    if unit.kind in ("redis", redis_cluster.KIND):
        found = {}
    elif unit.kind == "postgres":
        found = {"DROVER_POSTGRES_URL": f"postgresql://{stores.DATABASE}@{at['postgres']}/{stores.DATABASE}"}
    elif unit.kind == "kafka":
        found = {"DROVER_KAFKA_BROKERS": at["kafka"]}
    elif unit.kind == "ingress":
        found = {"DROVER_INGRESS_URL": f"http://{at['http']}/dm", "DROVER_INGRESS_ADMIN": f"http://{at['admin']}"}
    elif unit.kind == smsc.KIND:
        found = {"DROVER_SMSC_URL": f"http://{at['http']}", "DROVER_SMSC_SMPP": at["smpp"]}
    else:
        name = unit.name.upper().replace("-", "_")
        found = {f"DROVER_{name}_ADMIN": f"http://{at['admin']}"}
        if unit.kind != "session":
            found[f"DROVER_{name}_TARGET"] = at["grpc"]
            found["DROVER_TOKEN_FILE"] = unit.files["token"]
        if "pap" in at:
            found["DROVER_PAP_URL"] = f"http://{at['pap']}/pap"
        if unit.kind == "sip":
            found["DROVER_GATEWAYS_URL"] = f"http://{at['http']}/gw/v1"
            found["DROVER_SIP_ADDRESS"] = at["sip"]
    if "password" in unit.files:
        kind = "REDIS" if unit.kind == redis_cluster.KIND else unit.kind.upper()
        found[f"DROVER_{kind}_PASSWORD_FILE"] = unit.files["password"]
    return found
