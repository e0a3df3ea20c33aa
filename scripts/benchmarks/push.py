"""Push: the codec beside libsmpp34, dispatch to a sink with the journal on, and the goals of scheduling beside the naive
scheduler."""

import json
import os
import pathlib
import subprocess

from benchmarks import report
from localcluster import Cluster

BAR_PDUS = 2_000_000  # A second a core.
BAR_TIMES = 20  # As fast as libsmpp34.
BAR_DISPATCH = 50_000  # Messages a second a core.


def _program(binaries: pathlib.Path, name: str, out: pathlib.Path, environment: dict[str, str] | None = None,
             check: bool = True) -> None:
    argv = [str(binaries / name), "--out", str(out)]
    subprocess.run(argv, check=check, stdout=subprocess.DEVNULL, env={**os.environ, **(environment or {})})


def codec(binaries: pathlib.Path, out: pathlib.Path) -> list[report.Figure]:
    _program(binaries, "bench_smpp", out)
    figures = report.read(out)
    both = next(figure for figure in figures if figure.name == "smpp_encode_decode")
    both.bar = f"{BAR_PDUS / 1e6:.0f} million PDUs a second a core, {BAR_TIMES} times libsmpp34"
    both.met = 1e6 / both.value >= BAR_PDUS and both.ratio <= 1 / BAR_TIMES
    return figures


def dispatch(binaries: pathlib.Path, out: pathlib.Path) -> list[report.Figure]:
    """One bind with a window of 50; what a core does is told by the CPU time of the thread that dispatches."""
    with Cluster(None, binaries, auth=False) as cluster:
        cluster.start(["postgres"])
        url = cluster.endpoints()["DROVER_POSTGRES_URL"]
        _program(binaries, "bench_push_dispatch", out, {"DROVER_TEST_POSTGRES_URL": url})
    (entry,) = json.loads(out.read_text())
    core = 1e6 / entry["cpu_us"]
    return [
        report.Figure("push_dispatch", entry["value"], "messages/s", "higher"),
        report.Figure("push_dispatch_core", core, "messages/s/core", "higher", bar=f">= {BAR_DISPATCH:,}",
                      met=core >= BAR_DISPATCH),
    ]


def goals(binaries: pathlib.Path, out: pathlib.Path) -> list[report.Figure]:
    _program(binaries, "bench_dispatch", out, check=False)  # Its exit code says whether the bars are met; so does the table.
    return report.read_judged(out)


def measure(binaries: pathlib.Path, folder: pathlib.Path) -> list[report.Figure]:
    figures = codec(binaries, folder / "smpp.json") + dispatch(binaries, folder / "push_dispatch.json")
    return figures + goals(binaries, folder / "push.json")
