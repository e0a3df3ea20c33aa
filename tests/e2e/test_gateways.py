"""Voice home gateways end to end: the flow and all of its variants, by the numbers of docs/sip.md's table of checks."""

import concurrent.futures
import hashlib
import itertools
import json
import pathlib
import signal
import tempfile
import time

import pytest
from conftest import Site, wait_until
from gateway import Gateway, texts
from localcluster.cluster import STORES

STARTED = [*STORES, "tree", "operations", "sip"]
PASSWORD = "gateway secret"
_profiles = pathlib.Path(tempfile.mkdtemp()) / "profiles.yaml"
_profiles.write_text(
    """
profiles:
  third: {match: {model: [third]}, trigger: {policy: after_n, n: 3}}
  regular: {match: {model: [regular]}, trigger: {policy: periodic, interval_s: 2}}
  agreed: {match: {model: [agreed]}, fileserver: {agreed: true}}
  slip: {match: {model: [slip]}, xml: {emit_head_slip: true}}
  silent: {match: {model: [no result]}, results: registration}
  patient: {match: {model: [patient]}, trigger: {t_result_s: 2}}
  quiet: {match: {model: [quiet]}, trigger: {enabled: false}}
  ready-made: {match: {model: [ready made]}, response: {mode: prepared}}
  literal: {match: {model: [literal]}, cseq: {mode: request}}
"""
)
FLAGS = {"sip": {"profiles-file": str(_profiles)}}
MODELS = itertools.count(1)


@pytest.fixture(name="make")
def _make(site: Site):
    """Makes enrolled gateways: make(answer=.., model=..)."""
    made: list[Gateway] = []

    def make(enrolled: bool = True, **more) -> Gateway:
        gateway = Gateway(site.cluster.endpoints()["DROVER_GATEWAYS_URL"], PASSWORD, **more)
        made.append(gateway)
        if enrolled:
            site.drover.ok("gateway", "enrol", gateway.id, "--password-file", site.drover.secret(PASSWORD))
        return gateway

    yield make
    for gateway in made:
        gateway.close()


def registered(make, **more) -> Gateway:
    gateway = make(**more)
    assert gateway.register()[0] == 200
    return gateway


def shown(site: Site, gateway: Gateway) -> dict:
    return json.loads(site.drover.ok("describe", "device", gateway.id, "-o", "json"))["gateway"]


def steps(site: Site, gateway: Gateway) -> list[str]:
    return [step["what"] for step in shown(site, gateway)["steps"]]


def state(site: Site, operation: str) -> str:
    return site.drover.operation(operation)["state"]


def ends(site: Site, operation: str, as_: str = "SUCCEEDED") -> None:
    wait_until(lambda: state(site, operation) == as_, what=f"{operation} {as_}")


def set_model(site: Site, model: str, *more: str) -> None:
    site.drover.ok("gateway", "model", "set", "Acme", model, *more)


def test_a1_a_registered_gateway_is_told_at_once_and_reboots(site, make):
    gateway = registered(make)
    operation = site.drover.submit(gateway.id, "exec", "./Gateway/Reboot")
    (notify,) = gateway.phone.wait(1)
    assert notify.start == f"NOTIFY {gateway.sip_uri} SIP/2.0"
    assert notify.event == "resync" and notify.one("Subscription-State") == "active;expires=1000"
    assert notify.one("Max-Forwards") == "70" and notify.one("Content-Length") == "0" and not notify.body
    assert ";rport" in notify.one("Via") and "branch=z9hG4bK" in notify.one("Via")
    assert ";tag=" in notify.one("From") and ";tag=" not in notify.one("To") and notify.one("Contact")
    status, headers, answer = gateway.request()
    assert status == 200 and headers["Content-Type"] == "application/xml"
    assert texts(answer, "status") == ["success"] and texts(answer, "reboot") == ["yes"]
    assert gateway.result(action="reboot")[0] == 200
    ends(site, operation)
    assert steps(site, gateway)[-1] == "closed"
    assert {"registered", "notify-sent", "notify-answered", "request", "response", "result"} <= set(steps(site, gateway))


