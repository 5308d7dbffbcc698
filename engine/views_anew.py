"""Nodes of views whose memory has been changed without recording, as PyTorch makes them anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine import graph
from engine.family import OF_OTHER_KINDS, base_of, family_of, renode
from engine.nodes import Output, renamed
from engine.refused_views import invalid

if TYPE_CHECKING:
    from engine.tensor import Tensor

_TITLE = "AsStridedBackward0"


def anew(view: Tensor, made: tuple[Any, ...]) -> None:
    """Give a view another node of the same slope, which is shown as one step from its base.

    What was computed from the view before keeps the node of then. One of several views is of no use any more.
    """
    view._view = (*made[:4], family_of(view).version)
    node = view._node
    if made[3] is not None:
        if node.__class__ is Output:
            view._node = invalid(node)
        return
    if node.op is None or not node.op.view or node.title in OF_OTHER_KINDS:
        return
    base = base_of(view)
    assert base is not None
    again = object.__new__(renamed(type(node), _TITLE))
    for kind in type(node).__mro__[:-1]:
        for name in vars(kind).get("__slots__", ()):
            if name != "__weakref__" and hasattr(node, name):
                setattr(again, name, getattr(node, name))
    again.number, again.hooks = next(graph.numbers), None
    again.shown = (graph.edge_of(base),)
    renode(view, again)
