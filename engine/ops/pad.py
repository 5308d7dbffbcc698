"""Padding: edges added around the last axes, or taken away."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine import formats
from engine.array import module
from engine.dispatch import tensors
from engine.fitting import as_number, fitted
from engine.op import composite, d, op
from engine.ops import pad_checks
from engine.tensor import wrap
from engine.titles import retitle


@op(
    r"y_i = x_{i - p},\ c \text{ outside}",
    said={"name": "constant_pad_nd", "homes": ("engine",), "out": False},
    input=d(r"\bar y_{i + p}", lambda g, pad, k: k.constant_pad_nd(g, [-n for n in pad], 0)),
)
def constant_pad_nd(input, pad, value=0):
    """The array with `pad` (before, behind, of the last axis first) numbers more, or fewer where negative."""
    axes = len(pad) // 2
    edges = [(0, 0)] * (input.ndim - axes) + [(pad[2 * i], pad[2 * i + 1]) for i in range(axes)][::-1]
    kept = input[tuple(slice(max(-a, 0), n - max(-b, 0)) for (a, b), n in zip(edges, input.shape, strict=True))]
    added = [(max(a, 0), max(b, 0)) for a, b in edges]
    bigger = module(input).full(
        [n + a + b for (a, b), n in zip(added, kept.shape, strict=True)], fitted(value, input.dtype), input.dtype
    )
    bigger[tuple(slice(a, a + n) for (a, _), n in zip(added, kept.shape, strict=True))] = kept
    return formats.followed(bigger, input)


def _sources(mode: str, n: int, before: int, behind: int) -> np.ndarray:
    """For each element of the padded axis the element of the axis that it shows."""
    at = np.arange(-before, n + behind)
    if mode == "replicate":
        return at.clip(0, n - 1)
    if mode == "circular":
        if max(before, behind) > n:
            raise RuntimeError("Padding value causes wrapping around more than once.")
        first, m = max(-before, 0), n + min(before, 0) + min(behind, 0)  # what a negative padding leaves
        return first + np.arange(-max(before, 0), m + max(behind, 0)) % max(m, 1)
    return (n - 1) - np.abs((n - 1) - np.abs(at))


_TITLES = {"reflect": "Reflection", "replicate": "Replication"}


@composite("functional")
def pad(input: Any, pad: Any, mode: str = "constant", value: Any = None) -> Any:
    """The tensor with edges: `pad` is (before, behind) of the last axis, then of the one before it, and so on."""
    edges = pad_checks.read(pad)
    pad_checks.check(input._array, edges, mode, value)
    if mode == "constant":
        if isinstance(value, complex):
            raise TypeError("pad(): argument 'value' (position 4) must be float, not complex")
        number = 0 if value is None else float(as_number("pad", "value", 4, value, "float"))
        return constant_pad_nd(input, edges, number)
    y = input
    for i in range(len(edges) // 2):
        axis = input._array.ndim - 1 - i
        chosen = _sources(mode, input._array.shape[axis], edges[2 * i], edges[2 * i + 1])
        y = tensors.index_select(y, axis, wrap(module(input._array).asarray(chosen)))
    if mode not in _TITLES:
        return y
    return retitle(y.contiguous(formats.suggested(input._array)), f"{_TITLES[mode]}Pad{len(edges) // 2}DBackward0")
