"""Parameters and buffers that have no shape yet: lazy modules give them one at their first call."""

from __future__ import annotations

import sys
from typing import Any

import engine
from engine.family import own
from engine.nn.parameter import Parameter
from engine.places import built, key_of, placed
from engine.tensor import Tensor, wrap

_memory: Any = vars(Tensor)["_array"]  # the slot itself, under the property that refuses

_SHAPELESS = (
    "Can't access the shape of an uninitialized parameter or buffer. This error usually happens in `load_state_dict` "
    "when trying to load an uninitialized parameter into an initialized one. Call `forward` to initialize the "
    "parameters before accessing their attributes."
)


class UninitializedTensorMixin:
    """What the two have in common: a dtype, a device, and no elements; every operation refuses them."""

    cls_to_become: type[Any] = Tensor
    _family: Any

    @property
    def _array(self) -> Any:
        """The elements that there are none of; whoever reads them is told so."""
        frame: Any = sys._getframe(1)
        if frame.f_code is own.__code__:  # which reads for `detach` and others
            frame = frame.f_back
        name = frame.f_code.co_name
        asked = name.strip("_") if name.startswith("_") else name
        raise ValueError(
            f"Attempted to use an uninitialized parameter in <method '{asked}' of 'torch._C.TensorBase' objects>. This "
            "error happens when you are using a `LazyModule` or explicitly manipulating "
            f"`torch.nn.parameter.{type(self).__name__}` objects. When using LazyModules Call `forward` with a dummy "
            "batch to initialize the parameters before calling torch functions"
        )

    @_array.setter
    def _array(self, value: Any) -> None:
        _memory.__set__(self, value)

    def materialize(self, shape: Any, device: Any = None, dtype: Any = None) -> None:
        """Make it a common parameter or buffer of a shape, its elements not set."""
        kind = self.dtype if dtype is None else dtype
        memory = engine.empty(shape, device=self.device if device is None else device, dtype=kind)._array
        _memory.__set__(self, memory)
        self._family = None
        self.__class__ = self.cls_to_become

    @property
    def shape(self) -> Any:
        """RuntimeError: there is none."""
        raise RuntimeError(_SHAPELESS)

    @property
    def data(self) -> Tensor:
        """An empty tensor of the dtype and device that it will have."""
        return wrap(_memory.__get__(self, type(self)))

    @data.setter
    def data(self, value: Tensor) -> None:
        _memory.__set__(self, value._array)

    @property
    def dtype(self) -> Any:
        """The type that its elements will have."""
        return self.data.dtype

    @property
    def device(self) -> Any:
        """Where its elements will lie."""
        return self.data.device

    is_cuda = property(lambda self: self.data.is_cuda)

    def is_floating_point(self) -> bool:
        """Whether the dtype is a floating-point one."""
        return self.data.is_floating_point()

    def is_complex(self) -> bool:
        """Whether the dtype is a complex one."""
        return self.data.is_complex()

    def requires_grad_(self, requires_grad: bool = True) -> Any:
        """ValueError: only its attribute may be set."""
        return self._array

    def share_memory_(self) -> Any:
        """RuntimeError: there is none to share."""
        raise RuntimeError(
            "Can't share memory on an uninitialized parameter or buffer. Call `forward` to initialize the parameters "
            "before calling `module.share_memory()`."
        )

    def _like(self) -> Any:
        return type(self)(self.requires_grad, self.device, self.dtype)  # type: ignore[attr-defined, call-arg]

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        if id(self) not in memo:
            memo[id(self)] = self._like()
        return memo[id(self)]

    def __reduce_ex__(self, protocol: Any) -> Any:
        return built, (key_of(type(self)), self.requires_grad, self.device, self.dtype)  # type: ignore[attr-defined]


@placed
class UninitializedParameter(UninitializedTensorMixin, Parameter):
    """A parameter without a shape; `materialize(shape)` makes it a `Parameter`."""

    __slots__ = ()

    cls_to_become = Parameter

    def __new__(cls, requires_grad: bool = True, device: Any = None, dtype: Any = None) -> UninitializedParameter:
        return _made(cls, requires_grad, device, dtype)


@placed
class UninitializedBuffer(UninitializedTensorMixin, Tensor):
    """A buffer without a shape; `materialize(shape)` makes it a tensor."""

    __slots__ = ()

    cls_to_become = Tensor
    persistent: bool
    _is_buffer: bool

    def __new__(
        cls, requires_grad: bool = False, device: Any = None, dtype: Any = None, persistent: bool = True
    ) -> UninitializedBuffer:
        made = _made(cls, requires_grad, device, dtype)
        made._is_buffer = True
        made.persistent = persistent
        return made


def _made(kind: Any, requires_grad: bool, device: Any, dtype: Any) -> Any:
    made = object.__new__(kind)
    _memory.__set__(made, engine.empty(0, device=device, dtype=dtype)._array)
    made._node = made._family = None
    made._requires_grad = requires_grad
    return made


def is_lazy(param: Any) -> bool:
    """Whether a tensor has no shape yet."""
    return isinstance(param, UninitializedTensorMixin)
