r"""Gated recurrent units, a layer over all its steps and a single cell. Cho and others, 2014.

The gates r, z, n stand one after the other in the rows of the weights (3 · hidden, ·); as in PyTorch, r scales the
state's product with its weights, bias included.
"""

from __future__ import annotations

from typing import Any

from engine.array import module
from engine.op import op
from engine.ops.recurrence import Spans, Way, begun, error, grown, laid, rows, shaped, sigmoid_, slopes, spans_of, title


def _forward(
    input: Any, w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any, hx: Any, sizes: Any, reverse: bool
) -> tuple[Any, Any, Any]:
    """The state after each step and at the end, and what the way back needs."""
    xp, (spans, batch) = module(input), spans_of(input, sizes, reverse)
    if input.dtype != w_ih.dtype:
        raise TypeError
    gates = rows(input) @ w_ih.T
    if b_ih is not None:
        gates += b_ih
    n, width, turned = len(gates), w_hh.shape[1], w_hh.T
    h = begun(hx, (batch, width), gates, xp)
    before, out, heard = (xp.empty((n, width), h.dtype) for _ in range(3))
    spare = xp.empty((batch, 3 * width), h.dtype)
    for begin, end in spans:
        size = end - begin
        here, state, hear = gates[begin:end], h[:size], heard[begin:end]
        before[begin:end] = state
        told = xp.dot(state, turned, out=spare[:size])
        if b_hh is not None:
            told += b_hh
        hear[...] = told[:, 2 * width :]
        both = here[:, : 2 * width]
        both += told[:, : 2 * width]
        sigmoid_(both, xp)
        new, to = here[:, 2 * width :], out[begin:end]
        new += xp.multiply(here[:, :width], hear, to)
        xp.tanh(new, new)
        state -= new
        state *= here[:, width : 2 * width]
        state += new
        to[...] = state
    return out, h, (gates, before, heard)


def _on_arrays(
    g: Any, input: Any, w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any, hx: Any, spans: Spans, batch: int, aux: Any
) -> Way:
    gates, before, heard = aux
    xp, width = module(gates), before.shape[1]
    up = None if g[0] is None else rows(g[0])
    dh = begun(g[1], (batch, width), gates, xp)
    down, at_state = xp.empty_like(gates), xp.empty_like(gates)
    part, wide = xp.empty((batch, width), gates.dtype), xp.empty((batch, 2 * width), gates.dtype)
    for begin, end in reversed(spans):
        size = end - begin
        here, to, too, state = gates[begin:end], down[begin:end], at_state[begin:end], dh[:size]
        r, z, new = (here[:, at : at + width] for at in range(0, 3 * width, width))
        dr, dz, dnew = (to[:, at : at + width] for at in range(0, 3 * width, width))
        if up is not None:
            state += up[begin:end]
        t = xp.subtract(before[begin:end], new, part[:size])
        xp.multiply(state, t, dz)
        xp.multiply(state, z, t)  # what goes straight to the state before, for now
        xp.subtract(state, t, dnew)
        state[...] = t
        xp.multiply(new, new, t)
        t *= dnew
        dnew -= t
        xp.multiply(dnew, heard[begin:end], dr)
        both, squares = here[:, : 2 * width], wide[:size]
        xp.multiply(both, both, squares)
        xp.subtract(both, squares, squares)
        to[:, : 2 * width] *= squares
        too[:, : 2 * width] = to[:, : 2 * width]
        xp.multiply(dnew, r, too[:, 2 * width :])
        state += xp.dot(too, w_hh, out=t)
    return Way(down, at_state, before, (dh,))


def _on_tensors(
    g: Any, input: Any, w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any, hx: Any, spans: Spans, batch: int, k: Any
) -> Way:
    gates = rows(input) @ w_ih.T
    if b_ih is not None:
        gates = gates + b_ih
    h = gates.new_zeros(batch, w_hh.shape[1]) if hx is None else hx
    made = []
    for begin, end in spans:
        old = h[: end - begin]
        told = old @ w_hh.T if b_hh is None else old @ w_hh.T + b_hh
        (r, z, new), (tr, tz, hear) = k.chunk(gates[begin:end], 3, 1), k.chunk(told, 3, 1)
        r, z = k.sigmoid(r + tr), k.sigmoid(z + tz)
        new = k.tanh(new + r * hear)
        made.append((old, r, z, new, hear))
        h = grown(new + z * (old - new), h, k)
    up = None if g[0] is None else rows(g[0])
    dh = k.zeros_like(h) if g[1] is None else g[1]
    down, at_state = [], []
    for (begin, end), (old, r, z, new, hear) in zip(reversed(spans), reversed(made), strict=True):
        state = dh[: end - begin] if up is None else dh[: end - begin] + up[begin:end]
        dz, dnew = state * (old - new) * (z - z * z), state * (1 - z) * (1 - new * new)
        dr = dnew * hear * (r - r * r)
        down.append(k.cat([dr, dz, dnew], 1))
        at_state.append(k.cat([dr, dz, dnew * r], 1))
        dh = grown(state * z + at_state[-1] @ w_hh, dh, k)
    before = laid([each[0] for each in made], spans, k)
    return Way(laid(down[::-1], spans, k), laid(at_state[::-1], spans, k), before, (dh,))


_NAMES = "input w_ih w_hh b_ih b_hh hx"
_FORMULA = (
    r"h_t = (1 - z_t) \odot n_t + z_t \odot h_{t-1},\ n_t = \tanh(W_{in} x_t + r_t \odot W_{hn} h_{t-1}),\ "
    r"(r, z)_t = \sigma(W_{ih} x_t + W_{hh} h_{t-1} + b)"
)
_SAID: dict[str, Any] = {"homes": (), "out": False, "several": True, "aux": True, "error": error}


@op(_FORMULA, said=_SAID | {"title": title}, **slopes(_NAMES, 1, False, _on_arrays, _on_tensors))
def gru_layer(input, w_ih, w_hh, b_ih=None, b_hh=None, hx=None, sizes=None, reverse=False):
    """The states after each step, and at the end."""
    out, h, aux = _forward(input, w_ih, w_hh, b_ih, b_hh, hx, sizes, reverse)
    return (shaped(out, input), h), aux


@op(_FORMULA, said=_SAID | {"title": "AddBackward0"}, **slopes(_NAMES, 1, True, _on_arrays, _on_tensors))
def gru_cell(input, w_ih, w_hh, b_ih=None, b_hh=None, hx=None, sizes=None, reverse=False):
    """The state after one step."""
    _, h, aux = _forward(input, w_ih, w_hh, b_ih, b_hh, hx, sizes, reverse)
    return (h,), aux
