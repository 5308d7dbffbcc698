"""How tensors and what goes with them stand in PyTorch's files, and how they are made again from there."""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import sys
from collections import Counter, OrderedDict, defaultdict, deque
from enum import Enum
from pickle import PicklingError
from types import BuiltinFunctionType, FunctionType, SimpleNamespace
from typing import Any

import numpy as np

from engine import array, formats, memory, places
from engine.family import own
from engine.hooks import warn_of_hooks
from engine.pickling import Call, Name, Stored, refused
from engine.size import Size
from engine.storage import TypedStorage, UntypedStorage
from engine.tensor import Tensor, wrap

# What PyTorch wrote before it gave storages of these their own names.
_UNNAMED = (array.uint16, array.uint32, array.uint64)
_STORAGES = {f"{title}Storage": dtype for dtype, title in array.TITLES.items() if dtype not in _UNNAMED}


class Kept:
    """The storages of an object that is being saved: each is written once, under a number.

    In the layout before the zip a storage is said, besides, to be no view of another.
    """

    def __init__(self, old: bool = False) -> None:
        self.more = (None,) if old else ()
        self.flats: list[Any] = []
        self.keys: dict[int, str] = {}
        self.kinds: dict[int, Any] = {}

    def key_of(self, flat: Any) -> str:
        """The number of a storage, as text."""
        address = memory.address_of(flat)
        if flat.size and self.kinds.setdefault(address, flat.dtype) != flat.dtype:
            raise RuntimeError("Cannot save multiple tensors or storages that view the same data as different types")
        if flat.size == 0 or address not in self.keys:
            self.keys[address] = str(len(self.flats))
            self.flats.append(flat)
        return self.keys[address]

    def describe(self, value: Any) -> Any:
        """A Name, Stored or Call for an object that is not plain data; None where there is none."""
        if isinstance(value, Tensor):
            return self._tensor(value)
        if isinstance(value, TypedStorage):
            return self._storage(value._flat, Name("torch", f"{array.TITLES[value.dtype]}Storage"))
        if isinstance(value, UntypedStorage):
            return self._storage(value._flat, Name("torch.storage", "UntypedStorage"))
        if isinstance(value, array.dtype):
            return Name("torch", value.name)
        if isinstance(value, formats.layout):
            return Call(Name("torch.serialization", "_get_layout"), (str(value),))
        if isinstance(value, Size):
            return Call(Name("torch", "Size"), (tuple(value),))
        if isinstance(value, array.device):
            return Call(Name("torch", "device"), value.__reduce__()[1][1:])
        name = getattr(value, "__name__", "")
        if _is_function(value) and _functional().get(name) == value:
            return Name("torch.nn.functional", name)
        if isinstance(value, (type, BuiltinFunctionType)) or _is_function(value):
            if "<locals>" in value.__qualname__:
                raise AttributeError(f"Can't pickle local object {value.__qualname__!r}")
            if name == "<lambda>":
                where = value.__module__ or "__main__"
                raise PicklingError(f"Can't pickle {value}: attribute lookup <lambda> on {where} failed")
            return Name(_outside(value.__module__ or "builtins"), value.__qualname__)
        return _by_reduction(value)

    def _storage(self, flat: Any, kind: Name) -> Stored:
        where = str(array.device_of(flat))
        return Stored("storage", kind, self.key_of(flat), where, flat.size, *self.more)

    def _tensor(self, t: Tensor) -> Call:
        warn_of_hooks(t)
        x = own(t)
        if t.is_meta:
            facts = (t.dtype, tuple(x.shape), memory.steps_of(x), t.requires_grad)
            return Call(Name("torch._utils", "_rebuild_meta_tensor_no_storage"), facts)
        flat, steps, offset = memory.storage_of(x), memory.steps_of(x), memory.offset_of(x)
        geometry: tuple[Any, ...] = (offset, tuple(x.shape), steps, t.requires_grad, OrderedDict())
        if t.dtype in _UNNAMED:
            kept = self._storage(flat.view(np.uint8), Name("torch.storage", "UntypedStorage"))
            made = Call(Name("torch._utils", "_rebuild_tensor_v3"), (kept, *geometry, t.dtype))
        else:
            kept = self._storage(flat, Name("torch", f"{array.TITLES[t.dtype]}Storage"))
            made = Call(Name("torch._utils", "_rebuild_tensor_v2"), (kept, *geometry))
        if type(t).__name__ == "Parameter":
            plain = _Plain(made.function, (*made.args[:4], False, OrderedDict()))
            made = Call(Name("torch._utils", "_rebuild_parameter"), (plain, t.requires_grad, OrderedDict()))
        if t.__dict__ or type(t).__name__ not in ("Parameter", "Tensor"):
            first = (made.function, Name(type(t).__module__, type(t).__qualname__))
            return Call(Name("torch._tensor", "_rebuild_from_type_v2"), (*first, made.args, dict(t.__dict__)))
        return made


