"""What NOTIFYs come to: challenges, losses, refusals, redirects, NAT, streams. Checks A10 to A16 and A18 to A21."""

import hashlib
import json
import pathlib
import re
import socket
import ssl
import subprocess
import tempfile
import threading
import time

import pytest
from conftest import Site, wait_until
from gateway import Gateway, Phone, SipMessage, texts
from localcluster.cluster import STORES

STARTED = [*STORES, "tree", "operations", "sip"]
PASSWORD = "gateway secret"
_profiles = pathlib.Path(tempfile.mkdtemp()) / "profiles.yaml"
_profiles.write_text(
    """
profiles:
  two-events: {match: {model: [two]}, events: ["resync", "check-sync;reboot=false"]}
"""
)
_folder = _profiles.parent


def _certificate(name: str, issuer: str = "") -> None:
    """NAME.pem and NAME.key: of 127.0.0.1, by the authority `issuer` (whose own it is without)."""
    subject = ["-subj", f"/CN={name}", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{_folder}/{name}.key", "-days", "2"]
    if issuer:
        subject += ["-addext", "subjectAltName=IP:127.0.0.1", "-CA", f"{_folder}/{issuer}.pem", "-CAkey", f"{_folder}/{issuer}.key"]
    subprocess.run(["openssl", "req", "-x509", *subject, "-out", f"{_folder}/{name}.pem"], check=True, capture_output=True)


_certificate("authority")
_certificate("good", "authority")
_certificate("self-signed")
FLAGS = {"sip": {"profiles-file": str(_profiles), "sip-tls-ca-file": str(_folder / "authority.pem")}}
ALGORITHMS = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}


@pytest.fixture(name="make")
def _make(site: Site):
    made: list[Gateway] = []

    def make(sip_uri: str = "", **more) -> Gateway:
        gateway = Gateway(site.cluster.endpoints()["DROVER_GATEWAYS_URL"], PASSWORD, **more)
        gateway.sip_uri = sip_uri or gateway.sip_uri
        made.append(gateway)
        site.drover.ok("gateway", "enrol", gateway.id, "--password-file", site.drover.secret(PASSWORD))
        assert gateway.register()[0] == 200
        return gateway

    yield make
    for gateway in made:
        gateway.close()


def shown(site: Site, gateway: Gateway) -> dict:
    return json.loads(site.drover.ok("describe", "device", gateway.id, "-o", "json"))["gateway"]


def trigger(site: Site, gateway: Gateway) -> None:
    site.drover.ok("gateway", "trigger", gateway.id)


def becomes(site: Site, gateway: Gateway, state: str, seconds: float = 10) -> dict:
    wait_until(lambda: shown(site, gateway)["state"] == state, seconds, f"{gateway.id} {state}")
    return shown(site, gateway)


def credentials(request: SipMessage, name: str = "Authorization") -> dict[str, str]:
    return dict(re.findall(r'(\w+)="?([^",]+)"?', request.one(name)))


def proves(request: SipMessage, password: str, name: str = "Authorization") -> bool:
    """Whether the request's digest is right."""
    given = credentials(request, name)
    if not given:
        return False
    digest = lambda text: ALGORITHMS[given.get("algorithm", "MD5")](text.encode()).hexdigest()  # noqa: E731
    first = digest(f"{given['username']}:{given['realm']}:{password}")
    second = digest(f"NOTIFY:{given['uri']}")
    if "qop" in given:
        return given["response"] == digest(f"{first}:{given['nonce']}:{given['nc']}:{given['cnonce']}:{given['qop']}:{second}")
    return given["response"] == digest(f"{first}:{given['nonce']}:{second}")


def challenger(password: str, algorithms: list[str], stale_once: bool = False, proxy: bool = False):
    """A phone that obeys only who knows the password; it refuses a wrong one by 403."""
    asked = "Proxy-Authenticate" if proxy else "WWW-Authenticate"
    answered = "Proxy-Authorization" if proxy else "Authorization"
    nonces = ["n1", "n2"]

    def challenge(nonce: str, more: str = "") -> tuple:
        lines = [f'{asked}: Digest realm="gw.example", nonce="{nonce}", algorithm={a}, qop="auth"{more}' for a in algorithms]
        return (407, "Proxy Authentication Required", lines) if proxy else (401, "Unauthorized", lines)

    def answer(request: SipMessage) -> tuple:
        if not request.one(answered):
            return challenge(nonces[0])
        if not proves(request, password, answered):
            return 403, "Forbidden", []
        if stale_once and credentials(request, answered)["nonce"] == nonces[0]:
            return challenge(nonces[1], ", stale=true")
        return 200, "OK", []

    return answer


