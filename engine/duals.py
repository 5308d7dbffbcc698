"""Forward mode: tensors with tangents, which the ops hand on.

No op declares how a tangent goes forward. The way back is linear in the gradient u of the result, so the tangent of the
result is the derivative by u of the inner product of pull(u) with the tangents of the operands (J. Townsend, "A new
trick for calculating Jacobian vector products", 2017). Levels nest: what is computed for one level runs under those
around it alone, so that derivatives of derivatives do not mix.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from engine import family, graph
from engine.dispatch import tensors as ops
from engine.tensor import Tensor, wrap
from engine.threaded import Mode
from engine.watching import Hushed

_names = count(1)
_NO_RULE = (
    "Trying to use forward AD with {} that does not support it because it has not been implemented yet.\nPlease file "
    "an issue to PyTorch at https://github.com/pytorch/pytorch/issues/new?template=feature-request.yml so that we can "
    "prioritize its implementation or submit a PR adding the implementation to derivatives.yaml"
)


def tangents_of(tensor: Any) -> dict[int, Tensor] | None:
    """The tangents of a tensor by level; None for what has none."""
    return tensor.__dict__.get("_tangents") if isinstance(tensor, Tensor) else None


class Duals(Mode):
    """The open levels, outermost first; as a watcher it gives the result of each op call its tangents."""

    place = "duals"

    def __init__(self) -> None:
        self.by_hand: int | None = None  # the level of `autograd.forward_ad`; those of `engine.func` are others
        self.levels: list[int] = []
        self.active = 0  # how many of the levels see what runs now
        self.remade: tuple[graph.Node, Any] | None = None
        self.results: WeakKeyDictionary[graph.Node, list[dict[int, Tensor] | None]] = WeakKeyDictionary()

    # ---- levels

    def open(self) -> int:
        """A new innermost level, by the number that names it."""
        self.levels.append(next(_names))
        self.active = len(self.levels)
        if len(self.levels) == 1:
            self.enter()
        return self.levels[-1]

    def close(self) -> None:
        """End the innermost level."""
        self.levels.pop()
        self.active = len(self.levels)
        if not self.levels:
            self.leave()
            self.results.clear()

    def within(self, below: int) -> _Below:
        """A context in which only the first `below` levels see what runs."""
        return _Below(self, below)

    # ---- tangents

    def get(self, tensor: Tensor, level: int) -> Tensor | None:
        """The tangent at a level."""
        held = tangents_of(tensor)
        return None if held is None else held.get(level)

    def shown(self, tensor: Tensor) -> list[Tensor]:
        """The tangent that printing shows: that of the innermost active level."""
        tangent = self.get(tensor, self.levels[self.active - 1]) if self.active else None
        return [] if tangent is None else [tangent]

    def apart(self, view: Tensor) -> Tensor:
        """The view itself, as one whose changes in place do not give its source a tangent."""
        view.__dict__["_apart"] = True
        return view

    def put(self, tensor: Tensor, level: int, tangent: Tensor) -> None:
        """Give a tensor its tangent at a level."""
        held = tensor.__dict__.get("_tangents")
        tensor.__dict__["_tangents"] = {level: tangent} if held is None else {**held, level: tangent}

    def called(self, op: Any, args: Sequence[Any], options: Any, out: Any) -> None:
        """Compute the tangents of a result, outer levels first: inner ones may use the result's value."""
        if not self.active or not hasattr(op, "slopes"):
            return
        held = [tangents_of(arg) for arg in args]
        if not any(held):
            return
        for index in range(self.active):
            level = self.levels[index]
            tangents = [None if each is None else each.get(level) for each in held]
            if any(t is not None for t in tangents):
                with self.within(index):
                    self._push(op, args, options, out, tangents, level)
        results = out if isinstance(out, tuple) else (out,)
        node = graph.function_of(results[0]._node)[0]
        if node is not None and node.keeps_result:
            self.results[node] = [tangents_of(result) for result in results]

    def _push(self, op: Any, args: Sequence[Any], options: Any, out: Any, tangents: list[Any], level: int) -> None:
        # What makes a view is linear, and the tangent of a view is a view of the tangent.
        moved = _seen(op, tangents[0], options) if op.view else pushed(op, args, options, out, tangents)
        moved = moved if isinstance(moved, (tuple, list)) else (moved,)
        for result, tangent in zip(out if isinstance(out, tuple) else (out,), moved, strict=False):
            if tangent is not None:
                self.put(result, level, tangent)

    # ---- what is not a plain call

    def result_of(self, node: graph.Node) -> Any:
        """The result itself (of an op with several: all), for the node of a call that is being made again."""
        return self.remade[1] if self.remade is not None and self.remade[0] is node else None

    def revived(self, node: graph.Node, results: Sequence[Tensor]) -> None:
        """Results that their node made tensors again have the tangents of the results."""
        for result, held in zip(results, self.results.get(node, ()), strict=False):
            if held is not None:
                result.__dict__["_tangents"] = held

    def assigned(self, tensor: Tensor, result: Tensor) -> None:
        """`tensor` has just been given the values of `result`, and so its tangents."""
        for index in range(self.active):
            level = self.levels[index]
            before, after = self.get(tensor, level), self.get(result, level)
            if after is None and (before is None or self._base_tangent(tensor, level) is None):
                continue
            with self.within(index):
                if after is None:
                    after = ops.zeros_like(tensor)
                self._replace(tensor, level, after.to(tensor.dtype).expand(tensor._array.shape))

    def _base_tangent(self, tensor: Tensor, level: int) -> Tensor | None:
        return self.get(_way_from(tensor)[0], level)

    def _replace(self, tensor: Tensor, level: int, tangent: Tensor) -> None:
        """A new tangent; of a view in the place where the tangent of its base is."""
        base, calls = _way_from(tensor)
        whole = self.get(base, level)
        if base is tensor:
            if whole is None or whole._requires_grad or tangent._requires_grad or 0 in whole._array.strides:
                self.put(tensor, level, tangent)
                self._shown_by_views(tensor, tensor, level, tangent)
            else:
                whole.copy_(tangent)
            return
        if whole is None:
            whole = wrap(np.zeros_like(family.own(base)))
            self.put(base, level, whole)
        elif not whole._requires_grad and whole._node is None:
            pass
        else:
            whole = whole.clone()
            self.put(base, level, whole)
        part: Any = whole
        self._shown_by_views(base, tensor, level, whole)
        for call in calls:
            part = family.replay(call, part, on_tensors=True)
        part.copy_(tangent)
        self.put(tensor, level, part)

    def _shown_by_views(self, base: Tensor, changed: Tensor, level: int, whole: Tensor) -> None:
        """Let the other views of a base show what of its tangent is theirs."""
        for each in base._family.views if base._family is not None else ():
            view = each()
            if view is None or view is changed or view is base:
                continue
            source, calls = _way_from(view)
            if source is base:
                part: Any = whole
                for call in calls:
                    part = family.replay(call, part, on_tensors=True)
                self.put(view, level, part)

    def put_at(self, tensor: Tensor, key: Any, value: Any, accumulate: bool) -> None:
        """`value` has just been put, or added, at a key of `tensor`."""
        from engine.ops.index import put_

        for index in range(self.active):
            level = self.levels[index]
            new = self.get(value, level) if isinstance(value, Tensor) else None
            before = self.get(tensor, level)
            if new is None and (before is None or accumulate):
                continue
            with self.within(index):
                after = ops.zeros_like(tensor.detach()) if before is None else before.clone()
                put_(after, key, 0 if new is None else new, accumulate)
                self._replace(tensor, level, after)


