"""Images and volumes seen through a grid: at each of its points a weighted sum of the elements around it."""

from __future__ import annotations

import math
from itertools import product
from typing import Any

import numpy as np

from engine import deprecated
from engine.array import OF_NUMPY, TITLES, module
from engine.dispatch import tensors
from engine.errors import ShapeError, refuse
from engine.numeric.adding import add_at
from engine.op import composite, d, op
from engine.ops.taps import cubic_weights
from engine.tensor import wrap

# ---- three sums over the same picks, each other's slopes: x (N, C, M) elements, w (N, K, *points) weights, y
# (N, C, *points)


def _rows(x: Any) -> Any:
    """(N, C, ...) as (N, ..., C), an element's channels side by side."""
    xp = module(x)
    return xp.ascontiguousarray(xp.moveaxis(x, 1, -1))


def _samples(index: Any) -> Any:
    """The number of each sample, laid along the index (N, K, *points) of one k."""
    return module(index).arange(len(index)).reshape(-1, *(1,) * (index.ndim - 2))


@op(
    r"y_p = \sum_k w_{k p}\,x_{i_{k p}}",
    said={"homes": (), "out": False, "title": lambda named: named},
    input=d(
        r"\sum_{i_{k p} = m} w_{k p} \bar y_p",
        lambda g, weight, index, shape, named, k: k.put_points(g, weight, index, shape[2], named),
    ),
    weight=d(r"\bar y_p \cdot x_{i_{k p}}", lambda g, input, index, named, k: k.match_points(g, input, index, named)),
    index=None,
)
def pick_points(input, weight, index, named):
    """At each point a weighted sum of elements."""
    rows, at = _rows(input), _samples(index)
    total: Any = 0
    for k in range(index.shape[1]):
        total = total + rows[at, index[:, k]] * weight[:, k, ..., None]
    return module(total).ascontiguousarray(module(total).moveaxis(total, -1, 1))


@op(
    r"x_m = \sum_{i_{k p} = m} w_{k p}\,y_p",
    said={"homes": (), "out": False, "title": lambda named: named},
    grad=d(
        r"\sum_k w_{k p} \bar x_{i_{k p}}", lambda g, weight, index, named, k: k.pick_points(g, weight, index, named)
    ),
    weight=d(r"y_p \cdot \bar x_{i_{k p}}", lambda g, grad, index, named, k: k.match_points(grad, g, index, named)),
    index=None,
)
def put_points(grad, weight, index, count, named):
    """Each point spread over the elements that it is made of."""
    xp, rows = module(grad), _rows(grad)
    full = xp.zeros((grad.shape[0], count, grad.shape[1]), grad.dtype)
    for k in range(index.shape[1]):
        add_at(full, (_samples(index), index[:, k]), rows * weight[:, k, ..., None])
    return full.swapaxes(1, 2)


@op(
    r"w_{k p} = y_p \cdot x_{i_{k p}}",
    said={"homes": (), "out": False, "title": lambda named: named},
    grad=d(
        r"\sum_k \bar w_{k p}\,x_{i_{k p}}", lambda g, input, index, named, k: k.pick_points(input, g, index, named)
    ),
    input=d(
        r"\sum_{i_{k p} = m} \bar w_{k p}\,y_p",
        lambda g, grad, index, input_shape, named, k: k.put_points(grad, g, index, input_shape[2], named),
    ),
    index=None,
)
def match_points(grad, input, index, named):
    """The products, summed over channels, of each point and the elements that it is made of."""
    rows, points = _rows(input), _rows(grad)
    each = [(rows[_samples(index), index[:, k]] * points).sum(-1) for k in range(index.shape[1])]
    return module(grad).stack(each, 1)


# ---- where the points lie


def _unnormalized(at: Any, n: int, corners: bool) -> Any:
    """Places in [-1, 1] as places among n elements."""
    return (at + 1) * ((n - 1) / 2) if corners else ((at + 1) * n - 1) / 2


def _reflected(at: Any, n: int, corners: bool) -> Any:
    low, high = (0.0, n - 1.0) if corners else (-0.5, n - 0.5)
    span = high - low
    if span == 0:
        return at * 0
    away = tensors.abs(at - low)
    turns = tensors.floor(away.detach() / span)
    rest = away - turns * span
    return tensors.where(turns % 2 == 0, rest, span - rest) + low


def _inside(at: Any, n: int, padding: str, corners: bool) -> Any:
    if padding == "zeros":
        return at
    return tensors.clamp(_reflected(at, n, corners) if padding == "reflection" else at, 0, n - 1)


def _flat(places: list[Any], space: tuple[int, ...]) -> tuple[Any, Any]:
    """Whole places an axis as indices into the flattened space, and which of them lie within it."""
    index: Any = 0
    within: Any = True
    for at, n in zip(places, space, strict=True):
        within = within & (at >= 0) & (at <= n - 1)
        index = index * n + np.nan_to_num(at).clip(0, n - 1).astype(np.int64)
    return index, within