@pytest.mark.parametrize("algorithms", [["MD5"], ["SHA-256"], ["SHA-256", "MD5"]])
def test_a10_a_challenge_is_answered(site, make, algorithms):
    gateway = make(answer=challenger(PASSWORD, algorithms))
    trigger(site, gateway)
    becomes(site, gateway, "acked")
    first, second = gateway.phone.requests
    assert second.cseq == first.cseq + 1 and second.one("Call-ID") == first.one("Call-ID")
    assert second.one("From") == first.one("From") and second.one("Via") != first.one("Via")
    assert credentials(second)["algorithm"] == algorithms[0]
    assert PASSWORD.encode() not in second.octets


def test_a10_a_wrong_password_is_forbidden_and_tried_no_more(site, make):
    gateway = make(answer=challenger("another", ["MD5"]))
    trigger(site, gateway)
    assert "credentials" in becomes(site, gateway, "failed")["cause"]
    assert len(gateway.phone.requests) <= 3
    gateway.phone.answer = challenger("another", ["MD5"])
    secret = site.drover.secret("another")
    site.drover.ok("gateway", "credentials", gateway.id, "--sip-password-file", secret)
    trigger(site, gateway)
    becomes(site, gateway, "acked")


def test_a10_a_stale_nonce_costs_one_more_round(site, make):
    gateway = make(answer=challenger(PASSWORD, ["SHA-256"], stale_once=True))
    trigger(site, gateway)
    becomes(site, gateway, "acked")
    assert [request.cseq for request in gateway.phone.requests] == [1, 2, 3]


def test_a11_a_proxy_s_challenge_is_answered(site, make):
    gateway = make(answer=challenger(PASSWORD, ["MD5"], proxy=True))
    trigger(site, gateway)
    becomes(site, gateway, "acked")
    assert gateway.phone.requests[1].one("Proxy-Authorization") and not gateway.phone.requests[1].one("Authorization")


def test_a12_a_silent_gateway_fails_after_eleven_datagrams(site, make):
    arrivals: list[float] = []

    def silent(_request: SipMessage) -> None:
        arrivals.append(time.monotonic())

    gateway = make(answer=silent)
    trigger(site, gateway)
    gateway.phone.wait(1)
    begin = arrivals[0]
    found = becomes(site, gateway, "unreachable", seconds=45)
    ended = time.monotonic() - begin
    assert len(arrivals) == 11, arrivals
    for arrival, due in zip(arrivals, (0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5)):
        assert abs(arrival - begin - due) < 0.5, (arrival - begin, due)
    assert 31.5 <= ended <= 34, ended
    assert "does not answer" in found["cause"]


def test_a12_half_of_the_datagrams_may_be_lost(site, make):
    gateways = []
    for number in range(10):
        seen: list[int] = []

        def lossy(_request: SipMessage, seen=seen, number=number):
            seen.append(1)
            return (200, "OK", []) if len(seen) > number % 3 else None

        gateways.append(make(answer=lossy))
    for gateway in gateways:
        trigger(site, gateway)
    for gateway in gateways:
        becomes(site, gateway, "acked", seconds=15)
        answered = [step for step in shown(site, gateway)["steps"] if step["what"] == "notify-answered"]
        assert len(answered) == 1, "reported once"


def test_a13_a_late_answer_is_one_success_after_four_datagrams(site, make):
    def late(request: SipMessage) -> None:
        if len(gateway.phone.requests) > 0:
            return
        threading.Timer(4, lambda: gateway.phone.socket.sendto(Phone.response(request, 200, "OK", []), request.source)).start()

    gateway = make(answer=late)
    trigger(site, gateway)
    becomes(site, gateway, "acked")
    time.sleep(1)
    assert len(gateway.phone.requests) == 4, "at 0, 0.5, 1.5 and 3.5 s"


