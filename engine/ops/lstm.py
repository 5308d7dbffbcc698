r"""Long short-term memory, a layer over all its steps and a single cell. Hochreiter and Schmidhuber, 1997.

The gates i, f, g, o stand one after the other in the rows of the weights (4 · hidden, ·). With `w_hr` (projection,
hidden) the state is projected down (Sak, Senior and Beaufays, 2014).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.array import module
from engine.op import op
from engine.ops.recurrence import (
    Columns,
    Course,
    Way,
    across,
    begun,
    bias_of,
    biased,
    check,
    error,
    grown,
    laid,
    one_of,
    opened,
    rows,
    shaped,
    sigmoid_,
    slopes,
    title,
)


def _step(a: Any, cell: Any, bend: Any, whole: Any, width: int, xp: Any) -> None:
    """One step: `a`, what the gates are made from, becomes the gates; the cells change; `whole` is the new state."""
    i, f, g, o = a[:width], a[width : 2 * width], a[2 * width : 3 * width], a[3 * width :]
    sigmoid_(a[: 2 * width], xp)
    sigmoid_(o, xp)
    xp.tanh(g, g)
    xp.multiply(cell, f, cell)
    xp.add(cell, xp.multiply(i, g, whole), cell)
    xp.multiply(o, xp.tanh(cell, bend), whole)


def _forward(
    input: Any, w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any, w_hr: Any, hx: Any, cx: Any, sizes: Any, reverse: bool
) -> tuple[Any, Any, Any, Any]:
    """The state after each step and at the end, the cells at the end, and what the way back needs."""
    xp, course = module(input), Course(input, sizes, reverse)
    batch, spans = course.batch, course.spans
    check(input, w_ih)
    x, (width, inner), out = rows(input), (w_hh.shape[0] // 4, w_ih.shape[1]), w_hh.shape[1]
    h, c = begun(hx, (batch, out), x, xp, own=len(spans) > 1), begun(cx, (batch, width), x, xp)
    bias = bias_of(b_ih, b_hh)
    if len(spans) == 1:
        a = biased(xp.dot(w_ih, x.T), bias)
        a += xp.dot(w_hh, h)
        old, bend, whole = c.copy(), xp.empty_like(c), xp.empty_like(c)
        _step(a, c, bend, whole, width, xp)
        y = xp.ascontiguousarray((whole if w_hr is None else xp.dot(w_hr, whole)).T)
        return y, y.copy(), c.T.copy(), (0, a, h, old, bend, whole)
    weights = xp.concatenate((w_ih, w_hh) if bias is None else (w_ih, w_hh, bias[:, None]), 1)
    # One product a step makes the gates of the input, the state and the bias.
    read, gates, after = (Columns(n, course, x, xp) for n in (weights.shape[1], 4 * width, out))
    cells, bent = (Columns(width, course, x, xp) for _ in range(2))
    full = after if w_hr is None else Columns(width, course, x, xp)
    read.put(x)
    every = zip(spans, read.steps, gates.steps, cells.steps, bent.steps, full.steps, after.steps, strict=True)
    for (begin, end), z, a, old, bend, whole, new in every:
        size = end - begin
        state, cell = (h, c) if size == batch else (h[:, :size], c[:, :size])
        z[inner : inner + out] = state
        z[inner + out :] = 1
        old[...] = cell
        xp.dot(weights, z, out=a)
        _step(a, cell, bend, whole, width, xp)
        if w_hr is not None:
            xp.dot(w_hr, whole, out=new)
        state[...] = new
    return after.rows(xp=xp), h.T.copy(), c.T.copy(), (inner, gates, read, cells, bent, full)


def _on_arrays(
    g: Any, input: Any, w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any, w_hr: Any, hx: Any, cx: Any, course: Course,
    aux: Any,
) -> Way:  # fmt: skip
    gates, read, cells, bent, full = opened(aux[1:], course)
    xp, spans, batch, count = module(w_hh), course.spans, course.batch, course.count
    width, out = w_hh.shape[0] // 4, w_hh.shape[1]
    before = read.rows(aux[0], aux[0] + out, xp)
    dh, dc = begun(g[1], (batch, out), w_hh, xp), begun(g[2], (batch, width), w_hh, xp)
    up = None
    if g[0] is not None:
        up = Columns(out, course, w_hh, xp)
        up.put(rows(g[0]))
    down = xp.empty((4 * width, count), w_hh.dtype)
    turned, one = across(w_hh, len(spans), xp), one_of(w_hh)
    wide, squares, part, other = (xp.empty((n * width, batch), w_hh.dtype) for n in (4, 4, 1, 1))
    at_projection = None if w_hr is None else Columns(out, course, w_hh, xp)
    for step in range(len(spans) - 1, -1, -1):
        (begin, end), a, bend = spans[step], gates.steps[step], bent.steps[step]
        state, cell, d, q, t, s = (each[:, : end - begin] for each in (dh, dc, wide, squares, part, other))
        if up is not None:
            state += up.steps[step]
        if at_projection is not None:
            at_projection.steps[step][...] = state
            state = w_hr.T @ state
        i, f, new, o = (a[at : at + width] for at in range(0, 4 * width, width))
        xp.multiply(state, bend, d[3 * width :])
        xp.multiply(state, o, t)
        xp.multiply(bend, bend, s)
        xp.multiply(s, t, s)
        cell += t
        cell -= s
        xp.multiply(cell, new, d[:width])
        xp.multiply(cell, cells.steps[step], d[width : 2 * width])
        xp.multiply(cell, i, d[2 * width : 3 * width])
        xp.multiply(cell, f, cell)
        xp.multiply(a, a, q)  # s (1 - s) of sigmoids, 1 - t² of the tanh
        xp.subtract(a[: 2 * width], q[: 2 * width], q[: 2 * width])
        xp.subtract(one, q[2 * width : 3 * width], q[2 * width : 3 * width])
        xp.subtract(o, q[3 * width :], q[3 * width :])
        to = xp.multiply(d, q, down[:, begin:end])
        if end - begin == batch:
            xp.dot(turned, to, out=dh)
        else:
            dh[:, : end - begin] = xp.dot(turned, to)
    at = down.T
    if at_projection is None:
        return Way(at, at, before, (dh.T, dc.T))
    return Way(at, at, before, (dh.T, dc.T), at_projection.rows(xp=xp), full.rows(xp=xp))


def _on_tensors(
    g: Any, input: Any, w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any, w_hr: Any, hx: Any, cx: Any, course: Course,
    k: Any,
) -> Way:  # fmt: skip
    gates, width = rows(input) @ w_ih.T, w_hh.shape[0] // 4
    if b_ih is not None:
        gates = gates + b_ih + b_hh
    h = gates.new_zeros(course.batch, w_hh.shape[1]) if hx is None else hx
    c = gates.new_zeros(course.batch, width) if cx is None else cx
    made = []
    for begin, end in course.spans:
        old, cell = h[: end - begin], c[: end - begin]
        i, f, new, o = k.chunk(gates[begin:end] + old @ w_hh.T, 4, 1)
        i, f, new, o = k.sigmoid(i), k.sigmoid(f), k.tanh(new), k.sigmoid(o)
        following = f * cell + i * new
        bend = k.tanh(following)
        full = o * bend
        made.append((old, cell, i, f, new, o, bend, full))
        h = grown(full if w_hr is None else full @ w_hr.T, h, k)
        c = grown(following, c, k)
    up = None if g[0] is None else rows(g[0])
    dh = k.zeros_like(h) if g[1] is None else g[1]
    dc = k.zeros_like(c) if g[2] is None else g[2]
    down, projections = [], []
    for (begin, end), (_, cell, i, f, new, o, bend, _) in zip(reversed(course.spans), reversed(made), strict=True):
        size = end - begin
        state = dh[:size] if up is None else dh[:size] + up[begin:end]
        projections.append(state)
        if w_hr is not None:
            state = state @ w_hr
        change = dc[:size] + state * o * (1 - bend * bend)
        down.append(
            k.cat(
                [
                    change * new * (i - i * i), change * cell * (f - f * f), change * i * (1 - new * new),
                    state * bend * (o - o * o),
                ],
                1,
            )
        )  # fmt: skip
        dh, dc = grown(down[-1] @ w_hh, dh, k), grown(change * f, dc, k)
    at = laid(down[::-1], course, k)
    before = laid([each[0] for each in made], course, k)
    if w_hr is None:
        return Way(at, at, before, (dh, dc))
    full = laid([each[7] for each in made], course, k)
    return Way(at, at, before, (dh, dc), laid(projections[::-1], course, k), full)


def _title(sizes: Any, kind: Any, w_hr_shape: Any) -> str:
    plain = sizes is None and w_hr_shape is None and kind == np.float32
    return "MkldnnRnnLayerBackward0" if plain else title(sizes)


_NAMES = "input w_ih w_hh b_ih b_hh w_hr hx cx"
_FORMULA = (
    r"h_t = o_t \odot \tanh c_t,\ c_t = f_t \odot c_{t-1} + i_t \odot g_t,\ "
    r"(i, f, g, o)_t = (\sigma, \sigma, \tanh, \sigma)(W_{ih} x_t + W_{hh} h_{t-1} + b)"
)
_SAID: dict[str, Any] = {"homes": (), "out": False, "several": True, "aux": True, "error": error}


@op(_FORMULA, said=_SAID | {"title": _title}, **slopes(_NAMES, 2, False, _on_arrays, _on_tensors))
def lstm_layer(
    input, w_ih, w_hh, b_ih=None, b_hh=None, w_hr=None, hx=None, cx=None, sizes=None, reverse=False
):  # fmt: skip
    """The states after each step, the state and the cells at the end."""
    out, h, c, aux = _forward(input, w_ih, w_hh, b_ih, b_hh, w_hr, hx, cx, sizes, reverse)
    return (shaped(out, input), h, c), aux


@op(_FORMULA, said=_SAID | {"title": "MulBackward0"}, **slopes(_NAMES, 2, True, _on_arrays, _on_tensors))
def lstm_cell(
    input, w_ih, w_hh, b_ih=None, b_hh=None, w_hr=None, hx=None, cx=None, sizes=None, reverse=False
):  # fmt: skip
    """The state and the cells after one step."""
    _, h, c, aux = _forward(input, w_ih, w_hh, b_ih, b_hh, w_hr, hx, cx, sizes, reverse)
    return (h, c), aux