def _way_from(tensor: Tensor) -> tuple[Tensor, list[tuple[Any, ...]]]:
    """What a tensor is a view of as far as tangents go, and the calls that lead from there to it."""
    calls = []
    while (made := family.made_by(tensor)) is not None and "_apart" not in tensor.__dict__:
        calls.append((None, *made[1:]))
        tensor = made[0]
    return tensor, calls[::-1]


class _Below:
    """A context in which only some of the levels are active."""

    def __init__(self, duals: Duals, below: int) -> None:
        self.duals = duals
        self.below = below

    def __enter__(self) -> None:
        self.before, self.duals.active = self.duals.active, self.below

    def __exit__(self, *_: Any) -> None:
        self.duals.active = self.before


def pushed(op: Any, args: Sequence[Any], options: Any, out: Any, tangents: Sequence[Any]) -> list[Any]:
    """The tangents of an op's results from those of its operands (None: no tangent)."""
    results = out if isinstance(out, tuple) else (out,)
    differentiable = [op.slopes.get(name) is not None for name in op.operands]
    if op.many:
        differentiable = [differentiable[0]] * len(args)
    if not any(d and t is not None for d, t in zip(differentiable, tangents, strict=False)):
        return [None] * len(results)
    node = _node(op, args, options, tangents)
    if node is None:
        return [None] * len(results)
    _refill(node, op, args)
    remade, DUALS.remade = DUALS.remade, (node, results if op.several else results[0])
    needed = any(t is not None and t._requires_grad for t in (*args, *tangents) if isinstance(t, Tensor))
    enabled = graph.recording()
    graph.record(True)
    try:
        try:
            ups, pulled = _pulled(node, op, results, ops.ones_like)
        except RuntimeError:  # some slopes take only gradients of what has a definite value
            try:
                ups, pulled = _pulled(node, op, results, ops.zeros_like)
            except NotImplementedError as error:
                raise NotImplementedError(_NO_RULE.format(op.name)) from error
        roots = []
        for gradient, tangent in zip(pulled, tangents, strict=False):
            if gradient is not None and tangent is not None and gradient._requires_grad:
                roots.append((gradient, _fitting(tangent, gradient)))
        if not roots:  # derivatives that are zero everywhere
            return [_still(result) for result in results]
        create = (needed and enabled) or DUALS.active > 0
        edges: list[Any] = [(graph.edge_of(g), t if create else family.own(t)[...]) for g, t in roots]
        found = graph.walk(edges, True, create, ups)
    finally:
        graph.record(enabled)
        DUALS.remade = remade
    answers: list[Any] = []
    for up in ups:
        tangent = found.get(up)
        if tangent is not None and not isinstance(tangent, Tensor):
            tangent = wrap(np.array(tangent))
        elif tangent is not None and (tangent._family is not None or any(tangent is t for t in tangents)):
            tangent = tangent.clone()  # in memory of its own, which a change in place may change
        if tangent is not None and not (needed and enabled) and tangent._requires_grad:
            held = tangents_of(tangent)
            tangent = tangent.detach()
            if held is not None:
                tangent.__dict__["_tangents"] = held
        answers.append(_still(results[len(answers)]) if tangent is None else tangent)
    return answers + [None] * (len(results) - len(answers))


