"""Where PyTorch keeps a class: the module that `print(type(x))` shows, which is seldom the file that holds ours.

A class that is renamed so can no longer be found by its name where the engine is used under its own; what is pickled of
its objects says the file instead.
"""

from __future__ import annotations

import importlib
from types import FunctionType
from typing import Any, TypeVar

Kind = TypeVar("Kind", bound=type)

# Files and folders of ours by PyTorch's module; all others are in the module of the file's own name.
_MOVED = {
    "engine.tensor": "torch", "engine.array": "torch", "engine.size": "torch", "engine.limits": "torch",
    "engine.formats": "torch",
    "engine.nn.parameter": "torch.nn.parameter", "engine.nn.uninitialized": "torch.nn.parameter",
    "engine.random": "torch._C", "engine.modes": "torch.autograd.grad_mode", "engine.hooks": "torch.utils.hooks",
    "engine.optim.lr_scheduler": "torch.optim.lr_scheduler", "engine.utils.data.iterators":
    "torch.utils.data.dataloader", "engine.ops": "torch.return_types",
}  # fmt: skip
_APART = ("engine.nn.utils.", "engine.nn.parallel.", "engine.nn.parameter.", "engine.nn.uninitialized.")
_homes: dict[type, str] = {}


def place_of(cls: type) -> str:
    """PyTorch's module of a class of ours."""
    home = cls.__module__
    if home.startswith("engine.nn.") and not f"{home}.".startswith(_APART):
        from engine.nn.places import OF_NAME

        return f"torch.nn.modules.{OF_NAME.get(cls.__name__, home.rpartition('.')[2])}"
    if home.startswith("engine.distributions."):
        return f"torch.distributions.{_distribution(cls.__name__) or home.rpartition('.')[2]}"
    above = home
    while above and above not in _MOVED:
        above = above.rpartition(".")[0]
    return _MOVED[above] if above else "torch" + home.removeprefix("engine")


def _distribution(name: str) -> str | None:
    """The module of a distribution: its name in small letters, if perhaps with underscores."""
    from engine.distributions.places import PLACES

    name = name.removesuffix("StraightThrough").replace("OneHotCategorical", "Categorical", name[0] == "R").lower()
    return next((place for place in PLACES if place.replace("_", "").lower() == name), None)


def placed(cls: Kind) -> Kind:
    """A class of ours, shown from now on as PyTorch shows it; a program's own class as it is."""
    if cls.__dict__.get("__module__", "").startswith("engine."):  # absent where there is no file
        _homes[cls] = cls.__module__
        cls.__module__ = place_of(cls)
    return cls


_told: set[Any] = set()


def tell_homes(home: str, offers: dict[str, Any]) -> None:
    """Let functions name the module where programs find them, as pickles have it, and not where they are declared."""
    for name, call in offers.items():
        if isinstance(call, FunctionType) and call not in _told:
            _told.add(call)
            call.declared_in = call.__module__  # type: ignore[attr-defined]
            call.__module__, call.__qualname__ = home, name


def key_of(cls: type) -> Any:
    """What a pickle says of a class instead of its name: (file, name) of one that is shown elsewhere."""
    home = _homes.get(cls)
    return cls if home is None else (home, cls.__qualname__)


def class_of(key: Any) -> Any:
    """The class of such a key."""
    return getattr(importlib.import_module(key[0]), key[1]) if key.__class__ is tuple else key


def home_of(cls: Any) -> Any:
    """The module of ours that holds a class; of any other class, its own."""
    return _homes.get(cls) or getattr(cls, "__module__", "")


def made_again(key: Any, *args: Any) -> Any:
    """A bare object of a class by its key, for a pickle to fill."""
    cls = class_of(key)
    return cls.__new__(cls, *args)


def built(key: Any, *args: Any) -> Any:
    """An object of a class by its key, from the arguments of the class."""
    return class_of(key)(*args)


class Placed:
    """Base of the classes that are shown where PyTorch keeps them, they and those of ours derived from them."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        placed(cls)

    def __reduce_ex__(self, protocol: Any) -> Any:
        made = super().__reduce_ex__(protocol)
        if type(self) not in _homes or not isinstance(made, tuple) or made[0].__name__ != "__newobj__":
            return made
        return (made_again, (key_of(type(self)), *made[1][1:]), *made[2:])
