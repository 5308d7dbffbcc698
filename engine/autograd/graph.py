"""What a program sees of the graph, and hooks on it: saved tensors, several gradients at once, edges."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple
from weakref import WeakSet

from engine import graph
from engine.family import family_of
from engine.hooks import RemovableHandle
from engine.reach import asked_of_leaf, expected
from engine.saving import SAVING
from engine.switches import at_end, walk_now
from engine.tensor import Tensor

_disabled: ContextVar[tuple[str, ...]] = ContextVar("disabled", default=())  # what is said where hooks are refused


class _NodeKind(type):
    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, (graph.Node, graph.AccumulateGrad))

    def __subclasscheck__(cls, kind: type) -> bool:
        return issubclass(kind, (graph.Node, graph.AccumulateGrad))


class Node(metaclass=_NodeKind):
    """What `grad_fn` is: every node of the graph is an instance."""


class GradientEdge(NamedTuple):
    """A gradient in the graph: that of a result of a node."""

    node: Any
    output_nr: int
    ownership_token: Any = None


def get_gradient_edge(tensor: Any) -> GradientEdge:
    """The edge that the gradient of a tensor comes to."""
    if not tensor.requires_grad:
        raise RuntimeError("It is not possible to get the gradient edge for a Tensor that does not require gradients")
    node, index = graph.known(tensor)
    return GradientEdge(graph.shown(node), index)


def increment_version(tensor: Any) -> None:
    """Count one more change in place of a tensor, or of each of several."""
    for each in (tensor,) if isinstance(tensor, Tensor) else tensor:
        family_of(each).stamp("increment_version")


class saved_tensors_hooks:
    """The block in which `pack_hook` gets each tensor that is saved; `unpack_hook` makes it a tensor again."""

    def __init__(self, pack_hook: Callable[[Any], Any], unpack_hook: Callable[[Any], Any]) -> None:
        self.pack_hook = pack_hook
        self.unpack_hook = unpack_hook

    def __enter__(self) -> None:
        if _disabled.get():
            raise RuntimeError(_disabled.get()[-1])
        SAVING.push(self.pack_hook, self.unpack_hook)

    def __exit__(self, *_: Any) -> None:
        SAVING.pop()


class save_on_cpu(saved_tensors_hooks):
    """The block whose saved tensors wait in host memory."""

    def __init__(self, pin_memory: bool = False, device_type: str = "cuda") -> None:
        def pack(tensor: Any) -> Any:
            return tensor.device, tensor.cpu()

        def unpack(packed: Any) -> Any:
            device, tensor = packed
            return tensor.to(device)

        super().__init__(pack, unpack)


@contextmanager
def disable_saved_tensors_hooks(error_message: str) -> Iterator[None]:
    """The block in which hooks on saved tensors are refused with this message."""
    if SAVING.stack:
        raise RuntimeError(error_message)
    before = _disabled.get()
    _disabled.set((*before, error_message))
    try:
        yield
    finally:
        _disabled.set(before)


_allowing: list[Any] = []


class _Kept:
    """A saved tensor as it was."""

    __slots__ = ("__weakref__", "copy")

    def __init__(self, copy: Any) -> None:
        self.copy = copy


class _AllowMutationOnSavedContext:
    """What `allow_mutation_on_saved_tensors` gives: the tensors that were saved in its block."""

    def __init__(self) -> None:
        self.kept: WeakSet[_Kept] = WeakSet()

    def clear(self) -> None:
        """Let go of them: nothing recorded so far can be gone back over."""
        for each in self.kept:
            each.copy = None
        self.kept.clear()


@contextmanager
def allow_mutation_on_saved_tensors() -> Iterator[Any]:
    """The block in which tensors that were saved may be changed: the way back gets them as they were."""
    if _allowing:
        raise RuntimeError("allow_mutation_on_saved_tensors contexts cannot be nested")
    here = _AllowMutationOnSavedContext()

    def pack(tensor: Any) -> Any:
        kept = _Kept(tensor.detach().clone())
        here.kept.add(kept)
        return kept

    def unpack(kept: Any) -> Any:
        if here not in _allowing or kept.copy is None:
            raise AssertionError(
                "Trying to backward outside of the 'allow_mutation_on_saved_tensors' context"
                "in which the graph was originally recorded."
            )
        return kept.copy

    with saved_tensors_hooks(pack, unpack):
        _allowing.append(here)
        try:
            yield here
        finally:
            _allowing.remove(here)


class _Handles(RemovableHandle):
    """The handle of a hook on several tensors."""

    __slots__ = ("_each",)

    def __init__(self, each: Sequence[RemovableHandle]) -> None:
        super().__init__({})
        self._each = each

    def remove(self) -> None:
        """Take the hook away from all of them."""
        for handle in self._each:
            handle.remove()


def register_multi_grad_hook(tensors: Sequence[Any], fn: Callable[..., Any], *, mode: str = "all") -> RemovableHandle:
    """Call `fn` once a backward: with all gradients (None for those not computed), or ("any") with the first."""
    if mode not in ("all", "any"):
        raise ValueError(f"Expects mode to be one of ('all', 'any') but got {mode}")
    if not all(each.requires_grad for each in tensors):
        raise AssertionError("Expected gradient function to be set")
    found: list[Any] = [None] * len(tensors)
    state: dict[str, Any] = {"walk": None, "waiting": 0}  # which walk is going on, for how many gradients

    def begin() -> None:
        state["walk"], found[:] = walk_now(), [None] * len(tensors)
        state["waiting"] = expected(tensors)
        at_end(state.clear)  # lets go of the graph
        if mode == "all" and asked_of_leaf(tensors):
            raise RuntimeError(
                "A leaf node was passed to _will_engine_execute_node but we are currently running autograd.grad(). "
                "This is currently not supported."
            )

    def hook_of(index: int) -> Callable[[Any], None]:
        def hook(gradient: Any) -> None:
            first = state.get("walk") is not walk_now()
            if first:
                begin()
            found[index] = gradient
            if first and mode == "any":
                fn(gradient)
            state["waiting"] -= 1
            if mode == "all" and not state["waiting"]:
                fn(list(found))

        return hook

    return _Handles([t.register_hook(hook_of(i)) for i, t in enumerate(tensors)])


__all__ = [
    "GradientEdge", "Node", "allow_mutation_on_saved_tensors", "disable_saved_tensors_hooks", "get_gradient_edge",
    "increment_version", "register_multi_grad_hook", "save_on_cpu", "saved_tensors_hooks",
]  # fmt: skip
