"""drover-sip behind Kamailio as its outbound proxy."""

import pytest
from peers import Probe, field, free_port, needs
from site_of_gateways import Managed, site, wait_until  # noqa: F401 (a fixture)
from test_kamailio import kamailio

needs("kamailio")
PORT = free_port()
FLAGS = {"sip": {"sip-outbound-proxy": f"sip:127.0.0.1:{PORT};lr"}}


def test_every_notify_goes_through_the_proxy(site, tmp_path):  # noqa: F811
    with kamailio(tmp_path, port=PORT), Probe() as phone:
        managed = Managed(site)
        managed.register(phone.uri(managed.id))
        operation = managed.reboot()
        notified = phone.request()
        assert notified.startswith(f"NOTIFY {phone.uri(managed.id)} SIP/2.0\r\n")
        assert len(field(notified, "Via")) == 2
        managed.until_step("notify-answered")
        managed.finishes(operation)


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
def test_a_proxy_that_challenges_gets_an_answer(site, tmp_path, algorithm):  # noqa: F811
    with kamailio(tmp_path, algorithm=algorithm, port=PORT), Probe() as phone:
        managed = Managed(site, "--sip-user", "dm", "--sip-password-file", site.drover.secret("secret"))
        managed.register(phone.uri(f"asked-{managed.id}"))
        operation = managed.reboot()
        assert field(phone.request(), "CSeq") == ["2 NOTIFY"], "the first one was challenged"
        managed.until_step("notify-answered", 2)
        managed.finishes(operation)


def test_a_proxy_that_is_away_fails_the_trigger_and_says_why(site, tmp_path):  # noqa: F811
    with Probe() as phone:
        managed = Managed(site)
        managed.register(phone.uri(managed.id))
        operation = managed.reboot()
        managed.until_step("notify-answered")
        assert managed.shown()["state"] != "acked" and phone.requests.empty()
        with kamailio(tmp_path, port=PORT):
            managed.register(phone.uri(managed.id))  # It shows itself: it is tried again.
            phone.request()
            wait_until(lambda: managed.shown()["state"] == "acked", what="it is taken")
            managed.finishes(operation)