def test_a14_nobody_listens_is_known_at_once(site, make):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    gateway = make(sip_uri=f"sip:gone@127.0.0.1:{port}")
    begin = time.monotonic()
    trigger(site, gateway)
    becomes(site, gateway, "unreachable", seconds=5)
    assert time.monotonic() - begin < 3


def test_a15_a_hop_that_is_overloaded_rests(site, make):
    arrivals: list[float] = []

    def overloaded(_request: SipMessage) -> tuple:
        arrivals.append(time.monotonic())
        return (503, "Service Unavailable", ["Retry-After: 3"]) if len(arrivals) == 1 else (200, "OK", [])

    gateway = make(answer=overloaded)
    trigger(site, gateway)
    becomes(site, gateway, "acked", seconds=15)
    assert len(arrivals) == 2 and arrivals[1] - arrivals[0] >= 3


@pytest.mark.parametrize("refusal", [(481, "Subscription Does Not Exist", []), (489, "Bad Event", ["Allow-Events: check-sync"])])
def test_a16_another_event_is_tried_and_remembered(site, make, refusal):
    gateway = make(answer=lambda request: refusal if request.event == "resync" else (200, "OK", []), model="two")
    trigger(site, gateway)
    becomes(site, gateway, "acked")
    assert [request.event for request in gateway.phone.requests] == ["resync", "check-sync;reboot=false"]
    assert any(str(refusal[0]) in step.get("detail", "") for step in shown(site, gateway)["steps"])


def test_a16_a_gateway_that_knows_no_event_is_left_alone(site, make):
    gateway = make(answer=lambda _: (489, "Bad Event", []), model="two")
    trigger(site, gateway)
    assert "events" in becomes(site, gateway, "failed")["cause"]
    time.sleep(1)
    assert len(gateway.phone.requests) == 2


def test_a_redirect_is_followed_once_and_only_to_the_same_host(site, make):
    other = Phone()
    gateway = make(answer=lambda _: (302, "Moved", [f"Contact: <sip:x@127.0.0.1:{other.port}>"]))
    trigger(site, gateway)
    becomes(site, gateway, "acked")
    assert other.wait(1)[0].cseq == gateway.phone.requests[0].cseq + 1
    other.close()
    away = make(answer=lambda _: (302, "Moved", ["Contact: <sip:x@198.51.100.1>"]))
    trigger(site, away)
    becomes(site, away, "failed")


def test_a19_over_tcp_the_connection_is_used_again(site, make):
    server = socket.create_server(("127.0.0.1", 0))
    requests: list[SipMessage] = []
    connections: list[socket.socket] = []

    def serve() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            connections.append(connection)
            while octets := connection.recv(65536):
                if octets.strip():
                    requests.append(SipMessage(octets, ()))
                    connection.sendall(Phone.response(requests[-1], 200, "OK", []))

    threading.Thread(target=serve, daemon=True).start()
    gateway = make(sip_uri=f"sip:tcp@127.0.0.1:{server.getsockname()[1]};transport=tcp")
    for count in (1, 2):
        trigger(site, gateway)
        wait_until(lambda count=count: len(requests) == count, what="a NOTIFY over TCP")
        becomes(site, gateway, "acked")
        assert texts(gateway.request()[2], "status") == ["success"]
        becomes(site, gateway, "done")
    assert len(connections) == 1 and requests[0].one("Via").startswith("SIP/2.0/TCP")
    server.close()


class TlsPhone:
    """A gateway's SIP side over TLS."""

    def __init__(self, certificate: str):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(_folder / f"{certificate}.pem", _folder / f"{certificate}.key")
        self.server = context.wrap_socket(socket.create_server(("127.0.0.1", 0)), server_side=True)
        self.uri = f"sip:tls@127.0.0.1:{self.server.getsockname()[1]};transport=tls"
        self.requests: list[SipMessage] = []
        self.connections = 0
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self.server.accept()
            except ssl.SSLError:
                continue
            except OSError:
                return
            self.connections += 1
            while octets := connection.recv(65536):
                if octets.strip():
                    self.requests.append(SipMessage(octets, ()))
                    connection.sendall(Phone.response(self.requests[-1], 200, "OK", []))


