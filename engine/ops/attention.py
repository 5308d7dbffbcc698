"""Attention: a fused op of queries, keys and values."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from engine import outs
from engine.array import OF_NUMPY, TITLES, module
from engine.errors import ShapeError, broadcast_error, joined
from engine.fitting import plain
from engine.op import composite, d, op
from engine.ops.activation import powers, row_total
from engine.ops.drops import _kept
from engine.ops.layer import in_single
from engine.tensor import wrap
from engine.titles import retitle


def _scores(query: Any, key: Any, bias: Any, scale: float) -> Any:
    a = (query * scale) @ key.swapaxes(-1, -2)
    return a if bias is None else a + bias


def _shares(query: Any, key: Any, bias: Any, scale: float, aux: Any, k: Any) -> Any:
    """By how much each query attends to each key, before dropout; a query that may attend to none has zeros."""
    if aux is not None:
        return aux[0]
    a = query * scale @ k.transpose(key, -1, -2)
    if bias is None:
        return k.softmax_along(a, -1)
    a = a + bias
    dead = wrap((a._array == -np.inf).all(-1, keepdims=True))
    return k.where(dead, 0.0, k.softmax_along(k.where(dead, 0.0, a), -1))


def _score_slope(g: Any, query: Any, key: Any, value: Any, bias: Any, scale: float, kept: Any, aux: Any, k: Any) -> Any:
    """The gradient of the scores, which three slopes share: made once on the way back."""
    if aux is not None and aux[1] is g:
        return aux[2]
    p = _shares(query, key, bias, scale, aux, k)
    up = g @ k.transpose(value, -1, -2)
    if kept is not None:
        up = up * kept if aux is not None else up * wrap(kept)
    if aux is None:
        return p * (up - k.sum(p * up, -1, True))
    xp = module(up)
    up -= row_total(p * up, up.ndim - 1)
    made = xp.multiply(p, up, out=up if up.dtype == p.dtype else None)
    aux[1:] = g, made
    return made


def _to_query(g: Any, query: Any, key: Any, value: Any, bias: Any, scale: Any, kept: Any, aux: Any, k: Any) -> Any:
    made = _score_slope(g, query, key, value, bias, scale, kept, aux, k)
    return k.sum_to_size(made @ key * scale, tuple(query.shape))


def _to_key(g: Any, query: Any, key: Any, value: Any, bias: Any, scale: Any, kept: Any, aux: Any, k: Any) -> Any:
    made = _score_slope(g, query, key, value, bias, scale, kept, aux, k)
    return k.sum_to_size(k.transpose(made, -1, -2) @ query * scale, tuple(key.shape))


def _to_bias(g: Any, query: Any, key: Any, value: Any, bias: Any, scale: Any, kept: Any, aux: Any, k: Any) -> Any:
    return k.sum_to_size(_score_slope(g, query, key, value, bias, scale, kept, aux, k), tuple(bias.shape))


def _to_value(
    g: Any, query: Any, key: Any, value_shape: Any, bias: Any, scale: Any, kept: Any, aux: Any, k: Any
) -> Any:
    p = _shares(query, key, bias, scale, aux, k)
    if kept is not None:
        p = p * kept if aux is not None else p * wrap(kept)
    return k.sum_to_size(k.transpose(p, -1, -2) @ g, tuple(value_shape))


_P = r"P = \mathrm{softmax}(s\,Q K^\top + B)"


@op(
    rf"Y = P V,\ {_P}",
    said={"homes": (), "out": False, "aux": True, "title": "ScaledDotProductFlashAttentionForCpuBackward0"},
    query=d(r"s\,\bar A K,\ \bar A = P \odot (\bar P - \textstyle\sum \bar P P),\ \bar P = \bar Y V^\top", _to_query),
    key=d(r"s\,\bar A^\top Q", _to_key),
    value=d(r"P^\top \bar Y", _to_value),
    bias=d(r"\bar A", _to_bias),
)
def attend(query, key, value, bias=None, scale=1.0, kept=None):
    """Means of the values (..., S, E), weighted by how well each query (..., L, D) fits the keys (..., S, D)."""
    a = _scores(query, key, bias, query.dtype.type(scale))
    p = a
    if a.shape[-1]:
        p, total = powers(a, a.ndim - 1, dead=bias is not None)  # a row of minus infinities attends to nothing
        p *= 1 / (total if bias is None else np.where(total == 0, a.dtype.type(1), total))
    p = p.astype(query.dtype, copy=False)
    if kept is not None or p.__class__ is not np.ndarray or query.shape != (*p.shape[:-1], value.shape[-1]):
        return (p if kept is None else p * kept) @ value, [p, None, None]
    # Laid out as the queries are, so that `transpose(1, 2).view(...)` joins heads that were split so.
    return np.matmul(p, value, out=np.empty_like(query)), [p, None, None]


def _check(query: Any, key: Any, value: Any, mask: Any) -> None:
    every = (query, key, value)
    shapes = [each._array.shape for each in every]
    if len({each._array.dtype for each in every}) > 1:
        kinds = [outs.spoken(each._array.dtype) for each in every]
        raise RuntimeError(
            f"Expected query, key, and value to have the same dtype, but got query.dtype: {kinds[0]} key.dtype: "
            f"{kinds[1]} and value.dtype: {kinds[2]} instead."
        )
    if min(len(shape) for shape in shapes) < 2:
        q, k, v = (len(shape) for shape in shapes)
        raise ShapeError(
            f"Expected query, key, and value to all be  at least 2 dimensional, but got query.dim: {q} key.dim: {k} "
            f"and value.dim: {v} instead.", "scaled_dot_product_attention", shapes,
        )  # fmt: skip
    if mask is not None and mask._array.dtype not in (np.dtype(bool), np.dtype(np.float32), query._array.dtype):
        raise RuntimeError(
            "Expected attn_mask dtype to be bool or float or to match query dtype, but got attn_mask.dtype: "
            f"{outs.spoken(mask._array.dtype)} and  query.dtype: {outs.spoken(query._array.dtype)} instead."
        )


def _check_kind(kind: np.dtype, axes: int, masked: bool) -> None:
    """PyTorch's errors for numbers that have no softmax, where they meet its floats."""
    name = str(OF_NUMPY[kind]).removeprefix("torch.")
    if kind.kind == "c":
        raise NotImplementedError(f"\"softmax_lastdim_kernel_impl\" not implemented for '{TITLES[OF_NUMPY[kind]]}'")
    if kind.kind in "iu" and masked:
        in_c = "int" if name == "int32" else f"{name}_t"
        raise RuntimeError(f"value cannot be converted to type {in_c} without overflow")
    if kind.kind in "iub" and axes == 2:
        raise RuntimeError(f"expected m1 and m2 to have the same dtype, but got: float != {outs.spoken(kind)}")
    if kind.kind in "iub":
        raise RuntimeError(f"expected scalar type Float but found {TITLES[OF_NUMPY[kind]]}")


