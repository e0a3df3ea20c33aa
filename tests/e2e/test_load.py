"""The load generator on a real cluster: a mixed population, its reports, its exit codes, and its end by Ctrl-C."""

import csv
import itertools
import json
import os
import pathlib
import signal
import subprocess

import pytest
from conftest import BINARIES, ROOT, Site, wait_until

PASSWORD = "the enrolment password"
FLAGS = {"session": {"unknown-terminals": "enrol"}}
SEEDS = itertools.count(1)
SCENARIOS = ROOT / "loadtest/scenarios"
MIXED = """
name: e2e
description: some of everything
arrivals: {rate: 150/s}
terminals:
  encoding: {wbxml: 70%, xml: 30%}
  version: {1.2: 85%, 1.1.2: 10%, 1.3: 5%}
  authentication: {md5: 78%, basic: 10%, hmac: 10%, none: 2%}
  server-authentication: {md5: 60%, basic: 5%, hmac: 5%, none: 30%}
  quirks: {no-cred-first: 5%, nonce-out-of-step: 5%, connection-close: 5%, slow: 2%}
sessions: {poll: 20%, get: 15%, replace: 15%, get-replace: 20%, exec: 8%, large-object: 2%,
  firmware-update: 10%, registration: 10%}
faults: {lost-response: 3%, drop: 2%, slow: 1%, wrong-nonce: 3%, duplicate: 3%, power-loss: 2%}
timing: {come-back: 1s, update-min: 500ms, update-max: 2s}
"""


@pytest.fixture(scope="module", autouse=True)
def _password(tmp_path_factory):
    path = tmp_path_factory.mktemp("secrets") / "enrolment"
    path.write_text(PASSWORD + "\n")
    FLAGS["session"]["enrol-password-file"] = str(path)
    return path


class Load:
    """drover-load on the site's cluster."""

    def __init__(self, site: Site, folder: pathlib.Path):
        self.folder = folder
        self._site = site

    def scenario(self, text: str) -> str:
        path = self.folder / "scenario.yaml"
        path.write_text(text)
        return str(path)

    def argv(self, scenario: str, *more: str, seed: int = 0) -> list[str]:
        context = f"--context={self._site.drover.context}"
        ingress = f"--ingress={self._site.ingress}"
        return [str(BINARIES / "drover-load"), "run", scenario, context, ingress, f"--seed={seed or next(SEEDS)}", *more]

    def run(self, scenario: str, *more: str, seed: int = 0) -> subprocess.CompletedProcess:
        return subprocess.run(
            self.argv(scenario, *more, seed=seed), capture_output=True, text=True, timeout=120, check=False
        )

    def summary(self) -> dict:
        return json.loads((self.folder / "report/summary.json").read_text())


@pytest.fixture(name="load")
def _load(site, tmp_path):
    return Load(site, tmp_path)


def said(result: subprocess.CompletedProcess) -> str:
    return f"exit code {result.returncode}\n{result.stdout}\n{result.stderr}"


def test_a_mixed_population_ends_with_equal_ledgers_and_a_whole_report(load, _password):
    out = load.folder / "report"
    result = load.run(
        load.scenario(MIXED), "--devices=2k", f"--out={out}", f"--enrolment-password-file={_password}",
        "--threshold=errors<5%,p99<20s",
    )
    assert result.returncode == 0, said(result)
    assert {path.name for path in out.iterdir()} >= {"summary.json", "timeseries.csv", "latency.hdr", "report.html"}
    summary = load.summary()
    assert summary["ledgers"]["compared"] is True
    assert summary["ledgers"]["operations"] > 1000
    assert summary["ledgers"]["lost"] == summary["ledgers"]["doubled"] == summary["ledgers"]["different"] == 0
    with (out / "timeseries.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) >= 10
    assert "protocol fault" not in result.stderr, result.stderr


def test_a_threshold_that_is_missed_decides_the_exit_code(load):
    result = load.run(str(SCENARIOS / "poll.yaml"), "--devices=50", "--rate=100/s", "--duration=0s",
                      "--threshold=p50<1us")
    assert result.returncode == 99, said(result)


def test_what_was_prepared_is_run_later_and_once(load):
    scenario = str(SCENARIOS / "million.yaml")
    sized = ["--devices=100", "--rate=200/s"]
    assert load.run(scenario, *sized, "--no-prepare", seed=77_001).returncode == 1
    prepared = load.run(scenario, *sized, "--prepare-only", seed=77_001)
    assert prepared.returncode == 0, said(prepared)
    result = load.run(scenario, *sized, "--no-prepare", seed=77_001)
    assert result.returncode == 0, said(result)
    again = load.run(scenario, *sized, "--no-prepare", seed=77_001)
    assert again.returncode == 1
    assert "have been run already" in again.stderr


def test_ctrl_c_ends_it_with_all_reports(load):
    out = load.folder / "report"
    argv = load.argv(str(SCENARIOS / "million.yaml"), "--devices=2k", "--rate=50/s", f"--out={out}")
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, env=os.environ) as process:
        lines: list[str] = []
        live = 0  # Lines of the load itself: the first contact before it has such lines too.
        for line in process.stdout:
            lines.append(line)
            live = live + 1 if "in flight" in line else 0 if "submission took" in line else live
            if live == 3 and any("submission took" in each for each in lines):
                process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0, "".join(lines)
    summary = load.summary()
    assert summary["interrupted"] is True
    assert summary["ledgers"]["compared"] is True
    assert 0 < summary["operations"]["succeeded"] < 2000


STEPS = """
description: three rates in one run
arrivals: {rate: 100/s, steps: [{rate: 0.5x, for: 2s}, {rate: 2x, for: 2s}, {rate: 0.5x, for: 4s}]}
"""


def test_steps_of_the_rate_have_figures_of_their_own(load):
    out = load.folder / "report"
    result = load.run(load.scenario(STEPS), "--devices=1k", f"--out={out}")
    assert result.returncode == 0, said(result)
    summary = load.summary()
    assert [step["name"] for step in summary["steps"]] == ["0.5x", "2x", "0.5x"]
    assert summary["steps"][1]["due"] > 2 * summary["steps"][0]["due"]
    assert summary["steps"][1]["accepted_ms"]["p99"] > 0
    assert summary["overload"]["step"] == "2x"
    assert "overload  goodput" in result.stdout


def test_terminals_that_fail_for_good_fail_the_run_without_any_threshold(load):
    nobody = load.argv(load.scenario("timing: {returns: 1, come-back: 100ms, retry-pause: 1ms, attempts: 1}\n"),
                       "--devices=20", "--rate=100/s")
    nobody = [each if not each.startswith("--ingress=") else "--ingress=http://127.0.0.1:1/dm" for each in nobody]
    result = subprocess.run(nobody, capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 1, said(result)
    assert "20 terminals gave up" in result.stdout


def test_mistakes_are_named_before_anything_is_done(load):
    result = load.run(load.scenario("devices: many\n"))
    assert result.returncode == 2
    assert "scenario.yaml:1: devices:" in result.stderr
    result = load.run(str(SCENARIOS / "poll.yaml"), "--threshold=p99<50")
    assert result.returncode == 2, said(result)


def test_the_cluster_is_well_afterwards(site):
    wait_until(site.all_alive, 5)
