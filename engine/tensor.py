"""The tensor: an array, whether it needs a gradient, and the node that made it. What is an op is bound in `bind.py`."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import numpy as np

from engine import array, deprecated, memory
from engine.array import OF_NUMPY
from engine.family import Family, family_of, own
from engine.hooks import Hooks, warn_of_hooks
from engine.laid import Laid
from engine.meta import NO_DATA, NO_ITEM, MetaArray, on_meta
from engine.places import class_of, home_of, key_of, placed
from engine.size import Size, sized
from engine.switches import recording
from engine.traced import Traced

_new = object.__new__


def wrap(raw: Any) -> Tensor:
    """A tensor over a raw array, sharing its memory, outside any graph."""
    tensor = _new(Tensor)
    tensor._array = raw
    tensor._requires_grad = False
    tensor._node = None
    tensor._family = None
    return tensor


@placed
class Tensor(Laid, Traced):
    """An array of numbers of one type that can be part of a graph.

    `_array` is the NumPy or CuPy array (a bare NumPy scalar where NumPy returned one; `family.own` makes it an array).
    Of the slots `_grad`, `_view` and `_hooks` most tensors leave unset.
    """

    __slots__ = (
        "__dict__", "__weakref__", "_array", "_family", "_grad", "_hooks", "_node", "_requires_grad", "_view",
    )  # fmt: skip

    _array: Any
    _family: Family | None
    _grad: Any
    _hooks: Hooks | None
    _node: Any
    _requires_grad: bool
    _view: tuple[Any, ...]

    __array_priority__ = 1000  # so that `ndarray * tensor` asks the tensor

    def __new__(cls, *given: Any, device: Any = None) -> Tensor:
        """The old constructor, of default floats: `Tensor(2, 3)` is uninitialized, `Tensor([1, 2])` holds the data."""
        from engine.legacy import built

        if len(given) == 1 and isinstance(given[0], Tensor):
            return given[0][...] if cls is Tensor else cls._make_subclass(cls, given[0].detach())
        return cls._make_subclass(cls, built(array.Defaults.dtype, given, device))

    @staticmethod
    def _make_subclass(cls: type[Any], data: Tensor, require_grad: bool = False) -> Any:
        """A leaf of the class `cls` that shares the memory of `data`."""
        tensor = _new(cls)
        tensor._array = own(data)
        tensor._node = None
        tensor._family = family_of(data)
        tensor._requires_grad = False
        tensor.requires_grad = require_grad
        return tensor

    # ---- subclasses

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if not home_of(cls).startswith("engine"):
            from engine.overriding import adopt

            adopt(cls)

    @classmethod
    def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """What a subclass makes of a function that is given one of it: `func` itself, its tensors ones of the class."""
        from engine.overriding import default

        return default(cls, func, types, args, kwargs or {})

    # ---- what it is

    @property
    def shape(self) -> Size:
        """The sizes of the axes."""
        return sized(Size, self._array.shape)

    def size(self, dim: int | None = None) -> Any:
        """The shape, or the size of one axis."""
        if dim is None:
            return sized(Size, self._array.shape)
        from engine.errors import axis_asked

        return self._array.shape[axis_asked("size", dim, self._array.ndim)]

    @property
    def dtype(self) -> array.dtype:
        """The type of the elements."""
        return OF_NUMPY[self._array.dtype]

    @property
    def device(self) -> array.device:
        """Where the numbers lie."""
        return array.device_of(self._array)

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self._array.ndim

    def dim(self) -> int:
        """The number of axes."""
        return self._array.ndim

    ndimension = dim

    def numel(self) -> int:
        """The number of elements."""
        return self._array.size

    nelement = numel

    def element_size(self) -> int:
        """The bytes of one element."""
        return self._array.itemsize

    @property
    def itemsize(self) -> int:
        """The bytes of one element."""
        return self._array.itemsize

    @property
    def nbytes(self) -> int:
        """The bytes of all elements."""
        return self._array.nbytes

    @property
    def is_cuda(self) -> bool:
        """Whether the numbers lie on a GPU."""
        return self.device.type == "cuda"

    def get_device(self) -> int:
        """The index of the GPU, -1 on the CPU."""
        index = self.device.index
        return -1 if index is None else index

    def is_floating_point(self) -> bool:
        """Whether the dtype is a floating-point one."""
        return self._array.dtype.kind in "fV"

    def is_complex(self) -> bool:
        """Whether the dtype is a complex one."""
        return self._array.dtype.kind == "c"

    def is_signed(self) -> bool:
        """Whether the dtype has negative numbers."""
        return self._array.dtype.kind not in "ub"

    def is_same_size(self, other: Tensor) -> bool:
        """Whether the shapes are equal."""
        return self._array.shape == other._array.shape

    # ---- its numbers

    def item(self) -> Any:
        """The one element as a Python number."""
        if self._array.size != 1:
            raise RuntimeError(f"a Tensor with {self._array.size} elements cannot be converted to Scalar")
        if self.is_meta:
            raise RuntimeError(NO_ITEM)
        return self._array.item()

    def tolist(self) -> Any:
        """The elements as nested lists of Python numbers."""
        if self.is_meta:
            raise NotImplementedError(NO_DATA)
        return self._array.tolist()

    def numpy(self, *, force: bool = False) -> np.ndarray:
        """A NumPy array over the same memory; with `force` a copy where it cannot be shared."""
        if not force and self._requires_grad and recording():
            raise RuntimeError("Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.")
        memory = own(self)
        if self.is_meta:
            if force:
                raise NotImplementedError(NO_DATA)
            raise TypeError(
                "can't convert meta device type tensor to numpy. Use Tensor.cpu() to copy the tensor to host memory "
                "first."
            )
        if not force and memory.dtype.kind == "c" and self.is_conj():
            raise RuntimeError(
                "Can't call numpy() on Tensor that has conjugate bit set. Use tensor.resolve_conj().numpy() instead."
            )
        if memory.dtype.kind == "V":
            raise TypeError("Got unsupported ScalarType BFloat16 (NumPy has no such type: use .float().numpy())")
        if isinstance(memory, np.ndarray):
            return memory
        if not force:
            raise TypeError(
                f"can't convert {self.device} device type tensor to numpy. Use Tensor.cpu() to copy the tensor to host "
                "memory first."
            )
        return array.moved(memory, "cpu")

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        memory = self.numpy()
        if dtype is not None and memory.dtype != dtype:
            return memory.astype(dtype)
        return memory.copy() if copy else memory

    def __bool__(self) -> bool:
        if self._array.size == 1:
            return bool(self._array if not self.is_meta else self.item())
        if self._array.size == 0:
            raise RuntimeError("Boolean value of Tensor with no values is ambiguous")
        raise RuntimeError("Boolean value of Tensor with more than one value is ambiguous")

    def __float__(self) -> float:
        if self._requires_grad and recording():
            deprecated.tell_once(deprecated.SCALAR)
        return float(self._one("double"))

    def __int__(self) -> int:
        return int(self._one("int64_t"))

    def _one(self, kind: str) -> Any:
        if self._array.size != 1:
            raise ValueError("only one element tensors can be converted to Python scalars")
        value = self.item()
        if value.__class__ is not complex:
            return value
        if value.imag:
            raise RuntimeError(f"value cannot be converted to type {kind} without overflow")
        return value.real

    def __complex__(self) -> complex:
        if self._array.size != 1:
            raise ValueError("only one element tensors can be converted to Python scalars")
        if self._requires_grad and recording():
            deprecated.tell_once(deprecated.SCALAR)
        return complex(self.item())

    def __index__(self) -> int:
        if self._array.dtype.kind not in "iub" or self._array.size != 1:
            raise TypeError("only integer tensors of a single element can be converted to an index")
        return int(self.item())

    def __delitem__(self, key: Any) -> None:
        raise TypeError("Tensor does not support deleting items")

    def __len__(self) -> int:
        if not self._array.ndim:
            raise TypeError("len() of a 0-d tensor")
        return self._array.shape[0]

    def __iter__(self) -> Iterator[Tensor]:
        if not self._array.ndim:
            raise TypeError("iteration over a 0-d tensor")
        return iter(self.unbind(0))

    def __reversed__(self) -> Any:
        return self.flip(0) if self._array.ndim else self

    def __array_wrap__(self, result: Any, context: Any = None, return_scalar: bool = False) -> Any:
        return wrap(np.asarray(result))

    def is_nonzero(self) -> bool:
        """Whether the one element is not zero."""
        return bool(self)

    def as_subclass(self, cls: type[Any]) -> Any:
        """The tensor, history and memory, as one of a subclass."""
        made = Tensor._make_subclass(cls, self.detach())
        made._node, made._requires_grad = self._node, self._requires_grad
        return made

    def where(self, condition: Any, other: Any) -> Any:
        """The tensor where the condition holds, `other` elsewhere."""
        from engine import dispatch

        return dispatch.tensors.where(condition, self, other)

    def __contains__(self, element: Any) -> bool:
        if not isinstance(element, (Tensor, int, float, complex)):
            raise RuntimeError(
                f"Tensor.__contains__ only supports Tensor or scalar, but you passed in a {type(element)}."
            )
        return bool((self._array == getattr(element, "_array", element)).any())

    __hash__ = object.__hash__

    def __repr__(self) -> str:
        from engine.printing import tensor_str

        return tensor_str(self)

    def __format__(self, spec: str) -> str:
        if self._array.ndim or type(self) is not Tensor or self.is_meta:
            return object.__format__(self, spec)
        return format(self.item(), spec)

    # ---- copies

    def __deepcopy__(self, memo: dict[int, Any]) -> Tensor:
        if id(self) in memo:
            return memo[id(self)]
        if not self.is_leaf:
            raise RuntimeError(
                "Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at the "
                "moment.  If you were attempting to deepcopy a module, this may be because of a torch.nn.utils."
                "weight_norm usage, see https://github.com/pytorch/pytorch/pull/103001"
            )
        kind = type(self)
        if kind is not Tensor and not home_of(kind).startswith("engine"):
            from engine.overriding import check_copied

            check_copied(self)
        twin = _new(kind)
        memo[id(self)] = twin
        twin._array = _deep(own(self), memo)
        twin._node = twin._family = None
        twin._requires_grad = self._requires_grad
        twin._grad = copy.deepcopy(getattr(self, "_grad", None), memo)
        if self.__dict__:
            twin.__dict__.update(copy.deepcopy(self.__dict__, memo))
        return twin

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        warn_of_hooks(self)
        x = array.moved(own(self), "cpu")
        laid = memory.storage_of(x), x.shape, memory.steps_of(x), memory.offset_of(x)
        return _rebuilt, (key_of(type(self)), laid, self._requires_grad, dict(self.__dict__))

    def share_memory_(self) -> Tensor:
        """The tensor itself: there is one process, which shares its memory with its threads; `is_shared` is told."""
        memory.share(own(self))
        return self

    def pin_memory(self) -> Tensor:
        """The tensor itself; host memory is not pinned here."""
        return self


def _deep(x: Any, memo: dict[int, Any]) -> Any:
    """A copy of an array over a copy of its storage, which views of one storage go on sharing."""
    if x.__class__ is MetaArray:
        return on_meta(x)
    flat = memory.storage_of(x)
    copied = memory.twin(flat, memo)
    if x.flags.c_contiguous and x.size == flat.size:
        return copied.reshape(x.shape)
    return memory.laid_over(copied, x.shape, memory.steps_of(x), memory.offset_of(x))


def _rebuilt(key: Any, laid: Any, requires_grad: bool, state: dict[str, Any]) -> Tensor:
    tensor = Tensor._make_subclass(class_of(key), wrap(memory.laid_over(*laid)), requires_grad)
    tensor.__dict__.update(state)
    return tensor
