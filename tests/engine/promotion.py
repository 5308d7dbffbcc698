"""What two operands' dtypes become: for tensors with axes, without axes and Python numbers, in all pairs."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

NAMES = (
    "bool", "uint8", "int8", "int16", "int32", "int64", "uint16", "uint32", "uint64", "float16", "bfloat16", "float32",
    "float64", "complex64", "complex128",
)  # fmt: skip
NUMBERS = (True, 2, 2.5, 1j)


def told(ask: Callable[..., Any], *operands: Any) -> str:
    """The name of the dtype, or the error's class and the first words of its sentence."""
    try:
        found = ask(*operands)
    except (RuntimeError, TypeError) as error:
        kind = next(c.__name__ for c in type(error).__mro__ if c.__module__ == "builtins")
        return f"{kind}: {str(error)[:60]}"
    return str(getattr(found, "dtype", found)).removeprefix("torch.")


def table(torch: Any) -> dict[str, list[str]]:
    """A row for each dtype on the left: what it gives with each on the right."""
    rows = {}
    for default in ("float32", "float64", "bfloat16"):
        torch.set_default_dtype(getattr(torch, default))
        try:
            rows.update({f"{default}: {name}": row for name, row in _rows(torch, default == "float32").items()})
        finally:
            torch.set_default_dtype(torch.float32)
    return rows


def _rows(torch: Any, all_pairs: bool) -> dict[str, list[str]]:
    rows: dict[str, list[str]] = {}

    def of(name: str, shape: tuple[int, ...]) -> Any:
        return torch.ones(shape, dtype=getattr(torch, name))

    types = [getattr(torch, name) for name in NAMES]
    for a in NAMES:
        mine = getattr(torch, a)
        if all_pairs:
            rows[f"promote_types {a}"] = [told(torch.promote_types, mine, other) for other in types]
            rows[f"can_cast {a}"] = [told(torch.can_cast, mine, other) for other in types]
            for left in ((2,), ()):
                for right in ((2,), ()):
                    found = [told(torch.result_type, of(a, left), of(b, right)) for b in NAMES]
                    rows[f"result_type {a}{left} {right}"] = found
        for shape in ((2,), ()):
            x = of(a, shape)
            numbers = [n for n in NUMBERS if not (a == "float16" and n == 1j)]  # which would be complex32
            rows[f"result_type with numbers {a}{shape}"] = [told(torch.result_type, x, n) for n in numbers]
            if not a.startswith("uint") or a == "uint8":
                rows[f"mul {a}{shape}"] = [told(operator.mul, x, n) for n in numbers]
                reductions = (torch.sum, torch.prod, torch.mean)
                rows[f"sum, prod, mean, cumsum {a}{shape}"] = [
                    *(told(each, x) for each in reductions), told(torch.cumsum, x, 0),
                ]  # fmt: skip
            rows[f"div, sqrt {a}{shape}"] = [told(operator.truediv, x, 2), told(torch.sqrt, x)]
    return rows
