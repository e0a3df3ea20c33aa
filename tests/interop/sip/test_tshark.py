"""tshark reads every kind of message that we send as it is meant.

A plain socket plays the gateway and keeps the octets, so nothing has to be captured from a network.
"""

import json
import pathlib
import re
import socket
import struct
import subprocess

import pytest
from peers import Probe, needs

needs("tshark")

SIP_PORT = 5060
MWI = "Messages-Waiting: yes\r\nMessage-Account: sip:gw@example.com\r\nVoice-Message: 2/8 (0/2)\r\n"
CHALLENGE = 'WWW-Authenticate: Digest realm="gw.example", nonce="n1", algorithm={}, qop="auth"'


def capture(messages: list[bytes]) -> bytes:
    """A capture file of raw IPv4 packets (LINKTYPE_RAW), UDP to and from SIP's port."""
    out = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101)
    for number, message in enumerate(messages):
        udp = struct.pack(">HHHH", SIP_PORT, SIP_PORT, 8 + len(message), 0) + message
        packet = struct.pack(">BBHHHBBHII", 0x45, 0, 20 + len(udp), number, 0, 64, 17, 0, 0x7F000001, 0x7F000001) + udp
        out += struct.pack("<IIII", 1000 + number, 0, len(packet), len(packet)) + packet
    return out


def values(layer, name: str) -> list[str]:
    """Every value of that field, however deep it lies."""
    found = []
    for key, value in layer:
        if isinstance(value, list) and value and isinstance(value[0], list):
            found += values(value, name)
        elif key == name:
            found.append(value)
    return found


def read(folder: pathlib.Path, messages: list[bytes]) -> list[list]:
    """The SIP layer of each message, by tshark; and that it has nothing to complain of."""
    path = folder / "messages.pcap"
    path.write_bytes(capture(messages))
    tshark = ["tshark", "-r", path, "-o", "udp.check_checksum:FALSE", "-o", "ip.check_checksum:FALSE", "-T", "json"]
    text = subprocess.run(tshark, check=True, capture_output=True).stdout
    # Fields may be there more than once: lists of pairs instead of dictionaries.
    frames = json.loads(text, object_pairs_hook=lambda pairs: [list(pair) for pair in pairs])
    layers = []
    for frame in frames:
        (source,) = (value for key, value in frame if key == "_source")
        (found,) = (value for key, value in source if key == "layers")
        sip = [value for key, value in found if key == "sip"]
        assert len(sip) == 1, f"not taken for SIP: {frame}"
        assert not [key for key, _ in found if "malformed" in key]
        complaints = values(found, "_ws.expert.message")
        assert complaints == [], complaints
        layers.append(sip[0])
    assert len(layers) == len(messages)
    return layers


class Gateway:
    """Answers each request with the next of the answers, "200 OK" once they are at an end."""

    def __init__(self, *answers: str):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(10)
        self.answers = list(answers)
        self.uri = f"sip:gw@127.0.0.1:{self.socket.getsockname()[1]}"

    def take(self) -> bytes:
        octets, source = self.socket.recvfrom(65536)
        answer = self.answers.pop(0) if self.answers else "200 OK"
        status, _, field = answer.partition("\n")
        copied = re.findall(rb"(?m)^(?:Via|From|To|Call-ID|CSeq):.*\r\n", octets)
        head = f"SIP/2.0 {status}\r\n".encode() + b"".join(copied)
        if field:
            head += field.encode() + b"\r\n"
        self.socket.sendto(head + b"Content-Length: 0\r\n\r\n", source)
        return octets

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()


def sent(probe: Probe, gateway: Gateway, count: int, **command) -> list[bytes]:
    """What one call puts on the wire."""
    name = probe.begin(gateway.uri, **command)
    octets = [gateway.take() for _ in range(count)]
    assert probe.end(name)["kind"] == "response"
    return octets


def test_a_trigger(tmp_path, probe):
    with Gateway() as gateway:
        octets = sent(
            probe, gateway, 1, event="resync", subscription_state="active;expires=1000", contact="<sip:dm@127.0.0.1>",
            call_id="gw-1@dm.example", cseq=41,
        )  # fmt: skip
        (layer,) = read(tmp_path, octets)
        assert values(layer, "sip.Method") == ["NOTIFY"]
        assert values(layer, "sip.r-uri") == [gateway.uri]
        assert values(layer, "sip.Event") == ["resync"]
        assert values(layer, "sip.Subscription-State") == ["active;expires=1000"]
        assert values(layer, "sip.CSeq.seq") == ["42"] and values(layer, "sip.CSeq.method") == ["NOTIFY"]
        assert values(layer, "sip.Call-ID") == ["gw-1@dm.example"]
        assert values(layer, "sip.Max-Forwards") == ["70"]
        assert values(layer, "sip.from.addr") == ["sip:dm@example.com"] and values(layer, "sip.from.tag") == ["probe"]
        assert values(layer, "sip.to.addr") == [gateway.uri] and values(layer, "sip.to.tag") == []
        assert values(layer, "sip.contact.uri") == ["sip:dm@127.0.0.1"]
        assert values(layer, "sip.User-Agent") == ["Drover"]
        assert values(layer, "sip.Content-Length") == ["0"]
        (branch,) = values(layer, "sip.Via.branch")
        assert branch.startswith("z9hG4bK")
        assert "rport" in values(layer, "sip.Via")[0]


