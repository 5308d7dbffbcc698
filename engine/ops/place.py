"""Elements put in places that indices name: what PyTorch reduces on the way, and indices themselves."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine import array, deprecated, family, graph
from engine.array import module, numpy_dtype
from engine.dispatch import delivered, tensors
from engine.errors import axis_of, not_implemented
from engine.fitting import as_integer
from engine.op import composite, d, op
from engine.ops.index import put_ as put_at_key
from engine.ops.pick import _along, gather, scatter_zeros, used_part
from engine.ops.put_slices import _slices
from engine.repeatable import alert
from engine.tensor import wrap

_REDUCES = ("sum", "prod", "mean", "amax", "amin")
_ALSO = {"max": "amax", "min": "amin"}  # what `scatter_reduce` takes as well, but knows no gradient of


def _ones(like: Any, index: Any) -> Any:
    return wrap(module(like._array).ones(index._array.shape, like._array.dtype))


def _checked(name: str, input: Any, dim: int, index: Any, src: Any) -> int:
    n = max(input._array.ndim, 1)
    axis = axis_of(dim, input._array.ndim)
    if index._array.dtype not in (np.int64, np.int32):
        raise RuntimeError(f"{name}(): Expected dtype int32/int64 for index")
    if src._array.dtype != input._array.dtype:
        raise RuntimeError(f"{name}(): Expected self.dtype to be equal to src.dtype")
    if index._array.size and max(index._array.ndim, 1) != n:
        raise RuntimeError("Index tensor must have the same number of dimensions as self tensor")
    if index._array.size and max(src._array.ndim, 1) != n:
        raise RuntimeError("Index tensor must have the same number of dimensions as src tensor")
    size = input._array.shape[axis] if input._array.ndim else 1
    if index._array.size:
        wrong = index._array[(index._array < 0) | (index._array >= size)]
        if wrong.size:
            raise RuntimeError(f"index {wrong.flat[0]} is out of bounds for dimension {axis} with size {size}")
    return axis


def _reduced(name: str, input: Any, dim: int, index: Any, src: Any, reduce: str, include_self: bool) -> Any:
    """`scatter_reduce`, of an index as large as the part of `src` that is used."""
    if not index._array.size:
        return input.clone()
    if not input._array.ndim:
        given = (input.reshape(1), 0, index.reshape(1), src.reshape(1), reduce, include_self)
        return _reduced(name, *given).reshape(())
    shape = input._array.shape
    part = used_part(src, index, "ScatterReduceBackward0")
    touched = scatter_zeros(_ones(input.detach(), index), shape, dim, index)
    hit = wrap(touched._array > 0)
    whole = input._array.dtype.kind in "iub"
    if reduce in ("sum", "mean"):
        start = input if include_self else tensors.masked_fill(input, hit, 0)
        total = start + scatter_zeros(part, shape, dim, index)
        if reduce == "sum":
            return total
        count = touched + 1 if include_self else tensors.where(hit, touched, wrap(np.ones_like(touched._array)))
        return tensors.div(total, count, rounding_mode="floor") if whole else total / count
    if reduce == "prod":
        return _product(input, dim, index, part, include_self, hit)
    return _extreme(input, dim, index, part, include_self, hit, reduce)


def _extreme(input: Any, dim: int, index: Any, part: Any, include_self: bool, hit: Any, reduce: str) -> Any:
    """The largest or smallest; the elements that are it share the gradient evenly."""
    x, values = input._array, part._array
    xp = module(x)
    best = x.copy()
    ufunc = xp.maximum if reduce == "amax" else xp.minimum
    if not include_self:
        lowest = _lowest(x.dtype, reduce)
        best = xp.where(hit._array, lowest, best).astype(x.dtype)
    ufunc.at(best, _along(index._array, axis_of(dim, x.ndim)), values)
    result = wrap(best)
    if not (input.requires_grad or part.requires_grad or graph.duals is not None):
        return result
    here = tensors.gather(result, dim, index)
    winners = (part == here).to(input.dtype)
    mine = (input == result).to(input.dtype)
    if not include_self:
        mine = tensors.masked_fill(mine, hit, 0)
    count = mine + scatter_zeros(winners, x.shape, dim, index)
    count = tensors.masked_fill(count, count == 0, 1)
    shares = winners / gather(count, dim, index)
    return valued(mine / count * input + scatter_zeros(shares * part, x.shape, dim, index), best)


@op(r"y = v", said={"homes": (), "out": False}, input=d(r"\bar y", lambda g: g))
def valued(input, value):
    """Other values in the place of a tensor's, for the sake of its gradient."""
    return value


def _lowest(kind: np.dtype, reduce: str) -> Any:
    if kind.kind == "b":
        return reduce == "amin"
    if kind.kind in "iu":
        limits = np.iinfo(kind)
        return limits.min if reduce == "amax" else limits.max
    return -np.inf if reduce == "amax" else np.inf


