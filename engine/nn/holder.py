"""What a module holds: parameters, buffers and modules, found and registered as attributes."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from engine.nn.parameter import Buffer, Parameter, type_name
from engine.nn.registered import seen, tables
from engine.nn.state import State
from engine.places import Placed
from engine.tensor import Tensor

if TYPE_CHECKING:
    from engine.nn.module import Module


_TABLES = ("_parameters", "_modules", "_buffers")


class Holder(Placed, State):
    """The attributes of a module."""

    def __getattr__(self, name: str) -> Any:
        # Only what is not found otherwise comes here: parameters first, since each step of a model asks for them.
        held = self.__dict__
        for table in _TABLES:
            if table in held and name in held[table]:
                return held[table][name]
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")

    def __setattr__(self, name: str, value: Any) -> None:
        held = self.__dict__
        if isinstance(value, Parameter):
            self._vacate(name, "_parameters")
            self.register_parameter(name, value)
        elif name in held.get("_parameters", ()):
            self._refuse("parameter", "torch.nn.Parameter", name, value)
            held["_parameters"][name] = None
        elif isinstance(value, State):
            self._vacate(name, "_modules")
            held["_modules"][name] = seen("module", self, name, value) if tables["module"] else value
        elif name in held.get("_modules", ()):
            self._refuse("child module", "torch.nn.Module", name, value)
            held["_modules"][name] = None
        elif isinstance(value, Buffer) or name in held.get("_buffers", ()):
            if not isinstance(value, Tensor):
                self._refuse("buffer", "torch.nn.Buffer, torch.Tensor", name, value)
            self._set_buffer(name, value)
        else:
            object.__setattr__(self, name, value)

    def _set_buffer(self, name: str, value: Any) -> None:
        """Register what is assigned as a buffer, also where a subclass has its own `register_buffer`."""
        unsaved = self.__dict__.get("_non_persistent_buffers_set", ())
        persistent = value.persistent if isinstance(value, Buffer) else name not in unsaved
        register = self.register_buffer
        own = getattr(register, "__func__", None) is Holder.register_buffer
        if own or "persistent" in inspect.signature(register).parameters:
            register(name, value, persistent)
        elif persistent:
            register(name, value)
        else:
            raise RuntimeError(
                "Registering a non-persistent buffer on a Module subclass that implements register_buffer() without "
                "the persistent argument is not allowed."
            )

    def _vacate(self, name: str, table: str) -> None:
        """Make room for a name in one table: what had it elsewhere is let go."""
        held = self.__dict__
        if table not in held:
            what = {"_parameters": "parameters", "_modules": "module", "_buffers": "buffer"}[table]
            raise AttributeError(f"cannot assign {what} before Module.__init__() call")
        held.pop(name, None)
        for other in _TABLES:
            if other != table:
                held[other].pop(name, None)
        self._non_persistent_buffers_set.discard(name)

    def _refuse(self, what: str, wanted: str, name: str, value: Any) -> None:
        """The error of giving a name that is taken something else; None may take any."""
        if value is not None:
            raise TypeError(f"cannot assign '{type_name(value)}' as {what} '{name}' ({wanted} or None expected)")

    def __delattr__(self, name: str) -> None:
        for table in (self._parameters, self._buffers, self._modules):
            if name in table:
                del table[name]
                self._non_persistent_buffers_set.discard(name)
                return
        object.__delattr__(self, name)

    def __dir__(self) -> list[str]:
        own = [*object.__dir__(self), *self._parameters, *self._buffers, *self._modules]
        return sorted(name for name in own if not name[0].isdigit())

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Hold a parameter (or None, where one could be) under a name."""
        self._check_name("parameter", name, "_parameters")
        if param is not None and not isinstance(param, Parameter):
            raise TypeError(
                f"cannot assign '{type_name(param)}' object to parameter '{name}' (torch.nn.Parameter or None required)"
            )
        if param is not None and param.grad_fn is not None:
            raise ValueError(
                f"Cannot assign non-leaf Tensor to parameter '{name}'. Model parameters must be created explicitly. To "
                f"express '{name}' as a function of another Tensor, compute the value in the forward() method."
            )
        watched = param is not None and tables["parameter"]
        self._parameters[name] = seen("parameter", self, name, param) if watched else param

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Hold a tensor that is part of the state and not learned; one that is not `persistent` is not saved."""
        self._check_name("buffer", name, "_buffers")
        if tensor is not None and not isinstance(tensor, Tensor):
            raise TypeError(
                f"cannot assign '{type_name(tensor)}' object to buffer '{name}' (torch Tensor or None required)"
            )
        self._buffers[name] = seen("buffer", self, name, tensor) if tables["buffer"] else tensor
        (self._non_persistent_buffers_set.discard if persistent else self._non_persistent_buffers_set.add)(name)

    def add_module(self, name: str, module: Module | None) -> None:
        """Hold a module under a name."""
        if module is not None and not isinstance(module, State):
            raise TypeError(f"{type_name(module)} is not a Module subclass")
        self._check_name("module", name, "_modules")
        self._modules[name] = seen("module", self, name, module) if tables["module"] else module

    register_module = add_module

    def _check_name(self, kind: str, name: str, table: str) -> None:
        if "_parameters" not in self.__dict__:
            raise AttributeError(f"cannot assign {kind} before Module.__init__() call")
        if not isinstance(name, str):
            raise TypeError(f"{kind} name should be a string. Got {type_name(name)}")
        if "." in name:
            got = f", got: {name}" if kind == "module" else ""
            raise KeyError(f'{kind} name can\'t contain "."{got}')
        if name == "":
            raise KeyError(f'{kind} name can\'t be empty string ""')
        if name not in getattr(self, table) and hasattr(self, name):
            raise KeyError(f"attribute '{name}' already exists")
