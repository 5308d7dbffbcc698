"""What the learner calls things: variables that hold tensors, and the paths of modules and parameters."""

from __future__ import annotations

from collections.abc import Iterator
from types import FrameType
from typing import Any

from engine import nn
from engine.tensor import Tensor
from playground.protocol.values import Module

_WIDE = 64  # entries of a list, dictionary or object that are looked at


class Variables:
    """The variables of some scopes, innermost first: what each tensor and module is called."""

    def __init__(self, scopes: list[dict[str, Any]]) -> None:
        self.names: dict[int, str] = {}  # of tensors, by the id of the edge, and of modules
        self.modules: list[tuple[str, Any]] = []
        self.values: list[Any] = []
        for scope in scopes:
            for name, value in list(scope.items()):
                if not name.startswith("__"):
                    self._take(name, value)
                    self.values.append(value)
        for scope in scopes:
            for name, value in list(scope.items()):
                if not name.startswith("__"):
                    for inner, each in _inside(name, value):
                        self._take(inner, each)

    def _take(self, name: str, value: Any) -> None:
        if isinstance(value, Tensor):
            self.names.setdefault(id(value._node if value._node is not None else value), name)
        elif isinstance(value, nn.Module) and id(value) not in self.names:
            self.names[id(value)] = name
            self.modules.append((name, value))


def _inside(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, (list, tuple)):
        for i, each in enumerate(value[:_WIDE]):
            yield f"{name}[{i}]", each
    elif isinstance(value, dict):
        for key, each in list(value.items())[:_WIDE]:
            if isinstance(key, (str, int)):
                yield f"{name}[{key!r}]", each
    elif type(value).__module__ == "__main__" and not isinstance(value, (nn.Module, type)):
        for key, each in list(getattr(value, "__dict__", {}).items())[:_WIDE]:
            yield f"{name}.{key}", each
            if isinstance(each, (list, tuple, dict)):
                yield from _inside(f"{name}.{key}", each)


def in_sight(frames: list[FrameType]) -> Variables:
    """The variables that can be seen from some frames of the learner's code, innermost first."""
    scopes = [frame.f_locals for frame in frames]
    return Variables([*scopes, frames[-1].f_globals] if frames else [])


class Models:
    """The learner's models: the outermost modules that were called, and the paths within them.

    A single model's paths are those of `named_modules()`; where several have parameters, each path begins with the
    model's variable. What a path was when it was first told, it stays.
    """

    def __init__(self) -> None:
        self._called: dict[int, Any] = {}
        self._tops: dict[int, tuple[str, Any]] = {}  # id -> (prefix, module), in the order in which they were met
        self._paths: dict[int, str] = {}
        self._tensors: dict[int, str] = {}
        self.parameters: dict[str, Any] = {}
        self._size = -1

    def called(self, module: Any) -> None:
        """A module was called by the program itself, not by another module."""
        self._called.setdefault(id(module), module)

    @property
    def unsettled(self) -> bool:
        """Whether a module has been called since the names were settled."""
        return len(self._called) != self._size

    def settle(self, variables: Variables) -> None:
        """Find the models of the modules called, and give them their paths."""
        self._size = len(self._called)
        owners = [(name, model, {id(each) for each in model.modules()}) for name, model in variables.modules]
        owners.sort(key=lambda owner: -len(owner[2]))
        fresh: dict[int, tuple[str, Any]] = {}
        for module in self._called.values():
            if id(module) in self._paths:
                continue
            own = variables.names.get(id(module), type(module).__name__)
            name, top = next(((n, m) for n, m, inside in owners if id(module) in inside), (own, module))
            if id(top) not in self._tops:
                fresh.setdefault(id(top), (name, top))
        weighty = [top for _, top in fresh.values() if next(iter(top.parameters()), None) is not None]
        alone = len(weighty) == 1 and not any(
            next(iter(top.parameters()), None) is not None for _, top in self._tops.values()
        )
        for name, top in fresh.values():
            prefix = "" if alone and top is weighty[0] else name
            self._tops[id(top)] = (prefix, top)
            for path, module in top.named_modules():
                self._paths.setdefault(id(module), _joined(prefix, path))
        self.refresh()

    def refresh(self) -> None:
        """Read the parameters and buffers of the models anew: a program may replace them."""
        self._tensors.clear()
        self.parameters.clear()
        for prefix, top in self._tops.values():
            for name, parameter in top.named_parameters():
                if id(parameter) not in self._tensors:
                    self._tensors[id(parameter)] = _joined(prefix, name)
                    self.parameters[_joined(prefix, name)] = parameter
            for name, buffer in top.named_buffers():
                self._tensors.setdefault(id(buffer), _joined(prefix, name))

    def path(self, module: Any) -> str:
        """The path of a module; "" for the model itself, for none, and for one that belongs to no model."""
        return self._paths.get(id(module), "")

    def name(self, tensor: Any) -> str | None:
        """The path of a parameter or buffer."""
        return self._tensors.get(id(tensor))

    def tree(self) -> list[Module]:
        """The models as the page nests them."""
        return [_tree(prefix, top, set()) for prefix, top in self._tops.values()]


def _tree(path: str, module: Any, seen: set[int]) -> Module:
    seen.add(id(module))
    children = [(name, child) for name, child in module.named_children() if id(child) not in seen]
    return Module(
        path=path,
        kind=type(module).__name__,
        children=[_tree(_joined(path, name), child, seen) for name, child in children],
    )


def _joined(prefix: str, name: str) -> str:
    return f"{prefix}.{name}" if prefix and name else prefix or name
