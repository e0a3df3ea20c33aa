"""Short messages end to end: registrations, pushes and wake-ups through push, SMPP and the simulated SMSC; and faults."""

import base64
import hashlib
import hmac
import itertools
import json
import signal
import struct
import time
import urllib.error
import urllib.request
import xml.etree.ElementTree as ElementTree

import pytest
from conftest import EVERYTHING, Site, wait_until
from localcluster.services import REGISTRATION_NUMBER, SERVER_ID, SMS

STARTED = [*EVERYTHING, *SMS]
REGISTRATION_PORT = 16998
PUSH_PORT = 2948
NUMBERS = itertools.count(8613800100000)


def luhn(digits: str) -> str:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value // 10 + value % 10
    return digits + str(-total % 10)


IMEIS = (luhn(f"35{number:012d}") for number in itertools.count(700000000))


class Smsc:
    """What terminals see of the simulated SMSC."""

    def __init__(self, site: Site):
        self.url = site.cluster.endpoints()["DROVER_SMSC_URL"]

    def ask(self, path: str, body: object = None) -> object:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def messages(self, number: str) -> list[dict]:
        try:
            return self.ask(f"/terminals/{number}/messages")
        except urllib.error.HTTPError as error:
            assert error.code == 404
            return []

    def octets(self, number: str, port: int = 0) -> list[bytes]:
        return [bytes.fromhex(m["octets"]) for m in self.messages(number) if m.get("destination_port", 0) == port]

    def send(self, number: str, text: str, port: int = REGISTRATION_PORT) -> None:
        message = {"source": number, "destination": REGISTRATION_NUMBER, "text": text, "destination_port": port}
        self.ask("/mo", message)


@pytest.fixture(name="smsc", scope="module")
def _smsc(site: Site) -> Smsc:
    return Smsc(site)


@pytest.fixture(name="number")
def _number() -> str:
    return str(next(NUMBERS))


def push(site: Site, *words: str) -> dict:
    return json.loads(site.drover.ok("push", "send", "-o", "json", *words))


def registration(site: Site, which: str) -> dict:
    return json.loads(site.drover.ok("registration", "get", which, "-o", "json"))


def register(site: Site, smsc: Smsc, number: str, imei: str, software: str = "1.0") -> None:
    before = len(smsc.octets(number, REGISTRATION_PORT))
    smsc.send(number, f"IMEI:{imei}/Hisense/TS7032/{software}")
    wait_until(lambda: len(smsc.octets(number, REGISTRATION_PORT)) > before, what="a confirmation")
    assert smsc.octets(number, REGISTRATION_PORT)[-1] == f"IMEI:{imei}/1".encode()
    assert registration(site, f"IMEI:{imei}")["software_version"] == software


def test_a_terminal_registers_by_sms_and_its_pairing_has_a_history(site, smsc, number):
    imei, other = next(IMEIS), str(next(NUMBERS))
    register(site, smsc, number, imei)
    register(site, smsc, number, imei, software="2.0")
    register(site, smsc, other, imei, software="2.0")  # Another SIM.
    found = registration(site, other)
    assert found["device_id"] == f"IMEI:{imei}"
    assert [entry["event"] for entry in found["history"]] == ["sim-changed", "software-changed", "registered"]
    assert found["history"][-1]["msisdn"] == number
    assert site.drover.run("registration", "get", number).returncode == 3, "the old number is nobody's"
    assert imei in site.drover.ok("get", "registrations", "--since", "10m")


def test_a_repeat_is_confirmed_again_and_tells_nobody(site, smsc, number):
    imei = next(IMEIS)
    register(site, smsc, number, imei)
    register(site, smsc, number, imei)
    assert len(registration(site, number)["history"]) == 1
    assert site.metric("push", "drover_push_registrations_total", profile="cmcc", outcome="repeat") >= 1


def test_a_number_that_moves_to_another_terminal_leaves_the_first(site, smsc, number):
    first, second = next(IMEIS), next(IMEIS)
    register(site, smsc, number, first)
    register(site, smsc, number, second)
    assert registration(site, number)["device_id"] == f"IMEI:{second}"
    left = registration(site, f"IMEI:{first}")
    assert left.get("msisdn", "") == ""
    assert left["history"][0]["event"] == "sim-lost"


