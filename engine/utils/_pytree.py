"""Nested containers of leaves, under PyTorch's names: taken apart, put together, walked with the way to each leaf."""

from __future__ import annotations

import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.func.tree import LEAF, REGISTERED, flatten, spread, unflatten
from engine.func.tree import Spec as TreeSpec

IsLeaf = Callable[[Any], bool] | None


@dataclass(frozen=True)
class SequenceKey:
    """The way to an element of a list or tuple."""

    idx: int

    def __str__(self) -> str:
        return f"[{self.idx!r}]"

    def get(self, sequence: Any) -> Any:
        """That element."""
        return sequence[self.idx]


@dataclass(frozen=True)
class MappingKey:
    """The way to a value of a dictionary."""

    key: Any

    def __str__(self) -> str:
        return f"[{self.key!r}]"

    def get(self, mapping: Mapping[Any, Any]) -> Any:
        """That value."""
        return mapping[self.key]


@dataclass(frozen=True)
class GetAttrKey:
    """The way to an attribute."""

    name: str

    def __str__(self) -> str:
        return f".{self.name}"

    def get(self, obj: Any) -> Any:
        """That attribute."""
        return getattr(obj, self.name)


def register_pytree_node(
    cls: type,
    flatten_fn: Callable[..., Any],
    unflatten_fn: Callable[..., Any],
    *,
    flatten_with_keys_fn: Callable[..., Any] | None = None,
    **_: Any,
) -> None:
    """Let a type be a container: `flatten_fn(it)` gives its elements and a context, `unflatten_fn` takes these."""
    if cls in REGISTERED:
        raise ValueError(f"{cls} is already registered as pytree node.")
    _register_pytree_node(cls, flatten_fn, unflatten_fn, flatten_with_keys_fn=flatten_with_keys_fn)


def _register_pytree_node(
    cls: type,
    flatten_fn: Callable[..., Any],
    unflatten_fn: Callable[..., Any],
    *,
    flatten_with_keys_fn: Callable[..., Any] | None = None,
    **_: Any,
) -> None:
    """The same, with a mere warning where the type is a container already."""
    if cls in REGISTERED:
        warnings.warn(
            f"{cls} is already registered as pytree node. Overwriting the previous registration.",
            UserWarning,
            stacklevel=2,
        )
    REGISTERED[cls] = (flatten_fn, unflatten_fn, flatten_with_keys_fn)


def LeafSpec() -> TreeSpec:
    """The structure of a leaf."""
    return LEAF


def tree_flatten(tree: Any, is_leaf: IsLeaf = None) -> tuple[list[Any], TreeSpec]:
    """The leaves, and the structure."""
    return flatten(tree, is_leaf)


def tree_unflatten(leaves: Any, treespec: TreeSpec) -> Any:
    """The container of that structure."""
    return treespec.unflatten(leaves)


def tree_is_leaf(tree: Any, is_leaf: IsLeaf = None) -> bool:
    """Whether it is a leaf itself."""
    return (is_leaf is not None and is_leaf(tree)) or flatten(tree)[1].is_leaf()


def arg_tree_leaves(*args: Any, **kwargs: Any) -> list[Any]:
    """The leaves of all arguments."""
    return [leaf for each in (*args, *kwargs.values()) for leaf in flatten(each)[0]]


def _broadcast_to_and_flatten(tree: Any, treespec: TreeSpec, is_leaf: IsLeaf = None) -> list[Any] | None:
    """The leaves of a structure's prefix, each repeated for all that stands below it; None where it is no prefix."""
    return spread(tree, treespec, is_leaf or (lambda _: False))


def tree_iter(tree: Any, is_leaf: IsLeaf = None) -> Iterator[Any]:
    """The leaves, one after the other."""
    yield from flatten(tree, is_leaf)[0]


def tree_leaves(tree: Any, is_leaf: IsLeaf = None) -> list[Any]:
    """The leaves."""
    return flatten(tree, is_leaf)[0]


def tree_structure(tree: Any, is_leaf: IsLeaf = None) -> TreeSpec:
    """The structure."""
    return flatten(tree, is_leaf)[1]


def tree_map(func: Callable[..., Any], tree: Any, *rests: Any, is_leaf: IsLeaf = None) -> Any:
    """The function of each leaf (and of what stands at its place in the `rests`), in the same structure."""
    leaves, spec = flatten(tree, is_leaf)
    others = [spec.flatten_up_to(rest) for rest in rests]
    return unflatten([func(*each) for each in zip(leaves, *others, strict=True)], spec)


def tree_map_(func: Callable[..., Any], tree: Any, *rests: Any, is_leaf: IsLeaf = None) -> Any:
    """The tree itself, after the function has been called with each leaf."""
    tree_map(func, tree, *rests, is_leaf=is_leaf)
    return tree


def _accepts(kind: Any) -> Callable[[Any], bool]:
    if callable(kind) and not isinstance(kind, type):
        return kind
    return lambda leaf: isinstance(leaf, kind)


