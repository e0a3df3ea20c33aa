"""The Drover services as units: the flags each is started with."""

import os
import pathlib
import subprocess

from localcluster.errors import ClusterError
from localcluster.stores import DATABASE, redis_url, secret_file
from localcluster.unit import Unit

ORDER = ["tree", "operations", "session", "ingress"]  # Each after those it asks.
SMS = ["smsc", "push"]  # For who wants short messages; smsc is the simulator of loadtest/.
GATEWAYS = ["sip"]  # For who wants voice home gateways.
WITH_SCHEMA = ["tree", "operations", "push", "sip"]
REGISTRATION_NUMBER = "10654040"
SERVER_ID = "drover.example"


class Surroundings:
    """What services are told about each other and about the stores: filled before the first is started."""

    def __init__(self, folder: pathlib.Path, bin_dir: pathlib.Path):
        self.folder = folder
        self.bin_dir = bin_dir
        self.token_file = secret_file(folder, "grpc-token", 16)
        self.seal_key_file = secret_file(folder, "seal-key", 32, before="1 ")
        self.stores: dict[str, Unit] = {}
        self.redis: list[Unit] = []  # One server, or the nodes of a Redis Cluster.
        self.grpc: dict[str, int] = {}  # Instance name -> port.
        self.http: dict[str, int] = {}  # The same of ingress.
        self.smpp = 0  # Port of the simulated SMSC.
        self.pap = 0  # Port of push's Push Proxy Gateway.
        self.sip: dict[str, int] = {}  # Ports of the sip service: udp, http.
        self.ingress_listen = ""  # Of the only ingress.
        self.env: dict[str, dict[str, str]] = {}  # Instance name -> environment.
        self.extra: dict[str, dict[str, str]] = {}  # Service -> flag -> value.

    def targets(self, kind: str) -> str:
        names = sorted(name for name in self.grpc if name == kind or name.startswith(f"{kind}-"))
        addresses = ",".join(f"127.0.0.1:{self.grpc[name]}" for name in names)
        # ingress chooses the session replica itself; elsewhere gRPC takes the first that answers.
        return f"ipv4:{addresses}" if len(names) > 1 and kind != "session" else addresses

    def postgres_flags(self) -> dict[str, str]:
        unit = self.stores["postgres"]
        flags = {"postgres-url": f"postgresql://{DATABASE}@127.0.0.1:{unit.ports['postgres']}/{DATABASE}"}
        if "password" in unit.files:
            flags["postgres-password-file"] = unit.files["password"]
        return flags

    def redis_flags(self) -> dict[str, str]:
        flags = {"redis-url": redis_url(self.redis)}
        if "password" in self.redis[0].files:
            flags["redis-password-file"] = self.redis[0].files["password"]
        return flags

    def kafka_flags(self) -> dict[str, str]:
        return {"kafka-brokers": f"127.0.0.1:{self.stores['kafka'].ports['kafka']}"}


def _tree(at: Surroundings) -> dict[str, str]:
    return {
        **at.postgres_flags(),
        **at.redis_flags(),
        **at.kafka_flags(),
        "seal-key-file": str(at.seal_key_file),
        "server-id": SERVER_ID,
    }


def _operations(at: Surroundings) -> dict[str, str]:
    return {**at.postgres_flags(), **at.redis_flags(), **at.kafka_flags(), "tree-target": at.targets("tree")}


def _session(at: Surroundings) -> dict[str, str]:
    return {
        **at.redis_flags(),
        **at.kafka_flags(),
        "seal-key-file": str(at.seal_key_file),
        "server-id": SERVER_ID,
        "tree-target": at.targets("tree"),
        "operations-target": at.targets("operations"),
    }


def _ingress(at: Surroundings) -> dict[str, str]:
    return {"http-listen": at.ingress_listen, "session-targets": at.targets("session")}


def _push_file(at: Surroundings) -> str:
    """The SMSC is the simulator, terminals register as China Mobile's do."""
    path = at.folder / "push.yaml"
    password = secret_file(at.folder, "smsc-password", 4)
    initiator = secret_file(at.folder, "initiator-password", 8)
    path.write_text(
        "smscs:\n"
        f"  - name: simulator\n    host: 127.0.0.1\n    port: {at.smpp}\n    system_id: drover\n"
        f"    password_file: {password}\n    source: \"{REGISTRATION_NUMBER}\"\n    window: 100\n"
        "registration:\n  country_code: \"86\"\n  confirm_rate: 1000\n  profiles:\n    - {name: cmcc}\n"
        f"accounts:\n  - name: initiator\n    password_file: {initiator}\n"
    )
    return str(path)


