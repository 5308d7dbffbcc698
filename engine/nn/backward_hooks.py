"""The hooks that a module runs on the way back, between two identities put around its `forward`."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from engine import graph
from engine.autograd import Function
from engine.tensor import Tensor

if TYPE_CHECKING:
    from engine.nn.module import Module

_UNGATED = (
    "Full backward hook is firing when gradients are computed with respect to module outputs since no inputs require "
    "gradients. See https://docs.pytorch.org/docs/main/generated/torch.nn.Module.html"
    "#torch.nn.Module.register_full_backward_hook for more details."
)


class _Gate(Function):
    """The identity on tensors; on the way back the gradients go through `seen`, which may replace them."""

    @staticmethod
    def forward(ctx: Any, seen: Callable[..., Any], *tensors: Any) -> tuple[Any, ...]:
        ctx.seen = seen
        return tuple(tensor.view_as(tensor) for tensor in tensors)

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> tuple[Any, ...]:
        replaced = ctx.seen(gradients)
        return (None, *(gradients if replaced is None else replaced))


class Call:
    """One call of a module with backward hooks: `args` to hand to `forward`, and `end` for what it returns."""

    def __init__(self, module: Module, args: tuple[Any, ...]) -> None:
        self.module = module
        self.count = len(args)
        self.gradients: tuple[Any, ...] = ()  # of the outputs, from when they are known
        self.places = _places(args)
        self.gated = any(args[i]._requires_grad for i in self.places)
        self.args = _through(args, self.places, self._of_inputs) if self.gated else args

    def end(self, out: Any) -> Any:
        """The output, watched on the way back."""
        several = isinstance(out, tuple)
        outputs = out if several else (out,)
        places = _places(outputs)
        if not any(outputs[i]._requires_grad for i in places):
            return out
        self.out_places, self.out_count = places, len(outputs)
        outputs = _through(outputs, places, self._of_outputs)
        return outputs if several else outputs[0]

    def _of_outputs(self, gradients: tuple[Any, ...]) -> tuple[Any, ...] | None:
        self.gradients = _spread(gradients, self.out_places, self.out_count)
        for hook in list(self.module._backward_pre_hooks.values()):
            replaced = hook(self.module, self.gradients)
            if replaced is not None:
                self.gradients = replaced if isinstance(replaced, tuple) else (replaced,)
        if not self.gated:
            if self.module._backward_hooks:
                warnings.warn(_UNGATED, UserWarning, stacklevel=2)
            self._run((None,) * self.count)
        return tuple(self.gradients[i] for i in self.out_places)

    def _of_inputs(self, gradients: tuple[Any, ...]) -> tuple[Any, ...]:
        replaced = self._run(_spread(gradients, self.places, self.count))
        return tuple(replaced[i] for i in self.places)

    def _run(self, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        for hook in list(self.module._backward_hooks.values()):
            replaced = hook(self.module, inputs, self.gradients)
            if replaced is not None:
                inputs = replaced if isinstance(replaced, tuple) else (replaced,)
        return inputs


def begin(module: Module, args: tuple[Any, ...]) -> Call | None:
    """What watches this call's way back; None where nobody asked for that."""
    if graph.enabled and (module._backward_hooks or module._backward_pre_hooks):
        return Call(module, args)
    return None


def _places(values: Sequence[Any]) -> list[int]:
    return [i for i, value in enumerate(values) if isinstance(value, Tensor)]


def _through(values: tuple[Any, ...], places: list[int], seen: Callable[..., Any]) -> tuple[Any, ...]:
    passed = _Gate.apply(seen, *(values[i] for i in places))
    new = list(values)
    for i, tensor in zip(places, passed, strict=True):
        new[i] = tensor
    return tuple(new)


def _spread(gradients: tuple[Any, ...], places: list[int], count: int) -> tuple[Any, ...]:
    """The gradients at their places among `count`, None at the others."""
    spread: list[Any] = [None] * count
    for i, gradient in zip(places, gradients, strict=True):
        spread[i] = gradient
    return tuple(spread)
