"""SIPp as the gateway that is notified: it answers, challenges, loses, is late, or refuses.

SIPp must not remember the calls it has ended (-deadcall_wait 0): a gateway keeps one Call-ID.
"""

import contextlib
import pathlib

import pytest
from peers import PATIENCE_S, Program, Probe, field, free_port, needs, tcp_listens, udp_bound

needs("sipp")

RESPONSE = """
  <send><![CDATA[
SIP/2.0 {status}
[last_Via:]
[last_From:]
[last_To:];tag=[pid]g[call_number]
[last_Call-ID:]
[last_CSeq:]
{fields}Content-Length: 0

]]></send>
"""
NOTIFY = '  <recv request="NOTIFY"{how}/>\n'
VERIFY = """  <recv request="NOTIFY"><action>
    <verifyauth assign_to="good" username="dm" password="secret"/>
  </action></recv>
  <nop test="good" next="ok"/>
"""
# SIPp verifies Authorization only.
SEE = """  <recv request="NOTIFY"><action>
    <ereg regexp="Digest username=.dm., realm=.gw.example.,.*response=" search_in="hdr"
      header="Proxy-Authorization:" assign_to="good"/>
  </action></recv>
  <nop test="good" next="ok"/>
"""


def response(status: str, *fields: str) -> str:
    return RESPONSE.format(status=status, fields="".join(field + "\n" for field in fields))


def challenge(status: str, field: str) -> str:
    return response(
        status, f'{field}: Digest realm="gw.example", nonce="n[call_number]", algorithm=MD5, qop="auth"'
    )


OK = NOTIFY.format(how="") + response("200 OK")
LOSES_HALF = NOTIFY.format(how=' lost="50"') + response("200 OK")
DEAD = NOTIFY.format(how=' lost="100"') + response("200 OK")
LATE = NOTIFY.format(how="") + '  <pause milliseconds="4000"/>\n' + response("200 OK")


def challenging(status: str, field: str) -> str:
    return (
        NOTIFY.format(how="")
        + challenge(status, field)
        + (SEE if field.startswith("Proxy") else VERIFY)
        + response("403 Forbidden")
        + '  <nop next="end"/>\n  <label id="ok"/>\n'
        + response("200 OK")
        + '  <label id="end"/>\n'
    )


@contextlib.contextmanager
def gateway(folder: pathlib.Path, scenario: str, transport: str = "u1"):
    """SIPp with that scenario; its port."""
    path = folder / "scenario.xml"
    path.write_text(f'<?xml version="1.0" encoding="ISO-8859-1" ?>\n<scenario name="gateway">\n{scenario}</scenario>\n')
    port = free_port()
    arguments = [
        "sipp", "-sf", path, "-i", "127.0.0.1", "-p", str(port), "-t", transport, "-nostdin",
        "-timeout", f"{2 * PATIENCE_S}s", "-deadcall_wait", "0", "-buff_size", "8000000",
    ]  # fmt: skip
    with Program(folder, arguments) as sipp:
        listens = udp_bound if transport.startswith("u") else tcp_listens
        sipp.ready(f"SIPp on port {port}", lambda: listens(port))
        yield port


def test_scenario_1_a_gateway_that_answers(tmp_path, probe):
    with gateway(tmp_path, OK) as port:
        end = probe.notify(f"sip:gw@127.0.0.1:{port}")
        assert (end["status"], end["outcome"], end["sent"], end["datagrams_out"]) == (200, "accepted", 1, 1)


def test_scenario_1_again_and_again_with_one_call_id_and_rising_cseq(tmp_path, probe):
    with gateway(tmp_path, OK) as port:
        for cseq in range(20):
            end = probe.notify(f"sip:gw@127.0.0.1:{port}", call_id="gw-1@dm.example", cseq=cseq)
            assert (end["status"], end["cseq"]) == (200, cseq + 1)


def test_scenario_1_over_tcp_uses_one_connection(tmp_path, probe):
    with gateway(tmp_path, OK, "t1") as port:
        for _ in range(5):
            end = probe.notify(f"sip:gw@127.0.0.1:{port};transport=tcp")
            assert (end["status"], end["connections_opened"], end["datagrams_out"]) == (200, 1, 0)


@pytest.mark.parametrize("status, field", [("401 Unauthorized", "WWW-Authenticate"),
                                           ("407 Proxy Authentication Required", "Proxy-Authenticate")])  # fmt: skip
