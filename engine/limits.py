"""The limits of dtypes: `finfo` of floats, `iinfo` of integers."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.array import Defaults, dtype
from engine.places import placed

_MISSING = object()


def _checked(name: str, given: Any) -> dtype:
    if not isinstance(given, dtype):
        raise TypeError(f"{name}(): argument 'type' (position 1) must be torch.dtype, not {type(given).__name__}")
    return given


class _Limits:
    """What the two have in common."""

    __slots__ = ("bits", "dtype", "max", "min")

    bits: int
    dtype: str
    max: Any
    min: Any

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.dtype == getattr(other, "dtype", None)

    def __hash__(self) -> int:
        return hash((type(self), self.dtype))


@placed
class finfo(_Limits):
    """The limits of a floating-point dtype, or of the parts of a complex one; without one, of the default dtype."""

    __slots__ = ("eps", "resolution", "smallest_normal", "tiny")

    def __init__(self, type: Any = None) -> None:
        kind = Defaults.dtype if type is None else _checked("finfo", type)
        if kind.rank < 2:
            raise TypeError(
                "torch.finfo() requires a floating point input type. Use torch.iinfo to handle 'torch.finfo'"
            )
        kind = kind.to_real()
        self.dtype = kind.name
        self.bits = 8 * kind.itemsize
        # Of a float of p binary digits and exponents up to e.
        p, e = {"float16": (10, 15), "bfloat16": (7, 127), "float32": (23, 127), "float64": (52, 1023)}[kind.name]
        self.eps = 2.0**-p
        self.max = (2.0 - self.eps) * 2.0**e
        self.min = -self.max
        self.smallest_normal = self.tiny = 2.0 ** (1 - e)
        self.resolution = {10: 1e-3, 7: 1e-2, 23: 1e-6, 52: 1e-15}[p]

    def __repr__(self) -> str:
        return (
            f"finfo(resolution={self.resolution:g}, min={self.min:g}, max={self.max:g}, eps={self.eps:g}, "
            f"smallest_normal={self.smallest_normal:g}, tiny={self.tiny:g}, dtype={self.dtype})"
        )


@placed
class iinfo(_Limits):
    """The limits of an integer dtype."""

    __slots__ = ()

    def __init__(self, type: Any = _MISSING) -> None:
        if type is _MISSING:
            raise TypeError('iinfo() missing 1 required positional arguments: "type"')
        kind = _checked("iinfo", type)
        if kind.rank == 0:
            raise TypeError("torch.bool is not supported by torch.iinfo")
        if kind.rank > 1:
            raise TypeError("torch.iinfo() requires an integer input type. Use torch.finfo to handle 'torch.iinfo'")
        limits = np.iinfo(kind.numpy)
        self.dtype, self.bits = kind.name, limits.bits
        self.max, self.min = int(limits.max), int(limits.min)

    def __repr__(self) -> str:
        return f"iinfo(min={self.min:g}, max={self.max:g}, dtype={self.dtype})"
