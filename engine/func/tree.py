"""Nested containers of leaves: tuples, lists, dictionaries, named tuples and None, taken apart and put together."""

from __future__ import annotations

from collections import OrderedDict, defaultdict, deque, namedtuple
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

    def __hash__(self) -> int:
        return hash((self.kind, str(self.extra), tuple(self.children)))

    @property
    def type(self) -> Any:
        """The container's type."""
        return namedtuple if self.kind is _Named else self.kind

    context = property(lambda self: self.extra, doc="What has to be known to build the container, such as keys.")
    num_leaves = property(lambda self: self.count, doc="The number of leaves.")
    num_children = property(lambda self: len(self.children), doc="The number of elements.")
    children_specs = property(lambda self: self.children, doc="The structures of the elements.")

    @property
    def num_nodes(self) -> int:
        """The number of containers and leaves."""
        return 1 + sum(child.num_nodes for child in self.children)

    def child(self, index: int) -> Spec:
        """The structure of one element."""
        return self.children[index]

    def is_leaf(self) -> bool:
        """Whether it is a leaf's."""
        return self.kind is None

    def unflatten(self, leaves: Any) -> Any:
        """The container of this structure with those leaves."""
        leaves = list(leaves)
        if len(leaves) != self.count:
            raise ValueError(
                f"treespec.unflatten(leaves): `leaves` has length {len(leaves)} but the spec refers to a pytree that "
                f"holds {self.count} items ({self})."
            )
        return unflatten(leaves, self)

    def flatten_up_to(self, tree: Any) -> list[Any]:
        """What stands in a tree at the places of this structure's leaves. ValueError where it is another structure."""
        if self.kind is None:
            return [tree]
        parts = _parts(tree)
        got = type(tree) if parts is None or parts[0] is _Named else parts[0]
        dicts = self.kind in _DICTS and got in _DICTS
        if not dicts and (parts is None or parts[0] is not self.kind):
            raise ValueError(f"Node type mismatch; expected {self.type!r}, but got {got!r}.")
        assert parts is not None
        _, extra, children = parts
        if len(children) != len(self.children):
            raise ValueError(f"Node arity mismatch; expected {len(self.children)}, but got {len(children)}.")
        if dicts:
            children = self._by_keys(tree)
        elif extra != self.extra and self.kind is not deque:
            raise ValueError(
                f"Node context mismatch for node type {self.type!r}; expected {self.extra!r}, but got {extra!r}."
                if self.kind not in REGISTERED
                else f"Node context mismatch for custom node type {self.type!r}."
            )
        return [each for spec, child in zip(self.children, children, strict=True) for each in spec.flatten_up_to(child)]

    def _by_keys(self, tree: Any) -> list[Any]:
        keys = self.extra[1] if self.kind is defaultdict else self.extra
        missing, more = set(keys) - set(tree), set(tree) - set(keys)
        if missing or more:
            said = f"; missing key(s): {missing}" if missing else ""
            raise ValueError(f"Node keys mismatch{said}{f'; extra key(s): {more}' if more else ''}.")
        return [tree[key] for key in keys]

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
_DICTS = (dict, OrderedDict, defaultdict)
# Types that programs have made containers: (elements and extra of one, one made of these again, its elements by keys).
REGISTERED: dict[Any, tuple[Callable[..., Any], Callable[..., Any], Callable[..., Any] | None]] = {}


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
    if kind is deque:
        return kind, tree.maxlen, list(tree)
    if kind in REGISTERED:
        children, extra = REGISTERED[kind][0](tree)
        return kind, extra, list(children)
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
    if spec.kind is deque:
        return deque(children, maxlen=spec.extra)
    if spec.kind in REGISTERED:
        return REGISTERED[spec.kind][1](children, spec.extra)
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