def test_a2_without_registration_nothing_is_sent_and_the_work_waits(site, make):
    gateway = make()
    operation = site.drover.submit(gateway.id, "exec", "./Gateway/Reboot")
    wait_until(lambda: shown(site, gateway)["state"] == "pending", what="the work is known")
    assert gateway.phone.requests == [] and state(site, operation) == "PENDING"
    gateway.register()
    gateway.phone.wait(1)


def test_a3_after_three_registrations(site, make):
    gateway = make(model="third")
    gateway.register()
    site.drover.submit(gateway.id, "exec", "./Gateway/Reboot")
    gateway.register()
    wait_until(lambda: shown(site, gateway)["state"] == "pending", what="the work is known")
    assert gateway.phone.requests == []
    gateway.register()
    gateway.phone.wait(1)


def test_a4_at_regular_intervals_with_rising_cseq(site, make):
    gateway = registered(make, model="regular")
    notifies = gateway.phone.wait(3, seconds=20)[:3]
    numbers = [notify.cseq for notify in notifies]
    assert numbers == sorted(set(numbers))
    assert len({notify.one("Call-ID") for notify in notifies}) == 1
    assert len({notify.one("Via") for notify in notifies}) == 3


def cycle(site: Site, gateway: Gateway, count: int) -> None:
    operation = site.drover.submit(gateway.id, "exec", "./Gateway/Reboot")
    gateway.phone.wait(count)
    gateway.request()
    gateway.result()
    ends(site, operation)


def test_a5_each_cycle_counts_one(site, make):
    gateway = registered(make)
    for count in (1, 2):
        cycle(site, gateway, count)
    first, second = gateway.phone.requests
    assert second.cseq == first.cseq + 1 and second.one("Call-ID") == first.one("Call-ID")


def test_a5_counting_by_requests_gives_the_same(site, make):
    gateway = registered(make, model="literal")
    for count in (1, 2):
        cycle(site, gateway, count)
    first, second = gateway.phone.requests
    assert second.cseq == first.cseq + 1 and second.one("Call-ID") == first.one("Call-ID")


def test_a6_the_version_decides(site, make):
    model = f"versions {next(MODELS)}"
    gateway = registered(make, model=model)
    set_model(site, model, "--target-version", "1.0", "--file", "fw-1.img")
    assert texts(gateway.request(fileversion="1.0")[2], "filetype") == []
    set_model(site, model, "--target-version", "2.0", "--file", "fw-2.img")
    answer = gateway.request()[2]  # Nothing told: the registration counts.
    assert texts(answer, "filetype") == ["version"] and texts(answer, "filename") == ["fw-2.img"]
    gateway.version = "2.0"
    gateway.register()  # It runs what it was given.
    wait_until(lambda: shown(site, gateway)["state"] == "done", what="the version closes it")
    assert texts(gateway.request(fileversion="2.0")[2], "filetype") == []
    assert shown(site, gateway)["file_version"] == "2.0"


def test_a6_a_version_that_is_behind_is_triggered_when_it_registers(site, make):
    model = f"behind {next(MODELS)}"
    set_model(site, model, "--target-version", "9", "--file", "fw-9.img")
    gateway = registered(make, model=model)
    gateway.phone.wait(1)
    assert texts(gateway.request(fileversion="1.0")[2], "filename") == ["fw-9.img"]


def test_a7_a_prepared_response_is_given_octet_for_octet(site, make):
    gateway = registered(make)
    prepared = b"<?xml version='1.0'?>\n<!-- as the firmware wants it --><r><header><version>2.0</version></head></r>\r\n"
    path = site.drover.folder / "prepared.xml"
    path.write_bytes(prepared)
    operation = site.drover.submit(gateway.id, "exec", "./Gateway/Response", "--value-file", str(path))
    gateway.phone.wait(1)
    assert gateway.request()[2] == prepared
    gateway.result()
    ends(site, operation)


