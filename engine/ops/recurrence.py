r"""What the recurrent layers share: the order of the steps, and gradients made from one way back through time.

A layer goes through rows (N, inputs), the steps one after the other. `sizes` says how many rows each step has: they
may shrink, as the sequences of a packed batch end. Its state has a row for each sequence; a step changes the first of
them, so that what is left at the end is the state in which each sequence ended. In reverse the steps come last first.

All slopes of a layer need the same way back, which is made once and waits at the end of the list of gradients, a list
that belongs to one walk. On raw arrays it is made in place from what the kernel kept (`aux`); on tensors, where it must
itself be differentiable, from the operands, step by step.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import accumulate, pairwise
from typing import Any, NamedTuple

import numpy as np

from engine.array import OF_NUMPY, TITLES
from engine.errors import ShapeError
from engine.op import Slope, d


class Way(NamedTuple):
    """What the way back through time gives, each with a row for a row of the input."""

    at_input: Any  # the gradient of the input's product with its weights
    at_state: Any  # that of the state's product: the same but for a GRU
    before: Any  # the state before each step
    states: tuple[Any, ...]  # the gradients of the states at the beginning
    at_projection: Any = None  # the gradient of the projected state
    projected: Any = None  # the state before its projection


def _mixed(*given: Any) -> RuntimeError:
    """PyTorch's error for two dtypes."""
    one, two = (TITLES[OF_NUMPY[each.dtype]] for each in given)
    return RuntimeError(f"mat1 and mat2 must have the same dtype, but got {one} and {two}")


def error(input: Any, w_ih: Any, *rest: Any) -> Exception | None:
    """PyTorch's error for an input that does not fit the weights."""
    if input.dtype != w_ih.dtype:
        return _mixed(input, w_ih)
    if input.shape[-1] == w_ih.shape[-1]:
        return None
    return ShapeError(
        f"mat1 and mat2 shapes cannot be multiplied ({math.prod(input.shape[:-1])}x{input.shape[-1]} and "
        f"{w_ih.shape[1]}x{w_ih.shape[0]})", "recurrent layer", (input.shape, w_ih.shape), (input.ndim - 1, 1),
    )  # fmt: skip


def check(input: Any, w_ih: Any) -> None:
    """Raise where `error` knows why."""
    if input.dtype != w_ih.dtype or input.shape[-1] != w_ih.shape[-1]:
        raise TypeError


def rows(x: Any) -> Any:
    """(time, batch, size) as (time · batch, size)."""
    return x if len(x.shape) == 2 else x.reshape(math.prod(x.shape[:-1]), x.shape[-1])


class Course:
    """The order of the steps: where the rows of each begin and end, the first step first."""

    __slots__ = ("batch", "count", "even", "reverse", "spans")

    def __init__(self, input: Any, sizes: Sequence[int] | None, reverse: bool) -> None:
        shape = input.shape
        if sizes is None:
            steps, batch = (1, shape[0]) if len(shape) == 2 else shape[:2]
            self.spans = [(i * batch, (i + 1) * batch) for i in range(steps)]
            self.even, self.count = True, steps * batch
        else:
            ends = [0, *accumulate(sizes)]
            self.spans, batch, self.count = list(pairwise(ends)), sizes[0], ends[-1]
            self.even = sizes[-1] == batch
        self.batch = batch  # how many sequences there are
        self.reverse = reverse
        if reverse:
            self.spans.reverse()


def shaped(out: Any, input: Any) -> Any:
    """The results of the steps laid out as the input is."""
    return out if len(input.shape) == 2 else out.reshape(*input.shape[:2], out.shape[-1])


def title(sizes: Any) -> str:
    """PyTorch's name of what lays the steps side by side, or one behind the other in a packed batch."""
    return "StackBackward0" if sizes is None else "CatBackward0"


