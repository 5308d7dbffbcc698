"""The memory under arrays: where a storage begins and ends, and arrays of any strides over it.

NumPy's views lead back to the array that owns the memory, and that is the storage; but small parameters lie next to
each other in one array and are storages of their own, which `Strip` knows.
"""

from __future__ import annotations

import weakref
from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.array_utils import byte_bounds

from engine import array

MOST_AXES = 64  # that an array can have
_starts: dict[int, list[int]] = {}  # the address of a strip -> where its pieces begin


class Strip:
    """One array that several storages share: `take` gives each its piece."""

    def __init__(self, elements: int, dtype: np.dtype) -> None:
        self.whole = np.empty(elements, dtype)
        self.used = 0
        self.starts = [0]  # where pieces begin, and where the next one will
        address = self.whole.ctypes.data
        _starts[address] = self.starts
        weakref.finalize(self.whole, _starts.pop, address, None)

    def room(self) -> int:
        """How many elements are left."""
        return self.whole.size - self.used

    def take(self, count: int) -> np.ndarray:
        """The next `count` elements."""
        piece = self.whole[self.used : self.used + count]
        self.used += count
        self.starts.append(self.used)
        return piece


def address_of(x: Any) -> int:
    """The address of an array's first element."""
    return x.ctypes.data if isinstance(x, np.ndarray) else x.data.ptr


