"""What the engine knows about raw arrays: which module made them, their dtypes and devices, and what mixes to what.

An array is a NumPy array, a NumPy scalar (what NumPy returns for a result without axes), or a CuPy array. Ufuncs and
most NumPy functions find CuPy by themselves through NumPy's dispatch protocols; `module` serves the rest.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

import numpy as np

from engine import brain, meta
from engine.places import built, class_of, key_of, placed

try:
    import cupy
except ImportError:
    cupy = None

# The answers to 0/0, log(-1) and overflow are NaN and inf, as in PyTorch, which never warns about them; asking NumPy to
# be quiet around every op would cost more than most ops.
np.seterr(all="ignore")


@placed
class dtype:
    """The type of a tensor's elements, under PyTorch's name; `numpy` is the same type in NumPy."""

    __slots__ = ("_numpy", "is_complex", "is_floating_point", "is_signed", "itemsize", "name", "rank")

    def __init__(self, name: str, numpy: Any, rank: int) -> None:
        self.name = name
        self._numpy = None if numpy is None else np.dtype(numpy)
        self.rank = rank  # the category: 0 bool, 1 integer, 2 floating point, 3 complex
        self.is_floating_point = rank == 2
        self.is_complex = rank == 3
        self.is_signed = self._numpy is None or self._numpy.kind not in "ub"
        self.itemsize = 2 if self._numpy is None else self._numpy.itemsize

    @property
    def numpy(self) -> np.dtype:
        """The same type in NumPy; ops are told when one of the two narrow ones is first asked for."""
        if self._numpy is None:
            self._numpy = brain.half() if self.name == "float16" else brain.dtype()
            OF_NUMPY[self._numpy] = self
        return self._numpy

    def __repr__(self) -> str:
        return f"torch.{self.name}"

    def __reduce__(self) -> Any:
        return class_of, ((__name__, {"bool": "bool_"}.get(self.name, self.name)),)

    def to_real(self) -> dtype:
        """The type of the real part."""
        return self if self.rank < 3 else dtype_of(np.empty(0, self.numpy).real)

    def to_complex(self) -> dtype:
        """The complex type of the same precision."""
        if self.rank == 1:
            raise RuntimeError(f"Unknown Complex ScalarType for {TITLES[self]}")
        return complex128 if self.numpy == np.float64 or self is complex128 else complex64


class _Nameless(dtype):
    """A dtype that has its name and size, while the engine leaves numbers of it out."""

    @property
    def numpy(self) -> np.dtype:
        """None there is: NotImplementedError."""
        raise NotImplementedError(f"complex numbers of half precision (torch.{self.name}) are left out of this engine")


bool_ = dtype("bool", np.bool_, 0)
uint8 = dtype("uint8", np.uint8, 1)
int8 = dtype("int8", np.int8, 1)
int16 = dtype("int16", np.int16, 1)
int32 = dtype("int32", np.int32, 1)
int64 = dtype("int64", np.int64, 1)
uint16 = dtype("uint16", np.uint16, 1)
uint32 = dtype("uint32", np.uint32, 1)
uint64 = dtype("uint64", np.uint64, 1)
float16 = dtype("float16", None, 2)  # through float32, from when it is first asked for
float32 = dtype("float32", np.float32, 2)
float64 = dtype("float64", np.float64, 2)
bfloat16 = dtype("bfloat16", None, 2)
complex32 = _Nameless("complex32", None, 3)
complex32.itemsize, complex32.is_signed = 4, True
complex64 = dtype("complex64", np.complex64, 3)
complex128 = dtype("complex128", np.complex128, 3)

DTYPES: tuple[dtype, ...] = (
    bool_, uint8, int8, int16, int32, int64, uint16, uint32, uint64, float16, float32, float64, complex64, complex128,
)  # fmt: skip
OF_NUMPY = {np.dtype(each.name.rstrip("_")): each for each in DTYPES}
DTYPES = (*DTYPES, bfloat16)
FORMER_NAMES = {"half": float16, "float": float32, "double": float64, "short": int16, "int": int32, "long": int64,
                "cfloat": complex64, "cdouble": complex128, "chalf": complex32}  # fmt: skip
# The word in error sentences and in `Tensor.type()`.
TITLES = {
    bool_: "Bool", uint8: "Byte", int8: "Char", int16: "Short", int32: "Int", int64: "Long", uint16: "UInt16",
    uint32: "UInt32", uint64: "UInt64", float16: "Half", bfloat16: "BFloat16", float32: "Float", float64: "Double",
    complex64: "ComplexFloat", complex128: "ComplexDouble",
}  # fmt: skip
PYTHON = {bool: bool_, int: int64, float: float32, complex: complex64}
NUMBERS = frozenset((bool, int, float, complex))
_RANKS = {"b": 0, "i": 1, "u": 1, "f": 2, "V": 2, "c": 3}  # "V" is bfloat16
_BARE = frozenset(("u2", "u4", "u8"))  # integers that mix with floats only


class Defaults:
    """What `set_default_dtype` and `set_default_device` change."""

    dtype = float32
    numpy = np.dtype(np.float32)
    device = "cpu"
    before: ClassVar[list[str]] = []  # the devices to go back to, of `with torch.device(...)`


def set_default_dtype(d: dtype) -> None:
    """Make `d` the type of tensors made from Python floats and of integers that meet one."""
    if not isinstance(d, dtype) or not d.is_floating_point:
        what = "" if isinstance(d, dtype) else "invalid dtype object: "
        raise TypeError(f"{what}only floating-point types are supported as the default type")
    Defaults.dtype = d
    Defaults.numpy = d.numpy


def get_default_dtype() -> dtype:
    """The type of tensors made from Python floats."""
    return Defaults.dtype


def set_default_device(where: Any) -> None:
    """Make tensors on this device where none is named; None for the CPU."""
    Defaults.device = "cpu" if where is None else str(device(where))


def get_default_device() -> device:
    """The device of tensors made where none is named."""
    return device(Defaults.device)


def dtype_of(array: Any) -> dtype:
    """The engine's dtype of a raw array; TypeError for one that no tensor can hold."""
    try:
        return OF_NUMPY[array.dtype]
    except KeyError:
        kind = array.dtype.type
        raise TypeError(
            f"can't convert np.ndarray of type {kind.__module__}.{kind.__name__}. The only supported types are: "
            "float64, float32, float16, complex64, complex128, int64, int32, int16, int8, uint64, uint32, uint16, "
            "uint8, and bool."
        ) from None