class Columns:
    """A raw array with a column for each row of the input: the `steps`, each (width, its rows), lie end to end.

    So each gate of a step is one piece of memory, which NumPy goes through twice as fast as through rows of it.
    """

    __slots__ = ("course", "steps", "whole")

    def __init__(self, width: int, course: Course, like: Any, xp: Any) -> None:
        self.course = course
        self.whole: Any = None  # (steps in time's order, width, rows), where all steps have as many
        if course.even:
            self.whole = xp.empty((len(course.spans), width, course.batch), like.dtype)
            self.steps = list(self.whole[::-1] if course.reverse else self.whole)
        else:
            flat = xp.empty(width * course.count, like.dtype)
            self.steps = [flat[width * a : width * b].reshape(width, b - a) for a, b in course.spans]

    @classmethod
    def of_one(cls, course: Course, step: Any) -> Columns:
        """The columns of a single step."""
        made = object.__new__(cls)
        made.course, made.whole, made.steps = course, step[None], [step]
        return made

    def put(self, x: Any) -> None:
        """Let the first elements of each column be a row of `x`."""
        if self.whole is not None:
            steps, _, size = self.whole.shape
            self.whole[:, : x.shape[1]] = x.reshape(steps, size, x.shape[-1]).swapaxes(1, 2)
            return
        for (begin, end), step in zip(self.course.spans, self.steps, strict=True):
            step[: x.shape[1]] = x[begin:end].T

    def project(self, x: Any, weight: Any, bias: Any, xp: Any) -> None:
        """Let each column be a row of `x` times a matrix (width, size of a row), plus a bias."""
        steps, size = len(self.course.spans), self.course.batch
        if self.whole is not None and size == 1:
            xp.dot(x, weight.T, out=self.whole.reshape(steps, self.whole.shape[1]))
        elif self.whole is not None and steps > 1:
            xp.matmul(weight, x.reshape(steps, size, x.shape[-1]).swapaxes(1, 2), out=self.whole)
        else:
            for (begin, end), step in zip(self.course.spans, self.steps, strict=True):
                xp.dot(weight, x[begin:end].T, out=step)
        for step in self.steps:
            biased(step, bias)

    def rows(self, begin: int = 0, end: int | None = None, xp: Any = None) -> Any:
        """Elements of each column as the rows of a matrix, which lie in memory one after the other."""
        if self.whole is not None:
            part = self.whole[:, begin:end].swapaxes(1, 2)
            return xp.ascontiguousarray(part.reshape(math.prod(part.shape[:2]), part.shape[2]))
        steps = self.steps[::-1] if self.course.reverse else self.steps
        return xp.ascontiguousarray(xp.concatenate([each[begin:end].T for each in steps]))


def opened(kept: Sequence[Any], course: Course) -> Sequence[Any]:
    """What a kernel kept for the way back, as columns: of a single step it kept bare arrays."""
    return kept if kept[0].__class__ is Columns else [Columns.of_one(course, each) for each in kept]


def begun(state: Any, shape: tuple[int, int], like: Any, xp: Any, own: bool = True) -> Any:
    """A raw state (of one's own) to begin with, a column a sequence: what is given, or zeros. PyTorch's error if wrong.

    `shape` is that of the state with a row for each sequence.
    """
    if state is None:
        return xp.zeros(shape[::-1], like.dtype)
    if state.dtype != like.dtype:
        raise _mixed(state, like)
    if state.shape != shape:
        at = len(shape) - 1 if state.shape[0] == shape[0] else 0
        raise ShapeError(
            f"The size of tensor a ({state.shape[at]}) must match the size of tensor b ({shape[at]}) at non-singleton "
            f"dimension {at}", "recurrent layer", (state.shape, shape), (at, at),
        )  # fmt: skip
    return xp.array(state.T, order="C") if own else xp.ascontiguousarray(state.T)


def bias_of(b_ih: Any, b_hh: Any) -> Any:
    """Both biases as one; None for none."""
    return None if b_ih is None else b_ih + b_hh


def across(weight: Any, steps: int, xp: Any) -> Any:
    """A matrix turned, laid out anew where so many products with it are to come that this pays."""
    return xp.ascontiguousarray(weight.T) if steps > 4 else weight.T


_ONES = {np.dtype(kind): np.ones((), kind) for kind in "efd"}  # as arrays, which ufuncs take quicker than numbers


def one_of(x: Any) -> Any:
    """One, to compute with."""
    return _ONES[x.dtype] if x.__class__ is np.ndarray else x.dtype.type(1)


def sigmoid_(x: Any, xp: Any) -> None:
    """1 / (1 + exp(-x)) in the raw array's place."""
    xp.negative(x, x)
    xp.exp(x, x)
    xp.add(x, one_of(x), x)
    xp.reciprocal(x, x)


