"""The one request of the Kafka protocol that a cluster's start needs: CreateTopics, version 1.

Asking by hand takes a millisecond; Kafka's own tools would start a second JVM.
"""

import socket
import struct

CREATE_TOPICS, VERSION = 19, 1
NONE, TOPIC_ALREADY_EXISTS = 0, 36


def _string(text: str) -> bytes:
    octets = text.encode()
    return struct.pack(">h", len(octets)) + octets


def _topic(name: str, partitions: int) -> bytes:
    no_assignments = no_configs = struct.pack(">i", 0)
    return _string(name) + struct.pack(">ih", partitions, 1) + no_assignments + no_configs


def _receive(connection: socket.socket, size: int) -> bytes:
    octets = b""
    while len(octets) < size:
        more = connection.recv(size - len(octets))
        if not more:
            raise OSError("connection closed")
        octets += more
    return octets


def create_topics(host: str, port: int, names: list[str], partitions: int) -> bool:
    """True once every topic is there. OSError if the broker does not answer."""
    header = struct.pack(">hhi", CREATE_TOPICS, VERSION, 1) + _string("drover-cluster")
    body = struct.pack(">i", len(names)) + b"".join(_topic(name, partitions) for name in names)
    request = header + body + struct.pack(">i?", 5000, False)  # timeout_ms, validate_only
    with socket.create_connection((host, port), timeout=6) as connection:
        connection.sendall(struct.pack(">i", len(request)) + request)
        (size,) = struct.unpack(">i", _receive(connection, 4))
        reply = _receive(connection, size)
    return all(code in (NONE, TOPIC_ALREADY_EXISTS) for code in _codes(reply))


def _codes(reply: bytes) -> list[int]:
    (count,) = struct.unpack_from(">i", reply, 4)
    offset, codes = 8, []
    for _ in range(count):
        (length,) = struct.unpack_from(">h", reply, offset)
        offset += 2 + length
        (code, message_length) = struct.unpack_from(">hh", reply, offset)
        offset += 4 + max(message_length, 0)
        codes.append(code)
    return codes
