"""`torch.functional`: the functions of tensors that PyTorch writes in Python, under their second home."""

from __future__ import annotations

from typing import Any

import engine

_NAMES = (
    "atleast_1d atleast_2d atleast_3d broadcast_shapes broadcast_tensors cartesian_prod block_diag cdist chain_matmul "
    "einsum istft lu norm meshgrid pca_lowrank split stft svd_lowrank tensordot unique unique_consecutive unravel_index"
)
globals()["__all__"] = _NAMES.split()


def __getattr__(name: str) -> Any:
    if name in _NAMES.split():
        return getattr(engine, name)
    raise AttributeError(f"module 'torch.functional' has no attribute '{name}'", name=name)
