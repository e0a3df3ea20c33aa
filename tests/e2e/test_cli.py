"""The operator's command line against a cluster: each command, its output forms, its exit codes."""

import json

import pytest
from dm import PACKAGE_1_WBXML

OK, FAILURE, USAGE, NOT_FOUND, CONFLICT, TIMEOUT, NOT_AUTHORISED = range(7)
NOBODY = "00000000-0000-7000-8000-000000000000"


@pytest.fixture(scope="module", name="terminal")
def _terminal(site):
    """One that has reported its DevInfo."""
    terminal = site.terminal()
    terminal.manage()
    return terminal


# --- Devices --------------------------------------------------------------------------------------------------------


def test_devices_are_listed_as_a_table_with_titles(site, terminal):
    lines = site.drover.ok("get", "devices").splitlines()
    assert lines[0].split()[:2] == ["DEVICE", "STATUS"]
    assert any(terminal.id in line and "Acme" in line for line in lines[1:])


def test_the_wide_table_has_more_columns(site, terminal):
    assert "LANGUAGE" in site.drover.ok("get", "devices", "-o", "wide").splitlines()[0]


def test_devices_are_listed_as_json_yaml_ndjson_and_names(site, terminal):
    listed = json.loads(site.drover.ok("get", "devices", "-o", "json"))
    mine = next(device for device in listed if device["id"] == terminal.id)
    assert mine["manufacturer"] == "Acme" and mine["model"] == "Phone 9"
    lines = site.drover.ok("get", "devices", "-o", "ndjson").splitlines()
    assert [json.loads(line)["id"] for line in lines] == [device["id"] for device in listed]
    assert terminal.id in site.drover.ok("get", "devices", "-o", "name").splitlines()
    assert terminal.id in site.drover.ok("get", "devices", "-o", "yaml")


def test_devices_are_selected_by_what_they_reported(site, terminal):
    chosen = site.drover.ok("get", "devices", "-l", "manufacturer=Acme,model=Phone 9", "-o", "name").split()
    assert terminal.id in chosen
    assert not site.drover.ok("get", "devices", "-l", "manufacturer=Nobody", "-o", "name").split()


def test_a_device_is_described_with_its_open_operations(site):
    terminal = site.terminal()
    operation = site.drover.submit(terminal.id, "get", "./DevDetail/FwV")
    found = json.loads(site.drover.ok("describe", "device", terminal.id, "-o", "json"))
    assert found["id"] == terminal.id
    assert [each["id"] for each in found["open_operations"]] == [operation]


def test_the_tree_shows_nodes_below_a_uri(site, terminal):
    nodes = json.loads(site.drover.ok("tree", "get", terminal.id, "./DevInfo", "-o", "json"))
    assert "./DevInfo/Man" in [node["uri"] for node in nodes]


def test_enrolling_again_is_no_conflict_unless_the_account_differs(site):
    terminal = site.terminal()
    secret = site.drover.secret(terminal.password)
    again = site.drover.run("device", "enrol", terminal.id, "--password-file", secret)
    assert again.returncode == OK
    other = site.drover.run("device", "enrol", terminal.id, "--password-file", site.drover.secret("another"))
    assert other.returncode == CONFLICT


def test_many_devices_are_enrolled_from_a_file(site):
    lines = [json.dumps({"id": f"IMEI:35000000000000{n}", "password": f"p{n}-long-enough"}) for n in range(3)]
    site.drover.ok("device", "enrol", "-f", "-", stdin="\n".join(lines))
    names = site.drover.ok("get", "devices", "-o", "name")
    assert all(f"IMEI:35000000000000{n}" in names for n in range(3))


def test_a_device_is_disabled(site):
    terminal = site.terminal()
    site.drover.ok("device", "disable", terminal.id)
    found = json.loads(site.drover.ok("describe", "device", terminal.id, "-o", "json"))
    assert found["status"] == "DISABLED"


# --- Operations -----------------------------------------------------------------------------------------------------


def test_operations_are_submitted_from_a_file(site):
    terminal = site.terminal()
    text = f"devices: [{terminal.id}]\ncommands:\n  - get: ./DevDetail/FwV\n"
    result = site.drover.run("op", "submit", "-f", "-", "-o", "json", stdin=text)
    assert result.returncode == OK, result.stderr
    terminal.manage()
    assert ("Get", "./DevDetail/FwV") in terminal.executed


