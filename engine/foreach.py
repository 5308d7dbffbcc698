"""Functions of lists of tensors, `torch._foreach_NAME`: one call for all tensors of a list, as optimizers are written.

Each is the operation of its name, tensor by tensor; NumPy gains nothing by taking the tensors together. A second
operand is a list as long as the first (of tensors or of numbers), or one number or tensor without axes for all. The
forms in place, of a name that ends in "_", give the list itself, the others a tuple.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from engine.dispatch import tensors
from engine.errors import wrong_call
from engine.tensor import Tensor

_ALONE = (
    "abs", "acos", "asin", "atan", "ceil", "clone", "cos", "cosh", "erf", "erfc", "exp", "expm1", "floor", "frac",
    "lgamma", "log", "log10", "log1p", "log2", "max", "neg", "reciprocal", "round", "rsqrt", "sigmoid", "sign", "sin",
    "sinh", "sqrt", "tan", "tanh", "trunc", "zero",
)  # fmt: skip
_PAIRS = (
    "add", "clamp_max", "clamp_min", "copy", "div", "lerp", "maximum", "minimum", "mm", "mul", "norm", "pow", "powsum",
    "sub",
)  # fmt: skip
_TRIPLES = ("addcdiv", "addcmul")
_OPTIONS = {"add": ("alpha",), "sub": ("alpha",), "addcdiv": ("value",), "addcmul": ("value",)}
_ONLY_IN_PLACE, _NEVER_IN_PLACE = ("copy", "zero"), ("clone", "max", "mm", "norm", "powsum")


def names() -> list[str]:
    """The names there are."""
    found = []
    for name in (*_ALONE, *_PAIRS, *_TRIPLES):
        found += [f"_foreach_{name}"] * (name not in _ONLY_IN_PLACE)
        found += [f"_foreach_{name}_"] * (name not in _NEVER_IN_PLACE)
    return sorted(found)


def function(full: str) -> Callable[..., Any] | None:
    """The function of a name, None where there is none."""
    if full not in names():
        return None
    changes = full.endswith("_")
    name = full.removeprefix("_foreach_").removesuffix("_")
    one = _one(name, changes)
    allowed = _OPTIONS.get(name, ("dtype",) if name == "norm" else ("non_blocking",) if name == "copy" else ())
    most = 0 if name in _ALONE else 3 if name in _TRIPLES else 2 if name == "lerp" else 1

    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        values = [*args, *kwargs.values()]
        fits = len(args) <= most and all(each is None or not isinstance(each, str) for each in values)
        first_is_number = name == "pow" and isinstance(self, (int, float, complex)) and not changes
        if not fits or not set(kwargs) <= {*allowed, "exponent", "weight", "weights", "tensors1", "tensor1", "tensor2"}:
            raise wrong_call(full, (self, *values), "(tuple of Tensors self, ...)")
        base = args[0] if first_is_number and args else self
        if not isinstance(base, (list, tuple)):
            raise wrong_call(full, (self, *values), "(tuple of Tensors self, ...)")
        count = _counted(base)
        columns = [_spread(each, count) for each in ((self, *args) if first_is_number else args)]
        options = {key: _spread(value, count) for key, value in kwargs.items()}
        results = []
        for i in range(count):
            given = [column[i] for column in columns]
            here = given if first_is_number else [base[i], *given]
            results.append(one(*here, **{key: value[i] for key, value in options.items()}))
        return self if changes else tuple(results)

    call.__name__ = call.__qualname__ = full
    call.__doc__ = f"`{name}` of each tensor of a list{', in place' * changes}."
    return call


def _one(name: str, changes: bool) -> Callable[..., Any]:
    """The operation on one tensor."""
    if name == "powsum":
        return lambda x, ord=2: (x.abs() ** ord).sum()
    if name in _TRIPLES:
        combine = getattr(Tensor, f"{name}_" if changes else name)
        return lambda x, a, b, value=1: combine(x, a, b, value=_number(value))
    if name == "norm":
        return lambda x, ord=2, dtype=None: tensors.linalg_vector_norm(x, _number(ord), dtype=dtype)
    if name == "pow" and not changes:
        return lambda x, exponent: x**exponent
    bounds = {"maximum": "clamp_min", "minimum": "clamp_max"}
    method = getattr(Tensor, f"{bounds.get(name, name)}_" if changes else bounds.get(name, name))
    return lambda x, *given, **options: method(x, *given, **options)


def _number(value: Any) -> Any:
    return value.item() if isinstance(value, Tensor) else value


def _counted(base: Sequence[Any]) -> int:
    if not base:
        raise RuntimeError("Tensor list must have at least one tensor.")
    for i, each in enumerate(base):
        if not isinstance(each, Tensor):
            raise TypeError(f"expected Tensor as element {i} in argument 0, but got {type(each).__name__}")
    return len(base)


def _spread(value: Any, count: int) -> Sequence[Any]:
    """An operand for each tensor: of a list its members, of a vector its elements, else the same for all."""
    if isinstance(value, Tensor) and value._array.ndim:
        if value._array.ndim > 1 or value._array.size != count:
            raise RuntimeError(
                f"scalar tensor expected to be 0 dim but it has {value._array.ndim} dimensions and "
                f"{value._array.size} elements."
            )
        return value.tolist()
    if not isinstance(value, (list, tuple)):
        return [value] * count
    if len(value) != count:
        if value and isinstance(value[0], Tensor):
            raise RuntimeError(f"Tensor lists must have the same number of tensors, got {count} and {len(value)}")
        raise RuntimeError("Tensor list must have same number of elements as scalar list.")
    return value
