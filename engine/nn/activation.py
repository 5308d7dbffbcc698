"""Activations as modules: each calls the function of its name in `functional`, where its formula stands."""

from __future__ import annotations

from typing import Any

from engine import deprecated
from engine.nn import functional as F
from engine.nn import init
from engine.nn.module import Module
from engine.nn.parameter import new_parameter
from engine.tensor import Tensor


class _InPlace(Module):
    """An activation that can overwrite its input."""

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def extra_repr(self) -> str:
        """Whether it does."""
        return "inplace=True" if self.inplace else ""

    def _told(self, **values: Any) -> str:
        told = ", ".join(f"{name}={value}" for name, value in values.items())
        return told + (", inplace=True" if self.inplace else "")


class ReLU(_InPlace):
    """max(0, x)."""

    def forward(self, input: Tensor) -> Tensor:
        """Of any shape, elementwise."""
        return F.relu(input, inplace=self.inplace)


class Hardtanh(_InPlace):
    """x held between `min_val` and `max_val`."""

    def __init__(
        self,
        min_val: float = -1.0,
        max_val: float = 1.0,
        inplace: bool = False,
        min_value: float | None = None,
        max_value: float | None = None,
    ) -> None:
        super().__init__(inplace)
        for old, value in (("min_value", min_value), ("max_value", max_value)):
            if value is not None:
                deprecated.tell(f"keyword argument `{old}` is deprecated and renamed to `{old[:-2]}`", FutureWarning)
        min_val, max_val = min_val if min_value is None else min_value, max_val if max_value is None else max_value
        if not min_val < max_val:
            raise AssertionError(f"max_val ({max_val}) must be greater than min_val ({min_val})")
        self.min_val = min_val
        self.max_val = max_val

    def forward(self, input: Tensor) -> Tensor:
        """Of any shape, elementwise."""
        return F.hardtanh(input, self.min_val, self.max_val, self.inplace)

    def extra_repr(self) -> str:
        """The bounds."""
        return self._told(min_val=self.min_val, max_val=self.max_val)


class ReLU6(Hardtanh):
    """x held between 0 and 6."""

    def __init__(self, inplace: bool = False) -> None:
        super().__init__(0.0, 6.0, inplace)

    def extra_repr(self) -> str:
        """Whether it is in place."""
        return "inplace=True" if self.inplace else ""


class LeakyReLU(_InPlace):
    """x where positive, else negative_slope·x."""

    def __init__(self, negative_slope: float = 0.01, inplace: bool = False) -> None:
        super().__init__(inplace)
        self.negative_slope = negative_slope

    def forward(self, input: Tensor) -> Tensor:
        """Of any shape, elementwise."""
        return F.leaky_relu(input, self.negative_slope, self.inplace)

    def extra_repr(self) -> str:
        """The slope."""
        return self._told(negative_slope=self.negative_slope)


