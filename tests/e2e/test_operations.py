"""What operators can ask of operations: time, order, another attempt, cancellation, many at once."""

import json
import threading

import pytest
from conftest import wait_until

OK, FAILURE, USAGE, NOT_FOUND, CONFLICT, TIMEOUT, NOT_AUTHORISED = range(7)


def state(site, operation: str) -> str:
    return site.drover.operation(operation)["state"]


# --- Time and order -------------------------------------------------------------------------------------------------


def test_what_is_not_to_begin_yet_is_not_handed_out(site):
    terminal = site.terminal()
    operation = site.drover.submit(terminal.id, "--not-before", "+1h", "get", "./DevDetail/FwV")
    terminal.manage()
    assert terminal.executed == []
    found = site.drover.operation(operation)
    assert found["state"] == "PENDING" and found["blocked"]


def test_what_begins_soon_is_handed_out_when_its_time_has_come(site):
    terminal = site.terminal()
    operation = site.drover.submit(terminal.id, "--not-before", "+2s", "get", "./DevDetail/FwV")
    wait_until(lambda: not site.drover.operation(operation).get("blocked"))
    terminal.manage()
    assert state(site, operation) == "SUCCEEDED"


def test_an_operation_waits_for_another_of_another_terminal(site):
    first, second = site.terminal(), site.terminal()
    gate = site.drover.submit(first.id, "get", "./DevDetail/FwV")
    gated = site.drover.submit(second.id, "--depends-on", gate, "get", "./DevDetail/FwV")
    second.manage()
    assert second.executed == []
    first.manage()
    wait_until(lambda: not site.drover.operation(gated).get("blocked"))
    second.manage()
    assert state(site, gated) == "SUCCEEDED"


def test_what_depends_on_a_failure_fails_and_says_so(site):
    terminal = site.terminal()
    gate = site.drover.submit(terminal.id, "get", "./Nowhere")
    gated = site.drover.submit(terminal.id, "--depends-on", gate, "get", "./DevDetail/FwV")
    terminal.manage()
    wait_until(lambda: state(site, gated) == "FAILED")
    assert site.drover.operation(gated)["cause"] == f"depends on {gate}, which FAILED"
    assert ("Get", "./DevDetail/FwV") not in terminal.executed


def test_the_mappings_of_a_file_depend_on_each_other(site):
    terminal = site.terminal()
    text = (
        f"devices: [{terminal.id}]\ncommands: [get: ./DevDetail/FwV]\n---\n"
        f"devices: [{terminal.id}]\ndepends_on: ['#0']\ncommands: [get: ./DevInfo/Lang]\n"
    )
    stored = json.loads(site.drover.ok("op", "submit", "-f", "-", "-o", "json", stdin=text))
    assert stored[1]["depends_on"] == [stored[0]["id"]]
    terminal.manage()
    wait_until(lambda: not site.drover.operation(stored[1]["id"]).get("blocked"))
    terminal.manage()
    assert [uri for _, uri in terminal.executed] == ["./DevDetail/FwV", "./DevInfo/Lang"]


def test_a_circle_is_refused(site):
    terminal = site.terminal()
    text = "".join(
        f"---\ndevices: [{terminal.id}]\ndepends_on: ['#{on}']\ncommands: [get: ./DevInfo]\n" for on in (1, 0)
    )
    result = site.drover.run("op", "submit", "-f", "-", stdin=text)
    assert result.returncode == USAGE and "circle" in result.stderr


# --- Another attempt ------------------------------------------------------------------------------------------------


def test_a_busy_terminal_is_tried_again(site):
    terminal = site.terminal()
    codes = iter(["417"])
    carry_out = terminal.carry_out

    def busy_at_first(command):
        code = next(codes, None)
        return (code, []) if code else carry_out(command)

    terminal.carry_out = busy_at_first
    text = (
        f"devices: [{terminal.id}]\nretry: {{attempts: 3, initial_backoff: 1s}}\n"
        "commands: [get: ./DevDetail/FwV]\n"
    )
    operation = json.loads(site.drover.ok("op", "submit", "-f", "-", "-o", "json", stdin=text))["id"]
    terminal.manage()
    again = site.drover.operation(operation)
    assert again["state"] == "PENDING" and again["attempt"] == 2
    assert "attempt 1 of 3" in again["history"][-1]["cause"] and "417" in again["history"][-1]["cause"]
    wait_until(lambda: not site.drover.operation(operation).get("blocked"))
    terminal.manage()
    ended = site.drover.operation(operation)
    assert ended["state"] == "SUCCEEDED"
    assert [result["status"] for result in ended["results"]] == [417, 200]
    assert ended["results"][1]["attempt"] == 2


def test_what_no_policy_covers_is_not_tried_again(site):
    terminal = site.terminal()
    operation = site.drover.submit(terminal.id, "--attempts", "3", "get", "./Nowhere")
    terminal.manage()
    assert state(site, operation) == "FAILED"


