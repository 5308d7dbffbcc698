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
# Entries that cannot be compared, and why.
NOT_COMPARED = {
    "as_strided_partial_views": "the sample is a part of a larger storage, and the engine's copy of it that part alone",
    "as_strided_scatter": "PyTorch gives its input the gradient of the places that were replaced, not of those kept",
    "max_pool2d_with_indices_backward": "the table calls one of PyTorch's inner operators",
    "slice": "the table calls one of PyTorch's inner operators",
    "hash_tensor": "the hash is that of PyTorch's own kernel",
    "chalf": "the engine has no complex numbers of 16 bits a part",
}
# Of equal elements PyTorch's sorting takes any: their places say nothing.
ANY_OF_EQUALS = {"kthvalue", "topk", "mode", "sort", "argsort"}


def entries() -> list[Any]:
    """The entries of the table that are about what the engine has or should have."""
    from torch.testing._internal.common_methods_invocations import op_db

    own = [entry for entry in op_db if not entry.name.startswith(LEFT_OUT)]
    own = [entry for entry in own if entry.formatted_name not in NOT_COMPARED]
    return [entry for entry in own if not entry.name.startswith("_") or entry.name.startswith("__")]
