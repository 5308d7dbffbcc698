"""What of a graph a walk back comes by: the edges that lead to what is asked for, and the nodes that are pulled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.nodes import Node, Output, edge_of
from engine.switches import way_now


def met_from(roots: Sequence[Any], needed: set[Any] | None, running: set[Any] | None) -> set[Any]:
    """The edges that a walk comes by."""
    met: set[Any] = set()
    stack = list(roots)
    while stack:
        edge = stack.pop()
        if edge is None or edge in met or (needed is not None and edge not in needed):
            continue
        met.add(edge)
        node = edge.whole if edge.__class__ is Output else edge
        if isinstance(node, Node) and (running is None or node in running):
            stack.extend(node.parents)
    return met


def expected(tensors: Sequence[Any]) -> int:
    """To how many of the tensors a gradient comes in the walk that is going on."""
    come = met_from(*way_now()[:3])
    nodes = {edge.whole for edge in come if edge.__class__ is Output}
    edges = [edge_of(each) for each in tensors]
    return sum(edge in come or (edge.__class__ is Output and edge.whole in nodes) for edge in edges)


def asked_of_leaf(tensors: Sequence[Any]) -> bool:
    """Whether one of the tensors is a leaf whose gradient `grad` is to give in the walk that is going on."""
    asked = {id(edge) for edge in way_now()[3]}
    return any(each._node is None and id(each) in asked for each in tensors)


def by_number(wanted: Sequence[Any] | None) -> dict[int, list[Any]] | None:
    if wanted is None:
        return None
    table: dict[int, list[Any]] = {}
    for edge in wanted:
        if isinstance(edge, (Node, Output)):
            table.setdefault(edge.number, []).append(edge)
    return table


def leading_to(wanted: Sequence[Any], roots: Sequence[Any], all_run: bool) -> tuple[set[Any], set[Any]]:
    """The edges from which a wanted one can be reached, those included, and the nodes whose slopes are needed.

    With `all_run` the wanted nodes are among these, for the sake of their hooks, though nothing comes of it.
    """
    found: dict[int, Node] = {}
    outputs = {edge for edge in roots if edge.__class__ is Output}
    stack = [edge.whole if edge.__class__ is Output else edge for edge in roots]
    while stack:
        node = stack.pop()
        if isinstance(node, Node) and node.number not in found:
            found[node.number] = node
            for edge in node.parents:
                if edge.__class__ is Output:
                    outputs.add(edge)
                    stack.append(edge.whole)
                elif edge is not None:
                    stack.append(edge)
    leading: set[Any] = set(wanted)
    # An output that is asked for lets its node be reached by the others, too, though nothing comes of it.
    ends = {edge.whole for edge in wanted if edge.__class__ is Output}
    inner: set[Any] = set()
    for n in sorted(found):
        node = found[n]
        for edge in node.parents:
            if edge in leading or (edge.__class__ is Output and (edge.whole in inner or edge.whole in ends)):
                inner.add(node)
                leading.add(node)
                break
    # An output leads to what its whole node leads to, whichever of the outputs is asked for.
    leading.update(edge for edge in outputs if edge.whole in inner or edge.whole in ends)
    if all_run:
        inner.update(edge.whole if edge.__class__ is Output else edge for edge in wanted)
    return leading, inner
