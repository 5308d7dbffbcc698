"""What the transforms share: tensors that come into a function to be differentiated, and what leaves it.

A function is differentiated by a stand-in of its argument, so that only what goes through that argument counts; outer
transforms see the stand-in as an ordinary view. What leaves is cut from the stand-in, unless something outside of the
transform (an outer one, or a captured tensor that needs a gradient) may ask for its derivative.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from engine import graph, modes
from engine.autograd.backward import fresh
from engine.batched import mark, mask_of
from engine.dispatch import tensors as ops
from engine.family import carry
from engine.tensor import Tensor, wrap


class Inside:
    """The block in which a transform runs the user's function."""

    def __enter__(self) -> None:
        graph.transform(graph.transforms() + 1)

    def __exit__(self, *_: Any) -> None:
        graph.transform(graph.transforms() - 1)


class Recording(modes.inference_mode):
    """The block in which a function is recorded, even within inference mode."""

    def __new__(cls) -> Recording:
        """The block."""
        made: Recording = super().__new__(cls, False)
        return made


def entered(tensor: Tensor, outer: bool) -> Tensor:
    """A stand-in for an argument, which needs a gradient; `outer` tells whether recording was on outside."""
    if tensor._array.dtype.kind not in "fcV":
        raise RuntimeError("only Tensors of floating point dtype can require gradients")
    if outer and tensor._requires_grad:
        with modes.enable_grad():
            return ops.view_as(tensor, tensor)
    with modes.no_grad():
        stand_in = ops.view_as(tensor, tensor)
    stand_in._requires_grad = True
    return stand_in


def own_leaves(stand_ins: Iterable[Tensor]) -> set[Any]:
    """The stand-ins that are leaves: the others lead on to what they stand for."""
    return {t for t in stand_ins if t._node is None}


def reaches_outside(tensors: Iterable[Any], own: set[Any]) -> bool:
    """Whether the history of some tensor has a leaf that is none of the transform's `own`."""
    stack = [graph.edge_of(t) for t in tensors if isinstance(t, Tensor)]
    seen: set[Any] = set()
    while stack:
        edge = stack.pop()
        if edge is None or edge in own:
            continue
        if isinstance(edge, graph.Output):
            edge = edge.whole
        if not isinstance(edge, graph.Node):
            return True
        if edge not in seen:
            seen.add(edge)
            stack.extend(edge.parents)
    return False


def left(value: Any, own: set[Any], outer: bool) -> Any:
    """A value, and its tangents, as they are seen outside."""
    if not isinstance(value, Tensor):
        return value
    held = value.__dict__.get("_tangents")
    if value._requires_grad and not (outer and reaches_outside([value], own)):
        value = cut(value)
    if held and any(t._requires_grad for t in held.values()):
        value.__dict__["_tangents"] = {level: left(t, own, outer) for level, t in held.items()}
    return value


def cut(tensor: Tensor) -> Tensor:
    """The same memory outside the graph, with the tangents and marks."""
    alias = tensor.detach()
    carry(tensor, alias)
    return alias


def gradients(
    outputs: Sequence[Tensor], weights: Sequence[Tensor], inputs: Sequence[Tensor], outer: bool, keep: bool = False
) -> list[Tensor]:
    """The gradients of weighted outputs by the stand-ins, as they are seen outside; zeros where there is none."""
    edges = [graph.edge_of(t) for t in inputs]
    own = own_leaves(inputs)
    create = graph.duals is not None or (
        outer and (any(w._requires_grad for w in weights) or reaches_outside(outputs, own))
    )
    roots = [
        (graph.edge_of(o), w if create else w._array[...] if w._array.ndim else w._array)
        for o, w in zip(outputs, weights, strict=True)
        if o._requires_grad
    ]
    found = graph.walk(roots, keep or create, create, edges, None) if roots else {}
    answers = []
    for tensor, edge in zip(inputs, edges, strict=True):
        g = found.get(edge)
        if g is None:
            answers.append(ops.zeros_like(tensor.detach()))
        elif isinstance(g, Tensor):
            answers.append(left(g, own, outer))
        else:
            answers.append(mark(wrap(fresh(g)), mask_of(tensor)))
    return answers
