"""Windows that slide over the last axes: the geometry that convolutions and poolings share.

A geometry is a tuple an axis (stride, padding, dilation, kernel). Arrays are (A, B, *space): the windows leave the
first two axes alone.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import product
from operator import index
from typing import Any

from engine.array import module
from engine.memory import stepped

Sizes = tuple[int, ...]


def per_axis(value: Any, axes: int) -> Sizes:
    """A setting as one number an axis, given as one for all or as a sequence."""
    if isinstance(value, (tuple, list)):
        return tuple(map(index, value)) * (axes if len(value) == 1 else 1)
    return (index(value),) * axes


def out_sizes(space: Sizes, kernel: Sizes, stride: Sizes, padding: Sizes, dilation: Sizes, ceil: bool = False) -> Sizes:
    """How many windows there are along each axis; with `ceil` a last one may begin inside and reach over the end."""
    sizes = []
    for n, k, s, p, d in zip(space, kernel, stride, padding, dilation, strict=True):
        room = n + 2 * p - d * (k - 1) - 1
        count = (-(-room // s) if ceil else room // s) + 1
        if ceil and (count - 1) * s >= n + p:
            count -= 1
        sizes.append(count)
    return tuple(sizes)


def reach(out: Sizes, kernel: Sizes, stride: Sizes, dilation: Sizes) -> Sizes:
    """The length that the windows cover along each axis, from the beginning of the padding."""
    return tuple((n - 1) * s + d * (k - 1) + 1 for n, k, s, d in zip(out, kernel, stride, dilation, strict=True))


def padded(x: Any, padding: Sizes, length: Sizes, fill: float = 0.0) -> Any:
    """The array with its space begun by the padding and made at least `length` long; itself where that is nothing."""
    space = x.shape[2:]
    whole = tuple(max(n + 2 * p, m) for n, p, m in zip(space, padding, length, strict=True))
    if whole == space:
        return x
    xp = module(x)
    bigger = xp.full((*x.shape[:2], *whole), fill, x.dtype) if fill else xp.zeros((*x.shape[:2], *whole), x.dtype)
    bigger[(..., *(slice(p, p + n) for n, p in zip(space, padding, strict=True)))] = x
    return bigger


def unpadded(x: Any, padding: Sizes, space: Sizes) -> Any:
    """The part of a padded array that is not padding."""
    return x[(..., *(slice(p, p + n) for n, p in zip(space, padding, strict=True)))]


def sliding(x: Any, out: Sizes, kernel: Sizes, stride: Sizes, dilation: Sizes) -> Any:
    """All windows of a padded array as a view (A, *kernel, B, *out)."""
    a, b, *steps = x.strides
    inner = [step * d for step, d in zip(steps, dilation, strict=True)]
    outer = [step * s for step, s in zip(steps, stride, strict=True)]
    shape = (x.shape[0], *kernel, x.shape[1], *out)
    return stepped(x, shape, (a, *inner, b, *outer))


# The same with the images last: (A, *space, B).


def turned(x: Any) -> Any:
    """An array (B, A, *space) with its first axis last, laid out so."""
    return module(x).ascontiguousarray(x.transpose(*range(1, x.ndim), 0))


def padded_turned(x: Any, padding: Sizes, length: Sizes) -> Any:
    """As `padded`, with zeros."""
    space = x.shape[1:-1]
    whole = tuple(max(n + 2 * p, m) for n, p, m in zip(space, padding, length, strict=True))
    if whole == space:
        return x
    bigger = module(x).zeros((x.shape[0], *whole, x.shape[-1]), x.dtype)
    bigger[(slice(None), *(slice(p, p + n) for n, p in zip(space, padding, strict=True)))] = x
    return bigger


def sliding_turned(x: Any, out: Sizes, kernel: Sizes, stride: Sizes, dilation: Sizes) -> Any:
    """As `sliding`: (A, *kernel, *out, B)."""
    a, *steps, b = x.strides
    inner = [step * d for step, d in zip(steps, dilation, strict=True)]
    outer = [step * s for step, s in zip(steps, stride, strict=True)]
    shape = (x.shape[0], *kernel, *out, x.shape[-1])
    return stepped(x, shape, (a, *inner, *outer, b))


@lru_cache(64)  # the layers of a model ask for the same ones in every step
def places(out: Sizes, kernel: Sizes, stride: Sizes, dilation: Sizes) -> list[tuple[Sizes, tuple[Any, ...]]]:
    """For each place in a window, in order: the place, and the index that takes it from all windows at once."""
    found: list[tuple[Sizes, tuple[Any, ...]]] = []
    for place in product(*(range(k) for k in kernel)):
        cuts = [
            slice(i * d, i * d + s * (n - 1) + 1, s) for i, n, s, d in zip(place, out, stride, dilation, strict=True)
        ]
        found.append((place, (..., *cuts)))
    return found
