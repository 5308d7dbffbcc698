"""`Function`: an op with a forward and a backward of the user's own."""

from __future__ import annotations

import functools
import inspect
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from engine import family, graph, modes
from engine.autograd.context import BackwardCFunction, FunctionCtx, backward
from engine.autograd.instance import Instance
from engine.autograd.saved import Saved
from engine.places import placed
from engine.tensor import Tensor

_FLOAT = np.dtype(np.float32)


FunctionMeta = type  # PyTorch's own does what `__init_subclass__` does; Python is quicker with classes that have none


@placed
class Function(Instance, FunctionCtx):
    """Subclass it with static `forward(ctx, *args)` and `backward(ctx, *gradients)`, and call `.apply(*args)`.

    With `setup_context(ctx, inputs, output)` defined, forward takes no ctx. One slope an argument of forward is
    returned by backward, None for what is no tensor.
    """

    @staticmethod
    def forward(*args: Any, **kwargs: Any) -> Any:
        """The result from the arguments; to be overridden."""
        raise NotImplementedError("You must implement the forward function for custom autograd.Function.")

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> Any:
        """Save in ctx what backward needs; overridden where forward takes no ctx."""
        raise NotImplementedError("setup_context is not implemented.")

    backward = staticmethod(backward)
    vjp = backward  # its other name, by which it may be overridden as well

    @staticmethod
    def jvp(ctx: Any, *grad_inputs: Any) -> Any:
        """The tangents of the results from those of the arguments; to be overridden for forward mode."""
        raise NotImplementedError(
            "You must implement the jvp function for custom autograd.Function to use it with forward mode AD."
        )

    generate_vmap_rule = False
    _backward_cls: type[BackwardCFunction]  # the class of its nodes, each function's own
    _apart = 0  # 1 where `setup_context` is forward's own, 2 where it is to be told of forward's defaults as well

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        own = {"__slots__": (), "__module__": "torch.autograd.function", "_function": cls}
        cls._backward_cls = type(f"{cls.__name__}Backward", (BackwardCFunction,), own)
        defaults = [getattr(cls.forward, name, None) for name in ("__defaults__", "__kwdefaults__")]
        cls._apart = 0 if cls.setup_context is Function.setup_context else 2 if any(defaults) else 1

    @staticmethod
    def vmap(info: Any, in_dims: Any, *args: Any) -> Any:
        """The results and their batch axes from arguments with such; to be overridden where none is generated."""
        raise NotImplementedError(
            "To use autograd.Function with vmap, you must either override the vmap static method or set "
            "generate_vmap_rule=True."
        )

    @classmethod
    def apply(cls, *args: Any, **kwargs: Any) -> Any:
        """Run forward, recorded as one node."""
        apart = cls._apart
        if kwargs and graph.marks is not None and any(isinstance(each, Tensor) for each in kwargs.values()):
            raise NotImplementedError(
                "Run vmap on autograd.Function with kwarg-only Tensor args. Please do not pass kwarg-only Tensors to "
                f"autograd.Function. Got: {kwargs}"
            )
        if kwargs or apart == 2:
            args = cls._in_order(args, kwargs)
        if graph.transforms():
            from engine.func.own_rules import applied

            mapped = applied(cls, args)
            if mapped is not NotImplemented:
                return mapped
        ctx = cls._backward_cls()
        ctx.hooks, ctx.results = None, 1
        ctx._saved = ctx._kept = ctx._dirty = ctx._plain = ()
        parents: list[Any] = []
        inputs: list[Any] = []
        needed: list[bool] = []
        for arg in args:
            if isinstance(arg, Tensor):
                inputs.append((arg._array.shape, arg._array.dtype))
                if arg._requires_grad:
                    needed.append(True)
                    parents.append(arg._node or arg)
                    continue
            else:
                inputs.append(None)
            needed.append(False)
            parents.append(None)
        ctx.needs_input_grad, ctx.parents, ctx._inputs = tuple(needed), tuple(parents), inputs
        before = graph.recording()
        recording = before and True in needed
        duals = graph.duals
        graph.record(False)
        if duals is not None:  # tangents are the matter of `jvp`
            active, duals.active = duals.active, 0
        try:
            if apart:
                given = cls.forward(*args)
                cls.setup_context(ctx, args, given)
            else:
                given = cls.forward(ctx, *args)
        finally:
            graph.record(before)
            if duals is not None:
                duals.active = active
        marked = ctx._dirty, ctx._plain
        ctx.number = next(graph.numbers)
        if recording and _held(ctx, given, args):
            result = given
        else:
            results = cls._results(ctx, list(given) if isinstance(given, tuple) else [given], args, recording)
            result = tuple(results) if isinstance(given, tuple) else results[0]
        if duals is not None:
            from engine.autograd.forward_rules import through_function

            through_function(cls, ctx, args, list(result) if isinstance(given, tuple) else [result], *marked)
        if graph.watch is not None:
            graph.watch.called(cls, args, {}, result)
        return result

    @classmethod
    def _in_order(cls, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
        """The arguments of forward, in its order."""
        ahead = () if cls._apart else (None,)
        bound = inspect.signature(cls.forward).bind(*ahead, *args, **kwargs)
        if cls._apart == 2:
            bound.apply_defaults()
        for name in bound.kwargs:
            raise TypeError(f"forward() got an unexpected keyword argument '{name}'")
        return bound.args[len(ahead) :]

    @classmethod
    def _results(cls, ctx: Any, outputs: list[Any], args: Sequence[Any], recording: bool) -> list[Any]:
        ctx.results = len(outputs)
        unfilled = () if ctx._materialize_non_diff_grads else {id(each) for each in ctx._plain}
        ctx._outputs = [
            (o._array.shape, o._array.dtype) if isinstance(o, Tensor) and id(o) not in unfilled else None
            for o in outputs
        ]
        places = {id(o): i for i, o in enumerate(outputs) if isinstance(o, Tensor)}
        inputs = {id(a) for a in args}
        plain = {id(each) for each in ctx._plain}
        dirty = cls._dirty_of(ctx, outputs, inputs)
        if recording:
            ctx._kept = tuple(
                None if each is None else Saved(each, cls._place(each, places, inputs, plain)) for each in ctx._saved
            )
        results: list[Any] = []
        made: dict[int, Any] = {}
        for output in outputs:
            if id(output) in made:  # one that is returned twice is one, the gradient of which goes to its last place
                results.append(made[id(output)])
                continue
            if (
                not isinstance(output, Tensor)
                or id(output) in plain
                or output._array.dtype.kind not in "fcV"
                or not recording
            ):
                results.append(output)
                continue
            edge = ctx if len(outputs) == 1 else graph.Output(ctx, places[id(output)])
            made[id(output)] = output
            if id(output) in dirty:
                if output._requires_grad and output._node is None:
                    raise RuntimeError("a leaf Variable that requires grad has been used in an in-place operation.")
                family.check_in_place(output)
                family.rebase(output, edge, cls.__name__)
                results.append(output)
                continue
            # An input handed through comes out as a tensor of its own; nothing else holds a fresh output.
            given = id(output) in inputs
            result = made[id(output)] = output.detach() if given or output._node is not None else output
            ctx._views = ctx._views or given or _is_shared(output, args)
            result._requires_grad = True
            result._node = edge
            results.append(result)
        ctx._saved = ctx._dirty = ctx._plain = ()
        return results

    @staticmethod
    def _dirty_of(ctx: Any, outputs: list[Any], inputs: set[int]) -> set[int]:
        """The ids of what was marked as changed in place. PyTorch's errors for what cannot have been."""
        dirty = {id(each) for each in ctx._dirty}
        if not dirty <= {id(each) for each in outputs}:
            raise RuntimeError(
                "Some elements marked as dirty during the forward method were not returned as output. The inputs that "
                "are modified inplace must all be outputs of the Function."
            )
        if not dirty <= inputs:
            warnings.warn(
                "ctx.mark_dirty() received a tensor that was not an input. Only input Tensors that have been mutated "
                "should be passed to ctx.mark_dirty().", stacklevel=4,
            )  # fmt: skip
        if len(outputs) > 1 and any(each._requires_grad and family.made_by(each) is not None for each in ctx._dirty):
            raise RuntimeError(
                "If your Function modifies inplace an input that is a view of another Tensor, your Function cannot "
                "return more than one Tensor. This is not supported by the current autograd engine. You should either "
                "make sure the input is not a view (using .clone() for example) or make your Function only return one "
                "Tensor (potentially splitting it into two Functions: one doing the inplace that returns a single "
                "Tensor and a second one that does the other operations). You can ask on the forum "
                "https://discuss.pytorch.org/ if you need help to do this change."
            )
        return dirty & inputs

    @staticmethod
    def _place(tensor: Tensor, places: dict[int, int], inputs: set[int], plain: set[int]) -> int | None:
        """None for a saved input or intermediate; the index of a saved output, -1 for one without gradient."""
        if id(tensor) not in places or id(tensor) in inputs:
            return None
        return -1 if id(tensor) in plain else places[id(tensor)]


Function._backward_cls = type("FunctionBackward", (BackwardCFunction,), {"__slots__": (), "_function": Function})


def _is_shared(output: Tensor, args: Sequence[Any]) -> bool:
    """Whether a result is a view of an argument."""
    if output._family is None:
        return False
    return any(isinstance(arg, Tensor) and arg is not output and arg._family is output._family for arg in args)


def _held(ctx: Any, given: Any, args: Sequence[Any]) -> bool:
    """Do what `Function._results` does where forward gave one tensor that it made, as nearly every one does.

    False, and nothing done, if it gave anything else.
    """
    if not isinstance(given, Tensor) or ctx._dirty or ctx._plain:
        return False
    if given._node is not None and given._node.__class__ is not graph.Unrecorded:
        return False
    dtype = given._array.dtype
    if dtype is not _FLOAT and dtype.kind not in "fcV":
        return False
    for arg in args:
        if arg is given:
            return False
    if given._family is not None:
        ctx._views = _is_shared(given, args)
    if ctx._saved:
        ctx._kept = ctx._saved
        if graph.saving is not None and graph.saving.stack:
            ctx._kept = tuple(None if t is None else Saved(t, 0 if t is given else None) for t in ctx._saved)
        else:
            for tensor in ctx._saved:
                if tensor is given:
                    ctx._kept = tuple(Saved(t, 0) if t is given else t for t in ctx._saved)
                    break
        ctx._saved = ()
    ctx._outputs = given._array.shape, dtype
    given._requires_grad = True
    given._node = ctx
    return True


def once_differentiable(function: Callable[..., Any]) -> Callable[..., Any]:
    """A backward that cannot itself be differentiated."""

    @functools.wraps(function)
    def run(ctx: Any, *gradients: Any) -> Any:
        with modes.no_grad():
            return function(ctx, *gradients)

    run.once_differentiable = True  # type: ignore[attr-defined]
    return run


@placed
class InplaceFunction(Function):
    """A function that knows whether it is to change its argument in place."""

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace


__all__ = [
    "BackwardCFunction", "Function", "FunctionCtx", "FunctionMeta", "InplaceFunction", "once_differentiable",
]  # fmt: skip
