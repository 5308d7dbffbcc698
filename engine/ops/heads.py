"""The whole of a layer of several attention heads."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from engine import deprecated
from engine.array import module
from engine.dispatch import tensors
from engine.op import composite
from engine.ops.attention import scaled_dot_product_attention
from engine.tensor import wrap


def canonical_mask(mask: Any, name: str, like: Any, other: Any = None, other_name: str = "") -> Any:
    """A mask as what is added to the scores: true means minus infinity.

    Warns, as PyTorch does, of another mask of another dtype.
    """
    if mask is None:
        return None
    kind = mask._array.dtype.kind
    if kind not in "fbV":
        raise AssertionError(f"only bool and floating types of {name} are supported")
    if other is not None and other._array.dtype != mask._array.dtype:
        deprecated.tell(
            f"Support for mismatched {name} and {other_name} is deprecated. Use same type for both instead."
        )
    if kind in "fV":
        return mask
    x = like._array
    return wrap(module(x).where(mask._array, x.dtype.type(-np.inf), x.dtype.type(0)))


def _check_ranks(query: Any, key: Any, value: Any, padding: Any, mask: Any, heads: int) -> bool:
    """Whether there is a batch; PyTorch's errors if the ranks do not fit."""
    rank = query._array.ndim
    if rank not in (2, 3):
        raise AssertionError(f"query should be unbatched 2D or batched 3D tensor but received {rank}-D query tensor")
    kind = "batched" if rank == 3 else "unbatched"
    if key._array.ndim != rank or value._array.ndim != rank:
        raise AssertionError(
            f"For {kind} ({rank}-D) `query`, expected `key` and `value` to be {rank}-D but found {key._array.ndim}-D "
            f"and {value._array.ndim}-D tensors respectively"
        )
    if padding is not None and padding._array.ndim != rank - 1:
        raise AssertionError(
            f"For {kind} ({rank}-D) `query`, expected `key_padding_mask` to be `None` or {rank - 1}-D but found "
            f"{padding._array.ndim}-D tensor instead"
        )
    if mask is not None and mask._array.ndim not in (2, 3):
        raise AssertionError(
            f"For {kind} ({rank}-D) `query`, expected `attn_mask` to be `None`, 2-D or 3-D but found "
            f"{mask._array.ndim}-D tensor instead"
        )
    if rank == 2 and mask is not None and mask._array.ndim == 3:
        wanted = (heads, query._array.shape[0], key._array.shape[0])
        if mask._array.shape != wanted:
            raise AssertionError(f"Expected `attn_mask` shape to be {wanted} but got {mask.shape}")
    return rank == 3


def _projected(query: Any, key: Any, value: Any, weights: Any, biases: Any) -> tuple[Any, Any, Any]:
    given = (query, key, value)
    if not isinstance(weights, tuple):
        size = query._array.shape[-1]
        if query is key and key is value:
            return tuple(tensors.chunk(tensors.linear(query, weights, biases), 3, -1))
        parts = tuple(weights[i * size : (i + 1) * size] for i in range(3))
    else:
        parts = weights
    split = (None,) * 3 if biases is None else tensors.chunk(biases, 3)
    made = [tensors.linear(x, w, b) for x, w, b in zip(given, parts, split, strict=True)]
    return made[0], made[1], made[2]


def _widened(each: Any) -> Any:
    """A mask with one more key, which all may attend to."""
    return None if each is None else tensors.constant_pad_nd(each, [0, 1], 0)


def _checked_mask(mask: Any, batch: int, heads: int, rows: int, columns: int) -> Any:
    if mask is None:
        return None
    wanted = (rows, columns) if mask._array.ndim == 2 else (batch * heads, rows, columns)
    if mask._array.ndim not in (2, 3):
        raise RuntimeError(f"attn_mask's dimension {mask._array.ndim} is not supported")
    if mask._array.shape != wanted:
        raise RuntimeError(f"The shape of the {mask._array.ndim}D attn_mask is {mask.shape}, but should be {wanted}.")
    return mask.unsqueeze(0) if mask._array.ndim == 2 else mask


def _by_head(x: Any, fixed: Any, batch: int, heads: int, size: int, name: str) -> Any:
    """(time, batch, heads · size) as (batch · heads, time, size), or what was given as that."""
    if fixed is None:
        return x.reshape(x._array.shape[0], batch * heads, size).transpose(0, 1)
    rows, _, width = fixed._array.shape
    if rows != batch * heads:
        raise AssertionError(f"expecting {name}.size(0) of {batch * heads}, but got {rows}")
    if width != size:
        raise AssertionError(f"expecting {name}.size(2) of {size}, but got {width}")
    return fixed


