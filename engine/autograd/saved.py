"""What a function of the user's own keeps for its way back."""

from __future__ import annotations

from typing import Any

from engine import graph
from engine.tensor import Tensor


class Saved:
    """A saved tensor: an input as it is, an output as its value, since the node must not hold its own result."""

    __slots__ = ("changed", "output", "packed", "tensor", "value")

    def __init__(self, tensor: Tensor, output: int | None) -> None:
        self.output = output
        self.tensor = None if output is not None else tensor
        self.value = tensor._array if output is not None else None
        self.changed = 0 if tensor._family is None else tensor._family.changed
        self.packed: Any = None
        if graph.saving is not None and graph.saving.stack:
            self.packed = graph.saving.packed(tensor, output is not None)
            self.tensor = self.value = None
