"""The three discrete Fourier transforms that all of `engine.fft` is made of: complex, real to complex, and back.

None of them divides by anything but what `scale` says. The gradient of a transform is its adjoint: the transform the
other way round, with the same scale.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.array import module
from engine.op import d, op


def _complex_kernel(input: Any, dim: tuple[int, ...], scale: float, forward: bool) -> Any:
    if not dim:
        return input.copy()
    fft = module(input).fft
    made = fft.fftn(input, axes=dim) if forward else fft.ifftn(input, axes=dim, norm="forward")
    made = made.astype(input.dtype, copy=False)
    return made if scale == 1 else made * scale


@op(
    r"y_k = s \sum_n x_n e^{\mp 2 \pi i k n / N}",
    said={"name": "fft_c2c", "homes": (), "title": "FftC2CBackward0", "kernel": _complex_kernel},
    input=d(
        r"s \sum_k \bar y_k e^{\pm 2 \pi i k n / N}",
        lambda g, dim, scale, forward, k: k.fft_c2c(g, dim, scale, not forward),
    ),
)
def fft_c2c(input, dim, scale, forward):
    """The discrete Fourier transform of complex numbers along axes."""


def _from_half(g: Any, shape: Any, dim: tuple[int, ...], scale: float, onesided: bool, k: Any) -> Any:
    """The adjoint of the transform of real numbers, from the half or the whole of the frequencies."""
    if onesided:
        missing = shape[dim[-1]] - g.shape[dim[-1]]
        pad = [0, 0] * (len(shape) - 1 - dim[-1]) + [0, missing]
        g = k.constant_pad_nd(g, pad)
    return k.real(k.fft_c2c(g, dim, scale, False))


def _real_kernel(input: Any, dim: tuple[int, ...], scale: float, onesided: bool) -> Any:
    fft = module(input).fft
    made = fft.rfftn(input, axes=dim) if onesided else fft.fftn(input, axes=dim)
    made = made.astype(np.result_type(input.dtype, np.complex64), copy=False)
    return made if scale == 1 else made * scale


@op(
    r"y_k = s \sum_n x_n e^{-2 \pi i k n / N}",
    said={"name": "fft_r2c", "homes": (), "title": "FftR2CBackward0", "kernel": _real_kernel},
    input=d(r"s\,\mathrm{Re} \sum_k \bar y_k e^{2 \pi i k n / N}", _from_half),
)
def fft_r2c(input, dim, scale, onesided):
    """The discrete Fourier transform of real numbers; `onesided` without the half that mirrors the other."""


def _half_of(g: Any, dim: tuple[int, ...], scale: float, k: Any) -> Any:
    return k.inner_doubled(k.fft_r2c(g, dim, scale, True), dim[-1], g.shape[dim[-1]])


def _back_kernel(input: Any, dim: tuple[int, ...], scale: float, last: int) -> Any:
    xp = module(input)
    if len(dim) > 1:
        input = xp.fft.ifftn(input, axes=dim[:-1], norm="forward")
    made = xp.fft.irfft(input, last, dim[-1], norm="forward").astype(input.real.dtype, copy=False)
    return made if scale == 1 else made * scale


@op(
    r"y_n = s \sum_k x_k e^{2 \pi i k n / N},\ x_{-k} = \overline{x_k}",
    said={"name": "fft_c2r", "homes": (), "title": "FftC2RBackward0", "kernel": _back_kernel},
    input=d(r"s\,w_k \sum_n \bar y_n e^{-2 \pi i k n / N}", _half_of),
)
def fft_c2r(input, dim, scale, last):
    """The `last` real numbers whose frequencies have the input for their half."""


@op(
    r"y_k = w_k x_k",
    said={"name": "inner_doubled", "homes": (), "out": False},
    input=d(r"w_k \bar y_k", lambda g, axis, full, k: k.inner_doubled(g, axis, full)),
)
def inner_doubled(input, axis, full):
    """Half of the frequencies of `full` numbers, twice those that stand for two."""
    y = input.copy()
    y[(slice(None),) * axis + (slice(1, (full + 1) // 2),)] *= 2
    return y