class _Plain(Call):
    """The tensor under a parameter, as a call within a call."""

    __slots__ = ()


_UTILS = "engine.nn.utils."


def _outside(module: str) -> str:
    if module.startswith(_UTILS):
        module = module.removesuffix("_hook")  # files whose name without it is a function here
    if module == "builtins":
        return "__builtin__"  # as Python 2, whose protocol this is, calls it
    return "torch" + module.removeprefix("engine") if module == "engine" or module.startswith("engine.") else module


def _by_reduction(value: Any) -> Any:
    """Any other object as what makes it again, as Python's own pickle would have it."""
    if value.__class__ is _Plain:
        return Call(value.function, value.args)
    made = value.__reduce_ex__(2)
    if isinstance(made, str):
        return Name(_outside(getattr(value, "__module__", "builtins")), made)
    function, args, *rest = made
    state, items, pairs = (*rest[:3], None, None, None)[:3]
    if function in (places.made_again, places.built):
        cls, *more = args
        function, args = places.class_of(cls), tuple(more)
        if made[0] is places.made_again:
            return Call(Name("copy_reg", "__newobj__"), (function, *args), state, pairs, items)
    if function.__name__ == "__newobj__":
        return Call(Name("copy_reg", "__newobj__"), args, state, pairs, items)
    return Call(Name(_outside(function.__module__), function.__qualname__), args, state, pairs, items)


# ---- and back


def tensor(storage: Any, offset: int, size: Any, stride: Any, *_: Any) -> Tensor:
    """A tensor over a storage."""
    return wrap(memory.laid_over(storage._flat, size, stride, offset))


def tensor_v2(storage: Any, offset: int, size: Any, stride: Any, requires_grad: bool, *_: Any) -> Tensor:
    """The same, with whether it needs a gradient."""
    made = tensor(storage, offset, size, stride)
    made.requires_grad = requires_grad
    return made


def tensor_on_meta(dtype: Any, size: Any, stride: Any, requires_grad: bool) -> Tensor:
    """A tensor of the meta device, of which no storage is kept."""
    flat = array.module_for("meta").zeros(memory.extent(size, stride), dtype.numpy)
    return tensor_v2(TypedStorage._over(flat), 0, size, stride, requires_grad)


def tensor_v3(storage: Any, offset: int, size: Any, stride: Any, grad: bool, hooks: Any, dtype: Any, *_: Any) -> Tensor:
    """The same, with a dtype of its own."""
    typed = TypedStorage._over(storage._flat.view(dtype.numpy))
    return tensor_v2(typed, offset, size, stride, grad)


def parameter(data: Any, requires_grad: bool, *_: Any) -> Tensor:
    """A parameter over a tensor."""
    from engine.nn.parameter import Parameter

    return Parameter(data, requires_grad)