def _push(at: Surroundings) -> dict[str, str]:
    return {
        **at.postgres_flags(),
        **at.kafka_flags(),
        "server-id": SERVER_ID,
        "session-target": at.targets("session").split(",")[0],
        "push-file": _push_file(at),
        "pap-listen": f"127.0.0.1:{at.pap}",
    }


def _sip(at: Surroundings) -> dict[str, str]:
    files = at.folder / "files"
    files.mkdir(exist_ok=True)
    return {
        **at.postgres_flags(),
        **at.redis_flags(),
        **at.kafka_flags(),
        "operations-target": at.targets("operations"),
        "tree-target": at.targets("tree"),
        "seal-key-file": str(at.seal_key_file),
        "nonce-key-file": str(secret_file(at.folder, "nonce-key", 32)),
        "enrolment-password-file": str(secret_file(at.folder, "gateway-enrolment", 8)),
        "sip-udp-listen": f"127.0.0.1:{at.sip['udp']}",
        "sip-tcp-listen": f"127.0.0.1:{at.sip['udp']}",
        "sip-registrar": "true",
        "http-listen": f"127.0.0.1:{at.sip['http']}",
        "files-dir": str(files),
        "files-url": f"http://127.0.0.1:{at.sip['http']}/gw/v1/file/",
    }


_FLAGS = {"tree": _tree, "operations": _operations, "session": _session, "ingress": _ingress, "push": _push,
          "sip": _sip}


def binary(at: Surroundings, kind: str) -> str:
    path = at.bin_dir / f"drover-{kind}"
    if not os.access(path, os.X_OK):
        raise ClusterError(f"{path} is not there: build it first (make build), or say where with --bin")
    return str(path)


def _arguments(flags: dict[str, str]) -> list[str]:
    return [part for flag, value in flags.items() for part in (f"--{flag}", value)]


def migrate(at: Surroundings, kind: str) -> None:
    """Brings the service's schema to what this build wants."""
    argv = [binary(at, kind), "migrate", *_arguments({**_FLAGS[kind](at), **at.extra.get(kind, {})})]
    log_path = at.folder / f"{kind}-migrate.log"
    with open(log_path, "ab") as log:
        environment = {key: value for key, value in os.environ.items() if not key.startswith("DROVER_")}
        result = subprocess.run(argv, check=False, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment)
    if result.returncode != 0:
        tail = "\n".join(log_path.read_text(errors="replace").splitlines()[-10:])
        raise ClusterError(f"drover-{kind} migrate failed ({result.returncode}); its log, {log_path}, ends:\n{tail}")


def unit(at: Surroundings, kind: str, name: str, admin_port: int) -> Unit:
    flags = _FLAGS[kind](at)
    flags["admin-listen"] = f"127.0.0.1:{admin_port}"
    flags["log-format"] = "json"
    ports = {"admin": admin_port}
    if name in at.grpc:
        ports["grpc"] = at.grpc[name]
        flags["grpc-listen"] = f"127.0.0.1:{at.grpc[name]}"
    if kind == "push":
        ports["pap"] = at.pap
    if kind == "sip":
        ports["http"] = at.sip["http"]
        ports["sip"] = at.sip["udp"]
    if kind == "ingress":
        ports["http"] = at.http[name]
        if name != kind:
            flags["http-listen"] = f"127.0.0.1:{at.http[name]}"
    flags["grpc-token-file"] = str(at.token_file)
    flags.update(at.extra.get(kind, {}))
    return Unit(
        name=name,
        kind=kind,
        argv=[binary(at, kind), "serve", *_arguments(flags)],
        log=str(at.folder / f"{name}.log"),
        probe={"kind": "http", "port": admin_port, "path": "/readyz"},
        ports=ports,
        files={"token": str(at.token_file)},
        env=at.env.get(name, {}),
        fast_signal="SIGTERM",
    )
