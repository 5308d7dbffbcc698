"""Sizes as programs give them, `f(2, 3)` or `f((2, 3))`, and what PyTorch says of those that are none."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

from engine.errors import class_name, wrong_call


def sizes_of(sizes: Sequence[Any], name: str, parameter: str = "size", position: int = 1) -> tuple[int, ...]:
    """The sizes as ints; TypeError in PyTorch's words for what is none.

    `name` is the function's, `parameter` what it calls its sizes and `position` where they stand in a call.
    """
    given = sizes
    if len(sizes) == 1 and isinstance(sizes[0], (tuple, list)):
        sizes = sizes[0]
    try:
        if sizes and sizes[0].__class__ is bool:
            raise TypeError
        return tuple([n if n.__class__ is int else operator.index(n) for n in sizes])
    except TypeError:
        raise _wrong_sizes(name, parameter, position, given) from None


def given_sizes(sizes: Sequence[Any], named: Any, name: str, parameter: str = "size") -> tuple[int, ...]:
    """The sizes given plainly, or by name if `named` is not None; TypeError where there are none."""
    if named is not None:
        return sizes_of((named,), name, parameter)
    if not sizes:
        raise missing(name, parameter)
    return sizes_of(sizes, name, parameter)


def missing(name: str, parameter: str) -> TypeError:
    """PyTorch's error for a call without sizes."""
    return TypeError(f'{name}() missing 1 required positional arguments: "{parameter}"')


def _is_integer(n: Any, place: int) -> bool:
    """Whether it passes for one at this place: a bool does, but for the first, and a tensor of one integer."""
    try:
        operator.index(n)
    except TypeError:
        return False
    return place > 0 or n.__class__ is not bool


def _wrong_sizes(name: str, parameter: str, position: int, given: Sequence[Any]) -> TypeError:
    """PyTorch's error for sizes of which one is no integer; a line of ours tells of the commonest slip."""
    inside = len(given) == 1 and isinstance(given[0], (tuple, list))
    sizes = given[0] if inside else given
    place = next(i for i, n in enumerate(sizes) if not _is_integer(n, i))
    wrong = sizes[place]
    said = _sentence(name, parameter, position, given, place, inside)
    if wrong.__class__ is float:
        said += f"\nA size must be a whole number, not {wrong!r}: `/` gives a float, `//` an int."
    return TypeError(said)


def _sentence(name: str, parameter: str, position: int, given: Sequence[Any], place: int, inside: bool) -> str:
    """What PyTorch says of the size at a place, of those given in a row or `inside` one tuple."""
    sizes = given[0] if inside else given
    kind = class_name(sizes[place])
    if place:
        return (
            f"{name}(): argument '{parameter}' failed to unpack the object at pos {place + 1} with error "
            f'"type must be tuple of ints,but got {kind}"'
        )
    if name == "view":
        return str(wrong_call(name, given, "(torch.dtype dtype)", f"(tuple of ints {parameter})")).rstrip()
    where = f"{name}(): argument '{parameter}' (position {position}) must be tuple of ints"
    if inside:
        return f"{where}, but found element of type {kind} at pos 0"
    if len(sizes) > 1 and position == 1:
        return f"{name}() takes 1 positional argument but {len(sizes)} were given"
    return f"{where}, not {kind}"
