"""Forward mode on one sample of PyTorch's table: the derivative along a direction is that of the way back."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

import engine
from engine.autograd import forward_ad
from tests.engine.cases import weights
from tests.engine.tables.compare import flat
from tests.engine.tables.translate import NotOurs, function, numbers, translate


def difference(entry: Any, sample: Any) -> str | None:
    """How forward mode disagrees with the way back, in words; None where they agree, or there is no derivative."""
    try:
        call = function(entry)
        args, options = translate((sample.input, *sample.args)), translate(sample.kwargs)
    except (AttributeError, NotOurs):  # what is not there is another test's
        return None
    leaves = [t for t in [*flat(args), *flat(options)] if isinstance(t, engine.Tensor) and t.requires_grad]
    draw = np.random.RandomState(0)
    vectors = [draw.randn(*t.shape) + (1j * draw.randn(*t.shape) if t.is_complex() else 0) for t in leaves]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            total = _total(sample, call, args, options)
            found = engine.autograd.grad(total, leaves, allow_unused=True)
        except Exception:
            return None  # of which `compare.difference` tells
        pairs = zip(found, vectors, strict=True)
        want = sum(float((np.conj(numbers(g)) * v).sum().real) for g, v in pairs if g is not None)
        with forward_ad.dual_level():
            duals = {
                id(t): forward_ad.make_dual(t.detach(), engine.tensor(np.asarray(v)))
                for t, v in zip(leaves, vectors, strict=True)
            }
            total = _total(sample, call, _replaced(args, duals), _replaced(options, duals))
            tangent = forward_ad.unpack_dual(total).tangent
            got = 0.0 if tangent is None else tangent.item()
    return None if np.isclose(got, want, rtol=1e-6, atol=1e-6, equal_nan=True) else f"{got} instead of {want}"


def _total(sample: Any, call: Callable[..., Any], args: Any, options: Any) -> Any:
    """A weighted sum of all float results."""
    engine.manual_seed(42)
    total = engine.tensor(0.0, dtype=engine.float64)
    for each in flat(sample.output_process_fn_grad(call(*args, **options))):
        if isinstance(each, engine.Tensor) and (each.is_floating_point() or each.is_complex()):
            factors = engine.tensor(weights(tuple(each.shape)).reshape(-1).tolist(), dtype=each.dtype)
            part = (each * factors.reshape(tuple(each.shape))).sum()
            total = total + (part.real + 0.5 * part.imag if part.is_complex() else part).to(engine.float64)
    return total


def _replaced(value: Any, duals: dict[int, Any]) -> Any:
    """The arguments with dual tensors in the place of the leaves."""
    if isinstance(value, engine.Tensor):
        return duals.get(id(value), value)
    if isinstance(value, (list, tuple)) and not isinstance(value, engine.Size):
        items = [_replaced(each, duals) for each in value]
        return type(value)(*items) if hasattr(value, "_fields") else type(value)(items)
    if isinstance(value, dict):
        return {name: _replaced(each, duals) for name, each in value.items()}
    return value
