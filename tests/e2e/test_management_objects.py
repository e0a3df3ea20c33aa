"""What operators do to management objects, by their verbs, against a terminal that shares no code with Drover."""

import base64
import json
import threading

import pytest
from objects import ObjectTerminal


class Run(threading.Thread):
    """A `drover .. --wait` beside a terminal that comes again and again until it has ended."""

    def __init__(self, site, terminal: ObjectTerminal, *words: str, stdin: str = ""):
        super().__init__(daemon=True)
        self.site, self.terminal, self.words, self.stdin = site, terminal, words, stdin
        self.result = None
        self.start()
        while self.is_alive():
            terminal.manage()
            self.join(0.2)

    def run(self):
        self.result = self.site.drover.run(*self.words, "--wait", "--timeout", "60s", stdin=self.stdin)

    @property
    def outcomes(self) -> list[dict]:
        return json.loads(self.result.stdout)


def manage(site, terminal, *words: str, code: int = 0, stdin: str = "") -> Run:
    run = Run(site, terminal, *words, stdin=stdin)
    said = f"drover {' '.join(words)}: {run.result.returncode}\n{run.result.stdout}\n{run.result.stderr}"
    assert run.result.returncode == code, said
    return run


@pytest.fixture
def terminal(site) -> ObjectTerminal:
    one = ObjectTerminal(site.terminal())
    one.add_fumo("./FwUpdate/P1")
    one.types |= {
        "./Sec": "urn:oma:mo:oma-lawmo:1.0",
        "./Caps/1": "urn:oma:mo:oma-dcmo:1.0",
        "./SCM": "urn:oma:mo:oma-scomo:1.0",
        "./NAP/1": "urn:oma:mo:oma-connmo-nap:1.0",
    }
    one.tree |= {
        "./Sec/State": "30",
        "./Sec/AvailableWipeList/1/ListItemName": "contacts", "./Sec/AvailableWipeList/1/ToBeWiped": "false",
        "./Sec/AvailableWipeList/2/ListItemName": "photos", "./Sec/AvailableWipeList/2/ToBeWiped": "true",
        "./Caps/1/Property": "camera", "./Caps/1/Enabled": "true", "./Caps/1/Group": "Hardware",
        "./SCM/Inventory/Deployed/7/ID": "com.example.mail", "./SCM/Inventory/Deployed/7/Name": "Mail",
        "./SCM/Inventory/Deployed/7/Version": "2.1", "./SCM/Inventory/Deployed/7/State": "20",
        "./SCM/Inventory/Deployed/7/Operations/Deactive": "",
        "./NAP/1/NAPID": "internet", "./NAP/1/NAME": "Internet", "./NAP/1/ADDR": "old.example",
    }
    return one


def known(site, terminal) -> ObjectTerminal:
    manage(site, terminal, "tree", "discover", terminal.id)
    return terminal


# --- Discovery --------------------------------------------------------------------------------------------------


def test_a_tree_is_read_as_one_list_where_tnds_is_not_known(site, terminal):
    run = manage(site, terminal, "tree", "discover", terminal.id)
    assert "./Sec/State" in run.result.stdout
    lists = [uri for verb, uri in terminal.executed if verb == "Get"]
    assert lists == [".?list=TNDS", ".?list=StructData"]


def test_a_tree_is_walked_where_no_list_is_known(site, terminal):
    terminal.lists = False
    run = manage(site, terminal, "tree", "discover", terminal.id, "./Sec")
    assert "./Sec/AvailableWipeList/2/ListItemName" in run.result.stdout
    assert ("Get", "./Sec/AvailableWipeList/2/ToBeWiped") in terminal.executed


# --- FUMO -------------------------------------------------------------------------------------------------------


def test_a_firmware_update_ends_when_the_new_version_was_read(site, terminal):
    known(site, terminal)
    url = "https://dl.example.com/fw-7.dd"
    run = manage(site, terminal, "fumo", "update", terminal.id, "--url", url, "--expect-version", "7", "-o", "json")
    assert [each["step"] for each in run.outcomes] == ["prepare", "update", "verify"]
    assert run.outcomes[1]["result"] == {"code": 200, "words": "success", "success": True}
    assert run.outcomes[2]["facts"][0]["value"] == "7"
    assert terminal.executed.count(("Exec", "./FwUpdate/P1/DownloadAndUpdate")) == 1


