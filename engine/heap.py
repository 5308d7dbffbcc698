"""How the C library hands out memory for arrays: kept for the next array, not given back after each.

A step of a model frees what the next one asks for again. By default glibc returns blocks of some megabytes to the
system at once, which then clears every page of them anew: of twenty elementwise operations on a million elements that
was 40 % of the time (`python -m tests.bench engine`). So blocks up to `LARGE` come from the heap, whose free end is
kept while it is below `KEPT`. Larger ones are mapped, and given back, as ever.

This is a setting of the whole process. `ENGINE_HEAP=0` in the environment leaves it alone.
"""

from __future__ import annotations

import os
import sys

LARGE = 32 << 20  # bytes: the most that glibc allows
KEPT = 128 << 20
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # `mallopt(3)`


def keep() -> bool:
    """Set it, where the C library is glibc and nobody said otherwise; whether that was done."""
    if not sys.platform.startswith("linux") or os.environ.get("ENGINE_HEAP") == "0":
        return False
    try:
        if not (os.confstr("CS_GNU_LIBC_VERSION") or "").startswith("glibc"):
            return False
        import ctypes

        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, ImportError, OSError, ValueError):  # a Python without it, or another C library
        return False
    return bool(mallopt(_MMAP_THRESHOLD, LARGE)) and bool(mallopt(_TRIM_THRESHOLD, KEPT))
