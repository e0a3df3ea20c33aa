"""Kamailio as registrar, as outbound proxy with Path, as one who challenges, and over TLS."""

import contextlib
import pathlib
import subprocess

import pytest
from peers import Probe, Program, field, free_port, needs, tcp_listens

needs("kamailio", "openssl")

HERE = pathlib.Path(__file__).resolve().parent
TLS_MODULE = """loadmodule "tls.so"
modparam("tls", "tls_method", "TLSv1.2+")
modparam("tls", "private_key", "{folder}/key.pem")
modparam("tls", "certificate", "{folder}/cert.pem")
"""


def certificate(folder: pathlib.Path, name: str) -> pathlib.Path:
    """One that signs itself for that alternative name; its key beside it."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1",
         "-subj", "/CN=kamailio", "-addext", f"subjectAltName={name}",
         "-keyout", folder / "key.pem", "-out", folder / "cert.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    return folder / "cert.pem"


def modules() -> pathlib.Path:
    return next(pathlib.Path("/usr/lib").glob("*/kamailio/modules"))


class Kamailio:
    def __init__(self, folder: pathlib.Path, algorithm: str = "MD5", tls: bool = False, port: int = 0):
        self.port, self.tls_port = port or free_port(), free_port()
        filled = {
            "TLS_ENABLED": "yes" if tls else "no",
            "TLS_LISTEN": f"listen=tls:127.0.0.1:{self.tls_port}" if tls else "",
            "TLS_MODULE": TLS_MODULE.format(folder=folder) if tls else "",
            "UDP_PORT": str(self.port),
            "MODULES": f"{modules()}/",
            "ALGORITHM": algorithm,
        }
        text = (HERE / "kamailio.cfg").read_text()
        for name, value in filled.items():
            text = text.replace(name, value)
        config = folder / "kamailio.cfg"
        config.write_text(text)
        (folder / "run").mkdir(exist_ok=True)
        self.program = Program(
            folder,
            ["kamailio", "-f", config, "-DD", "-E", "-Y", folder / "run", "-P", folder / "pid", "-m", "64", "-M", "8"],
        )  # fmt: skip
        self.program.ready("Kamailio", lambda: tcp_listens(self.tls_port if tls else self.port))

    @property
    def route(self) -> str:
        return f"<sip:127.0.0.1:{self.port};lr>"

    @property
    def uri(self) -> str:
        return f"sip:127.0.0.1:{self.port}"


@contextlib.contextmanager
def kamailio(folder: pathlib.Path, **settings):
    server = Kamailio(folder, **settings)
    try:
        yield server
    finally:
        server.program.stop()


def register(gateway: Probe, server: str, user: str, registrar: str, **more) -> dict:
    aor = f"<sip:{user}@gw.example>"
    return gateway.ask(
        registrar, method="REGISTER", next_hop=server, to=aor, **{"from": aor},
        contact=f"<{gateway.uri(user)}>", fields={"Expires": "60"}, **({"username": "dm", "password": "secret"} | more),
    )  # fmt: skip


def test_an_outbound_proxy_carries_the_notify_to_the_gateway(tmp_path, probe):
    with kamailio(tmp_path) as server, Probe() as gateway:
        end = probe.notify(gateway.uri("gw"), routes=[server.route])
        assert (end["status"], end["sent"]) == (200, 1)
        arrived = gateway.request()
        assert arrived.startswith(f"NOTIFY {gateway.uri('gw')} SIP/2.0\r\n")
        assert len(field(arrived, "Via")) == 2
        assert field(arrived, "Event") == ["resync"]
        assert field(arrived, "Route") == [], "the proxy takes its own Route off"


def test_a_proxy_of_the_configuration_is_the_next_hop_of_everything(tmp_path):
    with kamailio(tmp_path) as server, Probe("--proxy", server.uri + ";lr") as probe, Probe() as gateway:
        assert probe.notify(gateway.uri("gw"))["status"] == 200
        assert len(field(gateway.request(), "Via")) == 2


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
def test_a_gateway_registers_and_is_notified_at_its_address_of_record(tmp_path, probe, algorithm):
    with kamailio(tmp_path, algorithm=algorithm) as server, Probe() as gateway:
        registered = register(gateway, server.uri, "gw7", "sip:gw.example")
        assert (registered["status"], registered["challenges_answered"]) == (200, 1)
        end = probe.notify("sip:gw7@gw.example", next_hop=server.uri)
        assert end["status"] == 200
        assert gateway.request().startswith(f"NOTIFY {gateway.uri('gw7')} SIP/2.0\r\n")
        assert probe.notify("sip:gw8@gw.example", next_hop=server.uri)["outcome"] == "gone"


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
def test_a_proxy_that_challenges_gets_an_answer(tmp_path, probe, algorithm):
    with kamailio(tmp_path, algorithm=algorithm) as server, Probe() as gateway:
        end = probe.notify(gateway.uri("asked"), routes=[server.route], username="dm", password="secret", cseq=4)
        assert (end["status"], end["sent"], end["cseq"]) == (200, 2, 6)
        arrived = gateway.request()
        assert field(arrived, "CSeq") == ["6 NOTIFY"]
        assert field(arrived, "Proxy-Authorization") == [], "the proxy takes it off"


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
def test_a_wrong_password_is_forbidden_after_two_rounds(tmp_path, probe, algorithm):
    with kamailio(tmp_path, algorithm=algorithm) as server:
        end = probe.notify("sip:asked@127.0.0.1:9", routes=[server.route], username="dm", password="wrong")
        assert (end["status"], end["outcome"]) == (407, "forbidden")
        assert end["sent"] <= 3


def test_a_gateway_behind_a_path_is_notified_through_it(tmp_path, probe):
    """probe is the registrar: it sees the Path that Kamailio adds, and sends along it."""
    with kamailio(tmp_path) as server, Probe() as gateway:
        assert register(gateway, server.uri, "gw9", probe.uri("registrar"))["status"] == 200
        arrived = probe.request()
        path, contact = field(arrived, "Path"), field(arrived, "Contact")
        assert len(path) == 1 and f"127.0.0.1:{server.port}" in path[0]
        end = probe.notify(contact[0].strip("<>"), routes=path)
        assert end["status"] == 200
        notified = gateway.request()
        assert notified.startswith(f"NOTIFY {gateway.uri('gw9')} SIP/2.0\r\n")
        assert len(field(notified, "Via")) == 2


def test_over_tls_one_connection_carries_all(tmp_path):
    ca = certificate(tmp_path, "IP:127.0.0.1")
    with kamailio(tmp_path, tls=True) as server, Probe("--ca", ca) as probe, Probe() as gateway:
        for _ in range(5):
            end = probe.notify(gateway.uri("gw"), routes=[f"<sip:127.0.0.1:{server.tls_port};transport=tls;lr>"])
            assert (end["status"], end["connections_opened"], end["datagrams_out"]) == (200, 1, 0)
        assert "SIP/2.0/TLS" in field(gateway.request(), "Via")[1]


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
def test_over_tls_a_gateway_registers(tmp_path, algorithm):
    ca = certificate(tmp_path, "IP:127.0.0.1")
    with kamailio(tmp_path, tls=True, algorithm=algorithm) as server, Probe("--ca", ca) as gateway:
        hop = f"sip:127.0.0.1:{server.tls_port};transport=tls"
        assert register(gateway, hop, "gw7", "sip:gw.example")["status"] == 200


@pytest.mark.parametrize("name, trusted", [("DNS:other.example", True), ("IP:127.0.0.1", False)])
def test_over_tls_a_certificate_that_is_not_the_proxys_ends_it(tmp_path, name, trusted):
    ca = certificate(tmp_path, name)
    with kamailio(tmp_path, tls=True) as server, Probe(*(["--ca", ca] if trusted else [])) as probe:
        end = probe.notify("sip:gw@127.0.0.1:9", routes=[f"<sip:127.0.0.1:{server.tls_port};transport=tls;lr>"])
        assert (end["kind"], end["outcome"]) == ("unreachable", "unreachable")
        assert end["why"], "an operator is told"
