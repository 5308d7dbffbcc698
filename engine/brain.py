"""bfloat16: its NumPy dtype, from `ml_dtypes`, and how ops compute with it: in float32, rounded once at the end.

NumPy has no such type, so it is imported when it is first asked for. Only then is each op's kernel and slope wrapped:
a program that never names the type pays nothing for it. What views memory or only moves elements is left as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

_SINGLE = np.dtype(np.float32)


class _State:
    """The NumPy dtype once it has been asked for, and what has to be told then."""

    numpy: np.dtype | None = None
    told: Callable[[], None] | None = None


def dtype() -> np.dtype:
    """NumPy's bfloat16, 'V' in its kind as all types from outside NumPy are; ImportError without `ml_dtypes`."""
    if _State.numpy is None:
        try:
            from ml_dtypes import bfloat16
        except ImportError:
            raise ImportError(
                "torch.bfloat16 needs the package ml_dtypes, which is not here (pip install ml_dtypes); float16 and "
                "float32 work without it"
            ) from None
        _State.numpy = np.dtype(bfloat16)
        if _State.told is not None:
            _State.told()
    return _State.numpy


def used() -> bool:
    """Whether the type has been asked for."""
    return _State.numpy is not None


def tell(then: Callable[[], None]) -> None:
    """Call `then` when the type is first asked for."""
    _State.told = then


def _is_brain(x: Any) -> bool:
    return getattr(x, "dtype", None) is _State.numpy or (x.__class__ in (list, tuple) and any(map(_is_brain, x)))


def _wide(x: Any) -> Any:
    if x.__class__ in (list, tuple):
        return x.__class__([_wide(each) for each in x])
    if x is _State.numpy:
        return _SINGLE
    return x.astype(_SINGLE) if isinstance(x, (np.ndarray, np.generic)) and x.dtype is _State.numpy else x


def _narrow(x: Any) -> Any:
    if x.__class__ in (list, tuple):
        return x.__class__([_narrow(each) for each in x])
    return np.asarray(x).astype(dtype()) if getattr(x, "dtype", None) == _SINGLE else x


def widened(function: Callable[..., Any], aux: bool = False, alike: bool = False) -> Callable[..., Any]:
    """A kernel or slope on raw arrays that computes bfloat16 in float32; with `aux` only its first result is rounded,
    with `alike` the operands must be of one dtype, but for integers, which may be indices.

    A dtype among the arguments is that of the result: float32 is then no accident, and not rounded.
    """

    def wide(*args: Any, **kwargs: Any) -> Any:
        values = (*args, *kwargs.values())
        if not any(map(_is_brain, values)) and not any(v is _State.numpy for v in values):
            return function(*args, **kwargs)
        if alike and len({x.dtype for x in values if isinstance(x, np.ndarray) and x.dtype.kind not in "biu"}) > 1:
            raise TypeError("operands of different dtypes")
        result = function(*map(_wide, args), **{name: _wide(value) for name, value in kwargs.items()})
        if any(_names_single(value) for value in values):
            return result
        return (_narrow(result[0]), *result[1:]) if aux else _narrow(result)

    wide.__name__ = getattr(function, "__name__", "wide")
    wide.__wrapped__ = function  # type: ignore[attr-defined]
    return wide


def _names_single(value: Any) -> bool:
    return value is _SINGLE or (getattr(value, "name", None) == "float32" and not hasattr(value, "shape"))