def _picks(places: list[Any], space: tuple[int, ...], mode: str, padding: str, corners: bool) -> tuple[Any, Any]:
    """Weights (a tensor) and indices (an array), (N, K, *points) both."""
    indices, weights = [], []
    if mode == "nearest":
        index, within = _flat([np.round(at._array) for at in places], space)
        weight: Any = wrap(within.astype(places[0]._array.dtype))
        for at in places:  # the gradient of a place is zero, not none
            weight = tensors.where(wrap(module(within).zeros((), bool)), at, weight)
        return weight.unsqueeze(1), index[:, None]
    lows = [tensors.floor(at.detach()) for at in places]
    parts = [at - low for at, low in zip(places, lows, strict=True)]
    if mode == "bilinear":
        shares = [[1 - part, part] for part in parts]
        steps = range(2)
    else:
        shares = [cubic_weights(part) for part in parts]
        steps = range(-1, 3)
    for moves in product(*[list(enumerate(steps))] * len(places)):
        weight = 1
        whole = []
        for (number, step), share, low, n in zip(moves, shares, lows, space, strict=True):
            weight = weight * share[number]
            at = low + step
            whole.append((_inside(at, n, padding, corners) if mode == "bicubic" else at)._array)
        index, within = _flat(whole, space)
        indices.append(index)
        weights.append(weight * wrap(within.astype(weight._array.dtype)))
    return tensors.stack(weights, 1), module(indices[0]).stack(indices, 1)


def _check(input: Any, grid: Any, mode: str) -> None:
    x, at = input._array.shape, grid._array.shape
    if x[0] != at[0]:
        raise ShapeError(
            "grid_sampler(): expected grid and input to have same batch size, but got input with sizes "
            f"{list(x)} and grid with sizes {list(at)}", "grid_sample", (x, at), (0, 0),
        )  # fmt: skip
    if at[-1] != len(x) - 2:
        raise ShapeError(
            f"grid_sampler(): expected grid to have size {len(x) - 2} in last dimension, but got grid with sizes "
            f"{list(at)}", "grid_sample", (x, at), (None, len(at) - 1),
        )  # fmt: skip
    if min(x[2:]) == 0:
        axis = next(i for i, n in enumerate(x) if i > 1 and not n)
        raise RuntimeError(
            "grid_sampler(): expected input to have non-empty spatial dimensions, but input has sizes "
            f"{list(x)} with dimension {axis} being empty"
        )
    if len(x) not in (4, 5) or len(at) != len(x):
        raise ShapeError(
            "grid_sampler(): expected 4D or 5D input and grid with same number of dimensions, but got input with sizes "
            f"{list(x)} and grid with sizes {list(at)}", "grid_sample", (x, at),
        )  # fmt: skip
    if mode == "bicubic" and len(x) == 5:
        raise RuntimeError("grid_sampler(): bicubic interpolation only supports 4D input")
    if input._array.dtype != grid._array.dtype:
        words = [TITLES[OF_NUMPY[each._array.dtype]] for each in (input, grid)]
        raise RuntimeError(f"expected scalar type {words[0]} but found {words[1]}")


_MODES, _PADDINGS = ("bilinear", "nearest", "bicubic"), ("zeros", "border", "reflection")


def _guess(name: str, align_corners: bool | None) -> bool:
    if align_corners is None:
        deprecated.tell(
            "Default grid_sample and affine_grid behavior has changed to align_corners=False since 1.3.0. Please "
            "specify align_corners=True if the old behavior is desired. See the documentation of grid_sample for "
            "details.",
        )  # fmt: skip
    return bool(align_corners)


@composite("functional")
def grid_sample(
    input: Any, grid: Any, mode: str = "bilinear", padding_mode: str = "zeros", align_corners: bool | None = None
) -> Any:
    """The elements of images (N, C, H, W) or volumes around the points of a grid (N, ..., 2 or 3) in [-1, 1]."""
    for name, given, known in (("mode", mode, _MODES), ("padding_mode", padding_mode, _PADDINGS)):
        if given not in known:
            listed = f"'{known[0]}', '{known[1]}'{',' * (name != 'mode')} or '{known[2]}'"
            raise ValueError(f"nn.functional.grid_sample(): expected {name} to be {listed}, but got: '{given}'")
    corners = _guess("grid_sample", align_corners)
    _check(input, grid, mode)
    shape = input._array.shape
    refuse("biuc", "grid_sampler_2d_cpu_kernel_impl" if len(shape) == 4 else "grid_sampler3d_cpu", input)
    space = shape[2:]
    places = []
    for axis, n in enumerate(space):
        at = _unnormalized(grid[..., len(space) - 1 - axis], n, corners)
        places.append(at if mode == "bicubic" else _inside(at, n, padding_mode, corners))
    weight, index = _picks(places, space, mode, padding_mode, corners)
    flat = input.reshape(shape[0], shape[1], math.prod(space))
    return pick_points(flat, weight, wrap(index), f"GridSampler{len(space)}DBackward0")


