"""The load generator over SMS: terminals register by short messages and are woken by them, through push and the SMSC."""

import json
import pathlib
import subprocess

import pytest
from conftest import BINARIES, EVERYTHING, Site
from localcluster.services import SMS

STARTED = [*EVERYTHING, *SMS]
FLAGS = {"push": {"wakeup-rate": "5000"}}
SCENARIO = """
name: e2e-sms
description: the whole chain
devices: 300
arrivals: {rate: 150/s}
terminals: {server-authentication: {md5: 80%, none: 20%}}
sessions: {get: 40%, replace: 40%, get-replace: 10%, poll: 10%}
sms: {registrations: 500/s}
timing: {settle: 30s, come-back: 1s}
"""


class Load:
    """drover-load on the site's cluster and SMSC."""

    def __init__(self, site: Site, folder: pathlib.Path):
        self.site, self.folder = site, folder
        self.smsc = site.cluster.endpoints()["DROVER_SMSC_URL"]

    def call(self, *arguments: str) -> subprocess.CompletedProcess:
        argv = [str(BINARIES / "drover-load"), *arguments, f"--context={self.site.drover.context}",
                f"--ingress={self.site.ingress}"]
        return subprocess.run(argv, capture_output=True, text=True, timeout=120, check=False)

    def run(self, scenario: str, *more: str, seed: int) -> dict:
        """The summary of a run that went well."""
        path, out = self.folder / "scenario.yaml", self.folder / "report"
        path.write_text(scenario)
        result = self.call("run", str(path), f"--smsc={self.smsc}", f"--seed={seed}", f"--out={out}", *more)
        assert result.returncode == 0, f"exit code {result.returncode}\n{result.stdout}\n{result.stderr}"
        assert "protocol fault" not in result.stderr, result.stderr
        return json.loads((out / "summary.json").read_text())

    def demo(self, devices: int, seed: int) -> dict:
        summary = self.folder / f"demo-{seed}.json"
        result = self.call("demo", f"--smsc={self.smsc}", f"--devices={devices}", f"--seed={seed}",
                           f"--summary={summary}")
        assert result.returncode == 0, f"exit code {result.returncode}\n{result.stdout}\n{result.stderr}"
        return json.loads(summary.read_text())


@pytest.fixture(name="load")
def _load(site, tmp_path):
    return Load(site, tmp_path)


def test_terminals_register_by_sms_and_are_woken_by_sms_once(load):
    summary = load.run(SCENARIO, "--threshold=twice=0,never_woken=0,woken.p99<20s", seed=1)
    sms = summary["sms"]
    assert sms["registrations"] == sms["confirmed"] == 300
    assert 200 < sms["submitted"] < 300, "those that only poll are not woken"
    assert sms["notifications"] == sms["accepted"] == sms["submitted"]
    assert sms["refused"] == {}
    assert sms["messages"] == sms["smsc"]["submitted"] == 300 + sms["submitted"]
    assert sms["missed"] == sms["twice"] == sms["never_woken"] == sms["smsc"]["orphans"] == 0
    assert sms["woken_ms"]["count"] == sms["submitted"]
    assert sms["woken_ms"]["p50"] >= sms["notified_ms"]["p50"] > 0
    assert summary["ledgers"]["compared"] is True
    assert summary["ledgers"]["operations"] == sum(summary["operations"].values()) >= sms["submitted"]
    assert load.site.metric("push", "drover_push_registrations_total", outcome="registered") == 300


def test_who_is_registered_already_need_not_do_it_again(load):
    load.run("devices: 20\narrivals: {rate: 100/s}\nsms: {}\n", seed=2)
    scenario = "devices: 20\narrivals: {rate: 100/s}\nsessions: get\nsms: {register: false}\n"
    sms = load.run(scenario, seed=2)["sms"]
    assert sms["registrations"] == 0
    assert sms["accepted"] == sms["submitted"] == 20


def test_operations_of_terminals_that_have_no_number_are_told_as_never_woken(load):
    scenario = load.folder / "scenario.yaml"
    scenario.write_text("devices: 5\narrivals: {rate: 100/s}\nsessions: get\nsms: {register: false}\n"
                        "timing: {settle: 3s}\n")
    result = load.call("run", str(scenario), f"--smsc={load.smsc}", "--seed=3")
    assert result.returncode == 1, result.stdout
    assert "5 terminals with operations were never woken" in result.stdout


def test_several_at_a_time_in_the_closed_model(load):
    sms = load.run("devices: 60\nsessions: get\nsms: {}\n", "--closed=10", seed=4)["sms"]
    assert sms["accepted"] == sms["submitted"] == 60


def test_a_second_demonstration_hears_nothing_of_the_first(load):
    for seed in (11, 12):
        summary = load.demo(6, seed)
        assert summary["registered_by_sms"] == 6
        assert summary["notifications_refused"] <= 6, "those of the first run would be many more"


def test_without_an_smsc_it_says_what_is_missing(load):
    scenario = load.folder / "scenario.yaml"
    scenario.write_text("sms: {}\n")
    result = load.call("run", str(scenario))
    assert result.returncode == 2
    assert "--smsc" in result.stderr
