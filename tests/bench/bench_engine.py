"""The engine's training steps as ratios to NumPy by hand (and to PyTorch where it is), and what importing it costs."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys

from tests.bench import Row

ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
IMPORT = "import time, numpy; begin = time.process_time(); import engine; print(time.process_time() - begin)"


def _child(*arguments: str) -> str:
    """What a fresh Python prints that has one thread for its matrix products."""
    command = [sys.executable, *arguments]
    return subprocess.run(command, env=os.environ | ONE_THREAD, capture_output=True, text=True, check=True).stdout


def bench() -> list[Row]:
    """One row a model and other; those to PyTorch only where it can be imported."""
    rows = [Row(*row) for row in json.loads(_child("-m", "tests.bench.training"))]
    seconds = statistics.median(float(_child("-c", IMPORT)) for _ in range(5))
    return [*rows, Row("import engine, beyond NumPy", f"{seconds * 1e3:.0f} ms", "at most 50 ms")]
