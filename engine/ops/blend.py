"""Products added to what is there, and products over chosen axes."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine import array, outs
from engine.dispatch import raw
from engine.errors import ShapeError, axis_in, not_implemented
from engine.fitting import fitted
from engine.op import d, op
from engine.ops.linalg import batches_error, matmul, mismatch, unlike_factors
from engine.ops.matrix import function
from engine.tensor import Tensor


def _blended(name: str, input: Any, product: Any, beta: Any, alpha: Any) -> Any:
    """`beta` times a raw array plus `alpha` times a product, whose shape the array must broadcast to."""
    have, want = input.shape, product.shape
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
    if product.dtype.kind in "iu" or (complex in (beta.__class__, alpha.__class__) and product.dtype.kind != "c"):
        beta, alpha = fitted(beta, product.dtype), fitted(alpha, product.dtype)
    if alpha != 1:
        product = product * alpha
    if not beta:  # what is there is not even read, be it NaN
        return product
    return (input if beta == 1 else input * beta) + product


def _there(g: Any, input_shape: Any, beta: Any, k: Any) -> Any:
    """The gradient of what a product is added to."""
    return k.sum_to_size(g if beta == 1 else g * beta.conjugate(), input_shape)


def _times(x: Any, alpha: Any) -> Any:
    return x if alpha == 1 else x * alpha


_INPUT = d(r"\beta \bar y", _there)
_SAID = {"in_place": True, "alike": True}


def _unlike(input: Any, a: Any, b: Any) -> bool:
    return not input.dtype == a.dtype == b.dtype


def _unlike_factors(input: Any, a: Any, b: Any) -> Exception | None:
    """PyTorch's error for a product of matrices, and what it is added to, of different dtypes."""
    if input.dtype != b.dtype:
        return unlike_factors(input, b, "self and mat2")
    return unlike_factors(a, b) if a.dtype != b.dtype else None


def _addmm_error(input: Any, mat1: Any, mat2: Any) -> Exception | None:
    return _unlike_factors(input, mat1, mat2) or mismatch("addmm")(mat1, mat2)


def _addmv_error(input: Any, mat: Any, vec: Any) -> Exception | None:
    if not _unlike(input, mat, vec):
        return None
    titles = [array.TITLES[array.OF_NUMPY[x.dtype]] for x in (input, mat, vec)]
    return RuntimeError(
        f"addmv input tensors must have the same dtype, but got {titles[0]}, {titles[1]}, and {titles[2]}"
    )


def _baddbmm_error(input: Any, batch1: Any, batch2: Any) -> Exception | None:
    if input.dtype == batch1.dtype:
        return batches_error(batch1, batch2)
    kinds = [outs.spoken(x.dtype) for x in (input, batch1, batch2)]
    return RuntimeError(f"Input dtypes must be the same, got: input {kinds[0]}, batch1: {kinds[1]}, batch2: {kinds[2]}")


@op(
    r"y = \beta M + \alpha A B",
    said=_SAID | {"error": _addmm_error},
    input=_INPUT,
    mat1=d(r"\alpha \bar y B^\top", lambda g, mat2, alpha: _times(g @ mat2.T, alpha)),
    mat2=d(r"\alpha A^\top \bar y", lambda g, mat1, alpha: _times(mat1.T @ g, alpha)),
)
def addmm(input, mat1, mat2, *, beta=1, alpha=1):
    """`beta` times a matrix plus `alpha` times a product of two."""
    if _unlike(input, mat1, mat2):
        raise TypeError
    for word, each in (("mat1", mat1), ("mat2", mat2)):
        if each.ndim != 2:
            shapes = (input.shape, mat1.shape, mat2.shape)
            raise ShapeError(f"{word} must be a matrix, got {each.ndim}-D tensor", "addmm", shapes)
    return _blended("addmm", input, raw.matmul(mat1, mat2), beta, alpha)


@op(
    r"y = \beta u + \alpha A v",
    said=_SAID | {"error": _addmv_error},
    input=_INPUT,
    mat=d(r"\alpha \bar y v^\top", lambda g, vec, alpha: _times(g[:, None] * vec, alpha)),
    vec=d(r"\alpha A^\top \bar y", lambda g, mat, alpha: _times(mat.T @ g, alpha)),
)
def addmv(input, mat, vec, *, beta=1, alpha=1):
    """`beta` times a vector plus `alpha` times a matrix times a vector."""
    shapes = [x.shape for x in (input, mat, vec)]
    if len(shapes[0]) > 1 or len(shapes[1]) != 2 or len(shapes[2]) != 1:
        counts = ", ".join(str(len(shape)) for shape in shapes)
        raise ShapeError(f"vector + matrix @ vector expected, got {counts}", "addmv", shapes)
    if shapes[1][1] != shapes[2][0] or (shapes[0] and input.size not in (1, shapes[1][0])):
        raise ShapeError(
            f"size mismatch, got input ({input.size}), mat ({shapes[1][0]}x{shapes[1][1]}), vec ({shapes[2][0]})",
            "addmv",
            shapes,
        )
    if _unlike(input, mat, vec):
        raise TypeError
    return _blended("addmv", input, raw.matmul(mat, vec), beta, alpha)


