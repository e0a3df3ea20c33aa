"""A voice home gateway in a few lines: a SIP user agent on UDP, and an HTTP client with digest authentication."""

import hashlib
import http.client
import itertools
import re
import socket
import threading
import urllib.parse
import xml.etree.ElementTree as ElementTree

NUMBERS = itertools.count(1)


def md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


class SipMessage:
    """A request as a gateway sees it."""

    def __init__(self, octets: bytes, source: tuple):
        head, _, self.body = octets.partition(b"\r\n\r\n")
        self.start, *lines = head.decode().split("\r\n")
        self.fields = [(line.partition(":")[0].strip().lower(), line.partition(":")[2].strip()) for line in lines]
        self.source = source
        self.octets = octets

    def all(self, name: str) -> list[str]:
        return [value for field, value in self.fields if field == name.lower()]

    def one(self, name: str) -> str:
        return next(iter(self.all(name)), "")

    @property
    def cseq(self) -> int:
        return int(self.one("CSeq").split()[0])

    @property
    def event(self) -> str:
        return self.one("Event") or self.one("o")


class Phone:
    """The SIP side. answer: what it says to a request, as (status, reason, further lines); None: nothing."""

    def __init__(self, answer=None):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.answer = answer or (lambda _: (200, "OK", []))
        self.requests: list[SipMessage] = []
        self.responses: list[bytes] = []
        self.lock = threading.Condition()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                octets, source = self.socket.recvfrom(65536)
            except OSError:
                return
            if octets.startswith(b"SIP/2.0"):
                self.responses.append(octets)
            if not octets.strip() or octets.startswith(b"SIP/2.0"):
                continue
            request = SipMessage(octets, source)
            said = self.answer(request)
            with self.lock:
                self.requests.append(request)
                self.lock.notify_all()
            try:
                if said is not None:
                    self.socket.sendto(self.response(request, *said), source)
            except OSError:
                return

    @staticmethod
    def response(request: SipMessage, status: int, reason: str, more: list[str]) -> bytes:
        lines = [f"SIP/2.0 {status} {reason}"]
        lines += [f"Via: {value}" for value in request.all("Via")]
        to = request.one("To")
        lines += [f"From: {request.one('From')}", f"To: {to}" if ";tag=" in to else f"To: {to};tag=gw1"]
        lines += [f"Call-ID: {request.one('Call-ID')}", f"CSeq: {request.one('CSeq')}", *more, "Content-Length: 0"]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    def wait(self, count: int, seconds: float = 10) -> list[SipMessage]:
        with self.lock:
            there = self.lock.wait_for(lambda: len(self.requests) >= count, seconds)
            assert there, f"{len(self.requests)} of {count} requests came"
            return list(self.requests)

    def close(self) -> None:
        self.socket.close()


class Gateway:
    """One gateway with both sides. url: of the request server, "http://127.0.0.1:8080/gw/v1"."""

    def __init__(self, url: str, password: str, answer=None, vendor: str = "Acme", model: str = "Box 1"):
        self.id = f"001122-E2E{next(NUMBERS):06d}"
        self.password = password
        self.vendor, self.model, self.version = vendor, model, "1.0"
        self.phone = Phone(answer)
        self.sip_uri = f"sip:{self.id}@127.0.0.1:{self.phone.port}"
        self.url = urllib.parse.urlsplit(url)
        self.challenge: dict[str, str] = {}
        self.count = 0

    def ask(self, method: str, path: str, body: bytes = b"", headers: dict | None = None, auth: bool = True):
        """The response as (status, headers, octets); a challenge is answered once."""
        for _ in range(2):
            connection = http.client.HTTPConnection(self.url.hostname, self.url.port, timeout=15)
            target = self.url.path + path
            sent = {"Content-Type": "application/xml", **(headers or {})}
            if auth and self.challenge:
                sent["Authorization"] = self._authorization(method, target)
            connection.request(method, target, body, sent)
            answer = connection.getresponse()
            octets = answer.read()
            challenges = answer.headers.get_all("WWW-Authenticate") or []
            connection.close()
            if answer.status != 401 or not auth:
                return answer.status, dict(answer.headers), octets
            fresh = dict(re.findall(r'(\w+)="?([^",]+)"?', challenges[0]))
            if self.challenge and fresh.get("stale", "").lower() != "true" and self.count > 0:
                self.challenge = {}
                return answer.status, dict(answer.headers), octets
            self.challenge, self.count = fresh, 0
        return answer.status, dict(answer.headers), octets

    def _authorization(self, method: str, uri: str) -> str:
        self.count += 1
        digest = sha256 if self.challenge.get("algorithm") == "SHA-256" else md5
        realm, nonce, count, cnonce = self.challenge["realm"], self.challenge["nonce"], f"{self.count:08x}", "abcd1234"
        first = digest(f"{self.id}:{realm}:{self.password}")
        response = digest(f"{first}:{nonce}:{count}:{cnonce}:auth:{digest(f'{method}:{uri}')}")
        return (f'Digest username="{self.id}", realm="{realm}", nonce="{nonce}", uri="{uri}", response="{response}",'
                f' algorithm={self.challenge.get("algorithm", "MD5")}, qop=auth, nc={count}, cnonce="{cnonce}"')

    def document(self, root: str, fields: dict[str, str], msgid: str = "") -> bytes:
        header = f"<version>2.0</version><serial>{self.id}</serial>" + (f"<msgid>{msgid}</msgid>" if msgid else "")
        body = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())
        return f"<{root}><header>{header}</header><body>{body}</body></{root}>".encode()

    def register(self, **more: str):
        fields = {"vendor": self.vendor, "model": self.model, "ip": "127.0.0.1", "sipuri": self.sip_uri,
                  "fileversion": self.version, **more}
        return self.ask("POST", "/register", self.document("register", fields))

    def request(self, msgid: str = "", body: bytes | None = None, **fields: str):
        return self.ask("POST", "/request", self.document("request", fields, msgid) if body is None else body)

    def result(self, status: str = "success", **more: str):
        return self.ask("POST", "/result", self.document("result", {"status": status, **more}))

    def close(self) -> None:
        self.phone.close()


def texts(document: bytes, name: str) -> list[str]:
    """The texts of all elements of that name."""
    return [element.text or "" for element in ElementTree.fromstring(document).iter(name)]
