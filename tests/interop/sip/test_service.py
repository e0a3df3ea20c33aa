"""drover-sip against SIP programs of others: what they do to a trigger is seen in the gateway's steps."""

import pathlib
import shutil
import tempfile
import time

import pytest
from peers import Probe, field, needs
from site_of_gateways import Managed, site, wait_until  # noqa: F401 (a fixture)
from test_kamailio import certificate, kamailio, register
from test_phones import baresip, linphone  # noqa: F401 (fixtures)
from test_sipp import LATE, LOSES_HALF, NOTIFY, OK, challenging, gateway, response

needs("sipp", "kamailio", "baresip", "linphonec", "openssl")
CA = certificate(pathlib.Path(tempfile.mkdtemp()), "IP:127.0.0.1")
FLAGS = {"sip": {"sip-tls-ca-file": str(CA)}}


def through(step: str, event: str, status: str, *fields: str) -> str:
    """SIPp takes a NOTIFY of that event only, and answers it."""
    return (
        '  <recv request="NOTIFY"><action>\n'
        f'    <ereg regexp="^ *{event}" search_in="hdr" header="Event:" check_it="true" assign_to="{step}"/>\n'
        "  </action></recv>\n" + response(status, *fields) + f'  <Reference variables="{step}"/>\n'
    )


def test_a_gateway_that_answers_is_rebooted(site, tmp_path):
    with gateway(tmp_path, OK) as port:
        managed = Managed(site)
        managed.register(f"sip:{managed.id}@127.0.0.1:{port}")
        operation = managed.reboot()
        managed.until_step("notify-answered")
        managed.finishes(operation)
        assert managed.count("notify-sent") == 1


@pytest.mark.parametrize("status, name", [("401 Unauthorized", "WWW-Authenticate"),
                                          ("407 Proxy Authentication Required", "Proxy-Authenticate")])  # fmt: skip
def test_a_gateway_that_challenges_gets_an_answer(site, tmp_path, status, name):
    with gateway(tmp_path, challenging(status, name)) as port:
        managed = Managed(site, "--sip-user", "dm", "--sip-password-file", site.drover.secret("secret"))
        managed.register(f"sip:{managed.id}@127.0.0.1:{port}")
        operation = managed.reboot()
        managed.until_step("notify-answered")
        managed.finishes(operation)


def test_with_a_wrong_password_the_trigger_fails_and_says_so(site, tmp_path):
    with gateway(tmp_path, challenging("401 Unauthorized", "WWW-Authenticate")) as port:
        managed = Managed(site, "--sip-user", "dm", "--sip-password-file", site.drover.secret("wrong"))
        managed.register(f"sip:{managed.id}@127.0.0.1:{port}")
        managed.reboot()
        wait_until(lambda: "credentials" in managed.shown().get("cause", ""), what="it is told whose fault it is")
        assert managed.count("notify-sent") <= 3


def test_loss_is_made_up_for(site, tmp_path):
    with gateway(tmp_path, LOSES_HALF) as port:
        all_of_them = [Managed(site) for _ in range(6)]
        for managed in all_of_them:
            managed.register(f"sip:{managed.id}@127.0.0.1:{port}")
        operations = [managed.reboot() for managed in all_of_them]
        for managed, operation in zip(all_of_them, operations):
            managed.until_step("notify-answered", seconds=35)
            managed.finishes(operation)


def test_a_late_answer_is_one_success(site, tmp_path):
    with gateway(tmp_path, LATE) as port:
        managed = Managed(site)
        managed.register(f"sip:{managed.id}@127.0.0.1:{port}")
        operation = managed.reboot()
        managed.until_step("notify-answered")
        assert managed.count("notify-sent") == 1
        managed.finishes(operation)


@pytest.mark.parametrize("status, fields", [("489 Bad Event", ["Allow-Events: check-sync"]),
                                            ("481 Subscription does not exist", [])])  # fmt: skip
def test_a_refused_event_is_followed_by_the_next_one(site, tmp_path, status, fields):
    scenario = through("first", "resync", status, *fields) + through("second", "check-sync", "200 OK")
    with gateway(tmp_path, scenario) as port:
        managed = Managed(site)
        managed.register(f"sip:{managed.id}@127.0.0.1:{port}")
        operation = managed.reboot()
        wait_until(lambda: managed.shown()["state"] in ("acked", "answered"), what=f"taken: {managed.shown()}")
        managed.finishes(operation)


def test_a_hop_that_wants_silence_gets_it(site, tmp_path):
    scenario = NOTIFY.format(how="") + response("503 Service Unavailable", "Retry-After: 3")
    scenario += NOTIFY.format(how="") + response("200 OK")
    with gateway(tmp_path, scenario) as port:
        managed = Managed(site)
        managed.register(f"sip:{managed.id}@127.0.0.1:{port}")
        begin = time.monotonic()
        operation = managed.reboot()
        wait_until(lambda: managed.shown()["state"] == "acked", what="it is taken after the silence")
        assert time.monotonic() - begin >= 3
        managed.finishes(operation)


def test_baresip_has_no_subscription_and_that_ends_it(site, baresip):  # noqa: F811
    managed = Managed(site)
    managed.register(baresip)
    operation = managed.reboot()
    wait_until(lambda: "481" in str(managed.shown()), what="the refusal is seen")
    wait_until(lambda: managed.shown()["state"] != "sent", what="it is not tried for ever")
    sent = managed.count("notify-sent")
    assert sent <= 4
    managed.register(baresip)  # The work is given when it comes by itself.
    managed.finishes(operation)


def test_linphone_takes_the_notify_and_gets_its_work_when_it_asks(site, linphone):  # noqa: F811
    managed = Managed(site)
    managed.register(linphone)
    operation = managed.reboot()
    managed.until_step("notify-answered")
    managed.finishes(operation)


def test_linphone_gets_ordinary_signalling(site, linphone):  # noqa: F811
    managed = Managed(site)
    managed.register(linphone)
    site.drover.ok("gateway", "notify", managed.id, "--event", "message-summary")
    assert managed.count("notify-sent") == 0


def test_a_gateway_behind_a_registrar_of_others_is_told_over_tls(site, tmp_path):  # noqa: F811
    """Kamailio has the gateway's registration; its own address is the contact that Drover is told."""
    shutil.copy(CA, tmp_path / "cert.pem")
    shutil.copy(CA.parent / "key.pem", tmp_path / "key.pem")
    with kamailio(tmp_path, tls=True) as server, Probe() as phone:
        managed = Managed(site)
        assert register(phone, server.uri, managed.id, "sip:gw.example")["status"] == 200
        managed.register(f"sip:{managed.id}@127.0.0.1:{server.tls_port};transport=tls")
        operation = managed.reboot()
        assert "SIP/2.0/TLS" in field(phone.request(), "Via")[1]
        managed.until_step("notify-answered")
        managed.finishes(operation)


def test_a_certificate_that_nobody_vouches_for_fails_the_trigger_and_is_told(site, tmp_path):  # noqa: F811
    certificate(tmp_path, "IP:127.0.0.1")
    with kamailio(tmp_path, tls=True) as server:
        managed = Managed(site)
        managed.register(f"sip:{managed.id}@127.0.0.1:{server.tls_port};transport=tls")
        managed.reboot()
        managed.until_step("notify-answered")
        assert "TLS" in str(managed.steps()[-1]), managed.shown()
