"""Atomics, dialogues with the user, lists of nodes, aborts and versions, end to end."""

import json

import pytest
from conftest import wait_until
from objects import ObjectSession, ObjectTerminal


@pytest.fixture
def terminal(site) -> ObjectTerminal:
    one = ObjectTerminal(site.terminal())
    one.tree |= {"./Con/APN": "old", "./Con/Port": "80", "./Con/Name": "none"}
    return one


def submit(site, terminal, commands: str) -> str:
    """The commands of one operation, as a file has them."""
    text = f"devices: [{terminal.id}]\ncommands:\n{commands}"
    return json.loads(site.drover.ok("op", "submit", "-f", "-", "-o", "json", stdin=text))["id"]


def codes(found: dict) -> list[int]:
    return [result["status"] for result in found["results"]]


def replace(uri: str, value: str) -> str:
    return f"    - {{replace: {uri}, value: {value}}}\n"


def con(terminal) -> dict[str, str]:
    return {uri: value for uri, value in terminal.tree.items() if uri.startswith("./Con/")}


# --- Atomic ---------------------------------------------------------------------------------------------------------

THREE = "  - atomic:\n" + replace("./Con/APN", "new") + replace("./Con/Port", "'443'") + replace("./Con/Name", "web")


def test_an_atomic_that_succeeds_changes_everything(site, terminal):
    operation = submit(site, terminal, THREE)
    terminal.manage()
    found = site.drover.operation(operation)
    assert found["state"] == "SUCCEEDED" and codes(found) == [200, 200, 200]
    assert con(terminal) == {"./Con/APN": "new", "./Con/Port": "443", "./Con/Name": "web"}
    assert terminal.atomics == 1


def test_an_atomic_whose_second_command_fails_changes_nothing_and_the_cause_names_it(site, terminal):
    del terminal.tree["./Con/Port"]
    before = con(terminal)
    operation = submit(site, terminal, THREE)
    terminal.manage()
    found = site.drover.operation(operation)
    assert found["state"] == "FAILED" and codes(found) == [216, 404, 215]
    assert "command 2 of 3" in found["cause"] and "./Con/Port" in found["cause"]
    assert "404" in found["cause"] and "nothing of its Atomic was carried out" in found["cause"]
    assert con(terminal) == before


def test_a_failed_roll_back_is_said(site, terminal):
    del terminal.tree["./Con/Port"]
    rolled_back = "<Cmd>Replace</Cmd><Data>216</Data>"
    session = terminal.session()
    reply = session.reply
    session.reply = lambda message: (reply(message) or b"").replace(
        rolled_back.encode(), rolled_back.replace("216", "516").encode()
    ) or None
    operation = submit(site, terminal, THREE)
    session.run()
    found = site.drover.operation(operation)
    assert found["state"] == "FAILED" and codes(found) == [516, 404, 215]
    assert "could not undo its Atomic (516)" in found["cause"]


def test_a_users_no_inside_an_atomic_undoes_it(site, terminal):
    terminal.answers["Keep it?"] = ("304", [])
    before = con(terminal)
    atomic = "  - atomic:\n" + replace("./Con/APN", "new") + "    - prompt: Keep it?\n" + replace("./Con/Name", "web")
    operation = submit(site, terminal, atomic)
    terminal.manage()
    found = site.drover.operation(operation)
    assert found["state"] == "FAILED" and codes(found) == [216, 304, 215]
    assert "refused" in found["cause"] and "Keep it?" in found["cause"]
    assert con(terminal) == before


def test_a_users_yes_inside_an_atomic_lets_it_through(site, terminal):
    atomic = "  - atomic:\n    - prompt: Change it?\n" + replace("./Con/APN", "new")
    operation = submit(site, terminal, atomic)
    terminal.manage()
    assert site.drover.operation(operation)["state"] == "SUCCEEDED"
    assert terminal.tree["./Con/APN"] == "new" and len(terminal.asked) == 1


def test_a_model_that_knows_no_atomic_gets_none_and_the_reason_is_said(site, terminal):
    terminal.tree["./DevInfo/Mod"] = "No Atomic 1"
    site.drover.ok(
        "profile", "set", "-f", "-", stdin="manufacturer: Acme\nmodel: No Atomic 1\ntraits: {atomic: no}\n"
    )
    terminal.manage()
    listed = ("get", "devices", "-l", "model=No Atomic 1", "-o", "name")
    wait_until(lambda: terminal.id in site.drover.ok(*listed), 30)
    atomic, plain = submit(site, terminal, THREE), submit(site, terminal, "  - get: ./Con/APN\n")
    terminal.manage()
    found = site.drover.operation(atomic)
    assert found["state"] == "FAILED"
    assert "the terminal does not carry out Atomic (profile of its model)" in found["cause"]
    assert terminal.atomics == 0 and terminal.tree["./Con/APN"] == "old"
    assert site.drover.operation(plain)["state"] == "SUCCEEDED"


