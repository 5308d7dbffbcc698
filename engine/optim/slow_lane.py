"""The rules of the optimizers on tensors, one parameter at a time: for steps that are themselves differentiable.

A rule computes on arrays and says where each result goes. Here a *cell* stands for each array: a place that holds a
tensor, and is given another one where an array would be written to. So the same rule makes a graph, and nothing that
the graph has saved is changed.
"""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import engine
from engine import array, modes
from engine.optim.lanes import COUNTS, count_dtype
from engine.tensor import Tensor


class Cell:
    """A place for a tensor."""

    __slots__ = ("tensor",)

    def __init__(self, tensor: Any = None) -> None:
        self.tensor = tensor

    def __gt__(self, other: Any) -> Any:
        return self.tensor > other

    def __lt__(self, other: Any) -> Any:
        return self.tensor < other


def _on_cells(function: Callable[..., Any], count: int) -> Callable[..., Any]:
    """The function of tensors as NumPy's of arrays: the result goes to `out`, after the operands."""

    def call(*args: Any, out: Any = None) -> Any:
        operands = [each.tensor if isinstance(each, Cell) else each for each in args[:count]]
        out = args[count] if len(args) > count else out or Cell()
        out.tensor = function(*operands)
        return out

    return call


_UNARY = "negative positive sqrt absolute sign"
_BINARY = "add subtract multiply divide maximum minimum"
cells = SimpleNamespace(
    **{name: _on_cells(getattr(engine, name), 1) for name in _UNARY.split()},
    **{name: _on_cells(getattr(engine, name), 2) for name in _BINARY.split()},
    where=_on_cells(engine.where, 3),
)


class SlowLane:
    """One parameter with its gradient and state, as `Lane` has many."""

    xp = cells

    def __init__(self, p: Any, g: Any, state: dict[str, Any], memory: tuple[str, ...], start: dict[str, Any]) -> None:
        self.p = p
        self.g = g
        self.state = state
        self.memory = [name for name in memory if name not in COUNTS]
        self.first = not any(state.get(name) is not None for name in self.memory)
        self.rates: Any = None
        self.step = 0.0
        self.kind = p.dtype.to_real() if p.is_complex() else p.dtype
        with modes.no_grad():
            for name in memory:
                if state.get(name) is None:
                    state[name] = self._begun(name, start.get(name, 0.0))
            if "step" in memory:
                state["step"].add_(1)
                self.step = state["step"].item()

    def _begun(self, name: str, value: Any) -> Any:
        value = value.detach() if isinstance(value, Tensor) else value
        if name in COUNTS:
            return engine.tensor(float(value), dtype=array.OF_NUMPY[count_dtype()])
        if self.p.is_complex():
            return engine.full_like(self.p.detach(), complex(value, value))
        return engine.full_like(self.p.detach(), float(value))

    def number(self, value: Any) -> Any:
        """A number as a tensor that does not widen the others."""
        return value if isinstance(value, Tensor) else engine.tensor(value, dtype=self.kind, device=self.p.device)

    def count(self, name: str) -> float:
        """A number that is remembered of the parameter."""
        return self.state[name].item()

    def set_count(self, name: str, value: Any) -> float:
        """Remember another number: it, as rounded as it is remembered."""
        with modes.no_grad():
            self.state[name].fill_(value)
        return self.state[name].item()

    def multiply_count(self, name: str, factor: Any) -> float:
        """Remember a product, computed in the precision in which it is remembered: it."""
        with modes.no_grad():
            self.state[name].mul_(factor)
        return self.state[name].item()

    def run(self, optimizer: Any, group: dict[str, Any]) -> None:
        """Let the optimizer's `move` work on it."""
        held = {name: Cell(self._parts(self.state[name].clone())) for name in self.memory}
        w, g = Cell(self._parts(self.p.clone())), Cell(self._parts(self.g))
        if optimizer.rates is not None:
            self.rates = optimizer.rates(self, group)
        optimizer.move(w, g, held, (Cell(), Cell()), self, group)
        self.p.copy_(self._whole(w.tensor))
        for name, cell in held.items():
            self.state[name].copy_(self._whole(cell.tensor))

    def _parts(self, tensor: Any) -> Any:
        return engine.view_as_real(tensor) if tensor.is_complex() else tensor

    def _whole(self, tensor: Any) -> Any:
        return engine.view_as_complex(tensor) if self.p.is_complex() else tensor


class OneByOne:
    """The parameters of a group, moved one after the other, differentiably where the group says so."""

    def __init__(self, group: dict[str, Any]) -> None:
        self.group = group

    def run(self, optimizer: Any, group: dict[str, Any]) -> None:
        """Let the optimizer's `move_one` work on each that has a gradient. The options may be tensors."""
        group = self.group
        memory, start = optimizer.memory_of(group), optimizer.start_of(group)
        with modes.set_grad_enabled(bool(group.get("differentiable"))):
            for p in group["params"]:
                if getattr(p, "_grad", None) is not None:
                    optimizer.move_one(p, p._grad, optimizer.state[p], memory, start, group)
