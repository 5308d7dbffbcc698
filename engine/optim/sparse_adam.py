"""SparseAdam, which is left out."""

from __future__ import annotations

from typing import Any

from engine.optim.optimizer import Optimizer


class SparseAdam(Optimizer):
    """Adam for sparse gradients, which this engine does not have: it raises NotImplementedError."""

    def __init__(self, params: Any, *args: Any, **kwargs: Any) -> None:
        raise NotImplementedError("SparseAdam: sparse tensors are left out of this engine; Adam takes dense gradients")
