"""Products of matrices and vectors."""

from __future__ import annotations

import string
from typing import Any

import numpy as np

from engine import array
from engine.dispatch import raw, tensors
from engine.errors import ShapeError, matmul_error
from engine.op import composite, d, op


def _mismatch(name: str) -> Any:
    """The error handler of a product: dtypes that differ, or inner sizes that do."""

    def error(a: Any, b: Any, *_: Any) -> Exception | None:
        if a.dtype != b.dtype:
            return _dtypes(a, b)
        return matmul_error(name, a.shape, b.shape)

    return error


def _dtypes(a: Any, b: Any) -> RuntimeError:
    names = [str(array.OF_NUMPY[x.dtype])[6:] for x in (a, b)]
    names = [{"float32": "float", "float64": "double", "int64": "long", "int32": "int"}.get(n, n) for n in names]
    return RuntimeError(f"expected m1 and m2 to have the same dtype, but got: {names[0]} != {names[1]}")


def _product(a: Any, b: Any) -> Any:
    if a.dtype is not b.dtype and a.dtype != b.dtype:
        raise TypeError
    return a @ b


def _slope_left(g: Any, other: Any, shape: Any, k: Any) -> Any:
    if len(shape) == 2 and len(other.shape) == 2:
        return g @ other.T
    if len(other.shape) == 1:
        return k.sum_to_size(k.unsqueeze(g, -1) * other, shape)
    if len(shape) == 1:
        g = k.unsqueeze(g, -2)
        return k.sum_to_size(g @ k.transpose(other, -1, -2), (1, *shape)).reshape(shape)
    return k.sum_to_size(g @ k.transpose(other, -1, -2), shape)


def _slope_right(g: Any, input: Any, other_shape: Any, k: Any) -> Any:
    if len(input.shape) == 2 and len(other_shape) == 2:
        return input.T @ g
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


def _title(input_shape: Any, other_shape: Any) -> str:
    a, b = len(input_shape), len(other_shape)
    names = {(1, 1): "DotBackward0", (2, 2): "MmBackward0", (2, 1): "MvBackward0", (1, 2): "SqueezeBackward4"}
    return names.get((a, b), "UnsafeViewBackward0")


@op(
    r"y = A B",
    said={"error": _mismatch("matmul"), "title": _title, "out": True},
    input=d(r"\bar y\,B^\top", _slope_left),
    other=d(r"A^\top \bar y", lambda g, input, other_shape, input_shape, k: _slope_right(g, input, other_shape, k)),
)
def matmul(input, other):
    """The product of matrices (batches of them broadcast), of a matrix and a vector, or of two vectors."""
    return _product(input, other)


@composite()
def mm(input: Any, mat2: Any) -> Any:
    """The product of two matrices."""
    for which, each in (("self", input), ("mat2", mat2)):
        if each._array.ndim != 2:
            raise ShapeError(f"{which} must be a matrix", "mm", (input._array.shape, mat2._array.shape))
    return matmul(input, mat2)


def _batches(a: Any, b: Any, *_: Any) -> Exception | None:
    for which, each in (("batch1", a), ("batch2", b)):
        if each.ndim != 3:
            return ShapeError(f"{which} must be a 3D tensor", "bmm", (a.shape, b.shape))
    if a.shape[0] != b.shape[0]:
        return ShapeError(
            f"Expected size for first two dimensions of batch2 tensor to be: [{a.shape[0]}, {a.shape[2]}] but got: "
            f"[{b.shape[0]}, {b.shape[1]}].", "bmm", (a.shape, b.shape), (0, 0),
        )  # fmt: skip
    return _dtypes(a, b) if a.dtype != b.dtype else matmul_error("bmm", a.shape, b.shape)


