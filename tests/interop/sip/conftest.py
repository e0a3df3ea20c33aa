import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from peers import Probe  # noqa: E402 (needs the path above)


@pytest.fixture
def probe():
    with Probe() as probe:
        yield probe
