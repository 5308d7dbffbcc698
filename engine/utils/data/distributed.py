"""The share of a dataset that one of several processes trains on."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from engine.random import Generator
from engine.utils.data.sampler import Sampler


class DistributedSampler(Sampler[Any]):
    """Every `num_replicas`-th index from `rank` on, of the order that `seed` and the epoch give.

    The indices are filled up from the beginning, or with `drop_last` cut, so that all shares are equally long.
    """

    def __init__(
        self,
        dataset: Any,
        num_replicas: int | None = None,
        rank: int | None = None,
        shuffle: bool = True,
        seed: int = 0,
        drop_last: bool = False,
    ) -> None:
        if num_replicas is None or rank is None:
            raise ValueError(
                "Default process group has not been initialized, please make sure to call init_process_group."
            )
        if not 0 <= rank < num_replicas:
            raise ValueError(f"Invalid rank {rank}, rank should be in the interval [0, {num_replicas - 1}]")
        self.dataset = dataset
        self.num_replicas = num_replicas
        self.rank = rank
        self.epoch = 0
        self.drop_last = drop_last
        n = len(dataset)
        uneven = drop_last and n % num_replicas
        self.num_samples = math.ceil((n - num_replicas if uneven else n) / num_replicas)
        self.total_size = self.num_samples * num_replicas
        self.shuffle = shuffle
        self.seed = seed

    def __iter__(self) -> Iterator[int]:
        n = len(self.dataset)
        indices = list(range(n))
        if self.shuffle:
            indices = Generator().manual_seed(self.seed + self.epoch).randperm(n).tolist()
        if not self.drop_last:
            more = self.total_size - n
            indices += (indices * math.ceil(more / n))[:more]
        return iter(indices[self.rank : self.total_size : self.num_replicas])

    def __len__(self) -> int:
        return self.num_samples

    def set_epoch(self, epoch: int) -> None:
        """Let the next pass have another order."""
        self.epoch = epoch
