"""Checkpoints: what a function would keep for the way back is computed again there instead."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext, suppress
from typing import Any

from engine import array, graph, modes, random
from engine.autograd.backward import backward
from engine.autograd.function import Function
from engine.autograd.graph import saved_tensors_hooks
from engine.switches import Callbacks, at_end, walk_now
from engine.tensor import Tensor
from engine.utils.selective import CheckpointPolicy, SelectiveCheckpointContext, create_selective_checkpoint_contexts

_OFTEN_PASSED = (
    "torch.utils.checkpoint: the use_reentrant parameter should be passed explicitly. Starting in PyTorch 2.9, calling "
    "checkpoint without use_reentrant will raise an exception. use_reentrant=False is recommended, but if you need to "
    "preserve the current default behavior, you can pass use_reentrant=True. Refer to docs for more details on the "
    "differences between the two variants."
)
_TIP = """

Tip: To see a more detailed error message, either pass `debug=True` to
`torch.utils.checkpoint.checkpoint(...)` or wrap the code block
with `with torch.utils.checkpoint.set_checkpoint_debug_enabled(True):` to
enable checkpoint\u2011debug mode globally.
"""
_early_stop: list[bool] = []


class CheckpointError(RuntimeError):
    """A function that did something else when it was called again."""


class _Enough(Exception):
    """All that is needed has been computed again."""


def noop_context_fn() -> tuple[AbstractContextManager[Any], AbstractContextManager[Any]]:
    """Two contexts that do nothing: around the first call, and around the second."""
    return nullcontext(), nullcontext()


class set_checkpoint_early_stop:
    """The block in which recomputing stops, or does not, once it has what it needs."""

    def __init__(self, enable: bool) -> None:
        self.enable = enable

    def __enter__(self) -> None:
        _early_stop.append(self.enable)

    def __exit__(self, *_: Any) -> None:
        _early_stop.pop()


class set_checkpoint_debug_enabled:
    """The block in which checkpoints would tell more in errors; here they tell the same."""

    def __init__(self, enabled: bool | None) -> None:
        self.enabled = enabled

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: Any) -> None:
        pass


def checkpoint(
    function: Callable[..., Any],
    *args: Any,
    use_reentrant: bool | None = None,
    context_fn: Callable[[], tuple[Any, Any]] = noop_context_fn,
    determinism_check: str = "default",
    debug: bool = False,
    early_stop: bool = True,
    preserve_rng_state: bool = True,
    **kwargs: Any,
) -> Any:
    """`function(*args)`, of which only the arguments are kept; on the way back it is called again."""
    if use_reentrant is None:
        warnings.warn(_OFTEN_PASSED, UserWarning, stacklevel=2)
        use_reentrant = True
    if use_reentrant:
        if kwargs:
            raise ValueError("Unexpected keyword arguments: " + ",".join(kwargs))
        if context_fn is not noop_context_fn or debug:
            raise ValueError("Passing `context_fn` or `debug` is only supported when use_reentrant=False.")
        return CheckpointFunction.apply(function, preserve_rng_state, *args)
    if determinism_check not in ("default", "none"):
        raise ValueError(f"determinism_check should be one of ['default', 'none'], but got {determinism_check}")
    ahead, again = context_fn()
    if not modes.is_grad_enabled():
        with ahead:
            return function(*args, **kwargs)
    stop = _early_stop[-1] if _early_stop else early_stop
    frame = _Frame(function, args, kwargs, again, preserve_rng_state, determinism_check == "default", stop)
    with saved_tensors_hooks(frame.pack, frame.unpack), ahead:
        result = function(*args, **kwargs)
    frame.whole = True
    return result


def _metadata(tensor: Tensor) -> dict[str, Any]:
    return {"shape": tensor.shape, "dtype": tensor.dtype, "device": tensor.device}


def _casting_now() -> Callable[[], AbstractContextManager[Any]]:
    """What makes the block in which autocast is as it is now."""
    from engine.amp import autocast_mode, state

    kinds = ["cpu", "cuda"] if array.gpus() else ["cpu"]
    now = [
        (kind, state.get_autocast_dtype(kind), state.is_autocast_enabled(kind), state.is_autocast_cache_enabled())
        for kind in kinds
    ]

    def again() -> AbstractContextManager[Any]:
        stack = ExitStack()
        for each in now:
            stack.enter_context(autocast_mode.autocast(*each))
        return stack

    return again


class _Frame:
    """One checkpoint: how to call the function again, and what its second call has given so far."""

    def __init__(
        self,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        context: Any,
        keep_random: bool,
        check: bool,
        stop: bool,
    ) -> None:
        self.function, self.args, self.kwargs = function, args, kwargs
        self.context, self.check, self.stop = context, check, stop
        self.state = random.default_generator.state_bytes() if keep_random else None
        self.casting = _casting_now()
        self.saved: list[dict[str, Any]] = []  # what each tensor was that the first call saved
        # What was computed again in each walk that is under way, by the walk's list of callbacks, which it holds.
        self.walks: dict[int, tuple[Callbacks, dict[int, Tensor]]] = {}
        self.whole = False  # whether the first call is over; gradients may be asked for within it

    def pack(self, tensor: Tensor) -> int:
        """The place of a tensor among those saved stands for it."""
        self.saved.append(_metadata(tensor))
        return len(self.saved) - 1

    def unpack(self, place: int) -> Tensor:
        """The tensor, computed again; once a walk, in which each is given once."""
        if not graph.under_way():
            return self._again()[place]
        waiting = walk_now()[1]
        key = id(waiting)
        if key not in self.walks:
            self.walks[key] = waiting, dict(enumerate(self._again()))
            at_end(lambda: self._end(key))
        computed = self.walks[key][1]
        if place not in computed:
            raise CheckpointError(
                "torch.utils.checkpoint: Unpack is being triggered for a tensor that was already unpacked once. If you "
                "are calling ctx.saved_tensors in backward, make sure to do so only once. Otherwise please open an "
                "issue with details on your use case."
            )
        return computed.pop(place)

    def _end(self, key: int) -> None:
        self.walks.pop(key, None)

    def _again(self) -> list[Tensor]:
        found: list[Tensor] = []

        def pack(tensor: Tensor) -> int:
            found.append(tensor.detach() if tensor.requires_grad else tensor)
            if self.whole and len(found) > len(self.saved):
                raise CheckpointError(
                    "torch.utils.checkpoint: trying to save more tensors during recomputation than during the original "
                    f"forward pass.\n{_TIP}"
                )
            if self.stop and len(found) == len(self.saved):
                raise _Enough
            return len(found) - 1

        with ExitStack() as stack:
            if self.state is not None:
                stack.enter_context(random.fork_rng())
                random.default_generator.set_state_bytes(self.state)
            stack.enter_context(modes.enable_grad())
            stack.enter_context(self.casting())
            stack.enter_context(self.context)
            stack.enter_context(saved_tensors_hooks(pack, lambda place: found[place]))
            with suppress(_Enough):
                self.function(*self.args, **self.kwargs)
        self._compare(found[: len(self.saved)])
        return found

    def _compare(self, found: Sequence[Tensor]) -> None:
        if len(found) != len(self.saved):
            raise CheckpointError(
                "torch.utils.checkpoint: A different number of tensors was saved during the original forward and "
                f"recomputation.\nNumber of tensors saved during forward: {len(self.saved)}\nNumber of tensors saved "
                f"during recomputation: {len(found)}.{_TIP}"
            )
        if not self.check:
            return
        text = ""
        for i, (before, tensor) in enumerate(zip(self.saved, found, strict=True)):
            now = _metadata(tensor)
            if now != before:
                text += f"tensor at position {i}:\nsaved metadata: {before}\nrecomputed metadata: {now}\n"
        if text:
            raise CheckpointError(
                "torch.utils.checkpoint: Recomputed values for the following tensors have different metadata than "
                f"during the forward pass.\n{text}.{_TIP}"
            )


class CheckpointFunction(Function):
    """The reentrant checkpoint: one node, whose way back calls the function again and walks back through that."""

    @staticmethod
    def forward(ctx: Any, run_function: Callable[..., Any], preserve_rng_state: bool, *args: Any) -> Any:
        check_backward_validity(args)
        ctx.run_function = run_function
        ctx.state = random.default_generator.state_bytes() if preserve_rng_state else None
        ctx.casting = _casting_now()
        ctx.inputs = [None if isinstance(arg, Tensor) else arg for arg in args]
        ctx.places = [i for i, arg in enumerate(args) if isinstance(arg, Tensor)]
        ctx.save_for_backward(*[args[i] for i in ctx.places])
        return run_function(*args)

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        if graph.under_way() == "some":
            raise RuntimeError(
                "When use_reentrant=True, torch.utils.checkpoint is incompatible with .grad() or passing an `inputs` "
                "parameter to .backward(). To resolve this error, you can either set use_reentrant=False, or call "
                ".backward() without passing the `inputs` argument."
            )
        inputs = list(ctx.inputs)
        for place, tensor in zip(ctx.places, ctx.saved_tensors, strict=True):
            inputs[place] = tensor
        inputs = list(detach_variable(tuple(inputs)))
        with ExitStack() as stack:
            if ctx.state is not None:
                stack.enter_context(random.fork_rng())
                random.default_generator.set_state_bytes(ctx.state)
            stack.enter_context(modes.enable_grad())
            stack.enter_context(ctx.casting())
            outputs = ctx.run_function(*inputs)
        outputs = (outputs,) if isinstance(outputs, Tensor) else outputs
        pairs = [
            (output, gradient)
            for output, gradient in zip(outputs, gradients, strict=False)
            if isinstance(output, Tensor) and output.requires_grad
        ]
        if not pairs:
            raise RuntimeError("none of output has requires_grad=True, this checkpoint() is not necessary")
        backward([output for output, _ in pairs], [gradient for _, gradient in pairs])
        return (None, None, *(each.grad if isinstance(each, Tensor) else None for each in inputs))


def detach_variable(inputs: tuple[Any, ...]) -> tuple[Any, ...]:
    """The inputs, the tensors among them as leaves over the same memory."""
    if not isinstance(inputs, tuple):
        raise RuntimeError(f"Only tuple of tensors is supported. Got Unsupported input type: {type(inputs).__name__}")
    out = []
    for each in inputs:
        if isinstance(each, Tensor):
            alias = each.detach()
            alias.requires_grad = each.requires_grad
            out.append(alias)
        else:
            out.append(each)
    return tuple(out)


def check_backward_validity(inputs: Sequence[Any]) -> None:
    """A warning where no gradient can come out of a reentrant checkpoint."""
    if not any(each.requires_grad for each in inputs if isinstance(each, Tensor)):
        warnings.warn("None of the inputs have requires_grad=True. Gradients will be None", UserWarning, stacklevel=2)


def checkpoint_sequential(
    functions: Any, segments: int, input: Any, use_reentrant: bool | None = None, **kwargs: Any
) -> Any:
    """A chain of functions or modules in segments, all but the last of which are checkpoints."""
    if use_reentrant is None:
        warnings.warn(
            "torch.utils.checkpoint.checkpoint_sequential: the use_reentrant parameter should be passed explicitly. In "
            "version 2.9 we will raise an exception if use_reentrant is not passed. use_reentrant=False is "
            "recommended, but if you need to preserve the current default behavior, you can pass use_reentrant=True. "
            "Refer to docs for more details on the differences between the two variants.",
            UserWarning,
            stacklevel=2,
        )
        use_reentrant = True
    keep_random = kwargs.pop("preserve_rng_state", True)
    if kwargs:
        raise ValueError("Unexpected keyword arguments: " + ",".join(kwargs))
    chain = list(functions.children()) if hasattr(functions, "children") else list(functions)
    size = len(chain) // segments

    def part(start: int, end: int) -> Callable[[Any], Any]:
        def forward(value: Any) -> Any:
            for each in chain[start:end]:
                value = each(value)
            return value

        return forward

    end = 0
    for start in range(0, size * (segments - 1), size):
        end = start + size
        input = checkpoint(part(start, end), input, use_reentrant=use_reentrant, preserve_rng_state=keep_random)
    return part(end, len(chain))(input)


class DefaultDeviceType:
    """The device whose random state a checkpoint keeps where its arguments do not tell."""

    _kind = "cuda"

    @staticmethod
    def set_device_type(device: str = "cuda") -> None:
        """Set it."""
        DefaultDeviceType._kind = device

    @staticmethod
    def get_device_type() -> str:
        """What it is."""
        return DefaultDeviceType._kind


def get_device_states(*args: Any) -> tuple[list[int], list[Tensor]]:
    """The GPUs of the arguments and their random states: none, as the generator here is one for all."""
    return [], []


def set_device_states(devices: Sequence[int], states: Sequence[Tensor], *, device_type: str | None = None) -> None:
    """Put those states back."""


__all__ = [
    "CheckpointError", "CheckpointFunction", "CheckpointPolicy", "DefaultDeviceType", "SelectiveCheckpointContext",
    "check_backward_validity", "checkpoint", "checkpoint_sequential", "create_selective_checkpoint_contexts",
    "detach_variable", "get_device_states", "noop_context_fn", "set_checkpoint_debug_enabled",
    "set_checkpoint_early_stop", "set_device_states",
]  # fmt: skip
