r"""Gated recurrent units, a layer over all its steps and a single cell. Cho and others, 2014.

The gates r, z, n stand one after the other in the rows of the weights (3 · hidden, ·); as in PyTorch, r scales the
state's product with its weights, bias included.
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
    biased,
    check,
    error,
    grown,
    laid,
    opened,
    rows,
    shaped,
    sigmoid_,
    slopes,
    title,
)


def _step(a: Any, told: Any, old: Any, to: Any, width: int, xp: Any) -> None:
    """One step: `a` and `told`, the products with the input and with the state, give the gates in `a`, a state `to`."""
    both, new = a[: 2 * width], a[2 * width :]
    xp.add(both, told[: 2 * width], both)
    sigmoid_(both, xp)
    xp.add(new, xp.multiply(a[:width], told[2 * width :], to), new)
    xp.tanh(new, new)
    xp.subtract(old, new, to)
    xp.multiply(to, a[width : 2 * width], to)
    xp.add(to, new, to)


def _forward(
    input: Any, w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any, hx: Any, sizes: Any, reverse: bool
) -> tuple[Any, Any, Any]:
    """The state after each step and at the end, and what the way back needs."""
    xp = module(input)
    check(input, w_ih)
    x, width = rows(input), w_hh.shape[1]
    if len(x) == 1 and x.__class__ is np.ndarray:  # one row, as when a text is generated: vectors take half the calls
        h = begun(hx, (1, width), x, xp, own=False).reshape(-1)
        a, told, to = np.dot(w_ih, x[0]), np.dot(w_hh, h), np.empty_like(h)
        if b_ih is not None:
            a += b_ih
            told += b_hh
        _step(a, told, h, to, width, np)
        out = to[None]
        return out, out.copy(), (a[:, None], h[:, None], told[2 * width :, None])
    if sizes is None and (input.ndim == 2 or input.shape[0] == 1):  # a single step
        h = begun(hx, (len(x), width), x, xp, own=False)
        a, told = biased(xp.dot(w_ih, x.T), b_ih), biased(xp.dot(w_hh, h), b_hh)
        to = xp.empty_like(h)
        _step(a, told, h, to, width, xp)
        out = xp.ascontiguousarray(to.T)
        return out, out.copy(), (a, h, told[2 * width :])
    course = Course(input, sizes, reverse)
    batch, spans = course.batch, course.spans
    h = begun(hx, (batch, width), x, xp)
    gates, before, after, heard = (Columns(n * width, course, x, xp) for n in (3, 1, 1, 1))
    gates.project(x, w_ih, b_ih, xp)
    spare = xp.empty((3 * width, batch), x.dtype)
    every = zip(spans, gates.steps, before.steps, after.steps, heard.steps, strict=True)
    for (begin, end), a, old, to, hear in every:
        size = end - begin
        state, told = (h, spare) if size == batch else (h[:, :size], xp.empty((3 * width, size), x.dtype))
        old[...] = state
        biased(xp.dot(w_hh, old, out=told), b_hh)
        hear[...] = told[2 * width :]
        _step(a, told, old, to, width, xp)
        state[...] = to
    return after.rows(xp=xp), h.T.copy(), (gates, before, heard)


def _on_arrays(
    g: Any, input: Any, w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any, hx: Any, course: Course, aux: Any
) -> Way:
    gates, before, heard = opened(aux, course)
    xp, spans, batch, count = module(w_hh), course.spans, course.batch, course.count
    width = w_hh.shape[1]
    dh = begun(g[1], (batch, width), w_hh, xp)
    up = None
    if g[0] is not None:
        up = Columns(width, course, w_hh, xp)
        up.put(rows(g[0]))
    down, at_state = (xp.empty((3 * width, count), w_hh.dtype) for _ in range(2))
    turned = across(w_hh, len(spans), xp)
    wide, squares, part = (xp.empty((n * width, batch), w_hh.dtype) for n in (3, 2, 1))
    for step in range(len(spans) - 1, -1, -1):
        (begin, end), a, old = spans[step], gates.steps[step], before.steps[step]
        state, d, q, t = (each[:, : end - begin] for each in (dh, wide, squares, part))
        r, z, new = (a[at : at + width] for at in range(0, 3 * width, width))
        if up is not None:
            state += up.steps[step]
        dnew = d[2 * width :]
        xp.subtract(old, new, t)
        xp.multiply(state, t, d[width : 2 * width])
        xp.multiply(state, z, t)  # what goes straight to the state before
        xp.subtract(state, t, dnew)
        state[...] = t
        xp.multiply(new, new, t)
        xp.multiply(t, dnew, t)
        dnew -= t
        xp.multiply(dnew, heard.steps[step], d[:width])
        both, gated = a[: 2 * width], d[: 2 * width]
        xp.multiply(both, both, q)
        xp.subtract(both, q, q)
        xp.multiply(gated, q, gated)
        down[:, begin:end] = d
        xp.multiply(dnew, r, dnew)
        at_state[:, begin:end] = d
        state += xp.dot(turned, d)
    return Way(down.T, at_state.T, before.rows(xp=xp), (dh.T,))


def _on_tensors(g: Any, input: Any, w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any, hx: Any, course: Course, k: Any) -> Way:
    gates = rows(input) @ w_ih.T
    if b_ih is not None:
        gates = gates + b_ih
    h = gates.new_zeros(course.batch, w_hh.shape[1]) if hx is None else hx
    made = []
    for begin, end in course.spans:
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
    for (begin, end), (old, r, z, new, hear) in zip(reversed(course.spans), reversed(made), strict=True):
        state = dh[: end - begin] if up is None else dh[: end - begin] + up[begin:end]
        dz, dnew = state * (old - new) * (z - z * z), state * (1 - z) * (1 - new * new)
        dr = dnew * hear * (r - r * r)
        down.append(k.cat([dr, dz, dnew], 1))
        at_state.append(k.cat([dr, dz, dnew * r], 1))
        dh = grown(state * z + at_state[-1] @ w_hh, dh, k)
    before = laid([each[0] for each in made], course, k)
    return Way(laid(down[::-1], course, k), laid(at_state[::-1], course, k), before, (dh,))


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
