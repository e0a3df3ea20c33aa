"""Kannel 1.4.5 binds to drover-smsc: what it sends reaches the terminals, what they send reaches it.

Starts and ends its own drover-smsc, bearerbox, smsbox and wapbox, on free ports of the loopback.
"""

import http.server
import json
import os
import pathlib
import re
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "scripts"))
from localcluster import ports  # noqa: E402

BIN = pathlib.Path(os.environ.get("DROVER_E2E_BIN", ROOT / "build/dev/bin"))
PATIENCE_S = 30
SERVICE = "10654040"

CONFIG = """
group = core
admin-port = {admin}
admin-interface = 127.0.0.1
smsbox-port = {smsbox}
smsbox-interface = 127.0.0.1
wapbox-port = {wapbox}
admin-password = kannel
box-allow-ip = 127.0.0.1
wdp-interface-name = 127.0.0.1

group = smsc
smsc = smpp
smsc-id = drover
host = 127.0.0.1
port = {smpp}
transceiver-mode = true
smsc-username = kannel
smsc-password = secret
system-type = VMA
max-pending-submits = 100
msg-id-type = 0x03

group = wapbox
bearerbox-host = 127.0.0.1

group = ppg
ppg-url = /wappush
ppg-port = {ppg}
trusted-pi = true
service-name = ppg
ppg-smsbox-id = dlrbox
global-sender = {service}

group = smsbox
smsbox-id = dlrbox
bearerbox-host = 127.0.0.1
bearerbox-port = {smsbox}
sendsms-port = {sendsms}
sendsms-interface = 127.0.0.1

group = smsbox-route
smsbox-id = dlrbox
shortcode = {service}

group = sendsms-user
username = tester
password = secret
concatenation = true
max-messages = 10

group = sms-service
keyword = default
text = "heard: %a"
"""

PAP = """--asdlfkjiurwghasf\r
Content-Type: application/xml\r
\r
<?xml version="1.0"?>
<!DOCTYPE pap PUBLIC "-//WAPFORUM//DTD PAP 1.0//EN" "http://www.wapforum.org/DTD/pap_1.0.dtd">
<pap product-name="interop"><push-message push-id="{push_id}@interop.example">
<address address-value="WAPPUSH={msisdn}/TYPE=PLMN@ppg.example"/>
<quality-of-service priority="low" delivery-method="unconfirmed" network-required="true" network="GSM"
 bearer-required="true" bearer="SMS"/>
</push-message></pap>\r
--asdlfkjiurwghasf\r
Content-Type: text/vnd.wap.si\r
\r
<?xml version="1.0"?>
<!DOCTYPE si PUBLIC "-//WAPFORUM//DTD SI 1.0//EN" "http://www.wapforum.org/DTD/si.dtd">
<si><indication href="http://example.com/a" action="signal-high">Update ready</indication></si>\r
--asdlfkjiurwghasf--\r
"""


