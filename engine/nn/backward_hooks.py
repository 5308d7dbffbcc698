"""The hooks that a module runs on the way back, between two identities put around its `forward`."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from engine import deprecated, graph
from engine.autograd import Function
from engine.nn import hooked
from engine.tensor import Tensor

if TYPE_CHECKING:
    from engine.nn.hooked import Hooked

_UNGATED = (
    "Full backward hook is firing when gradients are computed with respect to module outputs since no inputs require "
    "gradients. See https://docs.pytorch.org/docs/main/generated/torch.nn.Module.html"
    "#torch.nn.Module.register_full_backward_hook for more details."
)


class BackwardHookFunction(Function):
    """The identity on tensors; on the way back the gradients go through `seen`, which may replace them."""

    @staticmethod
    def forward(ctx: Any, seen: Callable[..., Any], *tensors: Any) -> tuple[Any, ...]:
        ctx.seen = seen
        passed = tuple(tensor.view_as(tensor) for tensor in tensors)
        ctx.mark_non_differentiable(*(p for p, t in zip(passed, tensors, strict=True) if not t.requires_grad))
        return passed

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> tuple[Any, ...]:
        replaced = ctx.seen(gradients)
        return (None, *(gradients if replaced is None else replaced))


class Call:
    """One call of a module with backward hooks: `args` to hand to `forward`, and `end` for what it returns."""

    def __init__(self, module: Hooked, args: tuple[Any, ...]) -> None:
        self.module = module
        self.count = len(args)
        self.silent = False
        self.hooks = [hook for _, hook, _, _ in hooked.of_everywhere("back")]
        if module._is_full_backward_hook:
            self.hooks += module._backward_hooks.values()
        self.first = [hook for _, hook, _, _ in hooked.of_everywhere("back_first")]
        self.first += module._backward_pre_hooks.values()
        # Of the outputs, from when they are known until the inputs' are; a second derivative comes past the outputs.
        self.gradients: tuple[Any, ...] | None = None
        self.places = _places(args)
        self.gated = any(args[i]._requires_grad for i in self.places)
        self.args = _through(args, self.places, self._of_inputs) if self.gated else args

    def end(self, out: Any) -> Any:
        """The output, watched on the way back."""
        if not isinstance(out, (Tensor, tuple)):
            deprecated.tell(
                "For backward hooks to be called, module output should be a Tensor or a tuple of Tensors but received "
                f"{type(out)}",
            )
            self.silent = True
            return out
        several = isinstance(out, tuple)
        outputs: Any = out if several else (out,)
        places = _places(outputs)
        if not any(outputs[i]._requires_grad for i in places):
            return out
        self.out_places, self.out_count = places, len(outputs)
        outputs = _through(outputs, places, self._of_outputs)
        if not several:
            return outputs[0]
        return type(out)(*outputs) if hasattr(out, "_fields") else outputs  # a named tuple stays one

    def _of_outputs(self, gradients: tuple[Any, ...]) -> tuple[Any, ...] | None:
        found = _spread(gradients, self.out_places, self.out_count)
        for hook in self.first:
            replaced = hook(self.module, found)
            if replaced is not None:
                found = _checked(replaced, found, "pre hook", "grad_output")
        self.gradients = found
        if not self.gated:
            if self.hooks:
                deprecated.tell(_UNGATED)
            self._run((None,) * self.count)
            self.gradients = None
        return tuple(found[i] for i in self.out_places)

    def _of_inputs(self, gradients: tuple[Any, ...]) -> tuple[Any, ...]:
        if self.silent or self.gradients is None:
            return gradients
        replaced = self._run(_spread(gradients, self.places, self.count))
        self.gradients = None
        return tuple(replaced[i] for i in self.places)

    def _run(self, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        for hook in self.hooks:
            replaced = hook(self.module, inputs, self.gradients)
            if replaced is None:
                continue
            if not self.gated and not (isinstance(replaced, tuple) and all(each is None for each in replaced)):
                raise RuntimeError(
                    "Backward hook for Modules where no input requires gradient should always return None or None for "
                    "all gradients."
                )
            inputs = _checked(replaced, inputs, "hook", "grad_input")
        return inputs


def _checked(replaced: Any, before: tuple[Any, ...], hook: str, what: str) -> tuple[Any, ...]:
    """What a hook returned in the place of gradients, which has to be like them."""
    if len(replaced) != len(before):
        raise RuntimeError(
            f"Backward {hook} returned an invalid number of {what}, got {len(replaced)}, but expected {len(before)}"
        )
    for new, old in zip(replaced, before, strict=True):
        if new is not None and not isinstance(new, Tensor):
            raise TypeError(f"expected Variable, but hook returned '{type(new).__name__}'")
        if new is not None and old is not None and new.shape != old.shape:
            raise RuntimeError("hook 'hook' has changed the size of value")
    return tuple(replaced)


def begin(module: Hooked, args: tuple[Any, ...]) -> Call | None:
    """What watches this call's way back; None where nobody asked for that."""
    if graph.recording() and (module._backward_hooks or module._backward_pre_hooks or hooked.everywhere):
        call = Call(module, args)
        return call if call.hooks or call.first else None
    return None


def begin_old(module: Hooked, args: tuple[Any, ...], out: Any) -> None:
    """Put the old kind of hooks on the node that made the output."""
    hooks = [hook for _, hook, _, _ in hooked.of_everywhere("old_back")]
    if module._is_full_backward_hook is False:
        hooks += module._backward_hooks.values()
    if not hooks or not graph.recording():
        return
    first = out
    while not isinstance(first, Tensor):
        first = next(v for v in first.values() if isinstance(v, Tensor)) if isinstance(first, dict) else first[0]
    node = first.grad_fn
    if node is not None:
        for hook in hooks:
            node.register_hook(functools.update_wrapper(functools.partial(hook, module), hook))
        _warn_of_old(args, out, node)


def _warn_of_old(args: tuple[Any, ...], out: Any, node: Any) -> None:
    """Say what an old hook will not see."""
    outs = out if isinstance(out, tuple) else (out,)
    single = "s on a Module that does not {} a single Tensor or a tuple of Tensors is"
    if not all(isinstance(each, Tensor) for each in outs):
        when, lost = single.format("return"), "some of the grad_output"
    elif not all(isinstance(each, Tensor) for each in args):
        when, lost = single.format("take as input"), "some of the grad_input"
    elif len({each.grad_fn for each in outs}) > 1:
        when, lost = " when outputs are generated by different autograd Nodes is", "some grad_output"
    elif {below for below, _ in node.next_functions} != {each.grad_fn for each in args}:
        when, lost = " when the forward contains multiple autograd Nodes is", "some grad_input"
    else:
        return
    deprecated.tell(
        f"Using {'' if when[0] == 's' else 'a '}non-full backward hook{when} deprecated and will be removed in future "
        f"versions. This hook will be missing {lost}. Please use register_full_backward_hook to get the documented "
        "behavior.",
        FutureWarning,
    )


def _places(values: Sequence[Any]) -> list[int]:
    return [i for i, value in enumerate(values) if isinstance(value, Tensor)]


def _through(values: tuple[Any, ...], places: list[int], seen: Callable[..., Any]) -> tuple[Any, ...]:
    passed = BackwardHookFunction.apply(seen, *(values[i] for i in places))
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
