"""Memory handed to and taken from other libraries without a copy, by the DLPack protocol."""

from __future__ import annotations

import enum
from typing import Any

import numpy as np

from engine import array
from engine.family import own


class DLDeviceType(enum.IntEnum):
    """The kinds of places that the protocol numbers."""

    kDLCPU = 1
    kDLCUDA = 2
    kDLCUDAHost = 3
    kDLOpenCL = 4
    kDLVulkan = 7
    kDLMetal = 8
    kDLVPI = 9
    kDLROCM = 10
    kDLROCMHost = 11
    kDLExtDev = 12
    kDLCUDAManaged = 13
    kDLOneAPI = 14
    kDLWebGPU = 15
    kDLHexagon = 16
    kDLMAIA = 17


def check_exported(tensor: Any) -> None:
    """PyTorch's error for a tensor with a history, which the protocol would lose."""
    if tensor._requires_grad:
        raise BufferError("Can't export tensors that require gradient, use tensor.detach()")


def capsule(tensor: Any, stream: Any = -1, max_version: Any = None, copy: Any = None) -> Any:
    """The tensor's memory as a capsule of the protocol, for a consumer that works in a stream."""
    if stream is not None and type(stream) is not int:
        raise TypeError("stream must be ``int`` or ``none``")
    held = own(tensor)
    if not isinstance(held, np.ndarray):
        return held.__dlpack__() if stream in (None, -1) else held.__dlpack__(stream=stream)
    if stream not in (None, -1):
        raise AssertionError("stream should be None on cpu.")
    held = held.copy() if copy else held
    try:
        return held.__dlpack__(max_version=max_version)
    except TypeError:  # a NumPy that knows the first version alone
        return held.__dlpack__()


def device_of(tensor: Any) -> tuple[DLDeviceType, int]:
    """Where the tensor's memory lies, in the protocol's numbers."""
    kind, index = own(tensor).__dlpack_device__()
    return DLDeviceType(kind), index


class _Capsule:
    """What NumPy takes memory from, over a capsule that holds some."""

    def __init__(self, capsule: Any) -> None:
        self.capsule = capsule

    def __dlpack__(self, **_: Any) -> Any:
        return self.capsule

    def __dlpack_device__(self) -> tuple[int, int]:
        return 1, 0


class _Writable:
    """The memory of an array that says that it may not be written, as memory that may be: PyTorch writes it."""

    def __init__(self, held: np.ndarray) -> None:
        self.held = held
        described = held.__array_interface__
        self.__array_interface__ = described | {"data": (described["data"][0], False)}


def imported(source: Any) -> Any:
    """An array over the memory of an object of another library, or of a capsule."""
    if type(source).__name__ == "PyCapsule":
        if '"dltensor' not in repr(source):  # it is "used_dltensor" once it has been consumed
            raise RuntimeError(_SPENT)
        source = _Capsule(source)
    if not hasattr(source, "__dlpack__"):
        raise RuntimeError(_SPENT)
    if source.__dlpack_device__()[0] != 1:
        held = array.cupy.from_dlpack(source)
    else:
        held = np.from_dlpack(source)
        held = held if held.flags.writeable else np.asarray(_Writable(held))
    array.dtype_of(held)
    return held


_SPENT = (
    "from_dlpack received an invalid capsule. Note that DLTensor capsules can be consumed only once, so you might have "
    "already constructed a tensor from it once."
)
