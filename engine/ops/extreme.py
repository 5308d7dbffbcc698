"""The largest and the smallest, where they are, and whether any or all are nonzero."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from engine import errors
from engine.array import NUMBERS, in_order
from engine.dispatch import tensors
from engine.errors import ShapeIndexError, axis_of
from engine.fitting import whole
from engine.op import composite, d, op
from engine.ops.reduce import _evenly, _evenly_raw, _np_axis, axes_of, check_keepdim
from engine.tensor import Tensor


def _listed(dim: Any) -> Any:
    return dim if isinstance(dim, (tuple, list)) else (dim,)


def check_size(who: str, input: Any, dim: Any) -> None:
    """PyTorch's error, which begins with `who`, if one of the axes to be reduced is empty: nothing has no extreme."""
    for named, axis in zip(_listed(dim), axes_of(dim, input.ndim) or (), strict=False):
        named = named if who in ("amax()", "amin()") else axis
        if input.ndim and not input.shape[axis]:
            raise ShapeIndexError(
                f"{who}: Expected reduction dim {named} to have non-zero size.", who, [input.shape], [axis]
            )


def _reduced(name: str, pick: Any, input: Any, dim: Any, keepdim: bool) -> Any:
    if not input.size:
        if axes_of(dim, input.ndim) is None:
            raise RuntimeError(
                f"{name}(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim "
                "with the 'dim' argument."
            )
        check_size(f"{name}()", input, dim)
    return in_order(pick.reduce(input, axis=_np_axis(input, dim, keepdim), keepdims=keepdim))


def evenly_among_all(g: Any, input: Any, y: Any, k: Any) -> Any:
    """The gradient shared by all elements that are equal to the result, NaN among NaN."""
    at = (input == y) | ((input != input) & (y != y))
    return k.kept(g / int(at.sum()), at)


@op(
    r"y = \max_i x_i",
    said={"title": "AmaxBackward0", "real_only": "max_values_cpu"},
    input=d(r"\bar y\,[x = y] / \#", _evenly, _evenly_raw),
)
def amax(input, dim=None, keepdim=False):
    """The largest of all elements, or along the axes `dim`."""
    return _reduced("amax", np.maximum, input, dim, keepdim)


@op(
    r"y = \min_i x_i",
    said={"title": "AminBackward0", "real_only": "min_values_cpu"},
    input=d(r"\bar y\,[x = y] / \#", _evenly, _evenly_raw),
)
def amin(input, dim=None, keepdim=False):
    """The smallest of all elements, or along the axes `dim`."""
    return _reduced("amin", np.minimum, input, dim, keepdim)


@op(
    r"y = \max_i x_i",
    said={"title": "MaxBackward1", "homes": (), "real_only": "max_all"},
    input=d(r"\bar y\,[x = y] / \#", evenly_among_all),
)
def max_of_all(input):
    """The largest of all elements."""
    return _reduced("max", np.maximum, input, None, False)


@op(
    r"y = \min_i x_i",
    said={"title": "MinBackward1", "homes": (), "real_only": "min_all"},
    input=d(r"\bar y\,[x = y] / \#", evenly_among_all),
)
def min_of_all(input):
    """The smallest of all elements."""
    return _reduced("min", np.minimum, input, None, False)


SHOWN = {"__module__": "torch.return_types"}  # where PyTorch keeps the types of several results


class Extreme(NamedTuple):
    """What an extreme along an axis returns."""

    values: Any
    indices: Any

    def __repr__(self) -> str:
        return f"torch.return_types.{type(self).__name__}(\nvalues={self.values!r},\nindices={self.indices!r})"


Max = type("max", (Extreme,), SHOWN)
Min = type("min", (Extreme,), SHOWN)


def _nan_first(input: Any, dim: int, pick: Any, keepdim: bool) -> tuple[Any, Any]:
    check_keepdim(keepdim)
    check_size(pick.__name__.removeprefix("arg") + "()", input, dim)
    at = pick(input, axis=dim if input.ndim else None, keepdims=True)
    if not input.ndim:
        return input.copy(), np.zeros((), np.int64)
    values = np.take_along_axis(input, at, dim)
    return (values, at) if keepdim else (values.squeeze(dim), at.squeeze(dim))


def _at_index(g: Any, aux: Any, shape: Any, dim: int, keepdim: bool, k: Any) -> Any:
    if not len(shape):
        return g
    return k.scatter_zeros(g if keepdim else k.unsqueeze(g, dim), shape, dim, aux)


@op(
    r"y = \max_i x_i",
    said={
        "returns": Max,
        "aux": "places",
        "title": "MaxBackward0",
        "homes": (),
        "real_only": RuntimeError("max(): does not support complex input"),
    },
    input=d(r"\bar y \text{ at } \arg\max x", _at_index),
)
def max_along(input, dim, keepdim=False):
    """The largest elements along an axis, and where they are."""
    values, at = _nan_first(input, axis_of(dim, input.ndim), np.argmax, keepdim)
    return (values, at), at if keepdim or not input.ndim else np.expand_dims(at, dim)


