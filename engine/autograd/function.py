"""`Function`: an op with a forward and a backward of the user's own."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from engine import array, family, graph, modes
from engine.autograd.instance import Instance
from engine.autograd.saved import Saved
from engine.places import placed
from engine.tensor import Tensor, wrap


class FunctionCtx:
    """What forward and backward share: saved tensors, flags, and any attribute that the user sets."""

    # What most calls leave as it is stands here, which spares each of them the setting.
    _saved: tuple[Any, ...] = ()
    _dirty: tuple[Tensor, ...] = ()
    _plain: tuple[Tensor, ...] = ()
    _materialize = True
    _for_forward: tuple[Any, ...] | None = None
    needs_input_grad: tuple[bool, ...] = ()

    def save_for_backward(self, *tensors: Tensor | None) -> None:
        """Keep inputs or outputs for backward, which finds them in `saved_tensors`."""
        for i, each in enumerate(tensors):
            if each is not None and not isinstance(each, Tensor):
                raise TypeError(
                    f"save_for_backward can only save variables, but argument {i} is of type {type(each).__name__}"
                )
        self._saved = tensors

    def save_for_forward(self, *tensors: Tensor | None) -> None:
        """Keep inputs or outputs for `jvp`, which finds them in `saved_tensors`."""
        for each in tensors:
            if each is not None and not isinstance(each, Tensor):
                raise TypeError(
                    "save_for_forward expects all arguments to be tensors; you should save non-tensors as attributes "
                    "on ctx."
                )
        self._for_forward = tensors

    def mark_dirty(self, *tensors: Tensor) -> None:
        """Say which inputs forward changed in place."""
        self._dirty = tensors

    def mark_non_differentiable(self, *tensors: Tensor) -> None:
        """Say which outputs have no gradient."""
        self._plain = tensors

    def set_materialize_grads(self, value: bool) -> None:
        """Whether a gradient that is missing comes to backward as zeros (the default) or as None."""
        self._materialize = value


class FunctionNode(graph.Node, FunctionCtx):
    """The node of a Function's call, and the `ctx` of its forward and backward."""

    __slots__ = ("__dict__",)
    results = 1
    _outputs: list[Any]
    _inputs: list[Any]
    _kept: Any = ()
    _function: type[Function]

    def name(self) -> str:
        """The function's name and "Backward"."""
        return f"{self._function.__name__}Backward"

    def __repr__(self) -> str:
        return f"<torch.autograd.function.{self.name()} object at {id(self):#x}>"

    @property
    def saved_tensors(self) -> tuple[Any, ...]:
        """What `save_for_backward` was given, in `jvp` what `save_for_forward` was."""
        if graph.duals is not None and self._for_forward is not None:
            return self._for_forward
        kept = self._kept
        if kept is graph.FREED:
            graph.FREED.complain()
        for each in kept:
            if each.__class__ is Saved or (each is not None and each._family is not None):
                break
        else:
            return tuple(kept)  # as nearly always
        restored = []
        for each in kept:
            if each.__class__ is Saved:
                each = self._restored(each)
            elif each is not None and each._family is not None and each._family.changed > self.number:
                raise family.modified(each, self)
            restored.append(each)
        return tuple(restored)

    saved_variables = saved_tensors

    def _restored(self, saved: Saved) -> Tensor:
        if saved.packed is not None and saved.output is None:
            return saved.packed.again()
        if saved.output is not None:
            result = wrap(saved.value if saved.packed is None else saved.packed.tensor()._array)
            if saved.output >= 0:
                result._requires_grad = True
                result._node = self if self.results == 1 else graph.Output(self, saved.output)
            return result
        tensor = saved.tensor
        assert tensor is not None
        if tensor._family is not None and tensor._family.changed > max(self.number, saved.changed):
            raise family.modified(tensor, self)
        return tensor

    @property
    def _slope(self) -> Callable[..., Any]:
        """The user's backward, which may be given under its other name, `vjp`."""
        slope = self._function.backward
        return self._function.vjp if slope is Function.backward else slope

    def free(self) -> None:
        """Let go of the saved tensors."""
        if self._kept:
            self._kept = graph.FREED

    def pull(self, g: Any) -> Sequence[Any]:
        """The user's backward, unrecorded."""
        if self.results == 1 and g is not None:
            given = self._slope(self, wrap(g))
        else:
            gradients = [g] if self.results == 1 else list(g)
            boxed = [self._filled(i, None if each is None else wrap(each)) for i, each in enumerate(gradients)]
            given = self._slope(self, *boxed)
        # Shown as views, so that no leaf takes memory of the user's for its own.
        return [None if each is None else _shown(each._array) for each in self._checked(given)]

    def pull_tensors(self, g: Any) -> Sequence[Any]:
        """The user's backward, recorded."""
        gradients = [g] if self.results == 1 else list(g)
        if not getattr(self._slope, "once_differentiable", False):
            return self._checked(self._slope(self, *[self._filled(i, each) for i, each in enumerate(gradients)]))
        with modes.no_grad():
            return self._checked(self._slope(self, *[self._filled(i, each) for i, each in enumerate(gradients)]))

    def _filled(self, index: int, g: Tensor | None) -> Tensor | None:
        if g is not None or not self._materialize:
            return g
        shape, kind = self._outputs[index]
        return wrap(np.zeros(shape, kind))

    def _checked(self, given: Any) -> Sequence[Any]:
        """What backward gave, one for each edge."""
        count = len(self.parents)
        if count == 1 and isinstance(given, Tensor) and (given._array.shape, given._array.dtype) == self._inputs[0]:
            return (given,)
        answers: list[Any] = list(given) if isinstance(given, (tuple, list)) else [given]
        if len(answers) > count and all(each is None for each in answers[count:]):
            answers = answers[:count]
        if len(answers) != count:
            raise RuntimeError(
                f"function {self.name()} returned an incorrect number of gradients (expected {count}, got "
                f"{len(answers)})"
            )
        for i, (g, edge) in enumerate(zip(answers, self.parents, strict=True)):
            if g is None or edge is None:
                answers[i] = None
                continue
            if not isinstance(g, Tensor):
                raise RuntimeError(f"expected Variable or None (got {type(g).__name__})")
            shape, kind = self._inputs[i]
            if g._array.shape != shape or g._array.dtype is not kind:
                answers[i] = self._fitting(i, g)
        return answers

    def _fitting(self, index: int, g: Tensor) -> Any:
        """A gradient brought to the shape and dtype of its operand."""
        shape, kind = self._inputs[index]
        if g._array.shape != shape:
            if not _expandable(shape, g._array.shape):
                raise RuntimeError(
                    f"Function {self.name()} returned an invalid gradient at index {index} - got {list(g.shape)} but "
                    f"expected shape compatible with {list(shape)}"
                )
            g = g.sum_to_size(shape)
        return g if g._array.dtype == kind else g.to(array.OF_NUMPY[kind])


