"""Hooks on gradients: functions that see, and may replace, a gradient on the way back."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any
from weakref import ref

from engine.places import Placed
from engine.undefined import UNDEFINED, marked

_keys = count()
hooked: dict[int, Any] = {}  # weak references to the leaves that have hooks, by their ids


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

    __slots__ = (
        "accumulated", "after", "before", "before_node", "metadata", "of_outputs", "packed", "retained", "within",
    )  # fmt: skip

    def __init__(self) -> None:
        self.before: dict[int, Callable[..., Any]] = {}
        self.before_node: dict[int, Callable[..., Any]] = {}
        self.after: dict[int, Callable[..., Any]] = {}
        self.accumulated: dict[int, Callable[..., Any]] = {}
        self.retained: list[Callable[[], Any]] = []
        self.of_outputs: dict[int, Hooks] = {}
        self.metadata: dict[Any, Any] = {}  # the program's own, as `grad_fn.metadata`
        self.within: dict[tuple[int, ...], Hooks] = {}  # of the steps that are only shown (`engine/between.py`)
        self.packed: dict[str, Any] = {}  # what hooks on saved tensors made of the node's fields

    def add(self, kind: str, hook: Callable[..., Any]) -> RemovableHandle:
        """Register one; the handle to take it away again."""
        hooks = getattr(self, kind)
        handle = RemovableHandle(hooks)
        hooks[handle.id] = hook
        return handle


def hooks_of_leaf(leaf: Any) -> Hooks:
    """Hooks for a leaf that has none yet."""
    key = id(leaf)
    hooked[key] = ref(leaf, lambda _: hooked.pop(key, None))
    leaf._hooks = Hooks()
    made: Hooks = leaf._hooks
    return made


def _boxed(g: Any, create: bool) -> Any:
    from engine.tensor import wrap

    if g is UNDEFINED:
        return None
    return g if create or g is None else wrap(g)


def _checked(hook: Callable[..., Any], value: Any, g: Any, create: bool) -> Any:
    """What a hook returned in the place of a gradient, if it can be that."""
    from engine.array import OF_NUMPY, TITLES
    from engine.tensor import Tensor

    if g is None:
        raise RuntimeError("can't replace a None gradient with a non-None value")
    if not isinstance(value, Tensor):
        raise TypeError(f"expected Variable, but hook returned '{type(value).__name__}'")
    name = _named(hook)
    before = g._array if create else g
    if value._array.shape != before.shape:
        raise RuntimeError(f"hook '{name}' has changed the size of value")
    if value._array.dtype != before.dtype:
        was, got = (TITLES[OF_NUMPY[each.dtype]] for each in (before, value._array))
        raise RuntimeError(f"hook '{name}' has changed the type of value (was torch.{was}Tensor got torch.{got}Tensor)")
    return value if create else value._array


def _named(hook: Callable[..., Any]) -> str:
    return str(getattr(hook, "__name__", type(hook).__name__))


def _all_checked(hook: Callable[..., Any], given: Any, before: Sequence[Any], create: bool) -> list[Any]:
    """What a hook on a node returned in the place of several gradients, if it can be that."""
    if not isinstance(given, tuple):
        raise TypeError(f"expected tuple, but hook returned '{type(given).__name__}'")
    if len(given) != len(before):
        raise RuntimeError(
            f"hook '{_named(hook)}' has returned an incorrect number of values (got {len(given)}, but expected "
            f"{len(before)})"
        )
    return [None if value is None else _checked(hook, value, g, create) for value, g in zip(given, before, strict=True)]


def retain(hooks: Hooks, g: Any, create: bool) -> Any:
    """The gradient of a result after its tensor hooks; it is kept in the `.grad` of those who asked for that."""
    for hook in list(hooks.before.values()):
        replaced = hook(_boxed(g, create))
        if replaced is not None:
            g = _checked(hook, replaced, g, create)
    for reference in hooks.retained if g is not None else ():
        tensor = reference()
        if tensor is not None:
            mine = g.clone() if create else _boxed(g.copy(), create)
            before = getattr(tensor, "_grad", None)
            tensor._grad = mine if before is None else before + mine
    return g


def run_before(node: Any, g: Any, create: bool) -> Any:
    """The gradient of a node's result (a list of those of several) after the hooks of the tensors that they are."""
    hooks = node.hooks
    if not isinstance(g, list):
        return retain(hooks, g, create)
    for index, each in hooks.of_outputs.items():
        g[index] = retain(each, g[index], create)
    return g


def run_node(node: Any, g: Any, create: bool) -> Any:
    """The gradient that a node's slopes get, after its own hooks, with what it saved unpacked."""
    hooks = node.hooks
    g = run_own(hooks, g, create)
    for name, packed in hooks.packed.items():
        packed.unpack_into(node, name, create)
    return g


def run_own(hooks: Hooks, g: Any, create: bool) -> Any:
    """A gradient (or several) after the hooks on the node that it comes to."""
    several = isinstance(g, list)
    for hook in list(hooks.before_node.values()):
        gradients = g if several else [g]
        replaced = hook(tuple(_boxed(each, create) for each in gradients))
        if replaced is not None:
            new = _all_checked(hook, replaced, gradients, create)
            g = new if several else new[0]
    return g


def run_accumulated(leaf: Any, hooks: Hooks, g: Any, create: bool) -> None:
    """The hooks after a gradient has been accumulated: those of the leaf, then those of the node that did it."""
    for hook in list(hooks.accumulated.values()):
        answer = hook(leaf)
        if answer is not None and answer is not leaf:
            _checked(hook, answer, leaf._array, False)
            raise RuntimeError("Tensor post accumulate grad hooks should return None.")
    for hook in list(hooks.after.values()):
        hook((), (_boxed(g, create),))


def run_after(node: Any, pulled: Sequence[Any], g: Any, create: bool) -> Sequence[Any]:
    """What a node hands to its operands, after the hooks registered on it."""
    for name in node.hooks.packed:
        setattr(node, name, None)
    for hook in list(node.hooks.after.values()):
        outputs, places = g if isinstance(g, list) else [g], node.places()
        asked = tuple(_boxed(pulled[place], create) for place in places)
        replaced = hook(asked, tuple(_boxed(each, create) for each in outputs))
        if replaced is not None:
            given = _all_checked(hook, replaced, [pulled[place] for place in places], create)
            pulled = list(pulled)
            for place, value in zip(places, given, strict=True):
                pulled[place] = value
    return pulled


def handed_on(node: Any, create: bool) -> Sequence[Any]:
    """The turn of a node to which no other gradient has come: what it gives its operands, after the hooks there."""
    hooks = node.hooks
    several = node.op.several if node.op is not None else getattr(node, "results", 1) > 1
    g = [None] * node.results if several else None
    if hooks is None:
        return marked(node.pull_nothing(g, create), node.parents)
    g = run_node(node, run_before(node, g, create), create)
    return marked(run_after(node, node.pull_nothing(g, create), g, create), node.parents)
