"""Terminals that nobody has enrolled: enrolled by themselves, or refused, as the session service is told."""

import json

import pytest
from conftest import BINARIES, Site
from localcluster import Cluster
from localcluster.cluster import EVERYTHING

PASSWORD = "the enrolment password"


@pytest.fixture(scope="module", name="policies")
def _policies(tmp_path_factory):
    """One cluster; its session service is started again for each policy."""
    password = tmp_path_factory.mktemp("secrets") / "enrolment"
    password.write_text(PASSWORD + "\n")
    flags = {"unknown-terminals": "enrol", "enrol-password-file": str(password)}
    with Cluster(None, BINARIES, durable=False, flags={"session": flags}) as cluster:
        cluster.start(EVERYTHING)
        yield Site(cluster)


def change_policy(site, policy: str) -> None:
    unit = site.cluster.unit("session-1")
    unit.argv[unit.argv.index("--unknown-terminals") + 1] = policy
    site.cluster.restart("session-1")
    site.cluster.wait_ready(["ingress"])


def test_a_terminal_that_proves_the_enrolment_password_is_registered(policies):
    terminal = policies.terminal(enrolled=False)
    terminal.password = PASSWORD
    terminal.manage()
    found = json.loads(policies.drover.ok("describe", "device", terminal.id, "-o", "json"))
    assert found["manufacturer"] == "Acme" and found["status"] == "ENABLED"
    operation = policies.drover.submit(terminal.id, "get", "./DevDetail/FwV")
    terminal.manage()
    assert policies.drover.operation(operation)["state"] == "SUCCEEDED"


def test_a_terminal_that_does_not_is_not_registered(policies):
    terminal = policies.terminal(enrolled=False)
    session = terminal.session()
    for _ in range(2):
        assert session.send(session.package1()).code("SyncHdr") == "401"
    assert policies.drover.run("describe", "device", terminal.id).returncode == 3


def test_where_unknown_terminals_are_refused_they_get_403(policies):
    change_policy(policies, "refuse")
    terminal = policies.terminal(enrolled=False)
    assert terminal.post(terminal.session().package1()).status == 403
    change_policy(policies, "enrol")
