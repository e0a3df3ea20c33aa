"""A terminal that takes and sends large objects in pieces (OMA-TS-DM_Protocol-V1_2, "Large object handling")."""

import dataclasses
import itertools
import xml.etree.ElementTree as ElementTree
from xml.sax.saxutils import escape

from dm import Message, status
from objects import ObjectSession, ObjectTerminal

AROUND = 1000  # Octets of a message that are no value.


@dataclasses.dataclass
class Incoming:
    uri: str
    size: int
    parts: list[str]


@dataclasses.dataclass
class Outgoing:
    uri: str
    msg_ref: str  # Of the Get.
    cmd_ref: str
    rest: str
    size: int | None  # Told with the first piece alone.


class LargeTerminal(ObjectTerminal):
    def __init__(self, terminal, max_msg_size: int = 4000):
        super().__init__(terminal)
        self.max_msg_size = max_msg_size
        self.pieces: list[str] = []  # URI of each piece that came.

    def session(self, session_id: str | None = None) -> "LargeSession":
        return LargeSession(self, session_id or f"{next(self._sessions):X}")


class LargeSession(ObjectSession):
    """ASCII values alone are sent in pieces: a piece ends at any character."""

    def __init__(self, terminal: LargeTerminal, session_id: str):
        super().__init__(terminal, session_id)
        self.incoming: Incoming | None = None
        self.outgoing: Outgoing | None = None

    @property
    def midway(self) -> bool:
        return self.incoming is not None or self.outgoing is not None

    def run(self, limit: int = 200) -> None:
        super().run(limit)

    def send(self, request: bytes) -> Message:
        sending = self.outgoing is not None
        message = super().send(request)
        assert len(self.received.body) <= self.terminal.max_msg_size
        if sending:
            assert message.code("Results") == "213", message.statuses
        return message

    def _answer_to(self, command: ElementTree.Element, msg_ref: str, numbers: itertools.count) -> str:
        split = command.find("Item/MoreData") is not None
        if split or (self.incoming is not None and command.tag in ("Add", "Replace")):
            return status(next(numbers), msg_ref, command.findtext("CmdID"), command.tag, self.take(command, split))
        return super()._answer_to(command, msg_ref, numbers)

    def take(self, command: ElementTree.Element, more: bool) -> str:
        """The status of a piece."""
        uri, size = command.findtext("Item/Target/LocURI"), command.findtext("Item/Meta/Size")
        assert (size is None) == (self.incoming is not None), "Size belongs to the first piece alone"
        if self.incoming is None:
            self.incoming = Incoming(uri, int(size), [])
        assert uri == self.incoming.uri, "nothing may come between the pieces"
        self.terminal.pieces.append(uri)
        self.incoming.parts.append(command.findtext("Item/Data") or "")
        if more:
            return "213"
        whole, announced = "".join(self.incoming.parts), self.incoming.size
        self.incoming = None
        if len(whole.encode()) != announced:
            return "424"
        command.find("Item/Data").text = whole
        return self.terminal.carry_out(command)[0]

    def values(self, values, msg_ref: str, cmd_id: str, numbers: itertools.count) -> str:
        large = [value for value in values if len(value[-1]) > self.terminal.max_msg_size - AROUND]
        if not large:
            return super().values(values, msg_ref, cmd_id, numbers)
        assert len(values) == 1 and self.outgoing is None, "this terminal sends one large object at a time"
        uri, data = values[0][0], values[0][-1]
        self.outgoing = Outgoing(uri, msg_ref, cmd_id, data, len(data))
        return ""

    def ending(self, numbers: itertools.count) -> str:
        if self.incoming is not None:
            return f"<Alert><CmdID>{next(numbers)}</CmdID><Data>1222</Data></Alert>"
        if self.outgoing is None:
            return "<Final/>"
        return self.next_piece(next(numbers))

    def next_piece(self, cmd_id: int) -> str:
        sent = self.outgoing
        length = self.terminal.max_msg_size - AROUND
        piece, sent.rest = sent.rest[:length], sent.rest[length:]
        size = f'<Size xmlns="syncml:metinf">{sent.size}</Size>' if sent.size is not None else ""
        sent.size = None
        if not sent.rest:
            self.outgoing = None
        return (
            f"<Results><CmdID>{cmd_id}</CmdID><MsgRef>{sent.msg_ref}</MsgRef><CmdRef>{sent.cmd_ref}</CmdRef><Item>"
            f"<Source><LocURI>{sent.uri}</LocURI></Source><Meta><Format xmlns=\"syncml:metinf\">chr</Format>"
            f'<Type xmlns="syncml:metinf">text/plain</Type>{size}</Meta><Data>{escape(piece)}</Data>'
            + ("<MoreData/></Item></Results>" if sent.rest else "</Item></Results><Final/>")
        )
