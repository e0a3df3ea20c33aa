"""A Redis Cluster of three masters and a replica of each, as units: redis-1 .. redis-6."""

import os
import pathlib
import subprocess
import time

from localcluster import probes
from localcluster.errors import ClusterError
from localcluster.stores import redis
from localcluster.unit import Unit

KIND = "redis-cluster"
NAMES = [f"redis-{number}" for number in range(1, 7)]
NODE_TIMEOUT_MS = 1000


def node(folder: pathlib.Path, name: str, port: int, bus_port: int, auth: bool) -> Unit:
    """Begins without knowing any other, whatever it was before: its data was in memory only."""
    (folder / name / "nodes.conf").unlink(missing_ok=True)
    more = [
        "cluster-enabled yes",
        "cluster-config-file nodes.conf",
        f"cluster-port {bus_port}",
        f"cluster-node-timeout {NODE_TIMEOUT_MS}",
        "cluster-replica-validity-factor 0",
        "repl-ping-replica-period 1",
        "repl-diskless-sync-delay 0",
    ]
    unit = redis(folder, port, auth, name=name, more=more)
    unit.kind = KIND
    unit.ports["bus"] = bus_port
    return unit


def form(units: list[Unit], seconds: float = 60) -> None:
    """Makes one cluster of the nodes, which must answer already; returns when each replica follows its master."""
    addresses = [f"127.0.0.1:{unit.ports['redis']}@{unit.ports['bus']}" for unit in units]
    argv = ["/usr/bin/redis-cli", "--cluster", "create", *addresses, "--cluster-replicas", "1", "--cluster-yes"]
    environment = dict(os.environ)
    if "password" in units[0].files:
        environment["REDISCLI_AUTH"] = pathlib.Path(units[0].files["password"]).read_text().strip()
    result = subprocess.run(argv, check=False, env=environment, capture_output=True, text=True, timeout=seconds)
    if result.returncode != 0:
        raise ClusterError(f"redis-cli --cluster create failed: {result.stdout}{result.stderr}")
    deadline = time.monotonic() + seconds
    for unit in units:
        unit.probe["kind"] = KIND  # From now on ready means: of a cluster that serves.
        while not probes.ready(unit.probe):
            if time.monotonic() > deadline:
                raise ClusterError(f"{unit.name} is in no working Redis Cluster after {seconds:.0f} s: see {unit.log}")
            time.sleep(0.05)
