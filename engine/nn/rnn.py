"""Recurrent layers as modules."""

from __future__ import annotations

import math
import numbers
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from engine import switches
from engine.nn import init
from engine.nn.module import Module
from engine.nn.parameter import new_parameter
from engine.nn.utils.rnn import PackedSequence
from engine.ops.recurrent import alone, through_layers
from engine.tensor import Tensor
from engine.titles import retitle

_NOTHING: Any = np.empty(())
_GATES = {"LSTM": 4, "GRU": 3, "RNN_TANH": 1, "RNN_RELU": 1}


def _check_sizes(input_size: Any, hidden_size: Any, num_layers: Any, proj_size: Any) -> None:
    for name, size in (("input_size", input_size), ("hidden_size", hidden_size)):
        if not isinstance(size, int):
            raise TypeError(f"{name} should be of type int, got: {type(size).__name__}")
    for name, size in (("input_size", input_size), ("hidden_size", hidden_size), ("num_layers", num_layers)):
        if size <= 0:
            raise ValueError(f"{name} must be greater than zero")
    if proj_size < 0:
        raise ValueError("proj_size should be a positive integer or zero to disable projections")
    if proj_size >= hidden_size:
        raise ValueError("proj_size has to be smaller than hidden_size")


def _permuted(state: Any, order: Any) -> Any:
    return state.index_select(1, order)


