"""Models on several GPUs: here there is at most one device, on which `DataParallel` simply calls its module."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NoReturn

from engine import cuda
from engine.nn.module import Module

__all__ = ["DataParallel", "DistributedDataParallel", "data_parallel"]

_ONE = "this engine computes on one device: {} over several GPUs is left out on purpose"


class DataParallel(Module):
    """A module that would be copied to several GPUs and given a part of the batch on each.

    Without a GPU, or with one, it calls the module. NotImplementedError for several.
    """

    def __init__(
        self, module: Any, device_ids: Sequence[Any] | None = None, output_device: Any = None, dim: int = 0
    ) -> None:
        super().__init__()
        there = cuda.is_available()
        places = ([0] if device_ids is None else list(device_ids)) if there else []
        if len(places) > 1:
            raise NotImplementedError(_ONE.format("DataParallel"))
        self.module = module
        self.dim = dim
        self.device_ids = places
        if there:
            self.output_device = places[0] if output_device is None else output_device
            self.module.to(f"cuda:{getattr(places[0], 'index', places[0])}")

    def forward(self, *inputs: Any, **kwargs: Any) -> Any:
        """What the module gives."""
        if self.device_ids:
            place = f"cuda:{getattr(self.device_ids[0], 'index', self.device_ids[0])}"
            inputs = tuple(each.to(place) if hasattr(each, "to") else each for each in inputs)
        return self.module(*inputs, **kwargs)


def data_parallel(
    module: Any,
    inputs: Any,
    device_ids: Sequence[Any] | None = None,
    output_device: Any = None,
    dim: int = 0,
    module_kwargs: dict[str, Any] | None = None,
) -> Any:
    """What a module gives for inputs, on the one device that there is."""
    if device_ids is not None and len(device_ids) > 1 and cuda.is_available():
        raise NotImplementedError(_ONE.format("data_parallel"))
    return module(*(inputs if isinstance(inputs, tuple) else (inputs,)), **(module_kwargs or {}))


class DistributedDataParallel(Module):
    """NotImplementedError: training in several processes is left out."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise NotImplementedError(
            "DistributedDataParallel is left out of this engine on purpose: it needs several processes. The module "
            "itself, or DataParallel around it, trains in this one"
        )


def __getattr__(name: str) -> NoReturn:
    if name in ("replicate", "scatter", "parallel_apply", "gather", "comm"):
        raise NotImplementedError(_ONE.format(name))
    raise AttributeError(f"module 'torch.nn.parallel' has no attribute '{name}'", name=name)
