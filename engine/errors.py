"""The sentences of failures: PyTorch's class and wording first, then what ours adds, with the shapes as attributes."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from engine import graph


class WithShapes(Exception):
    """An error about shapes: `shapes` of the operands, `axes` that clash (one an operand, counted from the front;
    None for an operand that has no such axis), `op` the op's name."""

    def __init__(
        self, message: str, op: str, shapes: Sequence[tuple[int, ...]], axes: Sequence[int | None] = ()
    ) -> None:
        super().__init__(message)
        self.op = op
        self.shapes = tuple(tuple(shape) for shape in shapes)
        self.axes = tuple(axes)


class ShapeError(WithShapes, RuntimeError):
    """An error about shapes where PyTorch raises RuntimeError."""


class ShapeIndexError(WithShapes, IndexError):
    """An error about shapes where PyTorch raises IndexError."""


class ShapeValueError(WithShapes, ValueError):
    """An error about shapes where PyTorch raises ValueError."""


class OutOfMemoryError(RuntimeError):
    """What programs catch where a GPU's memory may be used up."""


class AcceleratorError(RuntimeError):
    """What programs catch where a GPU may fail."""


class MissingName(AttributeError):
    """An error about a name that a module has not; which one is like it is looked for when somebody reads it.

    Most of these errors nobody reads: `hasattr` asks, and each `from engine import a_module`.
    """

    def __init__(self, module: str, name: str, names: Callable[[], Iterable[str]]) -> None:
        super().__init__(f"module '{module}' has no attribute '{name}'", name=name)
        self.names = names

    def __str__(self) -> str:
        import difflib

        wanted = str(self.name)
        names = [name for name in self.names() if wanted.startswith("_") or not name.startswith("_")]
        close = difflib.get_close_matches(wanted, names, 1)
        return f"{self.args[0]}. Did you mean: '{close[0]}'?" if close else self.args[0]


class LeftOut(AttributeError, NotImplementedError):
    """An error about a name that is left out on purpose: `hasattr` finds that it is not there."""


# Shown under PyTorch's name: in a traceback, and by `type(error).__name__`.
SHAPE_ERRORS = (ShapeError, ShapeIndexError, ShapeValueError)
for _kind in (*SHAPE_ERRORS, MissingName, LeftOut):
    _kind.__name__ = _kind.__qualname__ = _kind.__bases__[-1].__name__
    _kind.__module__ = "builtins"


def broadcast_error(op: str, shapes: Sequence[tuple[int, ...]]) -> ShapeError:
    """PyTorch's sentence for shapes that do not broadcast, with both shapes added."""
    width = max(len(shape) for shape in shapes)
    first = shapes[0]
    for second in shapes[1:]:
        for back in range(1, min(len(first), len(second)) + 1):
            n, m = first[-back], second[-back]
            if n != m and n != 1 and m != 1:
                message = (
                    f"The size of tensor a ({n}) must match the size of tensor b ({m}) at non-singleton dimension "
                    f"{width - back}. {op}() got shapes {list(first)} and {list(second)}."
                )
                return ShapeError(message, op, shapes, (len(first) - back, len(second) - back))
        first = joined(first, second)
    return ShapeError(f"{op}(): shapes {', '.join(str(list(s)) for s in shapes)} do not fit together", op, shapes)


def unlike_target(op: str, target: tuple[int, ...], source: tuple[int, ...]) -> ShapeError:
    """PyTorch's sentence for what is not of the shape of that to which it is to be written."""
    if not fits(source, target):
        return broadcast_error(op, (target, source))
    whole = list(joined(target, source))
    message = f"output with shape {list(target)} doesn't match the broadcast shape {whole}"
    return ShapeError(message, op, (target, source))


