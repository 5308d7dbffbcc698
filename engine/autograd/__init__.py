"""Gradients: `backward`, `grad`, and functions with a gradient of one's own."""

from engine.autograd.backward import backward, grad
from engine.autograd.function import Function, once_differentiable
from engine.modes import enable_grad, inference_mode, no_grad, set_grad_enabled
from engine.tensor import Tensor


class Variable:
    """The old name of a tensor: `Variable(t, requires_grad=True)` is `t`, detached."""

    def __new__(cls, data: Tensor, requires_grad: bool = False, volatile: bool = False) -> Tensor:  # type: ignore[misc]
        """The tensor."""
        return data.detach().requires_grad_(requires_grad)


__all__ = [
    "Function", "Variable", "backward", "enable_grad", "grad", "inference_mode", "no_grad", "once_differentiable",
    "set_grad_enabled",
]  # fmt: skip