class PReLU(Module):
    """x where positive, else weight·x, with a learned weight for all or for each channel (axis 1)."""

    def __init__(self, num_parameters: int = 1, init: float = 0.25, device: Any = None, dtype: Any = None) -> None:
        super().__init__()
        self.num_parameters = num_parameters
        self.init = init
        self.weight = new_parameter(num_parameters, device, dtype)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Make the weights their first value."""
        init.constant_(self.weight, self.init)

    def forward(self, input: Tensor) -> Tensor:
        """Of any shape, elementwise."""
        return F.prelu(input, self.weight)

    def extra_repr(self) -> str:
        """The number of weights."""
        return f"num_parameters={self.num_parameters}"


class ELU(_InPlace):
    """x where positive, else alpha·(eˣ − 1)."""

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__(inplace)
        self.alpha = alpha

    def forward(self, input: Tensor) -> Tensor:
        """Of any shape, elementwise."""
        return F.elu(input, self.alpha, self.inplace)

    def extra_repr(self) -> str:
        """The scale."""
        return self._told(alpha=self.alpha)


class CELU(ELU):
    """x where positive, else alpha·(e^(x/alpha) − 1)."""

    def forward(self, input: Tensor) -> Tensor:
        """Of any shape, elementwise."""
        return F.celu(input, self.alpha, self.inplace)


class SELU(_InPlace):
    """A scaled ELU that keeps mean 0 and variance 1. Klambauer and others, 2017."""

    def forward(self, input: Tensor) -> Tensor:
        """Of any shape, elementwise."""
        return F.selu(input, self.inplace)


class SiLU(_InPlace):
    """x·sigmoid(x)."""

    def forward(self, input: Tensor) -> Tensor:
        """Of any shape, elementwise."""
        return F.silu(input, inplace=self.inplace)


class Mish(_InPlace):
    """x·tanh(softplus(x))."""

    def forward(self, input: Tensor) -> Tensor:
        """Of any shape, elementwise."""
        return F.mish(input, inplace=self.inplace)


class Hardswish(_InPlace):
    """x·hardsigmoid(x)."""

    def forward(self, input: Tensor) -> Tensor:
        """Of any shape, elementwise."""
        return F.hardswish(input, self.inplace)

    def extra_repr(self) -> str:
        """Nothing, as in PyTorch."""
        return ""


class Hardsigmoid(Hardswish):
    """x/6 + 1/2 held between 0 and 1."""

    def forward(self, input: Tensor) -> Tensor:
        """Of any shape, elementwise."""
        return F.hardsigmoid(input, self.inplace)


class Threshold(_InPlace):
    """x where it is over `threshold`, else `value`."""

    def __init__(self, threshold: float, value: float, inplace: bool = False) -> None:
        super().__init__(inplace)
        self.threshold = threshold
        self.value = value

    def forward(self, input: Tensor) -> Tensor:
        """Of any shape, elementwise."""
        return F.threshold(input, self.threshold, self.value, self.inplace)

    def extra_repr(self) -> str:
        """The two."""
        return self._told(threshold=self.threshold, value=self.value)


class Tanh(Module):
    """The hyperbolic tangent."""

    def forward(self, input: Any) -> Tensor:
        """Of any shape, elementwise."""
        return F.tanh(input)


class Sigmoid(Module):
    """1 / (1 + e⁻ˣ)."""

    def forward(self, input: Any) -> Tensor:
        """Of any shape, elementwise."""
        return F.sigmoid(input)


class LogSigmoid(Module):
    """log sigmoid(x), without losing digits."""

    def forward(self, input: Tensor) -> Tensor:
        """Of any shape, elementwise."""
        return F.logsigmoid(input)


class Softsign(Module):
    """x / (1 + |x|)."""

    def forward(self, input: Tensor) -> Tensor:
        """Of any shape, elementwise."""
        return F.softsign(input)


class Tanhshrink(Module):
    """x − tanh(x)."""

    def forward(self, input: Tensor) -> Tensor:
        """Of any shape, elementwise."""
        return F.tanhshrink(input)


class GELU(Module):
    """x·Φ(x), exactly or by tanh."""

    def __init__(self, approximate: str = "none") -> None:
        super().__init__()
        self.approximate = approximate

    def forward(self, input: Tensor) -> Tensor:
        """Of any shape, elementwise."""
        return F.gelu(input, approximate=self.approximate)

    def extra_repr(self) -> str:
        """How it is computed."""
        return f"approximate={self.approximate!r}"


class Softplus(Module):
    """log(1 + e^(beta·x)) / beta; x itself where beta·x is over `threshold`."""

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        super().__init__()
        self.beta = beta
        self.threshold = threshold

    def forward(self, input: Tensor) -> Tensor:
        """Of any shape, elementwise."""
        return F.softplus(input, self.beta, self.threshold)

    def extra_repr(self) -> str:
        """The two."""
        return f"beta={self.beta}, threshold={self.threshold}"


class Hardshrink(Module):
    """x where it is further than `lambd` from 0, else 0."""

    def __init__(self, lambd: float = 0.5) -> None:
        super().__init__()
        self.lambd = lambd

    def forward(self, input: Tensor) -> Tensor:
        """Of any shape, elementwise."""
        return F.hardshrink(input, self.lambd)

    def extra_repr(self) -> str:
        """The bound."""
        return str(self.lambd)


class Softshrink(Hardshrink):
    """x moved towards 0 by `lambd`."""

    def forward(self, input: Tensor) -> Tensor:
        """Of any shape, elementwise."""
        return F.softshrink(input, self.lambd)


class GLU(Module):
    """The first half of an axis times the sigmoid of the second."""

    def __init__(self, dim: int = -1) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Tensor) -> Tensor:
        """(..., 2n, ...) to (..., n, ...)."""
        return F.glu(input, self.dim)

    def extra_repr(self) -> str:
        """The axis."""
        return f"dim={self.dim}"


class Softmax(Module):
    """eˣ over its sum along an axis."""

    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Tensor) -> Tensor:
        """Of any shape."""
        return F.softmax(input, self.dim)

    def extra_repr(self) -> str:
        """The axis."""
        return f"dim={self.dim}"


class Softmin(Softmax):
    """The softmax of −x."""

    def forward(self, input: Tensor) -> Tensor:
        """Of any shape."""
        return F.softmin(input, self.dim)


class LogSoftmax(Softmax):
    """The logarithm of the softmax."""

    def forward(self, input: Tensor) -> Tensor:
        """Of any shape."""
        return F.log_softmax(input, self.dim)


class RReLU(_InPlace):
    """A leaky ReLU whose slope is drawn anew for each element in training, and is the mean outside."""

    def __init__(self, lower: float = 1.0 / 8, upper: float = 1.0 / 3, inplace: bool = False) -> None:
        super().__init__(inplace)
        self.lower = lower
        self.upper = upper

    def forward(self, input: Tensor) -> Tensor:
        """Of any shape, elementwise."""
        return F.rrelu(input, self.lower, self.upper, self.training, self.inplace)

    def extra_repr(self) -> str:
        """The bounds."""
        return self._told(lower=self.lower, upper=self.upper)


class Softmax2d(Module):
    """The softmax over the channels at each place of images."""

    def forward(self, input: Tensor) -> Tensor:
        """(N, C, H, W) or (C, H, W) to the same shape."""
        if input.ndim not in (3, 4):
            raise ValueError(f"Softmax2d: expected input to be 3D or 4D, got {input.ndim}D instead")
        return F.softmax(input, -3)
