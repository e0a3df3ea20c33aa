"""A terminal in Python, from the specification alone: it shares no code with Drover and so can judge it.

SyncML DM 1.1 and 1.2 in XML (OMA-TS-DM_Protocol-V1_2), basic and MD5 credentials and the x-syncml-hmac header
(OMA-TS-DM_Security-V1_2, 5.3).
"""

import base64
import dataclasses
import hashlib
import http.client
import itertools
import urllib.parse
import xml.etree.ElementTree as ElementTree
from xml.sax.saxutils import escape

XML = "application/vnd.syncml.dm+xml"
WBXML = "application/vnd.syncml.dm+wbxml"
VERSIONS = {  # VerDTD -> (VerProto, namespace)
    "1.1": ("DM/1.1", "SYNCML:SYNCML1.1"),
    "1.2": ("DM/1.2", "SYNCML:SYNCML1.2"),
}
MAC = "syncml:auth-MAC"
COMMANDS = ("Get", "Replace", "Add", "Delete", "Copy", "Exec", "Sequence", "Atomic", "Alert")


def b64(octets: bytes) -> str:
    return base64.b64encode(octets).decode()


def a1(user: str, password: str) -> bytes:
    return b64(hashlib.md5(f"{user}:{password}".encode()).digest()).encode()


def md5_credential(user: str, password: str, nonce: bytes) -> str:
    return b64(hashlib.md5(a1(user, password) + b":" + nonce).digest())


def mac(user: str, password: str, nonce: bytes, body: bytes) -> str:
    of_body = b64(hashlib.md5(body).digest()).encode()
    return b64(hashlib.md5(a1(user, password) + b":" + nonce + b":" + of_body).digest())


def basic_credential(user: str, password: str) -> str:
    return b64(f"{user}:{password}".encode())


@dataclasses.dataclass
class Answer:
    """What the ingress answered, in HTTP."""

    status: int
    headers: dict[str, str]
    body: bytes


class Post:
    """Posts to one URL; a new connection each time, as terminals do."""

    def __init__(self, url: str, timeout: float = 30):
        self.parts = urllib.parse.urlsplit(url)
        self.timeout = timeout

    def __call__(self, body: bytes, media_type: str | None = XML, **headers: str) -> Answer:
        connection = http.client.HTTPConnection(self.parts.hostname, self.parts.port, timeout=self.timeout)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if media_type is not None:
            named["Content-Type"] = media_type
        try:
            chunked = "Transfer-Encoding" in named
            method, path = named.pop("method", "POST"), named.pop("path", self.parts.path)
            connection.request(method, path, body, named, encode_chunked=chunked)
            response = connection.getresponse()
            found = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, found, response.read())
        finally:
            connection.close()