# --- The user -------------------------------------------------------------------------------------------------------

FIVE = """  - {prompt: Hello, kind: display}
  - prompt: Go on?
  - {prompt: Your name, kind: input, max_length: 30}
  - {prompt: Bearer, kind: choose, choices: [Wi-Fi, Cellular]}
  - {prompt: Services, kind: choose_many, choices: [Mail, Calendar, Contacts]}
  - get: ./Con/APN
"""


def test_the_answers_to_prompts_of_the_five_kinds_are_in_the_operation(site, terminal):
    terminal.answers |= {
        "Your name": ("200", ["Jane <j@example.com>"]),
        "Bearer": ("200", ["2"]),
        "Services": ("200", ["3", "1"]),
    }
    operation = submit(site, terminal, FIVE)
    terminal.manage()
    assert [code for code, _, _ in terminal.asked] == ["1100", "1101", "1102", "1103", "1104"]
    found = site.drover.operation(operation)
    assert found["state"] == "SUCCEEDED" and codes(found) == [200] * 6
    answers = [[value["data"] for value in result.get("values", [])] for result in found["results"]]
    assert answers[:2] == [[], []] and answers[5] == ["old"]
    assert answers[2:5] == [["Jane <j@example.com>"], ["2"], ["3", "1"]]


@pytest.mark.parametrize(
    ("code", "words"), [("304", "refused"), ("214", "cancel"), ("408", "answer"), ("406", "cannot ask")]
)
def test_what_a_prompt_gates_is_not_sent_when_the_answer_is_not_yes(site, terminal, code, words):
    terminal.answers["Go on?"] = (code, [])
    operation = submit(site, terminal, FIVE)
    terminal.manage()
    found = site.drover.operation(operation)
    assert found["state"] == "FAILED" and codes(found) == [200, int(code), 215, 215, 215, 215]
    assert code in found["cause"] and words in found["cause"].lower(), found["cause"]
    assert len(terminal.asked) == 2 and terminal.executed == []


# --- What lists bring into the tree ---------------------------------------------------------------------------------


class ListSession(ObjectSession):
    @staticmethod
    def values(values, msg_ref, cmd_id, numbers):
        text = ObjectSession.values(values, msg_ref, cmd_id, numbers)
        return text.replace("<Data></Data>", "")  # A list of Struct holds no Data at all.


class ListTerminal(ObjectTerminal):
    def session(self, session_id=None):
        return ListSession(self, session_id or f"{next(self._sessions):X}")

    def read(self, uri):
        path, _, query = uri.partition("?")
        if query != "list=Struct":
            return super().read(uri)
        return "200", [(each, form, kind, "") for each, form, kind, _ in self.nodes(path)]


@pytest.fixture
def lister(site) -> ListTerminal:
    one = ListTerminal(site.terminal())
    one.types["./A"] = "urn:example:mo:1.0"
    one.tree |= {"./A/C": "c", "./A/D/E/G": "g", "./A/D/F": "f"}
    one.acls["./A/D"] = "Get=*&Replace=drover"
    return one


def listed(site, terminal, uri: str = "./A") -> dict[str, dict]:
    nodes = json.loads(site.drover.ok("tree", "get", terminal.id, uri, "-o", "json"))
    return {node["uri"]: node for node in nodes}


EVERY = ["./A", "./A/C", "./A/D", "./A/D/E", "./A/D/E/G", "./A/D/F"]


def test_a_list_of_structure_brings_nodes_without_values_into_the_tree(site, lister):
    operation = site.drover.submit(lister.id, "get", "./A?list=Struct")
    lister.manage()
    assert site.drover.operation(operation)["state"] == "SUCCEEDED"
    wait_until(lambda: sorted(listed(site, lister)) == EVERY, 30)
    nodes = listed(site, lister)
    assert nodes["./A"]["format"] == "node" and nodes["./A/C"]["format"] == "chr"
    assert nodes["./A"]["type"] == "urn:example:mo:1.0"
    assert not nodes["./A/C"].get("value")


