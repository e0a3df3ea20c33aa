"""Message centres of several kinds: one that misbehaves beside others that do not; segments told in other ways; rates.

The push service stays up, bounded and fair to the rest.
"""

import datetime
import itertools
import json
import pathlib
import subprocess
import urllib.error
import urllib.request

import pytest
from conftest import BINARIES, EVERYTHING, Cluster, Site, wait_until

FINE = itertools.count(8613800200000)  # Numbers of the SMSC that is well,
ILL = itertools.count(8623800200000)  # of the one that is not,
SAR, PAYLOAD = itertools.count(8633800200000), itertools.count(8643800200000)  # and of those that want segments otherwise.
COUNT, RATE_OF_ALL = 120, 40  # Of a campaign; segments a second.
TEXT = "It is one message of three segments. " * 12
UNKNOWN_RECEIPTS = 100_000
MOST_GROWTH = 64 << 20  # Octets of memory.


class Smsc:
    """A simulated SMSC on a port that it keeps, so that it can be another one after a restart."""

    def __init__(self, password: str):
        self._password = password
        self._smpp = "127.0.0.1:0"
        self._process: subprocess.Popen | None = None
        self.url = ""

    def start(self, *more: str) -> None:
        argv = [str(BINARIES / "drover-smsc"), "--smpp", self._smpp, "--http", "127.0.0.1:0", "--instant",
                "--account", f"drover:{self._password}", *more]
        self._process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        listening = json.loads(self._process.stdout.readline())
        self._smpp, self.url = listening["smpp"], f"http://{listening['http']}"

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    @property
    def port(self) -> int:
        return int(self._smpp.rpartition(":")[2])

    def ask(self, path: str, method: str = "GET") -> object:
        with urllib.request.urlopen(urllib.request.Request(self.url + path, method=method), timeout=10) as answer:
            body = answer.read()
            return json.loads(body) if body else None

    def answer(self, mode: str) -> None:
        urllib.request.urlopen(urllib.request.Request(f"{self.url}/answer?mode={mode}", method="POST"), timeout=10)


def push_file(cluster: Cluster, smscs: dict[str, Smsc]) -> str:
    """Each SMSC has its numbers; the ill one is given up on soon."""
    path = cluster.folder / "push-many.yaml"
    password = cluster.folder / "secrets/smsc-password"
    port = {name: smsc.port for name, smsc in smscs.items()}
    common = f'host: 127.0.0.1, system_id: drover, password_file: {password}, source: "10654040"'
    path.write_text(
        "smscs:\n"
        f'  - {{name: fine, port: {port["fine"]}, prefixes: ["861"], {common}}}\n'
        f'  - {{name: ill, port: {port["ill"]}, prefixes: ["862"], response: 1s, enquire: 1s, {common}}}\n'
        f'  - {{name: sar, port: {port["sar"]}, prefixes: ["863"], segmentation: sar, tlvs: {{0x1403: "hex:0a"}},'
        f' {common}}}\n'
        f'  - {{name: payload, port: {port["payload"]}, prefixes: ["864"], segmentation: payload, {common}}}\n'
        f"schedule: {{tps: {RATE_OF_ALL}}}\n"
    )
    return str(path)


@pytest.fixture(name="flags", scope="module")
def _flags() -> dict:
    return {}


@pytest.fixture(name="cluster", scope="module")
def _cluster(flags):
    with Cluster(None, BINARIES, durable=False, flags=flags) as cluster:
        cluster.start([*EVERYTHING, "smsc"])
        yield cluster


@pytest.fixture(name="smscs", scope="module")
def _smscs(cluster) -> dict[str, Smsc]:
    password = (cluster.folder / "secrets/smsc-password").read_text().strip()
    smscs = {name: Smsc(password) for name in ("fine", "ill", "sar", "payload")}
    for smsc in smscs.values():
        smsc.start()
    yield smscs
    for smsc in smscs.values():
        smsc.kill()


@pytest.fixture(name="ill")
def _ill(smscs) -> Smsc:
    return smscs["ill"]


@pytest.fixture(name="site", scope="module")
def _site(request, cluster, smscs, flags):
    flags["push"] = {"push-file": push_file(cluster, smscs), "pap-listen": ""}
    cluster.start(["push"])
    failed_before = request.session.testsfailed
    yield Site(cluster)
    if request.session.testsfailed > failed_before:
        print(cluster.unit("push").last_log_lines(20))


def send(site: Site, numbers: list[str], *words: str) -> list[str]:
    """The pushes' names."""
    return [
        json.loads(site.drover.ok("push", "send", "-o", "json", number, "--text", TEXT, *words))["push_id"]
        for number in numbers
    ]


def states(site: Site, pushes: list[str]) -> list[str]:
    listed = json.loads(site.drover.ok("get", "pushes", "-o", "json", "--limit", "2000"))
    known = {entry["push_id"]: entry["state"] for entry in listed}
    return [known[push] for push in pushes]


def take(numbers: itertools.count, count: int = 8) -> list[str]:
    return [str(number) for number in itertools.islice(numbers, count)]


def memory(site: Site) -> int:
    status = pathlib.Path(f"/proc/{site.cluster.unit('push').pid}/status").read_text()
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmRSS"))