def _product(input: Any, dim: int, index: Any, part: Any, include_self: bool, hit: Any) -> Any:
    """The product, step by step: the k-th factor of each place is multiplied in at the k-th step."""
    axis = axis_of(dim, input._array.ndim)
    result = input if include_self else tensors.masked_fill(input, hit, 1)
    flat = np.moveaxis(np.asarray(array.moved(index._array, "cpu")), axis, 0)
    order = np.zeros(flat.shape, np.int64)
    for i in range(flat.shape[0]):
        order[i] = (flat[:i] == flat[i]).sum(0)
    order = np.moveaxis(order, 0, axis)
    for step in range(int(order.max()) + 1):
        now = wrap(module(input._array).asarray(order == step))
        zeros = scatter_zeros(tensors.masked_fill(part, ~now, 0), input._array.shape, dim, index)
        used = scatter_zeros(now.to(input.dtype), input._array.shape, dim, index)
        result = result * (zeros + (1 - used.to(input.dtype) if input.dtype is not array.bool_ else ~used))
    return result.to(input.dtype)


@composite(in_place=True)
def scatter_reduce(
    input: Any, dim: int, index: Any, src: Any, reduce: str, *, include_self: bool = True, out: Any = None
) -> Any:
    """The tensor with `src` reduced into it where `index` says along an axis: sum, prod, mean, amax or amin."""
    recorded = graph.recording() and (input.requires_grad or src.requires_grad)
    reduce = reduce if recorded else _ALSO.get(reduce, reduce)
    if reduce not in _REDUCES:
        if recorded:
            raise RuntimeError(
                f"Expected 'reduce' to be one of 'sum', 'prod', 'mean', 'amax', 'amin' but got {reduce}."
            )
        raise RuntimeError(f"reduce argument must be either sum, prod, mean, amax or amin, got {reduce}")
    _checked("scatter", input, dim, index, src)
    return delivered("scatter_reduce", out, _reduced("scatter", input, dim, index, src, reduce, include_self))


@composite(in_place=True)
def index_reduce(
    input: Any, dim: int, index: Any, source: Any, reduce: str, *, include_self: bool = True, out: Any = None
) -> Any:
    """The tensor with slices reduced into it where a vector of indices says: prod, mean, amax or amin."""
    if reduce not in _REDUCES[1:]:
        raise RuntimeError(f"index_reduce(): Expected reduce to be one of prod, mean, amax or amin but got {reduce}.")
    axis = _slices("index_reduce_", input, dim, index, source)
    shape = [1] * max(input._array.ndim, 1)
    shape[axis] = -1
    wide = index.reshape(shape)
    if source._array.ndim:
        wide = wide.expand(source._array.shape)
    deprecated.tell_once("index_reduce() is in beta and the API may change at any time.")
    result = _reduced("index_reduce", input, dim, wide, source, reduce, include_self)
    return delivered("index_reduce", out, result)


@composite("method")
def put_(self: Any, index: Any, source: Any, accumulate: bool = False) -> Any:
    """Elements put, or added, at places of the flattened tensor, in place."""
    family.check_in_place(self)
    if not accumulate:
        alert("put_")
    if index._array.dtype != np.int64:
        raise RuntimeError(f"put_(): Expected a long tensor for index, but got {array.TITLES[index.dtype]}")
    if source._array.dtype != self._array.dtype:
        raise RuntimeError(
            f"put_(): self and source expected to have the same dtype, but got self.dtype = "
            f"{array.TITLES[self.dtype]} and source.dtype = {array.TITLES[source.dtype]}"
        )
    if source._array.size != index._array.size:
        raise IndexError(
            "put_(): Expected source and index to have the same number of elements, but got source.numel() = "
            f"{source._array.size}, index.numel() = {index._array.size}"
        )
    size = self._array.size
    wrong = index._array[(index._array < -size) | (index._array >= size)]
    if wrong.size:
        raise IndexError(f"out of range: tried to access index {wrong.flat[0]} on a tensor of {size} elements.")
    xp = module(self._array)
    places = np.unravel_index(
        array.moved(index._array % size if size else index._array, "cpu"), self._array.shape or (1,)
    )
    if not self._array.ndim:
        put_at_key(self.view(1), places, source.reshape(index._array.shape), accumulate)
        return self
    places = tuple([xp.asarray(each) for each in places])
    return put_at_key(self, places, source.reshape(index._array.shape), accumulate)


@composite()
def put(input: Any, index: Any, source: Any, accumulate: bool = False) -> Any:
    """A copy with elements put, or added, at places of the flattened tensor."""
    return put_(input.clone(), index, source, accumulate)


