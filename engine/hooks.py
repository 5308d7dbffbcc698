"""Hooks on gradients: functions that see, and may replace, a gradient on the way back."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

from engine.places import Placed

_keys = count()


class RemovableHandle(Placed):
    """What registering a hook returns; `remove()`, or leaving it as a `with` block, takes the hook away.

    `more` are tables of settings of the hook, under the same key.
    """

    __slots__ = ("_hooks", "_more", "id")

    def __init__(self, hooks: dict[int, Any], more: Sequence[dict[int, Any]] = ()) -> None:
        self._hooks = hooks
        self._more = more
        self.id = next(_keys)

    def hooks_dict_ref(self) -> dict[int, Any]:
        """The table that the hook stands in."""
        return self._hooks

    def remove(self) -> None:
        """Take the hook away; a second time does nothing."""
        for table in (self._hooks, *self._more):
            table.pop(self.id, None)

    def __setstate__(self, state: Any) -> None:
        for name, value in state[1].items():
            setattr(self, name, value)
        global _keys
        _keys = count(max(next(_keys), self.id + 1))  # read from a file, its key must not be given out again

    def __enter__(self) -> RemovableHandle:
        return self

    def __exit__(self, *_: Any) -> None:
        self.remove()


def warn_of_hooks(tensor: Any) -> None:
    """Say of the hooks on a leaf that is about to be pickled that they are left behind."""
    hooks = getattr(tensor, "_hooks", None)
    for hook in hooks.before.values() if hooks is not None else ():
        if not hasattr(hook, "__torch_unserializable__"):
            warnings.warn(
                f"backward hook {hook!r} on tensor will not be serialized.  If this is expected, you can decorate the "
                "function with @torch.utils.hooks.unserializable_hook to suppress this warning",
                stacklevel=2,
            )


class Hooks:
    """The hooks at one place of the graph: a node, one of its results, or a leaf.

    `before` see the gradient of a result (`Tensor.register_hook`), `before_node` and `after` belong to the node,
    `accumulated` run when a leaf has got its gradient; `retained` are weak references to tensors that keep `.grad`.
    """

    __slots__ = ("accumulated", "after", "before", "before_node", "metadata", "of_outputs", "packed", "retained")

    def __init__(self) -> None:
        self.before: dict[int, Callable[..., Any]] = {}
        self.before_node: dict[int, Callable[..., Any]] = {}
        self.after: dict[int, Callable[..., Any]] = {}
        self.accumulated: dict[int, Callable[..., Any]] = {}
        self.retained: list[Callable[[], Any]] = []
        self.of_outputs: dict[int, Hooks] = {}
        self.metadata: dict[Any, Any] = {}  # the program's own, as `grad_fn.metadata`
        self.packed: dict[str, Any] = {}  # what hooks on saved tensors made of the node's fields

    def add(self, kind: str, hook: Callable[..., Any]) -> RemovableHandle:
        """Register one; the handle to take it away again."""
        hooks = getattr(self, kind)
        handle = RemovableHandle(hooks)
        hooks[handle.id] = hook
        return handle


def _boxed(g: Any, create: bool) -> Any:
    from engine.tensor import wrap

    return g if create or g is None else wrap(g)


def _unboxed(g: Any, create: bool) -> Any:
    return g if create or g is None else g._array


def _checked(hook: Callable[..., Any], value: Any, g: Any, create: bool) -> Any:
    """What a hook returned in the place of a gradient, if it can be that."""
    from engine.array import OF_NUMPY, TITLES
    from engine.tensor import Tensor

    if not isinstance(value, Tensor):
        raise TypeError(f"expected Variable, but hook returned '{type(value).__name__}'")
    name = getattr(hook, "__name__", type(hook).__name__)
    before = g._array if create else g
    if value._array.shape != before.shape:
        raise RuntimeError(f"hook '{name}' has changed the size of value")
    if value._array.dtype != before.dtype:
        was, got = (TITLES[OF_NUMPY[each.dtype]] for each in (before, value._array))
        raise RuntimeError(f"hook '{name}' has changed the type of value (was torch.{was}Tensor got torch.{got}Tensor)")
    return value if create else value._array


def retain(hooks: Hooks, g: Any, create: bool) -> Any:
    """The gradient of a result after its tensor hooks; it is kept in the `.grad` of those who asked for that."""
    for hook in list(hooks.before.values()):
        replaced = hook(_boxed(g, create))
        if replaced is not None:
            g = _checked(hook, replaced, g, create)
    for reference in hooks.retained:
        tensor = reference()
        if tensor is not None:
            mine = _boxed(g if create else g.copy(), create)
            before = getattr(tensor, "_grad", None)
            tensor._grad = mine if before is None else before + mine
    return g


def run_before(node: Any, g: Any, create: bool) -> Any:
    """The gradient that a node's slopes get, after the hooks on its results and on itself."""
    hooks = node.hooks
    if hooks.packed:
        for name, packed in hooks.packed.items():
            packed.unpack_into(node, name, create)
    if isinstance(g, list):
        for index, each in hooks.of_outputs.items():
            if g[index] is not None:
                g[index] = retain(each, g[index], create)
    else:
        g = retain(hooks, g, create)
    for hook in list(hooks.before_node.values()):
        several = isinstance(g, list)
        replaced = hook(tuple(_boxed(each, create) for each in (g if several else [g])))
        if replaced is not None:
            new = [_unboxed(each, create) for each in (replaced if isinstance(replaced, tuple) else (replaced,))]
            expected = len(g) if several else 1
            if len(new) != expected:
                raise RuntimeError(
                    f"hook '{getattr(hook, '__name__', type(hook).__name__)}' has returned an incorrect number of "
                    f"values (got {len(new)}, but expected {expected})"
                )
            g = new if several else new[0]
    return g


def run_after(node: Any, pulled: Sequence[Any], g: Any, create: bool) -> Sequence[Any]:
    """What a node hands to its operands, after the hooks registered on it."""
    for name in node.hooks.packed:
        setattr(node, name, None)
    for hook in list(node.hooks.after.values()):
        outputs, places = g if isinstance(g, list) else [g], node.places()
        asked = tuple(_boxed(pulled[place], create) for place in places)
        replaced = hook(asked, tuple(_boxed(each, create) for each in outputs))
        if replaced is not None:
            given = replaced if isinstance(replaced, tuple) else (replaced,)
            if len(given) != len(asked):
                raise RuntimeError(
                    f"hook '{getattr(hook, '__name__', type(hook).__name__)}' has returned an incorrect number of "
                    f"values (got {len(given)}, but expected {len(asked)})"
                )
            pulled = list(pulled)
            for place, value in zip(places, given, strict=True):
                pulled[place] = _unboxed(value, create)
    return pulled
