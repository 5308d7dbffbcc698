"""Bags of rows of a table: the sum, the mean or the largest of the rows that a few indices name each."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine import deprecated
from engine.array import OF_NUMPY, TITLES, module, moved, promoted
from engine.dispatch import raw
from engine.family import family_of
from engine.fitting import whole
from engine.numeric.choice import kept
from engine.op import composite, d, op
from engine.ops.kinds import check_type
from engine.tensor import wrap


@op(
    r"y_b = \sum_{n \in b} s_n W_{i_n}",
    said={"homes": (), "out": False, "title": "EmbeddingBagBackward0"},
    weight=d(
        r"\sum_{n : i_n = j} s_n \bar y_{b_n}",
        lambda g, shape, scale, index, bag, often, padding_idx, k: k.embedding_grad(
            k.embedding_rows(g, bag, None, False) * (scale if often is None else scale * often).reshape(-1, 1),
            tuple(shape),
            index,
            padding_idx,
            False,
        ),
    ),
    scale=d(
        r"\bar y_{b_n} \cdot W_{i_n}",
        lambda g, weight, index, bag, k: k.sum(
            k.embedding_rows(g, bag, None, False) * k.embedding_rows(weight, index, None, False), 1, False
        ),
    ),
    index=None,
    bag=None,
    often=None,
)
def bag_sum(weight, scale, index, bag, often=None, count=0, padding_idx=None):
    """The sums, scaled one by one, of the rows of a table in each of `count` bags; `often` scales gradients only."""
    return raw.embedding_grad(weight[index] * scale[:, None], (count, weight.shape[1]), bag, None, False)


@op(
    r"y_{b k} = \max_{n \in b} W_{i_n k}",
    said={"homes": (), "out": False, "title": "EmbeddingBagBackward0"},
    weight=d(
        r"\bar y_{b k} \text{ at the largest}",
        lambda g, shape, chosen, filled, k: k.scatter_zeros(k.kept(g, filled), tuple(shape), 0, chosen),
    ),
    chosen=None,
    filled=None,
)
def bag_largest(weight, chosen, filled):
    """The rows' elements that were found the largest of each bag, zero for an empty one."""
    return kept(module(weight).take_along_axis(weight, chosen, 0), filled)


def _largest(table: Any, index: Any, bag: Any, count: int) -> Any:
    """In which row each bag has its largest element, (count, width)."""
    best = np.full((count, table.shape[1]), -np.inf, table.dtype)
    chosen = np.zeros((count, table.shape[1]), np.int64)
    begins = np.searchsorted(bag, np.arange(count + 1))  # the bags follow each other
    sizes = np.diff(begins)
    for place in range(int(sizes.max(initial=0))):  # the first of each bag, then the second, ...
        (bags,) = np.nonzero(sizes > place)
        rows = index[begins[bags] + place]
        better = table[rows] > best[bags]
        best[bags] = np.where(better, table[rows], best[bags])
        chosen[bags] = np.where(better, rows[:, None], chosen[bags])
    return chosen


def _rarity(index: Any, kind: Any) -> Any:
    """By what `scale_grad_by_freq` scales the gradient of each index.

    PyTorch divides the gradient of the r-th different index by how often the r-th of the sorted indices is there,
    which for some is not how often they are there themselves.
    """
    _, rank, counts = np.unique(index, return_inverse=True, return_counts=True)
    in_order = np.repeat(np.arange(len(counts)), counts)
    return (1 / counts[in_order[rank]]).astype(kind)


def _check_rows(name: str, index: Any, rows: int, fast: bool) -> None:
    """That the table has all the rows; PyTorch's `fast` way to sum tells it in other words."""
    check_type(index, name, "indices", ("Long", "Int"))
    wrong = np.flatnonzero((index < 0) | (index >= rows))
    if wrong.size:
        at = int(wrong[0])
        if not fast:
            raise RuntimeError(
                f"{name}: Expected idx >= 0 && idx < num_embeddings but found idx to be {int(index[at])}"
            )
        raise RuntimeError(
            f"Index {at} of input takes value {int(index[at])} which is not in the valid range [0, {rows})"
        )