def test_a_firmware_update_that_fails_says_why_and_nothing_that_depends_on_it_is_done(site, terminal):
    known(site, terminal)
    terminal.results["DownloadAndUpdate"] = 411
    run = manage(site, terminal, "fumo", "update", terminal.id, "--url", "x", "--expect-version", "7", code=1)
    assert "result 411, the URL is malformed or bad" in run.result.stdout
    assert "correct the URL" in run.result.stderr
    assert ("Get", "./DevDetail/FwV") not in terminal.executed


def test_firmware_with_another_version_than_expected_is_a_failure(site, terminal):
    known(site, terminal)
    words = ("fumo", "update", terminal.id, "--url", "https://dl.example.com/fw-8.dd", "--expect-version", "7")
    run = manage(site, terminal, *words, "-o", "json", code=1)
    assert [each["state"] for each in run.outcomes] == ["SUCCEEDED", "SUCCEEDED", "FAILED"]


def test_firmware_is_downloaded_and_installed_in_two_steps(site, terminal):
    known(site, terminal)
    words = ("fumo", "update", terminal.id, "--method", "download-then-update", "--url", "https://dl/fw-9.bin")
    manage(site, terminal, *words)
    executed = [uri for verb, uri in terminal.executed if verb == "Exec"]
    assert executed == ["./FwUpdate/P1/Download", "./FwUpdate/P1/Update"]


def test_firmware_is_pushed_in_the_session(site, terminal, tmp_path):
    known(site, terminal)
    package = tmp_path / "fw.bin"
    package.write_text("firmware 7\n" * 50)
    words = ("fumo", "update", terminal.id, "--method", "push", "--package", str(package))
    manage(site, terminal, *words)
    pushed = terminal.tree["./FwUpdate/P1/Update/PkgData"]
    assert pushed in (package.read_text(), base64.b64encode(package.read_bytes()).decode())
    assert [uri for verb, uri in terminal.executed if verb == "Exec"] == ["./FwUpdate/P1/Update"]


def test_without_the_users_yes_no_firmware_is_installed(site, terminal):
    known(site, terminal)
    terminal.answers["Install now?"] = ("304", [])
    words = ("fumo", "update", terminal.id, "--url", "https://dl/fw-9.bin", "--confirm", "Install now?")
    run = manage(site, terminal, *words, code=1)
    assert "the user said no" in run.result.stderr
    assert not [uri for verb, uri in terminal.executed if verb == "Exec"]
    assert terminal.tree["./FwUpdate/P1/DownloadAndUpdate/PkgURL"] == ""


def test_the_state_of_an_update_is_shown_in_words(site, terminal):
    known(site, terminal)
    terminal.tree["./FwUpdate/P1/State"] = "60"
    run = manage(site, terminal, "fumo", "status", terminal.id)
    assert "Update Progressing" in run.result.stdout
    assert "6.1.0" in run.result.stdout


def test_an_object_that_is_not_known_needs_its_root(site, terminal):
    unread = site.drover.run("fumo", "status", terminal.id)
    assert unread.returncode == 3
    assert "drover tree discover" in unread.stderr
    run = manage(site, terminal, "fumo", "status", terminal.id, "--root", "./FwUpdate/P1")
    assert "Idle" in run.result.stdout


# --- SCOMO, LAWMO, DCMO -----------------------------------------------------------------------------------------


def test_software_is_listed_and_deactivated_as_the_terminal_spells_it(site, terminal):
    known(site, terminal)
    run = manage(site, terminal, "scomo", "inventory", terminal.id, "-o", "json")
    assert run.outcomes[0]["components"][0]["name"] == "Mail"
    assert run.outcomes[0]["components"][0]["state"] == "Active"
    manage(site, terminal, "scomo", "deactivate", terminal.id, "mail")
    assert ("Exec", "./SCM/Inventory/Deployed/7/Operations/Deactive") in terminal.executed


def test_an_inventory_is_walked_where_no_list_is_known(site, terminal):
    known(site, terminal)
    terminal.lists = False
    run = manage(site, terminal, "scomo", "inventory", terminal.id)
    assert "com.example.mail" in run.result.stdout


def test_software_is_installed_from_a_url(site, terminal):
    known(site, terminal)
    words = ("scomo", "install", terminal.id, "--id", "pkg-2", "--url", "https://dl.example.com/2", "--name", "Game")
    manage(site, terminal, *words)
    assert terminal.tree["./SCM/Download/pkg-2/PkgURL"] == "https://dl.example.com/2"
    assert ("Exec", "./SCM/Download/pkg-2/Operations/DownloadInstall") in terminal.executed
    assert terminal.atomics == 1


