"""The engine against PyTorch's own operator tables, which come with PyTorch, sample by sample."""

from __future__ import annotations

from typing import Any

# Tables of what the engine leaves out on purpose: kernels of one backend, sparse and masked tensors, compiled kernels.
LEFT_OUT = (
    "masked.",
    "jiterator",
    "sparse",
    "to_sparse",
    "torch._scaled",
    "torch.ops",
    "ops.",
    "native_",
    "grid_sampler_",
)


def entries() -> list[Any]:
    """The entries of the table that are about what the engine has or should have."""
    from torch.testing._internal.common_methods_invocations import op_db

    own = [entry for entry in op_db if not entry.name.startswith(LEFT_OUT)]
    return [entry for entry in own if not entry.name.startswith("_") or entry.name.startswith("__")]