def test_an_operation_is_shown_with_its_messages(site):
    terminal = site.terminal()
    operation = site.drover.submit(terminal.id, "get", "./DevDetail/FwV")
    terminal.manage()
    shown = site.drover.ok("op", "get", operation, "--messages")
    assert "SUCCEEDED" in shown and "6.1.0" in shown and "SyncML" in shown


def test_watching_an_operation_ends_with_it(site):
    terminal = site.terminal()
    operation = site.drover.submit(terminal.id, "get", "./DevDetail/FwV")
    terminal.manage()
    assert "SUCCEEDED" in site.drover.ok("op", "watch", operation)


def test_waiting_for_a_terminal_that_does_not_come_times_out_with_5(site):
    terminal = site.terminal()
    result = site.drover.run("op", "submit", "--wait", "--timeout", "1s", terminal.id, "get", "./DevInfo/Man")
    assert result.returncode == TIMEOUT


def test_watching_a_failed_operation_ends_with_1(site):
    terminal = site.terminal()
    operation = site.drover.submit(terminal.id, "get", "./Nowhere")
    terminal.manage()
    assert site.drover.run("op", "watch", operation).returncode == FAILURE


def test_cancelling_what_has_ended_is_a_conflict(site):
    terminal = site.terminal()
    operation = site.drover.submit(terminal.id, "get", "./DevDetail/FwV")
    terminal.manage()
    assert site.drover.run("op", "cancel", operation).returncode == CONFLICT


def test_a_repeat_with_the_same_key_stores_nothing_anew(site):
    terminal = site.terminal()
    words = ("op", "submit", "--idempotency-key", f"key {terminal.id}", "-o", "json", terminal.id)
    first = json.loads(site.drover.ok(*words, "get", "./DevInfo/Man"))["id"]
    assert json.loads(site.drover.ok(*words, "get", "./DevInfo/Man"))["id"] == first
    assert site.drover.run(*words, "get", "./DevInfo/Mod").returncode == CONFLICT


# --- Exit codes, secrets, the rest ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("describe", "device", "IMEI:490000000000000"), NOT_FOUND),
        (("op", "get", NOBODY), NOT_FOUND),
        (("op", "cancel", NOBODY), NOT_FOUND),
        (("tree", "get", "IMEI:490000000000000", "."), NOT_FOUND),
        (("op", "submit", "IMEI:490000000000000", "get", "./DevInfo"), NOT_FOUND),
        (("obliterate",), USAGE),
        (("get", "devices", "-o", "papyrus"), USAGE),
        (("op", "submit"), USAGE),
        (("get", "devices", "-l", "shoe-size=44"), USAGE),
        (("device", "enrol", "IMEI:490000000000017", "--password-file", "/nowhere/at/all"), FAILURE),
    ],
    ids=lambda value: "-".join(value)[:40] if isinstance(value, tuple) else None,
)
def test_the_exit_code_says_what_is_wrong(site, words, code):
    result = site.drover.run(*words)
    assert result.returncode == code, result.stderr
    assert result.stderr and not result.stdout


def test_a_wrong_token_is_not_authorised(site):
    wrong = site.drover.secret("not the token")
    assert site.drover.run("--token-file", wrong, "get", "devices").returncode == NOT_AUTHORISED


def test_a_service_that_is_not_there_is_a_failure_and_the_message_names_it(site):
    result = site.drover.run("--tree", "127.0.0.1:9", "--rpc-timeout", "2s", "get", "devices")
    assert result.returncode in (FAILURE, TIMEOUT) and "127.0.0.1:9" in result.stderr


def test_secrets_are_never_shown(site):
    terminal = site.terminal()
    terminal.manage()
    for form in ("table", "wide", "json", "yaml"):
        for words in (("get", "devices"), ("describe", "device", terminal.id)):
            assert terminal.password not in site.drover.ok(*words, "-o", form)


def test_a_message_is_decoded_from_a_file(site, tmp_path):
    path = tmp_path / "package1.wbxml"
    path.write_bytes(PACKAGE_1_WBXML)
    shown = site.drover.ok("decode", str(path))
    assert "IMEI:493005100592800" in shown and "1201" in shown


def test_decoding_says_at_which_octet_a_message_goes_wrong(site, tmp_path):
    path = tmp_path / "broken.wbxml"
    path.write_bytes(PACKAGE_1_WBXML[:60])
    result = site.drover.run("decode", str(path))
    assert result.returncode == FAILURE and "60" in result.stderr


def test_version_and_completion_need_no_cluster(site):
    assert "drover" in site.drover.ok("version")
    assert "complete" in site.drover.ok("completion", "bash")
