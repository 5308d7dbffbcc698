"""`torch.__config__`: what this was built with, which is Python and NumPy."""

from __future__ import annotations

import platform

import numpy as np

import engine

__all__ = ["parallel_info", "show"]


def show() -> str:
    """What the engine computes with, a line each."""
    lines = [f"Python {platform.python_version()}", f"NumPy {np.__version__}", "CuPy: " + ("yes" if _cupy() else "no")]
    return "PyTorch's names over:\n" + "".join(f"  - {line}\n" for line in lines)


def parallel_info() -> str:
    """How many threads compute."""
    return f"ATen/Parallel:\n\tat::get_num_threads() : {engine.get_num_threads()}\n"


def _cupy() -> bool:
    from engine import array

    return array.cupy is not None
