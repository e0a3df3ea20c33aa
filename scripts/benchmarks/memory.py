"""What a terminal takes: in Redis while its session is open and when it is at rest, in PostgreSQL with a tree of 40 nodes.

A live session is one between its two messages: the load tool is stopped in the middle of a run. Terminals whose state
changed before that moment and changes again after it were live. PostgreSQL is asked twice, with some hundred terminals
between: what the difference takes is theirs, not the tables' own.
"""

import concurrent.futures
import json
import pathlib
import signal
import statistics
import subprocess
import time

from localcluster import Cluster, stores
from localcluster.errors import ClusterError

from benchmarks.redis import Redis, by_terminal
from benchmarks.report import Figure

BAR_PAYLOAD, BAR_SESSION, BAR_REST, BAR_DEVICE = 600, 1000, 200, 2560
SESSION_KEYS = b"drover:session:state:"
NODES = 40


def _redis(cluster: Cluster) -> Redis:
    unit = cluster.unit("redis")
    password = pathlib.Path(unit.files["password"]).read_text().strip() if "password" in unit.files else ""
    return Redis(unit.ports["redis"], password)


def _bounded(name: str, value: float, bar: float, unit: str = "bytes") -> Figure:
    return Figure(name, value, unit, "lower", bar=f"<= {bar:,}", met=value <= bar)


# --- Redis ------------------------------------------------------------------------------------------------------


def redis_figures(cluster: Cluster, load: list[str], settle) -> list[Figure]:
    """load: the load tool's command with --handshake; settle: waits until nothing is on its way."""
    with _redis(cluster) as redis, subprocess.Popen(
        load, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as tool:
        try:
            _expect(tool, "READY")
            settle()
            before = _states(redis)
            _answer(tool)
            time.sleep(0.3)  # Into the run; when it stops does not matter.
            tool.send_signal(signal.SIGSTOP)
            settle()
            middle = _states(redis)
            sizes = _sizes(redis, middle)
            tool.send_signal(signal.SIGCONT)
            _expect(tool, "DONE")
            settle()
            after = _states(redis)
            _answer(tool)
        finally:
            tool.send_signal(signal.SIGCONT)
    changed = [key for key in middle if middle[key] != before.get(key) and middle[key] != after.get(key)]
    live = [sizes[_terminal(key)] for key in changed if _terminal(key) in sizes]
    if len(live) < 5:
        raise ClusterError(f"only {len(live)} sessions were live when the load tool was stopped: use more terminals")
    with _redis(cluster) as redis:
        rest = _rest(redis)
    return [
        _bounded("redis_payload_session", statistics.mean(payload for payload, _ in live), BAR_PAYLOAD),
        _bounded("redis_bytes_session", statistics.mean(octets for _, octets in live), BAR_SESSION),
        _bounded("redis_bytes_rest", rest, BAR_REST),
    ]


def _terminal(key: bytes) -> bytes:
    return key.partition(b"{")[2].partition(b"}")[0]


def _states(redis: Redis) -> dict[bytes, bytes]:
    return redis.values([key for key in redis.keys() if key.startswith(SESSION_KEYS)])


def _sizes(redis: Redis, states: dict[bytes, bytes]) -> dict[bytes, tuple[int, int]]:
    """(octets of values, memory) of all that belongs to each terminal with a session."""
    wanted = {_terminal(key) for key in states}
    found = {}
    for terminal, keys in by_terminal(redis.keys()).items():
        if terminal in wanted:
            found[terminal] = sum(map(len, redis.values(keys).values())), redis.octets(keys)
    return found


def _rest(redis: Redis) -> float:
    """What stays of a terminal when its session's state has expired."""
    terminals = list(by_terminal(redis.keys()).values())[:500]
    rests = [redis.octets([key for key in keys if not key.startswith(SESSION_KEYS)]) for keys in terminals]
    return statistics.mean(rests) if rests else 0.0


def _expect(tool: subprocess.Popen, word: str) -> None:
    line = tool.stdout.readline().strip()
    if line != word:
        raise ClusterError(f"the load tool said {line!r} instead of {word}")


def _answer(tool: subprocess.Popen) -> None:
    tool.stdin.write("\n")
    tool.stdin.flush()


# --- PostgreSQL -------------------------------------------------------------------------------------------------


def postgres_figures(cluster: Cluster, binaries: pathlib.Path, folder: pathlib.Path, count: int = 500) -> list[Figure]:
    drover = Operator(binaries / "drover", cluster.folder / "context.yaml", folder)
    drover.fill("0", count // 4)  # Pages and indexes are begun.
    before = schema_octets(cluster, "tree")
    drover.fill("1", count)
    octets = (schema_octets(cluster, "tree") - before) / count
    return [_bounded("postgres_bytes_device", octets, BAR_DEVICE)]


def schema_octets(cluster: Cluster, schema: str) -> int:
    script = (
        "SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0) FROM pg_class c JOIN pg_namespace n"
        f" ON n.oid = c.relnamespace WHERE n.nspname = '{schema}' AND c.relkind = 'r';"
    )
    unit = cluster.unit("postgres")
    stores.psql(unit, "VACUUM;", stores.DATABASE)
    return int(stores.psql(unit, script, stores.DATABASE))


class Operator:
    """The command line, as it enrols terminals and takes in their trees."""

    def __init__(self, program: pathlib.Path, context: pathlib.Path, folder: pathlib.Path):
        self._program, self._context, self._folder = program, context, folder

    def fill(self, group: str, count: int) -> None:
        names = [f"IMEI:35{group}000{number:09d}" for number in range(count)]
        devices = self._folder / "devices.jsonl"
        devices.write_text("".join(json.dumps({"id": name, "password": f"secret of {name}"}) + "\n" for name in names))
        self._run("device", "enrol", "-f", str(devices))
        tree = self._folder / "tree.tnds"
        tree.write_text(_tree())
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda name: self._run("tree", "import", name, str(tree)), names))

    def _run(self, *arguments: str) -> None:
        argv = [str(self._program), "--context", str(self._context), *arguments]
        result = subprocess.run(argv, check=False, capture_output=True, text=True)
        if result.returncode != 0:
            raise ClusterError(f"drover {' '.join(arguments[:2])}: {result.stderr.strip()}")


def _tree() -> str:
    """A tree of 40 nodes as terminals have them: access points with a name, an address, a bearer, a type."""
    points = "".join(_access_point(number) for number in range((NODES - 5) // 5))
    return (
        '<MgmtTree xmlns="syncml:dmddf1.2"><VerDTD>1.2</VerDTD><Node><NodeName>NAP</NodeName><Path>.</Path>'
        f"<RTProperties><Format><node/></Format></RTProperties>{points}{_leaves(DEFAULTS)}</Node></MgmtTree>"
    )


DEFAULTS = {"Default": "AP0", "Roaming": "1", "Retries": "3", "Proxy": "10.0.0.1"}


def _access_point(number: int) -> str:
    leaves = {"NAME": f"Internet {number}", "ADDR": f"apn{number}.example.net", "BEARER": "GSM-GPRS", "ADDRTYPE": "APN"}
    return (f"<Node><NodeName>AP{number}</NodeName><RTProperties><Format><node/></Format></RTProperties>"
            f"{_leaves(leaves)}</Node>")


def _leaves(values: dict[str, str]) -> str:
    return "".join(
        f"<Node><NodeName>{name}</NodeName><RTProperties><Format><chr/></Format>"
        f"<Type><MIME>text/plain</MIME></Type></RTProperties><Value>{value}</Value></Node>"
        for name, value in values.items()
    )
