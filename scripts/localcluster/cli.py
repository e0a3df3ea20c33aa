"""scripts/cluster: the commands."""

import argparse
import json
import os
import pathlib
import shlex
import shutil
import signal
import subprocess
import sys
import time

from localcluster.cluster import EVERYTHING, KNOWN, Cluster
from localcluster.errors import ClusterError
from localcluster.progress import Progress

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Interrupted(Exception):
    def __init__(self, number: int):
        super().__init__(signal.Signals(number).name)
        self.number = number


def _interrupt(number: int, _frame: object) -> None:
    raise Interrupted(number)


def _pairs(values: list[str], form: str) -> list[tuple[str, str]]:
    pairs = [value.partition("=") for value in values]
    for key, equals, _ in pairs:
        if not key or not equals:
            raise ClusterError(f"wanted {form}, got {key!r}")
    return [(key, value) for key, _, value in pairs]


def _service_flags(values: list[str]) -> dict[str, dict[str, str]]:
    flags: dict[str, dict[str, str]] = {}
    for key, value in _pairs(values, "service.flag=value"):
        service, _, flag = key.partition(".")
        flags.setdefault(service, {})[flag] = value
    return flags


def _names(text: str) -> list[str]:
    return [name for name in text.split(",") if name]


def up(args: argparse.Namespace) -> int:
    folder = pathlib.Path(args.dir)
    if (folder / "cluster.json").exists():
        if any(unit.alive() for unit in Cluster.load(folder).units.values()):
            raise ClusterError(f"a cluster runs in {folder} already: `scripts/cluster stop --dir {folder}` ends it")
        if args.fresh:
            shutil.rmtree(folder)
    cluster = Cluster(
        folder,
        args.bin,
        lasting=True,
        replicas={key: int(value) for key, value in _pairs(args.replicas, "service=number")},
        flags=_service_flags(args.set),
        port_base=args.port_base,
        ingress_listen=args.ingress_port or "",
        progress=Progress(),
    )
    names = _names(args.with_)
    if args.redis_cluster:
        names = ["redis-cluster" if name == "redis" else name for name in names]
    cluster.start(names)
    if any(unit.kind == "operations" for unit in cluster.units.values()):
        cluster.write_context()
    return 0


def status(args: argparse.Namespace) -> int:
    from localcluster import probes  # Only here and in starts.

    rows = []
    for unit in Cluster.load(args.dir).units.values():
        state = "ready" if probes.ready(unit.probe) else "running" if unit.alive() else "ended"
        rows.append({"name": unit.name, "state": state, "pid": unit.pid, "ports": unit.ports, "log": unit.log})
    if args.output == "json":
        print(json.dumps(rows, indent=1))
    else:
        for row in rows:
            listening = " ".join(f"{purpose}={port}" for purpose, port in row["ports"].items())
            print(f"{row['name']:<12} {row['state']:<8} {row['pid']:>8}  {listening}")
    return 0 if all(row["state"] == "ready" for row in rows) else 1


def env(args: argparse.Namespace) -> int:
    for key, value in Cluster.load(args.dir).endpoints().items():
        print(f"export {key}={shlex.quote(value)}")
    return 0


def logs(args: argparse.Namespace) -> int:
    unit = Cluster.load(args.dir).unit(args.name)
    with open(unit.log, encoding="utf-8", errors="replace") as log:
        while True:
            text = log.read()
            sys.stdout.write(text)
            sys.stdout.flush()
            if not args.follow:
                return 0
            time.sleep(0.2)


def kill(args: argparse.Namespace) -> int:
    Cluster.load(args.dir).kill(args.name, signal.Signals[f"SIG{args.signal.removeprefix('SIG')}"])
    return 0


def restart(args: argparse.Namespace) -> int:
    cluster = Cluster.load(args.dir)
    cluster.progress = Progress()
    cluster.restart(args.name)
    return 0


def stop(args: argparse.Namespace) -> int:
    Cluster.load(args.dir).stop(fast=args.fast)
    return 0


def run(args: argparse.Namespace) -> int:
    if not args.command:
        raise ClusterError("run what? scripts/cluster run --with redis -- COMMAND")
    cluster = Cluster(
        None,
        args.bin,
        auth=args.auth,
        durable=args.durable,
        auto_create_topics=True,
        progress=Progress(quiet=not args.verbose),
    )
    with cluster:
        cluster.start(_names(args.with_))
        environment = {**os.environ, **cluster.endpoints(), **_test_names(cluster)}
        if "operations" in cluster.units:
            environment["DROVER_CONTEXT"] = str(cluster.write_context())
        return _run_command(args.command, environment)


