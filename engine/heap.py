"""How the C library keeps memory that arrays have let go of.

Left to itself glibc hands the memory of arrays of a megabyte back to the system when they are freed, and a training
step, which asks for the same sizes again, spends up to a third of its time on fresh pages. One call at import lets it
keep up to 256 MiB; arrays from 32 MiB on still go back at once. `ENGINE_KEEP_MEMORY=0` leaves the C library alone; so
does any system that is not Linux with glibc.
"""

from __future__ import annotations

import os
import sys

KEPT = 256 << 20  # bytes
LARGE = 32 << 20  # bytes; the most that glibc takes
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # from malloc.h


def keep() -> bool:
    """Let the C library keep memory; whether it does."""
    if sys.platform != "linux" or os.environ.get("ENGINE_KEEP_MEMORY") == "0":
        return False
    try:
        import ctypes

        library = ctypes.CDLL(None)
        if not hasattr(library, "gnu_get_libc_version"):  # musl has no such call, or one that does nothing
            return False
        return bool(library.mallopt(_MMAP_THRESHOLD, LARGE) and library.mallopt(_TRIM_THRESHOLD, KEPT))
    except (ImportError, OSError, AttributeError):
        return False
