"""Tensors from a rule: numbers in order, evenly apart or as powers, and the identity."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from engine import array
from engine.array import Defaults, module_for, numpy_dtype
from engine.fitting import whole
from engine.op import composite
from engine.ops.create import made
from engine.tensor import Tensor


@composite("engine")
def arange(
    start: Any = 0,
    end: Any = None,
    step: Any = 1,
    *,
    out: Any = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    layout: Any = None,
    pin_memory: bool = False,
) -> Any:
    """The numbers from `start` on by `step`, below `end`."""
    if end is None:
        start, end = 0, start
    start, end, step = (each.item() if isinstance(each, Tensor) else each for each in (start, end, step))
    if not (math.isfinite(start) and math.isfinite(end)):
        raise RuntimeError(f"unsupported range: {start:g} -> {end:g}")
    if step == 0:
        raise RuntimeError("step must be nonzero")
    if (end - start) * step < 0:
        raise RuntimeError("upper bound and lower bound inconsistent with step sign")
    whole = all(isinstance(each, (int, np.integer)) for each in (start, end, step))
    kind = numpy_dtype(dtype) or (
        out._array.dtype if out is not None else np.dtype(np.int64) if whole else Defaults.numpy
    )
    if kind.kind in "iu" and not whole:
        if kind == np.int64:
            start, end, step = int(start), int(end), int(step)
            if not step:
                raise ValueError("step must be nonzero")
        count = int(np.ceil((end - start) / step))
        start, step = int(start), int(step)
    else:
        count = -(-(end - start) // step) if whole else int(np.ceil((end - start) / step))
    numbers = start + np.arange(count) * step
    return _given(module_for(device).asarray(numbers, dtype=kind), requires_grad, out)


def _check_steps(name: str, start: Any, end: Any, steps: Any) -> None:
    """PyTorch's errors for bounds with axes, and for a number of steps that is none."""
    if not isinstance(steps, (int, np.integer)):
        kinds = ", ".join("Tensor" if isinstance(v, Tensor) else type(v).__name__ for v in (start, end, steps))
        raise TypeError(
            f"{name}() received an invalid combination of arguments - got ({kinds}), but expected one of: bounds that "
            "are numbers or tensors without axes, and a whole number of steps"
        )
    axes = [v._array.ndim if isinstance(v, Tensor) else 0 for v in (start, end)]
    if any(axes):
        both = " and ".join(
            f"{word} with {n} dimension(s)" for word, n, v in zip(("start", "end"), axes, (start, end), strict=True)
            if isinstance(v, Tensor)
        )  # fmt: skip
        raise RuntimeError(f"{name} only supports 0-dimensional start and end tensors, but got {both}.")
    if steps < 0:
        raise RuntimeError("number of steps must be non-negative")


def _given(raw: Any, requires_grad: bool, out: Any) -> Tensor:
    """A leaf over an array, or its numbers in `out`."""
    return made(raw, requires_grad) if out is None else out.resize_(raw.shape).copy_(made(raw))


def _kind_of(dtype: Any, out: Any, *numbers: Any) -> np.dtype:
    """The dtype asked for, that of `out`, or the default float, with a complex number its complex type."""
    if dtype is not None or out is not None:
        return numpy_dtype(dtype) or out._array.dtype
    whole = any(isinstance(n, complex) or (isinstance(n, Tensor) and n.is_complex()) for n in numbers)
    return Defaults.dtype.to_complex().numpy if whole else Defaults.numpy


@composite("engine")
def linspace(
    start: Any, end: Any, steps: int, *, out: Any = None, dtype: Any = None, device: Any = None,
    requires_grad: bool = False, layout: Any = None, pin_memory: bool = False,
) -> Any:  # fmt: skip
    """`steps` numbers from `start` to `end`, evenly apart."""
    kind = _kind_of(dtype, out, start, end)
    steps = whole(steps)
    _check_steps("linspace", start, end, steps)
    number: Any = int if kind.kind in "iu" else complex if kind.kind == "c" else float
    first, last = number(start), number(end)
    real: Any = kind.type if kind.kind in "fc" else np.float64
    step = real((last - first) / (steps - 1)) if steps > 1 else real(0)
    # From both ends towards the middle, so that both are met exactly.
    place = np.arange(steps)
    front = real(first) + step * place.astype(real)
    back = real(last) - step * (steps - 1 - place).astype(real)
    numbers = np.where(place < steps / 2, front, back) if steps > 1 else np.full(steps, real(first))
    return _given(module_for(device).asarray(numbers.astype(kind)), requires_grad, out)


@composite("engine")
def logspace(
    start: Any,
    end: Any,
    steps: int,
    base: float = 10.0,
    *,
    out: Any = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    layout: Any = None,
    pin_memory: bool = False,
) -> Any:
    """Powers of a base with evenly spaced exponents."""
    steps = whole(steps)
    _check_steps("logspace", start, end, steps)
    kind = _kind_of(dtype, out, start, end, base)
    single = kind.kind in "iu"
    if single:
        start, end = int(start), int(end)
    wide = np.float32 if single else np.complex128 if kind.kind == "c" else np.float64
    exponents = linspace(start, end, steps, dtype=array.OF_NUMPY[np.dtype(wide)])._array
    powers = np.power(np.asarray(base, wide), exponents).astype(kind)
    return _given(module_for(device).asarray(powers), requires_grad, out)


@composite("engine")
def eye(
    n: int, m: int | None = None, *, out: Any = None, dtype: Any = None, device: Any = None,
    requires_grad: bool = False, layout: Any = None, pin_memory: bool = False,
) -> Any:  # fmt: skip
    """The identity matrix."""
    for name, size in (("n", n), ("m", m)):
        if size is not None and size < 0:
            raise RuntimeError(f"{name} must be greater or equal to 0, got {size}")
    kind = numpy_dtype(dtype) or (Defaults.numpy if out is None else out._array.dtype)
    return _given(module_for(device).eye(n, n if m is None else m, dtype=kind), requires_grad, out)
