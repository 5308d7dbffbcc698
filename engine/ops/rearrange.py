"""Channels and pixels in another order."""

from __future__ import annotations

import math
from typing import Any

from engine import formats
from engine.memory import related
from engine.op import composite


def _at_least(name: str, shape: tuple[int, ...], axes: int) -> None:
    if len(shape) < axes:
        raise RuntimeError(f"{name} expects input to have at least {axes} dimensions, but got input with {len(shape)} "
                           "dimension(s)")  # fmt: skip


def _laid(y: Any, input: Any) -> Any:
    """The result in memory of its own, its channels last in it if those of the input are."""
    y = y.contiguous(formats.suggested(input._array))
    return y.clone() if related(y._array, input._array) else y


@composite("engine", "functional")
def pixel_shuffle(input: Any, upscale_factor: int) -> Any:
    """Every r² channels (..., C·r², H, W) as one of r times the height and width. Shi and others, 2016."""
    shape, r = input._array.shape, upscale_factor
    _at_least("pixel_shuffle", shape, 3)
    if r <= 0:
        raise RuntimeError(f"pixel_shuffle expects a positive upscale_factor, but got {r}")
    *batch, channels, height, width = shape
    if channels % (r * r):
        raise RuntimeError(
            "pixel_shuffle expects its input's 'channel' dimension to be divisible by the square of upscale_factor, "
            f"but input.size(-3)={channels} is not divisible by {r * r}"
        )
    n = len(batch)
    parts = input.reshape(*batch, channels // (r * r), r, r, height, width)
    turned = parts.permute(*range(n), n, n + 3, n + 1, n + 4, n + 2)
    return _laid(turned.reshape(*batch, channels // (r * r), height * r, width * r), input)


@composite("engine", "functional")
def pixel_unshuffle(input: Any, downscale_factor: int) -> Any:
    """The r by r tiles of images (..., C, H·r, W·r) as r² channels: `pixel_shuffle` undone."""
    shape, r = input._array.shape, downscale_factor
    _at_least("pixel_unshuffle", shape, 3)
    if r <= 0:
        raise RuntimeError(f"pixel_unshuffle expects a positive downscale_factor, but got {r}")
    *batch, channels, height, width = shape
    for what, axis, size in (("height", -2, height), ("width", -1, width)):
        if size % r:
            raise RuntimeError(
                f"pixel_unshuffle expects {what} to be divisible by downscale_factor, but input.size({axis})={size} is "
                f"not divisible by {r}"
            )
    n = len(batch)
    parts = input.reshape(*batch, channels, height // r, r, width // r, r)
    turned = parts.permute(*range(n), n, n + 2, n + 4, n + 1, n + 3)
    return _laid(turned.reshape(*batch, channels * r * r, height // r, width // r), input)


@composite("engine", "functional")
def channel_shuffle(input: Any, groups: int) -> Any:
    """The channels (N, C, ...) dealt out: the first of each group, then the second, and so on. Zhang, 2017."""
    shape = input._array.shape
    if len(shape) <= 2:
        raise RuntimeError(f"channel_shuffle expects input with > 2 dims, but got input with sizes {list(shape)}")
    if groups <= 0:
        raise RuntimeError(f"Number of groups to divide channels in must be positive. Value of groups:{groups}")
    if shape[1] % groups:
        raise RuntimeError(
            f"Number of channels must be divisible by groups. Got {shape[1]} channels and {groups} groups."
        )
    parts = input.reshape(shape[0], groups, shape[1] // groups, math.prod(shape[2:]))
    return _laid(parts.transpose(1, 2).reshape(shape), input)


@composite("engine", "functional")
def native_channel_shuffle(input: Any, groups: int) -> Any:
    """`channel_shuffle`."""
    return channel_shuffle(input, groups)
