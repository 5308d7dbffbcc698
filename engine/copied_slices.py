"""The node of a change in place through a view."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine import array, family, graph
from engine.memory import extent, laid_over
from engine.refused_views import repeated, repeats


class CopySlices(graph.Node):
    """The history of a base that was changed through one of its views."""

    __slots__ = ("chain", "steps")
    chain: Any  # a list of calls, as of `_chain`
    let_go = ("chain",)
    steps: tuple[int, ...] | None
    title = "torch::autograd::CopySlices"

    def free(self) -> None:
        """Let go of the way to the view."""
        self.chain = graph.FREED

    def pull(self, g: Any) -> Sequence[Any]:
        """The base's old history gets the gradient outside the view, the change gets that inside."""
        if self.chain is graph.FREED:
            graph.FREED.complain()
        # A copy laid out as the base was, so that the view is a view of it too.
        xp = array.module(g)
        if self.steps is None:
            outside = xp.array(g, order="C")
        else:
            flat = xp.empty(extent(g.shape, self.steps), g.dtype)  # with gaps, perhaps
            outside = laid_over(flat, g.shape, self.steps, 0)
            outside[...] = g
        inside = outside
        for call in self.chain:
            inside = family.replay(call, inside, on_tensors=False)
        if 0 in inside.strides and repeats(inside):
            raise repeated()
        change = inside.copy()
        inside[...] = 0
        return outside if self.parents[0] is not None else None, change if self.parents[1] is not None else None

    def pull_tensors(self, g: Any) -> Sequence[Any]:
        """The same, recorded."""
        if self.chain is graph.FREED:
            graph.FREED.complain()
        outside = g.clone()
        inside, change = outside, g
        for call in self.chain:
            inside = family.replay(call, inside, on_tensors=True)
            change = family.replay(call, change, on_tensors=True)
        if repeats(inside._array):
            raise repeated()
        inside.zero_()
        return outside if self.parents[0] is not None else None, change if self.parents[1] is not None else None
