r"""Plain recurrent layers, over all steps and a single cell: h' = tanh or relu of (W x + b + U h + c). Elman, 1990."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.array import module
from engine.op import op
from engine.ops.recurrence import Spans, Way, begun, error, grown, laid, rows, shaped, slopes, spans_of, title


def _forward(
    input: Any, w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any, hx: Any, sizes: Any, reverse: bool, relu: bool
) -> tuple[Any, Any, Any]:
    """The state after each step and at the end, and what the way back needs."""
    xp, (spans, batch) = module(input), spans_of(input, sizes, reverse)
    if input.dtype != w_ih.dtype:
        raise TypeError
    after = rows(input) @ w_ih.T
    if b_ih is not None:
        after += b_ih + b_hh
    n, width, turned = len(after), w_hh.shape[1], w_hh.T
    h = begun(hx, (batch, width), after, xp)
    before, out = xp.empty((n, width), h.dtype), xp.empty((n, width), h.dtype)
    spare, zero = xp.empty((batch, width), h.dtype), h.dtype.type(0)
    for begin, end in spans:
        size = end - begin
        here, state = after[begin:end], h[:size]
        before[begin:end] = state
        here += xp.dot(state, turned, out=spare[:size])
        if relu:
            xp.maximum(here, zero, out=here)
        else:
            xp.tanh(here, here)
        state[...] = here
    out[...] = after  # the program may change its result; the way back needs it as it was
    return out, h, (after, before)


def _back(relu: bool) -> tuple[Callable[..., Way], Callable[..., Way]]:
    """The ways back on raw arrays and on tensors."""

    def on_arrays(
        g: Any, input: Any, w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any, hx: Any, spans: Spans, batch: int, aux: Any
    ) -> Way:
        after, before = aux
        xp = module(after)
        up = None if g[0] is None else rows(g[0])
        dh = begun(g[1], (batch, after.shape[1]), after, xp)
        down, one = xp.empty_like(after), after.dtype.type(1)
        for begin, end in reversed(spans):
            here, to, state = after[begin:end], down[begin:end], dh[: end - begin]
            if up is not None:
                state += up[begin:end]
            if relu:
                xp.multiply(state, here > 0, to)
            else:
                xp.multiply(here, here, to)
                xp.subtract(one, to, to)
                to *= state
            xp.dot(to, w_hh, out=state)
        return Way(down, down, before, (dh,))

    def on_tensors(
        g: Any, input: Any, w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any, hx: Any, spans: Spans, batch: int, k: Any
    ) -> Way:
        gates = rows(input) @ w_ih.T
        if b_ih is not None:
            gates = gates + b_ih + b_hh
        h = gates.new_zeros(batch, w_hh.shape[1]) if hx is None else hx
        made = []
        for begin, end in spans:
            old = h[: end - begin]
            new = (k.relu if relu else k.tanh)(gates[begin:end] + old @ w_hh.T)
            made.append((old, new))
            h = grown(new, h, k)
        up = None if g[0] is None else rows(g[0])
        dh = k.zeros_like(h) if g[1] is None else g[1]
        down = []
        for (begin, end), (_, new) in zip(reversed(spans), reversed(made), strict=True):
            state = dh[: end - begin] if up is None else dh[: end - begin] + up[begin:end]
            down.append(state * ((new > 0) if relu else 1 - new * new))
            dh = grown(down[-1] @ w_hh, dh, k)
        at = laid(down[::-1], spans, k)
        return Way(at, at, laid([each[0] for each in made], spans, k), (dh,))

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
