"""Jacobians and Hessians of functions, row by row on the way back or column by column on the way forward."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from engine import graph, twister
from engine.autograd.backward import fresh
from engine.autograd.function import BackwardCFunction
from engine.batched import REFUSED, check_randomness, mark, mask_of
from engine.dispatch import tensors as ops
from engine.func import tree
from engine.func.levels import Inside, Recording, left, own_leaves, reaches_outside
from engine.func.transforms import (
    check_inexact,
    check_real,
    check_some,
    jvp,
    pick,
    pulling,
    replaced,
    split_aux,
    stand_ins,
)
from engine.tensor import Tensor, wrap


def unit(like: Tensor, index: int) -> Tensor:
    """Zeros of the shape of a tensor with a one at a flat index."""
    tensor = ops.zeros_like(like.detach())
    tensor._array = tensor._array.copy()
    tensor._array.reshape(-1)[index] = 1
    return mark(tensor, 0)


def jacrev(
    func: Callable[..., Any],
    argnums: Any = 0,
    *,
    has_aux: bool = False,
    chunk_size: int | None = None,
    _preallocate_and_copy: bool = False,
) -> Callable[..., Any]:
    """The function that returns the Jacobian of `func` by its arguments `argnums`, computed on the way back.

    For a result of shape S and an argument of shape A it has the shape (*S, *A); containers nest in that order, too.
    """
    if not (chunk_size is None or chunk_size > 0):
        raise ValueError("jacrev: `chunk_size` should be greater than 0.")

    @functools.wraps(func)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        picked = pick(argnums, args)

        def of_picked(given: Any) -> Any:
            return func(*replaced(args, argnums, given), **kwargs)

        inputs, in_spec = tree.flatten(picked)
        check_real("jacrev", "inputs", inputs)
        output, pull, aux = pulling(of_picked, (picked,), has_aux)
        outputs, out_spec = tree.flatten(output)
        check_real("jacrev", "outputs", outputs)
        rows: list[list[Tensor]] = []  # one for each element of each output: gradients by the inputs
        blank = [ops.zeros_like(each.detach()) for each in outputs]
        for n, each in enumerate(outputs):
            for index in range(each.numel()):
                weights = [*blank[:n], unit(each, index), *blank[n + 1 :]]
                (found,) = pull(tree.unflatten(weights, out_spec))
                rows.append(tree.flatten(found)[0])
        answers = []
        at = 0
        for each in outputs:
            mine = rows[at : at + each.numel()]
            at += each.numel()
            shape = tuple(each.shape)
            answers.append(
                tree.unflatten(
                    [
                        _stacked([row[i] for row in mine], shape, tuple(given.shape), given)
                        for i, given in enumerate(inputs)
                    ],
                    in_spec,
                )
            )
        answer = tree.unflatten(answers, out_spec)
        return (answer, aux) if has_aux else answer

    return wrapper


def _stacked(rows: list[Tensor], out: tuple[int, ...], into: tuple[int, ...], like: Tensor) -> Tensor:
    if not rows:
        return ops.zeros(*out, *into, dtype=like.dtype, device=like.device)
    return ops.stack(rows).reshape(*out, *into) if out or into else rows[0]


def jacfwd(
    func: Callable[..., Any], argnums: Any = 0, has_aux: bool = False, *, randomness: str = "error"
) -> Callable[..., Any]:
    """The function that returns the Jacobian of `func` by its arguments `argnums`, a column for each of their elements.

    Where there are more columns than one, `func` is run once: the way back is linear in what comes into it, and the
    derivatives of that are the columns. A `Function` with a `jvp` of its own is run forward for each.
    """

    @functools.wraps(func)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        check_randomness(randomness)
        picked = pick(argnums, args)
        inputs, in_spec = tree.flatten(picked)
        for each in inputs:
            check_inexact("primal", each)
        check_real("jacfwd", "inputs", inputs)

        def of_leaves(*leaves: Any) -> Any:
            return func(*replaced(args, argnums, tree.unflatten(leaves, in_spec)), **kwargs)

        before = twister.refusal()
        twister.refuse(REFUSED if randomness == "error" else None)
        try:
            found = _linear(of_leaves, inputs, has_aux) or _forward(of_leaves, inputs, has_aux)
        finally:
            twister.refuse(before)
        outputs, out_spec, columns, aux = found
        check_real("jacfwd", "outputs", outputs)
        answers = []
        for i, output in enumerate(outputs):
            parts, at = [], 0
            for each in inputs:
                mine = [column[i] for column in columns[at : at + each.numel()]]
                at += each.numel()
                parts.append(_side_by_side(mine, tuple(output.shape), tuple(each.shape), output))
            answers.append(tree.unflatten(parts, in_spec))
        answer = tree.unflatten(answers, out_spec)
        return (answer, aux) if has_aux else answer

    return wrapper


# Results, their structure, a list of tangents of the results for each element of the inputs, and aux.
Columns = tuple[list[Any], tree.Spec, list[list[Tensor]], Any]


def _forward(func: Callable[..., Any], inputs: list[Any], has_aux: bool) -> Columns:
    """The columns in forward mode, one run each."""
    blank = [ops.zeros_like(each.detach()) if isinstance(each, Tensor) else each for each in inputs]
    columns: list[list[Tensor]] = []
    for n, each in enumerate(inputs):
        for index in range(each.numel()):
            tangents = (*blank[:n], unit(each, index), *blank[n + 1 :])
            found = jvp(func, tuple(inputs), tangents, has_aux=has_aux)
            columns.append(tree.flatten(found[1])[0])
    if not columns:
        output, _, aux = pulling(func, tuple(inputs), has_aux)
        return (*tree.flatten(output), [], aux)
    outputs, spec = tree.flatten(found[0])
    return outputs, spec, columns, found[2] if has_aux else None


class _Withheld:
    """Watches for calls that are not recorded though an operand needs a gradient: tangents go through those too."""

    met = False

    def called(self, op: Any, args: Sequence[Any], options: Any, out: Any) -> None:
        """Look at one call."""
        if not self.met and not graph.recording() and getattr(op, "differentiable", True):
            self.met = any(isinstance(each, Tensor) and each._requires_grad for each in tree.flatten(list(args))[0])


def _linear(func: Callable[..., Any], inputs: list[Any], has_aux: bool) -> Columns | None:
    """The columns from one run; None where forward mode has to give them."""
    if sum(each.numel() for each in inputs if isinstance(each, Tensor)) < 2:
        return None
    outer = graph.recording()
    inside, _ = stand_ins(tuple(inputs), outer)
    withheld = _Withheld()
    graph.also(withheld)
    try:
        with Inside(), Recording():
            given = func(*inside)
    finally:
        graph.no_longer(withheld)
    if withheld.met:
        return None
    aux = None
    if has_aux:
        given, aux = split_aux("jvp(f, primals, tangents)", given)
    outputs, spec = tree.flatten(given)
    check_some("jvp(f, primals, tangents)", outputs)
    for each in outputs:
        if not isinstance(each, Tensor):
            raise RuntimeError(
                "jvp(f, primals, tangents): expected f(*primals) to return only tensors, got unsupported type "
                f"{type(each)}"
            )
    if _own_jvp(outputs):
        return None
    # Not zeros: some slopes take the positive and the negative gradients apart.
    ups = [ops.ones_like(each.detach()) for each in outputs]
    pairs = [(out, up) for out, up in zip(outputs, ups, strict=True) if out._requires_grad]
    for _, up in pairs:
        up._requires_grad = True
    edges = [graph.edge_of(t) for t in inside]
    try:
        pulled = graph.walk([(graph.edge_of(o), up) for o, up in pairs], True, True, edges) if pairs else {}
    except RuntimeError:  # some slopes take only gradients of what has a definite value
        return None
    own = {*own_leaves(inside), *(up for _, up in pairs)}
    lasting = graph.duals is not None or (outer and reaches_outside(pulled.values(), own))
    columns = []
    for edge, source in zip(edges, inputs, strict=True):
        g = pulled.get(edge)
        for index in range(source.numel()):
            found: dict[Any, Any] = {}
            if g is not None and g._requires_grad:
                tangent = unit(source, index)
                root = graph.edge_of(g), tangent if lasting else tangent._array
                found = graph.walk([root], True, lasting, [up for _, up in pairs])
            columns.append([_column(found.get(up), up, out, own, outer) for out, up in zip(outputs, ups, strict=True)])
    return [left(out, own, outer) for out in outputs], spec, columns, _outside(aux, own, outer)


def _outside(value: Any, own: set[Any], outer: bool) -> Any:
    return tree.mapped(lambda leaf: left(leaf, own, outer), value)


def _column(found: Any, up: Tensor, out: Tensor, own: set[Any], outer: bool) -> Tensor:
    """One column for one result, as it is seen outside."""
    if found is None:
        return ops.zeros_like(out.detach())
    if isinstance(found, Tensor):
        return left(found, own, outer)
    return mark(wrap(fresh(found)), mask_of(out))


def _own_jvp(outputs: list[Any]) -> bool:
    """Whether the history of some tensor has a `Function` that says itself how tangents go forward."""
    stack = [graph.function_of(graph.edge_of(t))[0] for t in outputs]
    seen: set[Any] = set()
    while stack:
        node = stack.pop()
        if isinstance(node, graph.Node) and node not in seen:
            seen.add(node)
            if isinstance(node, BackwardCFunction):
                return True
            stack.extend(getattr(edge, "whole", edge) for edge in node.parents)
    return False


def _side_by_side(columns: list[Tensor], out: tuple[int, ...], into: tuple[int, ...], like: Tensor) -> Tensor:
    if not columns:
        return ops.zeros(*out, *into, dtype=like.dtype, device=like.device)
    return ops.stack(columns, -1).reshape(*out, *into) if into else columns[0]


def hessian(func: Callable[..., Any], argnums: Any = 0) -> Callable[..., Any]:
    """The function that returns the second derivatives of `func`: forward over backward."""
    return jacfwd(jacrev(func, argnums), argnums)
