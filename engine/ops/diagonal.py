"""Diagonals as views, and what has a given one."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.array import module
from engine.dispatch import delivered, raw, tensors
from engine.errors import axis_of, refuse
from engine.op import composite, d, op
from engine.ops.shape import VIEW, movedim


@op(
    r"y_i = x_{ii}",
    said=VIEW,
    input=d(
        r"\bar y \text{ on the diagonal}",
        lambda g, shape, offset, dim1, dim2, k: k.put_diagonal(g, shape, offset, dim1, dim2),
    ),
)
def diagonal(input, offset=0, dim1=0, dim2=1):
    """The diagonal of two axes, as the last axis."""
    first, second = axis_of(dim1, input.ndim), axis_of(dim2, input.ndim)
    if first == second:
        raise RuntimeError(f"diagonal dimensions cannot be identical {dim1}, {dim2}")
    x = np.moveaxis(input, (first, second), (-2, -1))
    x = x[..., max(-offset, 0) :, max(offset, 0) :]
    steps = (*x.strides[:-2], x.strides[-2] + x.strides[-1])
    return module(x).lib.stride_tricks.as_strided(x, (*x.shape[:-2], min(x.shape[-2:])), steps)


@op(
    r"y_{ii} = x_i",
    said={"homes": (), "title": "DiagEmbedBackward0", "out": False},
    input=d(r"\bar y_{ii}", lambda g, offset, dim1, dim2, k: k.diagonal(g, offset, dim1, dim2)),
)
def put_diagonal(input, shape, offset, dim1, dim2):
    """A tensor of zeros with `input` on the diagonal of two axes."""
    full = module(input).zeros(shape, input.dtype)
    raw.diagonal(full, offset, dim1, dim2)[...] = input
    return full


@op(
    r"y_i = x_{ii}",
    said={"homes": (), "title": "DiagonalBackward0_copy", "out": False, "moves": True},
    input=d(
        r"\bar y \text{ on the diagonal}",
        lambda g, shape, offset, k: k.put_diagonal(g, shape, offset, 0, 1),
    ),
)
def copied_diagonal(input, offset=0):
    """The diagonal of a matrix, in memory of its own."""
    return raw.diagonal(input, offset, 0, 1).copy()


@composite()
def diag(input: Any, diagonal: int = 0, *, out: Any = None) -> Any:
    """A vector as the diagonal of a matrix, or the diagonal of a matrix."""
    if input._array.ndim not in (1, 2):
        raise RuntimeError(f"diag(): Supports 1D or 2D tensors. Got {input._array.ndim}D")
    if input._array.ndim == 1:
        n = input._array.shape[0] + abs(diagonal)
        return delivered("diag", out, put_diagonal(input, (n, n), diagonal, 0, 1))
    return delivered("diag", out, copied_diagonal(input, diagonal))


@composite()
def diag_embed(input: Any, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Any:
    """The last axis as the diagonal of two new ones."""
    first, second = axis_of(dim1, input._array.ndim + 1), axis_of(dim2, input._array.ndim + 1)
    if first == second:
        raise RuntimeError(f"diagonal dimensions cannot be identical {dim1}, {dim2}")
    n = input._array.shape[-1] + abs(offset)
    full = put_diagonal(input, (*input._array.shape[:-1], n, n), offset, -2, -1)
    return full if (dim1, dim2) == (-2, -1) else movedim(full, (-2, -1), (dim1, dim2))


@composite()
def trace(input: Any) -> Any:
    """The sum of the diagonal."""
    if input._array.ndim != 2:
        raise RuntimeError(f"trace: expected a matrix, but got tensor with dim {input._array.ndim}")
    refuse("b", "trace", input)
    return tensors.sum(tensors.diagonal(input))


@composite("linalg")
def linalg_diagonal(A: Any, *, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Any:
    """The diagonals of matrices, as the last axis."""
    return tensors.diagonal(A, offset, dim1, dim2)