@composite("functional")
def multi_head_attention_forward(
    query: Any, key: Any, value: Any, embed_dim_to_check: int, num_heads: int, in_proj_weight: Any, in_proj_bias: Any,
    bias_k: Any, bias_v: Any, add_zero_attn: bool, dropout_p: float, out_proj_weight: Any, out_proj_bias: Any,
    training: bool = True, key_padding_mask: Any = None, need_weights: bool = True, attn_mask: Any = None,
    use_separate_proj_weight: bool = False, q_proj_weight: Any = None, k_proj_weight: Any = None,
    v_proj_weight: Any = None, static_k: Any = None, static_v: Any = None, average_attn_weights: bool = True,
    is_causal: bool = False,
) -> Any:  # fmt: skip
    """Attention of several heads between projections in and out: the result, and by how much each key was attended to.

    Queries are (L, N, E), keys and values (S, N, ·), or all without a batch N.
    """
    batched = _check_ranks(query, key, value, key_padding_mask, attn_mask, num_heads)
    if not batched:
        same_key, same_value = key is query, value is query or value is key
        query = query.unsqueeze(1)
        key, value = (query if same_key else key.unsqueeze(1)), value.unsqueeze(1) if not same_value else value
        value = (query if same_key else key) if same_value else value
        key_padding_mask = None if key_padding_mask is None else key_padding_mask.unsqueeze(0)
    rows, batch, width = query._array.shape
    columns, size = key._array.shape[0], width // num_heads
    if is_causal and attn_mask is None:
        raise RuntimeError(
            "Need attn_mask if specifying the is_causal hint. You may use the Transformer module method "
            "`generate_square_subsequent_mask` to create this mask."
        )
    padding = canonical_mask(key_padding_mask, "key_padding_mask", query, attn_mask, "attn_mask")
    causal = is_causal and padding is None and not need_weights
    mask = None if causal else canonical_mask(attn_mask, "attn_mask", query)
    for axis, size_wanted in enumerate((batch, columns)) if padding is not None else ():
        if padding._array.shape[axis] != size_wanted:
            raise AssertionError(
                f"Expected key_padded_mask.shape[{axis}] to be {size_wanted}, but got {padding._array.shape[axis]}"
            )
    if width != embed_dim_to_check:
        raise AssertionError(f"was expecting embedding dimension of {embed_dim_to_check}, but got {width}")
    if size * num_heads != width:
        raise AssertionError(f"embed_dim {width} not divisible by num_heads {num_heads}")
    if use_separate_proj_weight:
        if key.shape[:2] != value.shape[:2]:
            raise AssertionError(
                f"key's sequence and batch dims {key.shape[:2]} do not match value's {value.shape[:2]}"
            )
        for name, each in (("q", q_proj_weight), ("k", k_proj_weight), ("v", v_proj_weight)):
            if each is None:
                raise AssertionError(f"use_separate_proj_weight is True but {name}_proj_weight is None")
        for name, x, each in (
            ("query", query, q_proj_weight),
            ("key", key, k_proj_weight),
            ("value", value, v_proj_weight),
        ):
            if each._array.shape != (width, x._array.shape[-1]):
                raise AssertionError(
                    f"expecting {name} weights shape of {(width, x._array.shape[-1])}, but got {each.shape}"
                )
        weights: Any = (q_proj_weight, k_proj_weight, v_proj_weight)
    else:
        if key.shape != value.shape:
            raise AssertionError(f"key shape {key.shape} does not match value shape {value.shape}")
        if in_proj_weight is None:
            raise AssertionError("use_separate_proj_weight is False but in_proj_weight is None")
        weights = in_proj_weight
    q, k, v = _projected(query, key, value, weights, in_proj_bias)
    mask = _checked_mask(mask, batch, num_heads, rows, columns)
    if (bias_k is None) != (bias_v is None):
        set_one, other = ("bias_v", "bias_k") if bias_k is None else ("bias_k", "bias_v")
        raise AssertionError(f"{set_one} is set but {other} is None")
    if bias_k is not None:
        for name, fixed in (("key", static_k), ("value", static_v)):
            if fixed is not None:
                raise AssertionError(f"bias cannot be added to static {name}.")
        k, v = tensors.cat([k, bias_k.repeat(1, batch, 1)]), tensors.cat([v, bias_v.repeat(1, batch, 1)])
        mask, padding = _widened(mask), _widened(padding)
    q = _by_head(q, None, batch, num_heads, size, "query")
    k = _by_head(k, static_k, batch, num_heads, size, "static_k")
    v = _by_head(v, static_v, batch, num_heads, size, "static_v")
    if add_zero_attn:
        zero = wrap(module(k._array).zeros((batch * num_heads, 1, size), k._array.dtype))
        k, v = tensors.cat([k, zero], 1), tensors.cat([v, zero], 1)
        mask, padding = _widened(mask), _widened(padding)
    columns = k._array.shape[1]
    if padding is not None:
        if padding._array.shape != (batch, columns):
            raise AssertionError(f"expecting key_padding_mask shape of {(batch, columns)}, but got {padding.shape}")
        padding = padding.reshape(batch, 1, 1, columns).expand(-1, num_heads, -1, -1)
        padding = padding.reshape(batch * num_heads, 1, columns)
        mask = padding if mask is None else mask + padding
    chance = dropout_p if training else 0.0
    shares = None
    if need_weights:
        scores = tensors.bmm(q * math.sqrt(1.0 / size), k.transpose(-2, -1))
        shares = tensors.softmax_along(scores if mask is None else scores + mask, -1)
        shares = tensors.dropout(shares, chance) if chance > 0 else shares
        y = tensors.bmm(shares, v)
        shares = shares.reshape(batch, num_heads, rows, columns)
        shares = shares.mean(1) if average_attn_weights else shares
        shares = shares if batched else shares.squeeze(0)
    else:
        if mask is not None:
            mask = mask.unsqueeze(0) if mask._array.shape[0] == 1 else mask.reshape(batch, num_heads, -1, columns)
        heads = [x.reshape(batch, num_heads, x._array.shape[1], size) for x in (q, k, v)]
        y = scaled_dot_product_attention(*heads, mask, chance, causal).reshape(batch * num_heads, rows, size)
    y = y.transpose(0, 1).reshape(rows * batch, width)
    y = tensors.linear(y, out_proj_weight, out_proj_bias)
    y = y.reshape(rows, batch, y._array.shape[1])
    return (y if batched else y.squeeze(1)), shares
