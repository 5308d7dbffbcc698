"""Window functions: numbers that fade out a stretch of a signal towards its ends.

Of M points, n counts from 0; a symmetric window ends where it began at n = M - 1, a periodic one at n = M. See F. J.
Harris, "On the use of windows for harmonic analysis with the discrete Fourier transform", Proc. IEEE 66 (1978).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from engine import array, errors, outs
from engine.array import Defaults, module_for, numpy_dtype
from engine.fitting import whole
from engine.op import composite
from engine.tensor import wrap

# From the places n and where the window ends, as float64, to the window.
Shape = Callable[[np.ndarray, float], np.ndarray]


def _cosines(*weights: float) -> Shape:
    """Cosines of rising frequency with signs in turn."""

    def shape(n: np.ndarray, end: float) -> np.ndarray:
        terms = [(-1) ** i * a * np.cos(i * 2 * np.pi * n / end) for i, a in enumerate(weights)]
        return np.sum(terms, axis=0)

    return shape


def _bartlett(n: np.ndarray, end: float) -> np.ndarray:
    return 1 - np.abs(2 * n / end - 1)


def _cosine(n: np.ndarray, end: float) -> np.ndarray:
    return np.sin(np.pi * (n + 0.5) / (end + 1))


def _kaiser(beta: float) -> Shape:
    def shape(n: np.ndarray, end: float) -> np.ndarray:
        away = 2 * n / end - 1
        return np.i0(beta * np.sqrt(np.maximum(1 - away * away, 0))) / np.i0(beta)

    return shape


def _made(shape: Shape, points: int, symmetric: bool, kind: np.dtype, device: Any, requires_grad: bool) -> Any:
    n = np.arange(points, dtype=np.float64)
    values = np.ones(points) if points == 1 else shape(n, points - 1 if symmetric else points)
    made = wrap(module_for(device).asarray(np.asarray(values, kind)))
    return made.requires_grad_() if requires_grad else made


# ---- engine.signal.windows


def _declare(name: str, doc: str, shape: Shape, checked_as: str = "") -> None:
    """A window of `engine.signal.windows` without options of its own."""

    def window(
        M: int,
        *,
        sym: bool = True,
        dtype: Any = None,
        layout: Any = None,
        device: Any = None,
        requires_grad: bool = False,
    ) -> Any:
        return _checked(checked_as or name, shape, M, sym, dtype, layout, device, requires_grad)

    window.__name__ = window.__qualname__ = f"signal_windows_{name}"
    window.__doc__ = doc
    composite("signal_windows")(window)


def _checked(
    name: str, shape: Shape, points: int, sym: bool, dtype: Any, layout: Any, device: Any, requires_grad: bool
) -> Any:
    kind, points = numpy_dtype(dtype) or Defaults.numpy, whole(points)
    if not isinstance(points, int):
        raise TypeError(f"linspace() received an invalid combination of arguments: {type(points).__name__} for M")
    if points < 0:
        raise ValueError(f"{name} requires non-negative window length, got M={points}")
    if layout not in (None, "torch.strided"):
        raise ValueError(f"{name} is implemented for strided tensors only, got: {layout}")
    if kind not in (np.float32, np.float64):
        raise ValueError(f"{name} expects float32 or float64 dtypes, got: {array.OF_NUMPY[kind]}")
    return _made(shape, points, sym, kind, device, requires_grad)


for _name, _doc, _shape, _checks in (
    ("bartlett", "The triangle.", _bartlett, ""),
    ("blackman", "Three cosines, by Blackman.", _cosines(0.42, 0.5, 0.08), ""),
    ("cosine", "Half a wave of the sine.", _cosine, ""),
    ("hamming", "A raised cosine that stops above zero, by Hamming.", _cosines(0.54, 0.46), "general_cosine"),
    ("hann", "The raised cosine, by von Hann.", _cosines(0.5, 0.5), "general_cosine"),
    ("nuttall", "Four cosines, by Nuttall.", _cosines(0.3635819, 0.4891775, 0.1365995, 0.0106411), "general_cosine"),
):
    _declare(_name, _doc, _shape, _checks)


@composite("signal_windows")
def signal_windows_general_cosine(
    M: int,
    *,
    a: Sequence[float],
    sym: bool = True,
    dtype: Any = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Any:
    """Cosines of rising frequency with the weights `a`, their signs in turn."""
    if not isinstance(a, (list, tuple)):
        raise TypeError("Coefficients must be a list/tuple")
    if not a:
        raise ValueError("Coefficients cannot be empty")
    return _checked("general_cosine", _cosines(*a), M, sym, dtype, layout, device, requires_grad)


@composite("signal_windows")
def signal_windows_general_hamming(
    M: int,
    *,
    alpha: float = 0.54,
    sym: bool = True,
    dtype: Any = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Any:
    """The cosine raised by `alpha`."""
    return _checked("general_cosine", _cosines(alpha, 1 - alpha), M, sym, dtype, layout, device, requires_grad)


@composite("signal_windows")
def signal_windows_exponential(
    M: int,
    *,
    center: float | None = None,
    tau: float = 1.0,
    sym: bool = True,
    dtype: Any = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Any:
    """What falls by e at each `tau` away from the center."""
    if tau <= 0:
        raise ValueError(f"Tau must be positive, got: {tau} instead.")
    if sym and center is not None:
        raise ValueError("Center must be None for symmetric windows")

    def shape(n: np.ndarray, end: float) -> np.ndarray:
        return np.exp(-np.abs(n - (end / 2 if center is None else center)) / tau)

    if M == 1 and center is not None:  # where no middle is taken to be the one point
        return _checked("exponential", shape, 2, sym, dtype, layout, device, requires_grad)[:1]
    return _checked("exponential", shape, M, sym, dtype, layout, device, requires_grad)


@composite("signal_windows")
def signal_windows_gaussian(
    M: int,
    *,
    std: float = 1.0,
    sym: bool = True,
    dtype: Any = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Any:
    """The bell curve of a standard deviation of `std` points."""
    if std <= 0:
        raise ValueError(f"Standard deviation must be positive, got: {std} instead.")

    def shape(n: np.ndarray, end: float) -> np.ndarray:
        return np.exp(-(((n - end / 2) / std) ** 2) / 2)

    return _checked("gaussian", shape, M, sym, dtype, layout, device, requires_grad)


@composite("signal_windows")
def signal_windows_kaiser(
    M: int,
    *,
    beta: float = 12.0,
    sym: bool = True,
    dtype: Any = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Any:
    """A Bessel function of a half circle, by Kaiser; near the best for a given width of the main lobe."""
    if beta < 0:
        raise ValueError(f"beta must be non-negative, got: {beta} instead.")
    return _checked("kaiser", _kaiser(beta), M, sym, dtype, layout, device, requires_grad)


# ---- the older functions of `engine` itself, periodic unless told otherwise


def _older(name: str, shape: Shape, points: int, periodic: bool, options: dict[str, Any]) -> Any:
    points = whole(points)
    if not isinstance(points, int):
        raise TypeError(f"{name}(): argument 'window_length' (position 1) must be int, not {type(points).__name__}")
    dtype = options.pop("dtype", None)
    kind = numpy_dtype(dtype) or Defaults.numpy
    if kind.kind == "c":
        raise errors.not_implemented("arange_cpu", kind)
    if kind.kind not in "fV":
        layout = "Strided" + " (default)" * (options.get("layout") is None)
        raise RuntimeError(
            f"{name} expects floating point dtypes, got: TensorOptions(dtype={outs.spoken(kind)}, device=cpu, "
            f"layout={layout}, requires_grad=false (default), pinned_memory=false, memory_format=(nullopt))"
        )
    if points < 0:
        raise RuntimeError(f"{name} requires non-negative window_length, got window_length={points}")
    device, requires_grad = options.pop("device", None), options.pop("requires_grad", False)
    unknown = set(options) - {"layout", "pin_memory"}
    if unknown:
        raise TypeError(f"{name}() got an unexpected keyword argument '{min(unknown)}'")
    return _made(shape, points, not periodic, kind, device, requires_grad)


def _after(op: str, length: Any, **settings: Any) -> None:
    """PyTorch's error for a setting without those before it, which its signatures take in their order."""
    missing = False
    for value in settings.values():
        if value is not None and missing:
            given = [f"{name}={type(each).__name__}" for name, each in settings.items() if each is not None]
            words = ", ".join([type(length).__name__, *given])
            raise TypeError(
                f"{op}() received an invalid combination of arguments - got ({words}), but expected one of:\n"
                f" * (int window_length, bool periodic, {', '.join(f'float {name}' for name in list(settings)[1:])})\n"
            )
        missing = missing or value is None


