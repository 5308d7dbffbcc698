"""Products of matrices and vectors."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine import array, outs
from engine.between import Between
from engine.errors import ShapeError, matmul_error, not_implemented
from engine.nodes import function_of
from engine.op import d, op
from engine.ops.matrix import BOOL, function, no_bools
from engine.tensor import Tensor


def mismatch(name: str) -> Any:
    """The error handler of a product: dtypes that differ, or inner sizes that do."""

    def error(a: Any, b: Any, *_: Any) -> Exception | None:
        if not (a.ndim and b.ndim):
            return _too_few(a, b)
        fits = a.shape[-1] == b.shape[-2 if b.ndim > 1 else 0]
        if a.dtype != b.dtype and (fits or a.ndim == b.ndim == 1):
            return unlike(a, b)
        return matmul_error(name, a.shape, b.shape)

    return error


def _too_few(a: Any, b: Any) -> RuntimeError:
    return RuntimeError(f"both arguments to matmul need to be at least 1D, but they are {a.ndim}D and {b.ndim}D")


def unlike_factors(a: Any, b: Any, names: str = "mat1 and mat2") -> RuntimeError:
    """PyTorch's error for the dtypes of a product to which something is added."""
    titles = [array.TITLES[array.OF_NUMPY[x.dtype]] for x in (a, b)]
    return RuntimeError(f"{names} must have the same dtype, but got {titles[0]} and {titles[1]}")


def unlike(a: Any, b: Any) -> RuntimeError:
    """PyTorch's error for the dtypes of two factors, by their axes."""
    titles = [array.TITLES[array.OF_NUMPY[x.dtype]] for x in (a, b)]
    if a.ndim == b.ndim == 1:
        return RuntimeError(f"dot : expected both vectors to have same dtype, but found {titles[0]} and {titles[1]}")
    if b.ndim > 2:
        if a.dtype == np.bool_:
            return not_implemented("bmm", a.dtype)
        return RuntimeError(f"expected scalar type {titles[0]} but found {titles[1]}")
    if b.ndim == 1 and a.ndim > 1:
        return RuntimeError(
            f"addmv input tensors must have the same dtype, but got {titles[1]}, {titles[0]}, and {titles[1]}"
        )
    first, second = outs.spoken(a.dtype), outs.spoken(b.dtype)
    return RuntimeError(f"expected m1 and m2 to have the same dtype, but got: {first} != {second}")


def _product(a: Any, b: Any) -> Any:
    if a.dtype is not b.dtype and a.dtype != b.dtype:
        raise TypeError
    if not (a.ndim and b.ndim):
        raise _too_few(a, b)
    if a.dtype is BOOL:
        raise no_bools(a.ndim, b.ndim)
    return a @ b


def _slope_left(g: Any, other: Any, shape: Any, k: Any) -> Any:
    if len(shape) == 2 and len(other.shape) == 2:
        return k.times_turned(g, other)
    if len(other.shape) == 1:
        return k.sum_to_size(k.unsqueeze(g, -1) * other, shape)
    if len(shape) == 1:
        g = k.unsqueeze(g, -2)
        return k.sum_to_size(g @ k.transpose(other, -1, -2), (1, *shape)).reshape(shape)
    return k.sum_to_size(g @ k.transpose(other, -1, -2), shape)


def _slope_right(g: Any, input: Any, other_shape: Any, k: Any) -> Any:
    if len(input.shape) == 2 and len(other_shape) == 2:
        return k.turned_times(input, g)
    if len(input.shape) == 1:
        if len(other_shape) == 1:
            return g * input
        return k.sum_to_size(k.unsqueeze(input, -1) * k.unsqueeze(g, -2), other_shape)
    if len(other_shape) == 1:
        return k.sum_to_size(k.transpose(input, -1, -2) @ k.unsqueeze(g, -1), (*other_shape, 1)).reshape(other_shape)
    # One matrix for a batch: one product instead of many.
    if len(other_shape) == 2 and 0 not in (*input.shape, *g.shape):
        return input.reshape(-1, input.shape[-1]).T @ g.reshape(-1, g.shape[-1])
    return k.sum_to_size(k.transpose(input, -1, -2) @ g, other_shape)


# A matrix turned over in a product needs no tensor of its own.
_PLAIN = {"homes": (), "out": False, "title": "MmBackward0", "error": mismatch("mm")}


@op(
    r"y = A B^\top",
    said=_PLAIN,
    input=d(r"\bar y\,B", lambda g, other: g @ other),
    other=d(r"\bar y^\top A", lambda g, input, k: k.turned_times(g, input)),
)
def times_turned(input, other):
    """The product of a matrix and another one turned over."""
    return np.dot(input, other.T)


@op(
    r"y = A^\top B",
    said=_PLAIN,
    input=d(r"B\,\bar y^\top", lambda g, other, k: k.times_turned(other, g)),
    other=d(r"A\,\bar y", lambda g, input: input @ g),
)
def turned_times(input, other):
    """The product of a matrix turned over and another one."""
    return np.dot(input.T, other)


def _title(input_shape: Any, other_shape: Any) -> str:
    a, b = len(input_shape), len(other_shape)
    names = {(1, 1): "DotBackward0", (2, 2): "MmBackward0", (2, 1): "MvBackward0", (1, 2): "SqueezeBackward4"}
    return names.get((a, b), "UnsafeViewBackward0")


_WHOLE = ((1, 1), (2, 2), (2, 1))  # the axes of factors whose product is one step