def test_what_cannot_be_read_is_kept_and_counted(site, smsc, number):
    def unread() -> float:
        return site.metric("push", "drover_push_registrations_total", profile="cmcc", outcome="imei")

    before = unread()
    smsc.send(number, "IMEI:nonsense/A/B/C")
    wait_until(lambda: unread() == before + 1, what="the dead letter")
    assert smsc.octets(number, REGISTRATION_PORT) == []


def test_a_text_arrives_whole_and_once(site, smsc, number):
    text = "Grüße, {Kunde}! " * 20
    sent = push(site, number, "--text", text, "--wait")
    assert sent["state"] == "DELIVERED" and sent["segments"] == sent["delivered_segments"] == 3
    (message,) = smsc.messages(number)
    assert message["segments"] == 3


def test_a_service_indication_and_other_content_are_wap_pushes(site, smsc, number):
    push(site, number, "--si", "http://example.com/a", "--message", "Update ready", "--wait")
    blob = site.drover.folder / "blob"
    blob.write_bytes(bytes(range(256)) * 3)
    push(site, number, "-f", str(blob), "--content-type", "application/vnd.example", "--wait")
    indication, other = smsc.octets(number, PUSH_PORT)
    assert indication[1] == 6 and b"Update ready" in indication
    assert other.endswith(bytes(range(256)) * 3)


def test_a_push_id_is_one_push(site, smsc, number):
    first = push(site, number, "--text", "once", "--id", f"one-{number}", "--wait")
    again = push(site, number, "--text", "once", "--id", f"one-{number}")
    assert again["state"] == "DELIVERED" and again["accepted_at"] == first["accepted_at"]
    assert len(smsc.messages(number)) == 1
    refused = site.drover.run("push", "send", number, "--text", "another", "--id", f"one-{number}")
    assert refused.returncode == 4, refused.stderr


def test_a_push_that_is_held_can_be_cancelled(site, smsc, number):
    sent = push(site, number, "--text", "later", "--after", "1h", "--ttl", "2h")
    site.drover.ok("push", "cancel", sent["push_id"])
    status = ["push", "status", sent["push_id"], "-o", "json"]
    wait_until(lambda: json.loads(site.drover.ok(*status))["state"] == "CANCELLED", what="the cancellation")
    assert site.drover.run("push", "cancel", sent["push_id"]).returncode == 4
    assert smsc.messages(number) == []


def test_a_wrong_push_is_refused_with_what_to_do(site):
    for words, code in [(("12", "--text", "x"), 2), (("IMEI:490154203237518", "--text", "x"), 3),
                        (("8613800100000",), 2), (("8613800100000", "--si", "http://x", "--action", "shout"), 2)]:
        result = site.drover.run("push", "send", *words)
        assert result.returncode == code, (words, result.stderr)
    assert site.drover.run("push", "status", "none").returncode == 3


def expected_digest(trigger: bytes, password: str, nonce: bytes) -> bytes:
    def b64_of_md5(octets: bytes) -> bytes:
        return base64.b64encode(hashlib.md5(octets).digest())

    a1 = b64_of_md5(f"{SERVER_ID}:{password}".encode())
    return hashlib.md5(a1 + b":" + nonce + b":" + b64_of_md5(trigger)).digest()


NONCE = b"server nonce"


def enrolled(site: Site, smsc: Smsc, number: str) -> dict:
    """The account of a terminal that has registered at this number."""
    imei = next(IMEIS)
    account = {"id": f"IMEI:{imei}", "password": "secret", "server_password": "server secret",
               "server_nonce": base64.b64encode(NONCE).decode()}
    site.drover.ok("device", "enrol", "-f", "-", stdin=json.dumps(account))
    register(site, smsc, number, imei)
    return account


UI_MODES = ["unspecified", "background", "informative", "interaction"]
VERSIONS = {"1.1": 11, "1.2": 12, "1.3": 13}


