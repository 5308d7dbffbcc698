"""PyTorch's errors of padding: of lengths, modes and edges that do not fit."""

from __future__ import annotations

import operator
from typing import Any

from engine import errors
from engine.errors import ShapeError
from engine.fitting import whole

Sizes = tuple[int, ...]
_SIDES = "DHW"
_TITLES = {"reflect": "reflection", "replicate": "replication"}


def read(pad: Any) -> list[int]:
    """The edges as whole numbers."""
    wrong = "pad(): argument 'pad' (position 2) must be tuple of ints, "
    if not isinstance(pad, (list, tuple)):
        raise TypeError(f"{wrong}not {type(pad).__name__}")
    for i, each in enumerate(pad):
        if isinstance(each, bool) or not hasattr(each, "__index__") or hasattr(whole(each), "_array"):
            raise TypeError(f"{wrong}but found element of type {type(each).__name__} at pos {i}")
    return [operator.index(each) for each in pad]


def check(held: Any, edges: list[int], mode: str, value: Any) -> None:
    """That the edges are pairs of the last axes, and that the mode is one that takes them."""
    if mode not in ("constant", "reflect", "replicate", "circular"):
        raise NotImplementedError(f"Unrecognised padding mode {mode}")
    axes = held.ndim
    if len(edges) % 2:
        raise RuntimeError("Padding length must be divisible by 2")
    if len(edges) > 2 * axes:
        raise RuntimeError(
            "Padding length should be less than or equal to two times the input dimension but got padding length "
            f"{len(edges)} and input of dimension {axes}"
        )
    if mode == "constant":
        _check_narrowed(held.shape, edges)
        return
    if value:
        raise RuntimeError(f'Padding mode "{mode}" doesn\'t take in value argument')
    padded = len(edges) // 2
    if padded not in (1, 2, 3) or axes not in (padded + 1, padded + 2):
        raise NotImplementedError(f"Padding size {len(edges)} is not supported for {axes}D input tensor.")
    if mode != "circular":
        _check_shown(held, edges, mode)
    elif any(n + edges[2 * i] + edges[2 * i + 1] < 0 for i, n in enumerate(reversed(held.shape[-padded:]))):
        raise RuntimeError("Negative padding value is resulting in an empty dimension")


def _check_narrowed(shape: Sizes, edges: list[int]) -> None:
    for i, n in enumerate(reversed(shape[len(shape) - len(edges) // 2 :])):
        before, behind = (min(edges[2 * i], 0), min(edges[2 * i + 1], 0))
        if n + before + behind < 0:
            raise RuntimeError("narrow(): length must be non-negative.")


def _check_shown(held: Any, edges: list[int], mode: str) -> None:
    """That there is something to reflect or to repeat, and that something remains."""
    shape, padded = held.shape, len(edges) // 2
    if not all(shape[-padded - 1 :]):
        raise ShapeError(
            f"Expected {padded + 1}D or {padded + 2}D (batch mode) tensor with possibly 0 batch size and other "
            f"non-zero dimensions for input, but got: {list(shape)}", "pad", (shape,),
        )  # fmt: skip
    for i in range(padded):
        before, behind, axis = edges[2 * i], edges[2 * i + 1], len(shape) - 1 - i
        if mode == "reflect" and max(before, behind) >= shape[axis]:
            raise ShapeError(
                f"Argument #{2 * i + 4}: Padding size should be less than the corresponding input dimension, but got: "
                f"padding ({before}, {behind}) at dimension {axis} of input {list(shape)}", "pad", (shape,),
            )  # fmt: skip
    kept = [shape[-padded + i] + sum(edges[2 * (padded - 1 - i) :][:2]) for i in range(padded)]
    if max(kept) < 1:
        names = _SIDES[-padded:]
        inputs = ", ".join(f"{name}: {n}" for name, n in zip(names, shape[-padded:], strict=True))
        outputs = " ".join(f"{name}: {n}" for name, n in zip(names, kept, strict=True))
        raise ShapeError(f"input ({inputs}) is too small. Calculated output {outputs}", "pad", (shape,))
    if held.dtype.kind == "b":
        raise errors.not_implemented(f"{_TITLES[mode]}_pad{padded}d", held.dtype)