def _still(result: Tensor) -> Tensor | None:
    """The tangent of a result that does not move: zeros, of what can have a derivative."""
    return ops.zeros_like(result.detach()) if _differentiable(result) else None


def _seen(op: Any, tangent: Tensor, options: Any) -> Any:
    """The view of a tangent; of a copy where the tangent is not laid out in memory as its tensor is."""
    try:
        return op.call(tangent, **options)
    except RuntimeError:
        return op.call(tangent.contiguous(), **options)


def _pulled(node: Any, op: Any, results: Sequence[Any], filled: Any) -> tuple[list[Tensor], Any]:
    """Leaves that stand for the gradients of the results, and what the way back makes of them.

    They are ones rather than zeros, since some slopes take the positive and the negative gradients apart.
    """
    ups = []
    for result in results if op.several else results[:1]:
        up = filled(result.detach()) if _differentiable(result) else wrap(np.ones(result._array.shape))
        up._requires_grad = True
        ups.append(up)
    return ups, node.pull_tensors(list(ups) if op.several else ups[0])


def _differentiable(tensor: Tensor) -> bool:
    return tensor._array.dtype.kind in "fcV"


def _fitting(tangent: Tensor, like: Tensor) -> Tensor:
    if tangent._array.dtype != like._array.dtype:
        tangent = tangent.to(like.dtype)
    return tangent if tangent._array.shape == like._array.shape else tangent.expand(like._array.shape)


def _node(op: Any, args: Sequence[Any], options: Any, tangents: Sequence[Any]) -> Any:
    """A node of the call that has an edge for each operand with a tangent."""
    stand_ins = []
    for arg, tangent in zip(args, tangents, strict=False):
        if isinstance(arg, Tensor):
            stand_in = wrap(arg._array)
            stand_in._requires_grad = tangent is not None and arg._array.dtype.kind in "fcV"
            stand_ins.append(stand_in)
        else:
            stand_ins.append(arg)
    given = {op.operands[0]: tuple(stand_ins)} if op.many else dict(zip(op.operands, stand_ins, strict=True))
    enabled = graph.recording()
    graph.record(True)
    try:
        with Hushed():
            again = op.call(**given, **options)
    finally:
        graph.record(enabled)
    first = again[0] if isinstance(again, tuple) else again
    return graph.function_of(first._node)[0]


def _refill(node: Any, op: Any, args: Sequence[Any]) -> None:
    """Let the node hold the operands themselves, with their histories and tangents, for what stood in for them."""
    given = {op.operands[0]: tuple(args)} if op.many else dict(zip(op.operands, args, strict=True))
    for name, value in given.items():
        if isinstance(getattr(node, name, None), (Tensor, tuple)) and isinstance(value, (Tensor, tuple)):
            setattr(node, name, value)


DUALS = Duals()
