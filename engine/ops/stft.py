"""The short-time Fourier transform: the spectrum of a signal in overlapping frames, and the way back from it."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine import deprecated
from engine.array import TITLES, module
from engine.dispatch import raw, tensors
from engine.fitting import whole
from engine.op import composite, d, op
from engine.ops.fourier import fft_c2c, fft_c2r, fft_r2c
from engine.ops.pad import pad
from engine.tensor import wrap
from engine.titles import retitle


@op(
    r"y_{f n} = x_{f h + n}",
    said={"homes": (), "out": False, "title": "AsStridedBackward0"},
    input=d(
        r"\sum_{f h + n = t} \bar y_{f n}",
        lambda g, shape, step, k: k.overlap_added(g, shape[-1], step),
    ),
)
def framed(input, size, step):
    """Frames of `size` numbers along a new last axis, each `step` after the one before it."""
    shown = module(input).lib.stride_tricks.sliding_window_view(input, size, axis=-1)
    return shown[..., ::step, :].copy()


@op(
    r"y_t = \sum_{f h + n = t} x_{f n}",
    said={"homes": (), "out": False, "title": "UnfoldBackward0"},
    input=d(
        r"\bar y_{f h + n}",
        lambda g, shape, length, step, k: k.framed(
            k.constant_pad_nd(g, [0, (shape[-2] - 1) * step + shape[-1] - length]), shape[-1], step
        ),
    ),
)
def overlap_added(input, length, step):
    """Frames laid over each other, `step` apart, and added up to a signal of a length."""
    count, size = input.shape[-2:]
    pieces = -(-size // step)
    filled = raw.constant_pad_nd(input, [0, pieces * step - size])
    filled = filled.reshape(*input.shape[:-1], pieces, step)
    total = module(input).zeros((*input.shape[:-2], count + pieces - 1, step), input.dtype)
    for i in range(pieces):
        total[..., i : i + count, :] += filled[..., i, :]
    total = total.reshape(*input.shape[:-2], -1)
    return raw.constant_pad_nd(total, [0, length - total.shape[-1]])


def _window(window: Any, size: int, points: int, like: Any) -> Any:
    """The window, ones if None, in the middle of `points`; None where it would change nothing."""
    if window is None:
        if size == points:
            return None
        window = wrap(module(like._array).ones(size, like._array.real.dtype))
    left = (points - size) // 2
    return tensors.constant_pad_nd(window, [left, points - size - left]) if size < points else window


@composite()
def stft(
    input: Any,
    n_fft: int,
    hop_length: int | None = None,
    win_length: int | None = None,
    window: Any = None,
    center: bool = True,
    pad_mode: str = "reflect",
    normalized: bool = False,
    onesided: bool | None = None,
    return_complex: bool | None = None,
    align_to_window: bool | None = None,
) -> Any:
    """The spectra (..., frequency, frame) of frames of `n_fft` numbers, `hop_length` apart, times a window."""
    if align_to_window is not None and center:
        raise RuntimeError("stft align_to_window should only be set when center = false")
    if center:
        input = _padded(input, n_fft // 2, pad_mode)
    n_fft = whole(n_fft)
    hop = n_fft // 4 if hop_length is None else whole(hop_length)
    size = n_fft if win_length is None else whole(win_length)
    kind = input._array.dtype.kind
    shape = input._array.shape

    def refuse(why: str) -> RuntimeError:
        held = None if window is None else f"torch.{TITLES[window.dtype]}Tensor{{{list(window.shape)}}}"
        return RuntimeError(
            f"stft(torch.{TITLES[input.dtype]}Tensor{list(shape)}, n_fft={n_fft}, hop_length={hop}, win_length={size}, "
            f"window={held}, normalized={int(normalized)}, onesided={_flag(onesided)}, "
            f"return_complex={_flag(return_complex)}, align_to_window={_flag(align_to_window)}) : {why}"
        )

    if return_complex is None and kind != "c" and not (window is not None and window.is_complex()):
        raise RuntimeError(
            "stft requires the return_complex parameter be given for real inputs, and will further require that "
            "return_complex=True in a future PyTorch release."
        )
    if window is None:
        deprecated.tell_once(deprecated.NO_WINDOW)
    if return_complex is False:
        deprecated.tell_once(deprecated.NOT_COMPLEX)
    if kind not in "fc":
        raise refuse("expected a tensor of floating point or complex values")
    if len(shape) not in (1, 2):
        raise refuse("expected a 1D or 2D tensor")
    if not 0 < n_fft <= shape[-1]:
        raise refuse(f"expected 0 < n_fft < {shape[-1]}, but got n_fft={n_fft}")
    if hop <= 0:
        raise refuse(f"expected hop_length > 0, but got hop_length={hop}")
    if not 0 < size <= n_fft:
        raise refuse(f"expected 0 < win_length <= n_fft, but got win_length={size}")
    if window is not None and window._array.shape != (size,):
        raise refuse(
            f"expected a 1D window tensor of size equal to win_length={size}, but got window with size "
            f"{list(window.shape)}"
        )
    if align_to_window:  # the first frame's window, not the zeros before it, is to begin with the signal
        left = (n_fft - size) // 2
        input = tensors.constant_pad_nd(input, [left, n_fft - size - left])
    frames = framed(input, n_fft, hop)
    fading = _window(window, size, n_fft, input)
    if fading is not None:
        frames = frames * fading
    scale = n_fft**-0.5 if normalized else 1.0
    last = frames._array.ndim - 1
    if frames.is_complex():
        if onesided:
            raise RuntimeError("Cannot have onesided output if window or input is complex")
        spectrum = fft_c2c(frames, (last,), scale, True)
    else:
        spectrum = fft_r2c(frames, (last,), scale, onesided is not False)
    title = "SqueezeBackward4" if input._array.ndim == 1 else "TransposeBackward1"
    spectrum = retitle(tensors.transpose(spectrum, -2, -1), title)
    return tensors.view_as_real(spectrum) if return_complex is False else spectrum


def _flag(value: bool | None) -> Any:
    return None if value is None else int(value)


def _padded(input: Any, width: int, mode: str) -> Any:
    """The signal with `width` numbers more at either end."""
    shape = input._array.shape
    signal = input.reshape(*(1,) * (3 - len(shape)), *shape)  # padding takes one signal of one channel for no less
    return pad(signal, (width, width), mode).reshape(*shape[:-1], -1)


@composite()
def istft(
    input: Any,
    n_fft: int,
    hop_length: int | None = None,
    win_length: int | None = None,
    window: Any = None,
    center: bool = True,
    normalized: bool = False,
    onesided: bool | None = None,
    length: int | None = None,
    return_complex: bool = False,
) -> Any:
    """The signal whose `stft` comes nearest: frames laid over each other, over the sum of the squared windows.

    D. W. Griffin and J. S. Lim, "Signal estimation from modified short-time Fourier transform", IEEE Trans. ASSP 32
    (1984).
    """
    if window is None:
        deprecated.tell_once(deprecated.NO_WINDOW_BACK)
    if not input.is_complex():
        raise RuntimeError(
            "istft requires a complex-valued input tensor matching the output from stft with return_complex=True."
        )
    n_fft = whole(n_fft)
    hop = n_fft // 4 if hop_length is None else whole(hop_length)
    size = n_fft if win_length is None else whole(win_length)
    shape = input._array.shape

    def refuse(why: str) -> RuntimeError:
        held = None if window is None else f"torch.{TITLES[window.dtype]}Tensor{{{list(window.shape)}}}"
        return RuntimeError(
            f"istft(CPU{TITLES[input.dtype]}Type{list(shape)}, n_fft={n_fft}, hop_length={hop}, win_length={size}, "
            f"window={held}, center={int(center)}, normalized={int(normalized)}, onesided={_flag(onesided)}, "
            f"length={length}, return_complex={int(return_complex)}) {why}"
        )

    if not input._array.size:
        raise refuse(": input tensor cannot be empty.")
    if len(shape) not in (2, 3):
        raise refuse(f": expected a tensor with 3 or 4 dimensions, but got {len(shape) + 1}")
    full = onesided is False or (onesided is None and shape[-2] == n_fft)
    if full and shape[-2] != n_fft:
        raise refuse(
            ": expected the frequency dimension (3rd to the last) of the input tensor to match n_fft when "
            f"onesided=False, but got {shape[-2]}"
        )
    if not full and shape[-2] != n_fft // 2 + 1:
        raise refuse(
            ": expected the frequency dimension (3rd to the last) of the input tensor to match n_fft / 2 + 1 when "
            f"onesided=True, but got {shape[-2]}"
        )
    if not 0 < hop <= size:
        raise refuse(": expected 0 < hop_length <= win_length")
    if not 0 < size <= n_fft:
        raise refuse(": expected 0 < win_length <= n_fft")
    if window is not None and window._array.shape != (size,):
        raise refuse(": Invalid window shape. window has to be 1D and length of `win_length`")
    if window is not None and window.is_complex() and not return_complex:
        raise RuntimeError("Complex windows are incompatible with return_complex=False")
    if return_complex and not full:
        raise RuntimeError("Cannot have onesided output if window or input is complex")
    scale = n_fft**-0.5 if normalized else 1 / n_fft
    turned = tensors.transpose(input, -2, -1)
    last = len(shape) - 1
    if return_complex:
        frames = fft_c2c(turned, (last,), scale, False)
    else:  # of the whole of the frequencies too only the half that makes a real signal counts
        frames = fft_c2r(tensors.narrow(turned, -1, 0, n_fft // 2 + 1), (last,), scale, n_fft)
    fading = _window(window, size, n_fft, input)
    if fading is None:
        fading = wrap(module(input._array).ones(n_fft, input._array.real.dtype))
    count = shape[-1]
    total = n_fft + hop * (count - 1)
    signal = overlap_added(frames * fading, total, hop)
    weight = overlap_added((fading * fading).expand(count, n_fft), total, hop)
    start = n_fft // 2 if center else 0
    end = start + length if length is not None else total - start
    signal, weight = signal[..., start : min(end, total)], weight[start : min(end, total)]
    if not np.all(np.abs(weight._array) > 1e-11):
        raise refuse("window overlap add min: 1")
    signal = signal / weight
    if end > total:
        deprecated.tell(
            "The length of signal is shorter than the length parameter. Result is being padded with zeros in the tail. "
            "Please check your center and hop_length settings.",
        )
        signal = tensors.constant_pad_nd(signal, [0, end - total])
    return signal
