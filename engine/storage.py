"""Storages: the memory under tensors by itself, as bytes or as numbers of one dtype."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from engine import array, memory
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

    def is_shared(self) -> bool:
        """Whether other processes see it: never here."""
        return False

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

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        return memo.setdefault(id(self), self.clone())

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

    def __init__(self, size: Any = 0, *, device: Any = None) -> None:
        data = size if isinstance(size, int) else np.array(list(size), np.uint8)
        xp = array.module_for(device)
        self._flat = xp.zeros(data, np.uint8) if isinstance(data, int) else xp.asarray(data)

    def __repr__(self) -> str:
        return f"{self._lines()}[torch.storage.UntypedStorage(device={self.device}) of size {len(self)}]"

    def untyped(self) -> UntypedStorage:
        """The storage itself."""
        return self


@placed
class TypedStorage(_Storage):
    """Memory as numbers of one dtype."""

    __slots__ = ()

    def __init__(self, size: Any = 0, *, dtype: Any = None, device: Any = None, wrap_storage: Any = None) -> None:
        kind = array.numpy_dtype(dtype) or array.Defaults.numpy
        xp = array.module_for(device)
        if wrap_storage is not None:
            self._flat = wrap_storage._flat.view(kind)
        else:
            self._flat = xp.zeros(size, kind) if isinstance(size, int) else xp.asarray(np.array(list(size), kind))

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

    def __repr__(self) -> str:
        size = f"of size {len(self)}"
        return f"{self._lines()}[torch.storage.TypedStorage(dtype={self.dtype}, device={self.device}) {size}]"


def typed_storage(name: str) -> Any:
    """The constructor of an old name, "FloatStorage"; None where there is none."""
    for dtype, title in array.TITLES.items():
        if name == f"{title}Storage":

            def make(size: Any = 0, dtype: array.dtype = dtype) -> TypedStorage:
                return TypedStorage(size, dtype=dtype)

            return make
    return None


def of(tensor_array: Any) -> TypedStorage:
    """The storage under an array."""
    return TypedStorage._over(memory.storage_of(tensor_array))


__all__ = ["TypedStorage", "UntypedStorage", "of", "typed_storage"]
