"""Products added to what is there, and products over chosen axes."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine import array
from engine.dispatch import tensors
from engine.errors import ShapeError
from engine.ops.linalg import bmm, matmul, mm
from engine.ops.matrix import function
from engine.tensor import Tensor


def _blended(name: str, input: Any, product: Any, beta: Any, alpha: Any) -> Any:
    """`beta` times a tensor plus `alpha` times a product, whose shape the tensor must broadcast to."""
    have, want = input._array.shape, product._array.shape
    if have != want:
        offset = len(want) - len(have)
        for i in range(len(want) - 1, -1, -1):
            if i >= offset and have[i - offset] not in (1, want[i]):
                raise ShapeError(
                    f"The expanded size of the tensor ({want[i]}) must match the existing size ({have[i - offset]}) at "
                    f"non-singleton dimension {i}.  Target sizes: {list(want)}.  Tensor sizes: {list(have)}",
                    name,
                    (have, want),
                )
        if offset < 0:
            raise ShapeError(
                f"expand(torch.FloatTensor{{{list(have)}}}, size={list(want)}): the number of sizes provided "
                f"({len(want)}) must be greater or equal to the number of dimensions in the tensor ({len(have)})",
                name,
                (have, want),
            )
    if product._array.dtype.kind in "iu":  # PyTorch brings the factors to the dtype of the matrices
        beta, alpha = int(beta), int(alpha)
    if alpha != 1:
        product = product * alpha
    if not beta:  # what is there is not even read, be it NaN
        if not input._requires_grad:
            return product
        return product + tensors.masked_fill(input, tensors.ones_like(input.detach()).bool(), 0)
    return (input if beta == 1 else input * beta) + product


def _same(input: Any, other: Any, word: str) -> None:
    if input._array.dtype != other._array.dtype:
        titles = [array.TITLES[t.dtype] for t in (input, other)]
        raise RuntimeError(f"self and {word} must have the same dtype, but got {titles[0]} and {titles[1]}")


@function("method", "engine", in_place=True)
def addmm(input: Tensor, mat1: Tensor, mat2: Tensor, *, beta: float = 1, alpha: float = 1) -> Any:
    """`beta` times a matrix plus `alpha` times a product of two."""
    for word, each in (("mat1", mat1), ("mat2", mat2)):
        if each._array.ndim != 2:
            raise ShapeError(
                f"{word} must be a matrix, got {each._array.ndim}-D tensor",
                "addmm",
                (input._array.shape, mat1._array.shape, mat2._array.shape),
            )
    _same(input, mat2, "mat2")
    return _blended("addmm", input, mm(mat1, mat2), beta, alpha)


@function("method", "engine", in_place=True)
def addmv(input: Tensor, mat: Tensor, vec: Tensor, *, beta: float = 1, alpha: float = 1) -> Any:
    """`beta` times a vector plus `alpha` times a matrix times a vector."""
    shapes = [t._array.shape for t in (input, mat, vec)]
    if len(shapes[0]) > 1 or len(shapes[1]) != 2 or len(shapes[2]) != 1:
        raise ShapeError(
            f"vector + matrix @ vector expected, got {len(shapes[0])}, {len(shapes[1])}, {len(shapes[2])}",
            "addmv",
            shapes,
        )
    size = input._array.size
    if shapes[1][1] != shapes[2][0] or (shapes[0] and size not in (1, shapes[1][0])):
        raise ShapeError(
            f"size mismatch, got input ({size}), mat ({shapes[1][0]}x{shapes[1][1]}), vec ({shapes[2][0]})",
            "addmv",
            shapes,
        )
    return _blended("addmv", input, matmul(mat, vec), beta, alpha)


@function("method", "engine", in_place=True)
def baddbmm(input: Tensor, batch1: Tensor, batch2: Tensor, *, beta: float = 1, alpha: float = 1) -> Any:
    """`beta` times a batch plus `alpha` times the products of two batches of matrices."""
    return _blended("baddbmm", input, bmm(batch1, batch2), beta, alpha)


@function("method", "engine", in_place=True)
def addbmm(input: Tensor, batch1: Tensor, batch2: Tensor, *, beta: float = 1, alpha: float = 1) -> Any:
    """`beta` times a matrix plus `alpha` times the sum of the products of two batches of matrices."""
    a, b = batch1._array.shape, batch2._array.shape
    for word, shape in (("batch1", a), ("batch2", b)):
        if len(shape) != 3:
            raise ShapeError(f"{word} must be a 3D tensor", "addbmm", (a, b))
    if a[0] != b[0]:
        raise ShapeError(f"batch1 and batch2 must have same number of batches, got {a[0]} and {b[0]}", "addbmm", (a, b))
    if a[2] != b[1]:
        raise ShapeError(
            f"Incompatible matrix sizes for bmm ({a[1]}x{a[2]} and {b[1]}x{b[2]})", "addbmm", (a, b), (2, 1)
        )
    # One product of matrices side by side is the sum of the products.
    wide = batch1.transpose(0, 1).reshape(a[1], a[0] * a[2])
    return _blended("addbmm", input, matmul(wide, batch2.reshape(b[0] * b[1], b[2])), beta, alpha)


@function("method", "engine", in_place=True)
def addr(input: Tensor, vec1: Tensor, vec2: Tensor, *, beta: Any = 1, alpha: Any = 1) -> Any:
    """`beta` times a matrix plus `alpha` times the products of all pairs of two vectors' elements."""
    for word, each in (("vec1", vec1), ("vec2", vec2)):
        if each._array.ndim != 1:
            raise RuntimeError(f"addr: Expected 1-D argument {word}, but got {each._array.ndim}-D")
    kinds = [t._array.dtype.kind for t in (input, vec1, vec2)]
    if not any(kind in "fc" for kind in kinds):
        for word, each in (("beta", beta), ("alpha", alpha)):
            if isinstance(each, float):
                raise RuntimeError(f"For integral input tensors, argument {word} must not be a floating point number.")
    product = tensors.outer(vec1, vec2)
    if all(kind == "b" for kind in kinds):
        return product & bool(alpha) | (input & bool(beta))
    return _blended("addr", input, product, beta, alpha)