def _expandable(small: tuple[int, ...], large: tuple[int, ...]) -> bool:
    """Whether a tensor of the first shape broadcasts to the second."""
    return len(small) <= len(large) and all(n in (1, m) for n, m in zip(small[::-1], large[::-1], strict=False))


def _shown(raw: Any) -> Any:
    return raw if isinstance(raw, np.generic) else raw[...]


@placed
class Function(Instance):
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

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        """The gradients of the arguments; to be overridden."""
        raise NotImplementedError(
            "You must implement either the backward or vjp method for your custom autograd.Function to use it with "
            "backward mode AD."
        )

    vjp = backward  # its other name, by which it may be overridden as well

    @staticmethod
    def jvp(ctx: Any, *grad_inputs: Any) -> Any:
        """The tangents of the results from those of the arguments; to be overridden for forward mode."""
        raise NotImplementedError(
            "You must implement the jvp function for custom autograd.Function to use it with forward mode AD."
        )

    generate_vmap_rule = False
    _backward_cls: type[FunctionNode] | None = None  # the class of its nodes, each function's own

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
        if kwargs:
            args = cls._in_order(args, kwargs)
        if graph.transforms():
            from engine.func.own_rules import applied

            mapped = applied(cls, args)
            if mapped is not NotImplemented:
                return mapped
        ctx = object.__new__(cls._node_class())
        ctx.hooks = None
        parents: list[Any] = []
        inputs: list[Any] = []
        needed: list[bool] = []
        for arg in args:
            if isinstance(arg, Tensor):
                needed.append(arg._requires_grad)
                parents.append((arg._node or arg) if arg._requires_grad else None)
                inputs.append((arg._array.shape, arg._array.dtype))
            else:
                needed.append(False)
                parents.append(None)
                inputs.append(None)
        ctx.needs_input_grad, ctx.parents, ctx._inputs = tuple(needed), tuple(parents), inputs
        before = graph.recording()
        recording = before and True in needed
        graph.record(False)
        try:
            if cls.setup_context is Function.setup_context:
                given = cls.forward(ctx, *args)
            else:
                given = cls.forward(*args)
                cls.setup_context(ctx, args, given)
        finally:
            graph.record(before)
        ctx.number = next(graph.numbers)
        if recording and not (ctx._dirty or ctx._plain) and _is_fresh(given, args):
            _hold(ctx, given)
            result = given
        else:
            results = cls._results(ctx, list(given) if isinstance(given, tuple) else [given], args, recording)
            result = tuple(results) if isinstance(given, tuple) else results[0]
        if graph.duals is not None:
            from engine.autograd.forward_ad import through_function

            through_function(cls, ctx, args, list(result) if isinstance(given, tuple) else [result])
        if graph.watch is not None:
            graph.watch.called(cls, args, {}, result)
        return result

    @classmethod
    def _in_order(cls, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
        """The arguments of forward, in its order."""
        ahead = (None,) if cls.setup_context is Function.setup_context else ()
        return inspect.signature(cls.forward).bind(*ahead, *args, **kwargs).args[len(ahead) :]

    @classmethod
    def _node_class(cls) -> type[FunctionNode]:
        """The class of this function's nodes, named after it as PyTorch's are."""
        made = cls._backward_cls
        if made is None or made._function is not cls:
            space = {"__slots__": (), "__module__": "torch.autograd.function", "_function": cls}
            made = cls._backward_cls = type(f"{cls.__name__}Backward", (FunctionNode,), space)
        return made

    @classmethod
    def _results(cls, ctx: Any, outputs: list[Any], args: Sequence[Any], recording: bool) -> list[Any]:
        ctx.results = len(outputs)
        ctx._outputs = [(o._array.shape, o._array.dtype) if isinstance(o, Tensor) else None for o in outputs]
        places = {id(o): i for i, o in enumerate(outputs) if isinstance(o, Tensor)}
        inputs = {id(a) for a in args}
        plain = {id(each) for each in ctx._plain}
        if recording:
            ctx._kept = tuple(
                None if each is None else Saved(each, cls._place(each, places, inputs, plain)) for each in ctx._saved
            )
        results = []
        for i, output in enumerate(outputs):
            if (
                not isinstance(output, Tensor)
                or id(output) in plain
                or output._array.dtype.kind not in "fcV"
                or not recording
            ):
                results.append(output)
                continue
            edge = ctx if len(outputs) == 1 else graph.Output(ctx, i)
            if any(output is each for each in ctx._dirty):
                if output._requires_grad and output._node is None:
                    raise RuntimeError("a leaf Variable that requires grad has been used in an in-place operation.")
                family.check_in_place(output)
                family.rebase(output, edge, cls.__name__)
                results.append(output)
                continue
            # An input handed through comes out as a tensor of its own; nothing else holds a fresh output.
            result = output.detach() if id(output) in inputs or output._node is not None else output
            result._requires_grad = True
            result._node = edge
            results.append(result)
        ctx._saved = ctx._dirty = ctx._plain = ()
        return results

    @staticmethod
    def _place(tensor: Tensor, places: dict[int, int], inputs: set[int], plain: set[int]) -> int | None:
        """None for a saved input or intermediate; the index of a saved output, -1 for one without gradient."""
        if id(tensor) not in places or id(tensor) in inputs:
            return None
        return -1 if id(tensor) in plain else places[id(tensor)]


def _is_fresh(given: Any, args: Sequence[Any]) -> bool:
    """Whether what forward gave is one tensor that it made and that can have a gradient."""
    if not isinstance(given, Tensor) or given._node is not None or given._array.dtype.kind not in "fcV":
        return False
    for arg in args:  # noqa: SIM110 - in `all`, a generator costs as much as the rest of the call
        if arg is given:
            return False
    return True


def _hold(ctx: Any, output: Tensor) -> None:
    """What `Function._results` does with a single fresh result, as nearly every function gives it."""
    if ctx._saved:
        ctx._kept = ctx._saved
        if graph.saving is not None and graph.saving.stack:
            ctx._kept = tuple(None if t is None else Saved(t, 0 if t is output else None) for t in ctx._saved)
        elif any(t is output for t in ctx._saved):
            ctx._kept = tuple(Saved(t, 0) if t is output else t for t in ctx._saved)
        ctx._saved = ()
    output._requires_grad = True
    output._node = ctx


def once_differentiable(function: Callable[..., Any]) -> Callable[..., Any]:
    """A backward that cannot itself be differentiated."""

    @functools.wraps(function)
    def run(ctx: Any, *gradients: Any) -> Any:
        with modes.no_grad():
            return function(ctx, *gradients)

    run.once_differentiable = True  # type: ignore[attr-defined]
    return run


InplaceFunction = Function
