"""Images, lines and volumes brought to another size: a linear map along each axis."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine import deprecated, formats
from engine.array import module
from engine.dispatch import tensors
from engine.errors import not_implemented
from engine.fitting import plain
from engine.op import composite, d, op
from engine.ops import taps
from engine.tensor import wrap

_TITLES = {
    "nearest": "UpsampleNearest{}DBackward0", "nearest-exact": "UpsampleNearestExact{}DBackward0",
    "linear": "UpsampleLinear{}DBackward0", "bilinear": "UpsampleBilinear{}DBackward0",
    "trilinear": "UpsampleTrilinear{}DBackward0", "bicubic": "UpsampleBicubic{}DBackward0",
    "bilinear aa": "UpsampleBilinear{}DAaBackward0", "bicubic aa": "UpsampleBicubic{}DAaBackward0",
    "lanczos aa": "UpsampleLanczos{}DAaBackward0",
}  # fmt: skip


def _along(x: Any, axis: int, of: taps.Taps) -> Any:
    xp = module(x)
    index, weights, _ = of
    total = None
    for number in range(index.shape[1]):
        part = x.take(xp.asarray(index[:, number]), axis=axis)
        if weights is not None:
            part = part * xp.asarray(weights[:, number], dtype=x.dtype).reshape(-1, *(1,) * (x.ndim - axis - 1))
        total = part if total is None else total + part
    return total


def _of_bytes(x: Any, axes: list[taps.Taps]) -> Any:
    """Bytes resampled as Pillow does: whole weights, and bytes between the axes, of which the last comes first."""
    for axis in reversed(range(2, x.ndim)):
        index, weights, n = axes[axis - 2]
        if len(index) == n and (weights.max(1) == 1).all():
            continue
        bits = next(b for b in range(23) if b == 22 or int(0.5 + weights.max() * (1 << (b + 1))) >= 1 << 15)
        whole = np.trunc(weights * (1 << bits) + np.copysign(0.5, weights))
        total = _along(x.astype(np.int64), axis, (index, whole, n))
        x = np.clip((total + (1 << (bits - 1))) >> bits, 0, 255).astype(np.uint8)
    return x


def _back_along(g: Any, axis: int, of: taps.Taps) -> Any:
    index, weights, n = of
    matrix = np.zeros((len(index), n))
    np.add.at(matrix, (np.arange(len(index))[:, None], index), 1.0 if weights is None else weights)
    xp = module(g)
    return xp.moveaxis(xp.moveaxis(g, axis, -1) @ xp.asarray(matrix, dtype=g.dtype), -1, axis)


@op(
    r"y_o = \sum_i w_{o i} x_i",
    said={"homes": (), "out": False, "title": lambda mode, axes: _TITLES[mode].format(len(axes))},
    input=d(r"\sum_o w_{o i} \bar y_o", lambda g, axes, mode, k: k.resample_back(g, axes, mode)),
)
def resample(input, axes, mode):
    """The last axes of x (N, C, *space), each result along them made of a few elements; `axes` are their taps."""
    y = input
    for axis, of in enumerate(axes, 2):
        y = _along(y, axis, of)
    return formats.followed(np.ascontiguousarray(y) if module(y) is np else y, input)


@op(
    r"x_i = \sum_o w_{o i} y_o",
    said={"homes": (), "out": False},
    grad=d(r"\sum_i w_{o i} \bar x_i", lambda g, axes, mode, k: k.resample(g, axes, mode)),
)
def resample_back(grad, axes, mode):
    """What `resample` gives back to its input."""
    for axis, of in enumerate(axes, 2):
        grad = _back_along(grad, axis, of)
    return grad


def _listed(name: str, value: Any, space: tuple[int, ...]) -> list[Any]:
    """A size or factor for each axis."""
    if not isinstance(value, (tuple, list)):
        return [plain(value)] * len(space)
    if len(value) != len(space):
        if name == "size":
            raise ValueError(
                "Input and output must have the same number of spatial dimensions, but got input with spatial "
                f"dimensions of {list(space)} and output size of {value}. Please provide input tensor in (N, C, d1, "
                "d2, ...,dK) format and output size in (o1, o2, ...,oK) format."
            )
        raise ValueError(
            "Input and scale_factor must have the same number of spatial dimensions, but got input with spatial "
            f"dimensions of {list(space)} and scale_factor of shape {value}. Please provide input tensor in (N, C, "
            "d1, d2, ...,dK) format and scale_factor in (s1, s2, ...,sK) format."
        )
    return [plain(each) for each in value]


_RANK = {"linear": 3, "bilinear": 4, "bicubic": 4, "lanczos": 4, "trilinear": 5}
_MODES = "nearest | linear | bilinear | bicubic | trilinear | lanczos | area | nearest-exact"


def _check_mode(mode: str, ndim: int, corners: Any, antialias: bool) -> None:
    if mode in ("nearest", "area", "nearest-exact") and corners is not None:
        raise ValueError(
            "align_corners option can only be set with the interpolating modes: linear | bilinear | bicubic | trilinear"
        )
    if antialias and not (mode in ("bilinear", "bicubic", "lanczos") and ndim == 4):
        raise ValueError(
            "Anti-alias option is restricted to bilinear, bicubic, and lanczos modes and requires a 4-D tensor as input"
        )
    if mode in ("linear", "bilinear", "trilinear") and ndim in (3, 4, 5) and ndim != _RANK[mode]:
        raise NotImplementedError(f"Got {ndim}D input, but {mode} mode needs {_RANK[mode]}D input")
    known = mode in ("nearest", "area", "nearest-exact") or ndim == _RANK.get(mode)
    if ndim not in (3, 4, 5) or not known:
        raise NotImplementedError(
            f"Input Error: Only 3D, 4D and 5D input Tensors supported (got {ndim}D) for the modes: {_MODES} (got "
            f"{mode})"
        )
    if mode == "lanczos":
        if corners:
            raise ValueError("Lanczos mode does not support align_corners=True")
        if not antialias:
            raise ValueError("Lanczos mode requires antialias=True")


def _whole(length: float) -> int:
    """The integer below a length. RuntimeError for one that no index reaches."""
    if not abs(length) < 1 << 63:
        raise RuntimeError("value cannot be converted to type int64_t without overflow")
    return int(length)


def _check_kind(mode: str, antialias: bool, x: Any, sizes: list[int]) -> None:
    """PyTorch's error for a dtype that it does not resample: floats, and bytes of images or by the nearest, it does."""
    kind, images = x.dtype, x.ndim == 4
    halves = antialias and kind.itemsize == 2 and module(x) is np
    if (kind.kind in "fV" and not halves) or (kind == np.uint8 and (images or mode.startswith("nearest"))):
        return
    # Images of few places or many channels go to other kernels, and cubes of many channels.
    last = formats.suggested(x) is not formats.contiguous_format and x.shape[1] > 3
    channels_first = not (last or (images and sum(sizes) <= 128))
    by = {"nearest-exact": "nearest", "bicubic": "cubic"}.get(mode, "linear" if mode.endswith("linear") else mode)
    name = f"compute_indices_weights_{by}"
    if antialias:
        name = "compute_index_ranges_weights"
    elif by != "cubic" and not channels_first:
        name = f"upsample_{mode.removesuffix('-exact')}{x.ndim - 2}d_channels_last"
    raise not_implemented(name, kind)


