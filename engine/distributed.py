"""Training in several processes: not here, as `is_available` says; every other name is refused in a sentence."""

from __future__ import annotations

from typing import NoReturn

from engine.errors import LeftOut


def is_available() -> bool:
    """False."""
    return False


is_initialized = is_mpi_available = is_nccl_available = is_gloo_available = is_torchelastic_launched = is_available


def __getattr__(name: str) -> NoReturn:
    if name.startswith("__"):
        raise AttributeError(name)
    raise LeftOut(
        f"torch.distributed.{name} is left out of this engine on purpose: distributed training needs several processes"
    )
