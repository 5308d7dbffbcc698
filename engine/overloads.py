"""Signatures of long ago that PyTorch still takes: `p.data.add_(-lr, grad)`, the factor before the tensors."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import Any

from engine import array

# Method -> the keyword that the number before the tensors means, and the tensors.
NUMBER_FIRST = {
    "add": ("alpha", ("other",)), "sub": ("alpha", ("other",)), "addcmul": ("value", ("tensor1", "tensor2")),
    "addcdiv": ("value", ("tensor1", "tensor2")),
}  # fmt: skip


class _Warned:
    once = False


def number_first(method: Callable[..., Any], name: str) -> Callable[..., Any]:
    """The method, taking the number also as its first argument."""
    keyword, tensors = NUMBER_FIRST[name.removesuffix("_")]
    count = 1 + len(tensors)

    @functools.wraps(method)
    def taking(self: Any, *args: Any, **kwargs: Any) -> Any:
        if len(args) == count and isinstance(args[0], (int, float, complex)):
            _warn(name, keyword, tensors)
            return method(self, *args[1:], **{keyword: args[0]}, **kwargs)
        return method(self, *args, **kwargs)

    return taking


def _warn(name: str, keyword: str, tensors: tuple[str, ...]) -> None:
    """Say so, once a process as PyTorch does."""
    if not _Warned.once:
        _Warned.once = True
        given = ", ".join(f"Tensor {each}" for each in tensors)
        warnings.warn(
            f"This overload of {name} is deprecated:\n\t{name}(Number {keyword}, {given})\nConsider using one of the "
            f"following signatures instead:\n\t{name}({given}, *, Number {keyword} = 1)",
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
