"""Is it ready? One question, one answer, at most about a second; asked again until a deadline."""

import pathlib
import socket
import subprocess
import urllib.error
import urllib.request

from localcluster import kafka_protocol

PG_BIN = "/usr/lib/postgresql/15/bin"


def ready(probe: dict) -> bool:
    try:
        return _PROBES[probe["kind"]](probe)
    except (OSError, ValueError):
        return False


def _redis(probe: dict) -> bool:
    with socket.create_connection(("127.0.0.1", probe["port"]), timeout=1) as connection:
        if probe.get("password_file"):
            password = pathlib.Path(probe["password_file"]).read_text().strip()
            connection.sendall(f"AUTH {password}\r\n".encode())
            if not connection.recv(64).startswith(b"+OK"):
                return False
        connection.sendall(b"PING\r\n")
        if not connection.recv(64).startswith(b"+PONG"):
            return False
        return probe["kind"] == "redis" or _in_working_cluster(connection)


def _in_working_cluster(connection: socket.socket) -> bool:
    """Whether the node sees every slot served, and follows its master if it is a replica."""
    connection.sendall(b"CLUSTER INFO\r\n")
    if b"cluster_state:ok" not in connection.recv(4096):
        return False
    connection.sendall(b"INFO replication\r\n")
    replication = connection.recv(4096)
    return b"role:master" in replication or b"master_link_status:up" in replication


def _postgres(probe: dict) -> bool:
    command = [f"{PG_BIN}/pg_isready", "-q", "-h", "127.0.0.1", "-p", str(probe["port"]), "-t", "1"]
    return subprocess.run(command, check=False).returncode == 0


def _kafka(probe: dict) -> bool:
    """Ready when it has made the topics (at least: has answered that it could)."""
    return kafka_protocol.create_topics("127.0.0.1", probe["port"], probe["topics"], probe["partitions"])


def _http(probe: dict) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{probe['port']}{probe['path']}", timeout=1) as answer:
            return answer.status == 200
    except urllib.error.HTTPError:
        return False


_PROBES = {"redis": _redis, "redis-cluster": _redis, "postgres": _postgres, "kafka": _kafka, "http": _http}
