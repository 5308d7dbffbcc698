"""The functions under the layers: those that the ops' declarations bring here, and a few made of them."""

from __future__ import annotations

import difflib
import functools
from typing import Any

import numpy as np

import engine
from engine import bind
from engine.random import default_generator
from engine.tensor import Tensor

globals().update(bind.functional)


def _placed(input: Any, result: Any, inplace: bool) -> Any:
    return input.copy_(result) if inplace else result


def threshold(input: Any, threshold: float, value: float, inplace: bool = False) -> Tensor:
    """x where it is over `threshold`, else `value`."""
    return _placed(input, engine.where(input <= threshold, value, input), inplace)


def hardshrink(input: Any, lambd: float = 0.5) -> Tensor:
    """x where it is further than `lambd` from 0, else 0."""
    return engine.where(input.abs() <= lambd, 0.0, input)


def softshrink(input: Any, lambd: float = 0.5) -> Tensor:
    """x moved towards 0 by `lambd`."""
    if lambd < 0:
        raise RuntimeError(f"lambda must be greater or equal to 0, but found to be {lambd:g}.")
    return engine.where(input.abs() > lambd, input - input.sign() * lambd, 0.0)


def rrelu(
    input: Any, lower: float = 1.0 / 8, upper: float = 1.0 / 3, training: bool = False, inplace: bool = False
) -> Tensor:
    """x where positive, else x times a slope: drawn for each element in training, else the mean of the bounds."""
    slope: Any = (lower + upper) / 2
    if training:
        negative = (input <= 0).cpu().numpy()
        drawn = np.ones(negative.shape, input.dtype.numpy)
        drawn[negative] = default_generator.uniform(int(negative.sum()), lower, upper, np.float64)
        slope = engine.from_numpy(drawn).to(input.device)
    return _placed(input, engine.where(input > 0, input, input * slope), inplace)


threshold_ = functools.partial(threshold, inplace=True)
rrelu_ = functools.partial(rrelu, inplace=True)


def bilinear(input1: Any, input2: Any, weight: Any, bias: Any = None) -> Tensor:
    """x₁ᵀ A_k x₂ + b_k for each k, on the last axes."""
    y = engine.einsum("...i,kij,...j->...k", input1, weight, input2)
    return y if bias is None else y + bias


def __getattr__(name: str) -> Any:
    # Names that the declarations brought are found before this is asked.
    close = difflib.get_close_matches(name, globals(), 1)
    hint = f". Did you mean: '{close[0]}'?" if close else ""
    raise AttributeError(f"module 'torch.nn.functional' has no attribute '{name}'{hint}", name=name)