def test_a8_files_with_and_without_an_agreed_server(site, make):
    octets = bytes(range(256)) * 400
    folder = site.cluster.folder / "files"
    (folder / "a8.img").write_bytes(octets)
    for model, paths in ((f"told {next(MODELS)}", 1), (f"agreed {next(MODELS)}", 0)):
        set_model(site, model, "--target-version", "8", "--file", "a8.img")
        gateway = registered(make, model=model)
        answer = gateway.request()[2]
        assert len(texts(answer, "downloadpath")) == paths and texts(answer, "filename") == ["a8.img"]
    status, headers, whole = gateway.ask("GET", "/file/a8.img")
    assert status == 200 and whole == octets and headers["Accept-Ranges"] == "bytes"
    assert headers["ETag"] == f'"{hashlib.sha256(octets).hexdigest()}"'
    status, headers, part = gateway.ask("GET", "/file/a8.img", headers={"Range": "bytes=1000-1999"})
    assert status == 206 and part == octets[1000:2000] and headers["Content-Range"] == f"bytes 1000-1999/{len(octets)}"
    assert gateway.ask("GET", "/file/a8.img", headers={"Range": "bytes=-10"})[2] == octets[-10:]
    assert gateway.ask("GET", "/file/a8.img", headers={"Range": "bytes=999999-"})[0] == 416
    assert gateway.ask("GET", "/file/a8.img", headers={"If-None-Match": headers["ETag"]})[0] == 304
    for name in ("none.img", "..%2fsecrets", "../push.yaml"):
        assert gateway.ask("GET", "/file/" + name)[0] in (400, 404)


def test_a9_tolerances_and_refusals(site, make):
    gateway = registered(make)
    head = f"<version>2.0</version><serial>{gateway.id}</serial>"
    for document in (
        f"<request><header>{head}</head><body/></request>",
        f"<request><head>{head}</head><body/></request>",
        "",
    ):
        assert gateway.request(body=document.encode())[0] == 200, document
    bomb = "<!DOCTYPE r [<!ENTITY a 'aaaaaaaaaa'>" + "".join(
        f"<!ENTITY a{n + 1} '{'&a' + (str(n) if n else '') + ';'}'>" for n in range(9)) + "]><request>&a9;</request>"
    for document in (
        bomb,
        "<request><header><version>2.0</version>",
        f"<request>// as printed\n<header>{head}</header><body/></request>",
        "{}",
    ):
        begin = time.monotonic()
        assert gateway.request(body=document.encode())[0] == 400, document
        assert time.monotonic() - begin < 5
    assert gateway.request(body=b"<request>" + b" " * (1 << 20) + b"</request>")[0] == 413
    assert gateway.ask("POST", "/request", b"<request/>", {"Content-Type": "text/plain"})[0] == 415
    assert gateway.register(serial="another")[0] == 200, "an element in the wrong place is passed over"


def test_the_slip_is_made_for_firmware_that_wants_it(site, make):
    gateway = registered(make, model="slip")
    assert b"<header>" in gateway.request()[2] and b"</head>" in gateway.request()[2]


def test_a17_ordinary_signalling_passes_and_nothing_follows(site, make):
    gateway = registered(make)
    answer = json.loads(site.drover.ok("gateway", "notify", gateway.id, "--event", "message-summary", "-o", "json"))
    assert answer["status"] == 200
    (notify,) = gateway.phone.wait(1)
    assert notify.event == "message-summary"
    assert steps(site, gateway) == ["registered"]
    assert site.drover.run("gateway", "notify", gateway.id, "--event", "resync").returncode != 0


def test_a22_the_owner_of_a_trigger_dies_and_its_successor_answers(site, make):
    gateway = registered(make)
    operation = site.drover.submit(gateway.id, "exec", "./Gateway/Reboot")
    gateway.phone.wait(1)
    site.cluster.kill("sip", signal.SIGKILL)
    site.cluster.restart("sip")
    status, _, answer = gateway.request()
    assert status == 200 and texts(answer, "reboot") == ["yes"]
    gateway.result()
    ends(site, operation)
    cycle(site, gateway, 2)
    numbers = [notify.cseq for notify in gateway.phone.requests]
    assert numbers == sorted(set(numbers)), numbers


