"""SparseAdam, for gradients that this engine never has."""

from __future__ import annotations

from typing import Any

from engine.modes import enable_grad, no_grad
from engine.optim.optimizer import Optimizer
from engine.optim.options import options_of


class SparseAdam(Optimizer):
    """Adam for sparse gradients, which there are none of here: its step refuses the dense ones, as PyTorch's does."""

    def __init__(
        self,
        params: Any,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        maximize: bool = False,
    ) -> None:
        options = options_of(locals(), "lr betas eps maximize")
        for name, title in (("lr", "learning rate"), ("eps", "epsilon value")):
            if not options[name] > 0.0:
                raise ValueError(f"Invalid {title}: {options[name]}")
        super().__init__(params, options)
        held = [(i, j, p) for i, group in enumerate(self.param_groups) for j, p in enumerate(group["params"])]
        complex_params = [[i, j] for i, j, p in held if p.is_complex()]
        if complex_params:
            raise ValueError(
                f"Complex params at indices {complex_params}: SparseAdam does not support complex parameters"
            )

    @no_grad()
    def step(self, closure: Any = None) -> Any:
        """What the closure returns. RuntimeError where a parameter has a gradient, which is a dense one."""
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        if any(p.grad is not None for group in self.param_groups for p in group["params"]):
            raise RuntimeError("SparseAdam does not support dense gradients, please consider Adam instead")
        return loss