@composite("functional")
def interpolate(
    input: Any, size: Any = None, scale_factor: Any = None, mode: str = "nearest", align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None, antialias: bool = False,
) -> Any:  # fmt: skip
    """The space of (N, C, *space) brought to a size, or by a factor, by the elements around each place."""
    shape = input._array.shape
    space = shape[2:]
    if mode in ("nearest", "area", "nearest-exact"):
        _check_mode(mode, 4, align_corners, False)
    if size is not None and scale_factor is not None:
        raise ValueError("only one of size or scale_factor should be defined")
    if size is None and scale_factor is None:
        raise ValueError("either size or scale_factor should be defined")
    factors: list[Any] = [None] * len(space)
    if size is not None:
        sizes = _listed("size", size, space)
        if not all(isinstance(n, (int, np.integer)) for n in sizes):
            raise TypeError(
                "expected size to be one of int or Tuple[int] or Tuple[int, int] or Tuple[int, int, int], but got size "
                f"with types {[type(n) for n in sizes]}"
            )
        if recompute_scale_factor:
            raise ValueError("recompute_scale_factor is not meaningful with an explicit size.")
    else:
        given = _listed("scale_factor", scale_factor, space)
        sizes = [_whole(n * float(f)) for n, f in zip(space, given, strict=True)]
        if not recompute_scale_factor and mode != "area":
            factors = [float(f) for f in given]
    _check_mode(mode, len(shape), align_corners, antialias)
    if mode == "area":
        return getattr(tensors, f"adaptive_avg_pool{len(space)}d")(input, sizes)
    if min((*space, *sizes)) < 1:
        found, wanted = (
            ", ".join(f"{axis}: {n}" for axis, n in zip("DHW"[-len(space) :], each, strict=True))
            for each in (space, sizes)
        )
        joined = "and " if len(space) == 1 else ""
        raise RuntimeError(
            f"Input and output sizes should be greater than 0, but got input ({found}) {joined}output ({wanted})"
        )
    kind = input._array.dtype
    _check_kind(mode, antialias, input._array, sizes)
    real = np.float32 if kind.kind in "fV" and kind.itemsize <= 4 else np.float64
    made = [
        _taps(mode, n, m, factor, bool(align_corners), antialias, real, len(space) == 2)
        for n, m, factor in zip(space, sizes, factors, strict=True)
    ]
    if mode.startswith("nearest") or kind != np.uint8:
        return resample(input, made, f"{mode} aa" if antialias else mode)
    y = _of_bytes(input._array, made)
    y = y.copy() if y is input._array else y
    return wrap(formats.followed(module(y).ascontiguousarray(y), input._array))