def test_a_terminal_is_locked_and_unlocked(site, terminal):
    known(site, terminal)
    manage(site, terminal, "lock", terminal.id, "--partial")
    run = manage(site, terminal, "lock", terminal.id, "--status")
    assert "Partially Locked" in run.result.stdout
    manage(site, terminal, "unlock", terminal.id)
    assert terminal.tree["./Sec/State"] == "30"
    terminal.results["UnLock"] = 1404
    failed = manage(site, terminal, "unlock", terminal.id, code=1)
    assert "result 1404, unlock failed" in failed.result.stdout


def test_a_wipe_takes_the_terminals_id_and_only_what_is_named(site, terminal):
    known(site, terminal)
    other = site.drover.run("wipe", terminal.id, "--yes", stdin="IMEI:493005100599999\n")
    assert other.returncode == 2
    run = manage(site, terminal, "wipe", terminal.id, "--yes", "--item", "contacts", stdin=f"{terminal.id}\n")
    assert "wiped" in run.result.stdout
    assert terminal.tree["./Sec/AvailableWipeList/1/ToBeWiped"] == "true"
    assert terminal.tree["./Sec/AvailableWipeList/2/ToBeWiped"] == "false"
    assert terminal.executed.count(("Exec", "./Sec/Operations/Wipe")) == 1


def test_a_capability_is_listed_and_switched_off(site, terminal):
    known(site, terminal)
    assert "camera" in manage(site, terminal, "capability", "list", terminal.id).result.stdout
    manage(site, terminal, "capability", "disable", terminal.id, "camera")
    run = manage(site, terminal, "capability", "list", terminal.id, "-o", "json")
    assert run.outcomes[0]["components"][0]["state"] == "disabled"


# --- Accounts and parameters --------------------------------------------------------------------------------------


def test_an_access_point_is_changed_or_added_and_deleted(site, terminal):
    known(site, terminal)
    manage(site, terminal, "apn", "set", terminal.id, "--name", "internet", "--apn", "new.example")
    assert terminal.tree["./NAP/1/ADDR"] == "new.example"
    words = ("apn", "set", terminal.id, "--name", "wap", "--apn", "wap.example", "--user", "u")
    manage(site, terminal, *words, "--password-file", site.drover.secret("apn secret"))
    assert terminal.tree["./NAP/wap/AuthInfo/AuthSecret"] == "apn secret"
    assert terminal.atomics == 2
    run = manage(site, terminal, "apn", "get", terminal.id, "--name", "internet")
    assert "new.example" in run.result.stdout
    manage(site, terminal, "apn", "delete", terminal.id, "--name", "internet")
    assert "./NAP/1/ADDR" not in terminal.tree


def test_an_account_refers_to_others_by_name_and_may_travel_as_one_subtree(site, terminal):
    known(site, terminal)
    words = ("mms", "set", terminal.id, "--name", "mms", "--mmsc", "http://mmsc.example", "--nap", "internet")
    terminal.empty.add("./MMS")
    manage(site, terminal, *words, "--root", "./MMS")
    assert terminal.tree["./MMS/mms/PrefConRef"] == "./NAP/1"
    assert terminal.tree["./MMS/mms/AppAddr/1/Addr"] == "http://mmsc.example"
    manage(site, terminal, "apn", "set", terminal.id, "--name", "wap", "--apn", "wap.example", "--tnds")
    added = [uri for verb, uri in terminal.executed if verb == "Add" and uri.startswith("./NAP/")]
    assert added == ["./NAP/wap"]
    assert "wap.example" in terminal.tree["./NAP/wap"]


def test_an_account_whose_user_said_no_is_not_there(site, terminal):
    known(site, terminal)
    terminal.answers["Install settings?"] = ("304", [])
    words = ("apn", "set", terminal.id, "--name", "wap", "--apn", "wap.example", "--confirm", "Install settings?")
    manage(site, terminal, *words, code=1)
    assert not [uri for uri in terminal.tree if uri.startswith("./NAP/wap")]
    assert terminal.atomics == 1


def test_parameters_are_read_in_groups(site, terminal):
    run = manage(site, terminal, "params", "get", terminal.id)
    for text in ("Phone 9", "6.1.0", "LrgObj"):
        assert text in run.result.stdout


# --- The user, the account, ACLs ----------------------------------------------------------------------------------


