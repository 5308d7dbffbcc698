"""Nested containers of leaves, under PyTorch's names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from engine.func.tree import Spec as TreeSpec
from engine.func.tree import _parts, flatten, unflatten


@dataclass(frozen=True)
class MappingKey:
    """A step into a dictionary."""

    key: Any

    def __str__(self) -> str:
        return f"[{self.key!r}]"


@dataclass(frozen=True)
class SequenceKey:
    """A step into a list or a tuple."""

    idx: int

    def __str__(self) -> str:
        return f"[{self.idx!r}]"


@dataclass(frozen=True)
class GetAttrKey:
    """A step into a named tuple."""

    name: str

    def __str__(self) -> str:
        return f".{self.name}"


def tree_flatten(tree: Any, is_leaf: Callable[[Any], bool] | None = None) -> tuple[list[Any], TreeSpec]:
    """The leaves, and the structure."""
    return flatten(tree, is_leaf)


def tree_unflatten(leaves: Any, treespec: TreeSpec) -> Any:
    """The container of that structure."""
    leaves = list(leaves)
    if len(leaves) != treespec.count:
        raise ValueError(
            f"treespec.unflatten(leaves): `leaves` has length {len(leaves)} but the spec refers to a pytree that "
            f"holds {treespec.count} items ({treespec})."
        )
    return unflatten(leaves, treespec)


def tree_leaves(tree: Any, is_leaf: Callable[[Any], bool] | None = None) -> list[Any]:
    """The leaves."""
    return flatten(tree, is_leaf)[0]


tree_iter = tree_leaves


def tree_structure(tree: Any, is_leaf: Callable[[Any], bool] | None = None) -> TreeSpec:
    """The structure."""
    return flatten(tree, is_leaf)[1]


def tree_map(func: Callable[..., Any], tree: Any, *rests: Any, is_leaf: Callable[[Any], bool] | None = None) -> Any:
    """The function of each leaf (and of what stands at its place in the `rests`), in the same structure."""
    leaves, spec = flatten(tree, is_leaf)
    others = [flatten(rest, is_leaf)[0] for rest in rests]
    return unflatten([func(*each) for each in zip(leaves, *others, strict=True)], spec)


def tree_map_(func: Callable[..., Any], tree: Any, *rests: Any, is_leaf: Callable[[Any], bool] | None = None) -> Any:
    """The container itself, after the function was called with each leaf."""
    tree_map(func, tree, *rests, is_leaf=is_leaf)
    return tree


def _walked(tree: Any, is_leaf: Callable[[Any], bool] | None, path: tuple[Any, ...]) -> Iterator[Any]:
    """The leaves, each with the steps that lead to it."""
    parts = None if is_leaf is not None and is_leaf(tree) else _parts(tree)
    if parts is None:
        yield path, tree
        return
    kind, extra, children = parts
    keys: list[Any]
    if issubclass(kind, dict):
        keys = [MappingKey(key) for key in (extra[1] if kind is defaultdict else extra)]
    elif hasattr(tree, "_fields"):
        keys = [GetAttrKey(name) for name in tree._fields]
    else:
        keys = [SequenceKey(i) for i in range(len(children))]
    for key, child in zip(keys, children, strict=True):
        yield from _walked(child, is_leaf, (*path, key))


def tree_leaves_with_path(tree: Any, is_leaf: Callable[[Any], bool] | None = None) -> list[Any]:
    """Pairs of path and leaf."""
    return list(_walked(tree, is_leaf, ()))


def tree_flatten_with_path(tree: Any, is_leaf: Callable[[Any], bool] | None = None) -> tuple[list[Any], TreeSpec]:
    """Pairs of path and leaf, and the structure."""
    return tree_leaves_with_path(tree, is_leaf), tree_structure(tree, is_leaf)


def tree_map_with_path(
    func: Callable[..., Any], tree: Any, *rests: Any, is_leaf: Callable[[Any], bool] | None = None
) -> Any:
    """The function of each leaf's path and of the leaf, in the same structure."""
    paths = iter([path for path, _ in _walked(tree, is_leaf, ())])
    return tree_map(lambda *leaves: func(next(paths), *leaves), tree, *rests, is_leaf=is_leaf)


def keystr(kp: tuple[Any, ...]) -> str:
    """A path as it is written in Python."""
    return "".join(map(str, kp))


def tree_map_only(kind: Any, func: Callable[[Any], Any], tree: Any) -> Any:
    """The function of each leaf of a type (or that a predicate accepts); the others as they are."""
    wanted = kind if callable(kind) and not isinstance(kind, type) else lambda leaf: isinstance(leaf, kind)
    return tree_map(lambda leaf: func(leaf) if wanted(leaf) else leaf, tree)


def tree_all(pred: Callable[[Any], bool], tree: Any) -> bool:
    """Whether the predicate holds of all leaves."""
    return all(pred(leaf) for leaf in tree_leaves(tree))


def tree_any(pred: Callable[[Any], bool], tree: Any) -> bool:
    """Whether it holds of one."""
    return any(pred(leaf) for leaf in tree_leaves(tree))


__all__ = [
    "GetAttrKey", "MappingKey", "SequenceKey", "TreeSpec", "keystr", "tree_all", "tree_any", "tree_flatten",
    "tree_flatten_with_path", "tree_iter", "tree_leaves", "tree_leaves_with_path", "tree_map", "tree_map_",
    "tree_map_only", "tree_map_with_path", "tree_structure", "tree_unflatten",
]  # fmt: skip
