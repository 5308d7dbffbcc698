"""What a tensor knows of its memory: steps, storage, memory format; and how it is made to show other memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from engine import array, formats, graph, memory, outs
from engine.family import check_in_place, family_of, own
from engine.given_sizes import given_sizes
from engine.meta import MetaArray
from engine.repeatable import marked

if TYPE_CHECKING:
    from engine.storage import TypedStorage, UntypedStorage


class Laid:
    """The half of a tensor that belongs to memory."""

    __slots__ = ()

    _array: Any
    _family: Any
    _node: Any
    _requires_grad: bool

    def stride(self, dim: int | None = None) -> Any:
        """The steps, in elements, from one element to the next along each axis, or along one."""
        steps = memory.steps_of(own(self))
        if dim is None:
            return steps
        from engine.errors import axis_asked

        return steps[axis_asked("stride", dim, len(steps))]

    def is_contiguous(self, memory_format: Any = None) -> bool:
        """Whether the elements lie in memory in the order of their indices, or in that of a memory format."""
        if memory_format is None or memory_format is formats.contiguous_format:
            return isinstance(self._array, np.generic) or bool(self._array.flags.c_contiguous)
        return formats.lies_in(memory_format, self._array.shape, memory.steps_of(own(self)))

    def dim_order(self, *, ambiguity_check: Any = False) -> tuple[int, ...]:
        """The axes in the order in which they lie in memory, the slowest first."""
        steps = memory.steps_of(own(self))
        return tuple(sorted(range(len(steps)), key=lambda axis: -steps[axis]))

    def data_ptr(self) -> int:
        """The address of the first element; 0 where there is none, as on the meta device."""
        return memory.address_of(own(self)) if self._array.size and not self.is_meta else 0

    const_data_ptr = data_ptr

    def storage_offset(self) -> int:
        """The place of the first element in the storage, in elements."""
        return memory.offset_of(own(self))

    def untyped_storage(self) -> UntypedStorage:
        """The memory under the tensor, as bytes."""
        return self._storage().untyped()

    def storage(self) -> TypedStorage:
        """The memory under the tensor, as numbers of its dtype."""
        from engine.storage import tell_typed

        tell_typed()
        return self._storage()

    def _typed_storage(self) -> TypedStorage:
        return self._storage()

    def _storage(self) -> TypedStorage:
        from engine import storage

        return storage.of(own(self))

    def storage_type(self) -> type:
        """The old type of its storage, which has its dtype."""
        from engine.storage import typed_storage

        return typed_storage(self._storage().pickle_storage_type())

    def is_set_to(self, tensor: Laid) -> bool:
        """Whether two tensors show the same memory in the same way."""
        mine, theirs = own(self), own(tensor)
        return (
            memory.address_of(mine) == memory.address_of(theirs)
            and mine.shape == theirs.shape
            and memory.steps_of(mine) == memory.steps_of(theirs)
        )

    def set_(self, source: Any = None, storage_offset: int = 0, size: Any = None, stride: Any = None) -> Any:
        """The tensor made to show other memory: another tensor's, a storage's, or none."""
        check_in_place(self, may_repeat=True)
        if source is None:
            self._array = array.module(self._array).empty(0, self._array.dtype)
        elif isinstance(source, Laid):
            if source._array.dtype != self._array.dtype:
                raise RuntimeError(f"Could not set tensor of type {_title(source)} to a tensor of type {_title(self)}")
            self._array, self._family = own(source), source._family
            if size is not None:
                self._over(memory.storage_of(self._array), size, stride, storage_offset)
        else:
            flat = _of_dtype(source, self)
            shape = (flat.size - storage_offset,) if size is None else size
            self._over(flat, shape, stride, storage_offset)
        return self

    def _over(self, flat: Any, size: Any, stride: Any, offset: int) -> None:
        shape = (size,) if isinstance(size, int) else tuple(size)
        steps = memory.plain_steps(shape) if stride is None else tuple(stride)
        self._array = memory.laid_over(flat, shape, steps, offset)

    def resize_(self, *sizes: Any, size: Any = None, memory_format: Any = None) -> Any:
        """The tensor given another size over its memory, which grows where it is too small."""
        shape = given_sizes(sizes, size, "resize_")
        if self._requires_grad and not graph.inferring():
            raise RuntimeError("cannot resize variables that require grad")
        if memory_format is formats.preserve_format:
            raise RuntimeError("Unsupported memory formatPreserve")
        if shape == self._array.shape:
            return self
        lay_over(self, shape, formats.steps_in(memory_format, shape))
        family_of(self).stamp("resize_")
        return self

    def resize_as_(self, the_template: Any, *, memory_format: Any = None) -> Any:
        """The tensor given the size of another, and its memory format where that is to be preserved."""
        if memory_format is formats.preserve_format:
            memory_format = formats.suggested(own(the_template))
        return self.resize_(the_template._array.shape, memory_format=memory_format)

    def is_shared(self) -> bool:
        """Whether `share_memory_` was called on a tensor over the same memory; on a GPU always."""
        return not isinstance(own(self), np.ndarray) or memory.is_shared(own(self))

    def is_pinned(self, device: Any = None) -> bool:
        """Whether the memory is locked in place: never here."""
        return False

    @property
    def is_meta(self) -> bool:
        """Whether it is on the meta device."""
        return self._array.__class__ is MetaArray

    @property
    def is_cpu(self) -> bool:
        """Whether the numbers lie in host memory."""
        return isinstance(self._array, (np.ndarray, np.generic)) and not self.is_meta

    is_mps = is_xpu = is_xla = is_vulkan = is_ipu = is_maia = is_mtia = is_hpu = False
    is_sparse = is_sparse_csr = is_quantized = is_mkldnn = is_nested = False
    layout = formats.strided
    name = None

    def is_distributed(self) -> bool:
        """False: no tensor is spread over machines."""
        return False

    def is_coalesced(self) -> bool:
        """False: no tensor is sparse."""
        return False

    def __dlpack__(self, *, stream: Any = -1, max_version: Any = None, dl_device: Any = None, copy: Any = None) -> Any:
        from engine import exchange

        exchange.check_exported(self)
        return exchange.capsule(self, stream, max_version, copy)

    def __dlpack_device__(self) -> Any:
        from engine.exchange import device_of

        return device_of(self)

    def record_stream(self, stream: Any) -> None:
        """Nothing: memory is not given back while a tensor lives."""


_IN_C = {"int64": "long int", "int32": "int", "int16": "short int", "int8": "signed char", "uint8": "unsigned char",
         "float32": "float", "float64": "double", "float16": "c10::Half", "bfloat16": "c10::BFloat16"}  # fmt: skip


def lay_over(tensor: Any, shape: tuple[int, ...], steps: tuple[int, ...]) -> None:
    """Let a tensor show its memory, which grows where it is too small, under another shape and steps in elements."""
    x = own(tensor)
    flat, offset = memory.storage_of(x), memory.offset_of(x)
    need = offset + memory.extent(shape, steps)
    if need > flat.size:
        try:
            grown = marked(array.module(x).empty(need, x.dtype))
        except ValueError as error:
            raise memory.too_large(shape, error) from None
        grown[: flat.size] = flat
        flat = grown
    tensor._array = memory.laid_over(flat, shape, steps, offset)


def _of_dtype(source: Any, tensor: Laid) -> Any:
    """The elements of a storage as those of a tensor; PyTorch's error where they are of another dtype."""
    if source._flat.dtype == tensor._array.dtype:
        return source._flat
    if hasattr(source, "dtype"):
        raise RuntimeError(
            f"Expected a Storage of type {outs.spoken(tensor._array.dtype)} or an UntypedStorage, but got type "
            f"{array.TITLES[source.dtype]} for argument 1 'storage'"
        )
    return source._flat.view(tensor._array.dtype)


def _title(t: Any) -> str:
    name = array.OF_NUMPY[t._array.dtype].name
    return _IN_C.get(name, name)
