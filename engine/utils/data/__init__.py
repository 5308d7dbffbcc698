"""Datasets, samplers and the loader."""

from __future__ import annotations

from typing import NoReturn

from engine.errors import LeftOut
from engine.utils.data._utils.collate import default_collate, default_convert
from engine.utils.data._utils.worker import get_worker_info
from engine.utils.data.dataloader import DataLoader, _DatasetKind
from engine.utils.data.dataset import (
    ChainDataset,
    ConcatDataset,
    Dataset,
    IterableDataset,
    StackDataset,
    Subset,
    TensorDataset,
    random_split,
)
from engine.utils.data.distributed import DistributedSampler
from engine.utils.data.sampler import (
    BatchSampler,
    RandomSampler,
    Sampler,
    SequentialSampler,
    SubsetRandomSampler,
    WeightedRandomSampler,
)

__all__ = [
    "BatchSampler",
    "ChainDataset",
    "ConcatDataset",
    "DataLoader",
    "Dataset",
    "DistributedSampler",
    "IterableDataset",
    "RandomSampler",
    "Sampler",
    "SequentialSampler",
    "StackDataset",
    "Subset",
    "SubsetRandomSampler",
    "TensorDataset",
    "WeightedRandomSampler",
    "_DatasetKind",
    "default_collate",
    "default_convert",
    "get_worker_info",
    "random_split",
]

_PIPES = (
    "DFIterDataPipe", "DataChunk", "IterDataPipe", "MapDataPipe", "argument_validation", "datapipes",
    "functional_datapipe", "guaranteed_datapipes_determinism", "non_deterministic", "runtime_validation",
    "runtime_validation_disabled",
)  # fmt: skip


def __getattr__(name: str) -> NoReturn:
    if name in _PIPES:
        raise LeftOut(
            f"torch.utils.data.{name} is left out of this engine on purpose: data pipes; a Dataset or an "
            "IterableDataset does the same"
        )
    raise AttributeError(f"module 'torch.utils.data' has no attribute '{name}'", name=name)
