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
from typing import Any, NamedTuple

from engine.array import OF_NUMPY, TITLES
from engine.errors import ShapeError
from engine.op import Slope, d

Spans = list[tuple[int, int]]


class Way(NamedTuple):
    """What the way back through time gives, each with a row for a row of the input."""

    at_input: Any  # the gradient of the input's product with its weights
    at_state: Any  # that of the state's product: the same but for a GRU
    before: Any  # the state before each step
    states: tuple[Any, ...]  # the gradients of the states at the beginning
    at_projection: Any = None  # the gradient of the projected state
    projected: Any = None  # the state before its projection


def error(input: Any, w_ih: Any, *rest: Any) -> Exception | None:
    """PyTorch's error for an input that does not fit the weights."""
    if input.dtype != w_ih.dtype:
        one, two = (TITLES[OF_NUMPY[each.dtype]] for each in (input, w_ih))
        return RuntimeError(f"mat1 and mat2 must have the same dtype, but got {one} and {two}")
    if input.shape[-1] == w_ih.shape[-1]:
        return None
    return ShapeError(
        f"mat1 and mat2 shapes cannot be multiplied ({math.prod(input.shape[:-1])}x{input.shape[-1]} and "
        f"{w_ih.shape[1]}x{w_ih.shape[0]})", "recurrent layer", (input.shape, w_ih.shape), (input.ndim - 1, 1),
    )  # fmt: skip


def rows(x: Any) -> Any:
    """(time, batch, size) as (time · batch, size)."""
    return x if len(x.shape) == 2 else x.reshape(-1, x.shape[-1])


def spans_of(input: Any, sizes: Sequence[int] | None, reverse: bool) -> tuple[Spans, int]:
    """Where the rows of each step begin and end, in the order of the steps; the number of sequences."""
    if sizes is None:
        steps, batch = (1, input.shape[0]) if len(input.shape) == 2 else input.shape[:2]
        spans = [(i * batch, (i + 1) * batch) for i in range(steps)]
    else:
        spans, begin, batch = [], 0, sizes[0]
        for size in sizes:
            spans.append((begin, begin + size))
            begin += size
    return spans[::-1] if reverse else spans, batch


def shaped(out: Any, input: Any) -> Any:
    """The results of the steps laid out as the input is."""
    return out if len(input.shape) == 2 else out.reshape(*input.shape[:2], out.shape[-1])


def title(sizes: Any) -> str:
    """PyTorch's name of what lays the steps side by side, or one behind the other in a packed batch."""
    return "StackBackward0" if sizes is None else "CatBackward0"


def begun(state: Any, shape: tuple[int, int], like: Any, xp: Any) -> Any:
    """A raw state of one's own to begin with: a copy of what is given, or zeros. PyTorch's error for a wrong shape."""
    if state is not None and state.shape != shape:
        at = len(shape) - 1 if state.shape[0] == shape[0] else 0
        raise ShapeError(
            f"The size of tensor a ({state.shape[at]}) must match the size of tensor b ({shape[at]}) at non-singleton "
            f"dimension {at}", "recurrent layer", (state.shape, shape), (at, at),
        )  # fmt: skip
    return xp.zeros(shape, like.dtype) if state is None else xp.array(state, order="C")


def sigmoid_(x: Any, xp: Any) -> None:
    """1 / (1 + exp(-x)) in the raw array's place; what comes between has no gaps, as columns of gates have."""
    y = xp.negative(x)
    xp.exp(y, y)
    y += x.dtype.type(1)
    xp.reciprocal(y, x)


def grown(new: Any, old: Any, k: Any) -> Any:
    """On tensors: a state after a step that changed its first rows."""
    count = new.shape[0]
    return new if count == old.shape[0] else k.cat([new, old[count:]])


def laid(parts: list[Any], spans: Spans, k: Any) -> Any:
    """On tensors: the rows of the steps, which were made in the order of `spans`, in the order of the input's."""
    if len(parts) == 1:
        return parts[0]
    order = sorted(range(len(parts)), key=lambda i: spans[i][0])
    return k.cat([parts[i] for i in order])


# By operand: the formula, and the gradient from the way back. `a` is what the gates are made from.
_PICKS: dict[str, tuple[str, Callable[..., Any]]] = {
    "input": (
        r"\bar a\,W_{ih},\ \bar a_t = \bar h_t\,\partial h_t / \partial a_t",
        lambda w, k, x, w_ih: (w.at_input @ w_ih).reshape(x.shape),
    ),
    "w_ih": (r"\sum_t \bar a_t^\top x_t", lambda w, k, x, w_ih: w.at_input.T @ rows(x)),
    "w_hh": (r"\sum_t \bar a_t^\top h_{t-1}", lambda w, k, x, w_ih: w.at_state.T @ w.before),
    "b_ih": (r"\sum_t \bar a_t", lambda w, k, x, w_ih: k.column_sums(w.at_input)),
    "b_hh": (r"\sum_t \bar a_t", lambda w, k, x, w_ih: k.column_sums(w.at_state)),
    "w_hr": (r"\sum_t \bar h_t^\top (o_t \odot \tanh c_t)", lambda w, k, x, w_ih: w.at_projection.T @ w.projected),
    "hx": (r"\bar h_0,\ \bar h_{t-1} = \bar h_t\,\partial h_t / \partial h_{t-1}", lambda w, k, x, w_ih: w.states[0]),
    "cx": (r"\bar c_0,\ \bar c_{t-1} = \bar c_t \odot f_t", lambda w, k, x, w_ih: w.states[1]),
}


def slopes(
    names: str, states: int, cell: bool, on_arrays: Callable[..., Way], on_tensors: Callable[..., Way]
) -> dict[str, Slope | None]:
    """The slopes of a layer, or of a cell, with these operands and so many states."""
    results = states + (not cell)

    def way_of(g: list[Any], given: tuple[Any, ...], spans: tuple[Spans, int], aux: Any, k: Any) -> Way:
        if len(g) == results:
            ups = [None, *g] if cell else g  # a cell has no result besides its states
            g.append(on_tensors(ups, *given, *spans, k) if aux is None else on_arrays(ups, *given, *spans, aux))
        way: Way = g[results]
        return way

    def with_cells(pick: Callable[..., Any]) -> Callable[..., Any]:
        def slope(
            g: Any, input: Any, w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any, w_hr: Any, hx: Any, cx: Any, sizes: Any,
            reverse: Any, kind: Any, w_hr_shape: Any, aux: Any, k: Any,
        ) -> Any:  # fmt: skip
            given = (input, w_ih, w_hh, b_ih, b_hh, w_hr, hx, cx)
            return pick(way_of(g, given, spans_of(input, sizes, reverse), aux, k), k, input, w_ih)

        return slope

    def without(pick: Callable[..., Any]) -> Callable[..., Any]:
        def slope(
            g: Any, input: Any, w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any, hx: Any, sizes: Any, reverse: Any,
            aux: Any, k: Any,
        ) -> Any:  # fmt: skip
            given = (input, w_ih, w_hh, b_ih, b_hh, hx)
            return pick(way_of(g, given, spans_of(input, sizes, reverse), aux, k), k, input, w_ih)

        return slope

    form = with_cells if states == 2 else without
    return {name: d(_PICKS[name][0], form(_PICKS[name][1])) for name in names.split()}
