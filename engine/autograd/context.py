"""The `ctx` of a Function's forward and backward, which is the node of the call."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from engine import array, graph, modes
from engine.autograd.saved import Saved
from engine.modified import modified
from engine.tensor import Tensor, wrap
from engine.undefined import UNDEFINED

if TYPE_CHECKING:
    from engine.autograd.function import Function


_new = object.__new__


class FunctionCtx:
    """What forward and backward share: saved tensors, flags, and any attribute that the user sets."""

    # What most calls leave as it is stands here, which spares each of them the setting.
    _saved: tuple[Any, ...] = ()
    _dirty: tuple[Tensor, ...] = ()
    _plain: tuple[Tensor, ...] = ()
    _materialize = True
    _materialize_non_diff_grads = True
    _for_forward: tuple[Any, ...] = ()
    _going_forward = False  # whether `jvp` runs now
    needs_input_grad: tuple[bool, ...] = ()

    def save_for_backward(self, *tensors: Tensor | None) -> None:
        """Keep inputs or outputs for backward, which finds them in `saved_tensors`."""
        for each in tensors:
            if not (each is None or isinstance(each, Tensor)):
                at = next(i for i, found in enumerate(tensors) if found is each)
                raise TypeError(
                    f"save_for_backward can only save variables, but argument {at} is of type {type(each).__name__}"
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


class BackwardCFunction(graph.Node, FunctionCtx):
    """The node of a Function's call, and the `ctx` of its forward and backward."""

    # These have a place of their own, which is quicker than the dictionary, and spares most nodes that.
    __slots__ = (
        "__dict__",
        "_dirty",
        "_inputs",
        "_kept",
        "_outputs",
        "_plain",
        "_saved",
        "needs_input_grad",
        "results",
    )
    results: int
    _outputs: Any  # the (shape, dtype) of each result; where there is one, of that
    _inputs: list[Any]
    _kept: Any
    _saved: tuple[Any, ...]
    _dirty: tuple[Tensor, ...]
    _plain: tuple[Tensor, ...]
    needs_input_grad: tuple[bool, ...]
    _function: type[Function]
    _views = False  # whether a result shares memory with what forward was given
    let_go = ("_kept",)

    @property
    def _forward_cls(self) -> type[Function]:
        return self._function

    def name(self) -> str:
        """The function's name and "Backward"."""
        return f"{self._function.__name__}Backward"

    def __repr__(self) -> str:
        return f"<torch.autograd.function.{self.name()} object at {id(self):#x}>"

    def places(self) -> Sequence[int]:
        """The arguments that are tensors, by their places."""
        return [place for place, each in enumerate(self._inputs) if each is not None]

    @property
    def saved_tensors(self) -> tuple[Any, ...]:
        """What `save_for_backward` was given, in `jvp` what `save_for_forward` was."""
        if self._going_forward:
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
                raise modified(each, self)
            restored.append(each)
        return tuple(restored)

    @property
    def _raw_saved_tensors(self) -> tuple[Any, ...]:
        from engine.autograd.saved_tensor import SavedTensor

        if self._kept is graph.FREED:
            graph.FREED.complain()
        return tuple(SavedTensor.of(self, place) for place in range(len(self._kept)))

    @property
    def saved_variables(self) -> tuple[Any, ...]:
        """The former name of `saved_tensors`."""
        warnings.warn("'saved_variables' is deprecated; use 'saved_tensors'", DeprecationWarning, stacklevel=2)
        return self.saved_tensors

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
            raise modified(tensor, self)
        return tensor

    @property
    def _slope(self) -> Callable[..., Any]:
        """The user's backward, which may be given under its other name, `vjp`."""
        slope, other = self._function.backward, self._function.vjp
        if slope is not backward and other is not backward and slope is not other:
            raise RuntimeError(
                "Implementing both 'backward' and 'vjp' for a custom Function is not allowed. You should only "
                "implement one of them."
            )
        return other if slope is backward else slope

    def free(self) -> None:
        """Let go of the saved tensors."""
        self._kept = graph.FREED

    def pull(self, g: Any) -> Sequence[Any]:
        """The user's backward, unrecorded."""
        if self.results == 1 and g is not None:
            slope = self._function.backward
            gradient = _new(Tensor)  # what `wrap` does, without the call
            gradient._array, gradient._requires_grad = g, False
            gradient._node = gradient._family = None
            given = (slope if self._function.vjp is backward else self._slope)(self, gradient)
            if given.__class__ is Tensor and len(self.parents) == 1:  # as nearly always; the rest is looked at below
                raw = given._array
                shape, kind = self._inputs[0]
                if raw.__class__ is np.ndarray and raw.dtype is kind and raw.shape == shape:
                    return (raw[...],)
        else:
            gradients = [g] if self.results == 1 else list(g)
            boxed = [self._filled(i, None if each is None else wrap(each)) for i, each in enumerate(gradients)]
            given = self._slope(self, *boxed)
        # Shown as views, so that no leaf takes memory of the user's for its own.
        return [each if each is None or each is UNDEFINED else _shown(each._array) for each in self._checked(given)]

    def pull_nothing(self, g: Any, create: bool) -> Sequence[Any]:
        """The user's backward, which gets zeros."""
        return self.pull_tensors(g) if create else self.pull(g)

    def pull_tensors(self, g: Any) -> Sequence[Any]:
        """The user's backward, recorded."""
        gradients = [g] if self.results == 1 else list(g)
        if not getattr(self._slope, "once_differentiable", False):
            return self._checked(self._slope(self, *[self._filled(i, each) for i, each in enumerate(gradients)]))
        with modes.no_grad():
            given = self._checked(self._slope(self, *[self._filled(i, each) for i, each in enumerate(gradients)]))
        if not graph.recording() or not any(each is not None and each._requires_grad for each in gradients):
            return given
        return [each if each is None or each is UNDEFINED else _once(each) for each in given]

    def _filled(self, index: int, g: Tensor | None) -> Tensor | None:
        if g is not None or not self._materialize:
            return g
        made = self._outputs if self._outputs.__class__ is tuple else self._outputs[index]
        if made is None:
            return None
        shape, kind = made
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
                if g is not None and self._inputs[i] is None:
                    raise RuntimeError(
                        f"function {self.name()} returned a gradient different than None at position {i + 1}, but the "
                        "corresponding forward input was not a Variable"
                    )
                answers[i] = None if edge is None else UNDEFINED
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


class _Once(graph.Node):
    """What made a gradient that cannot be differentiated."""

    __slots__ = ()
    title = "torch::autograd::Error"
    parents = ()

    def __init__(self) -> None:
        self.number, self.hooks = next(graph.numbers), None

    def pull(self, g: Any) -> Sequence[Any]:
        """PyTorch's error."""
        raise RuntimeError("trying to differentiate twice a function that was marked with @once_differentiable")

    pull_tensors = pull


def _once(g: Tensor) -> Tensor:
    """A gradient, made to need one that nobody can compute."""
    result = wrap(g._array)
    result._requires_grad, result._node = True, _Once()
    return result


def _expandable(small: tuple[int, ...], large: tuple[int, ...]) -> bool:
    """Whether a tensor of the first shape broadcasts to the second."""
    return len(small) <= len(large) and all(n in (1, m) for n, m in zip(small[::-1], large[::-1], strict=False))


def _shown(raw: Any) -> Any:
    return raw if isinstance(raw, np.generic) else raw[...]


def backward(ctx: Any, *grad_outputs: Any) -> Any:
    """The gradients of the arguments; to be overridden."""
    raise NotImplementedError(
        "You must implement either the backward or vjp method for your custom autograd.Function to use it with "
        "backward mode AD."
    )