def ready(site: Site) -> bool:
    port = site.cluster.unit("push").ports["admin"]
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
        return answer.status == 200


def messages(smsc: Smsc, number: str) -> list[dict]:
    try:
        return smsc.ask(f"/terminals/{number}/messages")
    except urllib.error.HTTPError as error:
        assert error.code == 404
        return []


def when(at: str) -> float:
    return datetime.datetime.fromisoformat(at.replace("Z", "+00:00")).timestamp()


def whole_messages(smsc: Smsc, number: str) -> set[str]:
    """What the terminal shows; a copy of a segment that was not answered may have come."""
    return {bytes.fromhex(m["octets"]).decode() for m in smsc.ask(f"/terminals/{number}/messages")}


@pytest.mark.parametrize("mode", ["nothing", "half", "garbage", "huge-length"])
def test_an_smsc_that_misbehaves_delays_its_own_pushes_and_no_others(site, ill, mode):
    before = memory(site)
    taken = site.metric("push", "drover_push_segments_sent_total")
    ill.answer(mode)
    theirs, numbers = [], take(ILL)
    theirs = send(site, numbers)
    wait_until(lambda: site.metric("push", "drover_push_segments_sent_total") > taken, what="the ill SMSC's turn")
    ours = send(site, take(FINE), "--wait")  # Fails if one is not delivered.
    assert states(site, ours) == ["DELIVERED"] * len(ours)
    assert states(site, theirs) == ["PENDING"] * len(theirs)
    assert ready(site)
    ill.answer("proper")
    wait_until(lambda: states(site, theirs) == ["DELIVERED"] * len(theirs), seconds=90, what="delivery after all")
    assert all(whole_messages(ill, number) == {TEXT} for number in numbers)
    assert memory(site) - before < MOST_GROWTH
    assert ready(site)


def test_receipts_for_messages_that_nobody_sent_are_acknowledged_counted_and_in_nobodys_way(site, ill):
    def receipts() -> float:
        return site.metric("push", "drover_push_inbound_total", kind="receipt")

    def unmatched() -> float:
        return site.metric("push", "drover_push_receipts_unmatched_total")

    before, receipts_before, unmatched_before = memory(site), receipts(), unmatched()
    ill.kill()
    ill.start("--unknown-receipts", str(UNKNOWN_RECEIPTS))
    wait_until(lambda: receipts() > receipts_before, seconds=60, what="the first of them")
    numbers = take(ILL)
    theirs = send(site, numbers)  # Their own receipts come behind all those.
    amid = 0
    while receipts() - receipts_before < UNKNOWN_RECEIPTS:
        send(site, take(FINE, 1), "--wait")  # Fails if it is not delivered.
        amid += 1
    assert amid >= 4, "pushes were to be delivered while the storm is on"
    assert ready(site)
    wait_until(lambda: receipts() - receipts_before >= UNKNOWN_RECEIPTS, seconds=120, what="all of them")
    wait_until(lambda: ill.ask("/ledger")["outbox"] == 0, seconds=30, what="all acknowledged")
    # They may have overtaken their responses: for half a minute they are not known to be nobody's.
    wait_until(lambda: unmatched() - unmatched_before >= UNKNOWN_RECEIPTS, seconds=60, what="all of them counted")
    assert memory(site) - before < MOST_GROWTH
    assert states(site, theirs) == ["DELIVERED"] * len(theirs)
    assert all(whole_messages(ill, number) == {TEXT} for number in numbers)


@pytest.mark.parametrize("wanted", ["sar", "payload"])
def test_segments_and_ports_in_tlvs_or_a_whole_payload_arrive_as_those_in_headers_do(site, smscs, wanted):
    (number,) = take({"sar": SAR, "payload": PAYLOAD}[wanted], 1)
    send(site, [number], "--wait")
    site.drover.ok("push", "send", number, "--si", "http://example.com/a", "--message", "Update " * 40, "--wait")
    text, indication = messages(smscs[wanted], number)
    assert bytes.fromhex(text["octets"]).decode() == TEXT and text["segments"] == 3
    assert indication["destination_port"] == 2948 and indication["segments"] == 3
    assert b"Update Update" in bytes.fromhex(indication["octets"])


def test_a_campaigns_flood_of_wake_ups_stays_inside_the_rate_of_all_smscs(site, smscs):
    terminals, numbers = [f"IMEI:{imei:015d}" for imei in range(COUNT)], take(FINE, COUNT)
    accounts = [{"id": terminal, "password": "secret", "server_password": "s", "manufacturer": "Flooded"}
                for terminal in terminals]
    site.drover.ok("device", "enrol", "-f", "-", stdin="\n".join(map(json.dumps, accounts)))
    for terminal, number in zip(terminals, numbers):
        site.drover.ok("registration", "set", terminal, number)
    site.drover.ok("op", "submit", "--selector", "manufacturer=Flooded", "get", "./DevInfo/Man")
    wait_until(lambda: all(messages(smscs["fine"], number) for number in numbers), seconds=90, what="every notification")
    times = sorted(when(messages(smscs["fine"], number)[0]["at"]) for number in numbers)
    # A burst is a twentieth of a second's worth.
    assert times[-1] - times[0] >= (COUNT / RATE_OF_ALL - 1 / 20) * 0.95, "faster than the rate"