@op(
    r"y = \min_i x_i",
    said={
        "returns": Min,
        "aux": "places",
        "title": "MinBackward0",
        "homes": (),
        "real_only": RuntimeError("min(): does not support complex input"),
    },
    input=d(r"\bar y \text{ at } \arg\min x", _at_index),
)
def min_along(input, dim, keepdim=False):
    """The smallest elements along an axis, and where they are."""
    values, at = _nan_first(input, axis_of(dim, input.ndim), np.argmin, keepdim)
    return (values, at), at if keepdim or not input.ndim else np.expand_dims(at, dim)


def _both(name: str, input: Any, other: Any) -> tuple[Any, Any]:
    if input.__class__ in NUMBERS:
        raise wrong(name, input, other)
    return input, other


def _without_dim(name: str, keepdim: Any) -> TypeError:
    """PyTorch's error for `keepdim` by name where no axis is named."""
    kind = errors.class_name(keepdim)
    return TypeError(str(wrong(name, keepdim)).replace(f"({kind})", f"(keepdim={kind}, )", 1))


def wrong(name: str, *given: Any) -> TypeError:
    """PyTorch's error for `max` or `min` of what is no tensor."""
    return errors.wrong_call(
        name,
        given,
        "(Tensor input, *, Tensor out = None)",
        "(Tensor input, Tensor other, *, Tensor out = None)",
        "(Tensor input, int dim, bool keepdim = False, *, tuple of Tensors out = None)",
    )


@composite()
def max(input: Any, dim: Any = None, keepdim: bool = False, *, other: Any = None) -> Any:
    """The largest element; along an axis with the indices; of two tensors element by element."""
    if isinstance(keepdim, Tensor):
        raise wrong("max", input, dim, keepdim)
    if keepdim:
        if dim is None:
            raise _without_dim("max", keepdim)
        dim = whole(dim)
    if isinstance(dim, Tensor) or other is not None:
        return tensors.maximum(*_both("max", input, other if dim is None else dim))
    if input.__class__ in NUMBERS:
        raise wrong("max", input, dim)
    return max_of_all(input) if dim is None else max_along(input, dim, keepdim)


@composite()
def min(input: Any, dim: Any = None, keepdim: bool = False, *, other: Any = None) -> Any:
    """The smallest element; along an axis with the indices; of two tensors element by element."""
    if isinstance(keepdim, Tensor):
        raise wrong("min", input, dim, keepdim)
    if keepdim:
        if dim is None:
            raise _without_dim("min", keepdim)
        dim = whole(dim)
    if isinstance(dim, Tensor) or other is not None:
        return tensors.minimum(*_both("min", input, other if dim is None else dim))
    if input.__class__ in NUMBERS:
        raise wrong("min", input, dim)
    return min_of_all(input) if dim is None else min_along(input, dim, keepdim)


def _index(pick: Any, input: Any, dim: Any, keepdim: bool) -> Any:
    name = pick.__name__
    if input.dtype == np.bool_:
        raise RuntimeError(f"{name}(): does not support bool input")
    if dim is None:
        if not input.size:
            raise ShapeIndexError(
                f"{name}(): Expected reduction dim to be specified for input.numel() == 0.", name, [input.shape]
            )
        at = pick(input)
        return np.reshape(at, (1,) * input.ndim) if keepdim else at
    if not isinstance(dim := whole(dim), int):
        raise TypeError(f"{name}(): argument 'dim' (position 2) must be int, not {type(dim).__name__}")
    axis = axis_of(dim, input.ndim)
    check_keepdim(keepdim)
    if not input.size:
        check_size(f"{name}()", input, dim)
    if not keepdim and input.ndim:
        return getattr(input, name)(axis)  # the method, past the checks of the function
    return pick(input, axis=axis, keepdims=True) if input.ndim else np.int64(0)


@op(r"y = \arg\max_i x_i", said={"real_only": RuntimeError("argmax(): does not support complex input")}, input=None)
def argmax(input, dim=None, keepdim=False):
    """Where the largest element is, in the flattened tensor or along an axis."""
    return _index(np.argmax, input, dim, keepdim)


@op(r"y = \arg\min_i x_i", said={"real_only": RuntimeError("argmin(): does not support complex input")}, input=None)
def argmin(input, dim=None, keepdim=False):
    """Where the smallest element is, in the flattened tensor or along an axis."""
    return _index(np.argmin, input, dim, keepdim)


def _whether(test: Any, input: Any, dim: Any, keepdim: bool) -> Any:
    """Any or all; of uint8 as uint8. No axes in `dim` mean none, unlike in other reductions."""
    none = isinstance(dim, (tuple, list)) and not dim
    axis = None if none else _np_axis(input, dim, keepdim)
    found = input != 0 if none else in_order(np.asarray(test(input, axis=axis, keepdims=keepdim)))
    return found.astype(np.uint8) if input.dtype == np.uint8 else found


@op(r"y = \bigvee_i x_i", input=None)
def any(input, dim=None, keepdim=False):
    """Whether one of the elements is nonzero."""
    return _whether(np.any, input, dim, keepdim)


@op(r"y = \bigwedge_i x_i", input=None)
def all(input, dim=None, keepdim=False):
    """Whether all of the elements are nonzero."""
    return _whether(np.all, input, dim, keepdim)


@op(r"y = \#\{i : x_i \ne 0\}", input=None)
def count_nonzero(input, dim=None):
    """How many elements are not zero."""
    return np.count_nonzero(input, axis=_np_axis(input, dim))