def _below(node: Any) -> tuple[Any, ...]:
    """The product of matrices that PyTorch makes of other shapes, and how it brings the operands to them."""
    (left, right), a, b = node.parents, len(node.input_shape), len(node.other_shape)
    if (a, b) in _WHOLE:
        return function_of(left), function_of(right)
    if a > 2 and b > 2:
        return ((Between("BmmBackward0", _batch(left, node.input), _batch(right, node.other)), 0),)
    if a == 1 and b == 2:
        left = _step("UnsqueezeBackward0", left)
    elif a > 2:
        left = _step("ViewBackward0", left)
    return ((Between("MvBackward0" if b == 1 else "MmBackward0", left, right), 0),)


def _batch(edge: Any, saved: Any) -> Any:
    """A factor broadcast and made a batch of matrices, without a copy where its layout lets that be."""
    plain = not isinstance(saved, Tensor) or saved.is_contiguous()
    return _step("ViewBackward0" if plain else "ReshapeAliasBackward0", _step("ExpandBackward0", edge))


def _step(title: str, edge: Any) -> Any:
    return None if edge is None else Between(title, edge)


def _apart(input: Any, other: Any) -> Any:
    """The steps of `_below`."""
    a, b = input.ndim, other.ndim
    if (a, b) in _WHOLE:
        return input @ other
    shape = np.broadcast_shapes(input.shape[:-2], other.shape[:-2])
    rows, columns = input.shape[-2:-1], other.shape[-1:] if b > 1 else ()
    if a > 2 and b > 2:
        factors = [x.expand(*shape, *x.shape[-2:]).reshape(-1, *x.shape[-2:]) for x in (input, other)]
        product = bmm(*factors)
    elif a == 1 and b == 2:
        product = input.unsqueeze(0) @ other
    else:
        product = (input.reshape(-1, input.shape[-1]) if a > 2 else input) @ other
    return product.view(*shape, *rows, *columns)


@op(
    r"y = A B",
    said={"error": mismatch("matmul"), "title": _title, "below": _below, "out": True, "alike": True}
    | {"apart": _apart},
    input=d(r"\bar y\,B^\top", _slope_left),
    other=d(r"A^\top \bar y", lambda g, input, other_shape, input_shape, k: _slope_right(g, input, other_shape, k)),
)
def matmul(input, other):
    """The product of matrices (batches of them broadcast), of a matrix and a vector, or of two vectors."""
    return _product(input, other)


@function("method", "engine")
def mm(input: Tensor, mat2: Tensor) -> Any:
    """The product of two matrices."""
    for which, each in (("self", input), ("mat2", mat2)):
        if each._array.ndim != 2:
            raise ShapeError(f"{which} must be a matrix", "mm", (input._array.shape, mat2._array.shape))
    return matmul(input, mat2)


def batches_error(a: Any, b: Any, *_: Any) -> Exception | None:
    """PyTorch's error for two batches of matrices that cannot be multiplied."""
    for which, each in (("batch1", a), ("batch2", b)):
        if each.ndim != 3:
            return ShapeError(f"{which} must be a 3D tensor", "bmm", (a.shape, b.shape))
    if a.shape[0] != b.shape[0]:
        return ShapeError(
            f"Expected size for first two dimensions of batch2 tensor to be: [{a.shape[0]}, {a.shape[2]}] but got: "
            f"[{b.shape[0]}, {b.shape[1]}].", "bmm", (a.shape, b.shape), (0, 0),
        )  # fmt: skip
    return unlike(a, b) if a.shape[2] == b.shape[1] else matmul_error("bmm", a.shape, b.shape)


@op(
    r"y_n = A_n B_n",
    said={"error": batches_error, "alike": True},
    input=d(r"\bar y_n B_n^\top", lambda g, mat2, k: g @ k.transpose(mat2, 1, 2)),
    mat2=d(r"A_n^\top \bar y_n", lambda g, input, k: k.transpose(input, 1, 2) @ g),
)
def bmm(input, mat2):
    """The products of two batches of matrices."""
    if not input.ndim == mat2.ndim == 3 or input.shape[0] != mat2.shape[0] or input.dtype != mat2.dtype:
        raise TypeError
    return _product(input, mat2)


@function("method", "engine")
def mv(input: Tensor, vec: Tensor) -> Any:
    """The product of a matrix and a vector."""
    a, b = input._array.shape, vec._array.shape
    if len(a) != 2 or len(b) != 1:
        raise ShapeError(f"vector + matrix @ vector expected, got 1, {len(a)}, {len(b)}", "mv", (a, b))
    return matmul(input, vec)


@function("method", "engine")
def dot(input: Tensor, tensor: Tensor) -> Any:
    """The inner product of two vectors."""
    a, b = input._array.shape, tensor._array.shape
    if len(a) != 1 or len(b) != 1:
        raise ShapeError(f"1D tensors expected, but got {len(a)}D and {len(b)}D tensors", "dot", (a, b))
    if input._array.dtype != tensor._array.dtype:
        titles = [array.TITLES[t.dtype] for t in (input, tensor)]
        raise RuntimeError(f"dot : expected both vectors to have same dtype, but found {titles[0]} and {titles[1]}")
    return matmul(input, tensor)


@function("method", "engine")
def outer(input: Tensor, vec2: Tensor) -> Any:
    """The products of all pairs of two vectors' elements."""
    for name, each in (("self", input), ("vec2", vec2)):
        if each._array.ndim != 1:
            shapes = (input._array.shape, vec2._array.shape)
            raise ShapeError(f"outer: Expected 1-D argument {name}, but got {each._array.ndim}-D", "outer", shapes)
    return input.reshape(-1, 1) * vec2
