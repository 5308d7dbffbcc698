"""Forward mode by hand: dual tensors, a value with its tangent, within a level."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

from engine import graph
from engine.dispatch import tensors as ops
from engine.duals import DUALS
from engine.tensor import Tensor


class UnpackedDualTensor(NamedTuple):
    """What a dual tensor is made of; the tangent is None where there is none."""

    primal: Any
    tangent: Any


def enter_dual_level() -> int:
    """Open the level; its index, 0."""
    if DUALS.by_hand is not None:
        raise RuntimeError("Nested forward mode AD is not supported at the moment")
    DUALS.by_hand = DUALS.open()
    return 0


def exit_dual_level(*, level: int | None = None) -> None:
    """Close the level: tangents made in it are gone."""
    if level not in (None, -1, 0) or (level == 0 and DUALS.by_hand is None):
        raise RuntimeError(
            "Trying to exit a forward AD level that was not the last one that was created. This is not supported."
        )
    if DUALS.by_hand is None:
        raise RuntimeError("Dual level must be a positive number.")
    DUALS.close()
    DUALS.by_hand = None


def make_dual(tensor: Any, tangent: Any, *, level: int | None = None) -> Any:
    """A view of `tensor` whose tangent is `tangent`."""
    if DUALS.by_hand is None or (level is not None and level < 0):
        raise RuntimeError(
            "Trying to create a dual Tensor for forward AD but no level exists, make sure to enter_dual_level() first."
        )
    for name, given in (("primal", tensor), ("tangent", tangent)):
        if not (given.is_floating_point() or given.is_complex()):
            raise ValueError(f"Expected {name} to be floating point or complex, but got: {given.dtype}")
    if DUALS.get(tensor, DUALS.by_hand) is not None:
        raise RuntimeError(
            "Making a dual Tensor based on a Tensor that already has a forward gradient at the same level 0 is not "
            "supported."
        )
    return dual(tensor, tangent, DUALS.by_hand)


def dual(tensor: Tensor, tangent: Tensor, level: int) -> Tensor:
    """A view of a tensor with a tangent at a level."""
    if tensor._array.shape != tangent._array.shape:
        raise RuntimeError(
            "Trying to set a forward gradient that has a different size than that of the original Tensor, this is not "
            f"supported. Tensor is of size {list(tensor.shape)} while the given forward gradient is of size "
            f"{list(tangent.shape)}."
        )
    made = DUALS.apart(ops.view_as(tensor, tensor))
    DUALS.put(made, level, tangent)
    return made


def unpack_dual(tensor: Any, *, level: int | None = None) -> UnpackedDualTensor:
    """The value without its tangent, and the tangent."""
    if DUALS.by_hand is None:
        return UnpackedDualTensor(tensor, None)
    return unpacked(tensor, DUALS.by_hand)


def unpacked(tensor: Tensor, level: int) -> UnpackedDualTensor:
    """Value and tangent at a level; the value keeps the tangents of other levels."""
    tangent = DUALS.get(tensor, level)
    if tangent is None:
        return UnpackedDualTensor(tensor, None)
    primal = DUALS.apart(ops.view_as(tensor, tensor))
    primal.__dict__["_tangents"] = {n: t for n, t in primal.__dict__.get("_tangents", {}).items() if n != level}
    return UnpackedDualTensor(primal, tangent)


class dual_level:
    """The block, or decorated function, in which dual tensors can be made."""

    def __enter__(self) -> int:
        return enter_dual_level()

    def __exit__(self, *_: Any) -> None:
        exit_dual_level()

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def within(*args: Any, **kwargs: Any) -> Any:
            with type(self)():
                return function(*args, **kwargs)

        return within


def is_dual() -> bool:
    """Whether some level is open."""
    return graph.duals is not None
