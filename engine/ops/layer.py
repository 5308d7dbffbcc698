"""Layers that are one idea each, fused: linear, embedding, layer norm."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from engine.array import OF_NUMPY, TITLES, in_order, module, summed
from engine.between import Between
from engine.dispatch import raw, tensors
from engine.errors import ShapeError, check_kinds, matmul_error, not_a_tensor, not_implemented, refuse
from engine.fitting import listed, whole
from engine.numeric.adding import add_at
from engine.numeric.choice import kept
from engine.op import composite, d, op
from engine.ops.activation import band_of_ones
from engine.ops.kinds import check_type
from engine.ops.linalg import unlike, unlike_factors
from engine.ops.matrix import BOOL
from engine.tensor import Tensor
from engine.titles import retitle


def _linear_error(input: Any, weight: Any, bias: Any = None) -> Exception | None:
    if not (input.ndim and weight.ndim):
        return RuntimeError(
            f"both arguments to linear need to be at least 1D, but they are {input.ndim}D and {weight.ndim}D"
        )
    if weight.ndim > 2:
        return RuntimeError(f"t() expects a tensor with <= 2 dimensions, but self is {weight.ndim}D")
    if weight.ndim == 1 and bias is not None and (input.ndim == 2 or bias.ndim == 1):
        return RuntimeError("mat2 must be a matrix, got 1-D tensor")
    if bias is not None and bias.dtype != weight.dtype:
        kinds = (TITLES[OF_NUMPY[x.dtype]] for x in (bias, weight))
        return RuntimeError("self and mat2 must have the same dtype, but got {} and {}".format(*kinds))
    if input.dtype != weight.dtype and bias is not None:
        return unlike_factors(input, weight)
    if input.shape[-1] != weight.shape[-1]:
        if weight.ndim == 1:
            return matmul_error("linear", input.shape, weight.shape)
        rows = math.prod(input.shape[:-1])
        return ShapeError(
            f"mat1 and mat2 shapes cannot be multiplied ({rows}x{input.shape[-1]} and "
            f"{weight.shape[-1]}x{weight.shape[0]}). linear() "
            f"got an input of shape {list(input.shape)} for a weight of shape {list(weight.shape)}: the input's last "
            "axis "
            f"must have {weight.shape[-1]} elements.",
            "linear", (input.shape, weight.shape), (input.ndim - 1, weight.ndim - 1),
        )  # fmt: skip
    if input.dtype != weight.dtype:
        return unlike(input, weight)
    if bias is not None and bias.dtype != input.dtype:
        return unlike_factors(bias, input, "self and mat2")
    if bias is not None:
        want = [math.prod(input.shape[:-1]), *weight.shape[:-1]]
        last = bias.shape[-1] if bias.ndim else 1
        return ShapeError(
            f"The expanded size of the tensor ({want[-1]}) must match the existing size ({last}) at "
            f"non-singleton dimension 1.  Target sizes: {want}.  Tensor sizes: {list(bias.shape)}",
            "linear", (weight.shape, bias.shape), (0, 0),
        )  # fmt: skip
    return None


def _linear_title(input_shape: Any, bias_shape: Any) -> str:
    if bias_shape is not None:
        return "AddmmBackward0" if len(input_shape) == 2 else "ViewBackward0"
    return {1: "SqueezeBackward4", 2: "MmBackward0"}.get(len(input_shape), "UnsafeViewBackward0")


def _linear_below(node: Any) -> tuple[Any, ...]:
    """The bias, the rows and the transposed weight, as PyTorch has them; several axes of rows are made one first."""
    rows, weight, bias = node.parents
    turned = None if weight is None else Between("TBackward0", weight)
    whole, plain = len(node.input_shape) == 2, node.bias_shape is None
    if not whole and rows is not None:
        rows = Between("UnsqueezeBackward0" if plain and len(node.input_shape) == 1 else "ViewBackward0", rows)
    product = Between("MmBackward0", rows, turned) if plain else Between("AddmmBackward0", bias, rows, turned)
    return product.next_functions if whole else ((product, 0),)


def _linear_apart(input: Any, weight: Any, bias: Any) -> Any:
    """The steps of `_linear_below`, made in PyTorch's order, which is that of the hooks."""
    if bias is None:
        turned = weight.t()
    rows = input
    if input.ndim == 1 and bias is None:
        rows = input.unsqueeze(0)
    elif input.ndim != 2:
        rows = input.reshape(-1, input.shape[-1])
    product = rows @ turned if bias is None else tensors.addmm(bias, rows, weight.t())
    return product if input.ndim == 2 else product.view(*input.shape[:-1], *weight.shape[:-1])


