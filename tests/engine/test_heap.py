"""What the C library keeps of the memory that arrays let go of."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from engine import heap

PROGRAM = """
import resource, engine
def work():
    held = [engine.zeros(1 << 18) + i for i in range(40)]  # a megabyte each
    return sum(each[0].item() for each in held)
work()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(5):
    work()
faults = resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
for _ in range(5):
    engine.zeros(1 << 25) + 1  # 128 MiB each, which do not stay
with open("/proc/self/statm") as statm:
    resident = int(statm.read().split()[1]) * resource.getpagesize()
print(faults, resident)
"""


def run(**settings: str) -> list[int]:
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(command, env=os.environ | settings, capture_output=True, text=True, check=True)
    return [int(word) for word in done.stdout.split()]


@pytest.mark.skipif(not heap.keep(), reason="the C library is not glibc, or was told to leave memory alone")
def test_memory_of_a_step_is_used_again_and_large_arrays_go_back() -> None:
    faults, resident = run(ENGINE_KEEP_MEMORY="1")
    assert faults < run(ENGINE_KEEP_MEMORY="0")[0] / 4
    assert resident < heap.KEPT + (150 << 20)
