r"""Plain recurrent layers, over all steps and a single cell: h' = tanh or relu of (W x + b + U h + c). Elman, 1990."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.array import module
from engine.op import op
from engine.ops.recurrence import (
    Columns,
    Course,
    Way,
    across,
    begun,
    bias_of,
    check,
    error,
    grown,
    laid,
    one_of,
    rows,
    shaped,
    slopes,
    title,
)


def _forward(
    input: Any, w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any, hx: Any, sizes: Any, reverse: bool, relu: bool
) -> tuple[Any, Any, Any]:
    """The state after each step and at the end, and what the way back needs."""
    xp, course = module(input), Course(input, sizes, reverse)
    batch, spans = course.batch, course.spans
    check(input, w_ih)
    x, width = rows(input), w_hh.shape[1]
    h = begun(hx, (batch, width), x, xp)
    before, after = Columns(width, course, x, xp), Columns(width, course, x, xp)
    after.project(x, w_ih, bias_of(b_ih, b_hh), xp)
    zero = x.dtype.type(0)
    for (begin, end), old, a in zip(spans, before.steps, after.steps, strict=True):
        state = h[:, : end - begin]
        old[...] = state
        xp.add(a, xp.dot(w_hh, old), a)
        if relu:
            xp.maximum(a, zero, out=a)
        else:
            xp.tanh(a, a)
        state[...] = a
    out = after.rows(xp=xp)
    return xp.array(out) if xp.may_share_memory(out, after.steps[0]) else out, h.T.copy(), (after, before)


def _back(relu: bool) -> tuple[Callable[..., Way], Callable[..., Way]]:
    """The ways back on raw arrays and on tensors."""

    def on_arrays(
        g: Any, input: Any, w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any, hx: Any, course: Course, aux: Any
    ) -> Way:
        after, before = aux
        xp, spans, batch, count = module(w_hh), course.spans, course.batch, course.count
        width = w_hh.shape[1]
        dh = begun(g[1], (batch, width), w_hh, xp)
        up = None
        if g[0] is not None:
            up = Columns(width, course, w_hh, xp)
            up.put(rows(g[0]))
        down, part = xp.empty((width, count), w_hh.dtype), xp.empty((width, batch), w_hh.dtype)
        turned, one = across(w_hh, len(spans), xp), one_of(w_hh)
        for step in range(len(spans) - 1, -1, -1):
            (begin, end), a = spans[step], after.steps[step]
            state, d = dh[:, : end - begin], part[:, : end - begin]
            if up is not None:
                state += up.steps[step]
            if relu:
                xp.multiply(state, a > 0, d)
            else:
                xp.multiply(a, a, d)
                xp.subtract(one, d, d)
                xp.multiply(d, state, d)
            down[:, begin:end] = d
            state[...] = xp.dot(turned, d)
        return Way(down.T, down.T, before.rows(xp=xp), (dh.T,))

    def on_tensors(
        g: Any, input: Any, w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any, hx: Any, course: Course, k: Any
    ) -> Way:
        gates = rows(input) @ w_ih.T
        if b_ih is not None:
            gates = gates + b_ih + b_hh
        h = gates.new_zeros(course.batch, w_hh.shape[1]) if hx is None else hx
        made = []
        for begin, end in course.spans:
            old = h[: end - begin]
            new = (k.relu if relu else k.tanh)(gates[begin:end] + old @ w_hh.T)
            made.append((old, new))
            h = grown(new, h, k)
        up = None if g[0] is None else rows(g[0])
        dh = k.zeros_like(h) if g[1] is None else g[1]
        down = []
        for (begin, end), (_, new) in zip(reversed(course.spans), reversed(made), strict=True):
            state = dh[: end - begin] if up is None else dh[: end - begin] + up[begin:end]
            down.append(state * ((new > 0) if relu else 1 - new * new))
            dh = grown(down[-1] @ w_hh, dh, k)
        at = laid(down[::-1], course, k)
        return Way(at, at, laid([each[0] for each in made], course, k), (dh,))

    return on_arrays, on_tensors


_NAMES = "input w_ih w_hh b_ih b_hh hx"
_SAID: dict[str, Any] = {"homes": (), "out": False, "several": True, "aux": True, "error": error}


def _declare(relu: bool) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """The layer and the cell with one of the two functions."""
    name, tex = ("relu", r"\mathrm{relu}") if relu else ("tanh", r"\tanh")
    formula = rf"h_t = {tex}(W_{{ih}} x_t + b_{{ih}} + W_{{hh}} h_{{t-1}} + b_{{hh}})"

    @op(formula, said=_SAID | {"name": f"rnn_{name}_layer", "title": title},
        **slopes(_NAMES, 1, False, *_back(relu)))  # fmt: skip
    def layer(input, w_ih, w_hh, b_ih=None, b_hh=None, hx=None, sizes=None, reverse=False):
        """The states after each step, and at the end."""
        out, h, aux = _forward(input, w_ih, w_hh, b_ih, b_hh, hx, sizes, reverse, relu)
        return (shaped(out, input), h), aux

    @op(formula, said=_SAID | {"name": f"rnn_{name}_cell", "title": f"{name.capitalize()}Backward0"},
        **slopes(_NAMES, 1, True, *_back(relu)))  # fmt: skip
    def cell(input, w_ih, w_hh, b_ih=None, b_hh=None, hx=None, sizes=None, reverse=False):
        """The state after one step."""
        _, h, aux = _forward(input, w_ih, w_hh, b_ih, b_hh, hx, sizes, reverse, relu)
        return (h,), aux

    return layer, cell


rnn_tanh_layer, tanh_step = _declare(False)
rnn_relu_layer, relu_step = _declare(True)
