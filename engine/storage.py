"""Storages: the memory under tensors by itself, as bytes or as numbers of one dtype."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from engine import array, deprecated, memory
from engine.places import class_of, key_of, placed


class _Storage:
    """What the two have in common: elements in one line, shared with every tensor over them."""

    __slots__ = ("_flat",)

    _flat: Any

    def __len__(self) -> int:
        return self._flat.size

    def size(self) -> int:
        """The number of elements; of bytes in an untyped one."""
        return self._flat.size

    def nbytes(self) -> int:
        """The number of bytes."""
        return self._flat.nbytes

    def element_size(self) -> int:
        """The bytes of one element."""
        return self._flat.itemsize

    def data_ptr(self) -> int:
        """The address of the first element; 0 on the meta device."""
        return memory.address_of(self._flat)

    @property
    def device(self) -> array.device:
        """Where it lies."""
        return array.device_of(self._flat)

    @property
    def is_cuda(self) -> bool:
        """Whether it lies on a GPU."""
        return self.device.type == "cuda"

    @property
    def is_sparse(self) -> bool:
        """Whether only numbers that are not zero are kept: never."""
        return False

    def resizable(self) -> bool:
        """Whether `resize_` is allowed: always."""
        return True

    def is_pinned(self, device: Any = None) -> bool:
        """Whether it lies where a GPU reads it by itself: never."""
        return False

    def get_device(self) -> int:
        """The index of the GPU, -1 on the CPU."""
        index = self.device.index
        return -1 if index is None else index

    def is_shared(self) -> bool:
        """Whether `share_memory_` was called on a tensor over it; on a GPU always."""
        return self.is_cuda or memory.is_shared(self._flat)

    def tolist(self) -> list[Any]:
        """The elements in a list."""
        return self._flat.tolist()

    def __iter__(self) -> Iterator[Any]:
        return iter(self.tolist())

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, slice):
            return type(self)._over(self._flat[key])
        return self._flat[key].item()

    def __setitem__(self, key: Any, value: Any) -> None:
        self._flat[key] = getattr(value, "_flat", value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Storage) and self.data_ptr() == other.data_ptr() and len(self) == len(other)

    def __hash__(self) -> int:
        return hash((self.data_ptr(), len(self)))

    def fill_(self, value: Any) -> Any:
        """Every element set to a number."""
        self._flat[...] = value
        return self

    def copy_(self, source: Any, non_blocking: bool = False) -> Any:
        """The elements of another storage."""
        self._flat[...] = source._flat
        return self

    def clone(self) -> Any:
        """A copy."""
        return type(self)._over(self._flat.copy())

    def cpu(self) -> Any:
        """The storage in host memory."""
        return type(self)._over(array.moved(self._flat, "cpu"))

    def resize_(self, size: int) -> Any:
        """Made longer or shorter; tensors over it keep what they have."""
        fresh = array.module(self._flat).zeros(size, self._flat.dtype)
        n = min(size, self._flat.size)
        fresh[:n] = self._flat[:n]
        self._flat = fresh
        return self

    def __sizeof__(self) -> int:
        return object.__sizeof__(self) + self.nbytes()

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        if id(self) not in memo:
            memo[id(self)] = type(self)._over(memory.twin(self._flat, memo))
        return memo[id(self)]

    def __copy__(self) -> Any:
        return self.clone()

    def __reduce__(self) -> Any:
        return _over, (key_of(type(self)), array.moved(self._flat, "cpu"))

    def numpy(self) -> np.ndarray:
        """The elements as a NumPy array over the same memory."""
        return array.moved(self._flat, "cpu")

    @classmethod
    def _over(cls, flat: Any) -> Any:
        storage = object.__new__(cls)
        storage._flat = flat
        return storage

    def _lines(self) -> str:
        if self.device.type == "meta":
            return "...\n"
        return "".join(f" {value}\n" for value in self.tolist())


def _over(key: Any, flat: Any) -> Any:
    return class_of(key)._over(flat)


@placed
class UntypedStorage(_Storage):
    """Memory as bytes."""

    __slots__ = ()

    def __init__(self, *given: Any, device: Any = None) -> None:
        if len(given) > 1:
            kinds = ", ".join(type(each).__name__ for each in given)
            raise TypeError(
                f"torch.UntypedStorage() received an invalid combination of arguments - got ({kinds}), but expected "
                "one of:\n * (*, torch.device device = None)\n * (int size, *, torch.device device = None)\n"
                " * (object sequence, *, torch.device device = None)"
            )
        data = given[0] if given else 0
        xp = array.module_for(device)
        self._flat = xp.zeros(data, np.uint8) if isinstance(data, int) else xp.asarray(_bytes(data))

    def __repr__(self) -> str:
        return f"{self._lines()}[torch.storage.UntypedStorage(device={self.device}) of size {len(self)}]"

    def untyped(self) -> UntypedStorage:
        """The storage itself."""
        return self

    def byteswap(self, dtype: array.dtype) -> None:
        """The bytes of each number of a dtype turned round; of both parts of a complex one."""
        width = dtype.itemsize // (2 if dtype.is_complex else 1)
        self._flat.reshape(-1, width)[...] = self._flat.reshape(-1, width)[:, ::-1].copy()


def _bytes(data: Any) -> np.ndarray:
    """A sequence of integers as bytes; PyTorch's error for what is none."""
    for each in data:
        if not isinstance(each, (int, np.integer)):
            raise RuntimeError(
                f"torch.UntypedStorage(): tried to construct a storage from a sequence ({type(data).__name__}), but "
                f"one of the items was of type {type(each).__name__} instead of int"
            )
    return np.array(list(data), np.uint8)


