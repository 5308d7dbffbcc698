"""Single steps of recurrent layers as modules."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import engine
from engine.nn import init
from engine.nn.module import Module
from engine.nn.parameter import new_parameter
from engine.tensor import Tensor


class RNNCellBase(Module):
    """What the cells share: `weight_ih`, `weight_hh`, `bias_ih`, `bias_hh`, which begin uniform in ±1/√hidden_size."""

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool, num_chunks: int, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.bias = bias
        gates = num_chunks * hidden_size
        self.weight_ih = new_parameter((gates, input_size), device, dtype)
        self.weight_hh = new_parameter((gates, hidden_size), device, dtype)
        for name in ("bias_ih", "bias_hh"):
            self.register_parameter(name, new_parameter(gates, device, dtype) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the parameters anew."""
        bound = 1.0 / math.sqrt(self.hidden_size) if self.hidden_size > 0 else 0
        for weight in self.parameters():
            init.uniform_(weight, -bound, bound)

    def _step(self, call: Any, input: Any, states: tuple[Any, ...], names: Sequence[str]) -> tuple[Any, ...]:
        """The states after a step, with or without a batch."""
        kind = self._get_name()
        for name, each in (("input", input), *zip(names, states, strict=True)):
            if each is not None and each.dim() not in (1, 2):
                raise ValueError(f"{kind}: Expected {name} to be 1D or 2D, got {each.dim()}D instead")
        batched = input.dim() == 2
        if not batched:
            input, states = input.unsqueeze(0), tuple(None if s is None else s.unsqueeze(0) for s in states)
        hx = states if len(states) == 2 else states[0]
        made = call(input, hx, self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh)
        after = made if isinstance(made, tuple) else (made,)
        return after if batched else tuple(each.squeeze(0) for each in after)

    def extra_repr(self) -> str:
        """The sizes, and what is not as usual."""
        text = f"{self.input_size}, {self.hidden_size}"
        if not self.bias:
            text += f", bias={self.bias}"
        nonlinearity = self.__dict__.get("nonlinearity", "tanh")
        return text if nonlinearity == "tanh" else f"{text}, nonlinearity={nonlinearity}"


class RNNCell(RNNCellBase):
    """One step of a plain recurrent layer: h' = tanh(W x + b + U h + c), or `relu`. Elman, 1990."""

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, 1, device, dtype)
        self.nonlinearity = nonlinearity

    def forward(self, input: Any, hx: Any = None) -> Tensor:
        """(batch, input_size) or (input_size) and the state to the next state."""
        calls = {"tanh": engine.rnn_tanh_cell, "relu": engine.rnn_relu_cell}
        if self.nonlinearity not in calls:
            raise RuntimeError(f"Unknown nonlinearity: {self.nonlinearity}")
        return self._step(calls[self.nonlinearity], input, (hx,), ("hidden",))[0]


class LSTMCell(RNNCellBase):
    """One step of long short-term memory. Hochreiter and Schmidhuber, 1997."""

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__(input_size, hidden_size, bias, 4, device, dtype)

    def forward(self, input: Any, hx: Any = None) -> tuple[Tensor, Tensor]:
        """(batch, input_size) or (input_size), the state and the cells to the next state and cells."""
        if isinstance(hx, Tensor):
            raise TypeError("lstm_cell(): argument 'hx' (position 2) must be tuple of Tensors, not Tensor")
        states = (None, None) if hx is None else tuple(hx)
        if len(states) != 2:
            raise RuntimeError("lstm_cell expects two hidden states")
        h, c = self._step(engine.lstm_cell, input, states, ("hx[0]", "hx[1]"))
        return h, c


class GRUCell(RNNCellBase):
    """One step of gated recurrent units. Cho and others, 2014."""

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__(input_size, hidden_size, bias, 3, device, dtype)

    def forward(self, input: Any, hx: Any = None) -> Tensor:
        """(batch, input_size) or (input_size) and the state to the next state."""
        return self._step(engine.gru_cell, input, (hx,), ("hidden",))[0]