@composite("engine")
def grid_sampler(input: Any, grid: Any, interpolation_mode: int, padding_mode: int, align_corners: bool) -> Any:
    """`grid_sample`, its modes as numbers."""
    return grid_sample(input, grid, _MODES[interpolation_mode], _PADDINGS[padding_mode], align_corners)


@composite("engine")
def grid_sampler_2d(input: Any, grid: Any, interpolation_mode: int, padding_mode: int, align_corners: bool) -> Any:
    """`grid_sampler` of images."""
    return grid_sampler(input, grid, interpolation_mode, padding_mode, align_corners)


@composite("engine")
def grid_sampler_3d(input: Any, grid: Any, interpolation_mode: int, padding_mode: int, align_corners: bool) -> Any:
    """`grid_sampler` of volumes."""
    return grid_sampler(input, grid, interpolation_mode, padding_mode, align_corners)


# ---- grids


@composite("functional")
def affine_grid(theta: Any, size: Any, align_corners: bool | None = None) -> Any:
    """The grid of points (N, *space, axes) that affine maps (N, axes, axes + 1) bring an even grid to."""
    corners = _guess("affine_grid", align_corners)
    if theta._array.dtype.kind not in "fV":
        raise ValueError(f"Expected theta to have floating point type, but got {theta.dtype}")
    sizes, axes = tuple(int(n) for n in size), len(size) - 2
    if axes not in (2, 3):
        raise NotImplementedError(
            "affine_grid only supports 4D and 5D sizes, for 2D and 3D affine transforms, respectively. Got size "
            f"{size}."
        )
    if theta._array.ndim != 3 or theta._array.shape[1:] != (axes, axes + 1):
        raise ValueError(
            f"Expected a batch of {axes}D affine matrices of shape Nx{axes}x{axes + 1} for size {size}. Got "
            f"{theta.shape}."
        )
    if corners and min(sizes[2:]) == 1:
        deprecated.tell(
            "Since version 1.3.0, affine_grid behavior has changed for unit-size grids when align_corners=True. This "
            "is not an intended use case of affine_grid. See the documentation of affine_grid for details.",
        )
    elif min(sizes) <= 0:
        raise ValueError(f"Expected non-zero, positive output size. Got {size}")
    return affine_grid_generator(theta, sizes, corners)


def _even_points(like: Any, size: Any, corners: bool) -> Any:
    """An even grid as rows (1, points, axes + 1), the last element of each one."""
    space, kind = tuple(size)[2:], like.dtype
    lines = []
    for n in space:
        line = np.zeros(n, kind)
        if n > 1:
            line = tensors.linspace(-1, 1, n, dtype=OF_NUMPY[kind], device="cpu")._array
        lines.append(line if corners else line * kind.type(n - 1) / kind.type(n))
    mesh = np.meshgrid(*lines, indexing="ij")
    points = np.stack([*mesh[::-1], np.ones(space, kind)], -1).reshape(1, -1, len(space) + 1)
    return module(like).asarray(points, dtype=kind)


def _product(a: Any, b: Any) -> Any:
    """A product of matrices of one dtype; of halves the points are, but not the sums."""
    return (a.astype(np.float32) @ b.astype(np.float32)).astype(a.dtype) if a.dtype.itemsize == 2 else a @ b


@op(
    r"y_{n p} = \theta_n\,p",
    said={"homes": ("engine",), "out": False, "moves": True},
    theta=d(
        r"\sum_p \bar y_{n p}\,p^\top",
        lambda g, size, align_corners, k: k.affine_grid_maps(g, size, align_corners),
    ),
)
def affine_grid_generator(theta, size, align_corners):
    """`affine_grid`, unchecked."""
    points = _product(_even_points(theta, size, align_corners), theta.swapaxes(1, 2))
    return points.reshape(size[0], *tuple(size)[2:], len(size) - 2)


@op(
    r"\theta_n = \sum_p y_{n p}\,p^\top",
    said={"homes": (), "out": False, "moves": True},
    grad=d(r"\bar \theta_n\,p", lambda g, size, align_corners, k: k.affine_grid_generator(g, size, align_corners)),
)
def affine_grid_maps(grad, size, align_corners):
    """What `affine_grid_generator` gives back to its maps."""
    rows = grad.reshape(len(grad), -1, grad.shape[-1])
    return _product(rows.swapaxes(1, 2), _even_points(grad, size, align_corners))