def test_a_notification_has_the_ui_mode_initiator_and_version_that_are_asked_for(site, smsc, number):
    terminal = enrolled(site, smsc, number)["id"]
    asked = [("--ui-mode", mode, "--initiator", initiator) for mode in UI_MODES for initiator in ("client", "server")]
    asked += [("--notification-version", version) for version in VERSIONS]
    for words in asked:
        push(site, terminal, "--notification", *words, "--wait")
    push(site, number, "--notification", "--wait")  # As wake-ups have it; the terminal is known by its number.
    expected = [(11, mode, initiator) for mode in range(4) for initiator in range(2)]
    expected += [(version, 0, 1) for version in VERSIONS.values()] + [(11, 0, 1)]
    arrived = smsc.octets(number, PUSH_PORT)
    assert len(arrived) == len(expected)
    for octets, (version, mode, initiator) in zip(arrived, expected):
        assert octets[1:6] == bytes.fromhex("0603c4af87")
        digest, trigger = octets[6:22], octets[22:]
        (header,) = struct.unpack(">Q", trigger[:8])
        assert (header >> 54, header >> 52 & 3, header >> 51 & 1) == (version, mode, initiator)
        assert header >> 8 & 0xFFFF != 0 and trigger[8:].decode() == SERVER_ID
        assert digest == expected_digest(trigger, "server secret", NONCE)


def test_a_notification_needs_a_terminal_that_is_known_and_has_a_server_password(site, number):
    assert site.drover.run("push", "send", number, "--notification").returncode == 3
    terminal = f"IMEI:{next(IMEIS)}"
    site.drover.enrol(terminal, "secret")
    site.drover.ok("registration", "set", terminal, number)
    refused = site.drover.run("push", "send", terminal, "--notification")
    assert refused.returncode == 4 and "server password" in refused.stderr
    assert site.drover.run("push", "send", terminal, "--notification", "--ui-mode", "loud").returncode == 2


def semi_octets(imsi: str) -> bytes:
    """The IMSI as the card has it; of 15 digits."""
    return bytes.fromhex(imsi[0] + "9" + "".join(imsi[i + 1] + imsi[i] for i in range(1, 15, 2)))


def test_a_bootstrap_of_an_account_is_proved_by_pin_imsi_or_both_in_either_profile(site, smsc, number):
    account = enrolled(site, smsc, number)
    terminal, imsi, pin = account["id"], "460001234567890", "1234"
    site.drover.ok("registration", "set", terminal, number, "--imsi", imsi)
    file = site.drover.folder / f"account-{number}"
    file.write_text(json.dumps(account))
    with_pin, with_imsi = ["--pin-file", site.drover.secret(pin)], ["--network-pin"]
    card = semi_octets(imsi)
    keys = {"cp": card + pin.encode(), "dm": pin.encode() + b":" + card}
    cases = [(profile, *case) for profile in ("cp", "dm") for case in (
        (1, pin.encode(), with_pin), (0, card, with_imsi), (2, keys[profile], with_pin + with_imsi))]
    for profile, _, _, words in cases:
        push(site, terminal, "--bootstrap", str(file), "--server-address", "http://dm.example.com/dm",
             "--profile", profile, *words, "--wait")
    arrived = smsc.octets(number, PUSH_PORT)
    assert len(arrived) == len(cases)
    for octets, (profile, sec, key, _) in zip(arrived, cases):
        assert octets[1] == 6 and octets[5] == {"cp": 0xB6, "dm": 0xC2}[profile]
        assert octets[6:9] == bytes([0x91, 0x80 + sec, 0x92])
        body = octets[3 + octets[2]:]
        assert octets[9:49].decode() == hmac.new(key, body, "sha1").hexdigest().upper(), (profile, sec)
        assert b"http://dm.example.com/dm" in body and SERVER_ID.encode() in body and b"server secret" in body
        assert (b"w7" in body) and (b"./Inbox" in body) == (profile == "dm")


def test_a_bootstrap_by_the_imsi_needs_one(site, smsc, number):
    account = enrolled(site, smsc, number)
    words = ["--bootstrap", "-", "--server-address", "http://dm.example.com/dm", "--network-pin"]
    refused = site.drover.run("push", "send", account["id"], *words, stdin=json.dumps(account))
    assert refused.returncode == 4 and "IMSI" in refused.stderr


def test_an_operation_wakes_its_terminal_by_sms(site, smsc, number):
    terminal = enrolled(site, smsc, number)["id"]
    operation = site.drover.submit(terminal, "get", "./DevInfo/Man")
    wait_until(lambda: site.drover.operation(operation)["state"] == "NOTIFIED", what="the wake-up's outcome")
    (octets,) = smsc.octets(number, PUSH_PORT)
    assert octets[1:6] == bytes.fromhex("0603c4af87")
    digest, trigger = octets[6:22], octets[22:]
    assert digest == expected_digest(trigger, "server secret", NONCE)
    version_and_modes, session = struct.unpack(">H", trigger[:2])[0], struct.unpack(">H", trigger[5:7])[0]
    assert version_and_modes >> 6 == 11 and session != 0
    assert trigger[8:].decode() == SERVER_ID


