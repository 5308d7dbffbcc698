"""Two reductions at once: the variance or the deviation with the mean, the smallest with the largest."""

from __future__ import annotations

from typing import Any

from engine.dispatch import raw
from engine.op import composite, d, op
from engine.ops.extreme import check_size
from engine.ops.reduce import (
    _evenly,
    correction_of,
    count_of,
    deviation,
    deviation_slope,
    few,
    mean,
    variance,
    variance_slope,
)
from engine.return_types import named

_TWO: dict[str, Any] = {"several": True, "homes": ()}


def _sum_of(parts: list[Any]) -> Any:
    """What the gradients of two results make of one operand's, where one of them may be missing."""
    there = [part for part in parts if part is not None]
    return there[0] if len(there) == 1 else there[0] + there[1]


def _mean_slope(g: Any, shape: Any, dim: Any, keepdim: bool, k: Any) -> Any:
    return None if g is None else k.spread(g / count_of(shape, dim), shape, dim, keepdim)


def _var_mean_slope(g: Any, input: Any, shape: Any, dim: Any, correction: float, keepdim: bool, k: Any) -> Any:
    first = None if g[0] is None else variance_slope(g[0], input, shape, dim, keepdim, correction, k)
    return _sum_of([first, _mean_slope(g[1], shape, dim, keepdim, k)])


@op(
    r"y_1 = \tfrac{1}{n - c} \sum_i (x_i - \bar x)^2,\ y_2 = \bar x",
    said=_TWO | {"title": "VarMeanBackward0"},
    input=d(r"\tfrac{2}{n - c} \bar y_1\,(x - \bar x) + \bar y_2 / n", _var_mean_slope),
)
def variance_and_mean(input, dim, correction, keepdim):
    """The variance and the mean."""
    return raw.variance(input, dim, correction, keepdim), raw.mean(input, dim, keepdim)


def _std_mean_slope(g: Any, input: Any, shape: Any, dim: Any, correction: float, keepdim: bool, k: Any) -> Any:
    first = None
    if g[0] is not None:
        y = k.deviation(input, dim, correction, keepdim)
        first = deviation_slope(g[0], input, y, shape, dim, keepdim, correction, k)
    return _sum_of([first, _mean_slope(g[1], shape, dim, keepdim, k)])


@op(
    r"y_1 = \sqrt{\tfrac{1}{n - c} \sum_i (x_i - \bar x)^2},\ y_2 = \bar x",
    said=_TWO | {"title": "StdMeanBackward0"},
    input=d(r"\tfrac{1}{(n - c)\,y_1} \bar y_1\,(x - \bar x) + \bar y_2 / n", _std_mean_slope),
)
def deviation_and_mean(input, dim, correction, keepdim):
    """The standard deviation and the mean."""
    return raw.deviation(input, dim, correction, keepdim), raw.mean(input, dim, keepdim)


@composite()
def var_mean(
    input: Any, dim: Any = None, unbiased: Any = None, keepdim: bool = False, *, correction: Any = None
) -> Any:
    """The variance and the mean."""
    dim, correction = correction_of(input, "var_mean", dim, unbiased, correction)
    few("var_mean", input, dim, correction)
    if input.is_complex():  # one gradient is real and the other is not
        return variance(input, dim, correction, keepdim), mean(input, dim, keepdim)
    return variance_and_mean(input, dim, correction, keepdim)


@composite()
def std_mean(
    input: Any, dim: Any = None, unbiased: Any = None, keepdim: bool = False, *, correction: Any = None
) -> Any:
    """The standard deviation and the mean."""
    dim, correction = correction_of(input, "std_mean", dim, unbiased, correction)
    few("std_mean", input, dim, correction)
    if input.is_complex():
        return deviation(input, dim, correction, keepdim), mean(input, dim, keepdim)
    return deviation_and_mean(input, dim, correction, keepdim)


_AMINMAX = named("aminmax", "min max")


def _extremes_slope(g: Any, input: Any, shape: Any, dim: Any, keepdim: bool, k: Any) -> Any:
    parts = [
        None if each is None else _evenly(each, input, pick(input, dim, keepdim), shape, dim, keepdim, k)
        for each, pick in zip(g, (k.amin, k.amax), strict=True)
    ]
    return _sum_of(parts)


@op(
    r"y_1 = \min_i x_i,\ y_2 = \max_i x_i",
    said=_TWO | {"title": "AminmaxBackward0"},
    input=d(r"\bar y_1\,[x = y_1] / \#_1 + \bar y_2\,[x = y_2] / \#_2", _extremes_slope),
)
def smallest_and_largest(input, dim, keepdim):
    """The smallest and the largest."""
    return raw.amin(input, dim, keepdim), raw.amax(input, dim, keepdim)


@composite()
def aminmax(input: Any, *, dim: Any = None, keepdim: bool = False) -> Any:
    """The smallest and the largest, of all elements or along an axis."""
    x = input._array
    if dim is not None:
        check_size("aminmax", x, dim)
    elif not x.size:
        raise RuntimeError(
            "aminmax(): cannot compute aminmax over an empty dimension as the operation has no identity."
        )
    if x.dtype.kind == "c":
        raise NotImplementedError("\"aminmax_cpu\" not implemented for 'ComplexFloat'")
    return _AMINMAX(*smallest_and_largest(input, dim, keepdim))
