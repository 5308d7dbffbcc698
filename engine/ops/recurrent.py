"""Recurrent layers one on the other, in one or both directions, and single cells, as `torch.lstm` and so on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from engine import graph
from engine.dispatch import tensors
from engine.op import composite
from engine.ops.gru import gru_cell, gru_layer
from engine.ops.lstm import lstm_cell, lstm_layer
from engine.ops.rnn import relu_step, rnn_relu_layer, rnn_tanh_layer, tanh_step
from engine.tensor import Tensor, wrap

LAYERS = {"LSTM": lstm_layer, "GRU": gru_layer, "RNN_TANH": rnn_tanh_layer, "RNN_RELU": rnn_relu_layer}


def through_layers(
    mode: str, input: Any, states: Sequence[Any] | None, params: Sequence[Any], has_biases: bool, num_layers: int,
    dropout: float, bidirectional: bool, sizes: Sequence[int] | None = None,
) -> tuple[Any, ...]:  # fmt: skip
    """The states of the last layer after each step, then the states at the end, (layers · directions, batch, ·) each.

    The input is (time, batch, ·), or the rows of a packed batch with their `sizes`; `dropout` acts between layers.
    """
    layer, lstm = LAYERS[mode], mode == "LSTM"
    count = num_layers * (1 + bidirectional)
    each = len(params) // count
    if sizes is None and not input._array.shape[0]:
        raise RuntimeError("Expected sequence length to be larger than 0 in RNN")
    none = (None, None) if lstm else (None,)

    def through(place: int, x: Any, reverse: bool) -> Any:
        """The layer with this number, of those in both directions."""
        given = params if count == 1 else params[place * each : (place + 1) * each]
        biases = given[2:4] if has_biases else (None, None)
        projection = () if not lstm else (given[-1],) if each % 2 else (None,)
        begin = none if states is None else [_one(state, place) for state in states]
        return layer(x, given[0], given[1], *biases, *projection, *begin, sizes, reverse)

    if count == 1:
        out, *ends = through(0, input, False)
        return out, *[_stacked([end]) for end in ends]
    found = []
    for at in range(0, count, 1 + bidirectional):
        made = [through(place, input, place > at) for place in range(at, at + 1 + bidirectional)]
        found += made
        input = made[0][0] if len(made) == 1 else tensors.cat([out for out, *_ in made], -1)
        if dropout and at + 1 + bidirectional < count:
            input = tensors.dropout(input, dropout)
    return input, *(_stacked([each[which] for each in found]) for which in range(1, 2 + lstm))


def alone(mode: str, input: Any, hx: Any, params: Sequence[Any], has_biases: bool) -> tuple[Any, Any]:
    """A single layer in one direction on (time, batch, ·): its states, and its state(s) at the end, (1, batch, ·)."""
    if not input._array.shape[0]:
        raise RuntimeError("Expected sequence length to be larger than 0 in RNN")
    layer, biases = LAYERS[mode], params[2:4] if has_biases else (None, None)
    if mode != "LSTM":
        out, end = layer(input, params[0], params[1], *biases, None if hx is None else _one(hx, 0), None, False)
        return out, _stacked([end])
    begin = (None, None) if hx is None else (_one(hx[0], 0), _one(hx[1], 0))
    projection = params[-1] if len(params) % 2 else None
    out, *ends = layer(input, params[0], params[1], *biases, projection, *begin, None, False)
    return out, (_stacked(ends[:1]), _stacked(ends[1:]))


def _one(state: Any, place: int) -> Any:
    if graph.watch is None and not (state._requires_grad and graph.recording()):
        return wrap(state._array[place])
    return tensors.select(state, 0, place)


def _stacked(ends: list[Any]) -> Any:
    if len(ends) == 1 and graph.watch is None and not ends[0]._requires_grad:
        return wrap(ends[0]._array[None])
    return tensors.stack(ends)


def _run(
    mode: str, first: Any, second: Any, third: Any, args: tuple[Any, ...], named: dict[str, Any]
) -> tuple[Any, ...]:
    """`torch.lstm` and so on: of a padded batch, or, with sizes of the steps as the second argument, a packed one."""
    packed = isinstance(second, Tensor) and not (isinstance(third, (list, tuple)) and mode != "LSTM")
    packed = packed and third is not None
    words = ["has_biases", "num_layers", "dropout", "train", "bidirectional"]
    words = ["params", *words] if packed else [*words, "batch_first"]
    if len(args) > len(words):
        raise TypeError(f"{mode.lower()}() takes {3 + len(words)} positional arguments but {3 + len(args)} were given")
    given = dict(zip(words, args, strict=False)) | named
    hx, params = (third, given["params"]) if packed else (second, third)
    states = tuple(hx) if mode == "LSTM" else (hx,)
    if mode == "LSTM" and len(states) != 2:
        raise RuntimeError("lstm expects two hidden states")
    turned = not packed and given["batch_first"]
    params = list(params)
    stride = 2 + 2 * bool(given["has_biases"])
    stride += mode == "LSTM" and states[0]._array.shape[-1] != states[1]._array.shape[-1]
    if len(params) % stride:
        raise RuntimeError(f"MatrixRef: ArrayRef size {len(params)} not divisible by stride {stride}")
    out, *ends = through_layers(
        mode, first.transpose(0, 1) if turned else first, states, params, given["has_biases"], given["num_layers"],
        given["dropout"] if given["train"] else 0.0, given["bidirectional"], second.tolist() if packed else None,
    )  # fmt: skip
    return (out.transpose(0, 1) if turned else out), *ends


@composite("engine")
def lstm(input: Any, hx: Any, params: Any, *args: Any, **named: Any) -> Any:
    """Layers of long short-term memory: the states, those at the end, the cells at the end."""
    return _run("LSTM", input, hx, params, args, named)


@composite("engine")
def gru(input: Any, hx: Any, params: Any, *args: Any, **named: Any) -> Any:
    """Layers of gated recurrent units: the states, and those at the end."""
    return _run("GRU", input, hx, params, args, named)


@composite("engine")
def rnn_tanh(input: Any, hx: Any, params: Any, *args: Any, **named: Any) -> Any:
    """Plain recurrent layers with the hyperbolic tangent: the states, and those at the end."""
    return _run("RNN_TANH", input, hx, params, args, named)


@composite("engine")
def rnn_relu(input: Any, hx: Any, params: Any, *args: Any, **named: Any) -> Any:
    """Plain recurrent layers with `relu`: the states, and those at the end."""
    return _run("RNN_RELU", input, hx, params, args, named)


# ---- cells


def _cell(call: Callable[..., Any], gates: int, input: Any, states: tuple[Any, ...], weights: tuple[Any, ...]) -> Any:
    """One step of the cell. PyTorch's errors for what does not fit."""
    w_ih, w_hh, b_ih, b_hh = weights
    shape, width = input._array.shape, w_hh._array.shape[1]
    if shape[1] != w_ih._array.shape[1]:
        raise RuntimeError(f"input has inconsistent input_size: got {shape[1]} expected {w_ih._array.shape[1]}")
    for i, state in enumerate(states):
        if state is None:
            continue
        held = state._array.shape
        if held[0] != shape[0]:
            raise RuntimeError(f"Input batch size {shape[0]} doesn't match hidden{i} batch size {held[0]}")
        if held[-1] != width:
            raise RuntimeError(f"hidden{i} has inconsistent hidden_size: got {held[-1]}, expected {width}")
    if w_ih._array.shape[0] != gates * width:
        raise RuntimeError(
            f"weight_ih first dim must be {gates} * hidden_size = {gates * width}, but got {w_ih._array.shape[0]}"
        )
    if (b_ih is None) != (b_hh is None):
        b_ih, b_hh = (w_ih.new_zeros(gates * width) if each is None else each for each in (b_ih, b_hh))
    projection = (None,) if len(states) == 2 else ()
    return call(input, w_ih, w_hh, b_ih, b_hh, *projection, *states)


