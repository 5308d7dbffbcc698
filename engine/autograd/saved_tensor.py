"""`SavedTensor`: one saved tensor of a node, which a program can have packed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

from engine.autograd.saved import Saved
from engine.gone import Gone
from engine.saving import SAVING, Packed, pack_field, tensor_of

_FREED = (
    "Calling register_hooks on a saved tensor after it has been freed. Saved intermediate values of the graph are "
    "freed when you call .backward() or autograd.grad(). Specify retain_graph=True if you need to backward through the "
    "graph a second time or if you need to access saved variables after calling backward."
)


class SavedTensor:
    """One saved tensor of a node, as `grad_fn._raw_saved_NAME` gives it, or as one of `ctx._raw_saved_tensors`."""

    __slots__ = ("_field", "_node")
    __module__ = "torch._C._autograd"

    _node: Any
    _field: Any  # the name of the node's field; of a `Function` the place among what it saved

    def __init__(self, *_: Any) -> None:
        raise RuntimeError("Trying to create a SavedTensor object from Python is forbidden.")

    @classmethod
    def of(cls, node: Any, field: Any) -> Self:
        """That of a node under this name or number."""
        made = object.__new__(cls)
        made._node, made._field = node, field
        return made

    def register_hooks(self, *hooks: Callable[..., Any]) -> None:
        """Pack it now by the first, and unpack it when it is needed by the second."""
        if len(hooks) != 2 or not all(map(callable, hooks)):
            raise TypeError(
                "register_hooks(): incompatible function arguments. The following argument types are supported:\n"
                "    1. (self: torch._C._autograd.SavedTensor, arg0: collections.abc.Callable, arg1: "
                f"collections.abc.Callable) -> None\n\nInvoked with: {', '.join(map(repr, (self, *hooks)))}"
            )
        node, field = self._node, self._field
        of_function = field.__class__ is int
        value = node._kept if of_function else getattr(node, field)
        if value.__class__ is Gone:
            raise RuntimeError(_FREED)
        if of_function:
            value = value[field]
            packed = value.packed if value.__class__ is Saved else None
        else:
            packed = None if node.hooks is None else node.hooks.packed.get(field)
        if packed is not None:
            raise RuntimeError(
                "Calling register_hooks on a saved tensor whose hooks have already been set. "
                "Hint: only one pair of hooks is allowed at a time."
            )
        if of_function:
            if value is None:
                raise RuntimeError("Calling register_hooks on a saved tensor with value None is forbidden")
            self._pack(value, *hooks)
        else:
            pack_field(node, field, tensor_of(node, field), *hooks, is_result=field == "y")

    def _pack(self, value: Any, pack: Callable[..., Any], unpack: Callable[..., Any]) -> None:
        """Let a `Function`'s node keep what `pack` makes of one of its tensors."""
        output = value.output if value.__class__ is Saved else None
        tensor = self._node._restored(value) if value.__class__ is Saved else value
        with SAVING.aside():
            saved = Saved(tensor, output)
        saved.packed = Packed(tensor, pack, unpack, output is not None)
        saved.tensor = saved.value = None
        kept = list(self._node._kept)
        kept[self._field] = saved
        self._node._kept = tuple(kept)