_WARNING = (
    "TypedStorage is deprecated. It will be removed in the future and UntypedStorage will be the only storage class. "
    "This should only matter to you if you are using storages directly.  To access UntypedStorage directly, use "
    "tensor.untyped_storage() instead of tensor.storage()"
)


def tell_typed() -> None:
    """Warn, once, that storages of a dtype will go."""
    deprecated.tell_once(_WARNING)


@placed
class TypedStorage(_Storage):
    """Memory as numbers of one dtype."""

    __slots__ = ()

    def __init__(
        self, *given: Any, dtype: Any = None, device: Any = None, wrap_storage: Any = None, _internal: bool = False
    ) -> None:
        if not _internal:
            tell_typed()
        _check_given("TypedStorage.__init__", given, dtype, device, wrap_storage)
        kind = array.numpy_dtype(dtype) or array.Defaults.numpy
        if wrap_storage is not None:
            self._flat = wrap_storage._flat.view(kind)
            return
        data: Any = given[0] if given else 0
        xp = array.module_for(device)
        whole = isinstance(data, (int, np.integer))
        self._flat = xp.zeros(data, kind) if whole else xp.asarray(np.array(list(data), kind))

    def __getitem__(self, key: Any) -> Any:
        self._check_there()
        if isinstance(key, slice):
            raise RuntimeError("slices are only supported in UntypedStorage.__getitem__")
        return self._flat[self._place(key)].item()

    def __setitem__(self, key: Any, value: Any) -> None:
        if not isinstance(value, (int, float, complex, np.generic)) and not hasattr(value, "_array"):
            raise RuntimeError(f"cannot set item with value type {type(value)}")
        self._flat[key if isinstance(key, slice) else self._place(key)] = getattr(value, "_array", value)

    def _place(self, key: Any) -> int:
        if not isinstance(key, (int, np.integer)):
            raise RuntimeError(f"can't index a {type(self)} with {type(key)}")
        if not -len(self) <= key < len(self):
            raise IndexError(f"index {key} out of range for storage of size {len(self)}")
        return int(key)

    def _check_there(self) -> None:
        if self.device.type == "meta":
            raise NotImplementedError("Not available for 'meta' device type")

    def tolist(self) -> list[Any]:
        """The elements in a list."""
        self._check_there()
        return super().tolist()

    def fill_(self, value: Any) -> Any:
        """Every element set to a number."""
        self[:] = value
        return self

    @property
    def dtype(self) -> array.dtype:
        """The type of the elements."""
        return array.OF_NUMPY[self._flat.dtype]

    def untyped(self) -> UntypedStorage:
        """The same memory as bytes."""
        return UntypedStorage._over(self._flat.view(np.uint8))

    _untyped_storage = property(untyped)

    def pickle_storage_type(self) -> str:
        """The old name of its type."""
        return f"{array.TITLES[self.dtype]}Storage"

    def type(self, dtype: Any = None, non_blocking: bool = False) -> Any:
        """The full old name of its type; with a dtype, the storage in it."""
        if dtype is None:
            return f"torch.{self.pickle_storage_type()}"
        return self._to(dtype if isinstance(dtype, array.dtype) else typed_storage(str(dtype).rsplit(".", 1)[-1]).dtype)

    def _to(self, dtype: array.dtype) -> TypedStorage:
        return self if dtype is self.dtype else TypedStorage._over(self._flat.astype(dtype.numpy))

    def __repr__(self) -> str:
        size = f"of size {len(self)}"
        lines = self._lines() or " \n"
        return f"{lines}[torch.storage.TypedStorage(dtype={self.dtype}, device={self.device}) {size}]"


_CASTS = {
    "bool": array.bool_, "byte": array.uint8, "char": array.int8, "short": array.int16, "int": array.int32,
    "long": array.int64, "half": array.float16, "bfloat16": array.bfloat16, "float": array.float32,
    "double": array.float64, "complex_float": array.complex64, "complex_double": array.complex128,
}  # fmt: skip


def _cast(name: str, dtype: array.dtype) -> Any:
    def cast(self: TypedStorage) -> TypedStorage:
        return self._to(dtype)

    cast.__name__, cast.__qualname__ = name, f"TypedStorage.{name}"
    cast.__doc__ = f"The storage as {dtype}."
    return cast