@pytest.mark.parametrize("event", ["check-sync;reboot=false", "check-cfg", "ua-profile;effective-by=0", "resync;id=7"])
def test_the_events_of_vendors(tmp_path, probe, event):
    with Gateway() as gateway:
        (layer,) = read(tmp_path, sent(probe, gateway, 1, event=event, subscription_state="terminated;reason=timeout"))
        assert values(layer, "sip.Event") == [event]


def test_ordinary_voice_signalling_with_its_body(tmp_path, probe):
    with Gateway() as gateway:
        octets = sent(
            probe, gateway, 1, event="message-summary", subscription_state="active",
            content_type="application/simple-message-summary", body=MWI,
        )  # fmt: skip
        (layer,) = read(tmp_path, octets)
        assert values(layer, "sip.Content-Type") == ["application/simple-message-summary"]
        assert values(layer, "sip.Content-Length") == [str(len(MWI))]
        assert octets[0].endswith(MWI.encode())


def test_a_message_along_a_route_has_its_hops_in_order(tmp_path, probe):
    with Gateway() as gateway:
        routes = [f"<{gateway.uri};lr>", "<sip:edge@192.0.2.1:5070;lr;transport=udp>"]
        name = probe.begin("sip:gw@10.0.0.9:5060", event="resync", routes=routes)
        (layer,) = read(tmp_path, [gateway.take()])
        probe.end(name)
        assert values(layer, "sip.r-uri") == ["sip:gw@10.0.0.9:5060"]
        assert ",".join(values(layer, "sip.Route")).replace(" ", "") == ",".join(routes)


@pytest.mark.parametrize("algorithm, digits", [("MD5", 32), ("SHA-256", 64), ("SHA-512-256", 64)])
def test_an_answer_to_a_challenge(tmp_path, probe, algorithm, digits):
    with Gateway("401 Unauthorized\n" + CHALLENGE.format(algorithm)) as gateway:
        octets = sent(probe, gateway, 2, event="resync", username="dm", password="secret", call_id="c@dm", cseq=8)
        first, second = read(tmp_path, octets)
        assert values(first, "sip.auth.digest.response") == []
        (response,) = values(second, "sip.auth.digest.response")
        assert re.fullmatch(rf'"?[0-9a-f]{{{digits}}}"?', response)
        for name, value in (("username", "dm"), ("realm", "gw.example"), ("nonce", "n1"), ("uri", gateway.uri)):
            assert values(second, f"sip.auth.{name}")[0].strip('"') == value
        assert values(second, "sip.auth.algorithm")[0].strip('"') == algorithm
        assert values(second, "sip.auth.qop")[0].strip('"') == "auth"
        assert values(second, "sip.auth.nc") == ["00000001"]
        assert values(first, "sip.CSeq.seq") == ["9"] and values(second, "sip.CSeq.seq") == ["10"]
        assert values(first, "sip.Call-ID") == values(second, "sip.Call-ID") == ["c@dm"]
        assert values(first, "sip.Via.branch") != values(second, "sip.Via.branch")


def test_what_is_sent_again_is_the_same(tmp_path, probe):
    with Gateway() as gateway:
        name = probe.begin(gateway.uri, event="resync")
        first, _ = gateway.socket.recvfrom(65536)
        again = gateway.take()
        probe.end(name)
        assert first == again
        read(tmp_path, [first, again])


@pytest.mark.parametrize("method", ["REGISTER", "OPTIONS", "SUBSCRIBE", "MESSAGE"])
def test_other_requests(tmp_path, probe, method):
    with Gateway() as gateway:
        (layer,) = read(tmp_path, sent(probe, gateway, 1, method=method, contact="<sip:dm@127.0.0.1>"))
        assert values(layer, "sip.Method") == [method]


@pytest.mark.parametrize("status", [200, 403, 404, 481, 489, 500, 503])
def test_responses(tmp_path, probe, status):
    probe.tell({"answer": status})
    with Gateway() as gateway:
        port = gateway.socket.getsockname()[1]
        request = (
            f"OPTIONS {probe.uri('dm')} SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.9:{port};rport;branch=z9hG4bK-{status}\r\n"
            f"Max-Forwards: 70\r\nFrom: <sip:gw@example.com>;tag=1\r\nTo: <{probe.uri('dm')}>\r\n"
            f"Call-ID: {status}@gw\r\nCSeq: 3 OPTIONS\r\nContent-Length: 0\r\n\r\n"
        )
        gateway.socket.sendto(request.encode(), ("127.0.0.1", probe.ports["udp"]))
        octets, _ = gateway.socket.recvfrom(65536)
        (layer,) = read(tmp_path, [octets])
        assert values(layer, "sip.Status-Code") == [str(status)]
        assert values(layer, "sip.Call-ID") == [f"{status}@gw"]
        assert values(layer, "sip.CSeq.seq") == ["3"]
        assert values(layer, "sip.Via.received") == ["127.0.0.1"] and values(layer, "sip.Via.rport") == [str(port)]
        assert len(values(layer, "sip.to.tag")) == 1