# ---- over chosen axes


@function("method", "engine")
def inner(input: Tensor, other: Tensor) -> Any:
    """The inner products over the last axes."""
    a, b = input._array.shape, other._array.shape
    if not a or not b:
        return input * other
    if a[-1] != b[-1]:
        raise ShapeError(
            f"inner() the last dimension must match on both input tensors but got shapes {list(a)} and {list(b)}",
            "inner",
            (a, b),
            (len(a) - 1, len(b) - 1),
        )
    return tensordot(input, other, ([-1], [-1]))


@function("engine")
def tensordot(a: Tensor, b: Tensor, dims: Any = 2) -> Any:
    """The products summed over pairs of axes."""
    shapes = a._array.shape, b._array.shape
    if isinstance(dims, Tensor):
        dims = dims.tolist() if dims._array.size > 1 else int(dims._array.item())
    if isinstance(dims, int):
        if dims < 0:
            raise RuntimeError(f"tensordot expects dims >= 0, but got dims={dims}")
        if dims > min(len(shapes[0]), len(shapes[1])):
            raise RuntimeError(
                f"tensordot expects dims < ndim_a or ndim_b, but got dims={dims}, ndim_a={len(shapes[0])} and "
                f"ndim_b={len(shapes[1])}"
            )
        given = [list(range(-dims, 0)), list(range(dims))]
    else:
        given = [[each] if isinstance(each, int) else list(each) for each in dims]
    if len(given[0]) != len(given[1]):
        raise RuntimeError("both dimension lists should have same length")
    if a.dtype != b.dtype:
        raise RuntimeError("both inputs should have same dtype")
    left, right = ([n % max(len(s), 1) for n in each] for s, each in zip(shapes, given, strict=True))
    # An axis of one element is spread over the other's, which is a sum over that.
    for (i, m), (j, n) in zip(zip(left, given[0], strict=True), zip(right, given[1], strict=True), strict=True):
        if shapes[0][i] == shapes[1][j]:
            continue
        if shapes[0][i] == 1:
            b = b.sum(j, True)
        elif shapes[1][j] == 1:
            a = a.sum(i, True)
        else:
            raise ShapeError(
                f"contracted dimensions need to match, but first has size {shapes[0][i]} in dim {m} and second has "
                f"size {shapes[1][j]} in dim {n}",
                "tensordot",
                shapes,
                (i, j),
            )
    free_a = [i for i in range(len(shapes[0])) if i not in left]
    free_b = [i for i in range(len(shapes[1])) if i not in right]
    shape = [a._array.shape[i] for i in free_a] + [b._array.shape[i] for i in free_b]
    sizes = [
        int(np.prod(each, dtype=int))
        for each in (
            [a._array.shape[i] for i in free_a], [a._array.shape[i] for i in left], [b._array.shape[i] for i in free_b],
        )
    ]  # fmt: skip
    flat_a = a.permute(*free_a, *left).reshape(sizes[0], sizes[1]) if shapes[0] else a.reshape(1, 1)
    flat_b = b.permute(*right, *free_b).reshape(sizes[1], sizes[2]) if shapes[1] else b.reshape(1, 1)
    return matmul(flat_a, flat_b).reshape(shape)
