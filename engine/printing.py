"""The text of a tensor, equal to PyTorch's, and the options that change it.

The text has three layers: a number's text and the width that all of them are padded to (`_real`, `_texts`), the
brackets and line breaks (`_nested`, `_row`), and what follows the numbers (`_with_suffixes`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from engine import graph
from engine.array import OF_NUMPY, Defaults, device_of, moved
from engine.places import home_of

if TYPE_CHECKING:
    from engine.tensor import Tensor


@dataclass(frozen=True)
class Options:
    """How numbers are printed; the meaning of each is that of `set_printoptions`."""

    precision: int = 4
    threshold: float = 1000
    edgeitems: int = 3
    linewidth: int = 80
    sci_mode: bool | None = None


_PROFILES = {"default": Options(), "short": Options(precision=2, edgeitems=2), "full": Options(threshold=math.inf)}
_options = Options()


def set_printoptions(
    precision: int | None = None,
    threshold: float | None = None,
    edgeitems: int | None = None,
    linewidth: int | None = None,
    profile: str | None = None,
    sci_mode: bool | None = None,
) -> None:
    """Change how tensors are printed.

    precision: digits after the point. threshold: more elements than this are summarized, with `edgeitems` at either end
    of each axis. linewidth: characters a line. profile: "default", "short" or "full", which the others then change.
    sci_mode: scientific notation always, never, or (None) where the numbers ask for it.
    """
    global _options
    base = _options if profile is None else _PROFILES[profile]
    given = {"precision": precision, "threshold": threshold, "edgeitems": edgeitems, "linewidth": linewidth}
    changes: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    _options = replace(base, **changes, sci_mode=sci_mode)


def get_printoptions() -> dict[str, Any]:
    """The options in force, as `set_printoptions` takes them."""
    return asdict(_options)


@contextmanager
def printoptions(**options: Any) -> Iterator[None]:
    """A context with other options."""
    global _options
    before = _options
    set_printoptions(**options)
    try:
        yield
    finally:
        _options = before


def tensor_str(tensor: Tensor) -> str:
    """The text that `print` shows, as in `tensor([1., 2.], requires_grad=True)`."""
    raw = tensor._array
    kind = type(tensor)
    prefix = "tensor(" if home_of(kind).startswith("engine") else f"{kind.__name__}("
    if device_of(raw).type == "meta":
        size = f"size={tuple(raw.shape)}"
        device, *more = _suffixes(tensor, raw)
        if OF_NUMPY[raw.dtype].name in ("int64", "bool"):
            more.insert(0, f"dtype={OF_NUMPY[raw.dtype]}")
        return _with_suffixes(f"{prefix}...", [device, size, *more], len(prefix))
    text = array_str(np.asarray(moved(raw, "cpu")), len(prefix))
    return _with_suffixes(prefix + text, _suffixes(tensor, raw), len(prefix))


def array_str(array: np.ndarray, indent: int = 0) -> str:
    """The numbers of an array in brackets; lines after the first are indented, and the first counts as indented."""
    if not array.size:
        return "[]"
    cuts = [array.size > _options.threshold and side > 2 * _options.edgeitems for side in array.shape]
    shown = _edges(array, cuts)
    texts, width = _texts(shown.astype(np.float32) if shown.dtype.kind == "V" else shown)
    if not array.ndim:
        return texts.item()
    return _nested(texts, cuts, indent, width)


# ---- numbers


def _edges(array: np.ndarray, cuts: list[bool]) -> np.ndarray:
    """The part of a summarized array that is shown."""
    edge = _options.edgeitems
    for axis, cut in enumerate(cuts):
        if cut:
            side = array.shape[axis]
            array = array.take([*range(edge), *range(side - edge, side)], axis)
    return array


def _texts(array: np.ndarray) -> tuple[np.ndarray, int]:
    """The text of each number, an array of the same shape, and the width that they are laid out by."""
    flat = array.reshape(-1)
    if array.dtype.kind == "c":
        real, real_width = _real(flat.real)
        imaginary, imaginary_width = _real(flat.imag)
        words = []
        for a, b in zip(flat.real.tolist(), flat.imag.tolist(), strict=True):
            after = imaginary(b).lstrip() + "j"
            words.append(real(a) + (after if after[0] in "+-" else "+" + after))
        width = real_width + imaginary_width + 1
    else:
        word, width = _real(flat) if array.dtype.kind == "f" else _whole(flat)
        words = [word(value) for value in flat.tolist()]
    texts = np.empty(len(words), object)
    texts[:] = words
    return texts.reshape(array.shape), width


def _whole(values: np.ndarray) -> tuple[Callable[[Any], str], int]:
    """How integers or booleans are written, and their width."""
    width = max((len(str(value)) for value in values.tolist()), default=1)
    return (lambda value: f"{value!s:>{width}}"), width


def _real(values: np.ndarray) -> tuple[Callable[[float], str], int]:
    """How real numbers are written, and their width, which only the finite ones but zero decide."""
    telling = values[np.isfinite(values) & (values != 0)].astype(np.float64)
    whole, scientific = True, False
    if telling.size:
        size = np.abs(telling)
        low, high = size.min(), size.max()
        whole = bool((telling == np.ceil(telling)).all())
        scientific = bool(high / low > 1000.0 or high > 1.0e8 or low < 1.0e-4)
        if _options.sci_mode is not None:
            scientific = _options.sci_mode
    if scientific:
        form, point = f".{_options.precision}e", ""
    elif whole:
        form, point = ".0f", "."  # the bare point tells a float from an integer
    else:
        form, point = f".{_options.precision}f", ""
    width = max((len(format(value, form)) for value in telling.tolist()), default=0) + len(point)

    def word(value: float) -> str:
        return f"{format(value, form) + (point if math.isfinite(value) else ''):>{width}}"

    return word, width


# ---- brackets and lines


def _nested(texts: np.ndarray, cuts: list[bool], indent: int, width: int) -> str:
    """Rows in brackets, with as many line breaks between two as there are axes under them."""
    if texts.ndim == 1:
        return _row(texts.tolist(), cuts[0], indent, width)
    parts = [_nested(part, cuts[1:], indent + 1, width) for part in texts]
    if cuts[0]:
        parts.insert(_options.edgeitems, "...")
    return "[" + ("," + "\n" * (texts.ndim - 1) + " " * (indent + 1)).join(parts) + "]"


def _row(words: list[str], cut: bool, indent: int, width: int) -> str:
    """One row in brackets, broken into lines."""
    if cut:
        words.insert(_options.edgeitems, " ..." if _options.edgeitems else "...")
    a_line = max(1, (_options.linewidth - indent) // (width + 2))
    lines = [", ".join(words[i : i + a_line]) for i in range(0, len(words), a_line)]
    return "[" + (",\n" + " " * (indent + 1)).join(lines) + "]"


# ---- what follows the numbers


def _suffixes(tensor: Tensor, raw: Any) -> list[str]:
    suffixes = []
    where, kind = device_of(raw), OF_NUMPY[raw.dtype]
    if where.type != "cpu":
        suffixes.append(f"device='{where}'")
    if not raw.size:
        if raw.ndim != 1:
            suffixes.append(f"size={tuple(raw.shape)}")
        if kind is not Defaults.dtype:
            suffixes.append(f"dtype={kind}")
    else:
        if not _options.edgeitems:
            suffixes.append(f"size={tuple(raw.shape)}")
        if kind.name not in ("int64", "bool") and kind not in (Defaults.dtype, Defaults.dtype.to_complex()):
            suffixes.append(f"dtype={kind}")
    try:
        made_by = tensor.grad_fn
        if made_by is not None:
            suffixes.append(f"grad_fn=<{made_by.name().rpartition('::')[2]}>")
        elif tensor.requires_grad:
            suffixes.append("requires_grad=True")
    except RuntimeError:  # of a view that is of no use any more
        suffixes.append("grad_fn=<Invalid>")
    if graph.duals is not None:
        suffixes += [f"tangent={tangent}" for tangent in graph.duals.shown(tensor)]
    return suffixes


def _with_suffixes(text: str, suffixes: list[str], indent: int) -> str:
    """The text closed by its suffixes, each on the same line if it fits."""
    column = len(text) - text.rfind("\n") + 1
    for suffix in suffixes:
        if column + len(suffix) + 2 > _options.linewidth:
            text += ",\n" + " " * indent + suffix
            column = indent + len(suffix)
        else:
            text += ", " + suffix
            column += len(suffix) + 2
    return text + ")"
