"""Keys in brackets as NumPy takes them, and PyTorch's sentences about those that do not fit."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from engine import array, deprecated
from engine.errors import ShapeValueError
from engine.memory import stepped
from engine.ops.create import host_array
from engine.size import Size
from engine.tensor import Tensor

_INDICES = tuple(np.dtype(kind) for kind in (np.int64, np.int32, np.uint8, np.bool_))
_SINGLE = frozenset((int, slice, np.ndarray))
_FEW = 32  # a longer list is an index of one axis, whatever it holds
_NO_AXES = (
    "invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` in C++ to convert a 0-dim "
    "tensor to a number"
)


def _is_sequence(part: Any) -> bool:
    """What Python calls a sequence: it has places, and is no dictionary."""
    return hasattr(type(part), "__getitem__") and not isinstance(part, (dict, np.generic))


def _parts(key: Any) -> list[Any]:
    """What stands between the commas: of a list, too, that holds more than numbers, as in old programs."""
    if isinstance(key, tuple):
        return list(key)
    if key.__class__ in _SINGLE or isinstance(key, Tensor) or not _is_sequence(key) or len(key) >= _FEW:
        return [key]
    for each in key:
        if each is None or each is Ellipsis or isinstance(each, (slice, Tensor)) or _is_sequence(each):
            deprecated.tell(deprecated.NO_TUPLE)
            return list(key)
    return [key]


def plain_key(key: Any, ndim: int) -> tuple[Any, bool]:
    """A key as NumPy takes it, with tensors and lists as arrays, and whether it makes a view."""
    parts = _parts(key)
    shown = True
    for i, part in enumerate(parts):
        if part.__class__ is int or part is None or part is Ellipsis:
            continue
        if isinstance(part, slice):
            parts[i] = _plain_slice(part)
        elif part is True or part is False:
            shown = False
        elif isinstance(part, np.integer):
            parts[i] = int(part)
        else:
            try:
                index = parts[i] = _index_array(part)
            except (IndexError, TypeError):
                if _axes_of(parts[:i]) >= ndim:  # which PyTorch finds first
                    raise _too_many(ndim) from None
                raise
            if index.__class__ is not int:
                shown = False
    dots = [i for i, part in enumerate(parts) if part is Ellipsis]
    for i in reversed(dots[1:]):
        del parts[i]
    if shown and not dots:
        parts.append(Ellipsis)  # so that a single element is a view too
    if _axes_of(parts) > ndim:
        if not ndim and key.__class__ is int:
            raise IndexError(_NO_AXES)
        if not ndim and isinstance(key, slice):
            raise IndexError("slice() cannot be applied to a 0-dim tensor.")
        raise _too_many(ndim)
    return tuple(parts), shown


def _too_many(ndim: int) -> IndexError:
    return IndexError(f"too many indices for tensor of dimension {ndim}")


def _axes_of(parts: Any) -> int:
    """How many axes a part, or several, of a plain key take."""
    return sum(map(axes_of, parts))


def axes_of(part: Any) -> int:
    """How many axes a part of a plain key takes."""
    if part is None or part is Ellipsis or part.__class__ is bool:
        return 0
    return part.ndim if getattr(part, "dtype", None) == np.bool_ else 1


def _plain_slice(part: slice) -> slice:
    ends = (part.start, part.stop, part.step)
    if all(end is None or end.__class__ is int for end in ends):
        plain = part
    else:
        for end in ends:
            if end is not None and not hasattr(end, "__index__"):
                raise TypeError("slice indices must be integers or None or have an __index__ method")
        plain = slice(*(None if end is None else operator.index(end) for end in ends))
    if plain.step == 0:
        raise ValueError("slice step cannot be zero")
    if plain.step is not None and plain.step < 0:
        raise ValueError("step must be greater than zero")
    return plain


def _index_array(part: Any) -> Any:
    """A tensor, an array or a list as an array of integers or bools; of one integer without axes as that integer.

    As in PyTorch, numbers that are no integers lose their fractions, unless they come as a tensor.
    """
    if isinstance(part, Tensor):
        index = part._array
        # Without axes it selects, and so makes a view.
        if not index.ndim and index.dtype.kind in "iu" and index.dtype != np.uint8:
            return operator.index(part)
        if index.dtype not in _INDICES:
            raise IndexError("tensors used as indices must be long, int, byte or bool tensors")
        if not index.ndim:
            return array.module(index).asarray(index, bool)
    elif isinstance(part, np.ndarray) or _is_sequence(part):
        if part.__class__ is list and set(map(type, part)) == {int}:
            index = np.array(part, np.int64)
        else:
            index = host_array(part, np.int64)
        if not index.ndim and index.dtype.kind == "i":
            return int(index)
    else:
        raise IndexError(
            "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices (got "
            f"{kind_of(part)})"
        )
    if index.dtype == np.uint8:
        deprecated.tell(deprecated.BYTES)
        return index.astype(bool)
    return index


def kind_of(value: Any) -> str:
    """The class of a value as C calls it, with the module in front of one that is written in C."""
    kind = type(value)
    if kind in (Size, array.dtype, array.device):
        return f"torch.{kind.__name__}"
    return f"{kind.__module__}.{kind.__name__}" if kind.__module__ in ("numpy", "decimal") else kind.__name__


def translated(input: Any, key: Any, error: Exception) -> Exception:
    """PyTorch's sentence for NumPy's about a key."""
    if any(part.__class__ is int and not -(1 << 63) <= part < 1 << 63 for part in key):
        return ShapeValueError("Overflow when unpacking long long", "item_view", [input.shape])
    text = str(error)
    arrays = [(i, part) for i, part in enumerate(key) if isinstance(part, np.ndarray)]
    if text.endswith("with size 0") and arrays:
        return IndexError("index is out of bounds for dimension with size 0")
    for i, part in arrays:
        if part.dtype == np.bool_ and "boolean index did not match" in text:
            axis = _axes_of(key[:i])
            wrong = next((n for n, size in enumerate(part.shape) if size != input.shape[axis + n]), 0)
            return IndexError(
                f"The shape of the mask {list(part.shape)} at index {wrong} does not match the shape of the indexed "
                f"tensor {list(input.shape)} at index {axis + wrong}"
            )
    if "broadcast" in text:
        shapes = ", ".join(str(list(part.shape)) for _, part in arrays)
        return IndexError(f"shape mismatch: indexing tensors could not be broadcast together with shapes {shapes}")
    before, _, after = text.partition(" for axis ")
    if arrays and after:  # the axis is counted among those that have index tensors
        number, _, rest = after.partition(" ")
        return IndexError(f"{before} for dimension {_place_among(input.ndim, key, int(number))} {rest}")
    if after and (place := _place_of_int(input.shape, key)) is not None:
        return IndexError(f"{before} for dimension {place} {after.partition(' ')[2]}")
    return IndexError(text.replace("axis", "dimension"))


def _place_of_int(shape: Any, key: Any) -> int | None:
    """Which part of the key is the first int that is out of bounds: what PyTorch calls the dimension."""
    axis = 0
    for place, part in enumerate(key):
        if part is Ellipsis:
            axis += len(shape) - _axes_of(key)
        elif part.__class__ is int and not -shape[axis] <= part < shape[axis]:
            return place
        axis += axes_of(part)
    return None


def _place_among(ndim: int, key: Any, axis: int) -> int:
    """The place of an axis among those that index arrays pick from."""
    at = place = 0
    for part in key:
        if part is Ellipsis:
            at += ndim - _axes_of(key)
        taken = axes_of(part)
        if isinstance(part, np.ndarray):
            if axis < at + taken:
                return place + axis - at
            place += taken
        at += taken
    return axis


def with_steps(shown: Any, input: Any, key: Any) -> Any:
    """A view of an array by a key, its new axes with the steps that PyTorch gives them."""
    strides, axis, place = list(shown.strides), 0, 0
    for part in key:
        if part is None:
            strides[place] = input.strides[axis] * input.shape[axis] if axis < input.ndim else input.itemsize
            place += 1
        elif part is Ellipsis:
            axis += input.ndim - _axes_of(key)
            place += input.ndim - _axes_of(key)
        else:
            axis += 1
            place += isinstance(part, slice)
    return array.as_there(stepped(shown, shown.shape, tuple(strides)), shown)