def _weight_shape(node: Any, shape: Any) -> tuple[int, ...]:
    """The shape of the weight, from that of the result."""
    return (*shape[len(node.input_shape) - 1 :], node.input_shape[-1])


def _rows(x: Any) -> Any:
    """All axes but the last made one."""
    return x if len(x.shape) == 2 else x.reshape(-1, x.shape[-1])


def _column_sums(g: Any) -> Any:
    """The sums over all axes but the last: of few rows by a product with ones, which costs a fifth of a reduction."""
    if g.ndim != 2:
        g = _rows(g)
    band = band_of_ones(len(g), g) if len(g) <= 1024 else None
    return summed(g, 0) if band is None else np.dot(band, g)


raw.column_sums = _column_sums
tensors.column_sums = lambda g: tensors.sum(_rows(g), 0)


def _product(a: Any, b: Any) -> Any:
    """The product of two raw matrices: by `dot`, which is called in less time; but it fills a large result twice."""
    return np.dot(a, b) if a.shape[0] * b.shape[1] < 1 << 15 else a @ b


def _times(x: Any, matrix: Any) -> Any:
    """The last axis of a raw array times a matrix: as one product of two matrices, where one of many takes longer."""
    if x.ndim == 2:
        return _product(x, matrix) if matrix.ndim == 2 else x @ matrix
    if x.size > 4096 and matrix.ndim == 2:
        return _product(_rows(x), matrix).reshape(*x.shape[:-1], matrix.shape[1])
    return x @ matrix


def _rows_product(g: Any, input: Any) -> Any:
    if g.ndim != input.ndim:  # the weight was a vector
        return _rows(input).T @ g.reshape(-1)
    return _product(g.T, input) if g.ndim == 2 else _product(_rows(g).T, _rows(input))


def _weight_slope(g: Any, input: Any, input_shape: Any, k: Any) -> Any:
    if len(g.shape) != len(input_shape):
        return k.column_sums(g.unsqueeze(-1) * input)
    return k.turned_times(_rows(g), _rows(input))


def _bias_slope(g: Any, bias_shape: Any, k: Any) -> Any:
    return k.column_sums(g) if bias_shape == g.shape[-1:] else k.sum_to_size(g, bias_shape)


def _raw_bias_slope(g: Any, bias_shape: Any) -> Any:
    return _column_sums(g) if bias_shape == g.shape[-1:] else raw.sum_to_size(g, bias_shape)


_HALF = np.dtype(np.float16)


@op(
    r"y = x W^\top + b",
    said={"homes": ("functional",), "title": _linear_title, "below": _linear_below, "error": _linear_error}
    | {"alike": True, "apart": _linear_apart, "apart_sizes": {"weight": _weight_shape}},
    input=d(
        r"\bar y\,W",
        lambda g, weight: g @ weight if len(weight.shape) == 2 else g.unsqueeze(-1) * weight,
        lambda g, weight: _times(g, weight) if weight.ndim == 2 else g[..., None] * weight,
    ),
    weight=d(r"\bar y^\top x", _weight_slope, _rows_product),
    bias=d(r"\sum_n \bar y_n", _bias_slope, _raw_bias_slope),
)
def linear(input, weight, bias=None):
    """The last axis of the input times a matrix (outputs, inputs), plus a vector."""
    kind = input.dtype
    if kind is not weight.dtype and kind != weight.dtype:
        raise TypeError
    if weight.ndim != 2:
        return _of_vector(input, weight, bias)
    if kind is BOOL:
        raise not_implemented("addmm_impl_cpu_", kind)
    if bias is None:
        return _times(input, weight.T)
    if bias.dtype is not kind and bias.dtype != kind:
        raise TypeError
    if kind is _HALF:  # what is summed in float32 is rounded once
        return linear_of(*(each.astype(np.float32) for each in (input, weight, bias))).astype(kind)
    y = _times(input, weight.T)
    if y.__class__ is np.ndarray and y.ndim:
        y += bias
        return y
    return y + bias


linear_of = raw.linear


def _of_vector(input: Any, weight: Any, bias: Any) -> Any:
    """The last axis times a vector, plus numbers that are as many or fewer; else an error, which is explained."""
    if weight.ndim != 1 or not input.ndim or (bias is not None and (input.ndim == 2 or bias.ndim == 1)):
        raise TypeError
    y = input @ weight
    return y if bias is None else y + bias


_UNSIGNED = {np.dtype(f"{sign}{size}"): np.dtype(f"u{size}") for sign in "iu" for size in (1, 2, 4, 8)}


