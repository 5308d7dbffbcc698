"""Jacobians and Hessians of functions, row by row on the way back or column by column on the way forward."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from engine.batched import mark
from engine.dispatch import tensors as ops
from engine.func import tree
from engine.func.transforms import jvp, pick, pulling, replaced
from engine.tensor import Tensor


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

        output, pull, aux = pulling(of_picked, (picked,), has_aux)
        outputs, out_spec = tree.flatten(output)
        inputs, in_spec = tree.flatten(picked)
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
    """The function that returns the Jacobian of `func` by its arguments `argnums`, computed on the way forward."""

    @functools.wraps(func)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        picked = pick(argnums, args)
        inputs, in_spec = tree.flatten(picked)

        def of_leaves(*leaves: Any) -> Any:
            return func(*replaced(args, argnums, tree.unflatten(leaves, in_spec)), **kwargs)

        blank = [ops.zeros_like(each.detach()) if isinstance(each, Tensor) else each for each in inputs]
        columns: list[list[Tensor]] = []
        aux = out_spec = outputs = None
        for n, each in enumerate(inputs):
            for index in range(each.numel()):
                tangents = (*blank[:n], unit(each, index), *blank[n + 1 :])
                found = jvp(of_leaves, tuple(inputs), tangents, has_aux=has_aux)
                outputs, out_spec = tree.flatten(found[0])
                columns.append(tree.flatten(found[1])[0])
                aux = found[2] if has_aux else None
        if outputs is None or out_spec is None:
            outputs, out_spec = tree.flatten(of_leaves(*inputs))
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


def _side_by_side(columns: list[Tensor], out: tuple[int, ...], into: tuple[int, ...], like: Tensor) -> Tensor:
    if not columns:
        return ops.zeros(*out, *into, dtype=like.dtype, device=like.device)
    return ops.stack(columns, -1).reshape(*out, *into) if into else columns[0]


def hessian(func: Callable[..., Any], argnums: Any = 0) -> Callable[..., Any]:
    """The function that returns the second derivatives of `func`: forward over backward."""
    return jacfwd(jacrev(func, argnums), argnums)
