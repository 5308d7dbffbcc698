"""The graph that is made by running: the walk back, the switches, and the one place to observe it from.

Its nodes and edges are in `engine/nodes.py`.
"""

from __future__ import annotations

from _thread import allocate_lock
from collections.abc import Callable, Collection, Iterable, Sequence
from heapq import heappop, heappush
from itertools import count
from typing import Any, Protocol

import numpy as np

from engine.arrivals import Arrivals
from engine.compiled_walk import way_from
from engine.gone import FREED, Gone, stale
from engine.hooks import handed_on, hooked, retain, run_after, run_before, run_node
from engine.nodes import (
    AccumulateGrad,
    Node,
    Output,
    Unrecorded,
    edge_of,
    function_of,
    hooks_at,
    known,
    metadata_of,
    renamed,
    shown,
)
from engine.reach import by_number, leading_to
from engine.switches import (
    Callbacks,
    infer,
    inferring,
    record,
    recording,
    transform,
    transforms,
    under_way,
    walk_now,
    walk_on,
)
from engine.undefined import UNDEFINED, defined
from engine.watching import Several

# Nodes and in-place changes draw from one counter: a value is stale if it was changed after the node that saved it.
numbers = count(1)

watch: Watcher | Several | None = None  # who observes; read by compiled ops as `graph.watch`
observer: Watcher | None = None  # who observes from outside; `watch` is this, or it together with the engine's own
duals: Any = None  # forward mode while a level of it is open (`engine/duals.py`)
marks: Any = None  # those of `vmap` while one is open (`engine/batched.py`)
saving: Any = None  # hooks on saved tensors while there are such (`engine/saving.py`)
ended: Callable[[Any, dict[Any, Any]], None] | None = None  # who is told of each `backward()`, watched or not
casting: Any = None  # casts the operands of a call while autocast is on (`engine/amp`)
check: Any = None  # who sees each node's pull: anomaly mode (`engine/autograd/anomaly.py`)


class Watcher(Protocol):
    """What `observe` takes. A method may block (to pause the program) or raise (to stop it)."""

    def called(self, op: Any, args: Sequence[Any], options: Any, out: Any) -> None:
        """After each op call, recorded or not: operands as given, other arguments, a tensor or a tuple of tensors."""

    def backward(self, root: Any, gradients: dict[Any, Any]) -> None:
        """After each walk: where it began, and the raw gradient of every Node, Output and leaf tensor met in it."""

    def entered(self, module: Any) -> None:
        """Before a module's forward."""

    def left(self, module: Any) -> None:
        """After a module's forward, also when it raised."""


def observe(watcher: Watcher | None) -> Watcher | None:
    """Let `watcher` see what runs from now on (None: nobody); the one who did so before."""
    global observer
    before, observer = observer, watcher
    _combine()
    return before


_own: tuple[Any, ...] = ()


def _combine() -> None:
    global watch
    watch = Several(_own, observer) if _own else observer


_changing = allocate_lock()


def also(watcher: Any) -> None:
    """Let one of the engine's own see each op call, from now until `no_longer`."""
    global _own
    with _changing:
        _own = (*_own, watcher)
        _combine()


def no_longer(watcher: Any) -> None:
    """The end of `also`; the same watcher may be there twice."""
    global _own
    with _changing:
        kept = list(_own)
        for at in range(len(kept) - 1, -1, -1):
            if kept[at] is watcher:
                del kept[at]
                break
        _own = tuple(kept)
        _combine()


# Who takes the gradients of leaves: (leaf, gradient) pairs, `create`, what else of this walk has been taken.
Arrive = Callable[[Iterable[tuple[Any, Any]], bool, set[int]], None]


