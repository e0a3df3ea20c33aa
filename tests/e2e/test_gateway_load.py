"""A population of gateways as an operator has it, and what comes from those who are none: mutated datagrams, XML bombs, octets that are
no text. Those who behave are served all the time."""

import json
import os
import pathlib
import random
import socket
import sys
import tempfile
import time

import pytest
from conftest import BINARIES, ROOT, Site, wait_until
from gateway import Gateway, Phone, SipMessage
from localcluster.cluster import STORES

sys.path.append(str(ROOT / "tests/faults"))
from faults.gateways import VALUE, Desk, Simulator, counted  # noqa: E402 (needs the path above)

STARTED = [*STORES, "tree", "operations", "sip"]
_profiles = pathlib.Path(tempfile.mkdtemp()) / "profiles.yaml"
_profiles.write_text('profiles: {vg100: {match: {model: ["acme vg100"]}, results: registration}}\n')  # Some of them post none.
FLAGS = {"sip": {"sip-source-rate": "1000000", "profiles-file": str(_profiles)}}
PASSWORD = "gateway secret"
MIX = ("plain=26,sipura=15,secure=10,snom=10,gigaset=5,yealink=4,obihai=4,bare=4,lenient=2,mute=4,sip=4,slow=3,lossy=4,"
       "silent=8,phone=3")
COUNT = 300
DATAGRAMS = int(os.environ.get("DROVER_DATAGRAMS", "20000"))  # A million takes some two minutes.
BOMBS = {
    "entities": b'<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa">' + b"".join(
        f'<!ENTITY {name} "{f"&{before};" * 10}">'.encode() for before, name in zip("abcdefgh", "bcdefghi")) + b"]><request>&i;</request>",
    "outside entity": b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><request><header><serial>&x;</serial></header></request>',
    "depth": b"<request>" + b"<a>" * 7000 + b"</a>" * 7000 + b"</request>",
    "elements": b"<request>" + b"<a/>" * 15_000 + b"</request>",
    "attributes": b"<request " + b" ".join(b'a%d="1"' % i for i in range(6000)) + b"/>",
    "one name": b"<" + b"a" * 60_000 + b"/>",
    "heads": b"<request>" + b"<header></head>" * 4000 + b"</request>",
    "references": b"<request><body><vendor>" + b"&#x41;" * 10_000 + b"</vendor></body></request>",
    "a mebibyte": b"<request>" + b"x" * (1 << 20) + b"</request>",
    "not UTF-8": b"<request><body><vendor>\xff\xfe</vendor></body></request>",
    "cut off": b"<request><header><serial>",
}


@pytest.fixture(name="make")
def _make(site: Site):
    made: list[Gateway] = []

    def make(**more) -> Gateway:
        gateway = Gateway(site.cluster.endpoints()["DROVER_GATEWAYS_URL"], PASSWORD, **more)
        made.append(gateway)
        site.drover.ok("gateway", "enrol", gateway.id, "--password-file", site.drover.secret(PASSWORD))
        assert gateway.register()[0] == 200
        return gateway

    yield make
    for gateway in made:
        gateway.close()


def is_served(site: Site, gateway: Gateway) -> None:
    """From operation to result, all of it."""
    heard = len(gateway.phone.requests)
    operation = site.drover.submit(gateway.id, "replace", "./Gateway/Config/x", "1")
    gateway.phone.wait(heard + 1)
    assert gateway.request()[0] == 200 and gateway.result()[0] == 200
    wait_until(lambda: site.drover.operation(operation)["state"] == "SUCCEEDED", what="it succeeds")


def memory_kib(site: Site) -> int:
    status = pathlib.Path(f"/proc/{site.cluster.unit('sip').pid}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")))


# --- A population -----------------------------------------------------------------------------------------


def test_a24_all_that_can_end_do_and_the_silent_are_unreachable_and_nobody_else(site):
    at = site.cluster.endpoints()
    desk = Desk(BINARIES, site.drover.context)
    simulator = Simulator(BINARIES, COUNT, MIX, more=("--registrar", at["DROVER_SIP_ADDRESS"], "--restart-time", "1s",
                                                      "--retry-after", "1s", "--interval", "10m"))
    habits = {one["serial"]: one["habits"] for one in simulator.gateways}
    never = [serial for serial, name in habits.items() if name in ("silent", "phone")]
    lossy = [serial for serial, name in habits.items() if name == "lossy"]  # May have to wait for the second round.
    assert never and lossy and len(set(habits.values())) == 15
    try:
        desk.enrol(simulator.gateways)
        simulator.start(at["DROVER_GATEWAYS_URL"].removesuffix("/gw/v1"), "--register-over", "2s")
        wait_until(lambda: simulator.ledger()["registered"] == COUNT, 40, "all are registered")
        desk.submit("load", list(habits), [{"replace": f"./Gateway/Config/{VALUE}", "value": "told"}])
        ends: dict[str, dict] = {}

        def all_rest() -> bool:
            ends.update((one["id"], one) for one in desk.gateways())
            return all(ends[serial]["state"] in ("done", "unreachable", "failed") for serial in habits)

        wait_until(all_rest, 90, "all that can end do, the silent are given up")
        for serial, name in habits.items():
            state, cause = ends[serial]["state"], ends[serial].get("cause", "")
            expected = {"silent": ["unreachable"], "phone": ["failed"], "lossy": ["done", "unreachable"]}.get(name, ["done"])
            assert state in expected, f"{name}: {site.drover.ok('describe', 'device', serial)}"
            assert name != "silent" or "does not answer SIP" in cause
            assert name != "phone" or "481" in cause
        assert desk.states("load")["SUCCEEDED"] == sum(one["state"] == "done" for one in ends.values())
        done = counted(simulator.executions())
        assert all(done[serial] == {"config": 1} for serial, name in habits.items() if ends[serial]["state"] == "done")
        assert all(serial not in done for serial in never)
        ledger = simulator.ledger()
        assert ledger["cseq_faults"] == ledger["malformed"] == ledger["wrong_credentials"] == ledger["bad_responses"] == 0
    finally:
        simulator.stop()