def test_an_operation_says_why_nobody_was_woken(site):
    terminal = f"IMEI:{next(IMEIS)}"
    site.drover.enrol(terminal, "secret")
    operation = site.drover.submit(terminal, "get", "./DevInfo/Man")
    wait_until(lambda: len(site.drover.operation(operation)["history"]) > 1, what="the failed wake-up")
    assert "has not registered" in site.drover.operation(operation)["history"][1]["cause"]


def pap(site: Site, body: bytes, media_type: str) -> ElementTree.Element:
    """What the gateway answers, as its PAP element."""
    password = (site.cluster.folder / "secrets/initiator-password").read_text().strip()
    credential = base64.b64encode(f"initiator:{password}".encode()).decode()
    headers = {"Content-Type": media_type, "Authorization": f"Basic {credential}"}
    request = urllib.request.Request(site.cluster.endpoints()["DROVER_PAP_URL"], body, headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return ElementTree.fromstring(answer.read())[0]


def test_a_push_initiator_outside_sends_by_pap_and_learns_what_became_of_it(site, smsc, number):
    control = (
        f'<?xml version="1.0"?><pap><push-message push-id="{number}@shop.example">'
        f'<address address-value="WAPPUSH=+{number}/TYPE=PLMN@ppg"/></push-message></pap>'
    )
    content = '<si><indication href="http://shop.example/7">Your order left</indication></si>'
    parts = [("application/xml", control), ("text/vnd.wap.si", content)]
    body = "".join(f"--b\r\nContent-Type: {kind}\r\n\r\n{text}\r\n" for kind, text in parts) + "--b--\r\n"
    related = 'multipart/related; boundary=b; type="application/xml"'
    answer = pap(site, body.encode(), related)
    assert answer.find("response-result").get("code") == "1001", ElementTree.tostring(answer)
    assert pap(site, body.encode(), related).find("response-result").get("code") == "2007"

    def state() -> str:
        query = f'<?xml version="1.0"?><pap><statusquery-message push-id="{number}@shop.example"/></pap>'
        return pap(site, query.encode(), "application/xml").find("statusquery-result").get("message-state")

    wait_until(lambda: state() == "delivered", what="the delivery")
    (octets,) = smsc.octets(number, PUSH_PORT)
    assert b"Your order left" in octets


def states(site: Site, numbers: list[str]) -> list[str]:
    listed = json.loads(site.drover.ok("get", "pushes", "-o", "json", "--limit", "2000"))
    return [entry["state"] for entry in listed if entry["msisdn"] in numbers]


def held_pushes(site: Site, count: int) -> list[str]:
    """Pushes of three segments that begin together, in a few seconds."""
    numbers = [str(next(NUMBERS)) for _ in range(count)]
    for number in numbers:
        push(site, number, "--text", "x" * 400, "--after", "4s")
    return numbers


@pytest.mark.parametrize("victim", ["killed", "frozen"])
def test_nothing_is_lost_or_sent_twice_when_push_is(site, smsc, victim):
    numbers = held_pushes(site, 60)
    before = smsc.ask("/ledger")
    wait_until(lambda: smsc.ask("/ledger")["segments"] > before["segments"] + 20, what="the pushes to begin")
    if victim == "killed":
        site.cluster.kill("push")
        site.cluster.restart("push")
    else:
        site.cluster.kill("push", signal.SIGSTOP)
        time.sleep(1)
        site.cluster.kill("push", signal.SIGCONT)
    wait_until(lambda: states(site, numbers).count("DELIVERED") == len(numbers), seconds=60, what="all delivered")
    for number in numbers:
        assert [len(octets) for octets in smsc.octets(number)] == [400], number
    ledger = smsc.ask("/ledger")
    assert ledger["out_of_order"] == before["out_of_order"]
    assert ledger["split_over_binds"] - before["split_over_binds"] <= len(numbers)  # Only of what was under way.


def test_binds_are_shown_and_come_back(site):
    (bind,) = json.loads(site.drover.ok("push", "smscs", "-o", "json"))
    assert bind["state"] == "bound" and bind["window"] == 100
