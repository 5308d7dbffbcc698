r"""Long short-term memory, a layer over all its steps and a single cell. Hochreiter and Schmidhuber, 1997.

The gates i, f, g, o stand one after the other in the rows of the weights (4 · hidden, ·). With `w_hr` (projection,
hidden) the state is projected down (Sak, Senior and Beaufays, 2014).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.array import module
from engine.op import op
from engine.ops.recurrence import Spans, Way, begun, error, grown, laid, rows, shaped, sigmoid_, slopes, spans_of, title


def _forward(
    input: Any, w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any, w_hr: Any, hx: Any, cx: Any, sizes: Any, reverse: bool
) -> tuple[Any, Any, Any, Any]:
    """The state after each step and at the end, the cells at the end, and what the way back needs."""
    xp, (spans, batch) = module(input), spans_of(input, sizes, reverse)
    if input.dtype != w_ih.dtype:
        raise TypeError
    gates = rows(input) @ w_ih.T
    if b_ih is not None:
        gates += b_ih + b_hh
    n, width, turned = len(gates), w_hh.shape[0] // 4, w_hh.T
    h = begun(hx, (batch, w_hh.shape[1]), gates, xp)
    c = begun(cx, (batch, width), gates, xp)
    before, out = xp.empty((n, h.shape[1]), h.dtype), xp.empty((n, h.shape[1]), h.dtype)
    cells, bent = xp.empty((n, width), h.dtype), xp.empty((n, width), h.dtype)
    full = out if w_hr is None else xp.empty((n, width), h.dtype)
    spare, part = xp.empty((batch, 4 * width), h.dtype), xp.empty((batch, width), h.dtype)
    for begin, end in spans:
        size = end - begin
        here, state, cell = gates[begin:end], h[:size], c[:size]
        before[begin:end] = state
        cells[begin:end] = cell
        here += xp.dot(state, turned, out=spare[:size])
        sigmoid_(here[:, : 2 * width], xp)
        i, f, g, o = (here[:, at : at + width] for at in range(0, 4 * width, width))
        xp.tanh(g, g)
        sigmoid_(o, xp)
        cell *= f
        cell += xp.multiply(i, g, part[:size])
        xp.multiply(o, xp.tanh(cell, bent[begin:end]), full[begin:end])
        if w_hr is not None:
            xp.dot(full[begin:end], w_hr.T, out=out[begin:end])
        state[...] = out[begin:end]
    return out, h, c, (gates, before, cells, bent, full)


def _on_arrays(
    g: Any, input: Any, w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any, w_hr: Any, hx: Any, cx: Any, spans: Spans,
    batch: int, aux: Any,
) -> Way:  # fmt: skip
    gates, before, cells, bent, full = aux
    xp, width = module(gates), bent.shape[1]
    up = None if g[0] is None else rows(g[0])
    dh = begun(g[1], (batch, before.shape[1]), gates, xp)
    dc = begun(g[2], (batch, width), gates, xp)
    down = xp.empty_like(gates)
    wide, part, other = (xp.empty((batch, size), gates.dtype) for size in (4 * width, width, width))
    at_projection = None if w_hr is None else xp.empty_like(before)
    one = gates.dtype.type(1)
    for begin, end in reversed(spans):
        size = end - begin
        here, to, bend, cell, state = gates[begin:end], down[begin:end], bent[begin:end], dc[:size], dh[:size]
        i, f, new, o = (here[:, at : at + width] for at in range(0, 4 * width, width))
        di, df, dnew, do = (to[:, at : at + width] for at in range(0, 4 * width, width))
        if up is not None:
            state += up[begin:end]
        if at_projection is not None:
            at_projection[begin:end] = state
            state = state @ w_hr
        xp.multiply(state, bend, do)
        t, s = xp.multiply(state, o, part[:size]), xp.multiply(bend, bend, other[:size])
        cell += t
        s *= t
        cell -= s
        xp.multiply(cell, new, di)
        xp.multiply(cell, cells[begin:end], df)
        xp.multiply(cell, i, dnew)
        cell *= f
        squares = xp.multiply(here, here, wide[:size])  # s (1 - s) of sigmoids, 1 - t² of the tanh
        middle = squares[:, 2 * width : 3 * width]
        xp.subtract(one, middle, middle)
        for which in (slice(2 * width), slice(3 * width, None)):
            xp.subtract(here[:, which], squares[:, which], squares[:, which])
        to *= squares
        xp.dot(to, w_hh, out=dh[:size])
    return Way(down, down, before, (dh, dc), at_projection, full)


def _on_tensors(
    g: Any, input: Any, w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any, w_hr: Any, hx: Any, cx: Any, spans: Spans,
    batch: int, k: Any,
) -> Way:  # fmt: skip
    gates, width = rows(input) @ w_ih.T, w_hh.shape[0] // 4
    if b_ih is not None:
        gates = gates + b_ih + b_hh
    h = gates.new_zeros(batch, w_hh.shape[1]) if hx is None else hx
    c = gates.new_zeros(batch, width) if cx is None else cx
    made = []
    for begin, end in spans:
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
    for (begin, end), (_, cell, i, f, new, o, bend, _) in zip(reversed(spans), reversed(made), strict=True):
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
    at = laid(down[::-1], spans, k)
    before = laid([each[0] for each in made], spans, k)
    if w_hr is None:
        return Way(at, at, before, (dh, dc))
    full = laid([each[7] for each in made], spans, k)
    return Way(at, at, before, (dh, dc), laid(projections[::-1], spans, k), full)


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