def numpy_dtype(d: Any) -> np.dtype | None:
    """NumPy's dtype for one of ours, a Python type (of which float means float64) or a NumPy dtype; None for None."""
    if d is None:
        return None
    if isinstance(d, dtype):
        return d.numpy
    if isinstance(d, type) and d in NUMBERS:
        return np.dtype(d)
    if isinstance(d, np.dtype):
        return d
    raise TypeError(f"argument 'dtype' must be torch.dtype, not {type(d).__name__}")


def number_dtype(kind: type) -> np.dtype:
    """NumPy's dtype of a Python number among tensors."""
    return (Defaults.dtype if kind is float else _complex_default() if kind is complex else PYTHON[kind]).numpy


def _complex_default() -> dtype:
    return complex128 if Defaults.dtype is float64 else complex64


_DEVICE = re.compile(r"[a-zA-Z_]+(:(0|[1-9]\d*))?", re.ASCII)


@placed
class device:
    """Where a tensor's numbers lie: `type` "cpu" or "cuda", and the `index` of the GPU."""

    __slots__ = ("index", "type")

    type: str
    index: int | None

    def __init__(self, type: Any = "cpu", index: int | None = None) -> None:
        if isinstance(type, device):
            type, index = type.type, type.index
        elif isinstance(type, int):
            type, index = "cuda", type
        name, colon, number = str(type).partition(":")
        if not name and not colon:
            raise RuntimeError("Device string must not be empty")
        if not _DEVICE.fullmatch(str(type)):
            raise RuntimeError(f"Invalid device string: '{type}'")
        if name == "gpu":
            name = "cuda"
        if name not in ("cpu", "cuda", "meta"):
            raise RuntimeError(
                "Expected one of cpu, cuda, ipu, xpu, mkldnn, opengl, opencl, ideep, hip, ve, fpga, maia, xla, lazy, "
                "vulkan, mps, meta, hpu, mtia, privateuseone device type at start of device string: " + str(name)
            )
        if index is not None and index < 0:
            raise RuntimeError("Device index must not be negative")
        self.type = name
        self.index = int(number) if number else index

    def __repr__(self) -> str:
        index = "" if self.index is None else f", index={self.index}"
        return f"device(type='{self.type}'{index})"

    def __str__(self) -> str:
        return self.type if self.index is None else f"{self.type}:{self.index}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, device) and (self.type, self.index) == (other.type, other.index)

    def __hash__(self) -> int:
        return hash((self.type, self.index))

    def __reduce__(self) -> Any:
        return built, (key_of(device), self.type, *(() if self.index is None else (self.index,)))

    def __enter__(self) -> device:
        Defaults.before.append(Defaults.device)
        Defaults.device = str(self)
        return self

    def __exit__(self, *_: Any) -> None:
        Defaults.device = Defaults.before.pop()


CPU = device("cpu")
META = device("meta")


def module(array: Any) -> Any:
    """The module that made a raw array: NumPy or CuPy."""
    return cupy if cupy is not None and isinstance(array, cupy.ndarray) else np


def device_of(array: Any) -> device:
    """The device of a raw array."""
    if array.__class__ is meta.MetaArray:
        return META
    return CPU if isinstance(array, (np.ndarray, np.generic)) else device("cuda", array.device.id)


def as_there(array: Any, like: Any) -> Any:
    """An array that NumPy made of another, marked as being on the meta device if that is."""
    return np.asarray(array).view(meta.MetaArray) if like.__class__ is meta.MetaArray else array


