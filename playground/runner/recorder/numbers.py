"""A tensor's numbers, of NumPy or CuPy: statistics, histogram, picture, exact slices."""

from __future__ import annotations

import ast
import math
from typing import Any

import numpy as np

from playground.protocol.values import STATISTICS, Histogram, Picture, Statistics

EXACT = 1024  # elements up to which a tensor is recorded in full
MOST = 4096  # numbers in the answer to `inspect`
SIDE = 32  # rows and columns of a picture at most
BINS = 32

Row = tuple[float, float, float, float, float, float, float]
NOTHING: Row = (math.nan,) * 7


def unwarned() -> np.errstate:
    """The block in which NumPy says nothing of overflow; one for many rows."""
    return np.errstate(all="ignore")


# The ufuncs' own reductions, which a method of an array reaches by a longer way. CuPy has no `minimum.reduce`.
def _sum(flat: Any) -> Any:
    return np.add.reduce(flat) if flat.__class__ is np.ndarray else flat.sum()


def _least(flat: Any) -> Any:
    return np.minimum.reduce(flat) if flat.__class__ is np.ndarray else flat.min()


def _most(flat: Any) -> Any:
    return np.maximum.reduce(flat) if flat.__class__ is np.ndarray else flat.max()


def row(array: Any) -> Row:
    """The statistics of an array in the order of `values.STATISTICS`, of its finite numbers only.

    To be called within `unwarned`, for squares that are not finite.
    """
    size = array.size
    if not size:
        return (math.nan, math.nan, math.nan, math.nan, 0.0, 0.0, 0.0)
    kind = array.dtype.kind
    if kind == "c":
        array = abs(array)
    elif kind != "f" or array.dtype.itemsize < 4:
        array = array.astype(np.float32 if size > MOST else np.float64)
    flat = array.reshape(-1)
    if size == 1:
        number = float(flat[0])
        if math.isfinite(number):
            return (number, 0.0, number, number, abs(number), 0.0, 0.0)
    squares = float(flat.dot(flat))
    nans = infinities = 0
    if not math.isfinite(squares):
        nans, infinities = int(np.isnan(flat).sum()), int(np.isinf(flat).sum())
        flat = flat[np.isfinite(flat)].astype(np.float64)
        if not flat.size:
            return (math.nan, math.nan, math.nan, math.nan, math.nan, nans, infinities)
        squares = float(flat.dot(flat))
    mean = float(_sum(flat)) / flat.size
    centred = flat - flat.dtype.type(mean)
    std = math.sqrt(float(centred.dot(centred)) / flat.size)
    return (mean, std, float(_least(flat)), float(_most(flat)), math.sqrt(squares), nans, infinities)


def named(figures: Row) -> dict[str, Any]:
    """A row as the fields of `Statistics`: null for what is not finite."""
    fields: dict[str, Any] = {
        name: figure if math.isfinite(figure) else None for name, figure in zip(STATISTICS, figures, strict=True)
    }
    fields["nan"], fields["inf"] = int(figures[5]), int(figures[6])
    return fields


def statistics_of(array: Any) -> dict[str, Any]:
    """The statistics of an array as the fields of `Statistics`."""
    with unwarned():
        return named(row(array))


def statistics(array: Any) -> Statistics:
    """The statistics of an array."""
    return Statistics(**statistics_of(array))


def on_host(array: Any) -> np.ndarray:
    """The array as a NumPy array; complex numbers as their absolute values."""
    host = array.get() if hasattr(array, "get") else np.asarray(array)
    return np.abs(host) if host.dtype.kind == "c" else host


def histogram(array: np.ndarray) -> Histogram | None:
    """The counts of the finite numbers in equal bins; None where there is none."""
    finite = array[np.isfinite(array)].astype(np.float64)
    if not finite.size:
        return None
    low, high = float(finite.min()), float(finite.max())
    if not math.isfinite(high - low):
        return None
    counts, _ = np.histogram(finite, BINS, (low, high) if high > low else (low - 0.5, high + 0.5))
    return Histogram(low=low, high=high, counts=counts.tolist())


def picture(array: np.ndarray) -> Picture:
    """The last two axes (of a longer tensor, of its first elements) in at most `SIDE` by `SIDE` means of blocks."""
    while array.ndim > 2:
        array = array[0]
    plane = np.atleast_2d(array).astype(np.float64)
    for axis in (0, 1):
        if plane.shape[axis] > SIDE:
            edges = np.linspace(0, plane.shape[axis], SIDE + 1).astype(int)
            sums = np.add.reduceat(plane, edges[:-1], axis=axis)
            plane = sums / np.expand_dims(np.diff(edges), 1 - axis)
    return Picture(rows=plane.shape[0], columns=plane.shape[1], values=finite_list(plane.reshape(-1)))


def finite_list(array: np.ndarray) -> Any:
    """Nested lists (a number for an array without axes) with null for what is not finite."""
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        holes = array.astype(object)
        holes[~np.isfinite(array)] = None
        return holes.tolist()
    return array.tolist()


def cut(array: Any, text: str) -> Any:
    """The part of an array that a slice written as in Python names. Raises ValueError in a sentence."""
    part = array[parse_slice(text)] if text.strip() else array
    if part.size > MOST:
        raise ValueError(f"this slice has {part.size} numbers, more than {MOST}: take a smaller one")
    return part


def parse_slice(text: str) -> tuple[Any, ...]:
    """The index in `text`: numbers, slices, an ellipsis, nothing that would be computed. Raises ValueError."""
    try:
        tree = ast.parse(f"x[{text}]", mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise ValueError(f"{text!r} is no slice; write it as in Python, for example 0, :10") from None
    if not isinstance(tree, ast.Subscript) or not isinstance(tree.value, ast.Name):
        raise ValueError(f"{text!r} is no slice")
    parts = tree.slice.elts if isinstance(tree.slice, ast.Tuple) else [tree.slice]
    return tuple(_part(each, text) for each in parts)


def _part(tree: ast.expr, text: str) -> Any:
    if isinstance(tree, ast.Slice):
        ends = (tree.lower, tree.upper, tree.step)
        return slice(*(None if end is None else _whole(end, text) for end in ends))
    if isinstance(tree, ast.Constant) and tree.value is Ellipsis:
        return Ellipsis
    return _whole(tree, text)


def _whole(tree: ast.expr, text: str) -> int:
    sign = 1
    if isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.USub):
        sign, tree = -1, tree.operand
    if isinstance(tree, ast.Constant) and type(tree.value) is int and abs(tree.value) < 1 << 62:
        return sign * tree.value
    raise ValueError(f"{text!r} is no slice: only whole numbers, : and ... can stand in it")
