"""How the samples of a batch are taken from a dataset."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import engine
from engine.utils.data._utils.collate import default_collate
from engine.utils.data.dataset import TensorDataset


class _MapDatasetFetcher:
    """Samples by index."""

    def __init__(self, dataset: Any, auto_collation: bool, collate_fn: Callable[..., Any], drop_last: bool) -> None:
        self.dataset = dataset
        self.auto_collation = auto_collation
        self.collate_fn = collate_fn

    def fetch(self, index: Any) -> Any:
        """The batch of a list of indices; without batching, the sample of one."""
        dataset = self.dataset
        if not self.auto_collation:
            return self.collate_fn(dataset[index])
        if type(dataset) is TensorDataset and self.collate_fn is default_collate:
            rows = engine.as_tensor(index)
            return [tensor[rows] for tensor in dataset.tensors]
        if getattr(dataset, "__getitems__", None):
            return self.collate_fn(dataset.__getitems__(index))
        return self.collate_fn([dataset[each] for each in index])


class _IterableDatasetFetcher:
    """Samples one after the other."""

    def __init__(self, dataset: Any, auto_collation: bool, collate_fn: Callable[..., Any], drop_last: bool) -> None:
        self.samples = iter(dataset)
        self.auto_collation = auto_collation
        self.collate_fn = collate_fn
        self.drop_last = drop_last
        self.ended = False

    def fetch(self, index: Any) -> Any:
        """The next batch of as many as there are indices; without batching, the next sample. StopIteration."""
        if self.ended:
            raise StopIteration
        if not self.auto_collation:
            return self.collate_fn(next(self.samples))
        batch = []
        for _ in index:
            try:
                batch.append(next(self.samples))
            except StopIteration:
                self.ended = True
                break
        if not batch or (self.drop_last and len(batch) < len(index)):
            raise StopIteration
        return self.collate_fn(batch)