def parameter_with_state(data: Any, requires_grad: bool, hooks: Any, state: Any) -> Tensor:
    """The same, with what was set on it."""
    made = parameter(data, requires_grad)
    made.__dict__.update(state)
    return made


def from_type(function: Any, kind: Any, args: Any, state: Any) -> Any:
    """A tensor with what was set on it, of its class."""
    made = function(*args)
    if isinstance(kind, type) and not isinstance(made, kind):
        made = made.as_subclass(kind)
    if isinstance(state, dict):
        made.__dict__.update(state)
    return made


def _layout(name: str) -> Any:
    return next(each for each in vars(formats).values() if isinstance(each, formats.layout) and str(each) == name)


def _encoded(text: str, encoding: str) -> bytes:
    return text.encode(encoding)


def _allowed() -> dict[str, Any]:
    from engine.nn.parameter import Parameter

    table: dict[str, Any] = {
        "collections.OrderedDict": OrderedDict, "collections.Counter": Counter, "torch.Size": Size,
        "torch.device": array.device, "torch.Tensor": Tensor, "torch.nn.parameter.Parameter": Parameter,
        "_codecs.encode": _encoded, "builtins.bytearray": bytearray, "builtins.set": set, "builtins.complex": complex,
        "torch._utils._rebuild_tensor": tensor, "torch._utils._rebuild_tensor_v2": tensor_v2,
        "torch._utils._rebuild_tensor_v3": tensor_v3, "torch._utils._rebuild_meta_tensor_no_storage": tensor_on_meta,
        "torch._utils._rebuild_parameter": parameter,
        "torch._utils._rebuild_parameter_with_state": parameter_with_state,
        "torch._tensor._rebuild_from_type_v2": from_type,
        "torch.serialization._get_layout": _layout,
        "torch.storage.UntypedStorage": array.uint8,
    }  # fmt: skip
    table.update({f"torch.{dtype.name}": dtype for dtype in array.DTYPES})
    table.update({f"torch.{name}": dtype for name, dtype in _STORAGES.items()})
    return table


_table: dict[str, Any] = {}
# Plain data that trusted files may hold besides: what optimizers do, settings of programs.
_DATA: dict[str, Any] = {
    "collections.defaultdict": defaultdict, "builtins.dict": dict, "builtins.list": list, "collections.deque": deque,
    "builtins.range": range, "builtins.frozenset": frozenset, "builtins.slice": slice,
    "builtins.Ellipsis": Ellipsis, "argparse.Namespace": argparse.Namespace, "types.SimpleNamespace": SimpleNamespace,
}  # fmt: skip


def known_names() -> set[str]:
    """The names in files that always stand for something."""
    return {*_allowed(), "torch._tensor._rebuild_from_type_v2"}


# What NumPy's arrays and numbers are made by, under their names before and since NumPy 2.
_ARRAYS: dict[str, Any] = {
    f"numpy.{core}.multiarray.{made.__name__}": made
    for core in ("core", "_core")
    for made in (np._core.multiarray._reconstruct, np._core.multiarray.scalar)  # type: ignore[attr-defined]
} | {"numpy.ndarray": np.ndarray, "numpy.dtype": np.dtype}


