"""Tensors from data: numbers, nested lists, arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from engine import array, deprecated, formats, graph
from engine.array import Defaults, module_for, numpy_dtype
from engine.family import infer
from engine.fitting import refused
from engine.meta import NO_ITEM
from engine.op import composite
from engine.tensor import Tensor, wrap


def made(raw: Any, requires_grad: bool = False) -> Tensor:
    """A fresh leaf over a raw array."""
    tensor = wrap(raw)
    if graph.inferring():
        infer(tensor)
    if requires_grad:
        if raw.dtype.kind not in "fcV":
            raise RuntimeError("Only Tensors of floating point and complex dtype can require gradients")
        tensor.requires_grad = True
    return tensor


def check_out(out: Any, dtype: Any) -> None:
    """PyTorch's error where a dtype is asked for that `out` has not."""
    if dtype is not None and out.dtype is not dtype:
        raise RuntimeError(
            f"dtype {array.TITLES[dtype]} does not match dtype of out parameter ({array.TITLES[out.dtype]})"
        )


def strided_only(layout: Any) -> None:
    """That no other layout is asked for."""
    if layout is not None and layout is not formats.strided:
        raise NotImplementedError(
            f"layout={layout} is left out of this engine on purpose: sparse and quantized tensors"
        )


def given(raw: Any, requires_grad: bool, out: Any, dtype: Any) -> Any:
    """A leaf over an array, or its numbers in `out`, which keeps its shape where it has as many elements."""
    if out is None:
        return made(raw, requires_grad)
    check_out(out, dtype)
    if raw.ndim != 1 or out._array.size != raw.size:
        out.resize_(raw.shape)
    return out.copy_(made(raw.reshape(out._array.shape)))


def _kind_of(data: Any) -> np.dtype | None:
    """The dtype of nested lists of numbers; None where NumPy knows best."""
    if isinstance(data, (np.ndarray, np.generic)):
        return array.float16.numpy if data.dtype == np.float16 else None  # asked for, as in `from_numpy`
    leaves = _leaves(data)
    if not leaves <= array.NUMBERS:
        return _shared(leaves)
    found = np.asarray(data)
    if found.dtype == object or found.dtype == np.uint64:
        raise _odd(int)
    if found.dtype.kind == "f":
        return Defaults.numpy
    return array.number_dtype(complex) if found.dtype.kind == "c" else None


def _leaves(data: Any) -> set[Any]:
    """What the elements of nested lists are: classes, and dtypes of NumPy's."""
    if isinstance(data, Sequence) and not isinstance(data, (str, bytes)):
        classes = set(map(type, data))
        return classes if classes <= array.NUMBERS else set().union(*map(_leaves, data))
    if hasattr(data, "__array__"):
        return {np.asarray(data).dtype}
    return {next((each for each in type(data).__mro__ if each in array.NUMBERS), type(data))}


def _shared(leaves: set[Any]) -> np.dtype:
    """The dtype that all elements of a list promote to, be they Python's numbers, NumPy's or tensors."""
    kinds = [array.number_dtype(each) if each in array.NUMBERS else each for each in leaves]
    for each in kinds:
        if isinstance(each, type):
            raise _odd(each)
        array.dtype_of(np.empty(0, each))  # raises for what no tensor holds
    return array.promoted([np.empty(1, each) for each in kinds])


def _odd(kind: type) -> Exception:
    if issubclass(kind, (str, bytes)):
        return TypeError(f"new(): invalid data type '{kind.__name__}'")
    if issubclass(kind, int):
        return ValueError("Overflow when unpacking long long")
    return RuntimeError(f"Could not infer dtype of {kind.__name__}")


def _plain(data: Any) -> Any:
    """Nested lists with tensors among their elements as lists of numbers, other libraries' arrays as NumPy's."""
    if isinstance(data, Tensor):
        return data._array
    if isinstance(data, (list, tuple)) and any(isinstance(each, (Tensor, list, tuple)) for each in data):
        if graph.marks is not None:
            for each in data:
                graph.marks.looked_at(each)
        return [_in_list(each, data) if isinstance(each, Tensor) else _plain(each) for each in data]
    if hasattr(data, "__dlpack__") and not isinstance(data, (np.ndarray, np.generic)):
        from engine.exchange import imported

        return array.moved(imported(data), "cpu")
    return data


def _in_list(t: Tensor, data: Sequence[Any]) -> Any:
    """A tensor in a list: a list itself where the first element is one, else its one element."""
    return t.tolist() if t._array.ndim and _is_listed(data[0]) else _one(t)


