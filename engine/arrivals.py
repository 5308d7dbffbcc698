"""The leaves that have hooks, on the way back: each has its turn as soon as its gradient is complete, as in PyTorch.

The other leaves are content with the end of the walk, so that a program without such hooks pays nothing for the order.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from engine.nodes import AccumulateGrad, Node, Output


class Arrivals:
    """How many parts each leaf that has hooks still waits for; `come` are those that have had their turn, by id."""

    def __init__(self, roots: Sequence[Any], needed: Collection[Any] | None, running: Collection[Any] | None) -> None:
        """Count the edges that lead to such leaves: from the roots on, along the `needed` ones (None for all)."""
        self.awaited: dict[int, int] = {}
        self.come: set[int] = set()
        stack, seen = list(roots), set()
        while stack:
            edge = stack.pop()
            if edge is None or (needed is not None and edge not in needed):
                continue
            node = edge.whole if edge.__class__ is Output else edge
            if not isinstance(node, Node):
                if getattr(node, "_hooks", None) is not None:
                    self.awaited[id(node)] = self.awaited.get(id(node), 0) + 1
            elif node not in seen and (running is None or node in running):
                seen.add(node)
                stack.extend(node.parents)

    def after(self, node: Any, edges: Sequence[Any]) -> list[Any]:
        """The leaves whose turn has come now that a node (None: the program) has given to its edges."""
        awaited = self.awaited
        ready = []
        for edge in edges if awaited else ():
            key = id(edge)
            if key in awaited:
                awaited[key] -= 1
                if not awaited[key]:
                    del awaited[key]
                    ready.append(edge)
                    self.come.add(key)
        return ready if len(ready) < 2 or node is None else _in_turn(node, ready)


_orders: dict[tuple[type[Node], tuple[int, ...]], list[int]] = {}  # of the leaves among the operands of a kind of node


def _in_turn(node: Node, leaves: list[Any]) -> list[Any]:
    """The leaves in PyTorch's order, in which there is another node before some of them, as for a linear's weight."""
    at = {leaf: place for place, leaf in enumerate(node.parents)}
    key = (type(node), tuple([at[leaf] for leaf in leaves]))
    order = _orders.get(key)
    if order is None:
        direct = [end.variable for end, _ in node.next_functions if isinstance(end, AccumulateGrad)]
        places = {leaf: place for place, leaf in enumerate(direct)}
        order = _orders[key] = sorted(range(len(leaves)), key=lambda i: places.get(leaves[i], len(places)))
    return [leaves[i] for i in order]
