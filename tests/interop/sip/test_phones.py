"""Ordinary phones that others wrote: what they say to a trigger that is not for them becomes a result."""

import pathlib
import subprocess

import pytest
from peers import Program, free_port, needs, udp_bound

needs("baresip", "linphonec")

BARESIP = """sip_listen 127.0.0.1:{port}
audio_player aubridge,nil
audio_source aubridge,nil
module_path {modules}
module g711.so
module account.so
module menu.so
"""
LINPHONE = """[sip]
sip_port={port}
sip_tcp_port=0
sip_tls_port=0
use_ipv6=0
"""


@pytest.fixture
def baresip(tmp_path):
    port = free_port()
    modules = next(pathlib.Path("/usr/lib").glob("**/baresip/modules"))
    (tmp_path / "config").write_text(BARESIP.format(port=port, modules=modules))
    (tmp_path / "accounts").write_text(f"<sip:100@127.0.0.1:{port}>;regint=0\n")
    (tmp_path / "contacts").touch()
    with Program(tmp_path, ["baresip", "-f", tmp_path], stdin=subprocess.DEVNULL) as phone:
        phone.ready("baresip", lambda: udp_bound(port))
        yield f"sip:100@127.0.0.1:{port}"


@pytest.fixture
def linphone(tmp_path):
    port = free_port()
    for folder in (".local/share/linphone", ".config/linphone"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "linphonerc").write_text(LINPHONE.format(port=port))
    environment = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
    # It ends when its input does: a pipe that nobody writes to keeps it.
    command = ["linphonec", "-c", tmp_path / "linphonerc"]
    with Program(tmp_path, command, stdin=subprocess.PIPE, env=environment) as phone:
        phone.ready("linphone", lambda: udp_bound(port))
        yield f"sip:200@127.0.0.1:{port}"
        phone.process.stdin.close()


@pytest.mark.parametrize("event", ["resync", "check-sync;reboot=false", "message-summary"])
def test_baresip_has_no_subscription(baresip, probe, event):
    end = probe.notify(baresip, event=event)
    assert (end["status"], end["outcome"], end["action"]) == (481, "no_subscription", "next_event")
    assert end["datagrams_out"] == 1


def test_baresip_is_asked_again_with_another_event_and_then_no_more(baresip, probe):
    """Each refusal is one transaction: nothing goes on by itself."""
    for event in ("resync", "check-sync", "resync"):
        end = probe.notify(baresip, event=event, call_id="gw-1@dm.example", cseq=probe.count)
        assert end["outcome"] == "no_subscription"
    assert end["datagrams_out"] == 3


@pytest.mark.parametrize("event", ["resync", "check-sync;reboot=false", "message-summary"])
def test_linphone_takes_any_notify(linphone, probe, event):
    """It acknowledges what it does not know; that it then does nothing is for the trigger's own deadline to see."""
    end = probe.notify(linphone, event=event)
    assert (end["status"], end["outcome"]) == (200, "accepted")


def test_linphone_answers_what_it_does_not_do(linphone, probe):
    end = probe.ask(linphone, method="PUBLISH", event="resync")
    assert end["kind"] == "response" and end["status"] >= 400