def test_a19_over_tls_the_certificate_counts(site, make):
    phone = TlsPhone("good")
    gateway = make(sip_uri=phone.uri)
    for count in (1, 2):
        trigger(site, gateway)
        wait_until(lambda count=count: len(phone.requests) == count, what="a NOTIFY over TLS")
        becomes(site, gateway, "acked")
        gateway.request()
    assert phone.connections == 1 and phone.requests[0].one("Via").startswith("SIP/2.0/TLS")
    liar = TlsPhone("self-signed")
    refused = make(sip_uri=liar.uri)
    trigger(site, refused)
    becomes(site, refused, "unreachable")
    assert not liar.requests
    answered = [step["detail"] for step in shown(site, refused)["steps"] if step["what"] == "notify-answered"]
    assert any("certificate" in why or "TLS" in why or "tls" in why for why in answered), answered


def test_spoofed_and_broken_responses_change_nothing(site, make):
    def answer(request: SipMessage) -> None:
        port = int(re.search(r":(\d+);", request.one("Via")).group(1))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as attacker:
            wrong = request.octets.replace(b"branch=z9hG4bK", b"branch=z9hG4bKfalse")
            attacker.sendto(Phone.response(SipMessage(wrong, ()), 200, "OK", []), ("127.0.0.1", port))
            for octets in (b"SIP/2.0 200", b"\x00" * 100, b"SIP/2.0 999 Odd\r\n\r\n", request.octets):
                attacker.sendto(octets, ("127.0.0.1", port))

    gateway = make(answer=answer)
    trigger(site, gateway)
    gateway.phone.wait(2)
    assert shown(site, gateway)["state"] == "sent"
    gateway.phone.answer = lambda _: (200, "OK", [])
    becomes(site, gateway, "acked", seconds=15)


class Registering:
    """A gateway that registers by SIP from its own socket."""

    def __init__(self, site: Site, gateway: Gateway, contact: str = "", path: str = ""):
        self.gateway, self.phone, self.path = gateway, gateway.phone, path
        host, port = site.cluster.endpoints()["DROVER_SIP_ADDRESS"].split(":")
        self.server = (host, int(port))
        self.contact = contact or f"sip:{gateway.id}@127.0.0.1:{gateway.phone.port}"
        self.answers: list[bytes] = []
        self.sequence = 0
        self.socket = gateway.phone.socket

    def send(self, authorization: str = "", expires: int = 600, secret: str = PASSWORD) -> tuple[int, str]:
        self.sequence += 1
        lines = [
            "REGISTER sip:drover.example SIP/2.0",
            f"Via: SIP/2.0/UDP 10.0.0.9:5060;rport;branch=z9hG4bK{self.gateway.id}{self.sequence}{time.monotonic_ns()}",
            "Max-Forwards: 70", f"To: <sip:{self.gateway.id}@drover.example>",
            f"From: <sip:{self.gateway.id}@drover.example>;tag=r1", f"Call-ID: {self.gateway.id}@10.0.0.9",
            f"CSeq: {self.sequence} REGISTER", f"Contact: <{self.contact}>", f"Expires: {expires}",
            "User-Agent: Acme Box/1.0", *([f"Path: {self.path}", "Supported: path"] if self.path else []),
            *([f"Authorization: {authorization}"] if authorization else []), "Content-Length: 0", "", ""]
        before = len(self.phone.responses)
        self.socket.sendto("\r\n".join(lines).encode(), self.server)
        wait_until(lambda: len(self.phone.responses) > before, what="an answer to REGISTER")
        answer = self.phone.responses[-1].decode()
        return int(answer.split()[1]), answer

    def register(self, expires: int = 600, password: str = PASSWORD) -> int:
        status, answer = self.send(expires=expires)
        if status != 401:
            return status
        challenge = dict(re.findall(r'(\w+)="?([^",\r]+)"?', answer.split("WWW-Authenticate: ")[1].split("\r\n")[0]))
        assert challenge["algorithm"] == "SHA-256"
        digest = lambda text: hashlib.sha256(text.encode()).hexdigest()  # noqa: E731
        first = digest(f"{self.gateway.id}:{challenge['realm']}:{password}")
        uri = "sip:drover.example"
        response = digest(f"{first}:{challenge['nonce']}:00000001:c1:auth:{digest('REGISTER:' + uri)}")
        return self.send(
            f'Digest username="{self.gateway.id}", realm="{challenge["realm"]}", nonce="{challenge["nonce"]}", uri="{uri}",'
            f' response="{response}", algorithm=SHA-256, qop=auth, nc=00000001, cnonce="c1"', expires)[0]