def _test_names(cluster: Cluster) -> dict[str, str]:
    """What component tests read. Without --auth the stores take anyone on the loopback."""
    at = cluster.endpoints()
    names = {
        "DROVER_TEST_REDIS_URL": at.get("DROVER_REDIS_URL"),
        "DROVER_TEST_REDIS_PASSWORD_FILE": at.get("DROVER_REDIS_PASSWORD_FILE"),
        "DROVER_TEST_POSTGRES_URL": at.get("DROVER_POSTGRES_URL"),
        "DROVER_TEST_POSTGRES_PASSWORD_FILE": at.get("DROVER_POSTGRES_PASSWORD_FILE"),
        "DROVER_TEST_KAFKA_BROKERS": at.get("DROVER_KAFKA_BROKERS"),
    }
    return {key: value for key, value in names.items() if value}


def _run_command(command: list[str], environment: dict[str, str]) -> int:
    argv = ["/usr/bin/setpriv", "--pdeathsig", "KILL", "--", *command]
    try:
        process = subprocess.Popen(argv, env=environment)
    except OSError as error:
        raise ClusterError(f"{command[0]}: {error.strerror}") from error
    try:
        code = process.wait()
    except Interrupted as interruption:
        process.send_signal(interruption.number)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
        return 128 + interruption.number
    return code if code >= 0 else 128 - code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/cluster", description="Drover and what it needs, on this machine.")
    commands = parser.add_subparsers(dest="verb", required=True, metavar="COMMAND")

    def command(function, text: str, in_folder: bool = True) -> argparse.ArgumentParser:
        sub = commands.add_parser(function.__name__, help=text, description=text)
        sub.set_defaults(function=function)
        if in_folder:
            sub.add_argument("--dir", default=str(ROOT / "var/up"), help="the cluster's folder (default: var/up)")
        return sub

    def starts(sub: argparse.ArgumentParser, default: str) -> None:
        sub.add_argument("--with", dest="with_", default=default, metavar="A,B", help=f"of {','.join(KNOWN)}")
        sub.add_argument("--bin", default=str(ROOT / "build/release/bin"), help="where the service programs are")

    sub = command(up, "start a cluster and leave it running")
    starts(sub, ",".join(EVERYTHING))
    sub.add_argument("--fresh", action="store_true", help="forget what an earlier cluster left in the folder")
    sub.add_argument("--replicas", action="append", default=[], metavar="session=N", help="how many of a service")
    sub.add_argument("--redis-cluster", action="store_true", help="Redis as a cluster of three masters and replicas")
    sub.add_argument("--port-base", type=int, metavar="N", help="fixed ports from N on (docs/development.md)")
    sub.add_argument("--ingress-port", metavar="[HOST:]PORT", help="where terminals post; HOST defaults to loopback")
    sub.add_argument("--set", action="append", default=[], metavar="SERVICE.FLAG=VALUE", help="a flag more")

    sub = command(status, "say what runs; exit code 0 if all is ready")
    sub.add_argument("-o", "--output", choices=["table", "json"], default="table")
    command(env, "print the endpoints as shell exports")
    sub = command(logs, "print a process's log")
    sub.add_argument("name")
    sub.add_argument("-f", "--follow", action="store_true")
    sub = command(kill, "send a signal to a process")
    sub.add_argument("name")
    sub.add_argument("-s", "--signal", default="KILL")
    sub = command(restart, "stop a process if it runs, start it again")
    sub.add_argument("name")
    sub = command(stop, "stop all")
    sub.add_argument("--fast", action="store_true", help="its data is not needed any more")

    sub = command(run, "start a temporary cluster, run a command, end all", in_folder=False)
    starts(sub, "redis,postgres,kafka")
    sub.add_argument("--auth", action="store_true", help="Redis and PostgreSQL ask for passwords")
    sub.add_argument("--durable", action="store_true", help="what is committed is on the disk, as by up")
    sub.add_argument("-v", "--verbose", action="store_true", help="show the start")
    sub.add_argument("command", nargs=argparse.REMAINDER, help="-- COMMAND [ARGUMENT]..")
    return parser


def main() -> int:
    args = _parser().parse_args()
    if getattr(args, "command", None) and args.command[0] == "--":
        args.command = args.command[1:]
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        return args.function(args)
    except Interrupted as interruption:
        return 128 + interruption.number
    except ClusterError as error:
        print(f"cluster: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        return 1
