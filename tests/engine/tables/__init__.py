"""The engine against PyTorch's own operator tables, which come with PyTorch, sample by sample."""

from __future__ import annotations

from typing import Any

# Entries of what the engine leaves out on purpose, by the beginning of their names: kernels of one backend, sparse and
# masked tensors, compiled kernels.
LEFT_OUT = (
    "masked.", "jiterator", "sparse", "to_sparse", "torch._scaled", "torch.ops", "ops.", "native_", "grid_sampler_",
)  # fmt: skip
# Whole entries that are not compared, and why.
OTHERWISE = {
    "as_strided_partial_views": "its tensors are parts of larger ones, which a copy of their numbers is not",
    "as_strided_scatter": "PyTorch gives no gradient to the elements that stay and one to those that are overwritten",
    "chalf": "complex halves are left out",
    "hash_tensor": "no page of PyTorch describes it",
    "max_pool2d_with_indices_backward": "a kernel of PyTorch's own",
    "nn_functional_triplet_margin_with_distance_loss": "its distance function is a module of PyTorch",
    "slice": "a kernel of PyTorch's own: x[a:b]",
    "special_bessel_j0": "PyTorch is off by 1e-7 and more near the argument 5",
    "special_bessel_y1": "PyTorch is off by 1e-7 and more near the argument 5",
    "__rdiv__": "Python 2's operator",
}

# Entries that are not compared in some dtypes, and why.
IN_PART = {
    ("complex", "float16"): "complex halves are left out",
    ("histc", "float16"): "elements on the edges of bins fall on either side in halves",
    ("istft", "complex128"): "PyTorch gives the window no gradient in two of its samples",
    ("logcumsumexp", "float32"): "gradients of 1e4 lose digits on either way",
    ("logcumsumexp", "float16"): "as in float32",
    ("matrix_exp", "float32"): "entries of 1e4 lose digits on either way",
    ("matrix_exp", "float16"): "as in float32",
    ("nn_functional_normalize", "float16"): "powers of halves overflow in PyTorch, which computes them here in singles",
    ("nn_functional_soft_margin_loss", "float16"): "exponentials of halves overflow in PyTorch",
    ("view_as_complex", "float16"): "complex halves are left out",
}


def compared(entry: Any, dtype: str) -> bool:
    """Whether an entry is compared in a dtype."""
    return (entry.formatted_name, dtype) not in IN_PART


def entries() -> list[Any]:
    """The entries of the table that are about what the engine has or should have."""
    from torch.testing._internal.common_methods_invocations import op_db

    own = [entry for entry in op_db if not entry.name.startswith(LEFT_OUT)]
    return [
        entry
        for entry in own
        if entry.formatted_name not in OTHERWISE and (not entry.name.startswith("_") or entry.name.startswith("__"))
    ]
