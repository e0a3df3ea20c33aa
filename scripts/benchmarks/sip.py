"""SIP: NOTIFY transactions over UDP with our endpoint, answered and unanswered, and answered ones with Sofia-SIP's nta beside
them where that is installed."""

import json
import pathlib
import subprocess

from benchmarks import report

BAR_CPU = 10  # Microseconds an answered transaction.
BAR_TIMES = 5  # As many a second as Sofia.
BAR_RATE = 100_000  # A second a core, where Sofia is not at hand.
BAR_FLAT = 1.5  # CPU of an unanswered one with 100,000 under way, by that with 1,000.


def _run(binaries: pathlib.Path, name: str, out: pathlib.Path) -> dict[str, dict]:
    subprocess.run([str(binaries / name), "--out", str(out)], check=True, stdout=subprocess.DEVNULL)
    return {entry["name"]: entry for entry in json.loads(out.read_text())}


def _rate(ours: dict, sofia: dict | None) -> list[report.Figure]:
    if sofia is None:
        core = 1e6 / ours["value"]
        return [report.Figure("sip_rate_core", core, "transactions/s/core", "higher", bar=f">= {BAR_RATE:,}", met=core >= BAR_RATE)]
    times = ours["rate"] / sofia["rate"]
    return [
        report.Figure("sip_rate", ours["rate"], "transactions/s", "higher", sofia["rate"], times,
                      f"{BAR_TIMES} times Sofia's nta", times >= BAR_TIMES),
        report.Figure("sofia_transaction", sofia["value"], "us", "lower"),
    ]


def measure(binaries: pathlib.Path, folder: pathlib.Path) -> list[report.Figure]:
    has_sofia = (binaries / "bench_sip_sofia").exists()
    sofia = _run(binaries, "bench_sip_sofia", folder / "sip_sofia.json")["sofia_transaction"] if has_sofia else None
    ours = _run(binaries, "bench_sip_transactions", folder / "sip_transactions.json")
    cpu = ours["sip_transaction"]["value"]
    few, many = ours["sip_unanswered_1000"]["value"], ours["sip_unanswered_100000"]["value"]
    figures = [report.Figure("sip_transaction", cpu, "us", "lower", bar=f"<= {BAR_CPU} us", met=cpu <= BAR_CPU)]
    figures += _rate(ours["sip_transaction"], sofia)
    figures += [report.Figure(name, entry["value"], "us", "lower") for name, entry in ours.items() if "unanswered" in name]
    figures.append(report.Figure("sip_unanswered_flat", many / few, "times", "lower", bar=f"<= {BAR_FLAT}",
                                 met=many / few <= BAR_FLAT))
    return figures
