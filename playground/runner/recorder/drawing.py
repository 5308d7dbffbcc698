"""From the trace of a result to the graph that the page draws: nodes, edges, and ids that stay the same."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

from engine.array import OF_NUMPY, device_of
from engine.graph import Node as GraphNode
from engine.graph import Output
from engine.tensor import Tensor
from playground.protocol.events import GraphEvent
from playground.protocol.values import Edge, Node
from playground.protocol.wire import MAX_FRAME, encode
from playground.runner.recorder.names import Models, Variables
from playground.runner.recorder.tape import Call, Trace, arguments, parameter_shape
from playground.runner.source import Place, place

MOST = 5000  # nodes of a graph


class Drawing:
    """A drawn structure: its event, and for each of its nodes where a trace of the structure has the tensor.

    `slots[i]` is the call (by position) or leaf (by -1 minus its position) that node i shows.
    """

    def __init__(self, event: GraphEvent, slots: list[int], ids: dict[int, str]) -> None:
        self.event = event
        self.slots = slots
        self.ids = ids
        self.places = {node.id: i for i, node in enumerate(event.nodes)}
        kinds = [node.kind for node in event.nodes]
        weight = {"output": 0, "parameter": 1, "input": 2, "op": 3}
        self.order = sorted(range(len(slots)), key=lambda i: weight[kinds[i]])

    def value(self, trace: Trace, node: int) -> Any:
        """The raw array that a node shows in this trace, None if it was not kept."""
        slot = self.slots[node]
        tensor = trace.leaves[-1 - slot] if slot < 0 else trace.calls[slot].value
        if id(tensor) in trace.copies:
            return trace.copies[id(tensor)]
        return tensor._array if isinstance(tensor, Tensor) else None

    def gradient(self, trace: Trace, node: int, gradients: dict[Any, Any]) -> Any:
        """The raw gradient of a node's value, None where it has none."""
        slot = self.slots[node]
        edge = trace.leaves[-1 - slot] if slot < 0 else trace.calls[slot].results[0]
        if isinstance(edge, Output):
            return gradients.get((edge.whole, edge.index))
        return gradients.get(edge)


def draw(trace: Trace, step: int, models: Models, variables: Variables, root: Any = None) -> Drawing:
    """Draw a trace. `root` is the tensor that `backward()` was called on; none for the graph up to a failed op."""
    ids = _Ids()
    nodes: list[Node] = []
    slots: list[int] = []
    edges: list[Edge] = []
    named: dict[int, str] = {}  # slot -> id

    def add(slot: int, node: Node) -> None:
        named[slot] = node.id
        slots.append(slot)
        nodes.append(node)

    end = None if root is None else root._node if root._node is not None else root
    for position, (call, links) in enumerate(zip(trace.calls, trace.links, strict=True)):
        for argument, link in zip(arguments(call.op), links, strict=False):
            if link is not None and link < 0 and link not in named:
                origin = trace.origins.get(-1 - link)
                add(link, _leaf(trace.leaves[-1 - link], f"{call.name}({argument})", ids, models, variables, origin))
        add(position, _call(call, [named.get(link, "") for link in links if link is not None], ids, models, variables))
        if end is not None and any(result is end for result in call.results):
            nodes[-1].kind, nodes[-1].name = "output", nodes[-1].name or "loss"
        for argument, link in zip(arguments(call.op), links, strict=False):
            if link is not None:
                edges.append(Edge(source=named[link], target=nodes[-1].id, argument=argument))
    for i, leaf in enumerate(trace.leaves):
        if -1 - i not in named:
            add(-1 - i, _leaf(leaf, "", ids, models, variables))
    what = [node.id for node in nodes]
    what += [f"{edge.source}{edge.target}{edge.argument}" for edge in edges]
    what += [f"{named[-1 - i]}{parameter_shape(leaf)}" for i, leaf in enumerate(trace.leaves)]
    structure = digest("\n".join(what))
    event = GraphEvent(graph=structure, step=step, nodes=nodes, edges=edges, modules=models.tree())
    kept = _fitting(event)
    return Drawing(event, slots[-kept:], named)


def _fitting(event: GraphEvent) -> int:
    """Cut a graph that is too large for one message down to what is nearest to its end; how many nodes are left."""
    count = min(len(event.nodes), MOST)
    while True:
        if count < len(event.nodes):
            event.nodes = event.nodes[-count:]
            left = {node.id for node in event.nodes}
            event.edges = [edge for edge in event.edges if edge.source in left and edge.target in left]
            event.truncated = True
        size = len(encode(event))
        if size < MAX_FRAME - 1024 or count <= 1:
            return max(count, 1)
        count = max(1, int(count * min(0.95, MAX_FRAME / size)))


def _call(call: Call, parents: list[str], ids: _Ids, models: Models, variables: Variables) -> Node:
    where = Place() if call.code is None else place(call.code, call.instruction)
    module = models.path(call.module) if call.module is not None else ""
    name = next((variables.names[id(edge)] for edge in call.results if id(edge) in variables.names), "")
    return Node(
        id=ids.of(call.name, module, *map(str, where), *parents),
        kind="op",
        op=call.name,
        name=name,
        shape=list(call.shape),
        dtype=OF_NUMPY[call.dtype].name,
        device="cpu" if call.value is None else str(device_of(call.value._array)),
        requires_grad=call.recorded,
        module=module,
        line=where.line,
        column=where.column,
        end_line=where.end_line,
        end_column=where.end_column,
        formula=getattr(call.op, "formula", None) or None,
    )


def _leaf(
    leaf: Any, consumer: str, ids: _Ids, models: Models, variables: Variables, origin: Call | None = None
) -> Node:
    if isinstance(leaf, (GraphNode, Output)):  # computed while nobody watched
        return Node(
            id=ids.of("earlier", consumer), kind="input", requires_grad=True, name=variables.names.get(id(leaf), "")
        )
    kind = "parameter" if leaf._requires_grad else "input"
    path = models.name(leaf)
    name = path or variables.names.get(id(leaf), "")
    where = Place()
    if origin is not None:
        where = Place() if origin.code is None else place(origin.code, origin.instruction)
        if not name:
            known = [variables.names[id(edge)] for edge in origin.operands if id(edge) in variables.names]
            name = f"{origin.name}({', '.join(known)})"
    array = leaf._array
    return Node(
        id=ids.of(kind, name or consumer),
        kind=kind,  # type: ignore[arg-type]
        name=name,
        shape=list(array.shape),
        dtype=OF_NUMPY[array.dtype].name,
        device=str(device_of(array)),
        requires_grad=leaf._requires_grad,
        module=path.rpartition(".")[0] if path else "",
        line=where.line,
        column=where.column,
        end_line=where.end_line,
        end_column=where.end_column,
    )


class _Ids:
    """Ids made of what a node is, where it stands, what it comes from, and how many equal ones came before."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, ...], int] = {}

    def of(self, *what: str) -> str:
        count = self._seen[what] = self._seen.get(what, -1) + 1
        return digest("\n".join((*what, str(count))))


def digest(text: str) -> str:
    """Sixteen letters that stand for a text."""
    return blake2b(text.encode("utf-8", "replace"), digest_size=8).hexdigest()
