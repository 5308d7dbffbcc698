"""What the nodes of some ops show as `_saved_NAME`, where PyTorch's are written otherwise than ours.

By op and name: the field that holds the value, or a function of the node that makes it.
"""

from __future__ import annotations

from typing import Any

from engine.tensor import Tensor, wrap

Shown = dict[str, Any]


def _field(node: Any, name: str) -> Any:
    """A value that a node keeps, if it still does."""
    if node.hooks is not None and name in node.hooks.packed:
        return node.hooks.packed[name].again()
    value = getattr(node, name)
    return value.complain() if hasattr(value, "complain") else value


def _of_matrix(name: str, field: str, turned: bool = False) -> Shown:
    """A matrix, its sizes and its strides; `turned` where it is kept transposed."""

    def matrix(node: Any) -> Any:
        kept = _field(node, field)
        return kept.t() if turned and isinstance(kept, Tensor) else kept

    def sizes(node: Any) -> Any:
        found = matrix(node)
        return () if found is None else tuple(found.shape)

    def strides(node: Any) -> Any:
        found = matrix(node)
        return () if found is None else found.stride()

    return {name: matrix if turned else field, f"{name}_sym_sizes": sizes, f"{name}_sym_strides": strides}


def _indices(node: Any) -> Any:
    """Where the values along an axis came from, which a reduction keeps with that axis."""
    found = _field(node, "aux")
    keeps = "keepdim" in type(node).op.names and not node.keepdim
    return wrap(found.squeeze(node.dim) if keeps and found.ndim == len(node.input_shape) else found)


def _last_step(node: Any) -> dict[str, Any]:
    """The last of the selections and slices that an index is made of."""
    shape, dim, found = list(node.input_shape), 0, {}
    taken = sum(isinstance(each, (int, slice)) for each in node.key)
    for each in node.key:
        if each is Ellipsis:
            dim = len(shape) - taken
        elif each is None:
            shape.insert(dim, 1)
            dim += 1
        elif isinstance(each, slice):
            taken -= 1
            if each != slice(None):
                end = (1 << 63) - 1 if each.stop is None else each.stop
                found = {"start": each.start or 0, "end": end, "step": each.step or 1}
                found |= {"dim": dim, "self_sym_sizes": tuple(shape)}
                shape[dim] = len(range(*each.indices(shape[dim])))
            dim += 1
        else:
            taken -= 1
            found = {"index": int(each), "dim": dim, "self_sym_sizes": tuple(shape)}
            del shape[dim]
    return found


def _index_tensors(node: Any) -> Any:
    """The indices of an advanced index."""
    return tuple(wrap(each) if hasattr(each, "dtype") else None for each in node.key if each is not Ellipsis)


def _of_step(*names: str) -> Shown:
    return {name: lambda node, name=name: _last_step(node)[name] for name in names}


_SIZES: Shown = {"self_sym_sizes": "input_shape"}
_ALONG: Shown = {"dim": "dim", "indices": _indices} | _SIZES
_PLAIN_SUM: Shown = {"alpha": lambda n: 1, "beta": lambda n: 1}
_BY_OP: dict[str, Shown] = {
    "addmm": {"alpha": "alpha", "beta": "beta"} | _of_matrix("mat1", "mat1") | _of_matrix("mat2", "mat2"),
    "max_along": {"keepdim": "keepdim"} | _ALONG,
    "min_along": {"keepdim": "keepdim"} | _ALONG,
    "sort_along": _ALONG,
    "topk_along": _ALONG,
    "kthvalue_along": {"keepdim": "keepdim"} | _ALONG,
    "narrow": {"dim": "dim", "start": "start", "end": lambda n: n.start + n.length, "step": lambda n: 1} | _SIZES,
    "unbind": {"dim": "dim"},
    "masked": {"other": lambda n: wrap(_field(n, "mask")), "self": lambda n: None},
    "select_where": {"condition": "condition"},
    "square": {"exponent": lambda n: 2, "self": "input"},
    "embedding_rows": {
        "indices": "input",
        "padding_idx": lambda n: -1 if n.padding_idx is None else n.padding_idx,
        "scale_grad_by_freq": "scale_grad_by_freq",
        "sparse": lambda n: False,
        "weight_sym_argsize_0": lambda n: n.weight_shape[0],
    },
}
_BY_TITLE: dict[tuple[str, str], Shown] = {
    ("linear", "AddmmBackward0"): _PLAIN_SUM | _of_matrix("mat1", "input") | _of_matrix("mat2", "weight", True),
    ("linear", "MmBackward0"): _of_matrix("self", "input") | _of_matrix("mat2", "weight", True),
    ("matmul", "MmBackward0"): _of_matrix("self", "input") | _of_matrix("mat2", "other"),
    ("item_copy", "IndexBackward0"): {"indices": _index_tensors} | _SIZES,
    ("item_view", "SelectBackward0"): _of_step("dim", "index", "self_sym_sizes"),
    ("item_view", "SliceBackward0"): _of_step("dim", "end", "self_sym_sizes", "start", "step"),
    ("split_at", "SplitWithSizesBackward0"): {"dim": "dim", "split_sizes": "lengths"} | _SIZES,
    ("split_at", "SplitBackward0"): {"dim": "dim", "split_size": lambda n: n.lengths[0]} | _SIZES,
}


def shown_of(node: Any) -> Shown | None:
    """All that such a node shows; None for one whose fields are shown as they are."""
    name = type(node).op.name
    return _BY_TITLE.get((name, node.name())) or _BY_OP.get(name)
