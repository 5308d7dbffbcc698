"""Walks back that are repeated, as straight-line code.

A training step makes the same graph as the step before it. When walks from the same kind of node, after the same number
of ops, have come often enough, the way that the last of them took is written down as a function: which node comes after
which, and whose gradients are added up. It expects that graph and looks at each edge before it follows it; where the
graph turns out to be another, it stops, and the ordinary walk goes on from there. So it never gives another result, and
costs a program whose graphs differ next to nothing. (The idea is that of a tracing compiler's guards.)
"""

from __future__ import annotations

import linecache
from bisect import bisect
from collections.abc import Callable, Iterable
from typing import Any

from engine.gone import FREED
from engine.nodes import Node, Output
from engine.pulls import inlined
from engine.undefined import UNDEFINED

# (gradients by the nodes still to come, edges and gradients that are still to be given out, None at the end of the way)
Rest = tuple[dict[Node, Any], Iterable[tuple[Any, Any]] | None]
Run = Callable[[Node, Any, dict[Any, Any]], Rest]

_OFTEN = 24  # walks of a kind before it is written down: what that costs, it saves in about a hundred
_LONG = 1000  # nodes of the longest graph that is
_KINDS = 256  # kinds of walks that are counted
_MISSES = 8  # how often more a graph may be another than not

Kind = tuple[type, int]
_met: dict[Kind, int] = {}
_ways: dict[Kind, Way | None] = {}
_last = 0


class Way:
    """A walk written down, and how often it was another less how often it was this one."""

    __slots__ = ("misses", "run")

    def __init__(self, nodes: list[Node]) -> None:
        self.run = _written(nodes, self)
        self.misses = 0


def way_from(root: Node) -> Way | None:
    """The way written down for walks like that from `root`, if there is one."""
    global _last
    number = root.number
    kind = (root.__class__, number - _last)
    _last = number
    # Each table is asked once: another thread may empty it in between.
    way: Any = _ways.get(kind, _met)
    if way is not _met:
        if way is not None and way.misses >= _MISSES:
            way = _ways[kind] = None
        return way
    times = _met.get(kind, 0)
    if times <= _OFTEN:
        if len(_met) >= _KINDS:
            _met.clear()
        _met[kind] = times + 1
        return None
    if len(_ways) >= _KINDS:
        _ways.clear()
    nodes = _nodes(root)
    way = _ways[kind] = None if nodes is None else Way(nodes)
    return way


def forget() -> None:
    """Forget all ways: what they call is no longer what it was."""
    _met.clear()
    _ways.clear()


def _nodes(root: Node) -> list[Node] | None:
    """The nodes that can be reached, in the order of the walk; None if they are too many or have hooks."""
    found = {root}
    stack = [root]
    while stack:
        node = stack.pop()
        if node.hooks is not None or len(found) > _LONG:
            return None
        for edge in node.parents:
            below = edge.whole if edge.__class__ is Output else edge
            if isinstance(below, Node) and below not in found:
                found.add(below)
                stack.append(below)
    return sorted(found, key=lambda node: -node.number)


def _written(nodes: list[Node], way: Way) -> Run:
    """The function of a walk: it fills `leaves`, and gives what is left if the graph is another than this."""
    scope: dict[str, Any] = {"Output": Output, "FREED": FREED, "UNDEFINED": UNDEFINED}
    scope |= {"way": way, "once": (None,), "done": object()}
    text = _Text(nodes, scope).text()
    filename = f"<engine walk {len(_ways)}>"
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    exec(compile(text, filename, "exec"), scope)
    run: Run = scope["run"]
    return run


