"""Sessions over TLS, beside nginx: a session with its handshake may cost 1.15 times our plain session and nginx's handshake.

nginx's handshake is what its connections with two POSTs cost more over TLS than without. Our plain session is measured at the
rate that those with a handshake reached: stores and streams cost a session less the more of them come together, and the
generator pays for each handshake as well. ECDSA P-256, TLS 1.2 and 1.3, full and resumed. Both sides are measured by the
same tool with the same client, one after the other; the version is bounded by the client's configuration of OpenSSL.
"""

import dataclasses
import json
import os
import pathlib
import shutil
import subprocess

from localcluster import Cluster
from localcluster.errors import ClusterError
from localcluster.ports import free_port

from benchmarks import cpu
from benchmarks.nginx import Nginx
from benchmarks.report import Figure

BAR = 1.15
COUNTED = ("ingress", "session", "tree", "operations", "redis", "postgres")
_OPENSSL = """openssl_conf = init
[init]
ssl_conf = ssl
[ssl]
system_default = bounds
[bounds]
MinProtocol = {version}
MaxProtocol = {version}
"""


@dataclasses.dataclass
class Case:
    name: str
    version: str = ""  # Of OpenSSL's configuration; empty: plain.
    resumed: bool = False


PLAIN = Case("plain")
CASES = [
    Case("session_tls12_full", "TLSv1.2"),
    Case("session_tls12_resumed", "TLSv1.2", resumed=True),
    Case("session_tls13_full", "TLSv1.3"),
    Case("session_tls13_resumed", "TLSv1.3", resumed=True),
]


def make_certificate(folder: pathlib.Path) -> tuple[pathlib.Path, pathlib.Path]:
    """(certificate, key), ECDSA P-256."""
    folder.mkdir(parents=True, exist_ok=True)
    certificate, key = folder / "tls.pem", folder / "tls.key"
    argv = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    argv += ["-days", "30", "-subj", "/CN=localhost", "-keyout", str(key), "-out", str(certificate), "-batch"]
    result = subprocess.run(argv, check=False, capture_output=True, text=True)
    if result.returncode != 0:
        raise ClusterError(f"openssl cannot make a certificate: {result.stderr.strip()}")
    return certificate, key


class TlsBench:
    """On a cluster whose ingress speaks HTTPS too: see `flags`."""

    def __init__(self, load: str, folder: pathlib.Path, scenario: pathlib.Path, devices: int, concurrency: int):
        self._load, self._folder, self._scenario = load, folder, scenario
        self._devices, self._concurrency = devices, concurrency
        self._port = free_port()
        self._certificate = make_certificate(folder / "tls")
        self._seed = 0

    def flags(self) -> dict[str, str]:
        """Of ingress."""
        certificate, key = self._certificate
        return {
            "https-listen": f"127.0.0.1:{self._port}",
            "tls-cert-file": str(certificate),
            "tls-key-file": str(key),
        }

    def run(self, cluster: Cluster, sizes: dict, say) -> list[Figure]:
        nginx = Nginx(round(sum(sizes["response_octets"]) / len(sizes["response_octets"])), self._certificate)
        try:
            floor = self._nginx(nginx, PLAIN, sizes)
            figures = []
            for case in CASES:
                try:
                    handshake = self._nginx(nginx, case, sizes) - floor
                    ours, rate = self._ours(cluster, case)
                    plain, _ = self._ours(cluster, PLAIN, rate)
                except ClusterError as error:
                    say(f"{error}: left out")  # What was measured of the others is still worth its line.
                    continue
                allowed = plain + handshake
                say(f"{case.name}: {ours:,.0f} us of CPU at {rate:,.0f} sessions/s; plain {plain:,.0f},"
                    f" nginx's handshake {handshake:,.0f} us")
                figures.append(Figure(case.name, ours, "us/session", "lower", allowed, ours / allowed,
                                      f"ratio <= {BAR}", ours / allowed <= BAR))
            return figures
        finally:
            nginx.stop()

    def _environment(self, case: Case) -> dict[str, str]:
        if not case.version:
            return dict(os.environ)
        path = self._folder / f"openssl-{case.version}.cnf"
        path.write_text(_OPENSSL.format(version=case.version))
        return {**os.environ, "OPENSSL_CONF": str(path)}

    def _nginx(self, nginx: Nginx, case: Case, sizes: dict) -> float:
        """Its CPU for one connection with two POSTs, in microseconds."""
        argv = [self._load, "floor", f"--url={nginx.tls_url if case.version else nginx.url}"]
        count = self._devices if case.version else 20_000  # Enough for the clock ticks that CPU time is counted in.
        argv += [f"--sessions={count}", "--concurrency=64"]
        argv += ["--request-octets=" + ",".join(str(size) for size in sizes["request_octets"])]
        if case.version and not case.resumed:
            argv.append("--no-resumption")
        window = cpu.Window({"nginx": nginx.pid})
        result = subprocess.run(argv, check=False, capture_output=True, text=True, env=self._environment(case))
        if result.returncode != 0:
            raise ClusterError(f"the floor of {case.name} failed: {result.stderr}{result.stdout}")
        taken = window.close()["nginx"]
        self._check(case, json.loads(result.stdout))
        return taken * 1e6 / count

    def _check(self, case: Case, counts: dict) -> None:
        """That handshakes were what the figure says."""
        full, resumed = counts["handshakes_full"], counts["handshakes_resumed"]
        if case.version and (resumed if case.resumed else full) < 0.9 * (full + resumed):
            raise ClusterError(f"{case.name}: {full} full handshakes and {resumed} resumed ones")

    def _ours(self, cluster: Cluster, case: Case, rate: float | None = None) -> tuple[float, float]:
        """CPU of services and stores for one session, in microseconds; sessions a second. rate: as fast as it goes."""
        self._seed += 1
        out = self._folder / "tls" / case.name
        shutil.rmtree(out, ignore_errors=True)
        url = cluster.endpoints()["DROVER_INGRESS_URL"]
        if case.version:
            url = f"https://127.0.0.1:{self._port}/dm"
        argv = [self._load, "run", str(self._scenario), f"--context={cluster.folder / 'context.yaml'}"]
        argv += [f"--ingress={url}", f"--devices={self._devices}"]
        argv.append(f"--rate={rate:.0f}/s" if rate else f"--closed={self._concurrency}")
        argv += [f"--seed={7_000_000 + self._seed}", "--no-ledgers", f"--out={out}"]
        if case.version and not case.resumed:
            argv.append("--no-resumption")
        result = subprocess.run(argv, check=False, capture_output=True, text=True, env=self._environment(case))
        if result.returncode != 0:
            raise ClusterError(f"the sessions of {case.name} failed:\n{result.stderr}{result.stdout[-2000:]}")
        summary = json.loads((out / "summary.json").read_text())
        exchanges = summary["exchanges"]
        counts = {kind: exchanges[f"tls_{kind}"] for kind in ("handshakes_full", "handshakes_resumed")}
        self._check(case, counts)
        taken = sum(
            process["cpu_us_per_session"] for process in summary["processes"]
            if process["name"].rpartition("-")[0] in COUNTED or process["name"] in COUNTED
        )
        return taken, summary["sessions"]["good_per_s"]