def fits(given: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    """Whether what has one shape broadcasts with what has another."""
    return all(n in (1, m) or m == 1 for n, m in zip(reversed(given), reversed(wanted), strict=False))


def joined(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...]:
    """The broadcast of two shapes that fit."""
    short, long = sorted((a, b), key=len)
    short = (1,) * (len(long) - len(short)) + short
    return tuple(m if n == 1 else n for n, m in zip(short, long, strict=True))


def matmul_error(op: str, a: tuple[int, ...], b: tuple[int, ...]) -> ShapeError:
    """PyTorch's sentence for matrices whose inner sizes differ."""
    added = (
        f" {op}() got shapes {list(a)} and {list(b)}: the last axis of the first must be as long as {{}} of the second."
    )
    if len(a) == 1 and len(b) == 1:
        message = (
            f"inconsistent tensor size, expected tensor [{a[0]}] and src [{b[0]}] to have the same number of "
            "elements, but "
            f"got {a[0]} and {b[0]} elements respectively"
        )
        return ShapeError(message, op, (a, b), (0, 0))
    if len(b) == 1 and len(a) == 2:
        message = f"size mismatch, got input ({a[0]}), mat ({a[0]}x{a[1]}), vec ({b[0]})"
        return ShapeError(message, op, (a, b), (1, 0))
    rows = math.prod(a[:-1])
    if len(a) > 2 and len(b) == 1:
        message = f"size mismatch, got input ({rows}), mat ({rows}x{a[-1]}), vec ({b[0]})."
        return ShapeError(message + added.format("the only one"), op, (a, b), (len(a) - 1, 0))
    if len(b) > 2:
        batches = a[0], b[0]
        if op != "bmm":
            try:
                batches = (math.prod(np.broadcast_shapes(a[:-2], b[:-2])),) * 2
            except ValueError:
                return broadcast_error(op, (a[:-2], b[:-2]))
        message = (
            f"Expected size for first two dimensions of batch2 tensor to be: [{batches[0]}, {a[-1]}] but got: "
            f"[{batches[1]}, {b[-2]}]."
        )
        return ShapeError(message + added.format("the last but one"), op, (a, b), (len(a) - 1, len(b) - 2))
    inner, columns = (b[-2], b[-1]) if len(b) > 1 else (b[0], 1)
    message = f"mat1 and mat2 shapes cannot be multiplied ({rows}x{a[-1]} and {inner}x{columns})."
    axis = max(len(b) - 2, 0)
    return ShapeError(message + added.format("the last but one"), op, (a, b), (len(a) - 1, axis))


def dim_error(dim: int, ndim: int) -> IndexError:
    """PyTorch's sentence for an axis that is not there."""
    n = max(ndim, 1)
    return IndexError(f"Dimension out of range (expected to be in range of [{-n}, {n - 1}], but got {dim})")


class NoDim(TypeError):
    """An error about what was given as an axis and is none."""

    def __init__(self, dim: Any) -> None:
        super().__init__(f"argument 'dim' must be int, not {type(dim).__name__}")
        self.dim = dim


class NotBool(TypeError):
    """An error about what was given as an option that is a bool, and is none."""

    def __init__(self, option: str, value: Any) -> None:
        super().__init__(f"argument '{option}' must be bool, not {type(value).__name__}")
        self.option = option
        self.value = value


# Functions with several signatures, of which the first sentence of the second kind tells.
_SEVERAL = frozenset(("sum", "mean", "nanmean", "nansum", "prod", "squeeze", "sort", "max", "min"))
# What some ops are called by those who call them.
_CALLED = {"scaled_elu": "elu", "normalize_rows": "layer_norm", "vector_norm": "linalg_vector_norm"}


def name_of(op: str) -> str:
    """The function that programs call where an op is only the most of it."""
    return _CALLED.get(op, op.removesuffix("_along"))


def wrong_dim(name: str, dim: Any, position: int) -> TypeError:
    """PyTorch's error for an axis that is no number, or for several of which one is not."""
    if isinstance(dim, (tuple, list)):
        others = ((i, n) for i, n in enumerate(dim, 1) if isinstance(n, bool) or not hasattr(n, "__index__"))
        place, other = next(others)
        kind = type(other).__name__
        return TypeError(
            f"{name}(): argument 'dim' failed to unpack the object at pos {place} with error \"type must be tuple of "
            f'ints,but got {kind}"'
        )
    kind, name = type(dim).__name__, name_of(name)
    if name in _SEVERAL:
        return TypeError(
            f"{name}() received an invalid combination of arguments - got (dim={kind}, ), but expected one of:\n"
            " * (int dim, ...)\n * (tuple of ints dim, ...)"
        )
    return TypeError(f"{name}(): argument 'dim' (position {position}) must be int, not {kind}")


def wrong_bool(name: str, error: NotBool, position: int) -> TypeError:
    """PyTorch's error for an option that must be a bool: `a.sum(0, 1)` adds up along no second axis."""
    kind = type(error.value).__name__
    if type(error.value).__module__ == "numpy":
        kind = f"numpy.{kind}"
    return TypeError(f"{name_of(name)}(): argument '{error.option}' (position {position}) must be bool, not {kind}")


def _integer(dim: Any) -> int:
    """An axis that is given as another kind of integer."""
    if isinstance(dim, bool) or not hasattr(dim, "__index__"):
        raise NoDim(dim)
    return operator.index(dim)


def axis_of(dim: int, ndim: int) -> int:
    """A dim counted from the front, 0 <= axis < ndim; IndexError if there is none."""
    n = ndim or 1
    if dim.__class__ is not int:
        dim = _integer(dim)
    if not -n <= dim < n:
        raise dim_error(dim, ndim)
    return dim + n if dim < 0 else dim


def axis_in(dim: int, ndim: int) -> int:
    """As `axis_of`, where a tensor without axes has none at all."""
    axis = axis_of(dim, ndim)
    if not ndim:
        raise IndexError(f"Dimension specified as {dim} but tensor has no dimensions")
    return axis


def axis_asked(method: str, dim: int, ndim: int) -> int:
    """The axis whose size or step a method is asked for; a tensor without axes has none."""
    if not isinstance(dim, int) and not hasattr(dim, "__index__"):
        raise TypeError(f"{method}(): argument 'dim' (position 1) must be int, not {type(dim).__name__}")
    if not ndim:
        raise IndexError(f"Dimension specified as {dim} but tensor has no dimensions")
    return axis_of(dim, ndim)


def not_implemented(kernel: str, dtype: Any) -> NotImplementedError:
    """PyTorch's error for an op that does not take a dtype (NumPy's); `kernel` is what its sentence calls the op."""
    from engine.array import OF_NUMPY, TITLES

    return NotImplementedError(f"\"{kernel}\" not implemented for '{TITLES[OF_NUMPY[dtype]]}'")


def real_only(kernel: str, *tensors: Any) -> None:
    """Raise that error if one of the tensors is complex."""
    for each in tensors:
        if each._array.dtype.kind == "c":
            raise not_implemented(kernel, each._array.dtype)


def not_narrow(kernel: str) -> Any:
    """What an op that does not take the narrow types has in the place of a kernel for them: it raises that error."""

    def narrow(*operands: Any, **_: Any) -> None:
        raise not_implemented(kernel, next(x.dtype for x in operands if getattr(x, "dtype", None) is not None))

    return narrow


def refuse(kinds: str, kernel: str, *tensors: Any) -> None:
    """Raise that error if one of the tensors is of one of these kinds of dtype: "biu" for bools and integers, "c"."""
    for each in tensors:
        if each._array.dtype.kind in kinds:
            raise not_implemented(kernel, each._array.dtype)


def class_name(value: Any) -> str:
    """The name of a value's class as C knows it: with its module if it is written in C, as NumPy's are."""
    kind = type(value)
    in_c = not kind.__flags__ & 1 << 9 and kind.__module__ != "builtins"  # Py_TPFLAGS_HEAPTYPE
    return f"{kind.__module__}.{kind.__name__}" if in_c else kind.__name__


def wrong_pair(op: str, names: Sequence[str], values: Sequence[Any], numbers: bool | str) -> TypeError:
    """PyTorch's error for numbers where an op of two takes tensors; `numbers` as in an op's declaration."""
    first, second = names
    ways = [f"Tensor {first}, Tensor {second}", f"Tensor {first}, Number {second}"]
    if numbers == "either":
        ways.insert(1, f"Number {first}, Tensor {second}")
    return wrong_call(op, values, *(f"({way}, *, Tensor out = None)" for way in ways))


def wrong_call(op: str, values: Sequence[Any], *ways: str) -> TypeError:
    """PyTorch's error for arguments that none of the signatures of a function takes."""
    kinds = ", ".join(map(class_name, values))
    listed = "".join(f" * {way}\n" for way in ways)
    return TypeError(
        f"{op}() received an invalid combination of arguments - got ({kinds}), but expected one of:\n{listed}"
    )


def only_tensors(op: str, **values: Any) -> None:
    """Raise that error for the first of an op's arguments that is no tensor; they are given in their order."""
    for i, (name, value) in enumerate(values.items()):
        if not hasattr(value, "_array"):
            raise not_a_tensor(op, name, i, value)


def without_slope(op: str, **values: Any) -> None:
    """Raise PyTorch's error for the first argument of an op that requires grad, but has no derivative there."""
    for name, value in values.items():
        if value is not None and value._requires_grad and graph.recording():
            raise RuntimeError(
                f"The function '{op}' is not differentiable with respect to argument '{name}'. This input cannot have "
                "requires_grad True."
            )


ONE_BOOL = (
    "Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying to invert a mask, use the "
    "`~` or `logical_not()` operator instead."
)
TWO_BOOLS = (
    "Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or `logical_xor()` operator "
    "instead."
)


def not_a_tensor(op: str, name: str, position: int, value: Any) -> TypeError:
    """PyTorch's sentence for an argument that is no tensor."""
    return TypeError(f"{op}(): argument '{name}' (position {position + 1}) must be Tensor, not {class_name(value)}")


def check_kinds(input: Any, *parameters: Any) -> None:
    """RuntimeError for parameters of a normalization that are not of its input's type.

    They may be float32 where that is a half.
    """
    kind, given = input.dtype, [each for each in parameters if each is not None]
    if all(each.dtype == kind for each in given):
        return
    from engine.array import TITLES, bfloat16, float16, float32

    if given[0].dtype == kind:
        other = next(each.dtype for each in given if each.dtype != kind)
        raise RuntimeError(f"expected scalar type {TITLES[kind]} but found {TITLES[other]}")
    if any(each.dtype != float32 for each in given):
        raise RuntimeError("mixed dtype (CPU): expect parameter to have scalar type of Float")
    if kind not in (bfloat16, float16):
        raise RuntimeError("mixed dtype (CPU): all inputs must share same datatype.")
