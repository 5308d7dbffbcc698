"""The names that PyTorch gives to the nodes of functions which are one op there and several here.

`print(t)` and `t.grad_fn` show the node of the last op; a function named in the table gives it the name of the whole.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from engine.nodes import Node, Output, Unrecorded, edge_of, renamed
from engine.tensor import Tensor

# Functions whose node is named after them, `AvgPool2DBackward0`, and those whose node is not.
_OWN = (
    "repeat trace addcmul addcdiv clamp_min clamp_max take index_fill masked_select index_add scatter_add rot90 "
    "multi_margin_loss dist block_diag glu pixel_shuffle pixel_unshuffle scatter index_reduce scatter_reduce "
    "index_copy masked_scatter put renorm celu channel_shuffle multilabel_margin_loss select_scatter slice_scatter "
    "diagonal_scatter as_strided_scatter narrow_copy binary_cross_entropy_with_logits ormqr "
    "linalg_householder_product linalg_lu_solve"
)
_OTHER = {
    "tile": "Repeat", "linalg_solve": "LinalgSolveEx",
    "kron": "UnsafeView", "affine_grid": "AffineGridGenerator", "rrelu": "RreluWithNoise",
}  # fmt: skip
TITLES = {name: "".join(part.capitalize() for part in name.split("_")) + "Backward0" for name in _OWN.split()}
TITLES |= {name: f"{title}Backward0" for name, title in _OTHER.items()}

# What changes in place is an own function of the graph in PyTorch.
_CHANGED = {
    "elu_": "EluBackward1", "selu_": "EluBackward1", "celu_": "CeluBackward1", "leaky_relu_": "LeakyReluBackward1",
    "rrelu_": "RreluWithNoiseBackward1", "threshold_": "ThresholdBackward1",
}  # fmt: skip


def retitle(result: Any, title: str, args: tuple[Any, ...] = ()) -> Any:
    """The result itself, its node under another name unless an operand had it already."""
    node = result._node if isinstance(result, Tensor) else None
    if node is None or node.__class__ is Output or node.__class__ is Unrecorded:
        return result
    if not any(isinstance(each, Tensor) and each._node is node for each in args):
        node.__class__ = renamed(type(node), title)
        if args:  # what the function made on the way is not shown
            node.shown = tuple([edge_of(each) for each in args if isinstance(each, Tensor) and _inexact(each)])
    return result


_IN_PLACE = {
    "TBackward0": "TBackward1", "TransposeBackward0": "TransposeBackward1", "UnsqueezeBackward0": "UnsqueezeBackward1",
    "SqueezeBackward0": "SqueezeBackward3", "SqueezeBackward1": "SqueezeBackward4",
    "SqueezeBackward2": "SqueezeBackward5",
}  # fmt: skip


def in_place_form(title: str) -> str:
    """What the node of a view is called where the tensor itself becomes the view."""
    return _IN_PLACE.get(title, title)


def _inexact(tensor: Tensor) -> bool:
    return tensor._array.dtype.kind in "fcV"


def titled(call: Callable[..., Any]) -> Callable[..., Any]:
    """The function, the node of its result named as in the table; the function itself where it is not there."""
    title = TITLES.get(call.__name__)
    if title is None:
        return call

    @functools.wraps(call)
    def named(*args: Any, **kwargs: Any) -> Any:
        result = call(*args, **kwargs)
        return retitle(result, title, args) if result._node is not None else result

    return named


def changing(call: Callable[..., Any], name: str) -> Callable[..., Any]:
    """The function that computes a change in place, its node named as PyTorch names that of the change."""
    title = _CHANGED.get(name)
    if title is None:
        return call

    def changed(old: Any, *args: Any, **kwargs: Any) -> Any:
        result = retitle(call(old, *args, **kwargs), title, (old,))
        node = result._node
        if any(getattr(node, bend, 0) < 0 for bend in _BENDS):
            kind: Any = type(node)
            node.__class__ = _falling(kind)
        return result

    return changed


# The options of activations in place by which what is negative can become positive. PyTorch keeps the result alone,
# which does not tell then on which side an element was.
_BENDS = ("alpha", "scale", "negative_slope")


@functools.cache
def _falling(kind: Any) -> Any:
    """The kind of node, its way back refused."""
    name, more = ("elu", "") if kind.title in ("EluBackward1", "CeluBackward1") else ("leakyReLu", _FILE_AN_ISSUE)

    def refuse(self: Node, g: Any) -> Any:
        raise RuntimeError(
            f"In-place {name} backward calculation is triggered with a negative slope which is not supported. This is "
            f"caused by calling in-place forward function with a negative slope, please call out-of-place version "
            f"instead.{more}"
        )

    space = {"__slots__": (), "__module__": "builtins", "pull": refuse, "pull_tensors": refuse}
    return type(kind.__name__, (kind,), space)


_FILE_AN_ISSUE = (
    " File an issue at https://github.com/pytorch/pytorch if you do require supporting in-place leakRelu backward "
    "calculation with negative slope"
)
