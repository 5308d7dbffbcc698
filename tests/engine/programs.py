"""What the files of programs share: their table, and what the programs tell of calls and values.

A program takes the library as `torch`, PyTorch to record its answers and the engine to compare, and returns what JSON
can hold.
"""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Callable
from typing import Any


class Programs(dict[str, Callable[[Any], Any]]):
    """The programs of a file, by name."""

    def add(self, function: Callable[[Any], Any]) -> Callable[[Any], Any]:
        """The decorator that registers a program under its name."""
        self[function.__name__] = function
        return function

    def answers_of(self, torch: Any, name: str) -> Any:
        """What a program returns; warnings are not its matter, unless it asks for them."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return self[name](torch)


def part(torch: Any, name: str) -> Any:
    """A module of the library, which may have to be imported first."""
    return importlib.import_module(f"{torch.__name__}.{name}")


def _kind_of(error: BaseException) -> str:
    """An error's class as Python knows it."""
    return next(each.__name__ for each in type(error).__mro__ if each.__module__ == "builtins")


def tried(call: Callable[[], Any]) -> Any:
    """What a call gives, or the class and first line of its error."""
    try:
        return call()
    except Exception as error:
        return [_kind_of(error), str(error).splitlines()[0]]


def said(call: Callable[[], Any]) -> list[str]:
    """The class and the whole text of what a call raises."""
    try:
        call()
    except Exception as error:
        return [_kind_of(error), str(error)]
    return ["nothing", ""]


def warned(call: Callable[[], Any]) -> list[list[str]]:
    """The class and first line of each warning of a call."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        tried(call)
    return [[type(w.message).__name__, str(w.message).splitlines()[0][:200]] for w in caught]


def listed(value: Any) -> Any:
    """Tensors in containers as lists."""
    if hasattr(value, "detach"):
        return value.detach().tolist()
    if isinstance(value, dict):
        return {str(k): listed(v) for k, v in value.items()}
    return [listed(v) for v in value] if isinstance(value, (tuple, list)) else value