def walk(
    roots: Sequence[tuple[Any, Any]],
    keep: bool,
    create: bool,
    wanted: Sequence[Any] | None = None,
    root: Any = None,
    arrive: Arrive | None = None,
) -> dict[Any, Any]:
    """The gradients of the leaves met (or of the `wanted` edges) on the way back from `roots`, (edge, gradient) pairs.

    Gradients are raw arrays, with `create` tensors. Nodes come off a heap by falling creation number, so that each has
    got all its gradients before its turn; nothing recurs, so depth does not matter. `keep` leaves saved values alone.
    `arrive` takes the leaves and their gradients: one with hooks as soon as that is complete, the others at the end.
    """
    if wanted is None and observer is check is None and not create and len(roots) == 1 and not hooked:
        edge, g = roots[0]
        if isinstance(edge, Node) and g is not None:
            return _walk_plainly(edge, g, keep, arrive)
    heap: list[tuple[int, Node]] = []
    pending: dict[Node, Any] = {}  # a node to come -> the gradient of its result (a list for a node with several)
    leaves: dict[Any, Any] = {}
    seen: dict[Any, Any] | None = {} if observer is not None else None
    edges: Sequence[Any] = [edge for edge, _ in roots]
    gradients: Sequence[Any] = [g for _, g in roots]
    needed, running = (None, None) if wanted is None else leading_to(wanted, edges, arrive is not None)
    arrivals = Arrivals(edges, needed, running) if hooked else None
    taken: set[int] = set()
    captured: dict[Any, Any] = {}
    to_capture = by_number(wanted)
    waiting: Callbacks = []
    recorded, outer = recording(), walk_now()
    record(create)
    walk_on(
        (
            "leaves" if wanted is None else "some",
            waiting,
            (edges, needed, running, () if arrive is not None else wanted or ()),
        )
    )
    checking = check
    node: Any = None
    try:
        while True:
            for edge, g in zip(edges, gradients):  # noqa: B905 - saying `strict` costs as much as the loop
                if edge is None or g is None or (needed is not None and edge not in needed):
                    continue
                if isinstance(edge, Node):
                    if edge in pending:
                        pending[edge] = pending[edge] + g
                    else:
                        pending[edge] = g
                        heappush(heap, (-edge.number, edge))
                elif isinstance(edge, Output):
                    _add_to_output(edge, g, pending, heap)
                else:
                    leaves[edge] = leaves[edge] + g if edge in leaves else g
            if arrivals is not None:
                for leaf in arrivals.after(node, edges):
                    _come(leaf, leaves, create, arrive, taken)
            if not heap:
                break
            node = heappop(heap)[1]
            g = pending.pop(node)
            if g is UNDEFINED:
                edges = ()
                if running is None or node in running:
                    gradients, edges = handed_on(node, create), node.parents
                    if not keep:
                        node.free()
                continue
            hooks = node.hooks
            asked = to_capture is not None and node.number in to_capture
            if asked and running is not None and node in running:  # before the hooks, where the node has its turn too
                _capture(captured, to_capture[node.number], g)  # type: ignore[index]
                asked = False
            if hooks is not None:
                g = run_before(node, g, create)
            if asked:
                _capture(captured, to_capture[node.number], g)  # type: ignore[index]
            if seen is not None:
                _note(seen, node, g)
            edges = ()
            if running is None or node in running:
                if hooks is not None:
                    g = run_node(node, g, create)
                if checking is None:
                    gradients = node.pull_tensors(g) if create else node.pull(g)
                else:
                    gradients = checking.pull(node, g, create)
                if hooks is not None:
                    if needed is not None and node.op is not None and hooks.after:  # they see what is asked for alone
                        gradients = [p if e in needed else None for p, e in zip(gradients, node.parents, strict=True)]
                    gradients = run_after(node, gradients, g, create)
                if not keep:
                    node.free()
                edges = node.parents
        if arrive is not None:
            come: Collection[int] = () if arrivals is None else arrivals.come
            arrive([pair for pair in leaves.items() if id(pair[0]) not in come], create, taken)
        while waiting:
            waiting.pop(0)()
    finally:
        record(recorded)
        walk_on(outer)
    leaves = defined(leaves)
    leaves.update(captured)
    if seen is not None and observer is not None:
        seen.update((edge, _raw(g)) for edge, g in leaves.items() if g is not None)
        observer.backward(root, seen)
    return leaves


