"""Sessions from end to end: what the protocol promises, seen from a terminal and from the operator's desk."""

import pytest
from dm import Post


def test_an_operation_is_carried_out_once_and_its_outcome_is_seen(site):
    terminal = site.terminal()
    operation = site.drover.submit(terminal.id, "get", "./DevDetail/FwV")
    terminal.manage()
    assert terminal.executed == [("Get", "./DevDetail/FwV")]
    found = site.drover.operation(operation)
    assert found["state"] == "SUCCEEDED"
    assert found["results"][0]["status"] == 200


def test_the_tree_is_what_the_terminal_reported(site):
    terminal = site.terminal()
    terminal.manage()
    listing = site.drover.ok("tree", "get", terminal.id, "./DevInfo")
    assert "Acme" in listing and "Phone 9" in listing


def test_several_operations_of_one_terminal_are_carried_out_in_order(site):
    terminal = site.terminal()
    operations = [site.drover.submit(terminal.id, "replace", "./DevInfo/Lang", lang) for lang in ("de", "fr")]
    terminal.manage()
    assert terminal.tree["./DevInfo/Lang"] == "fr"
    assert [site.drover.operation(operation)["state"] for operation in operations] == ["SUCCEEDED"] * 2


def test_a_refused_command_fails_its_operation_with_the_terminals_code(site):
    terminal = site.terminal()
    operation = site.drover.submit(terminal.id, "replace", "./Nowhere", "x")
    terminal.manage()
    found = site.drover.operation(operation)
    assert found["state"] == "FAILED"
    assert found["results"][0]["status"] == 404 and "404" in found["cause"]


def test_an_operation_that_was_cancelled_is_not_sent(site):
    terminal = site.terminal()
    operation = site.drover.submit(terminal.id, "get", "./DevDetail/FwV")
    site.drover.ok("op", "cancel", operation)
    terminal.manage()
    assert not terminal.executed
    assert site.drover.operation(operation)["state"] == "CANCELLED"


def test_an_accepted_exec_waits_for_its_alert(site):
    terminal = site.terminal()
    operation = site.drover.submit(terminal.id, "exec", "./FUMO/P1/DownloadAndUpdate")
    session = terminal.manage()
    found = site.drover.operation(operation)
    assert found["state"] == "WAITING"
    correlator = next(answer.body.findtext(".//Correlator") for answer in session.answers if answer.commands)
    alert = (
        f"<Alert><CmdID>7</CmdID><Data>1226</Data><Correlator>{correlator}</Correlator><Item>"
        "<Source><LocURI>./FUMO/P1</LocURI></Source><Meta>"
        '<Format xmlns="syncml:metinf">int</Format><Type xmlns="syncml:metinf">'
        "Reversed-Domain-Name: org.openmobilealliance.dm.firmwareupdate.downloadandupdate</Type></Meta>"
        "<Data>200</Data></Item></Alert>"
    )
    later = terminal.session()
    assert later.send(later.package1(alert)).code("SyncHdr") in ("200", "212")
    assert site.drover.operation(operation)["state"] == "SUCCEEDED"


@pytest.mark.parametrize("session_id", ["0", "1", "FFFF", "4294967295", "a b-c"])
def test_any_legal_session_id_is_taken(site, session_id):
    terminal = site.terminal()
    session = terminal.manage(session_id)
    assert {answer.session_id for answer in session.answers} == {session_id}


def test_a_terminal_without_credentials_is_challenged_with_407_and_nothing_is_sent(site):
    terminal = site.terminal()
    site.drover.submit(terminal.id, "get", "./DevDetail/FwV")
    session = terminal.session()
    answer = session.send(session.package1(credential=None))
    assert answer.statuses == [("SyncHdr", "407"), ("Alert", "407"), ("Replace", "407")]
    assert answer.challenge == "syncml:auth-md5" and answer.next_nonce and not answer.commands


def test_basic_is_taken_where_the_account_allows_it(site):
    terminal = site.terminal("--client-scheme", "basic")
    terminal.scheme = "syncml:auth-basic"
    session = terminal.session()
    assert session.send(session.package1()).code("SyncHdr") == "212"


def test_basic_is_not_taken_where_the_account_wants_md5(site):
    terminal = site.terminal()
    terminal.scheme = "syncml:auth-basic"
    session = terminal.session()
    answer = session.send(session.package1())
    assert answer.code("SyncHdr") == "401" and answer.challenge == "syncml:auth-md5"


def test_a_repeated_request_gets_the_same_octets_and_nothing_runs_twice(site):
    terminal = site.terminal()
    operation = site.drover.submit(terminal.id, "get", "./DevDetail/FwV")
    session = terminal.session()
    session.send(session.package1())
    if session.answers[-1].code("SyncHdr") in ("401", "407"):
        session.send(session.package1())
    package_1 = session.requests[-1]
    first = terminal.post(package_1).body
    assert terminal.post(package_1).body == first
    package_3 = session.reply(session.answers[-1])
    answers = {terminal.post(package_3).body for _ in range(3)}
    assert len(answers) == 1
    found = site.drover.operation(operation)
    assert found["state"] == "SUCCEEDED" and len(found["results"]) == 1


def test_the_answer_has_the_media_type_of_the_request_and_is_not_cached(site):
    terminal = site.terminal()
    answer = terminal.post(terminal.session().package1(), "application/vnd.syncml+xml; charset=UTF-8")
    assert answer.headers["content-type"].split(";")[0] == "application/vnd.syncml+xml"
    assert "no-store" in answer.headers["cache-control"]
    assert int(answer.headers["content-length"]) == len(answer.body)


def test_a_chunked_request_is_taken(site):
    terminal = site.terminal()
    body = terminal.session().package1()
    pieces = (body[start : start + 100] for start in range(0, len(body), 100))
    answer = Post(site.ingress)(pieces, Transfer_Encoding="chunked")
    assert answer.status == 200


def test_a_disabled_terminal_is_challenged_and_gets_no_work(site):
    terminal = site.terminal()
    site.drover.ok("device", "disable", terminal.id)
    session = terminal.session()
    for _ in range(2):
        assert session.send(session.package1()).code("SyncHdr") in ("401", "407")


def test_rotated_credentials_end_the_old_ones(site):
    terminal = site.terminal()
    terminal.manage()
    secret = site.drover.secret("another")
    shown = site.drover.ok("device", "rotate-credentials", terminal.id, "--password-file", secret, "--show")
    assert "another" in shown
    session = terminal.session()
    assert session.send(session.package1()).code("SyncHdr") == "401"
    terminal.password = "another"
    terminal.manage()