@composite("method", "engine")
def nonzero_static(input: Any, *, size: int, fill_value: int = -1, out: Any = None) -> Any:
    """The first `size` indices of elements that are not zero, a row each, filled up with `fill_value`."""
    if size < 0:
        raise RuntimeError("nonzero_static: 'size' must be an non-negative integer")
    rows = tensors.nonzero(input)._array[:size]
    full = module(rows).full((size, input._array.ndim), fill_value, np.int64)
    full[: rows.shape[0]] = rows
    return delivered("nonzero_static", out, wrap(full))


@composite("engine")
def unravel_index(indices: Any, shape: Any) -> tuple[Any, ...]:
    """The coordinates of places of a flattened tensor of a shape, a tensor an axis."""
    if indices._array.dtype.kind not in "iu":
        raise TypeError(f"expected 'indices' to be integer dtype, but got {indices.dtype}")
    if not isinstance(shape, (int, tuple, list)):
        raise TypeError(f"expected 'shape' to be int or sequence of ints, but got {type(shape)}")
    sizes = (shape,) if isinstance(shape, int) else tuple(shape)
    for each in sizes:
        if not isinstance(each, int):
            raise TypeError(f"expected 'shape' sequence to only contain ints, but got {type(each)}")
    if any(n < 0 for n in sizes):
        raise ValueError(f"'shape' cannot have negative values, but got {tuple(sizes)}")
    rest, found = indices._array.astype(np.int64), []
    for n in reversed(sizes):
        found.append(wrap(module(rest).asarray(rest % n)))
        rest = rest // n
    return tuple(reversed(found))


def _triangle(name: str, row: int, col: int, offset: int, dtype: Any, device: Any) -> Any:
    row, col = as_integer(name, "row", 1, row), as_integer(name, "col", 2, col)
    for word, value in (("row", row), ("col", col)):
        if value < 0:
            raise RuntimeError(f"{word} must be non-negative, got{value}")
    if dtype is not None and dtype.rank != 1:
        raise not_implemented(name, numpy_dtype(dtype))
    found = np.stack(getattr(np, name)(row, offset, col)).astype(numpy_dtype(dtype) or np.int64)
    return wrap(array.module_for(device).asarray(found))


@composite("engine")
def tril_indices(
    row: int, col: int, offset: int = 0, *, dtype: Any = None, device: Any = None, layout: Any = None
) -> Any:
    """The indices of the lower triangle of a matrix, rows then columns."""
    return _triangle("tril_indices", row, col, offset, dtype, device)


@composite("engine")
def triu_indices(
    row: int, col: int, offset: int = 0, *, dtype: Any = None, device: Any = None, layout: Any = None
) -> Any:
    """The indices of the upper triangle of a matrix, rows then columns."""
    return _triangle("triu_indices", row, col, offset, dtype, device)


# ---- a Python function on each element


def _each(self: Any, name: str, values: Any) -> Any:
    family.check_in_place(self)
    memory = family.own(self)
    if not isinstance(memory, np.ndarray):
        raise TypeError(f"{name} is only implemented on CPU tensors")
    found = list(values)
    for each in found:
        if isinstance(each, str):
            whole = memory.dtype.kind in "iu"
            raise TypeError(
                "'str' object cannot be interpreted as an integer" if whole else "must be real number, not str"
            )
    results = np.array(found, dtype=memory.dtype if memory.dtype.kind != "V" else np.float32)
    memory[...] = results.reshape(memory.shape)
    family.rebase(self, None, name)
    return self


def _listed(t: Any, shape: Any) -> Any:
    return tensors.expand(t.detach(), shape)._array.reshape(-1).tolist()


@composite("method")
def apply_(self: Any, callable: Any) -> Any:
    """Each element replaced by what a Python function makes of it."""
    if self.requires_grad:
        raise RuntimeError("Can't call apply_() on Variable that requires grad. Use var.detach().apply_() instead.")
    return _each(self, "apply_", map(callable, _listed(self, self._array.shape)))


@composite("method")
def map_(self: Any, tensor: Any, callable: Any) -> Any:
    """Each element replaced by what a Python function makes of it and of that of another tensor."""
    if self.requires_grad or tensor.requires_grad:
        raise RuntimeError("Can't call map_() on Variable that requires grad. Use var.detach().map_() instead.")
    shape = self._array.shape
    return _each(self, "map_", map(callable, _listed(self, shape), _listed(tensor, shape)))


@composite("method")
def map2_(self: Any, x: Any, y: Any, callable: Any) -> Any:
    """Each element replaced by what a Python function makes of it and of those of two other tensors."""
    if self.requires_grad or x.requires_grad or y.requires_grad:
        raise RuntimeError("Can't call map2_() on Variable that requires grad. Use var.detach().map2_() instead.")
    shape = self._array.shape
    return _each(self, "map2_", map(callable, _listed(self, shape), _listed(x, shape), _listed(y, shape)))
