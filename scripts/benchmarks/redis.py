"""What keys of Redis take, asked over one connection."""

import socket

EXPIRY_OCTETS = 40  # An entry in the table of expiries, with its place in the table: MEMORY USAGE leaves it out.


class Redis:
    def __init__(self, port: int, password: str = ""):
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self._file = self._socket.makefile("rb")
        if password:
            self.ask([b"AUTH", password.encode()])

    def __enter__(self) -> "Redis":
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def ask(self, *commands: list[bytes]) -> list:
        """Their replies; all commands go out together."""
        self._socket.sendall(b"".join(
            b"*%d\r\n" % len(command) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in command)
            for command in commands
        ))
        return [self._reply() for _ in commands]

    def _reply(self) -> bytes | int | list | None:
        line = self._file.readline()
        kind, rest = line[:1], line[1:-2]
        if kind == b"$":
            return None if rest == b"-1" else self._file.read(int(rest) + 2)[:-2]
        if kind == b"*":
            return [self._reply() for _ in range(int(rest))]
        if kind == b"-":
            raise RuntimeError(rest.decode())
        return int(rest) if kind == b":" else rest

    def keys(self) -> list[bytes]:
        found, cursor = [], b"0"
        while True:
            cursor, some = self.ask([b"SCAN", cursor, b"COUNT", b"1000"])[0]
            found += some
            if cursor == b"0":
                return found

    def values(self, keys: list[bytes]) -> dict[bytes, bytes]:
        """Of those that hold a string."""
        found: dict[bytes, bytes] = {}
        for begin in range(0, len(keys), 500):
            some = keys[begin : begin + 500]
            replies = self.ask([b"MGET", *some])[0]
            found |= {key: value for key, value in zip(some, replies) if value is not None}
        return found

    def octets(self, keys: list[bytes]) -> int:
        """Memory for these keys: name, value, entries."""
        if not keys:
            return 0
        sizes = self.ask(*([b"MEMORY", b"USAGE", key, b"SAMPLES", b"0"] for key in keys))
        lives = self.ask(*([b"PTTL", key] for key in keys))
        return sum(size or 0 for size in sizes) + EXPIRY_OCTETS * sum(life > 0 for life in lives)


def by_terminal(keys: list[bytes]) -> dict[bytes, list[bytes]]:
    """Keys that belong to a terminal, "..{terminal}..", by terminal."""
    found: dict[bytes, list[bytes]] = {}
    for key in keys:
        _, brace, rest = key.partition(b"{")
        if brace and b"}" in rest:
            found.setdefault(rest.partition(b"}")[0], []).append(key)
    return found