def test_a20_behind_a_nat_the_source_address_counts(site, make):
    gateway = make(sip_uri="sip:unused@127.0.0.1:9")
    registering = Registering(site, gateway, contact=f"sip:{gateway.id}@10.0.0.9:5060")
    assert registering.register() == 200
    trigger(site, gateway)
    becomes(site, gateway, "acked")
    assert gateway.phone.wait(1)[0].start.startswith(f"NOTIFY sip:{gateway.id}@10.0.0.9:5060 ")
    assert shown(site, gateway)["contact"] == f"udp:127.0.0.1:{gateway.phone.port}"


def test_a21_the_path_of_a_registration_is_the_route_of_a_notify(site, make):
    proxy = Phone()
    gateway = make(sip_uri="sip:unused@127.0.0.1:9")
    registering = Registering(site, gateway, path=f"<sip:127.0.0.1:{proxy.port};lr>")
    assert registering.register() == 200
    trigger(site, gateway)
    notify = proxy.wait(1)[0]
    assert notify.one("Route") == f"<sip:127.0.0.1:{proxy.port};lr>"
    assert notify.start.startswith(f"NOTIFY {registering.contact} ")
    becomes(site, gateway, "acked")
    proxy.close()


def test_a_registration_needs_its_password_and_may_be_taken_back(site, make):
    gateway = make(sip_uri="sip:unused@127.0.0.1:9")
    registering = Registering(site, gateway)
    assert registering.register(password="wrong") == 403
    assert registering.register() == 200
    assert registering.register(expires=0) == 200
    wait_until(lambda: "contact" not in shown(site, gateway), what="no contact is left")


def test_keep_alives_are_answered(site, make):
    gateway = make()
    registering = Registering(site, gateway)
    for event in ("keep-alive", ""):
        method = "NOTIFY" if event else "OPTIONS"
        lines = [f"{method} sip:drover.example SIP/2.0", f"Via: SIP/2.0/UDP 127.0.0.1:{gateway.phone.port};branch=z9hG4bK{method}{time.monotonic_ns()}",
                 "Max-Forwards: 70", "To: <sip:drover.example>", "From: <sip:gw@x>;tag=1", f"Call-ID: {time.monotonic_ns()}",
                 f"CSeq: 1 {method}", *([f"Event: {event}"] if event else []), "Content-Length: 0", "", ""]
        before = len(gateway.phone.responses)
        gateway.phone.socket.sendto("\r\n".join(lines).encode(), registering.server)
        wait_until(lambda before=before: len(gateway.phone.responses) > before, what="an answer")
        assert gateway.phone.responses[-1].startswith(b"SIP/2.0 200")


def test_a_flood_from_one_address_is_cut_off_and_the_service_goes_on(site, make):
    gateway = make()
    registering = Registering(site, gateway)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as flood:
        for number in range(3000):
            flood.sendto((f"REGISTER sip:drover.example SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKf{number}\r\n"
                          "To: <sip:a@drover.example>\r\nFrom: <sip:a@drover.example>;tag=1\r\nMax-Forwards: 70\r\n"
                          f"Call-ID: f{number}\r\nCSeq: 1 REGISTER\r\nContact: <sip:a@127.0.0.1:9>\r\nContent-Length: 0\r\n\r\n"
                          ).encode(), registering.server)
    trigger(site, gateway)
    becomes(site, gateway, "acked", seconds=15)
    assert site.metric("sip", "drover_sip_registers_total") < 1000
    assert site.all_alive()