def _capture(captured: dict[Any, Any], edges: Sequence[Any], g: Any) -> None:
    """Note what came to edges of a node that are asked for."""
    for edge in edges:
        part = g[edge.index] if isinstance(edge, Output) else g
        if part is not None:
            captured[edge] = part


def _come(leaf: Any, leaves: dict[Any, Any], create: bool, arrive: Arrive | None, taken: set[int]) -> None:
    """The turn of a leaf that has hooks."""
    if leaf in leaves:
        g = leaves[leaf]
        if g is UNDEFINED:
            retain(leaf._hooks, None, create)
        else:
            g = leaves[leaf] = retain(leaf._hooks, g, create)
        if arrive is not None:
            arrive(((leaf, g),), create, taken)


def _walk_plainly(node: Node, g: Any, keep: bool, arrive: Arrive | None) -> dict[Any, Any]:
    """`walk` from one node, as nearly every `loss.backward()` asks for it: to the leaves, watched by nobody."""
    heap: list[tuple[int, Node]] = []
    pending: dict[Node, Any] = {}
    leaves: dict[Any, Any] = {}
    waiting: Callbacks = []
    recorded, outer = recording(), walk_now()
    record(False)
    walk_on(("leaves", waiting, ((node,), None, None, ())))
    try:
        parts: Iterable[tuple[Any, Any]] | None = ((node, g),)
        if not keep and node.hooks is None and (way := way_from(node)) is not None:
            pending, parts = way.run(node, g, leaves)
            if pending:
                heap = sorted((-each.number, each) for each in pending)
        while parts is not None:
            for edge, part in parts:
                if part is None or edge is None:
                    continue
                if isinstance(edge, Node):
                    if edge in pending:
                        pending[edge] = pending[edge] + part
                    else:
                        pending[edge] = part
                        heappush(heap, (-edge.number, edge))
                elif edge.__class__ is Output:
                    _add_to_output(edge, part, pending, heap)
                else:
                    leaves[edge] = leaves[edge] + part if edge in leaves else part
            if not heap:
                break
            node = heappop(heap)[1]
            g = pending.pop(node)
            hooks = node.hooks
            if g is UNDEFINED:
                gradients = handed_on(node, False)
            elif hooks is None:
                gradients = node.pull(g)
            else:
                g = run_node(node, run_before(node, g, False), False)
                gradients = run_after(node, node.pull(g), g, False)
            if not keep:
                node.free()
            parts = zip(node.parents, gradients)  # noqa: B905 - saying `strict` costs as much as the loop
        if arrive is not None:
            arrive(leaves.items(), False, set())
        while waiting:
            waiting.pop(0)()
    finally:
        record(recorded)
        walk_on(outer)
    return leaves


def _add_to_output(edge: Output, g: Any, pending: dict[Node, Any], heap: list[tuple[int, Node]]) -> None:
    """Add to the gradient of one result of a node that has several."""
    node = edge.whole
    if node not in pending:
        pending[node] = UNDEFINED
        heappush(heap, (-node.number, node))
    if g is UNDEFINED:
        return
    results = pending[node]
    if results is UNDEFINED:
        results = pending[node] = [None] * node.results
    already = results[edge.index]
    results[edge.index] = g if already is None else already + g


def _note(seen: dict[Any, Any], node: Node, g: Any) -> None:
    if isinstance(g, list):
        for index, each in enumerate(g):
            if each is not None:
                seen[node, index] = _raw(each)
    else:
        seen[node] = _raw(g)


def _raw(g: Any) -> Any:
    return getattr(g, "_array", g)


# From elsewhere, part of what others find here.
__all__ = [
    "FREED", "AccumulateGrad", "Gone", "Node", "Output", "Unrecorded", "edge_of", "function_of", "hooks_at", "infer",
    "inferring", "known", "metadata_of", "renamed", "shown", "stale", "transform", "transforms", "under_way",
]  # fmt: skip


def ones_like(array: Any) -> Any:
    """The gradient of a root with respect to itself."""
    return (
        array.dtype.type(1) if isinstance(array, (np.generic, np.ndarray)) and not array.ndim else np.ones_like(array)
    )