class _Text:
    """The text of a walk. Of the node i: `n{i}` is itself, `g{i}` the gradient of its result; of leaves `l`, `v`."""

    def __init__(self, nodes: list[Node], scope: dict[str, Any]) -> None:
        self.nodes = nodes
        self.scope = scope
        self.index = {node: i for i, node in enumerate(nodes)}
        self.met = {nodes[0]}
        self.coming = [0]  # those met whose turn has not come yet, in its order
        self.reached: set[str] = {"g0"}  # the names of gradients that have got a part
        self.leaves: dict[Any, int] = {}
        self.kinds: dict[type, str] = {}

    def text(self) -> str:
        """All of it."""
        body = [line for i, node in enumerate(self.nodes) for line in self._step(i, node)]
        count = len(self.nodes)
        names = [f"{letter}{i}" for letter in "ng" for i in range(1, count)]
        ends = [f"{letter}{i}" for letter in "lv" for i in range(len(self.leaves))]
        return "\n".join(
            [
                "def run(n0, g0, leaves):",
                f"    {' = '.join([*names, *ends, 'left'])} = None",
                "    for _ in once:  # a block that can be left",
                f"        if n0.__class__ is not {self._kind(self.nodes[0])}: break",
                "        m0 = n0.number",
                *(f"        {line}" for line in body),
                "    else:",
                "        left = done",
                f"    for leaf, v in ({''.join(f'(l{i}, v{i}), ' for i in range(len(self.leaves)))}):",
                "        if v is not None:",
                "            leaves[leaf] = leaves[leaf] + v if leaf in leaves else v",
                "    if left is done:",
                "        way.misses -= way.misses > 0",
                "        return {}, None",
                f"    rest = ({''.join(f'(n{i}, g{i}), ' for i in range(count))})",
                "    way.misses += 1",
                "    return {node: g for node, g in rest if g is not None}, left or ()",
            ]
        )

    def _step(self, i: int, node: Node) -> list[str]:
        """One node: look whether its edges are as they were, pull, give out the gradients."""
        count = len(node.parents)
        edges = [f"e{j}" for j in range(count)]
        self.coming.remove(i)
        lines = []
        if node.op is None or node.op.many:
            lines += [f"if len(n{i}.parents) != {count}: break"]
        lines += [f"{', '.join(edges)}, = n{i}.parents"]
        gives: list[tuple[str, str, int | None]] = []
        for name, edge in zip(edges, node.parents, strict=True):
            lines += self._look(name, edge)
            if edge is not None:
                gives.append((name, self._gradient(edge), edge.index if edge.__class__ is Output else None))
        parts = [f"d{j}" for j in range(count)]
        pulled = inlined(node, i, self.scope)
        lines += [f"{', '.join(parts)}, = n{i}.pull(g{i})"] if pulled is None else pulled
        lines += [f"g{i} = None"]
        lines += [" = ".join(f"n{i}.{kept}" for kept in node.let_go) + " = FREED"] if node.let_go else []
        lines += [f"n{i}.free()"] if node.let_go is None else []
        if gives and pulled is None:
            absent = "{0} is None or {0} is UNDEFINED" if node.op is None else "{} is None"
            given = [part for part, edge in zip(parts, node.parents, strict=True) if edge is not None]
            missing = " or ".join(absent.format(part) for part in given)
            lines += [f"if {missing}:", f"    left = tuple(zip(n{i}.parents, ({', '.join(parts)},)))", "    break"]
        for name, to, at in gives:
            lines += self._give(name.replace("e", "d"), to, at, i)
        return lines

    def _look(self, name: str, edge: Any) -> list[str]:
        """Stop unless an edge leads to what it led to."""
        if edge is None:
            return [f"if {name} is not None: break"]
        lines = []
        if edge.__class__ is Output:
            lines += [
                f"if {name}.__class__ is not Output or {name}.index != {edge.index}: break",
                f"{name} = {name}.whole",
            ]
            edge = edge.whole
        known = self.index if isinstance(edge, Node) else self.leaves
        letter = "n" if isinstance(edge, Node) else "l"
        if edge in self.met:
            return [*lines, f"if {name} is not {letter}{known[edge]}: break"]
        self.met.add(edge)
        at = known.setdefault(edge, len(known))
        if letter == "l":
            return [*lines, f"if {name}.__class__ is not {self._kind(edge)}: break", f"l{at} = {name}"]
        lines += [f"if {name}.__class__ is not {self._kind(edge)} or {name}.hooks is not None: break"]
        return [*lines, f"n{at} = {name}", f"m{at} = {name}.number", *self._in_turn(at)]

    def _in_turn(self, at: int) -> list[str]:
        """Stop unless a node's turn comes between those between which it came; so no two are the same, either."""
        place = bisect(self.coming, at)
        before, after = self.coming[max(place - 1, 0) : place], self.coming[place : place + 1]
        self.coming.insert(place, at)
        order = [f"m{i}" for i in (*before, at, *after)]
        return [f"if not {' > '.join(order)}: break"] if len(order) > 1 else []

    def _give(self, part: str, to: str, at: int | None, i: int) -> list[str]:
        """Add a part to a gradient."""
        if at is None:
            first = to not in self.reached
            self.reached.add(to)
            return [f"{to} = {part}" if first else f"{to} = {to} + {part}"]
        lines = []
        if to not in self.reached:
            self.reached.add(to)
            lines = [f"{to} = [None] * n{to[1:]}.results"]
        whole = f"{to}[{at}]"
        first = whole not in self.reached
        self.reached.add(whole)
        return [*lines, f"{whole} = {part}" if first else f"{whole} = {whole} + {part}"]

    def _gradient(self, edge: Any) -> str:
        if edge.__class__ is Output:
            edge = edge.whole
        return f"g{self.index[edge]}" if isinstance(edge, Node) else f"v{self.leaves[edge]}"

    def _kind(self, thing: Any) -> str:
        kind = thing.__class__
        if kind not in self.kinds:
            name = self.kinds[kind] = f"C{len(self.kinds)}"
            self.scope[name] = kind
        return self.kinds[kind]