def gpus() -> int:
    """How many GPUs can be used; 0 where CuPy or the driver is missing."""
    if cupy is None:
        return 0
    try:
        return int(cupy.cuda.runtime.getDeviceCount())
    except cupy.cuda.runtime.CUDARuntimeError:
        return 0


def module_for(where: Any) -> Any:
    """The module that makes arrays on a device; PyTorch's error where there is no such GPU."""
    target = device(Defaults.device if where is None else where)
    if target.type == "cpu":
        return np
    if target.type == "meta":
        return meta.maker
    if cupy is None:
        raise AssertionError("Torch not compiled with CUDA enabled (CuPy is not installed, so there is no GPU to use)")
    if not gpus():
        raise RuntimeError("No CUDA GPUs are available")
    if target.index is not None and target.index >= gpus():
        raise RuntimeError(f"CUDA error: invalid device ordinal ({target.index} of {gpus()})")
    cupy.cuda.Device(target.index or 0).use()
    return cupy


def moved(array: Any, where: Any) -> Any:
    """The array on a device; the same one if it lies there."""
    target = device(where)
    here = device_of(array)
    if target.type == here.type and (target.type != "cuda" or target.index in (None, here.index)):
        return array
    if target.type == "meta":
        return meta.on_meta(array)
    if here.type == "meta":
        raise NotImplementedError(meta.NO_DATA)
    xp = module_for(target)
    return cupy.asnumpy(array) if xp is np else xp.asarray(array)


def promoted(operands: list[Any], to_float: bool = False) -> np.dtype:
    """The common dtype of raw arrays and Python numbers by PyTorch's rules.

    The category (bool, integer, float, complex) is the highest of all; within it only arrays with axes decide, then
    those without, then numbers. With `to_float` integers become the default float.
    """
    axes: np.dtype | None = None
    bare: np.dtype | None = None
    numbers: np.dtype | None = None
    for value in operands:
        if value.__class__ in NUMBERS:
            kind = number_dtype(value.__class__)
            numbers = kind if numbers is None else _joined(numbers, kind)
        elif value.ndim:
            axes = value.dtype if axes is None else _joined(axes, value.dtype)
        else:
            bare = value.dtype if bare is None else _joined(bare, value.dtype)
    result = _over(axes, _over(bare, numbers))
    assert result is not None
    return Defaults.numpy if to_float and result.kind in "iub" else result


def _over(high: np.dtype | None, low: np.dtype | None) -> np.dtype | None:
    """The dtype of two levels: of the lower one only a higher category counts."""
    if high is None or low is None:
        return low if high is None else high
    a, b = _RANKS[high.kind], _RANKS[low.kind]
    if b <= a and not (a == 0 and b == 0):
        return high
    if a == 2 and b == 3:  # a complex number keeps the precision
        return np.promote_types(high, np.complex64)
    return low if b >= 2 else _joined(high, low)


def _joined(a: np.dtype, b: np.dtype) -> np.dtype:
    """The common dtype of two arrays of one level; an integer and a float give the float, whatever their widths."""
    if a == b:
        return a
    rank_a, rank_b = _RANKS[a.kind], _RANKS[b.kind]
    if (a.str[1:] in _BARE or b.str[1:] in _BARE) and 2 not in (rank_a, rank_b):
        raise RuntimeError(
            "Promotion for uint16, uint32, uint64 types is not supported, attempted to promote "
            f"{TITLES[OF_NUMPY[a]]} and {TITLES[OF_NUMPY[b]]}"
        )
    if rank_a == rank_b == 2 and a.itemsize == b.itemsize == 2:  # a float16 and a bfloat16
        return float32.numpy
    if rank_a == rank_b or (rank_a >= 2 and rank_b >= 2):
        return np.promote_types(a, b)
    return a if rank_a > rank_b else b


_LONG, _STRETCH = 2048, 128  # terms; fewer, one after the other, leave a float32 sum good to six digits


def summed(array: Any, axis: Any, keepdims: Any = False) -> Any:
    """The sum of raw floats along one axis or several, all for None.

    NumPy adds up pairwise only along memory; along another axis one after the other, which for a long one we do by
    stretches.
    """
    one = axis[0] if axis.__class__ is tuple and len(axis) == 1 else axis
    if one.__class__ is int and array.__class__ is np.ndarray and array.ndim > 1:
        length = array.shape[one]
        if length > _LONG and array.strides[one] != array.itemsize:
            return summed(np.add.reduceat(array, range(0, length, _STRETCH), axis=one), one, keepdims)
    total = np.add.reduce(array, axis=axis, keepdims=keepdims)
    return total if total.flags.c_contiguous else in_order(total)


def in_order(array: Any) -> Any:
    """A raw array whose elements lie in the order of their indices: the array itself if it is one, else a copy."""
    return array if array.flags.c_contiguous else module(array).ascontiguousarray(array)


def category(d: np.dtype) -> int:
    """0 for bool, 1 for integers, 2 for floats, 3 for complex numbers."""
    return _RANKS[d.kind]
