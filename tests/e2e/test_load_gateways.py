"""The load generator with phones over SMS and voice home gateways over SIP in one run."""

import json
import subprocess

import pytest
from conftest import BINARIES, EVERYTHING
from localcluster.services import GATEWAYS, SMS

STARTED = [*EVERYTHING, *SMS, *GATEWAYS]
SCENARIO = """
name: e2e-gateways
description: phones over SMS beside gateways
devices: 150
arrivals: {rate: 75/s}
sessions: {get: 50%, replace: 50%}
sms: {}
gateways:
  count: 150
  mix: {plain: 50%, sipura: 20%, secure: 10%, snom: 10%, silent: 10%}
  operations: {config: 60%, reboot: 20%, read: 10%, none: 10%}
  rate: 75/s
  register-over: 2s
timing: {settle: 40s}
"""


@pytest.fixture(name="run")
def _run(site, tmp_path):
    def run(scenario: str, *more: str) -> subprocess.CompletedProcess:
        path, at = tmp_path / "scenario.yaml", site.cluster.endpoints()
        path.write_text(scenario)
        argv = [str(BINARIES / "drover-load"), "run", str(path), f"--context={site.drover.context}",
                f"--ingress={site.ingress}", f"--smsc={at['DROVER_SMSC_URL']}",
                f"--registrar={at['DROVER_SIP_ADDRESS']}", f"--out={tmp_path / 'report'}", *more]
        return subprocess.run(argv, capture_output=True, text=True, timeout=150, check=False)

    return run


def test_phones_and_gateways_have_their_operations_done_side_by_side(site, run, tmp_path):
    server = site.cluster.endpoints()["DROVER_GATEWAYS_URL"]
    result = run(SCENARIO, f"--gateways={server}", "--seed=5")
    assert result.returncode == 0, f"exit code {result.returncode}\n{result.stdout}\n{result.stderr}"
    summary = json.loads((tmp_path / "report/summary.json").read_text())
    gateways = summary["gateways"]
    assert gateways["registered"] == gateways["gateways"] == 150
    assert 120 <= gateways["submitted"] < 150, "some have nothing to do"
    assert gateways["compared"] == gateways["submitted"] == sum(gateways["operations"].values())
    assert gateways["carried_out"] == gateways["asked"] == gateways["told"] == gateways["operations"]["succeeded"]
    assert gateways["excused"] == gateways["submitted"] - gateways["told"] > 0, "the silent ones"
    differences = [gateways[name] for name in ("lost", "doubled", "different", "unfinished")]
    assert differences == [0, 0, 0, 0], gateways["first_differences"]
    assert gateways["gateway_done_ms"]["count"] == gateways["carried_out"]
    assert summary["sms"]["accepted"] == 150
    assert summary["operations"] == {"succeeded": 150}


def test_mistakes_are_named_before_anything_is_done(run):
    result = run("gateways: {}\n")
    assert result.returncode == 2 and "--gateways" in result.stderr
    result = run("gateways: {mix: {unheard-of: 100%}}\n", "--gateways=http://127.0.0.1:1")
    assert result.returncode == 2 and "unheard-of" in result.stderr