def _check_offsets(offsets: Any, length: int) -> None:
    if offsets.size and offsets[0] != 0:
        raise RuntimeError(
            "offsets[0] has to be 0, i.e., the first sequence in the mini-batch has to start from position 0. However, "
            f"got {int(offsets[0])}"
        )
    if offsets.size and offsets[-1] > length:
        raise RuntimeError(
            f"offsets[-1] can not be greater than input's length {length} but got offsets[-1] of {int(offsets[-1])}"
        )
    if (np.diff(offsets) < 0).any():
        raise RuntimeError("Expected the offsets to be ascending, i < index_size, but they fall")


@composite("engine")
def engine_embedding_bag(
    weight: Any, indices: Any, offsets: Any, scale_grad_by_freq: bool = False, mode: int = 0, sparse: bool = False,
    per_sample_weights: Any = None, include_last_offset: bool = False, padding_idx: int | None = None,
) -> Any:  # fmt: skip
    """The bags; of each index its bag; the bags' sizes; and where the largest were."""
    if sparse:
        raise NotImplementedError("sparse gradients are left out of this engine; use sparse=False")
    table = weight._array
    if table.ndim != 2:
        raise RuntimeError(f"weight has to be a 2D Tensor, but got Tensor of dimension {table.ndim}")
    index, begins = moved(indices._array, "cpu"), moved(offsets._array, "cpu")
    rows = table.shape[0]
    check_type(table, "embedding_bag", "weight", ("Half", "BFloat16", "Float", "Double"))
    # Indices and offsets are brought to one type, under which the error speaks of both.
    both = promoted([index, begins])
    index, begins = index.astype(both, copy=False), begins.astype(both, copy=False)
    fast = mode != 2 and padding_idx is None and table.dtype != np.float64
    _check_rows("embedding_bag", index, rows, fast)
    _check_offsets(begins, index.size)
    if padding_idx is not None:
        padding_idx = whole(padding_idx)
        if not -rows <= padding_idx < rows:
            raise RuntimeError(
                f"padding_idx must be within the number of embeddings, {-rows} through {rows - 1}, but got "
                f"{padding_idx}"
            )
        padding_idx %= rows
    if per_sample_weights is not None and per_sample_weights._array.dtype != table.dtype:
        names = [TITLES[OF_NUMPY[each.dtype]] for each in (table, per_sample_weights._array)]
        raise RuntimeError(
            "Expected tensor for argument #1 'weight' to have the same type as tensor for argument #1 "
            f"'per_sample_weights'; but type torch.{names[0]}Tensor does not equal torch.{names[1]}Tensor (while "
            "checking arguments for embedding_bag)"
        )
    xp = module(table)
    count = begins.size - include_last_offset
    ends = np.append(begins[1:], [index.size] * (not include_last_offset)).astype(np.int64)
    if ends.size and not fast:
        ends[-1] = index.size  # only the fast way heeds what `include_last_offset` says of the last bag
    used = slice(0, int(ends[-1]) if count > 0 else 0)
    bag = np.repeat(np.arange(max(count, 0)), ends - begins[: max(count, 0)])
    index = index[used]
    counts = np.ones(index.size, bool) if padding_idx is None else index != padding_idx
    sizes = np.bincount(bag[counts], minlength=max(count, 0)).astype(np.int64)
    if mode == 2:
        chosen = _largest(moved(table, "cpu"), index[counts], bag[counts], max(count, 0))
        filled = (sizes > 0)[:, None]
        y = bag_largest(weight, wrap(xp.asarray(chosen)), wrap(xp.asarray(filled)))
        return y, *(wrap(xp.asarray(each)) for each in (bag, sizes, chosen))
    scale = counts.astype(table.dtype)
    if mode == 1:
        scale = scale / np.maximum(sizes, 1).astype(table.dtype)[bag]
    if per_sample_weights is None:
        share = wrap(xp.asarray(scale))
    elif padding_idx is None:
        share = per_sample_weights[used]
    else:
        share = per_sample_weights[used] * wrap(xp.asarray(scale))
    often = wrap(xp.asarray(_rarity(index, table.dtype))) if scale_grad_by_freq else None
    y = bag_sum(weight, share, wrap(xp.asarray(index)), wrap(xp.asarray(bag)), often, max(count, 0), padding_idx)
    if mode == 1:
        return y, *(wrap(xp.asarray(each)) for each in (bag, sizes, sizes.copy()))
    empty = xp.zeros(max(count, 0), np.int64)
    return y, wrap(xp.zeros(0, np.int64)), wrap(empty), wrap(empty.copy())