def biased(product: Any, bias: Any) -> Any:
    """A product, a column for each row, with a bias added in its place."""
    if bias is not None:
        product += bias[:, None]
    return product


def grown(new: Any, old: Any, k: Any) -> Any:
    """On tensors: a state after a step that changed its first rows."""
    count = new.shape[0]
    return new if count == old.shape[0] else k.cat([new, old[count:]])


def laid(parts: list[Any], course: Course, k: Any) -> Any:
    """On tensors: the rows of the steps, which were made in their order, in the order of the input's."""
    return parts[0] if len(parts) == 1 else k.cat(parts[::-1] if course.reverse else parts)


def sums_of(x: Any, k: Any) -> Any:
    """The sums of columns: of a raw matrix by a product with ones, which takes a quarter of the time."""
    return x.T @ np.ones(len(x), x.dtype) if x.__class__ is np.ndarray else k.column_sums(x)


# By operand: the formula, and the gradient from the way back. `a` is what the gates are made from.
_PICKS: dict[str, tuple[str, Callable[..., Any]]] = {
    "input": (
        r"\bar a\,W_{ih},\ \bar a_t = \bar h_t\,\partial h_t / \partial a_t",
        lambda w, k, x, w_ih: (w.at_input @ w_ih).reshape(x.shape),
    ),
    "w_ih": (r"\sum_t \bar a_t^\top x_t", lambda w, k, x, w_ih: w.at_input.T @ rows(x)),
    "w_hh": (r"\sum_t \bar a_t^\top h_{t-1}", lambda w, k, x, w_ih: w.at_state.T @ w.before),
    "b_ih": (r"\sum_t \bar a_t", lambda w, k, x, w_ih: sums_of(w.at_input, k)),
    "b_hh": (r"\sum_t \bar a_t", lambda w, k, x, w_ih: sums_of(w.at_state, k)),
    "w_hr": (r"\sum_t \bar h_t^\top (o_t \odot \tanh c_t)", lambda w, k, x, w_ih: w.at_projection.T @ w.projected),
    "hx": (r"\bar h_0,\ \bar h_{t-1} = \bar h_t\,\partial h_t / \partial h_{t-1}", lambda w, k, x, w_ih: w.states[0]),
    "cx": (r"\bar c_0,\ \bar c_{t-1} = \bar c_t \odot f_t", lambda w, k, x, w_ih: w.states[1]),
}


def slopes(
    names: str, states: int, cell: bool, on_arrays: Callable[..., Way], on_tensors: Callable[..., Way]
) -> dict[str, Slope | None]:
    """The slopes of a layer, or of a cell, with these operands and so many states."""
    results = states + (not cell)

    def way_of(g: list[Any], given: tuple[Any, ...], sizes: Any, reverse: bool, aux: Any, k: Any) -> Way:
        if len(g) == results:
            ups, course = [None, *g] if cell else g, Course(given[0], sizes, reverse)  # a cell has its states only
            g.append(on_tensors(ups, *given, course, k) if aux is None else on_arrays(ups, *given, course, aux))
        way: Way = g[results]
        return way

    def with_cells(pick: Callable[..., Any]) -> Callable[..., Any]:
        def slope(
            g: Any, input: Any, w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any, w_hr: Any, hx: Any, cx: Any, sizes: Any,
            reverse: Any, kind: Any, w_hr_shape: Any, aux: Any, k: Any,
        ) -> Any:  # fmt: skip
            given = (input, w_ih, w_hh, b_ih, b_hh, w_hr, hx, cx)
            return pick(way_of(g, given, sizes, reverse, aux, k), k, input, w_ih)

        return slope

    def without(pick: Callable[..., Any]) -> Callable[..., Any]:
        def slope(
            g: Any, input: Any, w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any, hx: Any, sizes: Any, reverse: Any,
            aux: Any, k: Any,
        ) -> Any:  # fmt: skip
            given = (input, w_ih, w_hh, b_ih, b_hh, hx)
            return pick(way_of(g, given, sizes, reverse, aux, k), k, input, w_ih)

        return slope

    form = with_cells if states == 2 else without
    return {name: d(_PICKS[name][0], form(_PICKS[name][1])) for name in names.split()}
