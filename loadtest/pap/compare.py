#!/usr/bin/python3
"""PAP acceptance of drover-push beside Kannel's PPG, with the same generator, in turn.

    scripts/cluster run --durable --with postgres,kafka -- loadtest/pap/compare.py [seconds [rounds]]

Both hand over to drover-smsc meanwhile, whose terminals take everything at once. drover-push has every push in
PostgreSQL before it says 1001 (with --durable: on the disk). Kannel says 1001 before it has handed the push to its
bearerbox, and keeps it in memory: as configured by its Debian package, and once more with its store in a spool folder,
which is as durable as it gets (it does not wait for the disk).
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.setdefault("DROVER_E2E_BIN", str(ROOT / "build/release/bin")))
sys.path[:0] = [str(ROOT / "tests/interop/kannel"), str(ROOT / "scripts")]

import cpu  # noqa: E402 (needs the path above)
from test_kannel import Kannel, Smsc, fetch, until  # noqa: E402

CONNECTIONS = [8, 64, 256]
WARM_UP_S = 2  # Of each gateway and what it uses: not counted.


class Peer:
    """A gateway that is ready to be loaded."""

    def __init__(self, address: str, target: str, credentials: list[str], pids: dict[str, list[int]], smsc: Smsc):
        self.address, self.target, self.credentials, self.smsc = address, target, credentials, smsc
        self.pids = pids | {"smsc": [smsc.process.pid]}
        self.at_first, self.accepted = self.delivered(), 0

    def delivered(self) -> int:
        return json.loads(fetch(self.smsc.http + "/ledger")[1])["messages"]

    def loads(self, seconds: int) -> list[dict]:
        self.load(CONNECTIONS[-1], WARM_UP_S)
        return [self.load(count, seconds) for count in CONNECTIONS]

    def load(self, connections: int, seconds: int) -> dict:
        host, _, port = self.address.rpartition(":")
        meter = cpu.Meter(self.pids)
        before = self.delivered()
        command = [BIN / "pap_load", host, port, self.target, str(connections), str(seconds), *self.credentials]
        run = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
        run["cpu_us"] = meter.microseconds_each(run["accepted"]) | {"client": run["cpu_us"]}
        run["delivered_per_second"] = (self.delivered() - before) / seconds
        self.accepted += run["accepted"]
        began = time.monotonic()
        run["lost"] = self.accepted - self.settled()
        run["settled_s"] = time.monotonic() - began
        return run

    def settled(self) -> int:
        """How many were delivered once it has caught up, or does nothing any more."""
        count, since = -1, time.monotonic()
        while time.monotonic() - since < 3:
            if self.delivered() - self.at_first != count:
                count, since = self.delivered() - self.at_first, time.monotonic()
            if count == self.accepted:
                break
            time.sleep(0.1)
        return count


def push_file(folder: pathlib.Path, smpp_port: int) -> str:
    (folder / "secret").write_text("secret")
    path = folder / "push.yaml"
    path.write_text(
        "smscs:\n  - {name: home, host: 127.0.0.1, "
        f"port: {smpp_port}, system_id: kannel, password_file: secret, source: \"10654040\", window: 100, "
        "receipts: false}\n"
        "accounts:\n  - {name: shop, password_file: secret}\n"
    )
    return str(path)


def drover(folder: pathlib.Path, smsc: Smsc, seconds: int) -> list[dict]:
    stores = [
        "--postgres-url", os.environ["DROVER_TEST_POSTGRES_URL"],
        "--push-file", push_file(folder, smsc.smpp_port),
    ]  # fmt: skip
    subprocess.run([BIN / "drover-push", "migrate", *stores], check=True, stderr=subprocess.DEVNULL)
    port_file = folder / "ports"
    serve = [
        BIN / "drover-push", "serve", *stores, "--kafka-brokers", os.environ["DROVER_TEST_KAFKA_BROKERS"],
        "--pap-listen", "127.0.0.1:0", "--grpc-listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0",
        "--port-file", port_file, "--insecure-no-auth", "true",
    ]  # fmt: skip
    with (folder / "push.log").open("wb") as log:
        process = subprocess.Popen(serve, stdout=log, stderr=log)
    try:
        until("drover-push listens", lambda: (port_file.exists() and "pap" in port_file.read_text()) or None)
        address = json.loads(port_file.read_text())["pap"]
        until("drover-push bound", lambda: smsc.bound() or None)
        pids = {name: [pid] for name, pid in cpu.stores(os.environ["DROVER_TEST_POSTGRES_URL"]).items()}
        peer = Peer(address, "/pap", ["shop:secret"], {"push": [process.pid]} | pids, smsc)
        return peer.loads(seconds)
    finally:
        process.terminate()
        process.wait()


def kannel(folder: pathlib.Path, smsc: Smsc, seconds: int, store: str = "") -> list[dict]:
    gateway = Kannel(folder, smsc.smpp_port)
    gateway.config.write_text(gateway.config.read_text().replace("group = core\n", "group = core\n" + store, 1))
    try:
        gateway.start()
        until("Kannel bound", lambda: smsc.bound() or None)
        pids = {pathlib.Path(process.args[0]).name: [process.pid] for process in gateway.processes}
        peer = Peer(f"127.0.0.1:{gateway.ports['ppg']}", "/wappush", [], pids, smsc)
        return peer.loads(seconds)
    finally:
        gateway.stop()


def kannel_spool(folder: pathlib.Path, smsc: Smsc, seconds: int) -> list[dict]:
    (folder / "spool").mkdir()
    return kannel(folder, smsc, seconds, f"store-type = spool\nstore-location = {folder}/spool\n")


def measured(measure, seconds: int) -> list[dict]:
    with tempfile.TemporaryDirectory() as folder:
        smsc = Smsc(pathlib.Path(folder))
        try:
            return measure(pathlib.Path(folder), smsc, seconds)
        finally:
            smsc.process.kill()
            smsc.process.wait()


def show(name: str, connections: int, run: dict) -> None:
    each = ", ".join(f"{who} {us:.0f}" for who, us in run["cpu_us"].items())
    print(f"{name:12} {connections:3} connections: {run['accepted_per_second']:6.0f}/s, p50 {run['p50_ms']:.2f} ms, "
          f"p99 {run['p99_ms']:.2f} ms, {run['refused']} refused, {run['broken']} broken; "
          f"{run['delivered_per_second']:.0f}/s delivered meanwhile, all but {run['lost']} {run['settled_s']:.1f} s later;"
          f" CPU us each: {each}", flush=True)  # fmt: skip


def main() -> None:
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    wanted = os.environ.get("PAP_PEERS", "kannel,kannel_spool,drover").split(",")
    measured_runs: dict[str, list[list[dict]]] = {}
    for _ in range(rounds):
        for measure in (kannel, kannel_spool, drover):
            if measure.__name__ not in wanted:
                continue
            runs = measured(measure, seconds)
            measured_runs.setdefault(measure.__name__, []).append(runs)
            for count, run in zip(CONNECTIONS, runs):
                show(measure.__name__, count, run)
    for name in set(measured_runs) - {"drover"}:
        compare(name, measured_runs[name], measured_runs.get("drover", []))


def compare(name: str, theirs: list[list[dict]], ours: list[list[dict]]) -> None:
    for i, count in enumerate(CONNECTIONS if ours else []):
        def mean(rounds: list[list[dict]], key: str, i=i) -> float:
            return sum(runs[i][key] for runs in rounds) / len(rounds)

        times = mean(ours, "accepted_per_second") / mean(theirs, "accepted_per_second")
        print(f"{count} connections: drover accepts {times:.1f} times as many as {name}, "
              f"p99 {mean(ours, 'p99_ms'):.1f} against {mean(theirs, 'p99_ms'):.1f} ms")


if __name__ == "__main__":
    main()
