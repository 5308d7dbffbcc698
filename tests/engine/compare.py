"""Answers compared with recorded ones: floats nearly, all else exactly."""

from __future__ import annotations

import math
from typing import Any


def differences(got: Any, expected: Any, tolerance: float, where: str = "") -> list[str]:
    """The places where an answer is not the recorded one, in words."""
    if isinstance(expected, dict):
        if not isinstance(got, dict) or [str(key) for key in got] != list(expected):
            return [f"{where}: {_short(got)} instead of {_short(expected)}"]
        pairs = [(f"{where}/{key}", value, expected[str(key)]) for key, value in got.items()]
    elif isinstance(expected, list):
        if not isinstance(got, (list, tuple)) or len(got) != len(expected):
            return [f"{where}: {_short(got)} instead of {_short(expected)}"]
        pairs = [(f"{where}[{i}]", a, b) for i, (a, b) in enumerate(zip(got, expected, strict=True))]
    elif isinstance(expected, float) and isinstance(got, (int, float)) and not isinstance(got, bool):
        near = math.isclose(got, expected, rel_tol=tolerance, abs_tol=tolerance) or (
            got != got and expected != expected
        )
        return [] if near else [f"{where}: {got!r} instead of {expected!r}"]
    else:
        return [] if got == expected and type(got) is type(expected) else [f"{where}: {got!r} instead of {expected!r}"]
    return [line for name, a, b in pairs for line in differences(a, b, tolerance, name)]


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) < 300 else text[:300] + "..."
