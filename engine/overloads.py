"""Signatures of long ago that PyTorch still takes: `p.data.add_(-lr, grad)`, the factor before the tensors."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import Any

from engine import array, deprecated

# Method -> the keyword that the number before the tensors means, and the tensors.
NUMBER_FIRST = {
    "add": ("alpha", ("other",)), "sub": ("alpha", ("other",)), "addcmul": ("value", ("tensor1", "tensor2")),
    "addcdiv": ("value", ("tensor1", "tensor2")),
}  # fmt: skip


class _Warned:
    once = False


# Sums with products, whose factors stood before what they scale: `addmm(beta, input, alpha, mat1, mat2)`.
PRODUCTS = ("addbmm", "addmm", "addmv", "addr", "baddbmm")


def number_first(call: Callable[..., Any], name: str, method: bool = True) -> Callable[..., Any]:
    """The method or function, taking the number also before the tensors."""
    keyword, tensors = NUMBER_FIRST[name.removesuffix("_")]
    count = 2 + len(tensors)

    @functools.wraps(call)
    def taking(*args: Any, **kwargs: Any) -> Any:
        if len(args) == count and isinstance(args[1], (int, float, complex)):
            _warn(name, keyword, tensors, method)
            return call(args[0], *args[2:], **{keyword: args[1]}, **kwargs)
        return call(*args, **kwargs)

    return taking


def factors_first(call: Callable[..., Any], method: bool) -> Callable[..., Any]:
    """A sum with a product, taking its one or two factors also as arguments without a name."""

    @functools.wraps(call)
    def taking(*args: Any, **kwargs: Any) -> Any:
        if len(args) < 4:
            return call(*args, **kwargs)
        given = [args[1], args[0], *args[2:]] if method else list(args)  # now the function's order
        if not isinstance(given[0], (int, float, complex)):
            return call(*args, **kwargs)
        beta, input, *rest = given
        alpha = rest.pop(0) if len(rest) == 3 else 1
        if len(rest) == 2:
            _warn(call.__name__, "beta", ("mat1", "mat2"), method)
        return call(input, *rest, beta=beta, alpha=alpha, **kwargs)

    return taking


def _warn(name: str, keyword: str, tensors: tuple[str, ...], method: bool) -> None:
    """Say so, once a process as PyTorch does."""
    if not _Warned.once or deprecated.Always.on:
        _Warned.once = True
        given = ", ".join(f"Tensor {each}" for each in tensors)
        first, out = ("", "") if method else ("Tensor input, ", ", Tensor out = None")
        old = f"{first}Number {keyword}, {given}{', *' * (not method)}{out}"
        warnings.warn(
            f"This overload of {name} is deprecated:\n\t{name}({old})\nConsider using one of the following signatures "
            f"instead:\n\t{name}({first}{given}, *, Number {keyword} = 1{out})",
            UserWarning,
            stacklevel=3,
        )


def third(name: str, given: Any, dtype: Any) -> Any:
    """The dtype, which comes third but in `nn.functional`, where a number that means nothing any more does."""
    if isinstance(given, array.dtype):
        return given
    if not isinstance(given, int):
        raise TypeError(f"{name}(): argument 'dtype' (position 2) must be torch.dtype, not {type(given).__name__}")
    return dtype


# Functions that take as one list what their methods also take one by one: `a.permute(1, 0)`, `permute(a, (1, 0))`.
LISTS = {"broadcast_to": "size", "flip": "dims", "permute": "dims", "reshape": "shape", "tile": "dims"}


def listing(call: Callable[..., Any], word: str) -> Callable[..., Any]:
    """The function, whose sizes or axes must be a list."""
    name = call.__name__

    @functools.wraps(call)
    def taking(input: Any, *args: Any, **kwargs: Any) -> Any:
        if not args and word not in kwargs:
            raise TypeError(f'{name}() missing 1 required positional arguments: "{word}"')
        if len(args) > 1:
            raise TypeError(f"{name}() takes 2 positional arguments but {1 + len(args)} were given")
        if args and isinstance(args[0], (int, float)):
            kind = type(args[0]).__name__
            raise TypeError(f"{name}(): argument '{word}' (position 2) must be tuple of ints, not {kind}")
        return call(input, *args, **kwargs)

    return taking


def with_dim(call: Callable[..., Any]) -> Callable[..., Any]:
    """The function, its axis having to be named."""

    @functools.wraps(call)
    def naming(input: Any, *args: Any, **kwargs: Any) -> Any:
        if not args and "dim" not in kwargs and "axis" not in kwargs:
            raise TypeError(f'{call.__name__}() missing 1 required positional arguments: "dim"')
        return call(input, *args, **kwargs)

    return naming