@op(
    r"y_n = W_{i_n}",
    said={"homes": (), "name": "embedding_rows", "title": "EmbeddingBackward0", "out": False},
    weight=d(
        r"\sum_{n : i_n = j} \bar y_n",
        lambda g, shape, input, padding_idx, scale_grad_by_freq, k: k.embedding_grad(
            g, shape, input, padding_idx, scale_grad_by_freq
        ),
    ),
    input=None,
)
def embedding_rows(weight, input, padding_idx, scale_grad_by_freq):
    """The rows of a table that indices name."""
    check_type(input, "embedding", "indices", ("Long", "Int"))
    if weight.ndim != 2:
        raise RuntimeError("'weight' must be 2-D")
    if input.size == 1:
        outside = not 0 <= input.item() < weight.shape[0]
    else:  # without a sign a negative index is the largest of all: one reduction finds both ends
        outside = input.size and not input.view(_UNSIGNED[input.dtype]).max() < weight.shape[0]
    if outside:
        raise IndexError("index out of range in self")
    return weight.take(input, 0)


@op(
    r"\bar W_j = \sum_{n : i_n = j} \bar y_n",
    said={"homes": (), "out": False},
    grad=d(r"y_{i_n}", lambda g, input, k: k.embedding_rows(g, input, None, False)),
    input=None,
)
def embedding_grad(grad, shape, input, padding_idx, scale_grad_by_freq):
    """Rows added up where indices say."""
    index, rows = input.reshape(-1), grad.reshape(-1, shape[1])
    if padding_idx is not None:
        rows = kept(rows, (index != whole(padding_idx))[:, None])
    if scale_grad_by_freq:
        rows = rows / np.bincount(index, minlength=shape[0])[index].astype(rows.dtype)[:, None]
    full = module(rows).zeros(shape, rows.dtype)
    add_at(full, index, rows)
    return full


@composite("engine")
def engine_embedding(
    weight: Any, indices: Any, padding_idx: int = -1, scale_grad_by_freq: bool = False, sparse: bool = False
) -> Any:
    """The rows of a table that indices name."""
    if sparse:
        raise NotImplementedError("sparse gradients are left out of this engine; use sparse=False")
    return embedding_rows(weight, indices, padding_idx if padding_idx >= 0 else None, scale_grad_by_freq)


@composite("functional")
def embedding(
    input: Any, weight: Any, padding_idx: int | None = None, max_norm: float | None = None, norm_type: float = 2.0,
    scale_grad_by_freq: bool = False, sparse: bool = False,
) -> Any:  # fmt: skip
    """The rows of a table that indices name; rows longer than `max_norm` are shortened in the table first."""
    if sparse:
        raise NotImplementedError("sparse gradients are left out of this engine; use sparse=False")
    if not isinstance(weight, Tensor):
        raise not_a_tensor("embedding", "weight", 0, weight)
    if not isinstance(input, Tensor):
        raise not_a_tensor("embedding", "indices", 1, input)
    if weight._array.ndim != 2:
        raise RuntimeError("'weight' must be 2-D")
    rows = weight._array.shape[0]
    if padding_idx is not None:
        padding_idx = whole(padding_idx)
        if not -rows <= padding_idx < rows:
            raise AssertionError("Padding_idx must be within num_embeddings")
        padding_idx %= rows
    if max_norm is not None:
        tensors.embedding_renorm_(weight, input, max_norm, norm_type)
    return embedding_rows(weight, input, padding_idx, scale_grad_by_freq)


def _row_mean(x: Any) -> Any:
    """The means of rows, kept: a product with ones, which costs a fifth of a reduction."""
    n = x.shape[-1]
    band = band_of_ones(n, x)
    if band is not None:
        return (x @ (band * x.dtype.type(1 / n)))[..., None]
    return np.mean(x, axis=-1, keepdims=True)


def _normalized(input: Any, width: int, eps: float) -> tuple[Any, Any]:
    flat = in_order(input.reshape(-1, width))
    away = flat - _row_mean(flat)
    scale = np.reciprocal(np.sqrt(_row_mean(away * away) + flat.dtype.type(eps)))
    return away * scale, scale


def _norm_input(g: Any, input: Any, weight: Any, aux: Any, width: int, eps: float, k: Any) -> Any:
    if aux is None:  # on tensors: recomputed, so that it can be differentiated
        flat = input.reshape(-1, width)
        away = flat - k.mean(flat, -1, True)
        scale = k.rsqrt(k.mean(away * away, -1, True) + eps)
        normal, mean = away * scale, lambda x: k.mean(x, -1, True)
    else:
        (normal, scale), mean = aux, _row_mean
    up = g.reshape(-1, width)
    if weight is not None:
        up = up * weight.reshape(-1)
    return (scale * (up - mean(up) - normal * mean(up * normal))).reshape(input.shape)