def test_a_list_with_data_brings_values_too(site, lister):
    operation = site.drover.submit(lister.id, "get", "./A?list=StructData")
    lister.manage()
    assert site.drover.operation(operation)["state"] == "SUCCEEDED"
    wait_until(lambda: sorted(listed(site, lister)) == EVERY, 30)
    nodes = listed(site, lister)
    assert {uri: nodes[uri]["value"] for uri in ("./A/C", "./A/D/E/G", "./A/D/F")} == {
        "./A/C": "c", "./A/D/E/G": "g", "./A/D/F": "f"
    }


def test_a_list_that_lacks_data_leaves_known_values_alone(site, lister):
    for query in ("StructData", "Struct"):
        site.drover.submit(lister.id, "get", f"./A?list={query}")
        lister.manage()
    wait_until(lambda: sorted(listed(site, lister)) == EVERY, 30)
    assert listed(site, lister)["./A/C"]["value"] == "c"


def test_an_acl_that_was_read_is_in_the_tree_and_the_value_stays(site, lister):
    site.drover.submit(lister.id, "get", "./A?list=StructData")
    site.drover.submit(lister.id, "get", "./A/D?prop=ACL")
    lister.manage()
    wait_until(lambda: listed(site, lister)["./A/D"].get("acl") == "Get=*&Replace=drover", 30)
    assert "./A/D?prop=ACL" not in listed(site, lister)
    assert listed(site, lister)["./A/D/F"]["value"] == "f"


# --- An end before the end, and the older protocol ------------------------------------------------------------------


def test_an_abort_by_the_terminal_gives_the_work_back(site, terminal):
    first = submit(site, terminal, "  - {replace: ./Con/APN, value: new}\n  - prompt: Go on?\n  - get: ./Con/Port\n")
    second = submit(site, terminal, "  - {replace: ./Con/Name, value: web}\n")
    before = site.metric("session-1", "drover_session_sessions_ended_total", end="aborted_by_terminal")
    session = terminal.session()
    message = session.send(session.package1())
    if message.code("SyncHdr") in ("401", "407"):
        message = session.send(session.package1())
    assert message.commands and site.drover.operation(first)["state"] == "RUNNING"
    abort = "<Alert><CmdID>2</CmdID><Data>1223</Data></Alert><Final/>"
    message = session.send(session.message(session.header_status(message, 1) + abort))
    assert message.code("Alert") == "200" and not message.commands
    assert site.metric("session-1", "drover_session_sessions_ended_total", end="aborted_by_terminal") == before + 1
    wait_until(lambda: site.drover.operation(first)["state"] == "PENDING", 30)
    assert site.drover.operation(second)["state"] == "PENDING"
    terminal.manage()
    for operation in (first, second):
        assert site.drover.operation(operation)["state"] == "SUCCEEDED"
    done = [uri for verb, uri in terminal.executed if verb == "Replace"]
    assert sorted(done) == ["./Con/APN", "./Con/Name"]
    assert len(terminal.asked) == 1


@pytest.mark.parametrize(("version", "correlated"), [("1.1", False), ("1.2", True)])
def test_exec_has_a_correlator_from_dm_1_2_on_alone(site, terminal, version, correlated):
    terminal.version = version
    terminal.tree["./DevInfo/DmV"] = version
    operation = site.drover.submit(terminal.id, "exec", "./FUMO/P1/Update")
    session = terminal.manage()
    commands = [child for answer in session.answers for child in answer.root.iter("Exec")]
    assert len(commands) == 1
    assert commands[0].findtext("Correlator") == (operation if correlated else None)
    headers = {(answer.header.findtext("VerDTD"), answer.header.findtext("VerProto")) for answer in session.answers}
    assert headers == {(version, "DM/1.1" if version == "1.1" else "DM/1.2")}
    assert site.drover.operation(operation)["state"] == "WAITING"
    alert = (
        "<Alert><CmdID>9</CmdID><Data>1226</Data><Item><Source><LocURI>./FUMO/P1</LocURI></Source><Meta>"
        '<Type xmlns="syncml:metinf">org.openmobilealliance.dm.firmwareupdate.update</Type>'
        '<Format xmlns="syncml:metinf">int</Format></Meta>'
        "<Data>200</Data></Item></Alert>"
    )
    terminal.alerts = [alert]
    terminal.manage()
    assert site.drover.operation(operation)["state"] == "SUCCEEDED"