# --- Those who are no gateways ----------------------------------------------------------------------------


def originals(site: Site, gateway: Gateway) -> list[bytes]:
    """What SIP sides say: to us, of us, and what RFC 4475 collects."""
    is_served(site, gateway)
    notify: SipMessage = gateway.phone.requests[-1]
    register = (f"REGISTER sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{gateway.phone.port};branch=z9hG4bKa1;rport\r\n"
                f"Max-Forwards: 70\r\nFrom: <sip:{gateway.id}@127.0.0.1>;tag=1\r\nTo: <sip:{gateway.id}@127.0.0.1>\r\n"
                f"Call-ID: a1@127.0.0.1\r\nCSeq: 1 REGISTER\r\nContact: <{gateway.sip_uri}>;expires=60\r\n"
                'Authorization: Digest username="x", realm="drover", nonce="0", uri="sip:127.0.0.1", response="0"\r\n'
                "Content-Length: 0\r\n\r\n").encode()
    answers = [gateway.phone.response(notify, 200, "OK", []), gateway.phone.response(notify, 503, "Busy", ["Retry-After: 5"]),
               gateway.phone.response(notify, 401, "No", ['WWW-Authenticate: Digest realm="g", nonce="1", qop="auth"'])]
    corpus = [path.read_bytes() for path in sorted((ROOT / "tests/fuzz/corpus/sip_message").iterdir())]
    return [notify.octets, register, *answers] * 30 + corpus


def mutated(dice: random.Random, octets: bytes) -> bytes:
    out = bytearray(octets)
    for _ in range(dice.randint(1, 6)):
        at = dice.randrange(len(out) + 1)
        kind = dice.randrange(6)
        if kind == 0 and at < len(out):
            out[at] ^= 1 << dice.randrange(8)
        elif kind == 1:
            del out[at:at + dice.randint(1, 40)]
        elif kind == 2:
            out[at:at] = dice.randbytes(dice.randint(1, 12))
        elif kind == 3:
            out[at:at] = out[at:at + dice.randint(1, 200)]
        elif kind == 4:
            out[at:at] = dice.choice([b"\r\n", b"\0", b";", b'"', b"<", b",", b"-1", b"4294967296", b"\xff", b"%00", b": ", b"sips:"])
        else:
            line = out.find(b"\r\n", at)
            del out[at:line if line > 0 else len(out)]
    return bytes(out[:65_000])


def test_mutated_datagrams_harm_nobody(site, make):
    good, victim = make(), make()
    base = originals(site, victim)
    host, port = site.cluster.endpoints()["DROVER_SIP_ADDRESS"].rsplit(":", 1)
    dice = random.Random(4475)
    before = memory_kib(site)
    sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(8)]
    for number in range(DATAGRAMS):
        octets = mutated(dice, dice.choice(base))
        (victim.phone.socket if number % 9 == 0 else sockets[number % 8]).sendto(octets, (host, int(port)))
        if number % 200 == 0:
            time.sleep(0.01)  # Else the kernel drops them, and nothing was shown.
        if number % 5000 == 2500:
            is_served(site, good)
    for one in sockets:
        one.close()
    assert site.all_alive()
    is_served(site, good)
    is_served(site, victim)
    assert memory_kib(site) < before + 60_000
    read = site.metric("sip", "drover_sip_registers_total")
    assert read > 20, "some of them were read as REGISTER"


@pytest.mark.parametrize("bomb", BOMBS)
def test_xml_bombs_are_refused_at_once(site, make, bomb):
    gateway = make()
    before, begun = memory_kib(site), time.monotonic()
    for _ in range(5):
        status, _, _ = gateway.request(body=BOMBS[bomb])
        assert status == (413 if bomb == "a mebibyte" else 400)
    assert time.monotonic() - begun < 5
    assert memory_kib(site) < before + 30_000
    assert gateway.ask("POST", "/request", BOMBS[bomb], auth=False)[0] in (401, 413)
    is_served(site, gateway)


def test_octets_that_are_no_text_spoil_no_row(site, make):
    """They would stand in a row that is read with its neighbours'."""
    other, said = make(), make()

    def answered(request: SipMessage, *_: object) -> bytes:
        return Phone.response(request, 200, "OK", []).replace(b"200 OK", b"200 Fine \xff\xfe\xc3", 1)

    said.phone.response = answered
    fields = {"vendor": "Acme", "model": "Box", "ip": "127.0.0.1", "sipuri": said.sip_uri, "fileversion": "1"}
    assert said.ask("POST", "/register", said.document("register", fields), {"User-Agent": b"Box\xff\xfe/1"})[0] == 200
    operation = site.drover.submit(said.id, "exec", "./Gateway/Reboot")
    said.phone.wait(1)
    assert said.request()[0] == 200
    assert said.result("error", detail="x" + "\u4e2d" * 300)[0] == 200
    wait_until(lambda: site.drover.operation(operation)["state"] == "FAILED", what="it failed")
    shown = json.loads(site.drover.ok("describe", "device", said.id, "-o", "json"))["gateway"]
    assert any("Fine ???" in step.get("detail", "") for step in shown["steps"]), shown["steps"]
    is_served(site, other)
    is_served(site, said)
    assert {said.id, other.id} <= set(site.drover.ok("get", "gateways", "-o", "name").split())
