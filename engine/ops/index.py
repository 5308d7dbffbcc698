"""Indexing: brackets, gather and scatter, sorting, masks."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from engine import deprecated, family, graph
from engine.array import TITLES, module
from engine.dispatch import cast, raw, tensors
from engine.errors import ShapeError, not_a_tensor
from engine.fitting import fitted, unpacked
from engine.memory import apart, related
from engine.meta import NO_DATA, MetaArray
from engine.numeric.adding import add_at
from engine.op import composite, d, op
from engine.ops.keys import kind_of, plain_key, translated, with_steps
from engine.tensor import Tensor, wrap


def _is_whole(part: Any) -> bool:
    """Whether a part of a key leaves an axis as it is, or nothing."""
    return part is Ellipsis or (part.__class__ is slice and part == slice(None))


def _title(key: Any) -> str:
    """The name of the last of the views that PyTorch makes one after the other; what changes nothing is none."""
    kinds = [each for each in key if each is not Ellipsis]
    if len(kinds) > 1:
        kinds = [each for each in kinds if not _is_whole(each)]
    if not kinds:
        return "AliasBackward0"
    return (
        "UnsqueezeBackward0" if kinds[-1] is None
        else "SliceBackward0" if isinstance(kinds[-1], slice)
        else "SelectBackward0"
    )  # fmt: skip


@op(
    r"y = x[\mathit{key}]",
    said={"view": True, "homes": (), "title": _title},
    input=d(r"\bar y \text{ in its place}", lambda g, shape, key, k: k.put_at(g, shape, key)),
)
def item_view(input, key):
    """The part of a tensor that ints, slices, None and Ellipsis show."""
    try:
        shown = input[key]
    except (IndexError, OverflowError) as error:
        raise translated(input, key, error) from None
    return with_steps(shown, input, key) if None in key else shown


@op(
    r"y = x[\mathit{key}]",
    said={"homes": (), "out": False, "title": "IndexBackward0"},
    input=d(r"\bar y \text{ added in its place}", lambda g, shape, key, k: k.put_at(g, shape, key)),
)
def item_copy(input, key):
    """The elements that index arrays and masks pick."""
    try:
        picked = input[key]
    except (IndexError, OverflowError) as error:
        raise translated(input, key, error) from None
    # What stands in the order of memory stays so; NumPy puts the picked axes first and has odd steps for new ones.
    if len(key) > 1 and (input.flags.c_contiguous or all(a >= b for a, b in pairwise(input.strides))):
        if not picked.flags.c_contiguous:
            return picked.copy()
        return picked.reshape(-1).reshape(picked.shape) if 1 in picked.shape else picked
    return picked


@op(
    r"y = x \text{ added in its place, 0 elsewhere}",
    said={"homes": (), "out": False, "title": "IndexPutBackward0"},
    input=d(r"\bar y[\mathit{key}]", lambda g, key, k: k.item_copy(g, key)),
)
def put_at(input, shape, key):
    """A tensor of zeros to which `input` is added at the key."""
    full = module(input).zeros(shape, input.dtype)
    if all(not isinstance(part, np.ndarray) or part.dtype == np.bool_ for part in key):
        full[key] = input
    else:
        add_at(full, key, input)
    return full


def getitem(self: Tensor, key: Any) -> Tensor:
    """`tensor[key]`: a view where the key makes one, else a copy."""
    if graph.marks is not None:
        for part in key if isinstance(key, (tuple, list)) else (key,):
            graph.marks.picked_by(part)
    plain, shown = plain_key(key, self._array.ndim)
    if shown:
        return item_view(self, plain)
    view, rest = _ints_first(self, plain)
    return item_copy(view, rest)


def _ints_first(self: Tensor, key: tuple[Any, ...]) -> tuple[Tensor, tuple[Any, ...]]:
    """The view that the ints of a mixed key select, and the rest of the key: PyTorch takes ints before index arrays."""
    if not any(part.__class__ is int for part in key):
        return self, key
    first: list[Any] = []
    rest: list[Any] = []
    for part in key:
        if part.__class__ is int:
            first.append(part)
        elif isinstance(part, np.ndarray):
            first.extend([slice(None)] * (part.ndim if part.dtype == np.bool_ else 1))
            rest.append(part)
        else:
            if part is not None and part.__class__ is not bool:
                first.append(Ellipsis if part is Ellipsis else slice(None))
            rest.append(part)
    return item_view(self, tuple(first)), tuple(rest)


def setitem(self: Tensor, key: Any, value: Any) -> None:
    """`tensor[key] = value`, in place, recorded."""
    plain, shown = plain_key(None if key is True else key, self._array.ndim)
    if not isinstance(value, (Tensor, int, float, complex, np.integer)):
        raise TypeError(f"can't assign a {kind_of(value)} to a {self.type()}")
    value = unpacked(value)
    if shown:
        put_(self, plain, value)
    else:
        view, rest = _ints_first(self, plain)
        _check_dtypes(view, rest, value)
        put_(view, rest, value)


def _check_dtypes(self: Tensor, key: Any, value: Any) -> None:
    """PyTorch's error for a tensor of another dtype at index tensors; one number goes to the elements of one mask."""
    if not isinstance(value, Tensor) or value._array.dtype == self._array.dtype:
        return
    arrays = [part for part in key if isinstance(part, np.ndarray)]
    if value._array.size == 1 and not arrays:
        return
    if value._array.size == 1 and len(arrays) == 1 and arrays[0].dtype == np.bool_ and arrays[0].ndim:
        fitted(value.item(), self._array.dtype)
        return
    try:
        shape = self._array[key].shape
        if np.broadcast_shapes(value._array.shape, shape) != shape:
            return  # which fails for that
    except (IndexError, ValueError):
        return
    mine, other = TITLES[self.dtype], TITLES[value.dtype]
    raise RuntimeError(
        f"Index put requires the source and destination dtypes match, got {mine} for the destination and {other} for "
        "the source."
    )


