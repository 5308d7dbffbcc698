"""Nested containers of leaves: tuples, lists, dictionaries, named tuples and None, taken apart and put together."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Callable
from typing import Any


class Spec:
    """The structure of a nested container; a leaf is `*`. `len(spec.leaves)` is the number of leaves."""

    __slots__ = ("children", "count", "extra", "kind")

    def __init__(self, kind: Any, extra: Any, children: list[Spec]) -> None:
        self.kind = kind  # the container's type, None for a leaf
        self.extra = extra  # the keys of a dictionary, the class of a named tuple
        self.children = children
        self.count: int = 1 if kind is None else sum(child.count for child in children)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Spec)
            and self.kind is other.kind
            and self.extra == other.extra
            and self.children == other.children
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self, indent: int = 0) -> str:
        if self.kind is None:
            return "*"
        inner = ""
        if self.children:
            indent += 2
            inner = self.children[0].__repr__(indent)
            inner += "," if len(self.children) > 1 else ""
            inner += ",".join("\n" + " " * indent + child.__repr__(indent) for child in self.children[1:])
        prefix = f"TreeSpec({self.kind.__name__}, {self.extra}, ["
        return f"{prefix}{inner}])"

    def brief(self) -> str:
        """The structure as it is written in Python: `(*, [*])`."""
        inner = [child.brief() for child in self.children]
        if isinstance(self.extra, list):  # keys
            return "{" + ", ".join(f"{key!r}: {text}" for key, text in zip(self.extra, inner, strict=False)) + "}"
        if self.kind is list:
            return f"[{', '.join(inner)}]"
        return "*" if self.kind is None else f"({', '.join(inner)}{',' if len(inner) == 1 else ''})"


LEAF = Spec(None, None, [])


def _parts(tree: Any) -> tuple[Any, Any, list[Any]] | None:
    """Kind, extra and children of a container; None for a leaf."""
    kind = type(tree)
    if kind in (tuple, list):
        return kind, None, list(tree)
    if kind in (dict, OrderedDict):
        return kind, list(tree), list(tree.values())
    if kind is defaultdict:
        return kind, [tree.default_factory, list(tree)], list(tree.values())
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return _Named, kind, list(tree)
    if isinstance(tree, tuple) and kind.__module__ != "builtins" and hasattr(kind, "n_fields"):
        return _Named, kind, list(tree)
    return None


class _Named:
    """Stands for any named tuple as the kind of a structure."""


_Named.__name__ = "namedtuple"


def flatten(tree: Any, is_leaf: Callable[[Any], bool] | None = None) -> tuple[list[Any], Spec]:
    """The leaves from left to right, and the structure; `is_leaf` tells which containers are leaves, too."""
    parts = None if is_leaf is not None and is_leaf(tree) else _parts(tree)
    if parts is None:
        return [tree], LEAF
    kind, extra, children = parts
    leaves: list[Any] = []
    specs = []
    for child in children:
        below, spec = flatten(child, is_leaf)
        leaves += below
        specs.append(spec)
    return leaves, Spec(kind, extra, specs)


def unflatten(leaves: Any, spec: Spec) -> Any:
    """The container of that structure with those leaves."""
    found = iter(leaves)
    return _built(found, spec)


def _built(leaves: Any, spec: Spec) -> Any:
    if spec.kind is None:
        return next(leaves)
    children = [_built(leaves, child) for child in spec.children]
    if spec.kind in (tuple, list):
        return spec.kind(children)
    if spec.kind is _Named:
        return spec.extra(*children) if hasattr(spec.extra, "_fields") else spec.extra(children)
    if spec.kind is defaultdict:
        return defaultdict(spec.extra[0], zip(spec.extra[1], children, strict=True))
    return spec.kind(zip(spec.extra, children, strict=True))


def mapped(function: Callable[[Any], Any], tree: Any) -> Any:
    """The same structure with the function of each leaf."""
    leaves, spec = flatten(tree)
    return unflatten([function(leaf) for leaf in leaves], spec)


def spread(tree: Any, spec: Spec, is_leaf: Callable[[Any], bool] = lambda _: False) -> list[Any] | None:
    """The leaves of a structure's prefix, each repeated for all that stands below it; None where it is no prefix."""
    parts = None if is_leaf(tree) else _parts(tree)
    if parts is None:
        return [tree] * spec.count
    kind, extra, children = parts
    if spec.kind is not kind or spec.extra != extra or len(children) != len(spec.children):
        return None
    leaves: list[Any] = []
    for child, below in zip(children, spec.children, strict=True):
        found = spread(child, below, is_leaf)
        if found is None:
            return None
        leaves += found
    return leaves
