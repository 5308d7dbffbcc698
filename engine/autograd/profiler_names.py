"""The names that the profiler shows of our ops: PyTorch's, with the ones that it calls within."""

from __future__ import annotations

from typing import Any

# Ours -> PyTorch's op, then those within it; {n} is the number of axes behind batch and channels.
NAMES = {
    "linear": "linear addmm", "matmul": "matmul mm", "conv": "conv{n}d convolution _convolution",
    "softmax_along": "softmax _softmax", "log_softmax_along": "log_softmax _log_softmax",
    "layer_norm": "layer_norm native_layer_norm", "normalize_groups": "group_norm native_group_norm",
    "normalize_channels": "batch_norm _batch_norm_impl_index native_batch_norm",
    "class_cross_entropy": "cross_entropy_loss log_softmax _log_softmax nll_loss_nd nll_loss nll_loss_forward",
    "nll": "nll_loss_nd nll_loss nll_loss_forward", "square_loss": "mse_loss", "huber": "huber_loss",
    "smooth_l1": "smooth_l1_loss", "bce": "binary_cross_entropy", "bce_logits": "binary_cross_entropy_with_logits",
    "largest": "max_pool{n}d max_pool{n}d_with_indices", "window_sum": "avg_pool{n}d", "lstm_layer": "lstm",
    "gru_layer": "gru", "rnn_tanh_layer": "rnn_tanh", "rnn_relu_layer": "rnn_relu", "attend":
    "scaled_dot_product_attention", "embedding_rows": "embedding index_select", "bag_sum": "embedding_bag",
    "view_as_shape": "view", "permute_axes": "permute", "squeeze_axes": "squeeze", "expand_to": "expand",
    "normal_draws": "normal_", "bernoulli_draws": "bernoulli_", "clamp_between": "clamp", "clamp_from": "clamp",
    "clamp_up_to": "clamp", "clamp_within": "clamp", "select_where": "where", "joined_parts": "cat",
    "cast_from": "to _to_copy", "laid_out": "contiguous clone", "copied": "copy_", "filled": "fill_",
    "variance": "var", "deviation": "std", "max_of_all": "max", "min_of_all": "min", "max_along": "max",
    "min_along": "min", "item_view": "select", "item_copy": "index", "put_at": "index_put_", "split_at": "split",
    "flip_axes": "flip", "contract": "einsum bmm", "fill_masked": "masked_fill", "above_threshold": "threshold",
    "sort_along": "sort", "topk_along": "topk", "vector_norm": "linalg_vector_norm", "determinant": "linalg_det",
    "inverse_of": "linalg_inv", "solution_of": "linalg_solve",
}  # fmt: skip


def names_of(op: str, args: Any) -> list[str]:
    """The names of the events of a call, the outermost first."""
    axes = max(getattr(args[0], "ndim", 2) - 2, 1) if args else 1
    return [f"aten::{name}" for name in NAMES.get(op, op).format(n=axes).split()]