class Names:
    """What names in a file stand for: PyTorch's own and those in `safe`.

    With `modules` also classes of modules, optimizers and schedules, and what arrays are made by. Only what stands in
    the tables, and such classes, is ever called.
    """

    def __init__(self, safe: dict[str, Any], modules: bool) -> None:
        _table.update(_table or _allowed())
        self.safe = {**safe, **_DATA} if modules else safe
        self.modules = modules

    def __call__(self, module: str, name: str) -> Any:
        """What a name stands for; UnpicklingError where it is not allowed."""
        whole = f"{module}.{name}"
        for names in self._tables():
            if whole in names:
                return names[whole]
        found = _of_modules(module, name) if self.modules else None
        if found is None:
            raise refused(module, name)
        return found

    def calls(self, function: Any) -> bool:
        """Whether a pickle may call it, or make an object of it."""
        if any(each is function for names in self._tables() for each in names.values()):
            return callable(function) and function not in (np.ndarray, _Compiled)  # which are but named
        return self.modules and (_is_module_class(function) or (_is_own(function) and issubclass(function, Enum)))

    def makes(self, kind: Any) -> bool:
        """Whether a pickle may make a bare object of a class."""
        return self.calls(kind) or (self.modules and _is_own(kind))

    def builds(self, target: Any) -> bool:
        """Whether a pickle may set the object's attributes."""
        if isinstance(target, (Tensor, OrderedDict)) or any(type(target) is each for each in self.safe.values()):
            return True
        known = isinstance(target, (np.ndarray, np.dtype)) or _is_own(type(target))
        return self.modules and (_is_module_class(type(target)) or known)

    def _tables(self) -> tuple[dict[str, Any], ...]:
        return (_table, self.safe, _ARRAYS, _BY_NAME) if self.modules else (_table, self.safe)


def _is_module_class(kind: Any) -> bool:
    from engine.nn import Module
    from engine.optim import Optimizer
    from engine.optim.lr_scheduler import LRScheduler

    if not isinstance(kind, type):
        return False
    hooks = places.home_of(kind).startswith("engine.nn.utils.")  # which modules hold
    return hooks or issubclass(kind, (Module, Optimizer, LRScheduler))


def _is_own(kind: Any) -> bool:
    """Whether it is a class that the program itself has made: of such a trusted file may hold bare objects."""
    return isinstance(kind, type) and kind.__module__ == "__main__"


def _of_modules(module: str, name: str) -> Any:
    """A class of modules that is imported already, one of the program's own, or a function."""
    home = "engine" + module.removeprefix("torch") if module.partition(".")[0] == "torch" else module
    if home.startswith("engine.nn.modules."):
        importlib.import_module("engine.nn.modules")
    if home.startswith(_UTILS) and "." not in home.removeprefix(_UTILS):
        for file in (f"{home}_hook", home):
            if importlib.util.find_spec(file):
                home = importlib.import_module(file).__name__
                break
    found: Any = sys.modules.get(home)
    function = _function_at(home, name)
    if function is not None:
        return function
    for part in name.split("."):
        found = getattr(found, part, None)
    return found if _is_module_class(found) or _is_own(found) else None


_SPACES = ("linalg", "fft", "special")


def _function_at(home: str, name: str) -> Any:
    """A function of tensors or modules, which a pickle may hold and never calls; None for anything else."""
    from engine import bind, lazy_generated

    if home.startswith("engine._C._"):  # where PyTorch has linalg.norm as _linalg.linalg_norm
        space = home.removeprefix("engine._C._")
        home = f"engine.{space}" if space in _SPACES else "engine.nn.functional"
        name = name.removeprefix(f"{space}_")
    if home == "engine":
        known = name in bind.names or name in lazy_generated.NAMES
    else:
        known = home.startswith("engine.nn.") or home.removeprefix("engine.") in _SPACES
    try:
        found = getattr(importlib.import_module(home), name, None) if known else None
    except ImportError:
        return None
    return found if _is_function(found) else None


class _Compiled:
    """What PyTorch's pickles ask for the functions that are compiled there."""


def _function_of(holder: Any, name: str) -> Any:
    """`getattr`, of such a holder alone."""
    found = _function_at("engine", name) if holder is _Compiled else None
    if found is None:
        raise refused("builtins", "getattr")
    return found


_BY_NAME: dict[str, Any] = {"__builtin__.getattr": _function_of, "builtins.getattr": _function_of}
_BY_NAME["torch._C._VariableFunctionsClass"] = _Compiled


def _is_function(value: Any) -> bool:
    from engine.overriding import Asking

    return isinstance(value, (FunctionType, Asking))


def _functional() -> dict[str, Any]:
    from engine import bind

    return bind.functional
