"""Elements brought between bounds, numbers or tensors."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine import array, errors
from engine.array import NUMBERS
from engine.fitting import fitted
from engine.numeric.choice import kept
from engine.op import composite, d, op
from engine.ops.elementwise import clamp_between
from engine.tensor import Tensor

_BOUND: dict[str, Any] = {"rule": "promote", "homes": (), "title": "ClampBackward0"}


@op(
    r"y = \max(x, \mathit{min})",
    said=_BOUND,
    input=d(
        r"\bar y\,[x \ge \mathit{min}]",
        lambda g, input, min, k: k.where(input >= min, g, 0.0),
        raw=lambda g, input, min: kept(g, input >= min),
    ),
    min=d(
        r"\bar y\,[x < \mathit{min}]",
        lambda g, input, min, k: k.where(input < min, g, 0.0),
        raw=lambda g, input, min: kept(g, input < min),
    ),
)
def clamp_from(input, min):
    """Each element, at least that of a tensor."""
    return np.maximum(min, input)


@op(
    r"y = \min(x, \mathit{max})",
    said=_BOUND,
    input=d(
        r"\bar y\,[x \le \mathit{max}]",
        lambda g, input, max, k: k.where(input <= max, g, 0.0),
        raw=lambda g, input, max: kept(g, input <= max),
    ),
    max=d(
        r"\bar y\,[x > \mathit{max}]",
        lambda g, input, max, k: k.where(input > max, g, 0.0),
        raw=lambda g, input, max: kept(g, input > max),
    ),
)
def clamp_up_to(input, max):
    """Each element, at most that of a tensor."""
    return np.minimum(max, input)


@op(
    r"y = \min(\max(x, \mathit{min}), \mathit{max})",
    said=_BOUND,
    input=d(
        r"\bar y\,[\mathit{min} \le x \le \mathit{max}]",
        lambda g, input, min, max, k: k.where((input >= min) & (input <= max), g, 0.0),
        raw=lambda g, input, min, max: kept(g, (input >= min) & (input <= max)),
    ),
    min=d(
        r"\bar y\,[x < \mathit{min} < \mathit{max}]",
        lambda g, input, min, max, k: k.where((input < min) & (min < max), g, 0.0),
        raw=lambda g, input, min, max: kept(g, (input < min) & (min < max)),
    ),
    max=d(
        r"\bar y\,[x > \mathit{max} \vee \mathit{min} > \mathit{max}]",
        lambda g, input, min, max, k: k.where((input > max) | (max < min), g, 0.0),
        raw=lambda g, input, min, max: kept(g, (input > max) | (max < min)),
    ),
)
def clamp_within(input, min, max):
    """Each element between those of two tensors; the upper bound wins."""
    return np.minimum(max, np.maximum(min, input))


_CLAMPS = (
    "(Tensor input, Tensor min = None, Tensor max = None, *, Tensor out = None)",
    "(Tensor input, Number min = None, Number max = None, *, Tensor out = None)",
)


@composite(in_place=True)
def clamp(input: Any, min: Any = None, max: Any = None, *, out: Any = None) -> Any:
    """Each element brought between two bounds, numbers or tensors, of which one may be None."""
    if min is None and max is None:
        raise RuntimeError("torch.clamp: At least one of 'min' or 'max' must not be None")
    if not isinstance(input, Tensor):
        raise errors.wrong_call("clamp", (input, min, max), *_CLAMPS)
    if input.is_complex():
        raise NotImplementedError("clamp is not supported for complex types")
    numbers = [each for each in (min, max) if each.__class__ in NUMBERS]
    if numbers and any(isinstance(each, Tensor) and each._array.ndim for each in (min, max)):
        raise errors.wrong_call(
            "clamp",
            (input, min, max),
            *_CLAMPS,
        )
    if any(each.__class__ is complex for each in numbers) and input._array.dtype.kind in "iub":
        raise NotImplementedError("clamp is not supported for complex types")
    if not numbers:
        if max is None:
            return clamp_from(input, min, out=out)
        return clamp_up_to(input, max, out=out) if min is None else clamp_within(input, min, max, out=out)
    min, max = (each.item() if isinstance(each, Tensor) else each for each in (min, max))
    kind = input._array.dtype
    kind = array.promoted([input._array, *numbers]) if kind.kind in "iub" else kind
    if kind.kind == "b":
        which = "_" if None not in (min, max) else "_max_" if min is None else "_min_"
        raise errors.not_implemented(f"clamp{which}scalar_cpu", kind)
    min, max = (fitted(each, kind) for each in (min, max))
    if kind != input._array.dtype:
        input = input.to(array.OF_NUMPY[kind])
    return clamp_between(input, min, max, out=out)


@composite(in_place=True)
def clip(input: Any, min: Any = None, max: Any = None, *, out: Any = None) -> Any:
    """`clamp`."""
    return clamp(input, min, max, out=out)


def _check_pair(name: str, bound: str, input: Any, value: Any) -> None:
    if input.__class__ in NUMBERS:
        raise errors.wrong_pair(name, ("input", bound), (input, value), "second")


@composite(in_place=True)
def clamp_min(input: Any, min: Any, *, out: Any = None) -> Any:
    """Each element, at least `min`."""
    _check_pair("clamp_min", "min", input, min)
    return clamp(input, min, out=out)


@composite(in_place=True)
def clamp_max(input: Any, max: Any, *, out: Any = None) -> Any:
    """Each element, at most `max`."""
    _check_pair("clamp_max", "max", input, max)
    return clamp(input, None, max, out=out)
