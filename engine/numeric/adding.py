"""Values added up at places of a raw array of which some may be named several times."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from engine.array import module


def add_at(full: Any, key: Any, values: Any) -> None:
    """`full[key] += values`, in which each value counts. IndexError for places that are not there.

    NumPy's `add.at` is ten times as fast for a flat array with flat places as for any other.
    """
    places = _places(full, key) if full.__class__ is np.ndarray and full.flags.c_contiguous else None
    if places is None:
        module(full).add.at(full, key, values)
        return
    given = np.broadcast_to(values, places.shape).astype(full.dtype, copy=False)
    np.add.at(full.reshape(-1), places.reshape(-1), given.reshape(-1))


def _places(full: np.ndarray, key: Any) -> np.ndarray | None:
    """The flat places that a key of arrays names, after axes that are taken whole; None for other keys."""
    parts = key if isinstance(key, tuple) else (key,)
    lead = 0
    while lead < len(parts) and isinstance(parts[lead], slice) and parts[lead] == slice(None):
        lead += 1
    arrays = [np.asarray(part) for part in parts[lead:] if not isinstance(part, slice) and part is not Ellipsis]
    if len(arrays) != len(parts) - lead or not arrays or any(each.dtype.kind not in "iu" for each in arrays):
        return None
    sizes = full.shape[lead : lead + len(arrays)]
    flat: Any = 0
    for each, size in zip(arrays, sizes, strict=True):
        if each.size and not (each.min() >= 0 and each.max() < size):
            if each.min() < -size or each.max() >= size:
                return None  # which NumPy refuses
            each = np.where(each < 0, each + size, each)
        flat = flat * size + each
    outer, width = math.prod(full.shape[:lead]), math.prod(full.shape[lead + len(arrays) :])
    shape = (*full.shape[:lead], *flat.shape, *full.shape[lead + len(arrays) :])
    if width != 1:
        flat = flat[..., None] * width + np.arange(width)
    if lead:
        begins = np.arange(outer) * (math.prod(sizes) * width)
        flat = begins.reshape(-1, *(1,) * flat.ndim) + flat
    return flat.reshape(shape)