def _one(t: Tensor) -> Any:
    """A tensor in a list: its one element, as NumPy has it."""
    if t._requires_grad and t._array.size == 1:
        deprecated.tell_once(deprecated.SCALAR)
    if t._array.size != 1:
        if t._array.dtype.kind in "iub":
            raise TypeError("only integer tensors of a single element can be converted to an index")
        raise ValueError("only one element tensors can be converted to Python scalars")
    if t.is_meta:
        raise RuntimeError(NO_ITEM)
    return np.asarray(array.moved(t._array, "cpu")).reshape(())[()]


def _checked(data: Any, kind: np.dtype) -> Any:
    """Numbers as an array of a dtype, after PyTorch's checks that they fit."""
    found = np.asarray(data)
    if found.dtype.kind == "c" and kind.kind not in "cb":
        whole = kind.kind in "iu"
        raise TypeError("'complex' object cannot be interpreted as an integer" if whole else _NO_COMPLEX)
    if kind.kind not in "iu" or found.dtype.kind not in "iufO" or not found.size:
        if kind.itemsize == 2 and kind.kind in "fV":
            return np.array(data, np.float32).astype(kind)  # in two steps, as PyTorch rounds
        return np.array(data, kind)
    if found.dtype.kind == "O" or (found.dtype.kind == "u" and kind != np.uint64 and found.max() > _LONG.max):
        raise ValueError("Overflow when unpacking long long")
    limits = np.iinfo(kind)
    wraps = kind.kind == "u" and found.dtype.kind != "f"  # a negative integer may wrap round
    if not (found.min() >= (-int(limits.max) if wraps else limits.min) and found.max() <= limits.max):
        raise refused(array.OF_NUMPY[kind].name)
    return found.astype(kind)


_LONG = np.iinfo(np.int64)
_NO_COMPLEX = "must be real number, not complex"


def host_array(data: Any, kind: Any) -> Any:
    """Nested lists or an array as an index has them: bools and bytes as they are, else numbers of a dtype."""
    host = _array(data, None, "cpu", copy=False)
    return host if host.dtype in (np.bool_, np.uint8) else _checked(host, np.dtype(kind))


def _array(data: Any, dtype: Any, device: Any, copy: bool) -> Any:
    xp = np if device is None and Defaults.device == "cpu" else module_for(device)
    if dtype is not None and not isinstance(dtype, array.dtype) and dtype not in array.NUMBERS:
        raise TypeError(f"tensor(): argument 'dtype' must be torch.dtype, not {type(dtype).__name__}")
    kind = numpy_dtype(dtype)
    try:
        if isinstance(data, (str, bytes)):
            raise TypeError(f"new(): invalid data type '{type(data).__name__}'")
        if _is_listed(data):
            data = data if isinstance(data, (list, tuple)) else list(data)
            _sizes(data)
            if data and isinstance(data[0], np.ndarray):
                deprecated.tell_once(deprecated.MANY_ARRAYS)
        data = _plain(data)
        kind = _kind_of(data) if kind is None else kind
        if isinstance(data, (str, bytes)):
            raise TypeError(f"new(): invalid data type '{type(data).__name__}'")
        if isinstance(data, np.ndarray) or kind is None:
            host = np.array(data, kind) if copy else np.asarray(data, kind)
        else:
            host = _checked(data, kind)
    except RecursionError:  # a list that holds itself, not as its first element
        raise _misfit(data, _sizes(data), whole=False) or TypeError("not a sequence") from None
    except ValueError as error:
        odd = odd_lists(data, kind) if _is_listed(data) else None
        if not isinstance(odd, np.ndarray):
            raise odd or error from None
        host = odd
    array.dtype_of(host)
    return host if xp is np else xp.asarray(host)


def _of_storage(storage: Any, dtype: Any) -> Any:
    """The numbers in a storage as an array; PyTorch's error where they are of another dtype."""
    wanted = numpy_dtype(dtype) or Defaults.numpy
    if hasattr(storage, "dtype") and storage._flat.dtype != wanted:
        raise RuntimeError(
            f"Expected a Storage of type {array.TITLES[array.OF_NUMPY[wanted]]} or an UntypedStorage, but got "
            f"{array.TITLES[storage.dtype]}"
        )
    return storage._flat.view(wanted)


