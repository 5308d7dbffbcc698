"""Complex numbers: made of two real ones, taken apart, turned over, and their angle."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.array import TITLES, module
from engine.dispatch import raw, tensors
from engine.errors import ShapeError, only_tensors
from engine.memory import steps_of
from engine.op import composite, d, op

raw.real, raw.imag = np.real, np.imag
raw.is_complex = lambda x: x.dtype.kind == "c"
raw.complex_of = lambda g: g.astype(np.result_type(g.dtype, np.complex64), copy=False)
tensors.complex_of = lambda g: g if g.is_complex() else g.to(g.dtype.to_complex())


@composite("engine")
def real(input: Any) -> Any:
    """The real part, sharing memory; of a real tensor itself."""
    return tensors.select(parts_side_by_side(input), -1, 0) if input.is_complex() else input


@composite("engine")
def imag(input: Any) -> Any:
    """The imaginary part, sharing memory."""
    if not input.is_complex():
        raise RuntimeError("imag is not implemented for tensors with non-complex dtypes.")
    part = tensors.select(parts_side_by_side(input), -1, 1)
    if is_conj(input):
        part._negated = True
    return part


@op(
    r"y = a + i b",
    said={"rule": "promote", "homes": (), "title": "ComplexBackward0", "in_place": False},
    real=d(r"\mathrm{Re}\,\bar y", lambda g, k: k.real(g)),
    imag=d(r"\mathrm{Im}\,\bar y", lambda g, k: k.imag(g)),
)
def joined_parts(real, imag):
    """The complex numbers with given real and imaginary parts."""
    y = module(real).empty(np.broadcast_shapes(real.shape, imag.shape), np.result_type(real.dtype, np.complex64))
    y.real, y.imag = real, imag
    return y


def _check_parts(first: Any, second: Any, out: Any) -> None:
    """PyTorch's errors for two tensors that cannot be the parts of complex numbers, or not of those in `out`."""
    kinds = TITLES[first.dtype], TITLES[second.dtype]
    if not (first.is_floating_point() and second.is_floating_point()):
        raise RuntimeError(
            f"Expected both inputs to be Half, Float or Double tensors but got {kinds[0]} and {kinds[1]}"
        )
    if kinds[0] != kinds[1]:
        raise RuntimeError(
            f"Expected object of scalar type {kinds[0]} but got scalar type {kinds[1]} for second argument"
        )
    _no_half(first._array.dtype)
    if out is not None and out.dtype is not first.dtype.to_complex():
        raise RuntimeError(
            f"Expected object of scalar type {TITLES[first.dtype.to_complex()]} but got scalar type "
            f"{TITLES[out.dtype]} for argument 'out'"
        )


def _no_half(kind: np.dtype) -> None:
    if kind == np.float16:
        raise NotImplementedError("complex numbers of half precision (torch.complex32) are left out of this engine")


@composite("engine")
def complex(real: Any, imag: Any, *, out: Any = None) -> Any:
    """The complex numbers with given real and imaginary parts."""
    only_tensors("complex", real=real, imag=imag)
    _check_parts(real, imag, out)
    return joined_parts(real, imag, out=out)


@op(
    r"y = r e^{i \varphi}",
    said={"rule": "promote", "homes": (), "title": "PolarBackward0", "in_place": False},
    abs=d(r"\mathrm{Re}(\bar y\,\overline{\mathrm{sgn}\,y})", lambda g, y, k: k.real(k.conj(g) * k.sgn(y))),
    angle=d(r"\mathrm{Re}(\bar y\,\overline{i y})", lambda g, y, k: k.real(k.conj(g) * (y * 1j))),
)
def turned_by(abs, angle):
    """The complex numbers of given sizes and angles."""
    y = module(abs).empty(np.broadcast_shapes(abs.shape, angle.shape), np.result_type(abs.dtype, np.complex64))
    y.real, y.imag = abs * np.cos(angle), abs * np.sin(angle)
    return y


@composite("engine")
def polar(abs: Any, angle: Any, *, out: Any = None) -> Any:
    """The complex numbers of given sizes and angles."""
    only_tensors("polar", abs=abs, angle=angle)
    _check_parts(abs, angle, out)
    return turned_by(abs, angle, out=out)


@op(
    r"y = (\mathrm{Re}\,z, \mathrm{Im}\,z)",
    said={"view": True, "homes": (), "title": "ViewAsRealBackward0"},
    input=d(r"\bar y_0 + i \bar y_1", lambda g, k: k.paired(g)),
)
def parts_side_by_side(input):
    """Real and imaginary parts along a new last axis."""
    step = input.itemsize // 2
    strided = module(input).lib.stride_tricks.as_strided
    return strided(input.real, (*input.shape, 2), (*input.strides, step))


@composite("engine")
def view_as_real(input: Any) -> Any:
    """Real and imaginary parts along a new last axis of size two, sharing memory."""
    if not input.is_complex():
        raise RuntimeError("view_as_real is only supported for complex tensors")
    if is_conj(input):
        raise RuntimeError(
            "view_as_real doesn't work on unresolved conjugated tensors.  To resolve the conjugate tensor so you can "
            "view it as real, use self.resolve_conj(); however, be warned that the resulting tensor will NOT alias the "
            "original."
        )
    return parts_side_by_side(input)


