"""Subclasses of tensors, and what they put in the place of our functions: the protocol `__torch_function__`.

A program without such a class pays nothing. From the first one that is declared on, methods and the functions of the
public namespaces ask the types of what they are given; a class between `Tensor` and its subclasses does for attributes.
While a function of ours computes, nothing asks: what it is made of sees tensors. A class that is no tensor is asked by
the ops that it is given to, and by all functions once that has happened.
"""

from __future__ import annotations

import functools
import importlib
import sys
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from types import FunctionType, ModuleType
from typing import Any

from engine import bind
from engine.nn.parameter import Parameter
from engine.overriding_names import declined, told
from engine.places import home_of
from engine.size import Size
from engine.tensor import Tensor

_asking: ContextVar[bool] = ContextVar("asking", default=True)
modes: ContextVar[tuple[Any, ...]] = ContextVar("modes", default=())  # those that are open, the innermost last

# Where people find functions, as modules of the engine.
_SPACES = ("", ".nn.functional", ".linalg", ".fft", ".special", ".signal.windows")
# The names by which PyTorch's operators are found in `func`.
_SIGNS = {f"__{sign}__": sign for sign in ("add", "sub", "mul", "matmul", "pow", "neg", "abs")}
_SIGNS |= {f"__{sign}__": sign for sign in ("ne", "lt", "le", "gt", "ge")}
_SIGNS |= {f"__{sign}__": f"bitwise_{name}" for sign, name in (("and", "and"), ("or", "or"), ("xor", "xor"))}
_SIGNS |= {"__radd__": "add", "__rmul__": "mul", "__truediv__": "div", "__invert__": "bitwise_not"}
_SIGNS |= {"__mod__": "remainder", "__floordiv__": "floor_divide"}
_SIGNS |= {f"__i{sign}__": f"{sign}_" for sign in ("add", "sub", "mul")} | {"__itruediv__": "div_"}
_BINARY = (
    *(name for name in _SIGNS if name not in ("__neg__", "__abs__", "__invert__")), "__eq__", "__rsub__",
    "__rtruediv__", "__rpow__", "__rmatmul__", "__rfloordiv__",
)  # fmt: skip
_ALONE = ("__neg__", "__abs__", "__invert__", "__len__", "__repr__")
_TOLD = (
    *_ALONE,
    "__float__",
    "__int__",
    "__bool__",
    "__complex__",
    "__index__",
    "__format__",
)  # to modes, by any tensor
_KEEPING = ("as_subclass", "new_tensor", "set_")  # methods that ask nobody
_WITH_OTHERS = (*_BINARY, "__getitem__", "__setitem__")
_KEPT = (Tensor.grad,)  # the properties whose tensors are given as they are


class NotAsking:
    """A block in which nothing asks the protocol: `torch._C.DisableTorchFunctionSubclass`."""

    def __enter__(self) -> None:
        self.before = _asking.set(False)

    def __exit__(self, *_: Any) -> None:
        _asking.reset(self.before)


def is_asking() -> bool:
    """Whether types are asked now."""
    return _asking.get()


def disabled(func: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None) -> Any:
    """As the `__torch_function__` of a class: nothing is asked of it, and results are plain tensors."""
    return func(*args, **(kwargs or {}))


def asked_types(values: Iterable[Any]) -> list[type]:
    """The types among the arguments that are asked, subclasses first; lists and tuples are looked into."""
    found: list[type] = []
    for kind in _types(values):
        if kind not in found:
            place = next((i for i, other in enumerate(found) if issubclass(kind, other)), len(found))
            found.insert(place, kind)
    return found


def _types(values: Iterable[Any]) -> Iterator[type]:
    for value in values:
        kind = type(value)
        if kind in (list, tuple):
            yield from (type(each) for each in value if _is_asked(type(each)))
        elif _is_asked(kind):
            yield kind


def _is_asked(kind: type) -> bool:
    if issubclass(kind, Parameter) or home_of(kind).startswith("engine"):
        return False
    return getattr(kind, "__torch_function__", disabled) is not disabled


def ask(func: Callable[..., Any], kinds: list[type], args: Any, kwargs: dict[str, Any]) -> Any:
    """What the first type that does not decline makes of the call. TypeError if all do."""
    for kind in kinds:
        answer = kind.__torch_function__(func, tuple(kinds), args, told(func, kwargs))  # type: ignore[attr-defined]
        if answer is not NotImplemented:
            return answer
    raise declined(func, [f"  - tensor subclass {kind!r}" for kind in kinds], kinds)