class _Given(NamedTuple):
    key: Any
    accumulate: bool


def put_(self: Tensor, key: Any, value: Any, accumulate: bool = False) -> Tensor:
    """Put `value`, broadcast, at a plain key (or add it, with `accumulate`); the tensor itself."""
    memory = family.own(self)
    if 0 in memory.strides and memory.size:
        _check_repeated(memory, key, not accumulate and getattr(value, "_array", np.zeros(())).size == 1)
    try:
        family.check_in_place(self, by_view=_shows_part(key), may_repeat=True)
        if isinstance(value, Tensor):
            family.check_takes(self, value)
    except RuntimeError:
        _check_fit(memory, key, value)  # of which PyTorch tells first
        raise
    source = value._array if isinstance(value, Tensor) else fitted(value, memory.dtype, short=False)
    if source.__class__ is MetaArray and memory.__class__ is not MetaArray:
        raise NotImplementedError(NO_DATA)
    if graph.marks is not None:
        graph.marks.assigned(self, value, "index_put_")
    before = family.shadow(self)
    given_shape = np.shape(source)
    try:
        if not _makes_view(key):
            apart(memory, [each for each in (source, *key) if each.__class__ is np.ndarray], exactly=True)
        elif source.__class__ is np.ndarray and related(memory, source) and not accumulate:
            target, plain = memory[key], _without_leading_ones(source)
            if target.shape == plain.shape:  # what is spread first is not looked at
                apart(target, (plain,))
        source = _without_leading_ones(source)
        if accumulate:
            add_at(memory, key, source)
        else:
            memory[key] = deprecated.real_of(source) if memory.dtype.kind != "c" else source
    except (IndexError, OverflowError) as error:
        raise translated(memory, key, error) from None
    except ValueError:
        raise _no_fit(source, memory[key].shape, key) from None
    if graph.duals is not None:
        graph.duals.put_at(self, key, value, accumulate)
    node = None
    given = self._requires_grad or (isinstance(value, Tensor) and value._requires_grad and memory.dtype.kind in "fcV")
    if given and graph.recording():
        node = object.__new__(PutNode)
        node.number = next(graph.numbers)
        node.hooks = None
        node.parents = (graph.edge_of(before), graph.edge_of(value) if isinstance(value, Tensor) else None)
        node.given = _Given(key, accumulate)
        node.freed = False
        node.value_shape = given_shape
        node.value_dtype = getattr(source, "dtype", None)
    family.rebase(self, node, "index_put_")
    return self


def _without_leading_ones(source: Any) -> Any:
    """What is put, without axes of one in front, which a mask would count as its own."""
    if source.__class__ is not np.ndarray or source.ndim < 2 or source.shape[0] != 1:
        return source
    return source.reshape(source.shape[next((i for i, n in enumerate(source.shape) if n != 1), source.ndim) :])


def _check_repeated(memory: Any, key: Any, one: bool) -> None:
    """PyTorch's error for a part that shows an element twice, after `expand`; at index arrays it warns.

    Where `one` number goes to what a mask chooses, it warns of the fill that this is, too.
    """
    if not _makes_view(key):
        deprecated.tell(deprecated.PUT_IN_EXPANDED)
        picks = [part.dtype for part in key if isinstance(part, np.ndarray)]
        if one and picks == [np.bool_]:
            deprecated.tell(deprecated.FILL_EXPANDED.format("masked_fill_"))
    elif family.repeats(memory[key]):
        raise family.repeated()


def _makes_view(key: Any) -> bool:
    """Whether a plain key shows a part, rather than picking elements."""
    return not any(isinstance(part, (np.ndarray, bool)) for part in key)


def _shows_part(key: Any) -> bool:
    """Whether a plain key shows less than everything, or that in another way."""
    return _makes_view(key) and not all(_is_whole(part) or part in _FROM_FIRST for part in key)