def _bias(mask: Any, causal: bool, query: Any, key: Any) -> Any:
    """What is added to the scores: nothing, or minus infinity where a query must not attend to a key."""
    x = query._array
    xp, bias = module(x), mask
    if mask is not None and mask._array.dtype == bool:
        bias = wrap(xp.where(mask._array, x.dtype.type(0), x.dtype.type(-np.inf)))
    elif mask is not None and mask._array.dtype != x.dtype:
        bias = mask.to(query.dtype)
    if causal:
        allowed = xp.tril(xp.ones((x.shape[-2], key._array.shape[-2]), bool))
        ahead = wrap(xp.where(allowed, x.dtype.type(0), x.dtype.type(-np.inf)))
        bias = ahead if bias is None else bias + ahead
    return bias


def _repeated(query: Any, each: Any) -> Any:
    """Keys or values of fewer heads, a head for each of the queries'."""
    heads, own = query._array.shape[-3], each._array.shape[-3]
    if heads % max(own, 1):
        raise RuntimeError("Number of heads in key and value must divide the number of heads in ")
    return each if heads == own else each.repeat_interleave(heads // own, -3)


def _fused(query: Any, value: Any, mask: Any, dropout_p: float) -> bool:
    """Whether PyTorch computes attention by one kernel, which takes a mask besides the causal one."""
    alike = query.ndim == 4 and query.shape[-1] == value.shape[-1] and not dropout_p
    return alike and (mask is None or (mask.ndim in (2, 4) and not mask.requires_grad))


@composite("functional")
def scaled_dot_product_attention(
    query: Any, key: Any, value: Any, attn_mask: Any = None, dropout_p: float = 0.0, is_causal: bool = False, *,
    scale: float | None = None, enable_gqa: bool = False,
) -> Any:  # fmt: skip
    """Means of the values, weighted by the softmax of the products of queries and keys. Vaswani and others, 2017."""
    if hasattr(attn_mask, "spelled_out"):  # a mask that is known by its name
        attn_mask, is_causal = attn_mask.spelled_out(is_causal, query.device)
    _check(query, key, value, attn_mask)
    masked = attn_mask is not None and attn_mask._array.dtype == bool
    _check_kind(query._array.dtype, query._array.ndim, masked)
    if enable_gqa:
        key, value = _repeated(query, key), _repeated(query, value)
    q, k, v = (each._array.shape for each in (query, key, value))
    for a, b in ((q[:-2], k[:-2]), (q[:-2], v[:-2])):
        if any(n != m and 1 not in (n, m) for n, m in zip(reversed(a), reversed(b), strict=False)):
            raise broadcast_error("scaled_dot_product_attention", [a, b])
    if q[-1] != k[-1] or k[-2] != v[-2]:
        which, clash = ((q, k), (len(q) - 1, len(k) - 1)) if q[-1] != k[-1] else ((k, v), (len(k) - 2, len(v) - 2))
        batch = math.prod(which[0][:-2])
        wanted = [batch, *((q[-1], k[-2]) if q[-1] != k[-1] else (k[-2], v[-1]))][:2]
        raise ShapeError(
            f"Expected size for first two dimensions of batch2 tensor to be: {wanted} but got: "
            f"[{math.prod(which[1][:-2])}, {which[1][-1] if q[-1] != k[-1] else which[1][-2]}].",
            "scaled_dot_product_attention", which, clash,
        )  # fmt: skip
    if attn_mask is not None and is_causal and not _fused(query, value, attn_mask, dropout_p):
        raise RuntimeError("_scaled_dot_product_attention: Explicit attn_mask should not be set when is_causal=True")
    bias = _bias(attn_mask, is_causal, query, key)
    if bias is not None:
        scores = (*joined(q[:-2], k[:-2]), q[-2], k[-2])
        pairs = zip(reversed(scores), reversed(bias._array.shape), strict=False)
        if any(n != m and 1 not in (n, m) for n, m in pairs):
            raise broadcast_error("scaled_dot_product_attention", [scores, bias._array.shape])
    kept = None
    if not 0 <= dropout_p <= 1:
        raise RuntimeError(f"dropout probability has to be between 0 and 1, but got {dropout_p:g}")
    if dropout_p > 0:
        x = query._array
        shape = module(x).broadcast_to(x[..., :1], (*joined(q[:-2], k[:-2]), q[-2], k[-2]))
        drawn = _kept(np.empty(shape.shape, bool), dropout_p, False) if dropout_p < 1 else np.zeros(shape.shape)
        kept = module(x).asarray(drawn, dtype=x.dtype) * x.dtype.type(1 / (1 - dropout_p) if dropout_p < 1 else 0)
    by = plain(scale) if scale is not None else 1 / math.sqrt(q[-1]) if q[-1] else 0.0
    result = in_single(attend, query, key, value, bias, by, kept)
    if _fused(query, value, attn_mask, dropout_p):
        return result
    return retitle(result, "MmBackward0" if len(q) == len(k) == 2 else "UnsafeViewBackward0")
