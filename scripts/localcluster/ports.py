"""Free loopback ports.

Picked below the kernel's ephemeral range, so that no client socket takes one between the choice and the
server's bind; an abstract Unix socket of the port's name keeps other runners from choosing the same.
"""

import random
import socket

from localcluster.errors import ClusterError

FIRST, LAST = 12000, 31999

_reserved: list[socket.socket] = []


def _reserve(port: int) -> bool:
    marker = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        marker.bind(f"\0drover-port-{port}")
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
    except OSError:
        marker.close()
        return False
    _reserved.append(marker)  # Held until this process ends.
    return True


def free_port() -> int:
    for _ in range(2000):
        port = random.randint(FIRST, LAST)
        if _reserve(port):
            return port
    raise ClusterError(f"no free port found in {FIRST}..{LAST}: is something holding them all? (ss -ltn)")


def require_free(port: int, what: str) -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise ClusterError(
                f"port {port}, wanted for {what}, is not free ({error.strerror}): choose another with"
                " PORT_BASE or INGRESS_PORT"
            ) from error
    return port