def tree_map_only(kind: Any, func: Callable[[Any], Any], tree: Any, is_leaf: IsLeaf = None) -> Any:
    """The function of each leaf of a type (or that a predicate accepts); the others as they are."""
    wanted = _accepts(kind)
    return tree_map(lambda leaf: func(leaf) if wanted(leaf) else leaf, tree, is_leaf=is_leaf)


def tree_map_only_(kind: Any, func: Callable[[Any], Any], tree: Any, is_leaf: IsLeaf = None) -> Any:
    """The tree itself, after the function has been called with each leaf of a type."""
    tree_map_only(kind, func, tree, is_leaf)
    return tree


def tree_all(pred: Callable[[Any], bool], tree: Any, is_leaf: IsLeaf = None) -> bool:
    """Whether the predicate holds of all leaves."""
    return all(map(pred, tree_iter(tree, is_leaf)))


def tree_any(pred: Callable[[Any], bool], tree: Any, is_leaf: IsLeaf = None) -> bool:
    """Whether it holds of one."""
    return any(map(pred, tree_iter(tree, is_leaf)))


def tree_all_only(kind: Any, pred: Callable[[Any], bool], tree: Any, is_leaf: IsLeaf = None) -> bool:
    """Whether it holds of all leaves of a type."""
    return all(pred(leaf) for leaf in filter(_accepts(kind), tree_iter(tree, is_leaf)))


def tree_any_only(kind: Any, pred: Callable[[Any], bool], tree: Any, is_leaf: IsLeaf = None) -> bool:
    """Whether it holds of one leaf of a type."""
    return any(pred(leaf) for leaf in filter(_accepts(kind), tree_iter(tree, is_leaf)))


# ---- with the way to each leaf


def keystr(kp: Any) -> str:
    """The way to a leaf as it is written in Python."""
    return "".join(map(str, kp))


def key_get(obj: Any, kp: Any) -> Any:
    """What is found by such a way."""
    for key in kp:
        obj = key.get(obj)
    return obj


def tree_leaves_with_path(tree: Any, is_leaf: IsLeaf = None) -> list[tuple[Any, Any]]:
    """The leaves, each after the way to it."""
    return list(_ways(tree, (), is_leaf))


def tree_flatten_with_path(tree: Any, is_leaf: IsLeaf = None) -> tuple[list[tuple[Any, Any]], TreeSpec]:
    """The same, and the structure."""
    return tree_leaves_with_path(tree, is_leaf), flatten(tree, is_leaf)[1]


def tree_map_with_path(func: Callable[..., Any], tree: Any, *rests: Any, is_leaf: IsLeaf = None) -> Any:
    """The function of the way to each leaf, and of the leaf, in the same structure."""
    found, spec = tree_flatten_with_path(tree, is_leaf)
    others = [spec.flatten_up_to(rest) for rest in rests]
    return unflatten([func(*pair, *more) for pair, *more in zip(found, *others, strict=True)], spec)


def _ways(tree: Any, way: tuple[Any, ...], is_leaf: IsLeaf) -> Iterator[tuple[Any, Any]]:
    spec = LEAF if is_leaf is not None and is_leaf(tree) else flatten(tree, lambda each: each is not tree)[1]
    if spec.is_leaf():
        yield way, tree
        return
    for key, child in _keyed(tree, spec):
        yield from _ways(child, (*way, key), is_leaf)


def _keyed(tree: Any, spec: TreeSpec) -> Iterator[tuple[Any, Any]]:
    """The elements of a container after the keys to them."""
    if spec.kind in REGISTERED:
        keyed = REGISTERED[spec.kind][2]
        if keyed is None:
            raise ValueError(f"Did not find a flatten_with_keys_fn for type: {spec.kind}. Please pass a "
                             "flatten_with_keys_fn argument to register_pytree_node.")  # fmt: skip
        yield from keyed(tree)[0]
    elif isinstance(tree, Mapping):
        keys = spec.extra[1] if spec.kind is defaultdict else spec.extra
        yield from ((MappingKey(key), tree[key]) for key in keys)
    elif hasattr(tree, "_fields"):
        yield from ((GetAttrKey(name), getattr(tree, name)) for name in tree._fields)
    else:
        yield from ((SequenceKey(at), child) for at, child in enumerate(tree))


__all__ = [
    "GetAttrKey", "LeafSpec", "MappingKey", "SequenceKey", "TreeSpec", "key_get", "keystr", "register_pytree_node",
    "tree_all", "tree_all_only", "tree_any", "tree_any_only", "tree_flatten", "tree_flatten_with_path",
    "tree_is_leaf", "tree_iter",
    "tree_leaves", "tree_leaves_with_path", "tree_map", "tree_map_", "tree_map_only", "tree_map_only_",
    "tree_map_with_path", "tree_structure", "tree_unflatten",
]  # fmt: skip