def in_mode(func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """What the innermost mode makes of a call; what it calls itself goes to the one around it."""
    *outer, mode = modes.get()
    before = modes.set(tuple(outer))
    try:
        kinds = asked_types([*args, *kwargs.values()])
        answer = mode.__torch_function__(func, tuple(kinds), args, told(func, kwargs))
    finally:
        modes.reset(before)
    if answer is NotImplemented:
        raise declined(func, [f"  - mode object {mode!r}"], kinds, mode)
    return answer


def check_copied(tensor: Any) -> None:
    """PyTorch's error for the deep copy of a subclass that makes no empty tensors of its own kind."""
    with NotAsking():
        made = tensor.new_empty([])
    if type(made) is not type(tensor):
        raise RuntimeError(
            "The default implementation of __deepcopy__() for non-wrapper subclasses only works for subclass types "
            "that implement new_empty() and for which that function returns another instance of the same subclass. "
            "You should either properly implement new_empty() for your subclass or override __deepcopy__() if it is "
            "intended behavior for new_empty() to return an instance of a different type."
        )


def default(cls: type, func: Callable[..., Any], types: Iterable[type], args: Any, kwargs: dict[str, Any]) -> Any:
    """`Tensor.__torch_function__`: the function itself, its tensors made ones of the subclass."""
    if not all(issubclass(cls, kind) for kind in types):
        return NotImplemented
    with NotAsking():
        result = func(*args, **kwargs)
        if cls is Tensor or getattr(func, "__self__", None) in _KEPT:
            return result
        return _converted(result, cls, [*args, *kwargs.values()])


def _converted(result: Any, cls: type, given: list[Any]) -> Any:
    """Tensors, also those in lists and tuples, as ones of a subclass."""
    if isinstance(result, (tuple, list)) and not isinstance(result, Size):
        parts = [_converted(each, cls, given) for each in result]
        return type(result)(*parts) if hasattr(result, "_fields") else type(result)(parts)
    if not isinstance(result, Tensor) or isinstance(result, cls):
        return result
    if type(result) is Tensor and not any(result is each for each in given):
        result.__class__ = cls  # nobody else has it
        return result
    return result.as_subclass(cls)


class Asking:
    """A public function that asks the types of its arguments first.

    It equals the function that it took the place of, which programs may have as a key: `HANDLED[torch.mean]`.
    """

    __qualname__: str

    def __init__(self, func: Callable[..., Any]) -> None:
        functools.update_wrapper(self, func)
        self.__func = func

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if modes.get():
            return in_mode(self, args, kwargs)
        if _asking.get() and (kinds := asked_types([*args, *kwargs.values()])):
            return ask(self, kinds, args, kwargs)
        return self.__func(*args, **kwargs)

    def __eq__(self, other: object) -> bool:
        return self is other or self.__func is other

    def __hash__(self) -> int:
        return hash(self.__func)

    def __repr__(self) -> str:
        return repr(self.__func)

    def __reduce__(self) -> str:
        return self.__qualname__


def asked_in(op: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """What a type that is none of tensors makes of the call of an op that one of it was given to."""
    install()
    usual = vars(op)["op"].signature.parameters
    given = {name: value for name, value in kwargs.items() if value is not None and value is not usual[name].default}
    defaults = [each.default for each in usual.values()]
    while args and len(args) <= len(defaults) and args[-1] is defaults[len(args) - 1]:
        args = args[:-1]  # most likely not given
    return ask(_public.get(op, op), asked_types([*args, *given.values()]), args, given)


# ---- methods


def _asks_in_method(name: str, held: Callable[..., Any]) -> Callable[..., Any]:
    """A method of all tensors, asking the types of what it is given to and of what it is given."""
    func_name = _SIGNS.get(name, name)

    @functools.wraps(held)
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        if modes.get():
            return in_mode(getattr(Tensor, func_name), (self, *args), kwargs)
        if (args or kwargs or type(self) is not Tensor) and _asking.get():
            kinds = asked_types([self, *args, *kwargs.values()])
            if kinds:
                return ask(getattr(Tensor, func_name), kinds, (self, *args), kwargs)
        return held(self, *args, **kwargs)

    @functools.wraps(held)
    def operator(self: Any, other: Any) -> Any:
        if not _computes(other):
            return NotImplemented
        try:
            return method(self, other)
        except TypeError:
            if type(self) is Tensor and type(other) is Tensor:
                raise
            return NotImplemented  # the other operand may know

    made = operator if name in _BINARY else method
    made.__dict__["asks"] = True
    return made


def _told_in_method(name: str, held: Callable[..., Any]) -> Callable[..., Any]:
    """A method of all tensors that a mode, if there is one, is told of."""

    @functools.wraps(held)
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        if modes.get():
            return in_mode(getattr(Tensor, _SIGNS.get(name, name)), (self, *args), kwargs)
        return held(self, *args, **kwargs)

    method.__dict__["asks"] = True
    return method


def _of_one(name: str) -> Callable[..., Any]:
    def method(self: Any) -> Any:
        kinds = asked_types([self]) if _asking.get() else []
        return ask(getattr(Tensor, name), kinds, (self,), {}) if kinds else getattr(Tensor, name)(self)

    method.__name__ = method.__qualname__ = name
    method.__doc__ = getattr(Tensor, name).__doc__
    return method


def _computes(other: Any) -> bool:
    return isinstance(other, (int, float, complex, Tensor)) or hasattr(other, "__array__") or _is_asked(type(other))


def _property(held: property) -> property:
    def read(self: Any) -> Any:
        kinds = asked_types([self]) if _asking.get() else []
        return ask(held.__get__, kinds, (self,), {}) if kinds else held.__get__(self)

    return property(read, held.fset, held.fdel, held.__doc__)


@functools.cache
def between() -> type:
    """The class between `Tensor` and its subclasses, whose attributes and operators of one operand ask."""
    space: dict[str, Any] = {"__slots__": (), "__module__": __name__}
    for kind in reversed(Tensor.__mro__[:-1]):
        for name, value in vars(kind).items():
            if isinstance(value, property) and not name.startswith("_"):
                space[name] = _property(value)
    space.update({name: _of_one(name) for name in _ALONE})
    space["__hash__"] = Tensor.__hash__
    space["__iter__"] = lambda self: iter(self.unbind(0)) if self.ndim else Tensor.__iter__(self)
    return type("Tensor", (Tensor,), space)


def _let_methods_ask() -> None:
    """Put the asking form of each method in its place, on the class and on those that it is made of."""
    for kind in Tensor.__mro__[:-1]:
        for name, value in list(vars(kind).items()):
            asks = name in _WITH_OTHERS or not (name.startswith("_") or name in _KEEPING)
            if isinstance(value, FunctionType) and not hasattr(value, "asks"):
                if asks:
                    setattr(kind, name, _asks_in_method(name, value))
                elif name in _TOLD:
                    setattr(kind, name, _told_in_method(name, value))


def adopt(cls: type) -> None:
    """Let a new subclass of `Tensor`, and the public functions it is given to, ask the protocol."""
    if issubclass(cls, Parameter):
        return  # nobody asks parameters
    install()
    if Tensor in cls.__bases__:
        cls.__bases__ = tuple(between() if base is Tensor else base for base in cls.__bases__)


class _Told(property):
    """A property of all tensors that a mode, while there is one, is told of when a program reads or sets it."""

    held: property

    def __get__(self, tensor: Any, kind: Any = None) -> Any:
        if tensor is None:
            return self.held
        if modes.get() and _from_the_program():
            return in_mode(self.held.__get__, (tensor,), {})
        return self.held.__get__(tensor, kind)

    def __set__(self, tensor: Any, value: Any) -> None:
        if modes.get() and _from_the_program():
            in_mode(self.held.__set__, (tensor, value), {})
        else:
            self.held.__set__(tensor, value)


def _from_the_program() -> bool:
    """Whether the caller's caller is no part of this engine."""
    return not sys._getframe(2).f_globals.get("__name__", "").startswith("engine.")


def tell_of_properties(on: bool) -> None:
    """Let modes be told of properties from now on, or no longer: while there are none, reading one costs nothing."""
    for kind in Tensor.__mro__[:-1]:
        for name, value in list(vars(kind).items()):
            if on and isinstance(value, property) and not isinstance(value, _Told) and not name.startswith("_"):
                made = _Told(value.fget, value.fset, value.fdel, value.__doc__)
                made.held = value
                setattr(kind, name, made)
            elif not on and isinstance(value, _Told):
                setattr(kind, name, value.held)


# ---- functions

_ASKING_NOBODY = ("from_numpy", "is_tensor")  # which look at what they are given by themselves
_public: dict[Any, Asking] = {}  # a function of ours -> the one that asks


@functools.cache
def install() -> None:
    """Let the public functions ask from now on."""
    for space in _SPACES:
        module = importlib.import_module(f"engine{space}")
        for name in dir(module):
            value = getattr(module, name, None)
            if name in _ASKING_NOBODY:
                continue
            if not name.startswith("_") and isinstance(value, FunctionType) and _is_ours(module, value):
                if value not in _public:
                    _public[value] = made = Asking(value)
                    made.__module__, made.__qualname__ = module.__name__, name  # where a pickle finds it
                setattr(module, name, _public[value])
    bind.and_then = _refresh  # what is declared later asks, too
    _refresh()


def _refresh() -> None:
    for table in (bind.names, bind.functional, *bind.spaces.values()):
        for name, value in table.items():
            if isinstance(value, FunctionType) and name not in _ASKING_NOBODY:
                table[name] = _public.setdefault(value, Asking(value))
    _let_methods_ask()


def _is_ours(module: ModuleType, function: FunctionType) -> bool:
    home = getattr(function, "declared_in", function.__module__)
    return hasattr(function, "op") or home.startswith("engine.ops") or module.__name__ != "engine"