def test_scenario_2_a_gateway_that_challenges_is_answered(tmp_path, probe, status, field):
    with gateway(tmp_path, challenging(status, field)) as port:
        end = probe.notify(f"sip:gw@127.0.0.1:{port}", username="dm", password="secret", cseq=7)
        assert (end["status"], end["outcome"], end["sent"], end["cseq"]) == (200, "accepted", 2, 9)


def test_scenario_2_a_wrong_password_is_forbidden_after_two_rounds_at_most(tmp_path, probe):
    with gateway(tmp_path, challenging("401 Unauthorized", "WWW-Authenticate")) as port:
        end = probe.notify(f"sip:gw@127.0.0.1:{port}", username="dm", password="wrong")
        assert (end["status"], end["outcome"]) == (403, "forbidden")
        assert end["sent"] == 2


def test_scenario_3_half_of_the_datagrams_lost_and_every_notify_succeeds_once(tmp_path, probe):
    with gateway(tmp_path, LOSES_HALF) as port:
        begun = [probe.begin(f"sip:gw{i}@127.0.0.1:{port}", event="resync") for i in range(40)]
        ends = [probe.end(name) for name in begun]
        assert [end["status"] for end in ends] == [200] * len(ends)
        assert max(end["datagrams_out"] for end in ends) > len(ends), "some were sent again"


def test_scenario_3_a_dead_gateway_fails_at_32_seconds_after_11_datagrams(tmp_path):
    with gateway(tmp_path, DEAD) as port, Probe() as probe:
        end = probe.notify(f"sip:gw@127.0.0.1:{port}")
        assert (end["kind"], end["outcome"], end["datagrams_out"]) == ("timeout", "unreachable", 11)
        assert 31_500 <= end["took_ms"] <= 34_000


def test_scenario_4_an_answer_after_4_seconds_is_one_success_after_4_datagrams(tmp_path, probe):
    with gateway(tmp_path, LATE) as port:
        end = probe.notify(f"sip:gw@127.0.0.1:{port}")
        assert (end["status"], end["datagrams_out"]) == (200, 4)


def test_scenario_5_a_hop_that_wants_silence_gets_it(tmp_path, probe):
    with gateway(tmp_path, NOTIFY.format(how="") + response("503 Service Unavailable", "Retry-After: 3")) as port:
        uri = f"sip:gw@127.0.0.1:{port}"
        first = probe.notify(uri)
        assert (first["status"], first["outcome"], first["action"]) == (503, "overloaded", "pause_hop")
        assert first["wait_s"] == 3
        assert probe.notify(uri)["kind"] == "held"


@pytest.mark.parametrize(
    "status, fields, outcome, action",
    [
        ("481 Subscription does not exist", [], "no_subscription", "next_event"),
        ("489 Bad Event", ["Allow-Events: check-sync"], "bad_event", "next_event"),
        ("404 Not Found", [], "gone", "wait_for_registration"),
        ("405 Method Not Allowed", [], "unsupported", "poll_at_registration"),
        ("486 Busy Here", ["Retry-After: 5"], "busy", "retry_after"),
        ("603 Decline", [], "refused", "give_up"),
    ],
)
def test_scenario_5_refusals_become_results(tmp_path, probe, status, fields, outcome, action):
    with gateway(tmp_path, NOTIFY.format(how="") + response(status, *fields)) as port:
        end = probe.notify(f"sip:gw@127.0.0.1:{port}")
        assert (end["status"], end["outcome"], end["action"]) == (int(status[:3]), outcome, action)
        assert end["allows"] == ("check-sync" if "489" in status else "")


def test_nobody_there_fails_at_once(probe):
    end = probe.notify(f"sip:gw@127.0.0.1:{free_port()}")
    assert (end["kind"], end["outcome"]) == ("unreachable", "unreachable")
    assert end["took_ms"] < 1000


def digest(algorithm: str, nonce: str, *more: str) -> str:
    fields = ['realm="gw.example"', f'nonce="{nonce}"', f"algorithm={algorithm}", 'qop="auth"', *more]
    return "WWW-Authenticate: Digest " + ", ".join(fields)


