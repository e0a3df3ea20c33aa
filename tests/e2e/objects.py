"""A terminal with management objects, in Python, from the specifications alone: FUMO, SCOMO, LAWMO, DCMO, DMAcc,
accounts; Atomic, dialogues with its user, ?list= and ?prop=ACL; and the generic alerts that report what an Exec came to.
"""

import itertools
import xml.etree.ElementTree as ElementTree
from xml.sax.saxutils import escape

from dm import COMMANDS, Session, Terminal, status

NODE = "node"
FUMO = "urn:oma:mo:oma-fumo:1.0"


class ObjectTerminal(Terminal):
    """tree holds the leaves; types the Types of interior nodes; secrets the leaves that nobody may read."""

    def __init__(self, terminal: Terminal, lists: bool = True):
        super().__init__(terminal.post, terminal.id, terminal.password, terminal.user)
        self.lists = lists  # Knows ?list=StructData.
        self.types: dict[str, str] = {}
        self.empty: set[str] = set()  # Interior nodes with nothing below them.
        self.secrets: set[str] = set()
        self.acls: dict[str, str] = {}
        self.answers: dict[str, tuple[str, list[str]]] = {}  # Text of a dialogue -> (status, items).
        self.asked: list[tuple[str, str, str]] = []  # (code, options, text)
        self.results: dict[str, int] = {}  # Name of an executed node -> result code of its alert.
        self.alerts: list[str] = []  # Waiting for the next package 1.
        self.atomics = 0
        self.tree |= {
            "./DevDetail/DevTyp": "phone", "./DevDetail/OEM": "Acme", "./DevDetail/SwV": "1", "./DevDetail/HwV": "1",
            "./DevDetail/LrgObj": "true", "./DevDetail/URI/MaxDepth": "0", "./DevDetail/URI/MaxTotLen": "0",
            "./DevDetail/URI/MaxSegLen": "0",
        }

    def session(self, session_id: str | None = None) -> "ObjectSession":
        return ObjectSession(self, session_id or f"{next(self._sessions):X}")

    # --- Its tree ---------------------------------------------------------------------------------------------

    def add_fumo(self, root: str) -> None:
        self.types[root] = FUMO
        self.tree |= {
            f"{root}/State": "10",
            f"{root}/PkgName": "", f"{root}/Download/PkgURL": "", f"{root}/DownloadAndUpdate/PkgURL": "",
            f"{root}/Update/PkgData": "",
        }

    def add_dmacc(self, root: str, server_id: str) -> None:
        self.types[root] = "urn:oma:mo:oma-dm-dmacc:1.0"
        self.tree |= {
            f"{root}/AppID": "w7", f"{root}/ServerID": server_id,
            f"{root}/AppAuth/1/AAuthLevel": "CLCRED", f"{root}/AppAuth/1/AAuthSecret": "",
            f"{root}/AppAuth/2/AAuthLevel": "SRVCRED", f"{root}/AppAuth/2/AAuthSecret": "",
        }
        self.secrets |= {f"{root}/AppAuth/1/AAuthSecret", f"{root}/AppAuth/2/AAuthSecret"}

    def children(self, uri: str) -> list[str]:
        below = uri + "/"
        known = itertools.chain(self.tree, self.types, self.empty)
        return sorted({path[len(below):].split("/")[0] for path in known if path.startswith(below)})

    def is_there(self, uri: str) -> bool:
        return uri in self.tree or uri in self.types or uri in self.empty or bool(self.children(uri)) or uri == "."

    def nodes(self, uri: str) -> list[tuple[str, str, str, str]]:
        """(URI, format, type, value) of a node and all below it."""
        if uri in self.tree:
            return [] if uri in self.secrets else [(uri, "chr", "text/plain", self.tree[uri])]
        names = self.children(uri)
        found = [(uri, NODE, self.types.get(uri, ""), "/".join(names))]
        for name in names:
            found += self.nodes(f"{uri}/{name}")
        return found

    # --- Commands ---------------------------------------------------------------------------------------------

    def read(self, uri: str) -> tuple[str, list[tuple[str, str, str, str]]]:
        path, _, query = uri.partition("?")
        if not self.is_there(path):
            return "404", []
        if query.startswith("list="):
            if query != "list=StructData" or not self.lists:
                return "406", []
            return "200", self.nodes(path)
        if query == "prop=ACL":
            return "200", [(uri, "chr", "text/plain", self.acls.get(path, ""))]
        if path in self.secrets:
            return "405", []
        return "200", self.nodes(path)[:1]

    def carry_out(self, command: ElementTree.Element):
        uri = command.findtext("Item/Target/LocURI") or ""
        if command.tag == "Get":
            self.executed.append((command.tag, uri))
            return self.read(uri)
        path, _, query = uri.partition("?")
        if command.tag == "Replace" and query == "prop=ACL":
            self.acls[path] = command.findtext("Item/Data") or ""
            return "200", []
        if command.tag == "Add" and command.findtext("Item/Meta/Format") == NODE:
            self.executed.append((command.tag, uri))
            if self.is_there(uri):
                return "418", []
            self.empty.add(uri)
            return "200", []
        if command.tag == "Delete":
            self.executed.append((command.tag, uri))
            gone = [path for path in (*self.tree, *self.empty, *self.types) if (path + "/").startswith(uri + "/")]
            for path in gone:
                self.tree.pop(path, None)
                self.types.pop(path, None)
                self.empty.discard(path)
            return ("200" if gone else "404"), []
        if command.tag == "Exec":
            self.executed.append((command.tag, uri))
            return self.execute(uri, command.findtext("Correlator") or ""), []
        return super().carry_out(command)

    def execute(self, uri: str, correlator: str) -> str:
        """202, and the alert comes with the next session."""
        operation = uri.rpartition("/")[2]
        kind, source, success, done = self.owner(uri, operation)
        result = self.results.get(operation, success)
        if result == success and done is not None:
            done()
        self.alert(kind, source, correlator, str(result))
        return "202"

    def owner(self, uri: str, operation: str):
        """(type of the alert, its source, the code of success, what success changes)"""
        for root, kind in self.types.items():
            if not uri.startswith(root + "/"):
                continue
            if kind == FUMO:
                alert = f"org.openmobilealliance.dm.firmwareupdate.{operation.lower()}"
                url = self.tree[f"{root}/DownloadAndUpdate/PkgURL"] or self.tree[f"{root}/Download/PkgURL"]
                installs = operation != "Download"
                return alert, root, 200, (lambda: self.install(url)) if installs else None
            name = kind.split(":")[3].removeprefix("oma-")
            return f"urn:oma:at:{name}:1.0:OperationComplete", uri, 1200, lambda: self.change(uri, operation)
        return "urn:oma:at:unknown", uri, 1200, None

    def install(self, url: str) -> None:
        self.tree["./DevDetail/FwV"] = url.rpartition("-")[2].partition(".")[0] or "pushed"

    def change(self, uri: str, operation: str) -> None:
        unit = uri.partition("/Operations/")[0]
        values = {
            "FullyLock": ("State", "10"), "PartiallyLock": ("State", "20"), "UnLock": ("State", "30"),
            "Enable": ("Enabled", "true"), "Disable": ("Enabled", "false"),
            "Activate": ("State", "20"), "Deactive": ("State", "10"),
        }
        if operation in values:
            leaf, value = values[operation]
            self.tree[f"{unit}/{leaf}"] = value

    def alert(self, kind: str, source: str, correlator: str, data: str) -> None:
        correlated = f"<Correlator>{escape(correlator)}</Correlator>" if correlator else ""
        self.alerts.append(
            f"<Alert><CmdID>{{}}</CmdID><Data>1226</Data>{correlated}<Item><Source><LocURI>{source}</LocURI></Source>"
            f'<Meta><Type xmlns="syncml:metinf">{kind}</Type><Format xmlns="syncml:metinf">int</Format></Meta>'
            f"<Data>{escape(data)}</Data></Item></Alert>"
        )


