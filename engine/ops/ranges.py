"""Tensors from a rule: numbers in order, evenly apart or as powers, and the identity."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from engine import array, deprecated, outs
from engine.array import Defaults, module_for, numpy_dtype
from engine.errors import not_implemented, wrong_call
from engine.fitting import as_integer, as_number, refused, whole, word
from engine.op import composite
from engine.ops.create import given, strided_only
from engine.tensor import Tensor


@composite("engine")
def arange(
    start: Any = None,
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
    strided_only(layout)
    if start is None and end is None:
        raise wrong_call(
            "arange", (), "(Number end)", "(Number start, Number end)", "(Number start, Number end, Number step)"
        )
    if start is None:
        start = 0
    bounds = [("end", start)] if end is None else [("start", start), ("end", end), ("step", step)]
    numbers = [as_number("arange", name, place, value) for place, (name, value) in enumerate(bounds, 1)]
    start, end, step = numbers if end is not None else (0, *numbers, as_number("arange", "step", 3, step))
    for each in (start, end, step):
        if isinstance(each, complex):
            raise refused("double")
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
    if kind.kind in "bc":
        raise not_implemented("arange_cpu", kind)
    found = start + np.arange(count) * step
    if out is not None and out._array.size not in (0, count):
        deprecated.tell(_OTHER_COUNT.format(list(out._array.shape), out._array.size, count, count))
    return given(module_for(device).asarray(found, dtype=kind), requires_grad, out, dtype)


_OTHER_COUNT = (
    "The number of elements in the out tensor of shape {} is {} which does not match the computed number of elements "
    "{}. Note that this may occur as a result of rounding error. The out tensor will be resized to a tensor of shape "
    "({},)."
)


def _check_steps(name: str, start: Any, end: Any, steps: Any) -> None:
    """PyTorch's errors for bounds with axes, and for a number of steps that is none."""
    bounds = all(isinstance(each, (int, float, complex, np.number, Tensor)) for each in (start, end))
    if not bounds or not isinstance(steps, (int, np.integer)):
        ways = (f"({a} start, {b} end, int steps)" for a in ("Number", "Tensor") for b in ("Number", "Tensor"))
        raise wrong_call(name, [start, end, *([] if steps is None else [steps])], *ways)
    axes = [v._array.ndim if isinstance(v, Tensor) else 0 for v in (start, end)]
    if any(axes):
        both = " and ".join(
            f"{word} with {n} dimension(s)" for word, n, v in zip(("start", "end"), axes, (start, end), strict=True)
            if isinstance(v, Tensor)
        )  # fmt: skip
        raise RuntimeError(f"{name} only supports 0-dimensional start and end tensors, but got {both}.")
    if steps < 0:
        raise RuntimeError("number of steps must be non-negative")


def _kind_of(name: str, dtype: Any, out: Any, *numbers: Any) -> np.dtype:
    """The dtype asked for, that of `out`, or the default float, with a complex number its complex type."""
    complexes = any(isinstance(n, complex) or (isinstance(n, Tensor) and n.is_complex()) for n in numbers)
    natural = Defaults.dtype.to_complex().numpy if complexes else Defaults.numpy
    kind = numpy_dtype(dtype) or (natural if out is None else out._array.dtype)
    if complexes and kind.kind != "c":
        if dtype is None:
            raise refused(word(kind))
        raise RuntimeError(
            f"torch.{name}(): inferred dtype {outs.spoken(natural)} can't be safely cast to passed dtype "
            f"{array.TITLES[dtype]}"
        )
    return kind


_WIDER: dict[Any, Any] = {np.float32: np.float64, np.float64: np.longdouble}


@composite("engine")
def linspace(
    start: Any, end: Any, steps: Any = None, *, out: Any = None, dtype: Any = None, device: Any = None,
    requires_grad: bool = False, layout: Any = None, pin_memory: bool = False,
) -> Any:  # fmt: skip
    """`steps` numbers from `start` to `end`, evenly apart."""
    strided_only(layout)
    steps = whole(steps)
    _check_steps("linspace", start, end, steps)
    kind = _kind_of("linspace", dtype, out, start, end)
    if kind.kind == "b":
        raise NotImplementedError("\"linspace_cpu\" not implemented for 'Bool'")
    number: Any = int if kind.kind in "iu" else complex if kind.kind == "c" else float
    first, last = number(start), number(end)
    real: Any = kind.type if kind.kind in "fc" else np.float64
    step = (real(last) - real(first)) / real(steps - 1) if steps > 1 else real(0)
    # From both ends towards the middle, so that both are met exactly; product and sum are rounded once, together.
    wide: Any = _WIDER.get(real, real)
    place = np.arange(steps)
    front = wide(real(first)) + wide(step) * place.astype(wide)
    back = wide(real(last)) - wide(step) * (steps - 1 - place).astype(wide)
    numbers = np.where(place < steps // 2, front, back).astype(real) if steps > 1 else np.full(steps, real(first))
    return given(module_for(device).asarray(numbers.astype(kind)), requires_grad, out, dtype)


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
    kind = _kind_of("logspace", dtype, out, start, end, base)
    single = kind.kind in "iu"
    if single:
        start, end = int(start), int(end)
    wide = np.float32 if single else np.complex128 if kind.kind == "c" else np.float64
    exponents = linspace(start, end, steps, dtype=array.OF_NUMPY[np.dtype(wide)])._array
    powers = np.power(np.asarray(base, wide), exponents).astype(kind)
    return given(module_for(device).asarray(powers), requires_grad, out, dtype)


@composite("engine")
def eye(
    n: int, m: int | None = None, *, out: Any = None, dtype: Any = None, device: Any = None,
    requires_grad: bool = False, layout: Any = None, pin_memory: bool = False,
) -> Any:  # fmt: skip
    """The identity matrix."""
    strided_only(layout)
    for name, size in (("n", n), ("m", m)):
        if size is not None:
            as_integer("eye", name, 1 + (name == "m"), size)
        if size is not None and size < 0:
            raise RuntimeError(f"{name} must be greater or equal to 0, got {size}")
    kind = numpy_dtype(dtype) or (Defaults.numpy if out is None else out._array.dtype)
    return given(module_for(device).eye(n, n if m is None else m, dtype=kind), requires_grad, out, dtype)