@op(
    r"y_n = A_n B_n",
    said={"error": _batches},
    input=d(r"\bar y_n B_n^\top", lambda g, mat2, k: g @ k.transpose(mat2, 1, 2)),
    mat2=d(r"A_n^\top \bar y_n", lambda g, input, k: k.transpose(input, 1, 2) @ g),
)
def bmm(input, mat2):
    """The products of two batches of matrices."""
    if not input.ndim == mat2.ndim == 3 or input.shape[0] != mat2.shape[0] or input.dtype != mat2.dtype:
        raise TypeError
    return input @ mat2


@composite()
def mv(input: Any, vec: Any) -> Any:
    """The product of a matrix and a vector."""
    return matmul(input, vec)


@composite()
def dot(input: Any, tensor: Any) -> Any:
    """The inner product of two vectors."""
    a, b = input._array.shape, tensor._array.shape
    if len(a) != 1 or len(b) != 1:
        raise ShapeError(f"1D tensors expected, but got {len(a)}D and {len(b)}D tensors", "dot", (a, b))
    return matmul(input, tensor)


@composite("engine")
def inner(input: Any, other: Any) -> Any:
    """The inner products over the last axes."""
    if not input._array.ndim or not other._array.ndim:
        return input * other
    return tensordot(input, other, ([-1], [-1]))


@composite()
def outer(input: Any, vec2: Any) -> Any:
    """The products of all pairs of two vectors' elements."""
    for name, each in (("self", input), ("vec2", vec2)):
        if each._array.ndim != 1:
            shapes = (input._array.shape, vec2._array.shape)
            raise ShapeError(f"outer: Expected 1-D argument {name}, but got {each._array.ndim}-D", "outer", shapes)
    return input.unsqueeze(1) * vec2


@composite(in_place=True)
def addmm(input: Any, mat1: Any, mat2: Any, *, beta: float = 1, alpha: float = 1) -> Any:
    """`beta` times a matrix plus `alpha` times a product of two."""
    product = mm(mat1, mat2)
    return (input if beta == 1 else beta * input) + (product if alpha == 1 else alpha * product)


@composite(in_place=True)
def addmv(input: Any, mat: Any, vec: Any, *, beta: float = 1, alpha: float = 1) -> Any:
    """`beta` times a vector plus `alpha` times a matrix times a vector."""
    return beta * input + alpha * matmul(mat, vec)


@composite(in_place=True)
def baddbmm(input: Any, batch1: Any, batch2: Any, *, beta: float = 1, alpha: float = 1) -> Any:
    """`beta` times a batch plus `alpha` times the products of two batches of matrices."""
    return beta * input + alpha * bmm(batch1, batch2)


@composite("engine")
def tensordot(a: Any, b: Any, dims: Any = 2) -> Any:
    """The products summed over pairs of axes."""
    if isinstance(dims, int):
        left, right = list(range(a._array.ndim - dims, a._array.ndim)), list(range(dims))
    else:
        left, right = ([n % t._array.ndim for n in each] for t, each in zip((a, b), dims, strict=True))
    free_a = [i for i in range(a._array.ndim) if i not in left]
    free_b = [i for i in range(b._array.ndim) if i not in right]
    shape = [a._array.shape[i] for i in free_a] + [b._array.shape[i] for i in free_b]
    inner_size = int(np.prod([a._array.shape[i] for i in left], dtype=int))
    flat_a = a.permute(*free_a, *left).reshape(-1, inner_size) if a._array.ndim else a.reshape(1, 1)
    flat_b = b.permute(*right, *free_b).reshape(inner_size, -1) if b._array.ndim else b.reshape(1, 1)
    return matmul(flat_a, flat_b).reshape(shape)


def _einsum_slopes(g: Any, tensors: Any, shapes: Any, equation: str, k: Any) -> Any:
    inputs, output = equation.split("->")
    terms = inputs.split(",")
    slopes = []
    for i, term in enumerate(terms):
        rest = [t for j, t in enumerate(terms) if j != i]
        known = set(output).union(*rest)
        have = "".join(c for c in term if c in known)
        others = [t for j, t in enumerate(tensors) if j != i]
        part = k.contract([g, *others], ",".join([output, *rest]) + "->" + have)
        if have != term:  # an index that only this operand has was summed away: every place gets the same
            sizes = tuple(n if c in have else 1 for c, n in zip(term, shapes[i], strict=True))
            part = k.spread_to(part.reshape(sizes), shapes[i])
        slopes.append(part)
    return slopes


