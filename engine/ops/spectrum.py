"""What `engine.fft` offers: the transforms with their sizes, axes and norms, the frequencies, and the shifts."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from engine import array, errors
from engine.array import TITLES, numpy_dtype
from engine.dispatch import cast, tensors
from engine.fitting import listed, whole
from engine.op import composite
from engine.ops.complex import conj
from engine.ops.fourier import fft_c2c, fft_c2r, fft_r2c
from engine.tensor import Tensor, wrap


def _given(name: str, input: Any) -> Any:
    """The input as a float or complex tensor of a precision that has transforms."""
    if not isinstance(input, Tensor):
        raise errors.not_a_tensor(name, "input", 0, input)
    kind = input._array.dtype
    if kind.kind in "iub":
        return cast(input, array.Defaults.numpy)
    if kind.itemsize == 2:
        raise RuntimeError(f"Unsupported dtype {TITLES[input.dtype]}")
    return input


def _as_complex(input: Any) -> Any:
    return input if input.is_complex() else cast(input, input.dtype.to_complex().numpy)


def _axis(dim: Any, input: Any, name: str) -> int:
    dim = whole(dim)
    if not isinstance(dim, int):
        raise TypeError(f"{name}(): argument 'dim' must be int, not {type(dim).__name__}")
    if not input._array.ndim:
        raise IndexError(f"Dimension specified as {dim} but tensor has no dimensions")
    return errors.axis_of(dim, input._array.ndim)


def _scale(norm: str | None, shape: Sequence[int], forward: bool) -> float:
    """What a transform of this shape is multiplied with."""
    if norm not in (None, "backward", "ortho", "forward"):
        raise RuntimeError(f'Invalid normalization mode: "{norm}"')
    if norm == "ortho":
        return 1 / math.sqrt(math.prod(shape))
    return 1 / math.prod(shape) if (norm == "forward") == forward else 1.0


def _sized(input: Any, dim: Sequence[int], sizes: Sequence[int]) -> Any:
    """The input cut, or filled up with zeros, to sizes along axes."""
    shape = list(input._array.shape)
    for axis, n in zip(dim, sizes, strict=True):
        shape[axis] = n
    grown = [n - m for n, m in zip(shape, input._array.shape, strict=True)]
    if not any(grown):
        return input
    return tensors.constant_pad_nd(input, [n for each in grown[::-1] for n in (0, each)])


def _points(sizes: Sequence[int]) -> None:
    for n in sizes:
        if n < 1:
            raise RuntimeError(f"Invalid number of data points ({n}) specified")


def _one(name: str, input: Any, n: Any, dim: Any, halved: bool = False) -> tuple[Any, int, int]:
    """The input of a transform along one axis, the axis, and the number of points."""
    input = _given(name, input)
    axis, n = _axis(dim, input, name), whole(n)
    if n is not None and not isinstance(n, int):
        raise TypeError(f"{name}(): argument 'n' must be int, not {type(n).__name__}")
    here = input._array.shape[axis]
    points = n if n is not None else 2 * (here - 1) if halved else here
    _points((points,))
    if n is not None or halved:
        input = _sized(input, (axis,), (points // 2 + 1 if halved else points,))
    return input, axis, points


def _real_only(name: str, input: Any) -> None:
    if isinstance(input, Tensor) and input.is_complex():
        raise RuntimeError(f"{name} expects a real input tensor, but got {TITLES[input.dtype]}")


@composite("fft")
def fft_fft(input: Any, n: Any = None, dim: int = -1, norm: str | None = None, *, out: Any = None) -> Any:
    """The discrete Fourier transform along an axis."""
    input, axis, points = _one("fft_fft", input, n, dim)
    scale = _scale(norm, (points,), True)
    if not input.is_complex():
        return fft_r2c(input, (axis,), scale, False, out=out)
    return fft_c2c(input, (axis,), scale, True, out=out)


@composite("fft")
def fft_ifft(input: Any, n: Any = None, dim: int = -1, norm: str | None = None, *, out: Any = None) -> Any:
    """The inverse of `fft`."""
    input, axis, points = _one("fft_ifft", input, n, dim)
    scale = _scale(norm, (points,), False)
    if not input.is_complex():
        return _into(out, conj(fft_r2c(input, (axis,), scale, False)))
    return fft_c2c(input, (axis,), scale, False, out=out)


@composite("fft")
def fft_rfft(input: Any, n: Any = None, dim: int = -1, norm: str | None = None, *, out: Any = None) -> Any:
    """The discrete Fourier transform of real numbers along an axis, without the half that mirrors the other."""
    _real_only("rfft", input)
    input, axis, points = _one("fft_rfft", input, n, dim)
    return fft_r2c(input, (axis,), _scale(norm, (points,), True), True, out=out)


@composite("fft")
def fft_irfft(input: Any, n: Any = None, dim: int = -1, norm: str | None = None, *, out: Any = None) -> Any:
    """The inverse of `rfft`, of `n` numbers."""
    input, axis, points = _one("fft_irfft", input, n, dim, halved=True)
    return fft_c2r(_as_complex(input), (axis,), _scale(norm, (points,), False), points, out=out)


@composite("fft")
def fft_hfft(input: Any, n: Any = None, dim: int = -1, norm: str | None = None, *, out: Any = None) -> Any:
    """The discrete Fourier transform, which is real, of numbers of which the second half mirrors the first given."""
    input, axis, points = _one("fft_hfft", input, n, dim, halved=True)
    return fft_c2r(conj(_as_complex(input)), (axis,), _scale(norm, (points,), True), points, out=out)


@composite("fft")
def fft_ihfft(input: Any, n: Any = None, dim: int = -1, norm: str | None = None, *, out: Any = None) -> Any:
    """The inverse of `hfft`."""
    _real_only("ihfft", input)
    input, axis, points = _one("fft_ihfft", input, n, dim)
    return _into(out, conj(fft_r2c(input, (axis,), _scale(norm, (points,), False), True)))


def _into(out: Any, result: Any) -> Any:
    return result if out is None else tensors.conj_physical(conj(result), out=out)


# ---- along several axes


def _several(
    name: str, input: Any, s: Any, dim: Any, halved: bool = False
) -> tuple[Any, tuple[int, ...], tuple[int, ...]]:
    """The input of a transform along several axes, the axes, and the numbers of points."""
    input = _given(name, input)
    shape = input._array.shape
    s = None if s is None else listed(s)
    if dim is not None:
        axes = tuple(_axis(each, input, name) for each in listed(dim))
        if len(set(axes)) < len(axes):
            raise RuntimeError("FFT dims must be unique")
        if s is not None and len(s) != len(axes):
            raise RuntimeError("When given, dim and shape arguments must have the same length")
    elif s is not None:
        if len(s) > len(shape):
            raise RuntimeError(f"Got shape with {len(s)} values but input tensor only has {len(shape)} dimensions.")
        axes = tuple(range(len(shape) - len(s), len(shape)))
    else:
        axes = tuple(range(len(shape)))
    sizes = (
        [shape[a] for a in axes] if s is None else [shape[a] if n == -1 else n for a, n in zip(axes, s, strict=True)]
    )
    if halved and axes and (s is None or s[-1] == -1):
        sizes[-1] = 2 * (shape[axes[-1]] - 1)
    _points(sizes)
    kept = [*sizes[:-1], sizes[-1] // 2 + 1] if halved and axes else sizes
    return _sized(input, axes, kept), axes, tuple(sizes)


def _some_axis(name: str, axes: Sequence[int]) -> None:
    if not axes:
        raise RuntimeError(f"{name} must transform at least one axis")


@composite("fft")
def fft_fftn(input: Any, s: Any = None, dim: Any = None, norm: str | None = None, *, out: Any = None) -> Any:
    """The discrete Fourier transform along axes."""
    input, axes, sizes = _several("fft_fftn", input, s, dim)
    return fft_c2c(_as_complex(input), axes, _scale(norm, sizes, True), True, out=out)


@composite("fft")
def fft_ifftn(input: Any, s: Any = None, dim: Any = None, norm: str | None = None, *, out: Any = None) -> Any:
    """The inverse of `fftn`."""
    input, axes, sizes = _several("fft_ifftn", input, s, dim)
    return fft_c2c(_as_complex(input), axes, _scale(norm, sizes, False), False, out=out)


@composite("fft")
def fft_rfftn(input: Any, s: Any = None, dim: Any = None, norm: str | None = None, *, out: Any = None) -> Any:
    """The discrete Fourier transform of real numbers along axes, the last without its mirrored half."""
    if isinstance(input, Tensor) and input.is_complex():
        raise RuntimeError(f"rfftn expects a real-valued input tensor, but got {TITLES[input.dtype]}")
    input, axes, sizes = _several("fft_rfftn", input, s, dim)
    _some_axis("rfftn", axes)
    return fft_r2c(input, axes, _scale(norm, sizes, True), True, out=out)


@composite("fft")
def fft_irfftn(input: Any, s: Any = None, dim: Any = None, norm: str | None = None, *, out: Any = None) -> Any:
    """The inverse of `rfftn`, of `s[-1]` numbers along the last axis."""
    input, axes, sizes = _several("fft_irfftn", input, s, dim, halved=True)
    _some_axis("irfftn", axes)
    return fft_c2r(_as_complex(input), axes, _scale(norm, sizes, False), sizes[-1], out=out)


@composite("fft")
def fft_hfftn(input: Any, s: Any = None, dim: Any = None, norm: str | None = None, *, out: Any = None) -> Any:
    """The discrete Fourier transform, which is real, of numbers whose last axis is mirrored."""
    input, axes, sizes = _several("fft_hfftn", input, s, dim, halved=True)
    _some_axis("hfftn", axes)
    return fft_c2r(conj(_as_complex(input)), axes, _scale(norm, sizes, True), sizes[-1], out=out)


@composite("fft")
def fft_ihfftn(input: Any, s: Any = None, dim: Any = None, norm: str | None = None, *, out: Any = None) -> Any:
    """The inverse of `hfftn`."""
    if isinstance(input, Tensor) and input.is_complex():
        raise RuntimeError(f"Only supports floating-point dtypes, but found: {TITLES[input.dtype]}")
    input, axes, sizes = _several("fft_ihfftn", input, s, dim)
    _some_axis("ihfftn", axes)
    half = conj(fft_r2c(input, axes[-1:], _scale(norm, sizes, False), True))
    return _into(out, half) if len(axes) == 1 else fft_c2c(half, axes[:-1], 1.0, False, out=out)


def _in_two(name: str, call: Callable[..., Any], title: str) -> None:
    def transform(input: Any, s: Any = None, dim: Any = (-2, -1), norm: str | None = None, *, out: Any = None) -> Any:
        return call(input, s, dim, norm, out=out)

    transform.__name__ = transform.__qualname__ = name
    transform.__doc__ = f"`{title}` along the last two axes."
    composite("fft")(transform)


for _name, _call in (("fft", fft_fftn), ("ifft", fft_ifftn), ("rfft", fft_rfftn), ("irfft", fft_irfftn),
                     ("hfft", fft_hfftn), ("ihfft", fft_ihfftn)):  # fmt: skip
    _in_two(f"fft_{_name}2", _call, f"{_name}n")


# ---- frequencies and shifts


def _count(name: str, n: Any) -> int:
    """How many frequencies, as an int."""
    n = whole(n)
    if not isinstance(n, int):
        raise TypeError(f"fft_{name}(): argument 'n' (position 1) must be int, not {type(n).__name__}")
    return n


def _frequencies(name: str, places: Any, n: int, d: float, options: dict[str, Any]) -> Any:
    kind = numpy_dtype(options.pop("dtype")) or array.Defaults.numpy
    if kind.kind not in "fcV":
        raise RuntimeError(f"{name} requires a floating point or complex dtype")
    if kind.kind == "c":
        raise errors.not_implemented("arange_cpu", kind)
    xp = array.module_for(options.pop("device"))
    scale = 1 / (n * d) if n * d else math.inf
    made = wrap(xp.asarray(places, kind) * kind.type(scale))
    return made.requires_grad_() if options.pop("requires_grad") else made


@composite("fft")
def fft_fftfreq(
    n: int, d: float = 1.0, *, dtype: Any = None, device: Any = None, requires_grad: bool = False, **layout: Any
) -> Any:
    """The frequencies of `fft`, in cycles per unit of the spacing `d`: 0 and up, then the negative ones."""
    n = _count("fftfreq", n)
    if n < 0:
        raise RuntimeError(f"Trying to create tensor with negative dimension {n}: [{n}]")
    places = [*range((n + 1) // 2), *range(-(n // 2), 0)]
    options = {"dtype": dtype, "device": device, "requires_grad": requires_grad}
    return _frequencies("fftfreq", places, n, d, options)


@composite("fft")
def fft_rfftfreq(
    n: int, d: float = 1.0, *, dtype: Any = None, device: Any = None, requires_grad: bool = False, **layout: Any
) -> Any:
    """The frequencies of `rfft`, in cycles per unit of the spacing `d`."""
    options = {"dtype": dtype, "device": device, "requires_grad": requires_grad}
    n = _count("rfftfreq", n)
    return _frequencies("rfftfreq", list(range(n // 2 + 1)), n, d, options)


def _shifted(input: Any, dim: Any, half: Callable[[int], int]) -> Any:
    given = range(input._array.ndim) if dim is None else listed(dim)
    axes = [errors.axis_of(each, input._array.ndim) for each in given]
    if axes and not input._array.ndim:
        raise IndexError(f"Dimension specified as {next(iter(given))} but tensor has no dimensions")
    if not axes:
        raise RuntimeError("`shifts` required")
    return tensors.roll(input, [half(input._array.shape[a]) for a in axes], axes)


@composite("fft")
def fft_fftshift(input: Any, dim: Any = None) -> Any:
    """The frequencies of a transform in rising order, zero in the middle."""
    return _shifted(input, dim, lambda n: n // 2)


@composite("fft")
def fft_ifftshift(input: Any, dim: Any = None) -> Any:
    """The inverse of `fftshift`."""
    return _shifted(input, dim, lambda n: (n + 1) // 2)
