"""Forward mode through a `Function`: its own `jvp`, and what that may return."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine import array, family
from engine.duals import DUALS
from engine.tensor import Tensor, wrap

_NO_VIEW = "A custom Function's forward is returning a view (or an input as-is) but the jvp is not returning a view."
_OTHER_VIEW = "A custom Function is returning a view but the jvp is not returning a view of the {}given grad input."
_NOT_IN_PLACE = (
    "An inplace custom Function is not modifying the forward mode gradients inplace. If the forward is modifying an "
    "input inplace, then the jvp function must modify the corresponding gradient inplace."
)


def through_function(
    function: Any,
    ctx: Any,
    args: tuple[Any, ...],
    results: list[Any],
    dirty: Sequence[Tensor],
    plain: Sequence[Tensor],
) -> None:
    """Give the results of a `Function` their tangents, by its own `jvp`; `dirty` and `plain` are as it marked them."""
    for index in range(DUALS.active):
        level = DUALS.levels[index]
        given = [DUALS.get(arg, level) if isinstance(arg, Tensor) else None for arg in args]
        if all(t is None for t in given):
            continue
        if ctx._materialize:
            given = [
                wrap(array.module(a._array).zeros_like(a._array)) if t is None and _differentiable(a) else t
                for t, a in zip(given, args, strict=True)
            ]
        versions = [0 if t is None else t._version for t in given]
        with DUALS.within(index):
            ctx._going_forward = True
            try:
                moved = function.jvp(ctx, *given)
            finally:
                ctx._going_forward = False
        answers = list(moved) if isinstance(moved, (tuple, list)) else [moved]
        _check_kinds(answers, len(results))
        for place, (result, tangent) in enumerate(zip(results, answers, strict=True)):
            if tangent is None or not isinstance(result, Tensor):
                continue
            if not _differentiable(result) or any(result is each for each in plain):
                raise RuntimeError(
                    f"Function's jvp returned a gradient at position {place}, but  the corresponding forward output is "
                    "not a differentiable Tensor.You should return None at that position instead."
                )
            if any(result is each for each in dirty):
                _check_in_place(result, tangent, args, given, versions)
            elif result._family is not None:
                _check_view(result, tangent, args, given)
            if tangent._array.shape != result._array.shape:
                raise RuntimeError(
                    "Trying to set a forward gradient that has a different size than that of the original Tensor, "
                    f"this is not supported. Tensor is of size {list(result.shape)} while the given forward gradient "
                    f"is of size {list(tangent.shape)}."
                )
            DUALS.put(result, level, tangent)


def _differentiable(value: Any) -> bool:
    return isinstance(value, Tensor) and value._array.dtype.kind in "fcV"


def _check_kinds(answers: Sequence[Any], count: int) -> None:
    for place, answer in enumerate(answers):
        if not (answer is None or isinstance(answer, Tensor)):
            raise RuntimeError(f"expected Variable or None (got {type(answer).__name__}) for grad output {place}.")
    if len(answers) != count:
        raise RuntimeError(
            f"Function's jvp returned an invalid number of forward gradients (expected {count} but got {len(answers)})"
        )


def _check_in_place(
    result: Tensor, tangent: Tensor, args: Sequence[Any], given: Sequence[Any], versions: Sequence[int]
) -> None:
    """PyTorch's error where an input was changed in place, but not its tangent."""
    for arg, before, version in zip(args, given, versions, strict=True):
        if arg is result and before is not None and (tangent is not before or tangent._version == version):
            raise RuntimeError(_NOT_IN_PLACE)


def _check_view(result: Tensor, tangent: Tensor, args: Sequence[Any], given: Sequence[Any]) -> None:
    """PyTorch's error where a result is a view of an input, but its tangent none of that input's."""
    for arg, before in zip(args, given, strict=True):
        if before is None or arg._family is not result._family:
            continue
        ours = tangent._family is not None and tangent._family is before._family
        if tangent is before or not (ours or family.made_by(tangent) is not None):
            raise RuntimeError(_NO_VIEW)
        if not ours:
            raise RuntimeError(_OTHER_VIEW.format("same base as the " if family.made_by(before) is not None else ""))
