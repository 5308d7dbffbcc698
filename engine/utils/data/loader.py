"""The loader: a dataset in batches, in the order of a sampler."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

import engine
from engine.random import Generator, default_generator
from engine.utils.data.collate import default_collate, default_convert
from engine.utils.data.dataset import IterableDataset, TensorDataset
from engine.utils.data.sampler import BatchSampler, RandomSampler, SequentialSampler


class DataLoader:
    """The samples of a dataset in batches, each pass anew.

    With `shuffle` each pass has a random order, the one that PyTorch has for the same seed. Everything is loaded in
    this process: `num_workers` and what belongs to it are accepted and change nothing.
    """

    def __init__(
        self,
        dataset: Any,
        batch_size: int | None = 1,
        shuffle: bool | None = None,
        sampler: Iterable[int] | None = None,
        batch_sampler: Iterable[list[int]] | None = None,
        num_workers: int = 0,
        collate_fn: Callable[[list[Any]], Any] | None = None,
        pin_memory: bool = False,
        drop_last: bool = False,
        timeout: float = 0,
        worker_init_fn: Callable[[int], None] | None = None,
        multiprocessing_context: Any = None,
        generator: Generator | None = None,
        *,
        prefetch_factor: int | None = None,
        persistent_workers: bool = False,
        pin_memory_device: str = "",
        in_order: bool = True,
    ) -> None:
        if num_workers < 0:
            raise ValueError("num_workers option should be non-negative; use num_workers=0 to disable multiprocessing.")
        if sampler is not None and shuffle:
            raise ValueError("sampler option is mutually exclusive with shuffle")
        in_turn = isinstance(dataset, IterableDataset)
        if in_turn and shuffle:
            raise ValueError(f"DataLoader with IterableDataset: expected unspecified shuffle option, but got {shuffle=}")
        if batch_sampler is not None:
            if batch_size != 1 or shuffle or sampler is not None or drop_last:
                raise ValueError("batch_sampler option is mutually exclusive with batch_size, shuffle, sampler, and drop_last")
            batch_size = None
        elif batch_size is None and drop_last:
            raise ValueError("batch_size=None option disables auto-batching and is mutually exclusive with drop_last")
        self.dataset = dataset
        self.num_workers = num_workers
        self.pin_memory = pin_memory
        self.drop_last = drop_last
        self.generator = generator
        if sampler is None and not in_turn:
            sampler = RandomSampler(dataset, generator=generator) if shuffle else SequentialSampler(dataset)
        if batch_size is not None and batch_sampler is None and not in_turn:
            assert sampler is not None
            batch_sampler = BatchSampler(sampler, batch_size, drop_last)
        self.batch_size = batch_size
        self.sampler: Any = sampler
        self.batch_sampler: Any = batch_sampler
        batches = batch_sampler is not None or (in_turn and batch_size is not None)
        self.collate_fn = collate_fn or (default_collate if batches else default_convert)

    def __class_getitem__(cls, item: Any) -> type[DataLoader]:
        return cls

    def __iter__(self) -> Iterator[Any]:
        # PyTorch draws a seed for its workers here, whether there are any or not.
        (self.generator or default_generator).random(1)
        if isinstance(self.dataset, IterableDataset):
            return self._in_turn()
        if self.batch_sampler is None:
            return (self.collate_fn(self.dataset[index]) for index in self.sampler)
        return (self._batch(indices) for indices in self.batch_sampler)

    def _in_turn(self) -> Iterator[Any]:
        samples = iter(self.dataset)
        if self.batch_size is None:
            yield from (self.collate_fn(sample) for sample in samples)
            return
        while batch := list(islice(samples, self.batch_size)):
            if len(batch) == self.batch_size or not self.drop_last:
                yield self.collate_fn(batch)

    def _batch(self, indices: list[int]) -> Any:
        dataset = self.dataset
        if type(dataset) is TensorDataset and self.collate_fn is default_collate:
            rows = engine.as_tensor(indices)
            return [tensor[rows] for tensor in dataset.tensors]
        if hasattr(dataset, "__getitems__"):
            return self.collate_fn(dataset.__getitems__(indices))
        return self.collate_fn([dataset[index] for index in indices])

    def __len__(self) -> int:
        if isinstance(self.dataset, IterableDataset):
            n = len(self.dataset)  # type: ignore[arg-type]
            if self.batch_size is None:
                return n
            return n // self.batch_size if self.drop_last else -(-n // self.batch_size)
        return len(self.sampler if self.batch_sampler is None else self.batch_sampler)
