"""Linear algebra: what the ops' declarations bring here, and the error of a matrix that cannot be treated."""

from __future__ import annotations

from engine import bind
from engine.ops.matrix import LinAlgError

__all__ = ["LinAlgError"]

globals().update(bind.spaces["linalg"])
