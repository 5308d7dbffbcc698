"""One pass over a dataset: what `iter(loader)` returns."""

from __future__ import annotations

import warnings
from collections import deque
from typing import TYPE_CHECKING, Any

from engine import array
from engine.places import placed
from engine.random import default_generator
from engine.utils.data._utils.fetch import _IterableDatasetFetcher, _MapDatasetFetcher
from engine.utils.data._utils.worker import Worker

if TYPE_CHECKING:
    from engine.utils.data.dataloader import DataLoader

_REPLICAS = (
    "For multiprocessing data-loading, this could be caused by not properly configuring the IterableDataset replica at "
    "each worker. Please see https://pytorch.org/docs/stable/data.html#torch.utils.data.IterableDataset for examples."
)


class _BaseDataLoaderIter:
    """What the two kinds of passes have in common. It draws a seed for the workers, whether there are any or not."""

    def __init__(self, loader: DataLoader[Any]) -> None:
        self._loader = loader
        self._index_sampler = loader._index_sampler
        self._sampler_iter = iter(self._index_sampler)
        if loader.pin_memory and not array.gpus():
            warnings.warn(
                "'pin_memory' argument is set as true but no accelerator is found, then device pinned memory won't be "
                "used.",
                stacklevel=4,
            )
        self._base_seed = int((loader.generator or default_generator).random(1)[0])
        self._num_yielded = 0
        self._told_length = loader._IterableDataset_len_called

    def _fetcher(self, dataset: Any) -> Any:
        loader = self._loader
        kind = _IterableDatasetFetcher if loader._dataset_kind else _MapDatasetFetcher
        return kind(dataset, loader._auto_collation, loader.collate_fn, loader.drop_last)

    def _reset(self, loader: DataLoader[Any]) -> None:
        self._sampler_iter = iter(self._index_sampler)
        self._num_yielded = 0
        self._told_length = loader._IterableDataset_len_called

    def _next_data(self) -> Any:
        raise NotImplementedError

    def __iter__(self) -> _BaseDataLoaderIter:
        return self

    def __next__(self) -> Any:
        data = self._next_data()
        self._num_yielded += 1
        told = self._told_length
        if told is not None and self._num_yielded > told:
            warnings.warn(
                f"Length of IterableDataset {self._loader.dataset} was reported to be {told}(when accessing "
                f"len(dataloader)), but {self._num_yielded} samples have been fetched. "
                + (_REPLICAS if self._loader.num_workers else ""),
                stacklevel=2,
            )
        return data

    def __len__(self) -> int:
        return len(self._index_sampler)


@placed
class _SingleProcessDataLoaderIter(_BaseDataLoaderIter):
    """A pass without workers."""

    def __init__(self, loader: DataLoader[Any]) -> None:
        super().__init__(loader)
        if loader.timeout != 0:
            raise AssertionError("_SingleProcessDataLoaderIter requires timeout == 0")
        self._dataset_fetcher = self._fetcher(loader.dataset)

    def _next_data(self) -> Any:
        return self._dataset_fetcher.fetch(next(self._sampler_iter))


@placed
class _MultiProcessingDataLoaderIter(_BaseDataLoaderIter):
    """A pass with workers that take turns; as many batches as would be under way are dealt out beforehand."""

    def __init__(self, loader: DataLoader[Any]) -> None:
        super().__init__(loader)
        count = loader.num_workers
        self._workers = [
            Worker(i, count, self._base_seed, loader.dataset, loader.worker_init_fn, self._fetcher)
            for i in range(count)
        ]
        self._begin()

    def _reset(self, loader: DataLoader[Any]) -> None:
        super()._reset(loader)
        for worker in self._workers:
            worker.restart()
        self._begin()

    def _begin(self) -> None:
        self._turn = 0
        self._tasks: deque[tuple[Worker, Any]] = deque()
        for _ in range((self._loader.prefetch_factor or 0) * len(self._workers)):
            self._deal()

    def _deal(self) -> None:
        """Give the next indices to the next worker that has not ended."""
        try:
            index = next(self._sampler_iter)
        except StopIteration:
            return
        for _ in self._workers:
            worker = self._workers[self._turn]
            self._turn = (self._turn + 1) % len(self._workers)
            if worker.alive:
                self._tasks.append((worker, index))
                return

    def _next_data(self) -> Any:
        while self._tasks:
            worker, index = self._tasks.popleft()
            if not worker.alive:
                continue
            try:
                data = worker.fetch(index)
            except StopIteration:
                worker.alive = False
                self._deal()
                continue
            except Exception:
                self._deal()
                raise
            self._deal()
            return data
        raise StopIteration
