"""A whole Drover cluster on this machine: stores, broker and services, each on its own loopback port.

    from localcluster import Cluster
    with Cluster(binaries="build/release/bin") as cluster:
        cluster.start(["redis", "postgres", "kafka", "tree", "operations", "session", "ingress"])
        cluster.kill("session-1"); cluster.restart("session-1")

scripts/cluster is its command line. Only Debian's python3 and what scripts/setup installs is needed.
"""

from localcluster.cluster import Cluster
from localcluster.errors import ClusterError

__all__ = ["Cluster", "ClusterError"]
