"""Views in place: a tensor that shows its memory under another shape from now on."""

from __future__ import annotations

from collections.abc import Callable
from weakref import ref

from engine import family, graph
from engine.tensor import Tensor
from engine.titles import in_place_form, retitle


def reshape_in_place(tensor: Tensor, call: Callable[[Tensor], Tensor], name: str) -> Tensor:
    """The tensor showing its memory as the view that `call` makes of it; where nothing is recorded, without history."""
    family.check_in_place(tensor, may_repeat=True)
    before, made, enabled = family.shadow(tensor), family.made_by(tensor), graph.recording()
    if made is not None:  # what its base becomes is to come to the new shape, by the steps so far and this one
        before._view, before._family = made, tensor._family
        graph.record(True)
    try:
        shown = call(before)
    except (RuntimeError, TypeError) as error:
        if str(error).startswith(f"{name[:-1]}()"):
            error.args = (name + str(error)[len(name) - 1 :],)
        raise
    finally:
        graph.record(enabled)
    family.spoil(tensor, name)
    tensor._array = shown._array
    family.family_of(tensor).stamp(name)
    if made is not None and (step := family.made_by(shown)) is not None:
        tensor._view = step
        _stand_in(before, tensor)
    node = shown._node
    if node is not None and enabled:
        retitle(shown, in_place_form(node.name()))
    elif node is not None:
        retitle(shown, "AsStridedBackward0")
    if enabled or made is not None:
        tensor._requires_grad = shown._requires_grad
        family.renode(tensor, node)
    return tensor


def _stand_in(before: Tensor, tensor: Tensor) -> None:
    """Let what was a view of the tensor be one of `before`, which stands among the views where the tensor was."""
    shared = tensor._family
    assert shared is not None
    for each in shared.views:
        view = each()
        if view is not None and (made := family.made_by(view)) is not None and made[0] is tensor:
            view._view = (before, *made[1:])
    shared.views = [*(ref(before) if each() is tensor else each for each in shared.views), ref(tensor)]
