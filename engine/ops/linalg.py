"""Products of matrices and vectors."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine import array, outs
from engine.array import in_order
from engine.dispatch import raw, tensors
from engine.errors import ShapeError, matmul_error
from engine.nodes import Between, function_of
from engine.op import composite, d, op
from engine.ops.matrix import BOOL, function, no_bools
from engine.tensor import Tensor


def mismatch(name: str) -> Any:
    """The error handler of a product: dtypes that differ, or inner sizes that do."""

    def error(a: Any, b: Any, *_: Any) -> Exception | None:
        if a.dtype != b.dtype:
            return unlike(a, b)
        return matmul_error(name, a.shape, b.shape)

    return error


def unlike_factors(a: Any, b: Any, names: str = "mat1 and mat2") -> RuntimeError:
    """PyTorch's error for the dtypes of a product to which something is added."""
    titles = [array.TITLES[array.OF_NUMPY[x.dtype]] for x in (a, b)]
    return RuntimeError(f"{names} must have the same dtype, but got {titles[0]} and {titles[1]}")


def unlike(a: Any, b: Any) -> RuntimeError:
    """PyTorch's error for the dtypes of two factors, by their axes."""
    titles = [array.TITLES[array.OF_NUMPY[x.dtype]] for x in (a, b)]
    if a.ndim == b.ndim == 1:
        return RuntimeError(f"dot : expected both vectors to have same dtype, but found {titles[0]} and {titles[1]}")
    if a.ndim == b.ndim == 3:
        return RuntimeError(f"expected scalar type {titles[0]} but found {titles[1]}")
    if a.ndim == 2 and b.ndim == 1:
        return RuntimeError(
            f"addmv input tensors must have the same dtype, but got {titles[1]}, {titles[0]}, and {titles[1]}"
        )
    first, second = outs.spoken(a.dtype), outs.spoken(b.dtype)
    return RuntimeError(f"expected m1 and m2 to have the same dtype, but got: {first} != {second}")


def _product(a: Any, b: Any) -> Any:
    if a.dtype is not b.dtype and a.dtype != b.dtype:
        raise TypeError
    if not (a.ndim and b.ndim):
        raise RuntimeError(f"both arguments to matmul need to be at least 1D, but they are {a.ndim}D and {b.ndim}D")
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


def _below(node: Any) -> tuple[Any, ...]:
    """The product of matrices that PyTorch makes of other shapes, and how it brings the operands to them."""
    (left, right), a, b = node.parents, len(node.input_shape), len(node.other_shape)
    if (a, b) in ((1, 1), (2, 2), (2, 1)):
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