class ObjectSession(Session):
    def package1(self, more: str = "", credential: str | None = "") -> bytes:
        reports = "".join(alert.format(number) for number, alert in enumerate(self.terminal.alerts, start=10))
        return super().package1(more + reports, credential)

    def run(self, limit: int = 60) -> None:
        reported = list(self.terminal.alerts)
        super().run(limit)
        self.terminal.alerts = [alert for alert in self.terminal.alerts if alert not in reported]

    def _answer_to(self, command: ElementTree.Element, msg_ref: str, numbers: itertools.count) -> str:
        cmd_id = command.findtext("CmdID")
        if command.tag == "Alert":
            code, items = self.ask(command)
            texts = "".join(f"<Item><Data>{escape(item)}</Data></Item>" for item in items)
            said = status(next(numbers), msg_ref, cmd_id, "Alert", code)
            return said.replace("</Status>", f"{texts}</Status>")
        if command.tag == "Atomic":
            return self.atomic(command, msg_ref, numbers)
        if command.tag == "Sequence":
            return self.sequence(command, msg_ref, numbers)
        code, values = self.terminal.carry_out(command)
        return status(next(numbers), msg_ref, cmd_id, command.tag, code) + self.values(values, msg_ref, cmd_id, numbers)

    @staticmethod
    def values(values, msg_ref: str, cmd_id: str, numbers: itertools.count) -> str:
        items = ""
        for value in values:
            uri, form, kind, data = value if len(value) == 4 else (value[0], "chr", "text/plain", value[1])
            typed = f'<Type xmlns="syncml:metinf">{kind}</Type>' if kind else ""
            items += (
                f'<Item><Source><LocURI>{uri}</LocURI></Source><Meta><Format xmlns="syncml:metinf">{form}</Format>'
                f"{typed}</Meta><Data>{escape(data)}</Data></Item>"
            )
        if not items:
            return ""
        refs = f"<MsgRef>{msg_ref}</MsgRef><CmdRef>{cmd_id}</CmdRef>"
        return f"<Results><CmdID>{next(numbers)}</CmdID>{refs}{items}</Results>"

    def ask(self, alert: ElementTree.Element) -> tuple[str, list[str]]:
        code = alert.findtext("Data")
        items = [item.findtext("Data") or "" for item in alert.findall("Item")]
        if not code.startswith("110"):
            return "200", []
        options, text = items[0], items[1]
        self.terminal.asked.append((code, options, text))
        return self.terminal.answers.get(text, ("200", []))

    def sequence(self, command: ElementTree.Element, msg_ref: str, numbers: itertools.count) -> str:
        """In order; after a refused dialogue nothing more."""
        text = status(next(numbers), msg_ref, command.findtext("CmdID"), "Sequence", "200")
        refused = False
        for child in (each for each in command if each.tag in COMMANDS):
            if refused:
                text += status(next(numbers), msg_ref, child.findtext("CmdID"), child.tag, "215")
                continue
            before = len(self.terminal.asked)
            text += self._answer_to(child, msg_ref, numbers)
            asked = len(self.terminal.asked) > before and self.terminal.asked[-1][2]
            refused = bool(asked) and self.terminal.answers.get(asked, ("200", []))[0] != "200"
        return text

    def atomic(self, command: ElementTree.Element, msg_ref: str, numbers: itertools.count) -> str:
        """All or none: 200, or 507 with what was done rolled back (216) and the rest not executed (215)."""
        terminal = self.terminal
        terminal.atomics += 1
        before = dict(terminal.tree), set(terminal.empty)
        children = [child for child in command if child.tag in COMMANDS]
        codes, items = [], []
        for child in children:
            code, texts = self.ask(child) if child.tag == "Alert" else (terminal.carry_out(child)[0], [])
            codes.append(code)
            items.append(texts)
            if code != "200":
                break
        failed = codes[-1] != "200"
        if failed:
            terminal.tree, terminal.empty = before
            codes = ["216"] * (len(codes) - 1) + codes[-1:] + ["215"] * (len(children) - len(codes))
        text = status(next(numbers), msg_ref, command.findtext("CmdID"), "Atomic", "507" if failed else "200")
        for child, code in zip(children, codes):
            text += status(next(numbers), msg_ref, child.findtext("CmdID"), child.tag, code)
        return text