@composite("engine")
def bartlett_window(window_length: int, periodic: bool = True, **options: Any) -> Any:
    """The triangle."""
    return _older("bartlett_window", _bartlett, window_length, periodic, options)


@composite("engine")
def blackman_window(window_length: int, periodic: bool = True, **options: Any) -> Any:
    """Three cosines, by Blackman."""
    return _older("blackman_window", _cosines(0.42, 0.5, 0.08), window_length, periodic, options)


@composite("engine")
def hamming_window(
    window_length: int,
    periodic: bool | None = None,
    alpha: float | None = None,
    beta: float | None = None,
    **options: Any,
) -> Any:
    """A raised cosine that stops above zero, by Hamming."""
    _after("hamming_window", window_length, periodic=periodic, alpha=alpha, beta=beta)
    shape = _cosines(0.54 if alpha is None else alpha, 0.46 if beta is None else beta)
    return _older("hamming_window", shape, window_length, periodic is not False, options)


@composite("engine")
def hann_window(window_length: int, periodic: bool = True, **options: Any) -> Any:
    """The raised cosine, by von Hann."""
    return _older("hann_window", _cosines(0.5, 0.5), window_length, periodic, options)


@composite("engine")
def kaiser_window(window_length: int, periodic: bool | None = None, beta: float | None = None, **options: Any) -> Any:
    """A Bessel function of a half circle, by Kaiser."""
    _after("kaiser_window", window_length, periodic=periodic, beta=beta)
    return _older(
        "kaiser_window", _kaiser(12.0 if beta is None else beta), window_length, periodic is not False, options
    )