_FROM_FIRST = (slice(0, None), slice(None, None, 1), slice(0, None, 1))  # what assignments take for everything, too


def _check_fit(memory: Any, key: Any, value: Any) -> None:
    """PyTorch's errors for a part that there is not, and for values that do not broadcast to the one that there is."""
    if not _makes_view(key):
        return
    put = value._array if isinstance(value, Tensor) else np.zeros(())
    try:
        np.broadcast_to(put.reshape(()) if put.size == 1 else _without_leading_ones(put), memory[key].shape)
    except IndexError as error:
        raise translated(memory, key, error) from None
    except ValueError:
        raise _no_fit(put, memory[key].shape, key) from None


def _no_fit(source: Any, want: tuple[int, ...], key: Any) -> Exception:
    """PyTorch's error for values that do not broadcast to their place."""
    have = np.shape(source)
    while have and have[0] == 1:
        have = have[1:]
    if _makes_view(key):
        try:
            wrap(source).reshape(have).expand(want)
        except RuntimeError as error:
            return error
    return ShapeError(
        f"shape mismatch: value tensor of shape {list(have)} cannot be broadcast to indexing result of shape "
        f"{list(want)}", "index_put_", (have, want),
    )  # fmt: skip


class PutNode(graph.Node):
    """The history of a tensor some of whose elements were replaced."""

    __slots__ = ("freed", "given", "value_dtype", "value_shape")
    freed: bool
    given: _Given
    value_dtype: Any
    value_shape: tuple[int, ...]
    title = "IndexPutBackward0"

    def name(self) -> str:
        """PyTorch's name, which depends on whether the key makes a view."""
        if all(map(_is_whole, self.given.key)) and not self.given.accumulate:
            return "torch::autograd::CopyBackwards" if self.value_shape else "FillBackward3"
        arrays = any(isinstance(part, (np.ndarray, bool, np.bool_)) for part in self.given.key)
        return "IndexPutBackward0" if arrays else "torch::autograd::CopySlices"

    def free(self) -> None:
        """Let go of the key, of which only the kind is asked from now on; one that is everything is nothing to keep."""
        self.freed = not all(map(_is_whole, self.given.key))

    def pull(self, g: Any) -> Any:
        """The old values get the gradient where they stayed, the new ones where they were put."""
        if self.freed:
            graph.FREED.complain()
        key, accumulate = self.given
        first, second = self.parents
        old = new = None
        if first is not None:
            old = g
            if not accumulate:
                old = module(g).array(g)  # a copy, of a NumPy scalar as well
                old[key] = 0
        if second is not None:
            new = raw.sum_to_size(_stripped(g[key], len(self.value_shape)), self.value_shape)
            new = new.astype(self.value_dtype, copy=False)
        return old, new

    def pull_tensors(self, g: Any) -> Any:
        """The same, recorded."""
        if self.freed:
            graph.FREED.complain()
        key, accumulate = self.given
        first, second = self.parents
        old = new = None
        if first is not None:
            old = g
            if not accumulate:
                keep = np.ones(g._array.shape, bool)
                keep[key] = False
                old = tensors.kept(g, wrap(keep))
        if second is not None:
            new = _stripped(item_copy(g, key), len(self.value_shape)).sum_to_size(self.value_shape)
            if self.value_dtype is not None and new._array.dtype != self.value_dtype:
                new = cast(new, self.value_dtype)
        return old, new


def _stripped(g: Any, ndim: int) -> Any:
    """Leading axes of size one that the value has and its place has not."""
    return g if g.ndim >= ndim else g.reshape((1,) * (ndim - g.ndim) + g.shape)


@composite("method", "engine")
def index_put(input: Any, indices: Any, values: Any, accumulate: bool = False) -> Any:
    """A copy with `values` put, or added, at the index tensors."""
    return _put_indices("index_put", input.clone(), indices, values, accumulate)


@composite("method", "engine")
def index_put_(self: Any, indices: Any, values: Any, accumulate: bool = False) -> Any:
    """Put, or add, `values` at the index tensors, in place."""
    return _put_indices("index_put_", self, indices, values, accumulate)


def _put_indices(name: str, target: Any, indices: Any, values: Any, accumulate: bool) -> Any:
    if not isinstance(indices, (tuple, list)):
        raise TypeError(
            f"{name}(): argument 'indices' (position 1) must be tuple of Tensors, not {type(indices).__name__}"
        )
    for i, each in enumerate(indices):
        if not isinstance(each, Tensor):
            raise TypeError(f"expected Tensor as element {i} in argument 0, but got {type(each).__name__}")
    if not isinstance(values, Tensor):
        raise not_a_tensor(name, "values", 1, values)
    key, _ = plain_key(tuple(indices), target._array.ndim)
    _check_dtypes(target, key, values)
    return put_(target, key, values, accumulate)