def _tag(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


class Message:
    """A message of the server, read without namespaces."""

    def __init__(self, octets: bytes):
        self.root = ElementTree.fromstring(octets)
        for element in self.root.iter():
            element.tag = _tag(element)
        self.header = self.root.find("SyncHdr")
        self.body = self.root.find("SyncBody")
        self.msg_id = self.header.findtext("MsgID")
        self.session_id = self.header.findtext("SessionID")

    @property
    def statuses(self) -> list[tuple[str, str]]:
        """(command, code), in order; SyncHdr first."""
        return [(status.findtext("Cmd"), status.findtext("Data")) for status in self.body.findall("Status")]

    def code(self, command: str) -> str:
        codes = [code for name, code in self.statuses if name == command]
        assert len(codes) == 1, f"{command}: {codes} in {ElementTree.tostring(self.root)}"
        return codes[0]

    @property
    def commands(self) -> list[ElementTree.Element]:
        return [element for element in self.body if element.tag in COMMANDS]

    @property
    def final(self) -> bool:
        return self.body.find("Final") is not None

    @property
    def next_nonce(self) -> bytes | None:
        text = self.body.findtext("Status/Chal/Meta/NextNonce") or self.body.findtext(".//NextNonce")
        return None if text is None else base64.b64decode(text)

    @property
    def challenge(self) -> str | None:
        """The scheme asked for."""
        return self.body.findtext("Status/Chal/Meta/Type")


class Terminal:
    def __init__(self, post: Post, device_id: str, password: str, user: str | None = None):
        self.post = post
        self.id = device_id
        self.user = user or device_id
        self.password = password
        self.nonce = b""
        self.scheme = "syncml:auth-md5"
        self.version = "1.2"
        self.max_msg_size = 16384
        self.tree = {
            "./DevInfo/DevId": device_id,
            "./DevInfo/Man": "Acme",
            "./DevInfo/Mod": "Phone 9",
            "./DevInfo/DmV": "1.2",
            "./DevInfo/Lang": "en-GB",
            "./DevDetail/FwV": "6.1.0",
        }
        self.executed: list[tuple[str, str]] = []  # (command, URI): each time one was carried out.
        self._sessions = itertools.count(1)

    def session(self, session_id: str | None = None) -> "Session":
        return Session(self, session_id or f"{next(self._sessions):X}")

    def manage(self, session_id: str | None = None) -> "Session":
        """A whole session, to its end."""
        session = self.session(session_id)
        session.run()
        return session

    def credential(self) -> str | None:
        """None: it is not in the message."""
        if self.scheme == MAC:
            return None
        if self.scheme == "syncml:auth-basic":
            return basic_credential(self.user, self.password)
        return md5_credential(self.user, self.password, self.nonce)

    # --- What it carries out --------------------------------------------------------------------------------

    def carry_out(self, command: ElementTree.Element) -> tuple[str, list[tuple[str, str]]]:
        """(status, [(URI, value)] of a Get)."""
        uri = command.findtext("Item/Target/LocURI") or ""
        data = command.findtext("Item/Data") or ""
        self.executed.append((command.tag, uri))
        if command.tag == "Get":
            return ("200", [(uri, self.tree[uri])]) if uri in self.tree else ("404", [])
        if command.tag == "Replace" and uri not in self.tree:
            return "404", []
        if command.tag == "Add" and uri in self.tree:
            return "418", []
        if command.tag in ("Replace", "Add"):
            self.tree[uri] = data
            return "200", []
        if command.tag == "Delete":
            return ("200" if self.tree.pop(uri, None) is not None else "404"), []
        if command.tag == "Exec":
            return "202", []
        return "406", []


class Session:
    def __init__(self, terminal: Terminal, session_id: str):
        self.terminal = terminal
        self.id = session_id
        self.msg_id = 0
        self.target = "http://dm.example.com/dm"
        self.requests: list[bytes] = []
        self.answers: list[Message] = []
        self.received: Answer | None = None  # The last, as HTTP has it.

    def run(self, limit: int = 40) -> None:
        """Package 1, the answer to a challenge, everything the server wants; returns when nothing is left."""
        message = self.send(self.package1())
        if message.code("SyncHdr") in ("401", "407"):
            self.learn(message)
            message = self.send(self.package1())
        assert message.code("SyncHdr") in ("200", "212"), message.statuses
        for _ in range(limit):
            request = self.reply(message)
            if request is None:
                return
            message = self.send(request)
        raise AssertionError("the session has no end")

    def send(self, request: bytes) -> Message:
        answer = self.received = self.terminal.post(request, **self.proof(request))
        assert answer.status == 200, f"HTTP {answer.status}: {answer.body[:300]!r}"
        self.requests.append(request)
        message = Message(answer.body)
        self.answers.append(message)
        self.learn(message)
        return message

    def proof(self, request: bytes) -> dict[str, str]:
        """The HTTP header that proves the terminal, where its scheme is one of headers."""
        terminal = self.terminal
        if terminal.scheme != MAC:
            return {}
        digest = mac(terminal.user, terminal.password, terminal.nonce, request)
        return {"x_syncml_hmac": f'algorithm=MD5, username="{terminal.user}", mac={digest}'}

    def learn(self, message: Message) -> None:
        if message.next_nonce is not None:
            self.terminal.nonce = message.next_nonce
        if message.challenge:
            self.terminal.scheme = message.challenge

    # --- Building -------------------------------------------------------------------------------------------

    def message(self, body: str, credential: str | None = None, source: str | None = None) -> bytes:
        """The next message of this session."""
        self.msg_id += 1
        name = f"<LocName>{escape(self.terminal.user)}</LocName>" if credential is not None else ""
        cred = ""
        if credential is not None:
            meta = f'<Format xmlns="syncml:metinf">b64</Format><Type xmlns="syncml:metinf">{self.terminal.scheme}</Type>'
            cred = f"<Cred><Meta>{meta}</Meta><Data>{credential}</Data></Cred>"
        version = self.terminal.version
        protocol, namespace = VERSIONS[version]
        header = (
            f"<SyncHdr><VerDTD>{version}</VerDTD><VerProto>{protocol}</VerProto>"
            f"<SessionID>{escape(self.id)}</SessionID><MsgID>{self.msg_id}</MsgID>"
            f"<Target><LocURI>{self.target}</LocURI></Target>"
            f"<Source><LocURI>{escape(source or self.terminal.id)}</LocURI>{name}</Source>{cred}"
            f'<Meta><MaxMsgSize xmlns="syncml:metinf">{self.terminal.max_msg_size}</MaxMsgSize></Meta></SyncHdr>'
        )
        return f'<SyncML xmlns="{namespace}">{header}<SyncBody>{body}</SyncBody></SyncML>'.encode()

    def package1(self, more: str = "", credential: str | None = "") -> bytes:
        """credential: None sends none, "" the right one."""
        items = "".join(
            f"<Item><Source><LocURI>{uri}</LocURI></Source><Data>{escape(value)}</Data></Item>"
            for uri, value in self.terminal.tree.items()
            if uri.startswith("./DevInfo/")
        )
        body = (
            "<Alert><CmdID>1</CmdID><Data>1201</Data></Alert>"
            f"<Replace><CmdID>2</CmdID>{items}</Replace>{more}<Final/>"
        )
        return self.message(body, self.terminal.credential() if credential == "" else credential)

    def reply(self, message: Message) -> bytes | None:
        """Package 3: carries out what the message says. None: it holds no command, the session is over."""
        if not message.commands:
            return None
        numbers = itertools.count(1)
        body = self.header_status(message, next(numbers))
        for command in message.commands:
            body += self._answer_to(command, message.msg_id, numbers)
        return self.message(body + self.ending(numbers))

    def header_status(self, message: Message, cmd_id: int) -> str:
        code = "212" if message.header.find("Cred") is not None else "200"
        return status(cmd_id, message.msg_id, "0", "SyncHdr", code)

    def ending(self, numbers: itertools.count) -> str:
        """What a message of package 3 ends with."""
        return "<Final/>"

    def _answer_to(self, command: ElementTree.Element, msg_ref: str, numbers: itertools.count) -> str:
        cmd_id = command.findtext("CmdID")
        if command.tag == "Alert":
            return status(next(numbers), msg_ref, cmd_id, "Alert", "200")
        if command.tag == "Sequence":
            inner = [child for child in command if child.tag in COMMANDS]
            text = status(next(numbers), msg_ref, cmd_id, "Sequence", "200")
            return text + "".join(self._answer_to(child, msg_ref, numbers) for child in inner)
        code, values = self.terminal.carry_out(command)
        text = status(next(numbers), msg_ref, cmd_id, command.tag, code)
        for uri, value in values:
            text += (
                f"<Results><CmdID>{next(numbers)}</CmdID><MsgRef>{msg_ref}</MsgRef><CmdRef>{cmd_id}</CmdRef><Item>"
                f"<Source><LocURI>{uri}</LocURI></Source><Data>{escape(value)}</Data></Item></Results>"
            )
        return text


def status(cmd_id: int, msg_ref: str, cmd_ref: str, command: str, code: str) -> str:
    return (
        f"<Status><CmdID>{cmd_id}</CmdID><MsgRef>{msg_ref}</MsgRef><CmdRef>{cmd_ref}</CmdRef>"
        f"<Cmd>{command}</Cmd><Data>{code}</Data></Status>"
    )


# Package 1 of SyncML 1.2 in WBXML, 126 octets: SessionID 1, MsgID 1, Source IMEI:493005100592800, Alert 1201, Final.
PACKAGE_1_WBXML = bytes.fromhex(
    "02A4016A006D6C7103312E3200017203444D2F312E3200016503310001"
    "5B033100016E570368747470733A2F2F646D2E6578616D706C652E636F6D2F646D000101"
    "675703494D45493A3439333030353130303539323830300001015A00014C0331363338340001010100006B464B033100014F033132303100"
    "0101120101"
)
# The same in SyncML 1.1, 68 octets: Target S, Source D.
PACKAGE_1_WBXML_1_1 = bytes.fromhex(
    "029F536A006D6C7103312E3100017203444D2F312E31000165033100015B0331"
    "00016E57035300010167570344000101016B464B033100014F033132303100010112"
    "0101"
)
