"""Redis, PostgreSQL and Kafka as units: their folders, their configuration, how they begin."""

import os
import pathlib
import pwd
import secrets
import shutil
import subprocess
import time

from localcluster.errors import ClusterError
from localcluster.probes import PG_BIN
from localcluster.unit import Unit

KAFKA_VERSION = "3.9.1"
DATABASE = "drover"
TOPICS = [
    "drover.wakeups",
    "drover.wakeup-results",
    "drover.session-completed",
    "drover.alerts",
    "drover.registrations",
    "drover.error-reports",
    "drover.operations",
    "drover.push-work",
    "drover.subscribers",
]
PARTITIONS = 8


def secret_file(folder: pathlib.Path, name: str, octets: int = 24, before: str = "") -> pathlib.Path:
    """A file of random hex digits (after `before`), made once, readable by its owner only."""
    path = folder / "secrets" / name
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(f"{before}{secrets.token_hex(octets)}\n")
    return path


def redis(folder: pathlib.Path, port: int, auth: bool, name: str = "redis", more: list[str] | None = None) -> Unit:
    """more: further lines of its configuration."""
    home = folder / name
    home.mkdir(parents=True, exist_ok=True)
    lines = [
        f"port {port}",
        "bind 127.0.0.1",
        f"dir {home}",
        "daemonize no",
        'save ""',
        "appendonly no",
        "loglevel notice",
        *(more or []),
    ]
    probe = {"kind": "redis", "port": port}
    files = {}
    if auth:
        password = secret_file(folder, "redis-password")
        lines += [f"{what} {password.read_text().strip()}" for what in ("requirepass", "masterauth")]
        probe["password_file"] = files["password"] = str(password)
    config = home / "redis.conf"
    config.touch(mode=0o600)
    config.write_text("\n".join(lines) + "\n")
    return Unit(
        name=name,
        kind="redis",
        argv=["/usr/bin/redis-server", str(config)],
        log=str(folder / f"{name}.log"),
        probe=probe,
        ports={"redis": port},
        files=files,
    )


def redis_url(units: list[Unit]) -> str:
    """Of one server, or of the nodes of a Redis Cluster."""
    addresses = ",".join(f"127.0.0.1:{unit.ports['redis']}" for unit in units)
    return f"{units[0].kind}://{addresses}"


def forget_postmaster(data: pathlib.Path, seconds: float) -> None:
    """Of a server that was killed: waits until its last orphan has let go of the shared memory, which no other server
    may use, and removes the lock file."""
    lock = data / "postmaster.pid"
    if not lock.exists():
        return
    lines = lock.read_text().splitlines()  # The seventh: key and id of the shared memory.
    segment = lines[6].split()[-1] if len(lines) > 6 and lines[6].split() else ""
    deadline = time.monotonic() + seconds
    while segment and _attached(segment) and time.monotonic() < deadline:
        time.sleep(0.02)
    lock.unlink(missing_ok=True)


def _attached(segment: str) -> bool:
    rows = [line.split() for line in pathlib.Path("/proc/sysvipc/shm").read_text().splitlines()]
    id_, users = rows[0].index("shmid"), rows[0].index("nattch")
    return any(row[id_] == segment and row[users] != "0" for row in rows[1:])


