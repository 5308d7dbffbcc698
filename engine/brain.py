"""bfloat16 and float16: how ops compute with them, in float32, rounded once at the end; and bfloat16's NumPy dtype.

NumPy has no bfloat16, so it is imported from `ml_dtypes` when it is first asked for. Only when one of the two types is
asked for is each op's kernel and slope wrapped: a program that never names them pays nothing for them. What views
memory or only moves elements is left as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

_SINGLE = np.dtype(np.float32)
_HALF = np.dtype(np.float16)


class _State:
    """The NumPy dtype once it has been asked for, and what has to be told then."""

    numpy: np.dtype | None = None
    half: bool = False  # whether float16 has been asked for
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


def half() -> np.dtype:
    """NumPy's float16."""
    if not _State.half:
        _State.half = True
        if _State.told is not None:
            _State.told()
    return _HALF


def used() -> bool:
    """Whether one of the two types has been asked for."""
    return _State.numpy is not None or _State.half


def tell(then: Callable[[], None]) -> None:
    """Call `then` when the type is first asked for."""
    _State.told = then


def _narrow_kind(x: Any) -> np.dtype | None:
    """The one of the two types that an argument is of, or names, or has among its members; None if none."""
    if x.__class__ in (list, tuple):
        return next((kind for each in x if (kind := _narrow_kind(each)) is not None), None)
    kind = getattr(x, "dtype", x)
    return kind if kind is _HALF or (kind is not None and kind is _State.numpy) else None


def _wide(x: Any) -> Any:
    if x.__class__ in (list, tuple):
        return x.__class__([_wide(each) for each in x])
    if x is _HALF or (x is not None and x is _State.numpy):
        return _SINGLE
    narrow = isinstance(x, (np.ndarray, np.generic)) and (x.dtype is _State.numpy or x.dtype is _HALF)
    return x.astype(_SINGLE) if narrow else x


def _narrow(x: Any, kind: np.dtype) -> Any:
    if x.__class__ in (list, tuple):
        return x.__class__([_narrow(each, kind) for each in x])
    return np.asarray(x).astype(kind) if getattr(x, "dtype", None) == _SINGLE else x


rounding: set[Callable[..., Any]] = set()  # the kernels whose numbers are brought to the narrow type


def widened(
    function: Callable[..., Any],
    aux: bool = False,
    alike: bool = False,
    rounds: bool = False,
    own: Callable[..., Any] | None = None,
) -> Callable[..., Any]:
    """A kernel or slope on raw arrays that computes both types in float32; with `aux` only its first result is rounded,
    with `alike` the operands must be of one dtype, but for integers, which may be indices; with `rounds` numbers are
    brought to the narrow type. `own` gives what is computed in another way of the narrow arrays as they are.

    A dtype among the arguments is that of the result: float32 is then no accident, and not rounded.
    """

    def wide(*args: Any, **kwargs: Any) -> Any:
        values = (*args, *kwargs.values())
        kind = _narrow_kind(values)
        if kind is None:
            return function(*args, **kwargs)
        if alike and len({x.dtype for x in values if isinstance(x, np.ndarray) and x.dtype.kind not in "biu"}) > 1:
            raise TypeError("operands of different dtypes")
        if own is not None and (made := own(*args, **kwargs)) is not NotImplemented:
            return made
        if rounds:
            args = tuple([float(kind.type(x)) if x.__class__ is float else x for x in args])
            kwargs = {name: float(kind.type(x)) if x.__class__ is float else x for name, x in kwargs.items()}
        try:
            result = function(*map(_wide, args), **{name: _wide(value) for name, value in kwargs.items()})
        except NotImplementedError as error:  # what float32 is refused for is told of the narrow type
            title = "Half" if kind is _HALF else "BFloat16"
            raise NotImplementedError(str(error).replace("'Float'", f"'{title}'")) from None
        if any(_names_single(value) for value in values):
            return result
        return (_narrow(result[0], kind), *result[1:]) if aux else _narrow(result, kind)

    wide.__name__ = getattr(function, "__name__", "wide")
    wide.__wrapped__ = function  # type: ignore[attr-defined]
    return wide


class _Stepping(np.ndarray):
    """An array of one of the narrow types each of whose ufuncs computes in float32 and is rounded, numbers as well."""

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        result = getattr(ufunc, method)(*[_wide(_bare(each)) for each in inputs], **options)
        return _steps(_narrow(result, self.dtype))


def _bare(x: Any) -> Any:
    return x.view(np.ndarray) if x.__class__ is _Stepping else x


def _steps(x: Any) -> Any:
    narrow = isinstance(x, (np.ndarray, np.generic)) and (x.dtype is _State.numpy or x.dtype is _HALF)
    return np.asarray(x).view(_Stepping) if narrow else x


class _Functions:
    """What a slope calls as `k`, each function one step."""

    def __init__(self, functions: Any) -> None:
        self.functions = functions

    def __getattr__(self, name: str) -> Callable[..., Any]:
        kernel = getattr(self.functions, name)
        function = widened(kernel, rounds=kernel in rounding)

        def step(*args: Any, **kwargs: Any) -> Any:
            return _steps(function(*map(_bare, args), **kwargs))

        setattr(self, name, step)
        return step


def stepped(slope: Callable[..., Any]) -> Callable[..., Any]:
    """A slope that, on raw arrays, rounds the narrow types at each of its steps, as PyTorch does where the gradient is
    a formula of several operations and no kernel of its own.
    """
    names = slope.__code__.co_varnames[: slope.__code__.co_argcount]
    at = names.index("k") if "k" in names else None

    def steps(*args: Any) -> Any:
        if _narrow_kind(args) is None:
            return slope(*args)
        given = [_Functions(x) if i == at else _steps(x) for i, x in enumerate(args)]
        return _bare(slope(*given))

    steps.__name__ = slope.__name__
    steps.__wrapped__ = slope  # type: ignore[attr-defined]
    return steps


def by_steps(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of raw narrow arrays each ufunc of which is rounded."""

    def steps(*args: Any) -> Any:
        return _bare(function(*map(_steps, args)))

    return steps


def _names_single(value: Any) -> bool:
    return value is _SINGLE or (getattr(value, "name", None) == "float32" and not hasattr(value, "shape"))