def test_a23_a_request_that_comes_twice_gets_the_same_and_takes_nothing_more(site, make):
    gateway = registered(make)
    first = site.drover.submit(gateway.id, "exec", "./Gateway/Reboot")
    gateway.phone.wait(1)
    answer = gateway.request(msgid="m1")[2]
    second = site.drover.submit(gateway.id, "replace", "./Gateway/Config/line1.codec", "PCMA")
    assert gateway.request(msgid="m1")[2] == answer
    with concurrent.futures.ThreadPoolExecutor() as pool:
        assert {found[2] for found in pool.map(lambda _: gateway.request(msgid="m1"), range(8))} <= {answer, b"prove who you are\n"}
    assert state(site, second) in ("PENDING", "NOTIFIED")
    gateway.result()
    ends(site, first)
    gateway.phone.wait(2)  # The second one has a NOTIFY of its own.
    assert b'name="line1.codec"' in gateway.request()[2]
    gateway.result()
    ends(site, second)
    assert gateway.result()[0] == 200, "a result that comes again changes nothing"


def test_parameters_files_and_a_reboot_travel_in_one_response_in_order(site, make):
    gateway = registered(make)
    operations = [
        site.drover.submit(gateway.id, "replace", "./Gateway/Config/ntp", "ntp.example"),
        site.drover.submit(gateway.id, "exec", "./Gateway/Files/config", "https://files.example/box.cfg"),
        site.drover.submit(gateway.id, "exec", "./Gateway/Reboot"),
        site.drover.submit(gateway.id, "get", "./DevDetail/FwV"),
    ]
    gateway.phone.wait(1)
    answer = gateway.request(fileversion="1.5")[2]
    assert answer.index(b"ntp.example") < answer.index(b"box.cfg") < answer.index(b"<reboot>")
    gateway.result()
    for operation in operations:
        ends(site, operation)
    values = site.drover.operation(operations[3])["results"][0]["values"]
    assert values[0]["uri"] == "./DevDetail/FwV"
    tree = site.drover.ok("tree", "get", gateway.id, "./Gateway/Config/ntp")
    assert "ntp.example" in tree


def test_a_failure_names_what_failed_and_why(site, make):
    gateway = registered(make)
    done = site.drover.submit(gateway.id, "replace", "./Gateway/Config/ntp", "x")
    failed = site.drover.submit(gateway.id, "exec", "./Gateway/Files/version", "fw.img")
    gateway.phone.wait(1)
    gateway.request()
    gateway.result("error", action="version", code="12", detail="flash is full")
    ends(site, failed, "FAILED")
    ends(site, done)
    assert "flash is full" in json.dumps(site.drover.operation(failed))
    assert ("closed", "failed") in [(step["what"], step.get("detail")) for step in shown(site, gateway)["steps"]]


def test_what_a_gateway_cannot_do_fails_at_once_and_says_why(site, make):
    gateway = registered(make)
    operation = site.drover.submit(gateway.id, "delete", "./Gateway/Config/ntp")
    gateway.phone.wait(1)
    gateway.request()
    ends(site, operation, "FAILED")
    assert "a gateway cannot do this" in site.drover.operation(operation)["cause"]


def test_firmware_by_the_usual_action(site, make):
    gateway = registered(make)
    done = site.drover.ok("fumo", "update", gateway.id, "--url", "https://files.example/fw-3.img", "--package-version", "3.0",
                          "--expect-version", "3.0", "-o", "json")
    asked = 0
    while asked < 6:
        asked += 1
        gateway.phone.wait(asked, seconds=15)
        answer = gateway.request(fileversion=gateway.version)[2]
        if texts(answer, "filename") == ["fw-3.img"]:
            gateway.version = "3.0"
            gateway.result(fileversion="3.0")
        operations = json.loads(site.drover.ok("get", "operations", "--device", gateway.id, "-o", "json"))
        listed = operations["items"] if isinstance(operations, dict) else operations
        if all(operation["state"] == "SUCCEEDED" for operation in listed):
            break
    assert [operation["state"] for operation in listed] == ["SUCCEEDED"] * len(listed), done