@op(
    r"y_n = \beta M_n + \alpha A_n B_n",
    said=_SAID | {"error": _baddbmm_error},
    input=_INPUT,
    batch1=d(r"\alpha \bar y_n B_n^\top", lambda g, batch2, alpha, k: _times(g @ k.transpose(batch2, 1, 2), alpha)),
    batch2=d(r"\alpha A_n^\top \bar y_n", lambda g, batch1, alpha, k: _times(k.transpose(batch1, 1, 2) @ g, alpha)),
)
def baddbmm(input, batch1, batch2, *, beta=1, alpha=1):
    """`beta` times a batch plus `alpha` times the products of two batches of matrices."""
    if input.dtype != batch1.dtype:
        raise TypeError
    if batch1.dtype == np.bool_:
        raise not_implemented("baddbmm", batch1.dtype)
    return _blended("baddbmm", input, raw.bmm(batch1, batch2), beta, alpha)


def _spread_over(g: Any, count: int, k: Any) -> Any:
    """One matrix as a batch of the same ones."""
    return k.spread_to(g[None], (count, *g.shape))


@op(
    r"y = \beta M + \alpha \sum_n A_n B_n",
    said=_SAID | {"error": _unlike_factors},
    input=_INPUT,
    batch1=d(
        r"\alpha \bar y B_n^\top",
        lambda g, batch2, alpha, k: _times(_spread_over(g, batch2.shape[0], k) @ k.transpose(batch2, 1, 2), alpha),
    ),
    batch2=d(
        r"\alpha A_n^\top \bar y",
        lambda g, batch1, alpha, k: _times(k.transpose(batch1, 1, 2) @ _spread_over(g, batch1.shape[0], k), alpha),
    ),
)
def addbmm(input, batch1, batch2, *, beta=1, alpha=1):
    """`beta` times a matrix plus `alpha` times the sum of the products of two batches of matrices."""
    a, b = batch1.shape, batch2.shape
    for word, shape in (("batch1", a), ("batch2", b)):
        if len(shape) != 3:
            raise ShapeError(f"{word} must be a 3D tensor", "addbmm", (a, b))
    if a[0] != b[0]:
        raise ShapeError(f"batch1 and batch2 must have same number of batches, got {a[0]} and {b[0]}", "addbmm", (a, b))
    if a[2] != b[1]:
        raise ShapeError(
            f"Incompatible matrix sizes for bmm ({a[1]}x{a[2]} and {b[1]}x{b[2]})", "addbmm", (a, b), (2, 1)
        )
    if _unlike(input, batch1, batch2):
        raise TypeError
    if batch1.dtype == np.bool_:
        raise not_implemented("addmm_impl_cpu_", batch1.dtype)
    # One product of matrices side by side is the sum of the products.
    wide = batch1.transpose(1, 0, 2).reshape(a[1], a[0] * a[2])
    return _blended("addbmm", input, wide @ batch2.reshape(b[0] * b[1], b[2]), beta, alpha)


@op(
    r"y_{ij} = \beta M_{ij} + \alpha u_i v_j",
    said={"in_place": True, "rule": "promote"},
    input=_INPUT,
    vec1=d(r"\alpha \bar y v", lambda g, vec2, alpha: _times(g @ vec2, alpha)),
    vec2=d(r"\alpha \bar y^\top u", lambda g, vec1, alpha: _times(g.T @ vec1, alpha)),
)
def addr(input, vec1, vec2, *, beta=1, alpha=1):
    """`beta` times a matrix plus `alpha` times the products of all pairs of two vectors' elements."""
    for word, each in (("vec1", vec1), ("vec2", vec2)):
        if each.ndim != 1:
            raise RuntimeError(f"addr: Expected 1-D argument {word}, but got {each.ndim}-D")
    for word, each in (("beta", beta), ("alpha", alpha)):
        if input.dtype.kind in "iub" and isinstance(each, (float, complex)):
            raise RuntimeError(f"For integral input tensors, argument {word} must not be a floating point number.")
        if isinstance(each, bool) and input.dtype != np.bool_:
            raise RuntimeError(f"Boolean {word} only supported for Boolean results.")
    product = vec1[:, None] * vec2
    if product.dtype == np.bool_:
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
    left, right = ([axis_in(n, len(s)) for n in each] for s, each in zip(shapes, given, strict=True))
    # An axis of one element is spread over the other's, which is a sum over that.
    for (i, m), (j, n) in zip(zip(left, given[0], strict=True), zip(right, given[1], strict=True), strict=True):
        if shapes[0][i] == shapes[1][j]:
            continue
        if shapes[0][i] == 1:
            b = b.sum(j, True, dtype=b.dtype)
        elif shapes[1][j] == 1:
            a = a.sum(i, True, dtype=a.dtype)
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
