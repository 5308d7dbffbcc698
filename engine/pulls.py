"""The node class that is generated for each declared op: what it keeps, how it lets go of that, and its pulls.

`engine/template.py` generates the call that makes the nodes.
"""

from __future__ import annotations

import functools
import linecache
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from engine.gone import Gone
from engine.inlining import expression
from engine.nodes import Node
from engine.plan import Plan

if TYPE_CHECKING:
    from engine.op import Op


def define(title: str, text: str, name: str, scope: dict[str, Any]) -> Any:
    filename = f"<engine {title}>"
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    exec(compile(text, filename, "exec"), scope)
    return scope[name]


def node_class(op: Op, plan: Plan, scope: dict[str, Any]) -> type[Node]:
    fields = plan.fields()
    space: dict[str, Any] = {"__slots__": tuple(fields), "op": op, "keeps_result": bool(plan.result)}
    space["__module__"] = "builtins"  # so that the class is shown by its name alone
    title = op.title
    if isinstance(title, str):
        space["title"] = title
    else:
        wants = title.__code__.co_varnames[: title.__code__.co_argcount]
        space["name"] = lambda self: title(*[getattr(self, want) for want in wants])
        space["title"] = op.name
    kept = [*plan.values, *["y"] * bool(plan.result), *["aux"] * op.aux, *["found_at"] * plan.places]
    space["let_go"] = tuple(kept)
    free = "\n".join(["def free(self):", *([f"    self.{name} = FREED" for name in kept] or ["    pass"])]) + "\n"
    space["free"] = _at_first_use("free", lambda: define(f"free of {op.name}", free, "free", scope))
    for name in ("pull", "pull_tensors", *("pull_conjugated", "pull_tensors_conjugated") * bool(plan.conjugated)):
        space[name] = _at_first_use(name, functools.partial(_define_pull, op, plan, name, scope))
    name = title if isinstance(title, str) else op.name
    return type(name, (Node,), space)


def _at_first_use(kind: str, define: Callable[[], Any]) -> Any:
    """A method of a node class that is generated when it is first called: most programs use few of the pulls."""

    def first(self: Node, *args: Any) -> Any:
        method = define()
        setattr(type(self), kind, method)
        return method(self, *args)

    return first


def _define_pull(op: Op, plan: Plan, name: str, scope: dict[str, Any]) -> Any:
    return define(f"{name} of {op.name}", _pull(op, plan, name), name, scope)


def inlined(node: Node, i: int, scope: dict[str, Any]) -> list[str] | None:
    """What `pull` does of the node `n{i}` with the gradient `g{i}`, as lines of a compiled walk that give `d0`, `d1`...

    What the node keeps has to be of the same classes as now, else the lines leave the walk. The functions that they$
    call are put in `scope`. None for a node whose `pull` is to be called.
    """
    op: Op = node.op
    if op is None or op.many or op.several or op.aux or type(node) is not op.node or getattr(node, "shapes", None):
        return None
    plan, own, lines = Plan(op), op.call.__globals__, []
    scope.update(k_raw=own["k_raw"], scalar32=own["scalar32"], float32=own["float32"])
    slopes = [None if edge is None else op.slopes[n] for n, edge in zip(op.operands, node.parents, strict=True)]
    asked = {request for slope in slopes if slope is not None for request in slope.raw_requests}
    requested = _requested(op, plan, f"n{i}", "k_raw") | {"g": f"g{i}"}
    for name in [*plan.values, *["y"] * bool(plan.result)]:
        if name not in asked:
            continue
        kept, x = getattr(node, name), f"x_{name}"
        if kept.__class__ is Gone:
            return None
        requested[name] = x
        kind = f"{kept.__class__.__name__}_{id(kept.__class__)}"
        scope[kind] = kept.__class__
        lines += [f"{x} = n{i}.{name}"]
        if isinstance(kept, own["Tensor"]):
            changed = f"{x}._family is not None and {x}._family.changed > m{i}"
            lines += [f"if {x}.__class__ is not {kind} or ({changed}): break", f"{x} = {x}._array"]
        else:
            lines += [f"if {x}.__class__ is not {kind}: break"]
    if plan.conjugated:
        lines += [f"if {_complex_test(op, True).replace('g.', f'g{i}.')}: break"]
    if plan.broadcasts:
        lines += [f"if n{i}.shapes is not None: break"]
    for j, (name, slope) in enumerate(zip(op.operands, slopes, strict=True)):
        if slope is None:
            continue
        called = own[f"raw_slope_{name}"]
        text = expression(called, requested) if called is slope.raw else None
        if text is None:
            scope[f"slope_{op.name}_{name}"] = called
            text = f"slope_{op.name}_{name}({', '.join(requested.get(r, r) for r in slope.raw_requests)})"
        lines += [f"d{j} = {text}"]
    return lines


