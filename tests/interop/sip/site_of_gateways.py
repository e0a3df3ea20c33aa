"""drover-sip in a cluster of its own, as end-to-end tests start it, and gateways whose SIP side somebody else plays."""

import importlib.util
import json
import sys

import pytest
from peers import BIN, ROOT

_E2E = ROOT / "tests/e2e"
sys.path.append(str(_E2E))
_spec = importlib.util.spec_from_file_location("e2e_conftest", _E2E / "conftest.py")
e2e = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(e2e)

from gateway import Gateway, texts  # noqa: E402 (needs the path above)
from localcluster import Cluster  # noqa: E402
from localcluster.cluster import STORES  # noqa: E402

PASSWORD = "gateway secret"
wait_until = e2e.wait_until


class Site:
    """The cluster and its operator's command line."""

    def __init__(self, cluster: Cluster):
        self.cluster = cluster
        self.drover = e2e.Drover(cluster.write_context(), cluster.folder)


@pytest.fixture(scope="module")
def site(request):
    """One for all tests of a file, which may set FLAGS."""
    cluster = Cluster(None, BIN, durable=False, flags=getattr(request.module, "FLAGS", {}))
    cluster.start([*STORES, "tree", "operations", "sip"])
    with cluster:
        yield Site(cluster)


class Managed:
    """One gateway that is enrolled, with an operation or two."""

    def __init__(self, site: Site, *enrol: str, **more):
        self.site = site
        self.http = Gateway(site.cluster.endpoints()["DROVER_GATEWAYS_URL"], PASSWORD, **more)
        self.id = self.http.id
        site.drover.ok("gateway", "enrol", self.id, "--password-file", site.drover.secret(PASSWORD), *enrol)

    def register(self, sip_uri: str) -> None:
        """Over HTTP, with that address of its SIP side."""
        self.http.sip_uri = sip_uri
        assert self.http.register()[0] == 200

    def reboot(self) -> str:
        """The operation's id."""
        return self.site.drover.submit(self.id, "exec", "./Gateway/Reboot")

    def shown(self) -> dict:
        return json.loads(self.site.drover.ok("describe", "device", self.id, "-o", "json"))["gateway"]

    def steps(self) -> list[dict]:
        return self.shown()["steps"]

    def count(self, what: str) -> int:
        return sum(step["what"] == what for step in self.steps())

    def until_step(self, what: str, count: int = 1, seconds: float = 20) -> None:
        wait_until(lambda: self.count(what) >= count, seconds, f"{count} {what} of {self.id}: {self.shown()}")

    def finishes(self, operation: str) -> None:
        """It asks, gets its reboot, tells the result; the operation has succeeded."""
        status, _, answer = self.http.request()
        assert status == 200 and texts(answer, "reboot") == ["yes"]
        assert self.http.result(action="reboot")[0] == 200
        wait_until(lambda: self.site.drover.operation(operation)["state"] == "SUCCEEDED", what=f"{operation} succeeds")
