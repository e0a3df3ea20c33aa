"""The simulated SMSC (loadtest/smsc) as a unit: terminals whose short messages take no time on air."""

import pathlib

from localcluster import services
from localcluster.stores import secret_file
from localcluster.unit import Unit

KIND = "smsc"


def unit(at: services.Surroundings, smpp_port: int, http_port: int) -> Unit:
    password = secret_file(at.folder, "smsc-password", 4).read_text().strip()
    at.smpp = smpp_port
    flags = {
        "smpp": f"127.0.0.1:{smpp_port}",
        "http": f"127.0.0.1:{http_port}",
        "account": f"drover:{password}",
        **at.extra.get(KIND, {}),
    }
    argv = [services.binary(at, KIND), *[part for flag, value in flags.items() for part in (f"--{flag}", value)]]
    return Unit(
        name=KIND,
        kind=KIND,
        argv=[*argv, "--instant"],
        log=str(pathlib.Path(at.folder) / "smsc.log"),
        probe={"kind": "http", "port": http_port, "path": "/readyz"},
        ports={"smpp": smpp_port, "http": http_port},
        fast_signal="SIGTERM",
    )