def _postgres_privileges(data: pathlib.Path) -> list[str]:
    """PostgreSQL refuses to be root: then it runs as the system user `postgres`."""
    if os.geteuid() != 0:
        return []
    try:
        user = pwd.getpwnam("postgres")
    except KeyError as error:
        raise ClusterError("there is no user `postgres`: run scripts/setup run") from error
    os.chown(data, user.pw_uid, user.pw_gid)
    plain = [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    # A folder below one that only root may enter (/root) needs one capability more.
    override = [*plain, "--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
    for privileges in (plain, override):
        test = ["/usr/bin/setpriv", *privileges, "--", "/usr/bin/ls", str(data)]
        if subprocess.run(test, check=False, stderr=subprocess.DEVNULL).returncode == 0:
            return privileges
    raise ClusterError(f"the user `postgres` may not enter {data}: choose a folder below /tmp with --dir")


def _initdb(folder: pathlib.Path, data: pathlib.Path, privileges: list[str], auth: bool) -> None:
    argv = [f"{PG_BIN}/initdb", "-D", str(data), "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
    argv += ["--no-instructions"]
    if auth:
        password = secret_file(folder, "postgres-admin-password")
        copy = data.parent / "initdb-password"  # The user `postgres` may not read the secrets.
        shutil.copyfile(password, copy)
        if privileges:
            shutil.chown(copy, "postgres")
        argv += ["--auth=scram-sha-256", f"--pwfile={copy}"]
    else:
        argv += ["--auth=trust"]
    command = ["/usr/bin/setpriv", *privileges, "--", *argv] if privileges else argv
    with open(folder / "postgres.log", "ab") as log:
        result = subprocess.run(command, check=False, stdout=log, stderr=log, cwd="/")
    (data.parent / "initdb-password").unlink(missing_ok=True)
    if result.returncode != 0:
        raise ClusterError(f"initdb failed: see {folder / 'postgres.log'}")


def _quarter_of_memory() -> str:
    return f"{os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') // 4 // 2**20}MB"


def postgres(folder: pathlib.Path, port: int, auth: bool, durable: bool, long_run: bool = False) -> Unit:
    """long_run: for minutes under load, with all that a large population is."""
    data = folder / "postgres" / "data"
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    privileges = _postgres_privileges(data)
    if not (data / "PG_VERSION").exists():
        _initdb(folder, data, privileges, auth)
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": port,
        "unix_socket_directories": "",
        "max_connections": 100,
        "shared_buffers": _quarter_of_memory() if long_run else "512MB" if durable else "128MB",
        "max_wal_size": "8GB" if durable else "2GB",  # A page goes whole into the log once a checkpoint.
        "checkpoint_timeout": "15min",
        "jit": "off",
        "log_min_messages": "warning",
        "fsync": "on" if durable else "off",
        "full_page_writes": "on" if durable else "off",
    }
    argv = [f"{PG_BIN}/postgres", "-D", str(data)]
    for key, value in settings.items():
        argv += ["-c", f"{key}={value}"]
    files = {}
    if auth:
        files["admin_password"] = str(secret_file(folder, "postgres-admin-password"))
        files["password"] = str(secret_file(folder, "postgres-password"))
    return Unit(
        name="postgres",
        kind="postgres",
        argv=argv,
        log=str(folder / "postgres.log"),
        probe={"kind": "postgres", "port": port},
        ports={"postgres": port},
        files=files,
        privileges=privileges,
        stop_signal="SIGINT",  # Fast shutdown.
        fast_signal="SIGQUIT",  # Immediate shutdown: takes its children along, SIGKILL would not.
    )


def psql(unit: Unit, script: str, database: str = "postgres") -> str:
    """Runs SQL as the administrator; the output unaligned, without headers."""
    environment = dict(os.environ)
    if "admin_password" in unit.files:
        environment["PGPASSWORD"] = pathlib.Path(unit.files["admin_password"]).read_text().strip()
    argv = [f"{PG_BIN}/psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1"]
    argv += ["-p", str(unit.ports["postgres"]), "-U", "postgres", "-d", database, "-f", "-"]
    result = subprocess.run(argv, check=False, input=script, env=environment, capture_output=True, text=True)
    if result.returncode != 0:
        raise ClusterError(f"psql: {result.stderr.strip()}")
    return result.stdout.strip()


def create_database(unit: Unit) -> None:
    """The role and database `drover`, unless they are there."""
    if psql(unit, f"SELECT 1 FROM pg_database WHERE datname = '{DATABASE}'") == "1":
        return
    password = ""
    if "password" in unit.files:
        password = f" PASSWORD '{pathlib.Path(unit.files['password']).read_text().strip()}'"
    psql(unit, f"CREATE ROLE {DATABASE} LOGIN{password};\nCREATE DATABASE {DATABASE} OWNER {DATABASE};")


def cache_folder() -> pathlib.Path:
    default = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "drover"
    return pathlib.Path(os.environ.get("DROVER_CACHE") or default)


def kafka(
    folder: pathlib.Path,
    port: int,
    controller_port: int,
    auto_create: bool,
    via: tuple[int, int] | None = None,
    long_run: bool = False,
) -> Unit:
    """via: a port more to listen at, and the port by which its clients know it. long_run: for minutes under load."""
    jars = cache_folder() / f"kafka-{KAFKA_VERSION}"
    if not (jars / "complete").exists():
        raise ClusterError("Apache Kafka is not there yet: run scripts/setup run")
    home = folder / "kafka"
    data = home / "data"
    data.mkdir(parents=True, exist_ok=True)
    _format_storage(data)
    config = home / "server.properties"
    config.write_text(_kafka_properties(data, port, controller_port, auto_create, via))
    logging = home / "log4j.properties"
    logging.write_text(_LOG4J)
    java = ["/usr/bin/java", "-Xms128m", "-Xmx384m", "-XX:+UseSerialGC", "-Xshare:auto"]
    if not long_run:  # Started often and for short times: the quick compiler.
        java.append("-XX:TieredStopAtLevel=1")
    argv = [*java, f"-Dlog4j.configuration=file:{logging}", "-cp", f"{jars}/*", "kafka.Kafka", str(config)]
    return Unit(
        name="kafka",
        kind="kafka",
        argv=argv,
        log=str(folder / "kafka.log"),
        probe={"kind": "kafka", "port": port, "topics": TOPICS, "partitions": PARTITIONS},
        ports={"kafka": port, "controller": controller_port, **({"via": via[0]} if via else {})},
    )


def _format_storage(data: pathlib.Path) -> None:
    """What `kafka-storage format` leaves for one node, without its JVM."""
    meta = data / "meta.properties"
    if meta.exists():
        return
    cluster, directory = (secrets.token_urlsafe(16) for _ in range(2))
    meta.write_text(f"version=1\ncluster.id={cluster}\nnode.id=1\ndirectory.id={directory}\n")


def _kafka_properties(
    data: pathlib.Path, port: int, controller_port: int, auto_create: bool, via: tuple[int, int] | None
) -> str:
    properties: dict[str, object] = {
        "process.roles": "broker,controller",
        "node.id": 1,
        "controller.quorum.voters": f"1@127.0.0.1:{controller_port}",
        "listeners": f"PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{port}",
        "controller.listener.names": "CONTROLLER",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "log.dirs": data,
        "num.partitions": PARTITIONS,
        "auto.create.topics.enable": str(auto_create).lower(),
        "offsets.topic.replication.factor": 1,
        "offsets.topic.num.partitions": 4,
        "transaction.state.log.replication.factor": 1,
        "transaction.state.log.min.isr": 1,
        "transaction.state.log.num.partitions": 4,
        "group.initial.rebalance.delay.ms": 0,
        "controlled.shutdown.enable": "false",
        "num.network.threads": 2,
        "num.io.threads": 4,
        "log.cleaner.dedupe.buffer.size": 8 * 1024 * 1024,
        "broker.heartbeat.interval.ms": 500,
    }
    if via:
        properties["listeners"] += f",VIA://127.0.0.1:{via[0]}"
        properties["advertised.listeners"] += f",VIA://127.0.0.1:{via[1]}"
        properties["listener.security.protocol.map"] += ",VIA:PLAINTEXT"
    return "".join(f"{key}={value}\n" for key, value in properties.items())


_LOG4J = """log4j.rootLogger=WARN, stdout
log4j.appender.stdout=org.apache.log4j.ConsoleAppender
log4j.appender.stdout.layout=org.apache.log4j.PatternLayout
log4j.appender.stdout.layout.ConversionPattern=%d{ISO8601} %p %c: %m%n
log4j.logger.kafka.server.KafkaRaftServer=INFO
"""