def _requested(op: Op, plan: Plan, node: str, k: str) -> dict[str, str]:
    """The expressions of what slopes ask for that stands at the node."""
    requested = {"k": k, "shape": f"{node}.{op.operands[0]}_shape", "shapes": f"{node}.shapes"}
    requested |= {"kind": f"{node}.kind"} | {name: f"{node}.{name}" for name in plan.kept_options}
    return requested | {f"{name}_shape": f"{node}.{name}_shape" for name in plan.shapes}


def _complex_test(op: Op, raw: bool) -> str:
    """Whether the gradient is complex: an expression that costs next to nothing on float32."""
    if op.several:
        return f"any(each is not None and each{'' if raw else '._array'}.dtype.kind == 'c' for each in g)"
    return (
        "g.__class__ is not scalar32 and g.dtype is not float32 and g.dtype.kind == 'c'"
        if raw
        else "g._array.dtype.kind == 'c'"
    )


def _pull(op: Op, plan: Plan, title: str) -> str:
    """The way back, on raw arrays or on "tensors"; "conjugated" is that of complex numbers.

    A function that has a complex derivative f' turns the gradient g into g times the conjugate of f', which is the
    conjugate of what its slope, written as for real numbers, makes of the conjugate of g.
    """
    raw, conjugated = "tensors" not in title, "conjugated" in title
    lines = [f"def {title}(self, g):"]
    conj = "k_raw.conj" if raw else "k_tensors.conjugated"
    if conjugated:
        each = f"[None if each is None else {conj}(each) for each in g]"
        lines += [f"    c = {each if op.several else f'{conj}(g)'}"]
    elif plan.conjugated:
        lines += [f"    if {_complex_test(op, raw)}:", f"        return self.{title}_conjugated(g)"]
    for name in plan.values:
        lines += [f"    {name} = self.{name}", f"    if isinstance({name}, Tensor):"]
        lines += [f"        if {name}._family is not None and {name}._family.changed > self.number:"]
        lines += [f"            raise modified({name}, self)"]
        if raw:
            lines += [f"        {name} = {name}._array"]
        if op.many:
            lines += [f"    elif {name}.__class__ is tuple:", f"        {name} = several(self, {name}, {raw})"]
        lines += [f"    elif {name}.__class__ is Gone:", f"        {name}.complain()"]
        if not raw:  # a number, which is kept as an array
            lines += [f"    elif {name}.__class__ is ndarray:", f"        {name} = {name}.item()"]
    if plan.result:
        lines += ["    y = self.y", "    if y.__class__ is Gone:", "        y.complain()"]
        if not raw:
            lines += ["    if y is not None:", "        y = revive(self, y)"]
    if op.aux:
        lines += (
            ["    aux = self.aux", "    if aux.__class__ is Gone:", "        aux.complain()"]
            if raw or op.places
            else ["    aux = None"]
        )
        lines += ["    aux = wrap(aux)"] if op.places and not raw else []
    if plan.places:
        lines += ["    places = self.found_at", "    if places.__class__ is Gone:", "        places.complain()"]
        lines += ["    if places._family is not None and places._family.changed > self.number:"]
        lines += ["        raise modified(places, self)"]
    if op.several:
        lines += ["    g = list(g)"]
    requested = _requested(op, plan, "self", "k_raw" if raw else "k_tensors")

    def given(name: str, requests: Sequence[str]) -> str:
        around = requested | {"g": "c"} if conjugated and name in plan.conjugated else requested
        return ", ".join(around.get(r, r) for r in requests)

    if op.many:
        first = op.operands[0]
        slope = op.slopes[first]
        assert slope is not None
        answer = f"slope_{first}({given(first, slope.requests)})"
        if conjugated:
            answer = f"[None if each is None else {conj}(each) for each in {answer}]"
        return "\n".join([*lines, f"    return {answer}"]) + "\n"
    differing = [(i, n) for i, n in enumerate(op.operands) if op.slopes[n] is not None]
    if len(op.operands) > 1:
        lines += [f"    {', '.join(f'p{i}' for i in range(len(op.operands)))} = self.parents"]
    answers = ["None"] * len(op.operands)
    for i, name in differing:
        slope = op.slopes[name]
        assert slope is not None
        answer = f"{'raw_' * raw}slope_{name}({given(name, slope.raw_requests if raw else slope.requests)})"
        if conjugated and name in plan.conjugated:
            answer = f"{conj}({answer})"
        # With a single slope the node is there because that operand needs its gradient.
        guard = "" if len(differing) == 1 else f" if p{i} is not None else None"
        lines += [f"    d{i} = {answer}{guard}"]
        answers[i] = f"d{i}"
    if plan.broadcasts:
        lines += ["    if self.shapes is not None:", "        shapes = self.shapes"]
        total = "sum_to" if raw else "k_tensors.sum_to_size"
        for i, _ in differing:
            lines += [f"        if d{i} is not None:", f"            d{i} = {total}(d{i}, shapes[{i}])"]
    lines += [f"    return ({', '.join(answers)},)"]
    return "\n".join(lines) + "\n"