def _norm_weight(g: Any, input: Any, aux: Any, width: int, eps: float, weight_shape: Any, k: Any) -> Any:
    if aux is None:
        flat = input.reshape(-1, width)
        away = flat - k.mean(flat, -1, True)
        normal = away * k.rsqrt(k.mean(away * away, -1, True) + eps)
    else:
        normal = aux[0]
    return k.column_sums(g.reshape(-1, width) * normal).reshape(weight_shape)


@op(
    r"y = \frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}} \odot w + b",
    said={"homes": (), "aux": True, "name": "normalize_rows", "title": "NativeLayerNormBackward0", "out": False},
    input=d(
        r"\tfrac1\sigma (\hat g - \overline{\hat g} - \hat x\,\overline{\hat g \hat x}),\ \hat g = \bar y\,w",
        _norm_input,
    ),
    weight=d(r"\sum \bar y\,\hat x", _norm_weight),
    bias=d(r"\sum \bar y", lambda g, width, bias_shape, k: k.column_sums(g.reshape(-1, width)).reshape(bias_shape)),
)
def normalize_rows(input, weight=None, bias=None, width=1, eps=1e-5):
    """Rows of `width` elements brought to mean 0 and variance 1, then scaled and shifted."""
    normal, scale = _normalized(input, width, eps)
    y = normal if weight is None else normal * weight.reshape(-1)
    if bias is not None:
        y = y + bias.reshape(-1)
    return y.reshape(input.shape), (normal, scale)


def in_single(call: Any, input: Any, *args: Any) -> Any:
    """An op on single floats where the input is of short ones, whose sums of squares would lose too much."""
    if input._array.dtype.itemsize > 2:
        return call(input, *args)
    return call(input.float(), *(each.float() if hasattr(each, "_array") else each for each in args)).to(input.dtype)


def check_normalized(name: str, input: Any, shape: tuple[int, ...], **parameters: Any) -> None:
    """PyTorch's errors if the last axes, or the parameters, are not of the shape that is to be normalized."""
    given = input._array.shape
    if not shape:
        raise RuntimeError(
            "Expected normalized_shape to be at least 1-dimensional, i.e., containing at least one element, but got "
            "normalized_shape = []"
        )
    for which, each in parameters.items():
        if each is not None and each._array.shape != shape:
            raise ShapeError(
                f"Expected {which} to be of same shape as normalized_shape, but got {which} of shape "
                f"{list(each._array.shape)} and normalized_shape = {list(shape)}", name, (shape, each._array.shape),
            )  # fmt: skip
    if len(given) < len(shape) or given[len(given) - len(shape) :] != shape:
        wanted = "".join(f", {n}" for n in shape) if name == "layer_norm" else ", ".join(map(str, shape))
        raise ShapeError(
            f"Given normalized_shape={list(shape)}, expected input with shape [*{wanted}], but got input of size"
            f"{list(given)}", name, (given, shape),
        )  # fmt: skip


@composite("functional", "engine")
def layer_norm(
    input: Any, normalized_shape: Any, weight: Any = None, bias: Any = None, eps: float = 1e-5,
    cudnn_enable: bool = True,
) -> Any:  # fmt: skip
    """The last axes brought to mean 0 and variance 1, then scaled and shifted element by element."""
    shape = listed(normalized_shape)
    check_normalized("layer_norm", input, shape, weight=weight, bias=bias)
    check_kinds(input, weight, bias)
    refuse("biuc", "LayerNormKernelImpl", input)
    if not math.prod(shape):  # nothing has a mean
        y = input.clone() if weight is None else input * weight
        return retitle(y if bias is None else y + bias, "NativeLayerNormBackward0", (input, weight, bias))
    return in_single(normalize_rows, input, weight, bias, math.prod(shape), eps)


def inexact_norm(input: Any) -> None:
    """PyTorch's error for the norm of integers."""
    if input._array.dtype.kind in "iub":
        raise RuntimeError(
            "linalg.vector_norm: Expected a floating point or complex tensor as input. Got " + TITLES[input.dtype]
        )


@composite("functional")
def normalize(input: Any, p: float = 2.0, dim: int = 1, eps: float = 1e-12, out: Any = None) -> Any:
    """Vectors along an axis divided by their norm."""
    inexact_norm(input)
    size = tensors.vector_norm(input, p, dim, True)
    return tensors.true_divide(input, tensors.clamp_min(size, eps).expand_as(input), out=out)