@composite("engine")
def engine_lstm_cell(input: Any, hx: Any, w_ih: Any, w_hh: Any, b_ih: Any = None, b_hh: Any = None) -> Any:
    """One step of long short-term memory: the state and the cells after it."""
    if isinstance(hx, Tensor):
        raise TypeError("lstm_cell(): argument 'hx' (position 2) must be tuple of Tensors, not Tensor")
    states = (None, None) if hx is None else tuple(hx)
    if len(states) != 2:
        raise RuntimeError("lstm_cell expects two hidden states")
    return _cell(lstm_cell, 4, input, states, (w_ih, w_hh, b_ih, b_hh))


@composite("engine")
def engine_gru_cell(input: Any, hx: Any, w_ih: Any, w_hh: Any, b_ih: Any = None, b_hh: Any = None) -> Any:
    """One step of gated recurrent units: the state after it."""
    return _cell(gru_cell, 3, input, (hx,), (w_ih, w_hh, b_ih, b_hh))[0]


@composite("engine")
def engine_rnn_tanh_cell(input: Any, hx: Any, w_ih: Any, w_hh: Any, b_ih: Any = None, b_hh: Any = None) -> Any:
    """One step of a plain recurrent cell with the hyperbolic tangent: the state after it."""
    return _cell(tanh_step, 1, input, (hx,), (w_ih, w_hh, b_ih, b_hh))[0]


@composite("engine")
def engine_rnn_relu_cell(input: Any, hx: Any, w_ih: Any, w_hh: Any, b_ih: Any = None, b_hh: Any = None) -> Any:
    """One step of a plain recurrent cell with `relu`: the state after it."""
    return _cell(relu_step, 1, input, (hx,), (w_ih, w_hh, b_ih, b_hh))[0]