@op(
    r"y = x_0 + i x_1",
    said={"view": True, "homes": (), "title": "ViewAsComplexBackward0"},
    input=d(r"(\mathrm{Re}\,\bar y, \mathrm{Im}\,\bar y)", lambda g, k: k.parts_side_by_side(g)),
)
def pairs_as_complex(input):
    """Pairs along the last axis as complex numbers."""
    return input.view(np.result_type(input.dtype, np.complex64))[..., 0]


raw.paired = lambda g: raw.complex_of(g[..., 0]) + g[..., 1] * g.dtype.type(1) * 1j
tensors.paired = lambda g: joined_parts(tensors.select(g, -1, 0), tensors.select(g, -1, 1))


@composite("engine")
def view_as_complex(input: Any) -> Any:
    """Pairs along the last axis, which is of size two, as complex numbers, sharing memory."""
    held = input._array
    if held.dtype.kind != "f":
        raise RuntimeError(
            "view_as_complex is only supported for half, float and double tensors, but got a tensor of scalar type: "
            f"{TITLES[input.dtype]}"
        )
    _no_half(held.dtype)
    if not held.ndim:
        raise RuntimeError("Input tensor must have one or more dimensions")
    if held.shape[-1] != 2:
        raise ShapeError("Tensor must have a last dimension of size 2", "view_as_complex", [held.shape])
    steps = steps_of(held)
    if steps[-1] != 1:
        raise RuntimeError("Tensor must have a last dimension with stride 1")
    if any(step % 2 for step in steps[:-1]):
        raise RuntimeError("Tensor must have a stride divisible by 2 for all but last dimension")
    return pairs_as_complex(input)


@op(
    r"y = \bar x",
    said={"homes": (), "title": "ConjBackward0"},
    input=d(r"\overline{\bar y}", lambda g, k: k.conj(g)),
)
def conjugated(input):
    """The complex conjugate."""
    return np.conjugate(input)


@composite()
def conj(input: Any) -> Any:
    """The complex conjugate; of a real tensor itself.

    Unlike PyTorch's it shares no memory with what it is the conjugate of, though `is_conj` tells the same.
    """
    if not input.is_complex():
        return input
    turned = conjugated(input)
    if not is_conj(input):
        turned._conjugate = True
    return turned


raw.conj = np.conjugate


@op(
    r"y = \bar x",
    said={"homes": (), "title": "ConjPhysicalBackward0"},
    input=d(r"\overline{\bar y}", lambda g, k: k.conj(g)),
)
def conjugated_at_once(input):
    """The complex conjugate, in memory of its own."""
    return np.conjugate(input)


@composite(in_place=True)
def conj_physical(input: Any, *, out: Any = None) -> Any:
    """The complex conjugate, in memory of its own; of a real tensor itself."""
    return conjugated_at_once(input, out=out) if out is not None or input.is_complex() else input


@composite()
def is_conj(input: Any) -> bool:
    """Whether it came of `conj`, and is not resolved."""
    return "_conjugate" in input.__dict__


@composite()
def is_neg(input: Any) -> bool:
    """Whether it is the imaginary part of what came of `conj`, and is not resolved."""
    return "_negated" in input.__dict__


@composite()
def resolve_conj(input: Any) -> Any:
    """The tensor with its conjugation carried out: a copy if there was one to do, else itself."""
    return input.clone() if is_conj(input) else input


@composite()
def resolve_neg(input: Any) -> Any:
    """The tensor with its negation carried out: a copy if there was one to do, else itself."""
    return input.clone() if is_neg(input) else input


@composite("method", "engine")
def adjoint(self: Any) -> Any:
    """The conjugate of matrices with the last two axes exchanged."""
    if self._array.ndim == 1:
        raise RuntimeError("tensor.adjoint() is only supported on matrices or batches of matrices. Got 1-D tensor.")
    return conj(tensors.transpose(self, -2, -1)) if self._array.ndim else conj(self)


def _direction_slope(g: Any, input: Any, y: Any, k: Any) -> Any:
    """What of the gradient lies across the direction, over the size; a real number has no such part."""
    if not k.is_complex(input):
        return k.zeros_like(g)
    return k.over(g - y * k.real(k.conj(y) * g), k.abs(input))


@op(
    r"y = x / |x|",
    said={"rule": "promote"},
    input=d(r"(\bar y - y\,\mathrm{Re}(\overline{y}\,\bar y)) / |x|", _direction_slope),
)
def sgn(input):
    """The sign: -1, 0 or 1; of a complex number the number of length one in its direction."""
    if input.dtype.kind == "c":
        size = np.absolute(input)
        return np.where(size == 0, 0, input / np.where(size == 0, 1, size)).astype(input.dtype)
    return raw.sign(input)


def _angle_slope(g: Any, input: Any, k: Any) -> Any:
    if not k.is_complex(input):
        return k.zeros_like(g)
    return k.over(g * (input * 1j), k.real(input * k.conj(input)))


@op(
    r"y = \arg x",
    said={"rule": "float", "in_place": False},
    input=d(r"i \bar y\,x / |x|^2", _angle_slope),
)
def angle(input):
    """The angle of complex numbers in the plane; of a real one 0, or pi if it is negative."""
    if input.dtype.kind == "c":
        return np.arctan2(input.imag, input.real)
    zero_or_pi = (input < 0) * input.dtype.type(np.pi)
    return module(input).where(np.isnan(input), input, zero_or_pi)


@op(r"y = [\mathrm{Im}\,x = 0]", said={"kernel": lambda input: np.equal(input.imag, 0)}, input=None)
def isreal(input):
    """Whether each element has no imaginary part."""