def test_a_model_that_asks_by_itself_is_not_told(site, make):
    gateway = registered(make, model="quiet")
    operation = site.drover.submit(gateway.id, "exec", "./Gateway/Reboot")
    wait_until(lambda: shown(site, gateway)["state"] == "pending", what="the work is known")
    gateway.register()
    assert texts(gateway.request()[2], "reboot") == ["yes"] and gateway.phone.requests == []
    gateway.result()
    ends(site, operation)


def test_a_model_of_prepared_responses_takes_no_other(site, make):
    gateway = registered(make, model="ready made")
    operation = site.drover.submit(gateway.id, "exec", "./Gateway/Reboot")
    gateway.phone.wait(1)
    gateway.request()
    ends(site, operation, "FAILED")
    assert "prepared" in site.drover.operation(operation)["cause"]


def test_no_reboot_during_a_call(site, make):
    gateway = registered(make)
    operation = site.drover.submit(gateway.id, "exec", "./Gateway/Reboot")
    gateway.phone.wait(1)
    answer = gateway.request(incall="yes")[2]
    assert texts(answer, "status") == ["busy"] and texts(answer, "retryafter") and not texts(answer, "reboot")
    assert shown(site, gateway)["in_call"] and state(site, operation) in ("PENDING", "NOTIFIED")
    assert texts(gateway.request(incall="no")[2], "reboot") == ["yes"]
    gateway.result()
    ends(site, operation)


def test_models_without_results_are_done_when_they_register_again(site, make):
    gateway = registered(make, model="no result")
    operation = site.drover.submit(gateway.id, "replace", "./Gateway/Config/ntp", "x")
    gateway.phone.wait(1)
    gateway.request()
    gateway.register()
    ends(site, operation)


def test_a_gateway_that_tells_no_result_is_asked_again(site, make):
    gateway = registered(make, model="patient")
    operation = site.drover.submit(gateway.id, "replace", "./Gateway/Config/ntp", "x")
    gateway.phone.wait(1)
    gateway.request()
    wait_until(lambda: site.drover.operation(operation).get("uncertain"), what="it comes back uncertain")
    assert b"ntp" in gateway.request()[2]
    gateway.result()
    ends(site, operation)


def test_who_is_not_known_or_does_not_prove_it_is_refused(site, make):
    gateway = registered(make)
    assert gateway.ask("POST", "/request", auth=False)[0] == 401
    liar = make()
    liar.password = "wrong"
    assert liar.register()[0] == 401
    stranger = make(enrolled=False)
    assert stranger.register()[0] in (401, 403)
    assert stranger.request()[0] in (401, 404)
    never = make()
    assert never.request()[0] == 404, "register first"


def test_an_unknown_gateway_enrols_itself_with_the_enrolment_password(site, make):
    gateway = make(enrolled=False)
    gateway.password = (site.cluster.folder / "secrets" / "gateway-enrolment").read_text().strip()
    assert gateway.register()[0] == 200
    cycle(site, gateway, 1)


def test_secrets_are_in_no_log_and_no_metric(site):
    text = pathlib.Path(site.cluster.unit("sip").log).read_text()
    assert PASSWORD not in text


def test_phones_without_answer_are_told_again_when_they_register(site, make):
    gateway = registered(make, answer=lambda _: (404, "Not Found", []))
    operation = site.drover.submit(gateway.id, "exec", "./Gateway/Reboot")
    gateway.phone.wait(1)
    wait_until(lambda: "contact" in shown(site, gateway)["cause"], what="the contact is dead")
    gateway.phone.answer = lambda _: (200, "OK", [])
    gateway.register()
    gateway.phone.wait(2)
    gateway.request()
    gateway.result()
    ends(site, operation)


def test_the_list_of_gateways_can_be_cut(site, make):
    gateway = registered(make, model="listed")
    found = json.loads(site.drover.ok("get", "gateways", "--model", "listed", "-o", "json"))
    listed = found["items"] if isinstance(found, dict) else found
    assert [entry["id"] for entry in listed] == [gateway.id]