def storage_of(x: Any) -> Any:
    """The whole storage that an array shows a part of, as an array of one axis of its dtype."""
    root = x
    while root.base is not None:
        base = root.base
        if not isinstance(base, np.ndarray) and array.module(x) is np:
            base = getattr(base, "base", None)  # what `as_strided` puts between
            if not isinstance(base, np.ndarray):
                break
        root = base
    starts = _starts.get(address_of(root)) if isinstance(root, np.ndarray) else None
    flat = _flat(root)
    if starts is not None:
        i = bisect_right(starts, (address_of(x) - address_of(root)) // root.itemsize)
        flat = flat[starts[i - 1] : starts[i]] if i < len(starts) else flat[starts[-1] :]
    if flat.dtype != x.dtype:
        flat = flat.view(np.uint8)
        flat = flat[: flat.size // x.itemsize * x.itemsize].view(x.dtype)
    return array.as_there(flat, x)


def _flat(root: Any) -> Any:
    if root.flags.c_contiguous:
        return root.reshape(-1)
    if root.flags.f_contiguous:
        return root.T.reshape(-1)
    return root.transpose(np.argsort([-abs(n) for n in root.strides], kind="stable")).reshape(-1)


def offset_of(x: Any) -> int:
    """The place of an array's first element in its storage, in elements."""
    return (address_of(x) - address_of(storage_of(x))) // x.itemsize if x.size else 0


def steps_of(x: Any) -> tuple[int, ...]:
    """The steps along each axis in elements, as PyTorch counts them: of a fresh empty array as if it were laid out."""
    if x.size or not x.ndim or all(x.strides):
        return tuple([n // x.itemsize for n in x.strides])
    return plain_steps(x.shape)


def plain_steps(shape: Sequence[int]) -> tuple[int, ...]:
    """The steps of a tensor whose elements lie in the order of their indices."""
    steps, step = [], 1
    for n in reversed(shape):
        steps.append(step)
        step *= max(n, 1)
    return tuple(reversed(steps))


def too_large(shape: Sequence[int], error: ValueError) -> Exception:
    """PyTorch's error for sizes of more bytes than can be counted; NumPy's for more axes than it has."""
    if len(shape) > MOST_AXES:
        return error
    return RuntimeError(f"Storage size calculation overflowed with sizes={list(shape)}")


def extent(shape: Sequence[int], steps: Sequence[int]) -> int:
    """How many elements of storage a tensor of this shape and these steps reaches over."""
    if 0 in shape:
        return 0
    return 1 + sum((n - 1) * step for n, step in zip(shape, steps, strict=True))


def out_of_bounds(shape: Sequence[int], steps: Sequence[int], offset: int, itemsize: int, have: int) -> RuntimeError:
    """PyTorch's error for a view that would reach beyond its storage."""
    need = (offset + extent(shape, steps)) * itemsize
    return RuntimeError(
        f"setStorage: sizes {list(shape)}, strides {list(steps)}, storage offset {offset}, and itemsize {itemsize} "
        f"requiring a storage size of {need} are out of bounds for storage of size {have}"
    )


def laid_over(storage: Any, shape: Sequence[int], steps: Sequence[int], offset: int) -> Any:
    """An array of any shape and steps over a storage (one axis), from the element `offset` on."""
    if 0 in shape:  # wherever it is said to begin
        offset = 0
    if offset + extent(shape, steps) > storage.size:
        raise out_of_bounds(shape, steps, offset, storage.itemsize, storage.nbytes)
    strides = tuple(step * storage.itemsize for step in steps)
    return array.as_there(stepped(storage[offset:], tuple(shape), strides), storage)


def stepped(x: Any, shape: tuple[int, ...], strides: tuple[int, ...]) -> Any:
    """A view of a raw array's memory from its first element on, with other sizes and steps in bytes.

    What NumPy has for this costs several times as much, and looks no closer at what is in bounds.
    """
    if x.__class__ is np.ndarray and x.flags.c_contiguous and x.dtype.kind != "V" and x.size:
        return np.ndarray(shape, x.dtype, x, 0, strides)
    return array.module(x).lib.stride_tricks.as_strided(x, shape, strides)


def related(x: Any, y: Any) -> bool:
    """Whether two arrays may show one memory: NumPy's views know the array that holds theirs."""
    return (x if x.base is None else x.base) is (y if y.base is None else y.base)


def twin(flat: Any, memo: dict[int, Any]) -> Any:
    """The copy of a storage that belongs to a deep copy, made once whatever dtype it is first met in."""
    place = -1 - address_of(flat)  # negative, so that it is the id of no object
    copied = memo.get(place)
    if copied is None or copied.nbytes != flat.nbytes:
        copied = memo[place] = flat.copy()
    return copied if copied.dtype == flat.dtype else copied.view(flat.dtype)


def overlap(x: Any, y: Any) -> str:
    """How two arrays lie in one memory: "full", "partial" or "", as far as PyTorch looks, at arrays without gaps."""
    if not x.size or not y.size:
        return ""
    first, second = byte_bounds(x), byte_bounds(y)
    if first[1] <= second[0] or second[1] <= first[0]:
        return ""
    if first[1] - first[0] != x.nbytes or second[1] - second[0] != y.nbytes:
        return ""
    return "full" if first == second and x.strides == y.strides else "partial"


def apart(target: Any, sources: Sequence[Any], exactly: bool = False) -> None:
    """PyTorch's error if an array that is written shares a part of its memory with one that is read.

    The very same elements are no error, unless they are to be apart `exactly`.
    """
    for each in sources:
        if each.__class__ is np.ndarray and target.__class__ is np.ndarray and related(target, each):
            how = overlap(target, each)
            if how == "partial" or (how and exactly):
                raise RuntimeError(
                    "unsupported operation: some elements of the input tensor and the written-to tensor refer to a "
                    "single memory location. Please clone() the tensor before performing the operation."
                )


# ---- memory that a program has called shared

_shared: dict[int, Any] = {}  # the address of the array that holds the memory -> a weak reference to it


def _holder(x: Any) -> Any:
    while isinstance(x.base, np.ndarray):
        x = x.base
    return x


def share(x: Any) -> None:
    """Note that the memory under an array is shared; on a GPU it is without that."""
    if isinstance(x, np.ndarray):
        holder = _holder(x)
        key = id(holder)
        _shared[key] = weakref.ref(holder, lambda _: _shared.pop(key, None))


def is_shared(x: Any) -> bool:
    """Whether the memory under an array was called shared."""
    return id(_holder(x)) in _shared