@op(
    r"y = A B",
    said={"error": mismatch("matmul"), "title": _title, "below": _below, "out": True, "alike": True},
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
    return unlike(a, b) if a.dtype != b.dtype else matmul_error("bmm", a.shape, b.shape)


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
    return input.unsqueeze(1) * vec2


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


def _einsum_title(equation: str) -> str:
    """What PyTorch ends with: a product, a sum, or new axes."""
    inputs, output = equation.split("->")
    summed = not set(inputs.replace(",", "")) <= set(output)
    if "," in inputs:
        return "ViewBackward0" if summed else "MulBackward0"
    return "SumBackward1" if summed else "PermuteBackward0"


raw.spread_to = lambda x, shape: np.broadcast_to(x, shape)
tensors.spread_to = lambda x, shape: x.expand(shape)


@op(
    r"y = \mathrm{einsum}(x_1, x_2, \dots)",
    said={"many": True, "homes": (), "title": _einsum_title, "rule": "promote", "in_place": False},
    tensors=d(r"\mathrm{einsum}(\bar y, x_{\ne i})", _einsum_slopes),
)
def contract(tensors, equation):
    """Einstein's sum of products; no index occurs twice in one operand."""
    found = np.einsum(equation, *tensors, optimize=len(tensors) > 1)
    return in_order(found) if len(tensors) > 1 else found


_LETTERS = "".join(map(chr, (*range(ord("A"), ord("Z") + 1), *range(ord("a"), ord("z") + 1))))


def _check_letters(term: str, what: str) -> None:
    """PyTorch's errors for a dot that is part of no ellipsis, and for what is no letter."""
    if "." in (rest := term.replace("...", "", 1)):
        raise RuntimeError(f"einsum(): found '.' {what} that is not part of any ellipsis")
    for at, c in enumerate(rest):
        if c not in _LETTERS:
            raise RuntimeError(
                f"einsum(): invalid subscript given at index {at} in the equation string, subscripts must be in "
                "[a-zA-Z]"
            )


def _check_output(output: str, terms: list[str]) -> None:
    """PyTorch's errors for an output that names an index twice, or one that no operand has."""
    _check_letters(output, "in output")
    for c in output.replace("...", ""):
        if output.count(c) > 1:
            raise RuntimeError(f"einsum(): output subscript {c} appears more than once in the output")
        if not any(c in term for term in terms):
            raise RuntimeError(f"einsum(): output subscript {c} does not appear in the equation for any input operand")


def _sums_alone(equation: str) -> bool:
    """Whether an index of one operand alone is summed over, which makes long integers of any."""
    inputs, _, output = equation.partition("->")
    return any(inputs.count(c) == 1 and c not in output for c in inputs.replace(",", ""))


def _spelled_out(equation: str, operands: Any) -> tuple[str, list[Any]]:
    """The equation with its output and letters for every ellipsis, and operands without repeated indices."""
    inputs, arrow, output = equation.replace(" ", "").partition("->")
    terms = inputs.split(",")
    for which, term in enumerate(terms):
        _check_letters(term, f"for operand {which}")
    if len(terms) != len(operands):
        more = "more" if len(terms) < len(operands) else "fewer"
        raise RuntimeError(f"einsum(): {more} operands were provided than specified in the equation")
    free = [c for c in _LETTERS if c not in equation]
    widths = [
        t._array.ndim - len(s.replace("...", "")) if "..." in s else 0 for s, t in zip(terms, operands, strict=True)
    ]
    dots = "".join(free[: max(widths, default=0)])
    if not arrow:
        letters = "".join(terms).replace(".", "")
        output = ("..." if dots else "") + "".join(sorted(c for c in set(letters) if letters.count(c) == 1))
    terms = [s.replace("...", dots[len(dots) - w :]) for s, w in zip(terms, widths, strict=True)]
    _check_output(output, terms)
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
                sizes = [each._array.shape[place] for place in (first, second)]
                if sizes[0] != sizes[1]:
                    raise RuntimeError(
                        f"einsum(): subscript {c} is repeated for operand {len(given)} but the sizes don't match, "
                        f"{sizes[1]} != {sizes[0]}"
                    )
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


def _lettered(given: list[Any]) -> tuple[str, list[Any]]:
    """The equation and the operands of the form in which each operand is followed by a list of numbers."""

    def word(places: Any) -> str:
        for n in places:
            if n is not Ellipsis and not 0 <= n < len(_LETTERS):
                raise ValueError(
                    f"einsum(): subscript in subscript list is not within the valid range [0, {len(_LETTERS)})"
                )
        return "".join("..." if n is Ellipsis else _LETTERS[n] for n in places)

    pairs = len(given) // 2
    equation = ",".join(word(given[2 * i + 1]) for i in range(pairs))
    if len(given) % 2:
        equation += "->" + word(given[-1])
    return equation, [given[2 * i] for i in range(pairs)]


def _check_alike(equation: str, operands: list[Any]) -> None:
    """PyTorch's error for two operands of different dtypes that share an index which is summed over."""
    inputs, _, output = equation.partition("->")
    terms = inputs.split(",")
    if len(terms) == 2 and set(terms[0]) & set(terms[1]) - set(output):
        a, b = (each._array for each in operands)
        if a.dtype != b.dtype:
            titles = [array.TITLES[array.OF_NUMPY[x.dtype]] for x in (a, b)]
            raise RuntimeError(f"expected scalar type {titles[0]} but found {titles[1]}")


@composite("engine")
def einsum(equation: Any, *operands: Any) -> Any:
    """Einstein's sum: the products of elements, summed over the indices that the output does not name."""
    if not operands:
        raise ValueError(
            "einsum(): must specify the equation string and at least one operand, or at least one operand and its "
            "subscripts list"
        )
    if not isinstance(equation, str) and not isinstance(equation, Tensor):
        raise TypeError(f"einsum(): argument 'equation' (position 1) must be str, not {type(equation).__name__}")
    if not isinstance(equation, str):
        equation, given = _lettered([equation, *operands])
    elif len(operands) == 1 and isinstance(operands[0], (list, tuple)):
        given = list(operands[0])
    else:
        given = list(operands)
    plain, given = _spelled_out(equation, given)
    if given[0]._array.dtype.kind in "iu" and _sums_alone(plain):
        given = [each.long() for each in given]
    _check_alike(plain, given)
    return contract(_stretched(plain, given), plain)