def until(what: str, attempt):
    """attempt()'s first answer that is not None."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        answer = attempt()
        if answer is not None:
            return answer
        time.sleep(0.05)
    raise AssertionError(f"waited {PATIENCE_S} s in vain: {what}")


def fetch(url: str, data: bytes | None = None, headers: dict | None = None) -> tuple[int, bytes]:
    request = urllib.request.Request(url, data=data, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


class Smsc:
    def __init__(self, directory: pathlib.Path):
        self.process = subprocess.Popen(
            [BIN / "drover-smsc", "--smpp", "127.0.0.1:0", "--http", "127.0.0.1:0", "--instant",
             "--account", "kannel:secret"],
            stdout=subprocess.PIPE, stderr=(directory / "smsc.log").open("wb"), text=True,
        )  # fmt: skip
        addresses = json.loads(self.process.stdout.readline())
        self.smpp_port = int(addresses["smpp"].rpartition(":")[2])
        self.http = "http://" + addresses["http"]

    def json(self, path: str):
        return json.loads(fetch(self.http + path)[1])

    def messages(self, msisdn: str, count: int) -> list[dict]:
        """Once the terminal has so many."""

        def there():
            messages = self.json(f"/terminals/{msisdn}/messages")
            return messages if len(messages) >= count else None

        return until(f"{count} messages for {msisdn}", there)

    def bound(self) -> int:
        text = fetch(self.http + "/metrics")[1].decode()
        line = next(line for line in text.splitlines() if line.startswith("drover_smsc_bound "))
        return int(line.split()[1])


class Kannel:
    def __init__(self, directory: pathlib.Path, smpp_port: int):
        self.directory = directory
        names = ("admin", "smsbox", "wapbox", "ppg", "sendsms")
        self.ports = {name: ports.free_port() for name in names}
        self.processes: list[subprocess.Popen] = []
        self.config = directory / "kannel.conf"
        self.config.write_text(CONFIG.format(smpp=smpp_port, service=SERVICE, **self.ports))

    def start(self):
        self.run("bearerbox")
        self.answers(f"http://127.0.0.1:{self.ports['admin']}/status.txt")
        for box in ("wapbox", "smsbox"):
            self.run(box)
        self.answers(self.sendsms_url({}))
        self.answers(self.ppg_url())

    def run(self, box: str):
        log = (self.directory / f"{box}.log").open("wb")
        self.processes.append(
            subprocess.Popen(["/usr/sbin/" + box, "-v", "1", self.config], stdout=log, stderr=log, cwd=self.directory)
        )

    def answers(self, url: str):
        def attempt():
            for process in self.processes:
                assert process.poll() is None, f"{process.args[0]} has ended: see {self.directory}"
            try:
                return fetch(url)
            except OSError:
                return None

        until(url, attempt)

    def sendsms_url(self, parameters: dict) -> str:
        query = urllib.parse.urlencode({"username": "tester", "password": "secret"} | parameters)
        return f"http://127.0.0.1:{self.ports['sendsms']}/cgi-bin/sendsms?{query}"

    def ppg_url(self) -> str:
        return f"http://127.0.0.1:{self.ports['ppg']}/wappush"

    def stop(self):
        for process in reversed(self.processes):
            process.terminate()
        for process in reversed(self.processes):
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


class Listener:
    """An HTTP server that notes the paths it is asked for."""

    def __init__(self, paths: list[str]):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                paths.append(self.path)
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture(scope="module")
def smsc(tmp_path_factory):
    smsc = Smsc(tmp_path_factory.mktemp("smsc"))
    yield smsc
    smsc.process.terminate()
    assert smsc.process.wait(10) == 0


@pytest.fixture(scope="module")
def kannel(tmp_path_factory, smsc):
    kannel = Kannel(tmp_path_factory.mktemp("kannel"), smsc.smpp_port)
    try:
        kannel.start()
        until("Kannel bound", lambda: smsc.bound() or None)
        yield kannel
    finally:
        kannel.stop()


def test_a_text_of_kannels_arrives_in_the_gsm_alphabet(smsc, kannel):
    parameters = {"from": SERVICE, "to": "+8613800138001", "text": "Hello @"}
    status, body = fetch(kannel.sendsms_url(parameters))
    assert status == 202, body
    (message,) = smsc.messages("8613800138001", 1)
    assert bytes.fromhex(message["octets"]) == b"Hello \x00"
    assert message["source"] == SERVICE
    assert message["segments"] == 1


def test_a_long_text_of_kannels_arrives_whole(smsc, kannel):
    text = "0123456789" * 40
    status, body = fetch(kannel.sendsms_url({"from": SERVICE, "to": "+8613800138002", "text": text}))
    assert status == 202, body
    (message,) = smsc.messages("8613800138002", 1)
    assert bytes.fromhex(message["octets"]).decode() == text
    assert message["segments"] == 3
    ledger = smsc.json("/ledger")
    assert ledger["orphans"] == ledger["out_of_order"] == ledger["duplicate_segments"] == 0


def test_a_push_of_kannels_arrives_as_wsp_on_the_push_port(smsc, kannel):
    body = PAP.format(push_id=time.time_ns(), msisdn="+8613800138003").encode()
    status, answer = fetch(
        kannel.ppg_url(), body,
        {"Content-Type": 'multipart/related; boundary=asdlfkjiurwghasf; type="application/xml"'},
    )  # fmt: skip
    assert status == 202 and re.search(rb'code *= *"1001"', answer), answer
    (message,) = smsc.messages("8613800138003", 1)
    assert message["destination_port"] == 2948
    push = bytes.fromhex(message["octets"])
    assert push[1] == 0x06, "a Push PDU"
    assert 0x80 | 0x2E in push[3:6], "application/vnd.wap.sic"
    # The service indication: href http:// "example" .com/ "a", signal-high, "Update ready".
    assert bytes.fromhex("02056a0045c60c") + b"\x03example\x00\x85\x03a\x00\x08\x01\x03Update ready\x00" in push


def test_a_message_of_a_terminal_reaches_kannel_and_its_answer_the_terminal(smsc, kannel):
    mo = {"source": "8613800138004", "destination": SERVICE, "text": "morning"}
    assert fetch(smsc.http + "/mo", json.dumps(mo).encode())[0] == 202
    (message,) = smsc.messages("8613800138004", 1)
    assert bytes.fromhex(message["octets"]) == b"heard: morning"


def test_kannel_finds_our_receipts_by_their_ids(smsc, kannel):
    """A delivery report that Kannel could match is posted to the URL it was asked for."""
    reports = []
    with Listener(reports) as listener:
        parameters = {
            "from": SERVICE, "to": "+8613800138005", "text": "report",
            "dlr-mask": "31", "dlr-url": listener.url + "/?what=%d",
        }  # fmt: skip
        assert fetch(kannel.sendsms_url(parameters))[0] == 202
        until("the delivery report", lambda: True if "/?what=1" in reports else None)