def test_another_value_than_expected_fails_and_names_both(site):
    terminal = site.terminal()
    good = site.drover.submit(terminal.id, "get", "./DevDetail/FwV", "--expect", "6.1.0")
    bad = site.drover.submit(terminal.id, "get", "./DevDetail/FwV", "--expect", "7.0.0")
    terminal.manage()
    assert state(site, good) == "SUCCEEDED"
    found = site.drover.operation(bad)
    assert found["state"] == "FAILED"
    assert '"6.1.0"' in found["cause"] and '"7.0.0"' in found["cause"]


# --- Cancellation ---------------------------------------------------------------------------------------------------


def test_what_waits_is_cancelled_at_once(site):
    terminal = site.terminal()
    operation = site.drover.submit(terminal.id, "--not-before", "+1h", "get", "./DevInfo")
    site.drover.ok("op", "cancel", operation, "--reason", "not needed")
    found = site.drover.operation(operation)
    assert (found["state"], found["cause"]) == ("CANCELLED", "not needed")


def test_what_a_session_holds_is_cancelled_when_the_session_breaks(site):
    terminal = site.terminal()
    operation = site.drover.submit(terminal.id, "replace", "./DevDetail/FwV", "x")
    session = terminal.session()
    message = session.send(session.package1())
    if not message.commands:
        message = session.send(session.package1())
    assert state(site, operation) == "RUNNING"
    asked = json.loads(site.drover.ok("op", "cancel", operation, "-o", "json"))
    asked = asked[0] if isinstance(asked, list) else asked
    assert asked["state"] == "RUNNING" and asked["cancel_requested"]
    terminal.manage()
    found = site.drover.operation(operation)
    assert found["state"] == "CANCELLED"
    assert "may have been done" in found["cause"]
    assert terminal.executed == []


def test_what_the_terminal_has_accepted_is_cancelled_and_its_alert_kept(site):
    terminal = site.terminal()
    operation = site.drover.submit(terminal.id, "exec", "./FUMO/P1/Update")
    terminal.manage()
    assert state(site, operation) == "WAITING"
    site.drover.ok("op", "cancel", operation)
    assert "may still finish" in site.drover.operation(operation)["cause"]
    session = terminal.session()
    alert = (
        f"<Alert><CmdID>3</CmdID><Data>1226</Data><Correlator>{operation}</Correlator><Item><Source>"
        "<LocURI>./FUMO/P1</LocURI></Source><Meta><Type xmlns='syncml:metinf'>"
        "org.openmobilealliance.dm.firmwareupdate.update</Type><Format xmlns='syncml:metinf'>int</Format></Meta>"
        "<Data>200</Data></Item></Alert>"
    )
    message = session.send(session.package1(alert))
    if message.code("SyncHdr") in ("401", "407"):
        message = session.send(session.package1(alert))
    found = site.drover.operation(operation)
    assert found["state"] == "CANCELLED"
    assert [kept["correlator"] for kept in found["alerts"]] == [operation]


def test_what_has_ended_is_not_cancelled(site):
    terminal = site.terminal()
    operation = site.drover.submit(terminal.id, "get", "./DevDetail/FwV")
    terminal.manage()
    assert site.drover.run("op", "cancel", operation).returncode == CONFLICT


# --- Many at once ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module", name="fleet")
def _fleet(site):
    """Three of a model of their own."""
    fleet = [site.terminal() for _ in range(3)]
    for terminal in fleet:
        terminal.tree["./DevInfo/Mod"] = "Fleet 1"
        terminal.manage()
    wait_until(lambda: len(site.drover.ok("get", "devices", "-l", "model=Fleet 1", "-o", "name").split()) == 3)
    return fleet


def test_one_operation_is_submitted_for_each_terminal_of_a_selector(site, fleet):
    words = ("op", "submit", "--selector", "manufacturer=Acme,model=Fleet 1", "-o", "json")
    words += ("--idempotency-key", "fleet-read", "get", "./DevDetail/FwV")
    first = json.loads(site.drover.ok(*words))
    assert sorted(operation["device_id"] for operation in first) == sorted(terminal.id for terminal in fleet)
    again = json.loads(site.drover.ok(*words))
    assert [operation["id"] for operation in again] == [operation["id"] for operation in first]


def test_a_disabled_terminal_of_a_selector_is_skipped_and_named(site, fleet):
    site.drover.ok("device", "disable", fleet[0].id)
    try:
        result = site.drover.run("op", "submit", "--selector", "model=Fleet 1", "-o", "name", "get", "./DevInfo/Man")
    finally:
        site.drover.ok("device", "enable", fleet[0].id)
    assert result.returncode == OK
    assert len(result.stdout.split()) == 2
    assert f"skipped {fleet[0].id}" in result.stderr


def test_a_selector_that_finds_nothing_is_not_found(site):
    result = site.drover.run("op", "submit", "--selector", "model=None such", "get", "./DevInfo")
    assert result.returncode == NOT_FOUND