def _taps(
    mode: str, n: int, size: int, factor: Any, corners: bool, antialias: bool, real: Any, image: bool
) -> taps.Taps:
    if mode.startswith("nearest"):
        return taps.nearest(n, size, factor, mode.endswith("exact"), image)
    if antialias:
        return taps.filtered(mode, n, size, factor, corners, real)
    return (taps.cubic if mode == "bicubic" else taps.linear)(n, size, factor, corners, real)


@composite("functional")
def upsample(
    input: Any, size: Any = None, scale_factor: Any = None, mode: str = "nearest", align_corners: bool | None = None
) -> Any:
    """`interpolate`, as it was called before."""
    deprecated.tell("`nn.functional.upsample` is deprecated. Use `nn.functional.interpolate` instead.")
    return interpolate(input, size, scale_factor, mode, align_corners)


@composite("functional")
def upsample_nearest(input: Any, size: Any = None, scale_factor: Any = None) -> Any:
    """`interpolate` by the nearest element."""
    deprecated.tell("`nn.functional.upsample_nearest` is deprecated. Use `nn.functional.interpolate` instead.")
    return interpolate(input, size, scale_factor, "nearest")


@composite("functional")
def upsample_bilinear(input: Any, size: Any = None, scale_factor: Any = None) -> Any:
    """`interpolate` on straight lines, the corners kept."""
    deprecated.tell("`nn.functional.upsample_bilinear` is deprecated. Use `nn.functional.interpolate` instead.")
    return interpolate(input, size, scale_factor, "bilinear", True)
