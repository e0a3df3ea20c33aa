"""Removes a temporary cluster's folder once the runner that made it is gone (its end closes our input)."""

import pathlib
import shutil
import sys
import time

sys.stdin.buffer.read()
for _ in range(50):  # Processes that die with the runner may still write for a moment.
    shutil.rmtree(sys.argv[1], ignore_errors=True)
    if not pathlib.Path(sys.argv[1]).exists():
        break
    time.sleep(0.02)
