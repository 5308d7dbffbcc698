"""Samples made a batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

import engine
from engine.tensor import Tensor


def default_collate(batch: Sequence[Any]) -> Any:
    """A list of samples as one batch, with a new first axis.

    Tensors and arrays are stacked, numbers made a tensor, strings left a list; in mappings and sequences this is done
    with the values at each place. TypeError for anything else.
    """
    first = batch[0]
    kind = type(first)
    if isinstance(first, Tensor):
        return engine.stack(list(batch), 0)
    if isinstance(first, np.ndarray):
        if first.dtype.kind in "SUO":
            raise _unknown(first.dtype)
        return engine.stack([engine.as_tensor(each) for each in batch], 0)
    if isinstance(first, (np.generic, bool, int)):
        return engine.as_tensor(np.asarray(batch)) if isinstance(first, np.generic) else engine.as_tensor(list(batch))
    if isinstance(first, float):
        return engine.as_tensor(list(batch), dtype=engine.float64)
    if isinstance(first, (str, bytes)):
        return batch
    if isinstance(first, Mapping):
        made = {key: default_collate([each[key] for each in batch]) for key in first}
        return made if kind is dict else kind(made)
    if isinstance(first, tuple) and hasattr(first, "_fields"):
        return kind(*(default_collate(each) for each in zip(*batch, strict=True)))
    if isinstance(first, Sequence):
        if any(len(each) != len(first) for each in batch):
            raise RuntimeError("each element in list of batch should be of equal size")
        return [default_collate(each) for each in zip(*batch, strict=True)]
    raise _unknown(kind)


def default_convert(data: Any) -> Any:
    """A sample with its arrays made tensors: what a loader without batches gives."""
    if isinstance(data, (np.ndarray, np.generic)):
        return engine.as_tensor(data)
    if isinstance(data, Mapping):
        return {key: default_convert(value) for key, value in data.items()}
    if isinstance(data, tuple) and hasattr(data, "_fields"):
        return type(data)(*(default_convert(each) for each in data))
    if isinstance(data, Sequence) and not isinstance(data, (str, bytes)):
        return [default_convert(each) for each in data]
    return data


def _unknown(kind: Any) -> TypeError:
    return TypeError(
        f"default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found {kind}"
    )