def answered_with(regexp: str) -> str:
    """SIPp takes a NOTIFY whose Authorization is like that, and no other."""
    return (
        '  <recv request="NOTIFY"><action>\n'
        f'    <ereg regexp="{regexp}" search_in="hdr" header="Authorization:" check_it="true" assign_to="seen"/>\n'
        '  </action></recv>\n  <Reference variables="seen"/>\n'
    )


def test_of_two_challenges_the_topmost_that_is_known_is_answered(tmp_path, probe):
    scenario = NOTIFY.format(how="") + response(
        "401 Unauthorized", digest("WHIRLPOOL", "n0"), digest("SHA-256", "n1"), digest("MD5", "n2")
    )
    scenario += answered_with("nonce=.n1.*algorithm=SHA-256") + response("200 OK")
    with gateway(tmp_path, scenario) as port:
        end = probe.notify(f"sip:gw@127.0.0.1:{port}", username="dm", password="secret")
        assert (end["status"], end["sent"]) == (200, 2)


def test_a_stale_nonce_costs_one_more_round(tmp_path, probe):
    scenario = NOTIFY.format(how="") + response("401 Unauthorized", digest("MD5", "old"))
    scenario += answered_with("nonce=.old") + response("401 Unauthorized", digest("MD5", "new", "stale=true"))
    scenario += answered_with("nonce=.new") + response("200 OK")
    with gateway(tmp_path, scenario) as port:
        end = probe.notify(f"sip:gw@127.0.0.1:{port}", username="dm", password="secret")
        assert (end["status"], end["sent"], end["challenges_answered"]) == (200, 3, 2)


def test_one_redirect_is_followed(tmp_path, probe):
    with Probe() as elsewhere:
        moved = response("302 Moved Temporarily", f"Contact: <{elsewhere.uri('gw')}>")
        with gateway(tmp_path, NOTIFY.format(how="") + moved) as port:
            end = probe.notify(f"sip:gw@127.0.0.1:{port}", redirects=True)
            assert (end["status"], end["sent"]) == (200, 2)
            assert elsewhere.request().startswith(f"NOTIFY {elsewhere.uri('gw')} SIP/2.0\r\n")
            assert probe.notify(f"sip:gw@127.0.0.1:{port}")["outcome"] == "moved"


def test_a_redirect_to_who_redirects_again_ends(tmp_path, probe):
    port_of_itself = "Contact: <sip:gw@127.0.0.1:[local_port]>"
    with gateway(tmp_path, 2 * (NOTIFY.format(how="") + response("302 Moved Temporarily", port_of_itself))) as port:
        end = probe.notify(f"sip:gw@127.0.0.1:{port}", redirects=True)
        assert (end["status"], end["outcome"], end["sent"]) == (302, "moved", 2)


OPTIONS = """  <send retrans="500"><![CDATA[
OPTIONS sip:dm@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
Max-Forwards: 70
From: <sip:gw@example.com>;tag=[pid]t[call_number]
To: <sip:dm@example.com>
Call-ID: [call_id]
CSeq: 1 OPTIONS
Content-Length: 0

]]></send>
  <recv response="200"/>
"""


@pytest.mark.parametrize("transport, lost", [("u1", 0), ("u1", 20), ("t1", 0)])
def test_sipp_asks_us_a_thousand_times(tmp_path, transport, lost):
    """Each call of SIPp's gets its 200; a request that SIPp sends again is the same one to us."""
    path = tmp_path / "asks.xml"
    path.write_text(f'<?xml version="1.0" encoding="ISO-8859-1" ?>\n<scenario name="asks">\n{OPTIONS}</scenario>\n')
    with Probe("--tcp", "127.0.0.1:0") as probe:
        port = probe.ports["udp" if transport == "u1" else "tcp"]
        arguments = [
            "sipp", f"127.0.0.1:{port}", "-sf", path, "-i", "127.0.0.1", "-p", str(free_port()), "-t", transport,
            "-m", "1000", "-r", "500", "-nostdin", "-timeout", f"{PATIENCE_S}s", "-lost", str(lost),
        ]  # fmt: skip
        with Program(tmp_path, arguments) as sipp:
            assert sipp.process.wait(2 * PATIENCE_S) == 0, sipp.log.read_text(errors="replace")[-2000:]
        asked = {field(probe.request(), "Call-ID")[0] for _ in range(1000)}
        assert len(asked) == 1000
        assert probe.requests.empty(), "none came twice"
