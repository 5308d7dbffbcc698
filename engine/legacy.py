"""The old constructors of one dtype each, `FloatTensor(2, 3)` and so on, which are also types to test against."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine import array, deprecated, outs
from engine.fitting import whole
from engine.ops.create import odd_lists
from engine.repeatable import marked
from engine.size import Size
from engine.storage import _Storage
from engine.tensor import Tensor, wrap


class _Typed(type):
    """The type of the constructors: a tensor is an instance of the one that has its dtype and device."""

    dtype: array.dtype
    is_cuda: bool

    def __instancecheck__(cls, value: Any) -> bool:
        return isinstance(value, Tensor) and value.dtype is cls.dtype and value.is_cuda == cls.is_cuda

    def __call__(cls, *given: Any, device: Any = None) -> Tensor:
        return built(cls.dtype, given, "cuda" if cls.is_cuda and device is None else device)


def built(dtype: array.dtype, given: tuple[Any, ...], device: Any = None) -> Tensor:
    """A tensor of a dtype from sizes (uninitialized), from data, or as an alias of another tensor."""
    xp = array.module_for(device)
    if len(given) == 1 and isinstance(given[0], Tensor):
        if given[0].dtype is not dtype:
            raise TypeError(f"expected {_options(dtype)} (got {_options(given[0].dtype)})")
        return given[0][...]
    if len(given) == 1 and isinstance(given[0], _Storage):
        return wrap(xp.empty(0, dtype.numpy)).set_(given[0])
    if len(given) == 1 and isinstance(given[0], str):
        raise TypeError("new(): invalid data type 'str'")
    if len(given) == 1 and not _is_data(given[0]):
        raise TypeError(f"new(): data must be a sequence (got {type(given[0]).__name__})")
    if len(given) > 1:
        given = tuple(map(whole, given))
    if len(given) == 1 and not isinstance(given[0], (int, Size, np.integer)):
        data = _numbers(given[0], dtype)
        if dtype.rank == 1 and data.dtype.kind in "iu" and data.size:
            limits = np.iinfo(dtype.numpy)
            if data.min() < limits.min or data.max() > limits.max:
                name = dtype.name if dtype is array.uint8 else f"{dtype.name}_t"
                raise RuntimeError(f"value cannot be converted to type {name} without overflow")
        return wrap(xp.asarray(data.astype(dtype.numpy)))
    sizes = tuple(given[0]) if given and isinstance(given[0], Size) else given or (0,)
    for place, size in enumerate(sizes, 1):
        if not isinstance(size, (int, np.integer)):
            raise TypeError(
                f"new(): argument 'size' failed to unpack the object at pos {place} with error \"type must be tuple of "
                f'ints,but got {type(size).__name__}"'
            )
        if size < 0:
            raise RuntimeError(f"Trying to create tensor with negative dimension {size}: {list(sizes)}")
    return wrap(marked(xp.empty(sizes, dtype.numpy)))


def _options(dtype: array.dtype) -> str:
    """A dtype as PyTorch's sentences show what a tensor is made by."""
    return (
        f"TensorOptions(dtype={outs.spoken(dtype.numpy)}, device=cpu, layout=Strided, requires_grad=false (default), "
        "pinned_memory=false (default), memory_format=(nullopt))"
    )


def _is_data(given: Any) -> bool:
    """Whether it is a size, or something to go through by numbers."""
    kind = type(given)
    if given is None or isinstance(given, (bool, float, complex, bytes, dict)):
        return False
    return hasattr(kind, "__index__") or (hasattr(kind, "__getitem__") and hasattr(kind, "__len__"))


def _numbers(data: Any, dtype: array.dtype) -> np.ndarray:
    """Nested lists, or what else may be gone through, as an array."""
    try:
        found = np.array([getattr(each, "_array", each) for each in data] if hasattr(data, "__iter__") else data)
        if found.dtype.kind == "c":
            raise TypeError("must be real number, not complex")
        return found.astype(dtype.numpy) if found.dtype.kind == "U" else found
    except ValueError as error:
        raise odd_lists(list(data), dtype.numpy) or error from None


def typed(name: str, cuda: bool = False) -> Any:
    """The constructor of a name, "FloatTensor"; None where there is none."""
    for dtype, title in array.TITLES.items():
        if name == f"{title}Tensor" and dtype.rank < 3:
            if (name, cuda) not in _made:
                place = "torch.cuda" if cuda else "torch"
                space = {"dtype": dtype, "is_cuda": cuda, "__module__": place, "__doc__": f"Tensors of {dtype}."}
                _made[name, cuda] = _Typed(name, (), space)
            return _made[name, cuda]
    return None


_made: dict[tuple[str, bool], Any] = {}


def set_default_tensor_type(t: Any) -> None:
    """Make the dtype of an old constructor, given itself or by name, the default."""
    deprecated.tell_once(deprecated.DEFAULT_TYPE)
    found = typed(t.rsplit(".", 1)[-1]) if isinstance(t, str) else t
    if not isinstance(found, _Typed):
        raise TypeError(f"invalid type object: {t!r}" if not isinstance(t, str) else f"invalid type: '{t}'")
    array.set_default_dtype(found.dtype)
