"""Memory that is kept for the next arrays stays within bounds, and can be left alone."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from engine import heap

PROGRAM = """
import resource
import numpy as np
from engine import heap

def resident():
    return int(open("/proc/self/statm").read().split()[1]) * resource.getpagesize()

def work():
    for size in (1 << 16, 1 << 20, 3 << 20, 7 << 20, 31 << 20, 40 << 20):
        kept = [np.ones(size, np.uint8) for _ in range(8)]
        del kept[::2], kept

work()
first = resident()
for _ in range(20):
    work()
print(resident() - first)
before = resident()
large = np.ones(200 << 20, np.uint8)
del large
print(resident() - before)
"""

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="this is about glibc's memory")


@linux
def test_what_is_kept_does_not_grow_and_is_bounded() -> None:
    grown, left = map(int, _said(PROGRAM).split())
    assert grown < heap.KEPT
    assert left < 1 << 20  # what is large is given back


@linux
def test_it_is_set_once_asked_and_left_alone_where_that_is_asked() -> None:
    asked = "from engine import heap; print(heap.keep())"
    assert _said(asked, ENGINE_HEAP="0") == "False"
    assert _said(asked) == str(bool((os.confstr("CS_GNU_LIBC_VERSION") or "").startswith("glibc")))


def _said(program: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, **environment}, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()