for _name, _dtype in _CASTS.items():
    setattr(TypedStorage, _name, _cast(_name, _dtype))


def _check_given(name: str, given: Sequence[Any], dtype: Any, device: Any, wrapped: Any) -> None:
    """PyTorch's errors for what a storage of numbers cannot be made of."""
    ways = (
        f"{name} received an invalid combination of arguments. Expected one of:\n * (*, torch.device device, "
        "torch.dtype dtype)\n * (int size, *, torch.device device, torch.dtype dtype)\n * (Sequence data, *, "
        "torch.device device, torch.dtype dtype)\n * (*, UntypedStorage wrap_storage, torch.dtype dtype)\n"
    )
    if dtype is not None and not isinstance(dtype, array.dtype):
        raise TypeError(f"{ways}Argument 'dtype' must be torch.dtype, not {type(dtype)}")
    if wrapped is None:
        if len(given) > 1:
            raise RuntimeError(f"{ways}Too many positional arguments")
        if given and not isinstance(given[0], (int, np.integer, Sequence, np.ndarray)):
            raise TypeError(f"{ways}Argument type not recognized: {type(given[0])}")
        return
    if given:
        raise RuntimeError(f"{ways}No positional arguments should be given when using 'wrap_storage'")
    if dtype is None:
        raise RuntimeError(f"{ways}Argument 'dtype' must be specified")
    if device is not None:
        raise RuntimeError(f"{ways}Argument 'device' should not be specified when 'wrap_storage' is given")
    if not isinstance(wrapped, UntypedStorage):
        raise TypeError(f"{ways}Argument 'wrap_storage' must be UntypedStorage, but got {type(wrapped)}")


def _read(dtype: array.dtype, buffer: Any, byte_order: str | None, offset: int, count: int) -> np.ndarray:
    """The numbers of a dtype in a buffer of bytes, copied. PyTorch's errors."""
    kind = dtype.numpy
    if byte_order is None and kind not in (np.uint8, np.int8):
        raise RuntimeError("function missing required argument 'byte_order' (pos 2)")
    if byte_order not in (None, "big", "little", "native"):
        raise ValueError(f"invalid byte_order '{byte_order}' (expected 'big', 'little', or 'native')")
    size = memoryview(buffer).nbytes - offset
    if count < 0 and size % kind.itemsize:
        raise ValueError(f"buffer size ({size}) must be a multiple of element size ({kind.itemsize})")
    if kind == np.bool_:
        return np.frombuffer(buffer, np.uint8, count, offset) != 0
    order: Any = {"big": ">", "little": "<"}.get(byte_order or "", "=")
    return np.frombuffer(buffer, kind.newbyteorder(order), count, offset).astype(kind)


class _Old(type):
    """The type of the old names: a storage is an instance of the one that has its dtype."""

    dtype: array.dtype

    def from_buffer(cls, buffer: Any, byte_order: str | None = None, offset: int = 0, count: int = -1) -> TypedStorage:
        """A storage of the numbers in a buffer of bytes, copied."""
        return TypedStorage._over(_read(cls.dtype, buffer, byte_order, offset, count))

    def __instancecheck__(cls, value: Any) -> bool:
        return isinstance(value, TypedStorage) and value.dtype is cls.dtype

    def __call__(cls, *given: Any, wrap_storage: Any = None, **options: Any) -> TypedStorage:
        options.pop("_internal", None)
        if options:
            raise RuntimeError(
                f"{cls}.__new__ received an invalid combination of arguments. Expected one of:\n * ()\n * (int size)\n"
                " * (Sequence data)\n * (*, UntypedStorage wrap_storage)\n"
                f"Keyword argument '{next(iter(options))}' cannot be specified"
            )
        _check_given(f"{cls}.__new__", given, cls.dtype, None, wrap_storage)
        return TypedStorage(*given, wrap_storage=wrap_storage, dtype=cls.dtype)


def typed_storage(name: str) -> Any:
    """The constructor of an old name, "FloatStorage", which is also called "Storage"; None where there is none."""
    for dtype, title in array.TITLES.items():
        if name == f"{title}Storage" or (name == "Storage" and title == "Float"):
            name = f"{title}Storage"
            if name not in _made:
                space = {"dtype": dtype, "__module__": "torch", "__doc__": f"Storages of {dtype}."}
                _made[name] = _Old(name, (), space)
            return _made[name]
    return None


_made: dict[str, Any] = {}


def _dtype_to_storage_type_map() -> dict[array.dtype, str]:
    """The old name of each dtype's storage."""
    return {dtype: f"{title}Storage" for dtype, title in array.TITLES.items()}


def of(tensor_array: Any) -> TypedStorage:
    """The storage under an array."""
    return TypedStorage._over(memory.storage_of(tensor_array))


__all__ = ["TypedStorage", "UntypedStorage", "of", "typed_storage"]
