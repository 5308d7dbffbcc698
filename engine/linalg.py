"""Linear algebra: what the ops' declarations bring here, and the error of a matrix that cannot be treated."""

from __future__ import annotations

from engine import bind, lazy
from engine.ops.matrix import LinAlgError

__all__ = ["LinAlgError"]

lazy.load_space("linalg")
globals().update(bind.spaces["linalg"])
