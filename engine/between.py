"""The steps that PyTorch has between a node and its operands where one node of ours does it all.

`next_functions` shows them; what a program asks of one beyond its name is answered by computing the op once more, step
by step (`Op.apart`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from engine import graph, modes
from engine.dispatch import tensors as ops
from engine.gone import Gone
from engine.hooks import Hooks
from engine.modified import modified
from engine.nodes import Node, _hooks_of, function_of, shown
from engine.switches import way_now
from engine.tensor import Tensor, wrap
from engine.undefined import UNDEFINED


class Between:
    """One such step. `host` is the node of ours, `path` the way to it by the places in `next_functions`."""

    __slots__ = ("host", "next_functions", "path", "title")
    op: ClassVar[Any] = None
    requires_grad: ClassVar[bool] = True

    host: Node
    path: tuple[int, ...]

    def __init__(self, title: str, *edges: Any) -> None:
        self.title = title
        found = [(edge, 0) if isinstance(edge, Between) else function_of(edge) for edge in edges]
        self.next_functions = tuple((shown(function), index) for function, index in found)

    def name(self) -> str:
        """PyTorch's name."""
        return self.title

    @property
    def metadata(self) -> dict[Any, Any]:
        """A dictionary for the program's own use."""
        return self._hooks().metadata

    def register_hook(self, hook: Callable[..., Any]) -> Any:
        """Call `hook(grad_inputs, grad_outputs)` after this step's slopes; what it returns replaces `grad_inputs`."""
        return self._hooks().add("after", hook)

    def register_prehook(self, hook: Callable[..., Any]) -> Any:
        """Call `hook(grad_outputs)` before this step's slopes; what it returns replaces them."""
        return self._hooks().add("before_node", hook)

    def __call__(self, *gradients: Any) -> Any:
        """The gradients of the operands, of one alone itself, from that of the result."""
        return self._alone()(*gradients)

    def __getattr__(self, name: str) -> Any:
        if name.startswith(("_saved_", "_raw_saved_")):
            return getattr(self._alone(), name)
        raise AttributeError(f"'{self.title}' object has no attribute '{name}'")

    def _sequence_nr(self) -> int:
        return self.host.number

    def _alone(self) -> Any:
        """The node of this step alone."""
        result, _ = _steps(self.host, None)
        return _at(function_of(result._node)[0], self.path)

    def _hooks(self) -> Hooks:
        return _hooks_within(self.host, self.path)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Between) and (self.host, self.path) == (other.host, other.path)

    def __hash__(self) -> int:
        return hash((self.host, self.path))

    def __repr__(self) -> str:
        return f"<{self.title} object at {id(self):#x}>"


def _hooks_within(host: Node, path: tuple[int, ...]) -> Hooks:
    """Where hooks of a step are kept; from now on its host goes back step by step."""
    hosts = _hooks_of(host)
    if not hosts.within:
        host.__class__ = _step_by_step(type(host))
    return hosts.within.setdefault(path, Hooks())


def top_hooks(host: Node) -> Hooks:
    """Where the hooks are kept that see the gradients of what a host shows below it."""
    return _hooks_within(host, ())


def placed(edges: Sequence[tuple[Any, int]], host: Node, path: tuple[int, ...] = ()) -> Sequence[tuple[Any, int]]:
    """The edges themselves, the steps among them told whose they are."""
    for place, (function, _) in enumerate(edges):
        if isinstance(function, Between):
            function.host, function.path = host, (*path, place)
            placed(function.next_functions, host, function.path)
    return edges


def _at(node: Any, path: Sequence[int]) -> Any:
    for place in path:
        node = node.next_functions[place][0]
    return node


_kinds: dict[type[Node], type[Node]] = {}


def _step_by_step(kind: type[Node]) -> type[Node]:
    """The same kind of node, but its way back is that of the steps, with their hooks."""
    if kind not in _kinds:
        space = {"__slots__": (), "__module__": kind.__module__, "pull": _pull, "pull_tensors": _pull_tensors}
        made = _kinds[kind] = type(kind.__name__, (kind,), space)
        made.__slots__ = kind.__slots__  # type: ignore[attr-defined]  # as in `shown`
    return _kinds[kind]


def _pull(self: Node, g: Any) -> Sequence[Any]:
    return [each if each is None else each._array for each in _pulled(self, wrap(g), False)]


def _pull_tensors(self: Node, g: Any) -> Sequence[Any]:
    return _pulled(self, g, True)


def _pulled(host: Node, g: Tensor, create: bool) -> Sequence[Any]:
    """The gradients of the operands, by a walk through the steps of which nobody is told."""
    watcher = graph.observe(None)
    try:
        result, operands = _steps(host, g)
        top = function_of(result._node)[0]
        for path, hooks in host.hooks.within.items():  # type: ignore[union-attr]
            _at(top, path).hooks = hooks
        needed = way_now()[1]
        edges = [
            None if each is None or (needed is not None and edge not in needed) else graph.edge_of(each)
            for each, edge in zip(operands, host.parents, strict=True)
        ]
        wanted = [edge for edge in edges if edge is not None]
        found = graph.walk([(result._node, g if create else g._array)], create, create, wanted)
    finally:
        graph.observe(watcher)
    gradients = [None if edge is None else found.get(edge) for edge in edges]
    return [each if create or each is None or each is UNDEFINED else wrap(each) for each in gradients]


def _steps(host: Node, g: Tensor | None) -> tuple[Tensor, list[Tensor | None]]:
    """(result, operands), computed step by step; of the operands those that need a gradient, each an end of its own."""
    op = host.op
    values = [_value(host, name, edge, g) for name, edge in zip(op.operands, host.parents, strict=True)]
    with modes.enable_grad():
        operands = [
            value if edge is None or value is None else _end(value)
            for value, edge in zip(values, host.parents, strict=True)
        ]
        result = op.apart(*operands)
    return result, [None if edge is None else end for end, edge in zip(operands, host.parents, strict=True)]


def _end(value: Tensor) -> Tensor:
    """A tensor at which the walk ends, with the history of the value: its second derivatives go further."""
    return value.view_as(value) if value._requires_grad else value.detach().requires_grad_()


def _value(host: Node, name: str, edge: Any, g: Tensor | None) -> Tensor | None:
    """An operand as it was; where no slope needs its values, zeros of its shape; None where there was none."""
    kept = getattr(host, name, None)
    if isinstance(kept, Tensor):
        if kept._family is not None and kept._family.changed > host.number:
            raise modified(kept, host)
        return kept
    if kept.__class__ is Gone:
        kept.complain()
    if kept is not None:
        return wrap(kept)
    shape = getattr(host, f"{name}_shape", None)
    if isinstance(edge, Tensor):
        shape = edge.shape
    elif shape is None and edge is not None and g is not None:
        shape = host.op.apart_sizes[name](host, g.shape)
    if shape is None and edge is not None:
        raise RuntimeError(f"{host.name()} keeps nothing of its {name}, so that its single steps cannot be asked")
    return None if shape is None else ops.zeros(shape, dtype=_dtype(host, g))


def _dtype(host: Node, g: Tensor | None) -> Any:
    """The dtype of the operands, which are all of one."""
    if g is not None:
        return g.dtype
    found = [getattr(host, name, None) for name in host.op.operands] + list(host.parents)
    return next((each.dtype for each in found if isinstance(each, Tensor) and each.dtype.is_floating_point), None)