def test_waiting_for_many_ends_when_the_last_has_ended(site, fleet):
    words = ("op", "submit", "--wait", "--selector", "model=Fleet 1", "-o", "json", "get", "./DevInfo/Lang")
    results = []
    waiting = threading.Thread(target=lambda: results.append(site.drover.run(*words)))
    waiting.start()
    for terminal in fleet:
        terminal.executed.clear()
    pending = ("get", "operations", "--state", "PENDING", "-o", "json")
    wait_until(lambda: site.drover.ok(*pending).count("./DevInfo/Lang") >= 3)
    for terminal in fleet:
        terminal.manage()
    waiting.join(timeout=60)
    assert results[0].returncode == OK, results[0].stderr
    assert [operation["state"] for operation in json.loads(results[0].stdout)] == ["SUCCEEDED"] * 3


def test_watching_a_label_tells_of_each_until_all_have_ended(site):
    terminal = site.terminal()
    good = site.drover.submit(terminal.id, "--label", "watched", "get", "./DevDetail/FwV")
    bad = site.drover.submit(terminal.id, "--label", "watched", "get", "./Nowhere")
    terminal.manage()
    result = site.drover.run("op", "watch", "--label", "watched")
    assert result.returncode == FAILURE
    lines = result.stdout.splitlines()
    assert any(good in line and "SUCCEEDED" in line for line in lines)
    assert any(bad in line and "FAILED" in line and "404" in line for line in lines)


def test_counts_hold_what_has_ended_and_what_is_open(site):
    terminal = site.terminal()
    for label, uri in (("counted", "./DevDetail/FwV"), ("counted", "./Nowhere")):
        site.drover.submit(terminal.id, "--label", label, "get", uri)
    terminal.manage()
    site.drover.submit(terminal.id, "--label", "counted", "get", "./DevInfo")
    counts = json.loads(site.drover.ok("op", "count", "--label", "counted", "-o", "json"))
    assert {count["state"]: int(count["count"]) for count in counts} == {"SUCCEEDED": 1, "FAILED": 1, "PENDING": 1}


# --- What a terminal's description forbids --------------------------------------------------------------------------

DDF = """<MgmtTree><VerDTD>1.2</VerDTD><Man>Acme</Man><Mod>Described 1</Mod><Node><NodeName>Con</NodeName><DFProperties>
<AccessType><Get/></AccessType><DFFormat><node/></DFFormat></DFProperties><Node><NodeName>Port</NodeName><DFProperties>
<AccessType><Get/><Replace/></AccessType><DFFormat><int/></DFFormat></DFProperties></Node></Node></MgmtTree>"""


def test_what_its_description_forbids_is_refused_with_node_and_reason_unless_forced(site):
    terminal = site.terminal()
    terminal.tree["./DevInfo/Mod"] = "Described 1"
    terminal.manage()
    site.drover.ok("ddf", "import", "-", stdin=DDF)
    wait_until(lambda: site.drover.ok("get", "devices", "-l", "model=Described 1", "-o", "name").split())
    wrong = ("replace", "./Con/Port", "eighty")
    refused = site.drover.run("op", "submit", terminal.id, *wrong)
    assert refused.returncode == USAGE, refused.stderr
    assert "operations[0].commands[0]" in refused.stderr and "./Con/Port" in refused.stderr
    exec_refused = site.drover.run("op", "submit", terminal.id, "exec", "./Con/Port")
    assert exec_refused.returncode == USAGE and "./Con/Port" in exec_refused.stderr
    by_selector = site.drover.run("op", "submit", "--selector", "model=Described 1", "-o", "name", *wrong)
    assert by_selector.returncode == OK and by_selector.stdout == "" and "skipped" in by_selector.stderr
    site.drover.ok("op", "submit", terminal.id, "--force", *wrong)
    site.drover.ok("op", "submit", terminal.id, "replace", "--format", "int", "./Con/Port", "80")


# --- The service dies in the middle ---------------------------------------------------------------------------------


def test_a_submission_by_selector_goes_on_where_the_service_died(site):
    lines = [
        json.dumps({"id": f"IMEI:3600000000{n:05d}", "password": "a long secret", "model": "Swarm 1"})
        for n in range(1700)
    ]
    site.drover.ok("device", "enrol", "-f", "-", stdin="\n".join(lines))
    results = []
    words = ("op", "submit", "--selector", "model=Swarm 1", "--label", "swarm", "-o", "name", "get", "./DevInfo/Man")
    submitting = threading.Thread(target=lambda: results.append(site.drover.run(*words)))
    submitting.start()
    try:
        wait_until(lambda: "swarm" in site.drover.ok("op", "count", "--label", "swarm"))
    finally:
        site.cluster.kill("operations")
        site.cluster.restart("operations")
    submitting.join(timeout=90)
    assert results[0].returncode == OK, results[0].stderr
    ids = results[0].stdout.split()
    assert len(ids) == len(set(ids)) == 1700
    counts = json.loads(site.drover.ok("op", "count", "--label", "swarm", "-o", "json"))
    assert sum(int(count["count"]) for count in counts) == 1700
