"""What stands for ops that have not been declared yet: their names, by where they are found, and who declares them.

`engine/lazy_generated.py` has the tables, which `engine/lazy_made.py` makes from the declarations themselves.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

from engine import bind, dispatch, lazy_generated
from engine.tensor import Tensor


def load(family: str) -> None:
    """Declare the ops of a module of `engine.ops`, and put them where they are found."""
    importlib.import_module(f"engine.ops.{family}")
    bind.bind_new()


def asked(table: str, name: str, found: dict[str, Any]) -> Any:
    """What a name of one of the tables stands for, which its module puts in `found`. KeyError for no such name."""
    load(getattr(lazy_generated, table)[name])
    return found[name]


def load_space(space: str) -> None:
    """Declare all ops of a namespace."""
    for family in lazy_generated.SPACES.get(space, ()):
        load(family)


def install() -> None:
    """Give tensors a stand-in for each method that is not declared yet, and slopes the way to each op."""
    for name, family in lazy_generated.METHODS.items():
        if name not in vars(Tensor):
            setattr(Tensor, name, _stand_in(name, family))
    dispatch.Names.missing = _kernel


def _kernel(names: Any, name: str) -> Any:
    load((lazy_generated.ON_ARRAYS if names is dispatch.raw else lazy_generated.ON_TENSORS)[name])
    return vars(names)[name]


def _stand_in(name: str, family: str) -> Callable[..., Any]:
    def method(self: Tensor, *args: Any, **kwargs: Any) -> Any:
        load(family)
        return vars(Tensor)[name](self, *args, **kwargs)

    method.__name__ = method.__qualname__ = name
    method.__doc__ = f"`{name}`, which is declared when it is first called."
    return method