def test_answers_of_the_user_are_printed(site, terminal):
    terminal.answers |= {
        "Restart now?": ("304", []),
        "Your name": ("200", ["Jane"]),
        "Bearer": ("200", ["2"]),
        "Services": ("200", ["3", "1"]),
        "Gone?": ("408", []),
    }
    name = ("--input", "Your name", "--max-length", "30", "--default", "John Doe", "--input-kind", "phone", "--hide")
    assert manage(site, terminal, "prompt", terminal.id, *name).result.stdout == "Jane\n"
    bearers = ("--choose", "Bearer", "--choice", "Wi-Fi", "--choice", "Cellular", "--default", "2")
    assert manage(site, terminal, "prompt", terminal.id, *bearers).result.stdout == "Cellular\n"
    services = ("--choose-many", "Services", "--choice", "Mail", "--choice", "Calendar", "--choice", "Contacts")
    assert manage(site, terminal, "prompt", terminal.id, *services).result.stdout == "Contacts, Mail\n"
    shown = manage(site, terminal, "prompt", terminal.id, "--display", "Hello", "--min-display", "5s")
    assert shown.result.stdout == "shown\n"
    no = manage(site, terminal, "prompt", terminal.id, "--confirm", "Restart now?", "-o", "json", code=1)
    assert no.outcomes[0]["answer"] == "no"
    gone = manage(site, terminal, "prompt", terminal.id, "--confirm", "Gone?", "-o", "json", code=1)
    assert gone.outcomes[0]["answer"] == "no answer"
    asked = {text: (code, options) for code, options, text in terminal.asked}
    assert asked["Your name"][0] == "1102"
    assert {"MAXLEN=30", "IT=P", "ET=P", "DR=John+Doe"} <= set(asked["Your name"][1].split("&"))
    assert asked["Bearer"] == ("1103", "DR=2")
    assert asked["Services"][0] == "1104"
    assert asked["Hello"] == ("1100", "MINDT=5")


def test_an_acl_is_set_and_read(site, terminal):
    known(site, terminal)
    manage(site, terminal, "acl", "set", terminal.id, "./NAP", "Get=*&Replace=drover")
    assert terminal.acls["./NAP"] == "Get=*&Replace=drover"
    run = manage(site, terminal, "acl", "get", terminal.id, "./NAP")
    assert "Get=*&Replace=drover" in run.result.stdout


def test_credentials_are_rotated_without_anybody_seeing_them(site, terminal):
    terminal.add_dmacc("./DMAcc/1", "drover")
    known(site, terminal)
    old = terminal.password
    run = manage(site, terminal, "credentials", "rotate", terminal.id, "--client", "-o", "json")
    secret = terminal.tree["./DMAcc/1/AppAuth/1/AAuthSecret"]
    assert secret and secret != old
    operation = site.drover.ok("op", "get", run.outcomes[0]["operation_id"], "-o", "json")
    assert secret not in operation and "NEXT_PASSWORD" in operation
    terminal.password = secret
    terminal.manage()
    terminal.password = old
    with pytest.raises(AssertionError):
        terminal.manage()


def test_a_dry_run_shows_the_plan_and_stores_nothing(site, terminal):
    known(site, terminal)
    words = ("fumo", "update", terminal.id, "--url", "x", "--dry-run", "-o", "json")
    plan = json.loads(site.drover.ok(*words))
    assert [each["action"] for each in plan] == ["fumo update/prepare", "fumo update/update"]
    assert "fumo update" not in site.drover.ok("get", "operations", "--device", terminal.id, "-o", "json")


def test_a_repeat_with_the_same_key_is_the_same_operations(site, terminal):
    words = ("lock", terminal.id, "--root", "./Sec", "--idempotency-key", f"lock-{terminal.id}", "-o", "name")
    assert site.drover.ok(*words) == site.drover.ok(*words)
    clash = site.drover.run("unlock", *words[1:])
    assert clash.returncode == 4


def test_terminals_that_an_action_does_not_fit_are_left_out_on_demand(site, terminal):
    known(site, terminal)
    stranger = site.terminal()
    both = f"{terminal.id},{stranger.id}"
    assert site.drover.run("lock", both).returncode == 3
    run = site.drover.run("lock", both, "--skip-unfit", "-o", "name")
    assert run.returncode == 0
    assert len(run.stdout.split()) == 1
    assert f"left out: {stranger.id}" in run.stderr