class RNNBase(Module):
    """What `RNN`, `LSTM` and `GRU` share: parameters for each layer and direction, the call, the errors.

    Of layer i there are `weight_ih_l{i}`, `weight_hh_l{i}`, `bias_ih_l{i}`, `bias_hh_l{i}`, with a projection
    `weight_hr_l{i}`, and of the backward direction the same with `_reverse` at the end; all begin uniform in
    ±1/√hidden_size. The input is (time, batch, input_size), with `batch_first` (batch, time, input_size), without a
    batch (time, input_size), or a `PackedSequence`.
    """

    def __init__(
        self,
        mode: str,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        if not isinstance(dropout, numbers.Number) or isinstance(dropout, bool) or not 0 <= dropout <= 1:
            raise ValueError(
                "dropout should be a number in range [0, 1] representing the probability of an element being zeroed"
            )
        for name, flag in (("bias", bias), ("batch_first", batch_first)):
            if not isinstance(flag, bool):
                raise TypeError(f"{name} should be of type bool, got: {type(flag).__name__}")
        if dropout > 0 and num_layers == 1:
            warnings.warn(
                "dropout option adds dropout after all but last recurrent layer, so non-zero dropout expects "
                f"num_layers greater than 1, but got dropout={dropout} and num_layers={num_layers}",
                stacklevel=2,
            )
        _check_sizes(input_size, hidden_size, num_layers, proj_size)
        if mode not in _GATES:
            raise ValueError("Unrecognized RNN mode: " + mode)
        self.mode = mode
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.bias = bias
        self.batch_first = batch_first
        self.dropout = float(dropout)
        self.bidirectional = bidirectional
        self.proj_size = proj_size
        self._all_weights: list[list[str]] = []
        gates, out = _GATES[mode] * hidden_size, proj_size or hidden_size
        directions = 2 if bidirectional else 1
        for layer in range(num_layers):
            for suffix in ("", "_reverse")[:directions]:
                width = input_size if layer == 0 else out * directions
                shapes: dict[str, Any] = {"weight_ih": (gates, width), "weight_hh": (gates, out)}
                if bias:
                    shapes |= {"bias_ih": (gates,), "bias_hh": (gates,)}
                if proj_size:
                    shapes["weight_hr"] = (proj_size, hidden_size)
                self._all_weights.append([f"{name}_l{layer}{suffix}" for name in shapes])
                for name, shape in zip(self._all_weights[-1], shapes.values(), strict=True):
                    self.register_parameter(name, new_parameter(shape, device, dtype))
        self._flat_weights_names = [name for names in self._all_weights for name in names]
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the parameters anew."""
        bound = 1.0 / math.sqrt(self.hidden_size) if self.hidden_size > 0 else 0
        for weight in self.parameters():
            init.uniform_(weight, -bound, bound)

    def flatten_parameters(self) -> None:
        """Nothing: only cuDNN wants the parameters in one piece of memory."""

    @property
    def _flat_weights(self) -> list[Any]:
        held = self._parameters
        try:
            return list(map(held.__getitem__, self._flat_weights_names))
        except KeyError:  # one of them is computed, as by a parametrization
            return [getattr(self, name) for name in self._flat_weights_names]

    @property
    def all_weights(self) -> list[list[Any]]:
        """The parameters, a list for each layer and direction."""
        return [[getattr(self, name) for name in names] for names in self._all_weights]

    def check_input(self, input: Any, batch_sizes: Any) -> None:
        """PyTorch's errors for an input that does not fit."""
        weight = self._flat_weights[0]
        if input._array.dtype != weight._array.dtype and not switches.casting():
            raise ValueError(
                f"RNN input dtype ({input.dtype}) does not match weight dtype ({weight.dtype}). Convert input: "
                f"input.to({weight.dtype}), or convert model: model.to({input.dtype})"
            )
        wanted = 2 if batch_sizes is not None else 3
        if input.ndim != wanted:
            raise RuntimeError(f"input must have {wanted} dimensions, got {input.ndim}")
        if self.input_size != input._array.shape[-1]:
            raise RuntimeError(
                f"input.size(-1) must be equal to input_size. Expected {self.input_size}, got {input.shape[-1]}"
            )

    def get_expected_hidden_size(self, input: Any, batch_sizes: Any) -> tuple[int, int, int]:
        """The shape that a state has."""
        batch = int(batch_sizes[0]) if batch_sizes is not None else input.shape[0 if self.batch_first else 1]
        return self.num_layers * (1 + self.bidirectional), batch, self.proj_size or self.hidden_size

    def get_expected_cell_size(self, input: Any, batch_sizes: Any) -> tuple[int, int, int]:
        """The shape that the cells of an LSTM have."""
        return *self.get_expected_hidden_size(input, batch_sizes)[:2], self.hidden_size

    def check_hidden_size(
        self, hx: Any, expected_hidden_size: Any, msg: str = "Expected hidden size {}, got {}"
    ) -> None:
        """PyTorch's error for a state of another shape."""
        if hx._array.shape != expected_hidden_size:
            raise RuntimeError(msg.format(expected_hidden_size, list(hx.shape)))

    def check_forward_args(self, input: Any, hidden: Any, batch_sizes: Any) -> None:
        """PyTorch's errors for an input, or states, that do not fit."""
        self.check_input(input, batch_sizes)
        if self.mode != "LSTM":
            self.check_hidden_size(hidden, self.get_expected_hidden_size(input, batch_sizes))
            return
        sizes = self.get_expected_hidden_size(input, batch_sizes), self.get_expected_cell_size(input, batch_sizes)
        for i, (state, size) in enumerate(zip(hidden, sizes, strict=True)):
            self.check_hidden_size(state, size, f"Expected hidden[{i}] size {{}}, got {{}}")

    def permute_hidden(self, hx: Any, permutation: Any) -> Any:
        """The states with their sequences in another order."""
        if permutation is None:
            return hx
        if self.mode == "LSTM":
            return _permuted(hx[0], permutation), _permuted(hx[1], permutation)
        return _permuted(hx, permutation)

    def _run(self, input: Any, hx: Any) -> tuple[Any, Any]:
        if isinstance(input, PackedSequence):
            return self._run_packed(input, hx)
        options = self.__dict__  # whose keys cost a tenth of what attributes do where a class has `__getattr__`
        if not options["batch_first"] and self._fits(input, hx, options):
            if options["num_layers"] == 1 and not options["bidirectional"]:
                return alone(options["mode"], input, hx, self._flat_weights, options["bias"])
            out, *ends = self._through(input, hx, None)
            return out, (ends[0], ends[1]) if self.mode == "LSTM" else ends[0]
        lstm, rank = self.mode == "LSTM", input.dim()
        if rank not in (2, 3):
            kind = self._get_name() if lstm or self.mode == "GRU" else "RNN"
            raise ValueError(f"{kind}: Expected input to be 2D or 3D, got {rank}D{' tensor' * (kind == 'RNN')} instead")
        batched, at = rank == 3, 0 if self.batch_first else 1
        if not batched:
            input = input.unsqueeze(at)
        if hx is not None:
            hx = self._states(hx, batched)
            self.check_forward_args(input, hx, None)
        else:
            self.check_input(input, None)
        turned = input.transpose(0, 1) if self.batch_first else input
        out, *ends = self._through(turned, hx, None)
        if self.batch_first:
            out = retitle(out.transpose(0, 1), f"TransposeBackward{int(not lstm)}")
        if not batched:
            out, ends = out.squeeze(at), [each.squeeze(1) for each in ends]
        return out, tuple(ends) if lstm else ends[0]

    def _fits(self, input: Any, hx: Any, options: dict[str, Any]) -> bool:
        """Whether a batch, time first, and its states surely are as they should be: in one go, for single steps."""
        shape = getattr(input, "_array", _NOTHING).shape
        if len(shape) != 3 or shape[2] != options["input_size"]:
            return False
        weight = options["_parameters"].get("weight_ih_l0")
        if weight is None or weight._array.dtype != input._array.dtype:
            return False
        if hx is None:
            return True
        width = options["proj_size"] or options["hidden_size"]
        count = options["num_layers"] * (1 + options["bidirectional"])
        if options["mode"] != "LSTM":
            return isinstance(hx, Tensor) and bool(hx._array.shape == (count, shape[1], width))
        h, c = (each._array.shape for each in hx) if len(hx) == 2 else (None, None)
        return h == (count, shape[1], width) and c == (count, shape[1], self.hidden_size)

    def _states(self, hx: Any, batched: bool) -> Any:
        """The given states with a batch. PyTorch's errors for those of the wrong rank."""
        states = (hx[0], hx[1]) if self.mode == "LSTM" else (hx,)
        wanted = 3 if batched else 2
        if any(each.dim() != wanted for each in states):
            what = f"For {'batched 3-D' if batched else 'unbatched 2-D'} input, "
            ranks = [f"{each.dim()}-D" for each in states]
            if len(states) == 2:
                raise RuntimeError(
                    f"{what}hx and cx should also be {wanted}-D but got ({ranks[0]}, {ranks[1]}) tensors"
                )
            raise RuntimeError(f"{what}hx should also be {wanted}-D but got {ranks[0]} tensor")
        if not batched:
            states = tuple(each.unsqueeze(1) for each in states)
        return states if self.mode == "LSTM" else states[0]

    def _through(self, input: Any, hx: Any, sizes: Sequence[int] | None) -> tuple[Any, ...]:
        states = hx if hx is None or self.mode == "LSTM" else (hx,)
        dropout = self.dropout if self.training else 0.0
        weights = self._flat_weights
        if self.mode == "GRU" and weights[0].dtype != input.dtype:  # which autocast alone lets pass
            weights = [each.to(input.dtype) for each in weights]
        return through_layers(
            self.mode, input, states, weights, self.bias, self.num_layers, dropout, self.bidirectional, sizes
        )

    def _run_packed(self, packed: PackedSequence, hx: Any) -> tuple[Any, Any]:
        data, batch_sizes, sorted_indices, unsorted_indices = packed
        if hx is not None:
            hx = self.permute_hidden(hx, sorted_indices)
        if self.mode != "LSTM":  # of which PyTorch checks nothing here
            self.check_input(data, batch_sizes)
            if hx is not None:
                self.check_hidden_size(hx, self.get_expected_hidden_size(data, batch_sizes))
        out, *ends = self._through(data, hx, batch_sizes.tolist())
        result = PackedSequence(out, batch_sizes, sorted_indices, unsorted_indices)
        return result, self.permute_hidden(tuple(ends) if len(ends) == 2 else ends[0], unsorted_indices)

    def extra_repr(self) -> str:
        """The sizes, and what is not as usual."""
        text = f"{self.input_size}, {self.hidden_size}"
        usual = {"proj_size": 0, "num_layers": 1, "bias": True, "batch_first": False, "dropout": 0.0}
        for name, value in (usual | {"bidirectional": False}).items():
            if getattr(self, name) != value:
                text += f", {name}={getattr(self, name)}"
        return text


class RNN(RNNBase):
    """Plain recurrent layers: h' = tanh(W x + b + U h + c), or `relu` with `nonlinearity="relu"`. Elman, 1990."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if "proj_size" in kwargs:
            raise ValueError("proj_size argument is only supported for LSTM, not RNN or GRU")
        if len(args) > 3:
            args, self_nonlinearity = (*args[:3], *args[4:]), args[3]
        else:
            self_nonlinearity = kwargs.pop("nonlinearity", "tanh")
        if self_nonlinearity not in ("tanh", "relu"):
            raise ValueError(f"Unknown nonlinearity '{self_nonlinearity}'. Select from 'tanh' or 'relu'.")
        super().__init__(f"RNN_{self_nonlinearity.upper()}", *args, **kwargs)
        self.nonlinearity = self_nonlinearity

    def forward(self, input: Any, hx: Any = None) -> tuple[Any, Any]:
        """The states of the last layer after each step, and those of all layers at the end."""
        return self._run(input, hx)


class LSTM(RNNBase):
    """Layers of long short-term memory; with `proj_size` their states are projected. Hochreiter, Schmidhuber, 1997."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__("LSTM", *args, **kwargs)

    def forward(self, input: Any, hx: Any = None) -> tuple[Any, Any]:
        """The states of the last layer after each step, and (states, cells) of all layers at the end."""
        return self._run(input, hx)


class GRU(RNNBase):
    """Layers of gated recurrent units. Cho and others, 2014."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if "proj_size" in kwargs:
            raise ValueError("proj_size argument is only supported for LSTM, not RNN or GRU")
        super().__init__("GRU", *args, **kwargs)

    def forward(self, input: Any, hx: Any = None) -> tuple[Any, Any]:
        """The states of the last layer after each step, and those of all layers at the end."""
        return self._run(input, hx)
