"""What PyTorch says of views that must not be changed in place, or of which the base has been changed."""

from __future__ import annotations

import re
from typing import Any

from engine.nodes import Invalid, Unrecorded, function_of

_SEVERAL = (
    "This view is the output of a function that returns multiple views. Such functions do not allow the output views "
    "to be modified inplace. You should replace the inplace operation by an out-of-place one."
)
_OF_FUNCTION = (
    "This view was created inside a custom Function (or because an input was returned as-is) and the autograd logic to "
    "handle view+inplace would override the custom backward associated with the custom Function, leading to incorrect "
    "gradients. This behavior is forbidden. You can fix this by cloning the output of the custom Function."
)


_AMBIGUOUS = (
    "Given that this use case is ambiguous and error-prone, it is forbidden. You can clarify your code by moving both "
    "the view and the inplace either both inside the {} block (if you don't want the inplace to be tracked) or both "
    "outside (if you want the inplace to be tracked)."
)


def unrecorded(made: Unrecorded, happened: str, edge: Any = None) -> RuntimeError:
    """The error of a view that was made without recording, or a recorded view of such, to which something happened."""
    function, number = function_of(edge)
    of = "A view was" if function is None else f"Output {number} of {_home(function)} is a view of a view which was"
    mode, block, other = ("no_grad mode", "no_grad", "with grad mode enabled")
    if made.inferring:
        mode, block, other = ("inference mode", "inference_mode", "in normal mode")
    return RuntimeError(f"{of} created in {mode} and {happened} {other}. {_AMBIGUOUS.format(block)}")


def _home(function: Any) -> str:
    return re.sub(r"Backward[0-9]*$", "", function.name())


def _told(edge: Any, happened: str) -> str:
    """What happened to the view of an edge, which is named by its place among the results of what made it."""
    function, number = function_of(edge)
    if function is None:
        return f"A view was created in no_grad mode and {happened} with grad mode enabled."
    return f"Output {number} of {_home(function)} is a view and {happened}."


def refused(edge: Any, of_function: bool) -> RuntimeError:
    """The error of a change in place of a view, `of_function` if a program's own function made it."""
    alone = of_function and function_of(edge)[0].results == 1
    return RuntimeError(f"{_told(edge, 'is being modified inplace')} {_OF_FUNCTION if alone else _SEVERAL}")


def invalid(edge: Any) -> Invalid:
    """What becomes of the edge of one of several views when their base is changed in place."""
    told = _told(edge, "its base or another view of its base has been modified inplace")
    return Invalid(*function_of(edge), f"{told} {_SEVERAL}")


def repeats(memory: Any) -> bool:
    """Whether two elements of a raw array are one, as after `expand`."""
    return memory.size > 1 and any(n > 1 and not step for n, step in zip(memory.shape, memory.strides, strict=True))


def repeated() -> RuntimeError:
    """PyTorch's error for a tensor that must not be changed in place because elements repeat."""
    return RuntimeError(
        "unsupported operation: more than one element of the written-to tensor refers to a single memory location. "
        "Please clone() the tensor before performing the operation."
    )