@composite("engine")
def tensor(
    data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False, pin_memory: bool = False
) -> Any:
    """A leaf that holds a copy of numbers, nested lists or an array."""
    if hasattr(data, "_flat"):
        data = _of_storage(data, dtype)
    if isinstance(data, Tensor):
        deprecated.tell(
            "To copy construct from a tensor, it is recommended to use sourceTensor.detach().clone() or "
            "sourceTensor.detach().clone().requires_grad_(True), rather than torch.tensor(sourceTensor).",
        )  # fmt: skip
        moved = data.detach().to(dtype=dtype, device=device)
        return made(moved._array.copy() if moved._array is data._array else moved._array, requires_grad)
    held = _array(data, dtype, device, copy=True)
    # One number is held as NumPy's scalar until somebody shares or writes its memory: to compute with it is quicker.
    return made(held if held.ndim or held.__class__ is not np.ndarray else held[()], requires_grad)


@composite("engine")
def as_tensor(data: Any, dtype: Any = None, device: Any = None) -> Any:
    """A tensor over the data, sharing memory where dtype and device allow."""
    if isinstance(data, Tensor):
        return data.to(dtype=dtype, device=device)
    return made(_array(data, dtype, device, copy=False))


_READ_ONLY = (
    "The given NumPy array is not writable, and PyTorch does not support non-writable tensors. This means writing to "
    "this tensor will result in undefined behavior. You may want to copy the array to protect its data or make it "
    "writable before converting it to a tensor. This type of warning will be suppressed for the rest of this program."
)


@composite("engine")
def from_numpy(ndarray: Any) -> Any:
    """A tensor that shares memory with a NumPy array."""
    if not isinstance(ndarray, np.ndarray):
        kind = type(ndarray)
        name = kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"
        raise TypeError(f"expected np.ndarray (got {name})")
    if any(step < 0 for step in ndarray.strides):
        raise ValueError(
            "At least one stride in the given numpy array is negative, and tensors with negative strides are not "
            "currently supported. (You can probably work around this by making a copy of your array  with "
            "array.copy().) "
        )
    if not ndarray.dtype.isnative:
        raise ValueError(
            "given numpy array has byte order different from the native byte order. Conversion between byte orders is "
            "currently not supported."
        )
    if any(step % ndarray.itemsize for step in ndarray.strides):
        raise ValueError(
            "given numpy array strides not a multiple of the element byte size. Copy the numpy array to reallocate the "
            "memory."
        )
    _ = array.dtype_of(ndarray).numpy  # asked for, lest float16 be computed with as NumPy does
    if not ndarray.flags.writeable:
        deprecated.tell(_READ_ONLY)
    return wrap(ndarray)


# ---- lists that do not fit together


def _is_listed(data: Any) -> bool:
    if isinstance(data, Sequence):
        return not isinstance(data, (str, bytes))
    return _is_counted(data) and not isinstance(data, dict) and not hasattr(data, "__array__")


def _is_counted(data: Any) -> bool:
    return hasattr(type(data), "__len__") and hasattr(type(data), "__getitem__")


def _has_length(data: Any) -> bool:
    return _is_listed(data) or (isinstance(data, np.ndarray) and data.ndim > 0)


_MOST_AXES = 128  # a list may hold itself


def _sizes(data: Any) -> list[int]:
    """The sizes that the first elements of nested lists have, as PyTorch takes them."""
    sizes: list[int] = []
    while _has_length(data):
        sizes.append(len(data))
        if len(sizes) > _MOST_AXES:
            raise ValueError(f"too many dimensions '{type(data).__name__}'")
        if not len(data):
            break
        data = data[0]
    if isinstance(data, str):
        raise ValueError("too many dimensions 'str'")
    return sizes


def _misfit(data: Any, sizes: list[int], whole: bool, dim: int = 0) -> Exception | None:
    """PyTorch's error for the first element of nested lists that does not fit the sizes, None where all do."""
    if dim == len(sizes):
        if not _has_length(data) and not isinstance(data, str):
            return None
        word = f"'{type(data).__name__}' object cannot be interpreted as an integer"
        return TypeError(word if whole else f"must be real number, not {type(data).__name__}")
    if not _has_length(data):
        return TypeError("not a sequence")
    if len(data) != sizes[dim]:
        return ValueError(f"expected sequence of length {sizes[dim]} at dim {dim} (got {len(data)})")
    return next((error for each in data if (error := _misfit(each, sizes, whole, dim + 1)) is not None), None)


def odd_lists(data: Any, kind: Any) -> Any:
    """What PyTorch makes of nested lists that NumPy finds ragged: nothing, where a size is zero, or its error."""
    sizes = _sizes(data)
    kinds = [each for each in _leaves(data) if isinstance(each, type)]
    whole = kind.kind in "iu" if kind is not None else bool(kinds) and all(issubclass(each, int) for each in kinds)
    if 0 in sizes:
        return np.zeros(sizes, kind or Defaults.numpy)
    return _misfit(data, sizes, whole)
