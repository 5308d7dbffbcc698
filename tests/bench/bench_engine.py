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
# What a program pays before its second step: seconds and bytes beyond NumPy's own.
FIRST_STEP = """
import os, time, numpy
def held():
    return int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
before, begin = held(), time.process_time()
import engine as torch
model = torch.nn.Sequential(torch.nn.Linear(784, 128), torch.nn.ReLU(), torch.nn.Linear(128, 10))
optimizer = torch.optim.Adam(model.parameters())
torch.nn.functional.cross_entropy(model(torch.randn(64, 784)), torch.randint(0, 10, (64,))).backward()
optimizer.step()
print(time.process_time() - begin, held() - before)
"""


def _child(*arguments: str) -> str:
    """What a fresh Python prints that has one thread for its matrix products."""
    command = [sys.executable, *arguments]
    return subprocess.run(command, env=os.environ | ONE_THREAD, capture_output=True, text=True, check=True).stdout


def bench() -> list[Row]:
    """One row a model and other; those to PyTorch only where it can be imported."""
    rows = [Row(*row) for row in json.loads(_child("-m", "tests.bench.training"))]
    seconds = statistics.median(float(_child("-c", IMPORT)) for _ in range(5))
    firsts = [[float(word) for word in _child("-c", FIRST_STEP).split()] for _ in range(5)]
    spent, held = (statistics.median(column) for column in zip(*firsts, strict=True))
    return [
        *rows,
        Row("import engine, beyond NumPy", f"{seconds * 1e3:.0f} ms", "at most 50 ms"),
        Row("import and a first training step, beyond NumPy", f"{spent * 1e3:.0f} ms", "at most 60 ms"),
        Row("what that takes of memory", f"{held / 2**20:.0f} MB", "at most 45 MB"),
    ]
