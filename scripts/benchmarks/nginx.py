"""The floor of a session: nginx, one worker, that answers POSTs with a body of a given size and does nothing else."""

import pathlib
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

from localcluster.errors import ClusterError
from localcluster.ports import free_port

PROGRAM = "/usr/sbin/nginx"

_CONFIG = """daemon off;
master_process on;
worker_processes 1;
{user}
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  client_body_buffer_size 64k;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  keepalive_requests 100000;
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    {tls_listen}
    default_type application/vnd.syncml.dm+wbxml;
    location / {{ return 200 "{body}"; }}
  }}
}}
"""

# Tickets and a cache, as ingress has them: whichever the client can use.
_TLS = """listen 127.0.0.1:{port} ssl backlog=4096;
    ssl_certificate {certificate};
    ssl_certificate_key {key};
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_session_cache shared:sessions:10m;
    ssl_session_tickets on;"""


class Nginx:
    """certificate: (chain, key) as PEM files; then it speaks HTTPS too, at tls_url."""

    def __init__(self, response_octets: int, certificate: tuple[pathlib.Path, pathlib.Path] | None = None):
        if not pathlib.Path(PROGRAM).exists():
            raise ClusterError("nginx is not there: run scripts/setup bench")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="drover-nginx-"))
        self.port, tls_port = free_port(), free_port()
        user = "user root root;" if self.folder.owner() == "root" else ""
        tls = _TLS.format(port=tls_port, certificate=certificate[0], key=certificate[1]) if certificate else ""
        config = self.folder / "nginx.conf"
        body = "x" * response_octets
        config.write_text(_CONFIG.format(user=user, folder=self.folder, port=self.port, tls_listen=tls, body=body))
        self._process = subprocess.Popen(
            ["/usr/bin/setpriv", "--pdeathsig", "KILL", PROGRAM, "-c", str(config), "-e", str(self.folder / "error.log")],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.pid = self._process.pid
        self.url = f"http://127.0.0.1:{self.port}/"
        self.tls_url = f"https://127.0.0.1:{tls_port}/"
        self._wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(self.url, timeout=1).close()
                return
            except (urllib.error.URLError, OSError):
                time.sleep(0.02)
        raise ClusterError(f"nginx does not start: {(self.folder / 'error.log').read_text()}")

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(10)
        shutil.rmtree(self.folder, ignore_errors=True)