raw.spread_to = lambda x, shape: np.broadcast_to(x, shape)
tensors.spread_to = lambda x, shape: x.expand(shape)


@op(
    r"y = \mathrm{einsum}(x_1, x_2, \dots)",
    said={"many": True, "homes": (), "title": "EinsumBackward0", "rule": "promote", "in_place": False},
    tensors=d(r"\mathrm{einsum}(\bar y, x_{\ne i})", _einsum_slopes),
)
def contract(tensors, equation):
    """Einstein's sum of products; no index occurs twice in one operand."""
    return np.einsum(equation, *tensors, optimize=len(tensors) > 1)


def _spelled_out(equation: str, operands: Any) -> tuple[str, list[Any]]:
    """The equation with its output and letters for every ellipsis, and operands without repeated indices."""
    inputs, arrow, output = equation.replace(" ", "").partition("->")
    terms = inputs.split(",")
    if len(terms) != len(operands):
        more = "more" if len(terms) < len(operands) else "fewer"
        raise RuntimeError(f"einsum(): {more} operands were provided than specified in the equation")
    free = [c for c in string.ascii_letters if c not in equation]
    widths = [
        t._array.ndim - len(s.replace("...", "")) if "..." in s else 0 for s, t in zip(terms, operands, strict=True)
    ]
    dots = "".join(free[: max(widths, default=0)])
    if not arrow:
        letters = "".join(terms).replace(".", "")
        output = ("..." if dots else "") + "".join(sorted(c for c in set(letters) if letters.count(c) == 1))
    terms = [s.replace("...", dots[len(dots) - w :]) for s, w in zip(terms, widths, strict=True)]
    plain: list[str] = []
    given: list[Any] = []
    for term, each in zip(terms, operands, strict=True):
        if len(term) != each._array.ndim:
            raise RuntimeError(
                f"einsum(): the number of subscripts in the equation ({len(term)}) does not match the number of "
                f"dimensions ({each._array.ndim}) for operand {len(given)} and no ellipsis was given"
            )
        for c in dict.fromkeys(term):
            while term.count(c) > 1:
                first = term.index(c)
                second = term.index(c, first + 1)
                each = each.diagonal(0, first, second)
                term = term[:first] + term[first + 1 : second] + term[second + 1 :] + c
        plain.append(term)
        given.append(each)
    return ",".join(plain) + "->" + output.replace("...", dots), given


def _stretched(equation: str, operands: list[Any]) -> list[Any]:
    """Operands in which an index of size one is as long as in the others, as NumPy's einsum wants it."""
    terms = equation.split("->")[0].split(",")
    sizes: dict[str, int] = {}
    for place, (term, each) in enumerate(zip(terms, operands, strict=True)):
        for c, n in zip(term, each._array.shape, strict=True):
            if n != 1 and sizes.setdefault(c, n) != n:
                raise RuntimeError(
                    f"einsum(): subscript {c} has size {n} for operand {place} which does not broadcast "
                    f"with previously seen size {sizes[c]}"
                )
    wanted = [tuple(sizes.get(c, 1) for c in term) for term in terms]
    return [t if t._array.shape == w else t.expand(w) for t, w in zip(operands, wanted, strict=True)]


@composite("engine")
def einsum(equation: str, *operands: Any) -> Any:
    """Einstein's sum: the products of elements, summed over the indices that the output does not name."""
    given = list(operands[0]) if len(operands) == 1 and isinstance(operands[0], (list, tuple)) else list(operands)
    plain, given = _spelled_out(equation, given)
    return contract(_stretched(plain, given), plain)