@composite("engine")
def embedding_renorm_(weight: Any, indices: Any, max_norm: float, norm_type: float) -> Any:
    """The rows that indices name made no longer than `max_norm`, in place."""
    check_type(indices._array, "embedding_renorm_", "indices", ("Long", "Int"), 2)
    table, used = weight._array, np.unique(indices._array)
    if table.ndim != 2:
        raise RuntimeError(
            f"Expected 2-dimensional tensor, but got {table.ndim}-dimensional tensor for argument #1 'self' (while "
            "checking arguments for embedding_renorm_)"
        )
    wrong = used[(used < -len(table)) | (used >= len(table))]
    if wrong.size:
        raise IndexError(
            f"select(): index {wrong[0]} out of range for tensor of size {list(table.shape)} at dimension 0"
        )
    rows = table[used]
    size = raw.vector_norm(rows, norm_type, 1, True)
    table[used] = np.where(size > max_norm, rows * (max_norm / (size + 1e-7)), rows)
    family_of(weight).stamp("embedding(max_norm=...)")
    return weight


@composite("functional")
def embedding_bag(
    input: Any, weight: Any, offsets: Any = None, max_norm: float | None = None, norm_type: float = 2,
    scale_grad_by_freq: bool = False, mode: str = "mean", sparse: bool = False, per_sample_weights: Any = None,
    include_last_offset: bool = False, padding_idx: int | None = None,
) -> Any:  # fmt: skip
    """The sum, mean or largest of the rows of a table that each bag of indices names."""
    if weight._array.dtype == np.int64 and input._array.dtype.kind == "f":
        deprecated.tell(
            "Argument order of nn.functional.embedding_bag was changed. Usage `embedding_bag(weight, input, ...)` is "
            "deprecated, and should now be `embedding_bag(input, weight, ...)`.",
        )  # fmt: skip
        weight, input = input, weight
    if per_sample_weights is not None and input._array.shape != per_sample_weights._array.shape:
        raise ValueError(
            f"embedding_bag: If per_sample_weights ({per_sample_weights.shape}) is not None, then it must have the "
            f"same shape as the input ({input.shape})"
        )
    if weight._array.ndim != 2:
        raise ValueError(f"weight has to be a 2D Tensor, but got Tensor of dimension {weight._array.ndim}")
    if input._array.ndim == 2:
        if offsets is not None:
            raise ValueError(
                "if input is 2D, then offsets has to be None, as input is treated is a mini-batch of fixed length "
                f"sequences. However, found offsets of type {type(offsets)}"
            )
        bags, width = input._array.shape
        offsets, include_last_offset = wrap(module(input._array).arange(bags) * width), False
        input = input.reshape(-1)
        per_sample_weights = None if per_sample_weights is None else per_sample_weights.reshape(-1)
    elif input._array.ndim != 1:
        raise ValueError(f"input has to be 1D or 2D Tensor, but got Tensor of dimension {input._array.ndim}")
    elif offsets is None:
        raise ValueError("offsets has to be a 1D Tensor but got None")
    elif offsets._array.ndim != 1:
        raise ValueError("offsets has to be a 1D Tensor")
    if mode not in ("sum", "mean", "max"):
        raise ValueError("mode has to be one of sum, mean or max")
    if mode == "max" and scale_grad_by_freq:
        raise ValueError("max mode does not support scaling the gradient by the frequency")
    if mode == "max" and sparse:
        raise ValueError("max mode does not support sparse weights")
    if max_norm is not None:
        embedding_renorm_(weight, input, max_norm, norm_type)
    if per_sample_weights is not None and mode != "sum":
        raise NotImplementedError(
            "embedding_bag: per_sample_weights was not None. per_sample_weights is only supported for mode='sum' "
            f"(got mode='{mode}'). Please open a feature request on GitHub."
        )
    number = ("sum", "mean", "max").index(mode)
    return engine_embedding_bag(
        weight, input, offsets, scale_grad_by_freq, number, sparse, per_sample_weights, include_last_offset, padding_idx
    )[0]
