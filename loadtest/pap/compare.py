#!/usr/bin/python3
"""PAP acceptance of drover-push beside Kannel's PPG, with the same generator, one after the other.

    scripts/cluster run --with postgres,kafka -- loadtest/pap/compare.py [seconds]

Both hand over to drover-smsc, whose terminals take everything at once. drover-push keeps every push in PostgreSQL
before it says 1001; Kannel keeps nothing.
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

from test_kannel import Kannel, Smsc, until  # noqa: E402 (needs the path above)

CONNECTIONS = [8, 64]


def load(address: str, target: str, connections: int, seconds: int, *credentials: str) -> dict:
    host, _, port = address.rpartition(":")
    command = [BIN / "pap_load", host, port, target, str(connections), str(seconds), *credentials]
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)


def push_file(folder: pathlib.Path, smpp_port: int) -> str:
    (folder / "secret").write_text("secret")
    path = folder / "push.yaml"
    path.write_text(
        "smscs:\n  - {name: home, host: 127.0.0.1, "
        f"port: {smpp_port}, system_id: kannel, password_file: secret, source: \"10654040\", window: 100}}\n"
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
        return [load(address, "/pap", count, seconds, "shop:secret") for count in CONNECTIONS]
    finally:
        process.terminate()
        process.wait()


def kannel(folder: pathlib.Path, smsc: Smsc, seconds: int) -> list[dict]:
    peer = Kannel(folder, smsc.smpp_port)
    try:
        peer.start()
        until("Kannel bound", lambda: smsc.bound() or None)
        return [load(f"127.0.0.1:{peer.ports['ppg']}", "/wappush", count, seconds) for count in CONNECTIONS]
    finally:
        peer.stop()


def main() -> None:
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    results = {}
    for measure in (kannel, drover):
        with tempfile.TemporaryDirectory() as folder:
            smsc = Smsc(pathlib.Path(folder))
            try:
                results[measure.__name__] = measure(pathlib.Path(folder), smsc, seconds)
            finally:
                smsc.process.kill()
                smsc.process.wait()
        time.sleep(1)
    for name, runs in results.items():
        for count, run in zip(CONNECTIONS, runs):
            print(f"{name:7} {count:3} connections: {run['accepted_per_second']:6.0f}/s, p50 {run['p50_ms']:.2f} ms, "
                  f"p99 {run['p99_ms']:.2f} ms, {run['refused']} refused, {run['broken']} broken")
    best = {name: max(run["accepted_per_second"] for run in runs) for name, runs in results.items()}
    print(f"drover accepts {best['drover'] / best['kannel']:.1f} times as many, durably")


if __name__ == "__main__":
    main()
