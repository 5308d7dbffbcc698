"""What the graph is made of: nodes, the edges between them, and the ends at leaves.

An edge (an element of `Node.parents`) is a `Node`, an `Output` of a node with several results, a leaf tensor, or None
for an operand that needs no gradient. Nodes do not hold results, so a graph lives as long as somebody holds its end.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple
from weakref import WeakKeyDictionary, WeakValueDictionary

from engine.hooks import Hooks
from engine.undefined import UNDEFINED

if TYPE_CHECKING:
    from engine.tensor import Tensor


# The nodes of PyTorch's functions of a tensor and a number, which has no place among the operands there.
_BESIDE_NUMBERS = {
    "PowBackward0": (0,), "PowBackward2": (1,), "RsubBackward1": (0,), "FmodBackward0": (0,), "CopysignBackward1": (0,),
    "RemainderBackward0": (0,), "LerpBackward0": (0, 1), "XlogyBackward1": (1,), "XlogyBackward2": (0,),
}  # fmt: skip


_WRITTEN_IN_CPP = frozenset(("CopySlices", "CopyBackwards"))  # and so named with their home


class Node:
    """One recorded call. Subclasses, one an op, add the fields that the op's slopes ask for."""

    __slots__ = ("__weakref__", "hooks", "number", "parents", "shown")
    op: ClassVar[Any] = None
    title: ClassVar[str] = "Node"
    keeps_result: ClassVar[bool] = False
    let_go: ClassVar[tuple[str, ...] | None] = None  # the names of what `free` lets go of, if that is all it does

    number: int
    parents: tuple[Any, ...]
    hooks: Hooks | None
    results: int  # of a node that has several, how many
    shown: tuple[Any, ...]  # the edges to show, set where one node stands for several that a function made

    def pull(self, g: Any) -> Sequence[Any]:
        """The gradients of the operands (None where none is needed) from that of the result, as raw arrays."""
        raise NotImplementedError

    def pull_tensors(self, g: Any) -> Sequence[Any]:
        """The same on tensors, recorded, so that the derivative can itself be differentiated."""
        raise NotImplementedError

    def pull_nothing(self, g: Any, create: bool) -> Sequence[Any]:
        """The gradients of the operands where that of the result (of each of several) is None."""
        return [None] * len(self.parents)

    def free(self) -> None:
        """Let go of what was saved for the way back."""

    def name(self) -> str:
        """PyTorch's name of the backward function, such as "MulBackward0"."""
        return f"torch::autograd::{self.title}" if self.title in _WRITTEN_IN_CPP else self.title

    @property
    def next_functions(self) -> tuple[tuple[Any, int], ...]:
        """The nodes of the operands with the number of the result that each operand is."""
        op = self.op
        whole = getattr(self, "shown", None)
        if whole is not None:
            edges: Any = [function_of(edge) for edge in whole]
        elif op is not None and op.below is not None:
            from engine.between import placed

            edges = placed(op.below(self), self)
        else:
            edges = [function_of(self.parents[place]) for place in self.places()]
        return tuple((shown(function), index) for function, index in edges)

    def places(self) -> Sequence[int]:
        """The operands that PyTorch's node has, by their places: not those that no derivative goes to."""
        op = self.op
        if op is None or op.many:
            return range(len(self.parents))
        alone = _BESIDE_NUMBERS.get(self.name())
        if alone is not None and all(edge is None or place in alone for place, edge in enumerate(self.parents)):
            return alone
        return [place for place, name in enumerate(op.operands) if op.slopes[name] is not None]

    def __call__(self, *gradients: Any) -> Any:
        """The gradients of the operands, of one alone itself, from that of the result."""
        several = self.op.several if self.op is not None else getattr(self, "results", 1) > 1
        if not several and len(gradients) != 1:
            raise TypeError(f"expected 1 arguments, got {len(gradients)} instead")
        pulled = self.pull_tensors(list(gradients) if several else gradients[0])
        asked = tuple(None if pulled[place] is UNDEFINED else pulled[place] for place in self.places())
        return asked[0] if len(asked) == 1 else asked

    @property
    def metadata(self) -> dict[Any, Any]:
        """A dictionary for the program's own use."""
        return _hooks_of(self).metadata

    @property
    def _input_metadata(self) -> list[Metadata | None]:
        """What is known of the results, whose gradients are the node's inputs: of those asked for their `grad_fn`."""
        found = metadata_of(self)
        return [found.get(index) for index in range(max(found, default=-1) + 1)]

    def _sequence_nr(self) -> int:
        return self.number

    @property
    def requires_grad(self) -> bool:
        """True: a node is there only where a gradient is needed."""
        return True

    def register_hook(self, hook: Callable[..., Any]) -> Any:
        """Call `hook(grad_inputs, grad_outputs)` after this node's slopes; what it returns replaces `grad_inputs`."""
        if self.op is not None and self.op.apart is not None:
            from engine.between import top_hooks

            return top_hooks(self).add("after", hook)
        return _hooks_of(self).add("after", hook)

    def register_prehook(self, hook: Callable[..., Any]) -> Any:
        """Call `hook(grad_outputs)` before this node's slopes; what it returns replaces them."""
        return _hooks_of(self).add("before_node", hook)

    def __dir__(self) -> list[str]:
        from engine.saving import names_of

        return names_of(self)

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise TypeError(f"cannot pickle '{shown(self).__class__.__name__}' object")

    def __repr__(self) -> str:
        return f"<{self.name().removeprefix('torch::autograd::')} object at {id(self):#x}>"


class Metadata(NamedTuple):
    """What is known of one result of a node."""

    shape: Any
    dtype: Any
    device: Any
    is_nested_tensor: bool = False
    is_cpp_nested_tensor: bool = False


_metadata: WeakKeyDictionary[Any, dict[int, Metadata]] = WeakKeyDictionary()


def known(tensor: Any) -> tuple[Any, int]:
    """(function, index) of a tensor's edge, of which is noted what result it is: nodes themselves do not keep that."""
    node, index = function_of(edge_of(tensor))
    _metadata.setdefault(node, {})[index] = Metadata(tensor.shape, tensor.dtype, tensor.device)
    return node, index


def metadata_of(node: Any) -> dict[int, Metadata]:
    """What is known of the results of a node, by their numbers."""
    return _metadata.get(node, {})


class Output:
    """One result of a node that has several: the edge that carries its index."""

    __slots__ = ("index", "whole")

    def __init__(self, whole: Node, index: int) -> None:
        self.whole = whole
        self.index = index

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Output) and self.whole is other.whole and self.index == other.index

    def __hash__(self) -> int:
        return hash((self.whole, self.index))

    @property
    def number(self) -> int:
        """The creation number of the whole node."""
        return self.whole.number

    @property
    def hooks(self) -> Hooks | None:
        """The hooks of this one result."""
        several = self.whole.hooks
        return None if several is None else several.of_outputs.get(self.index)


class Invalid(Output):
    """The edge of a view that is of no use any more: whoever asks whether there is one gets the error that says why."""

    __slots__ = ("sentence",)

    def __init__(self, whole: Node, index: int, sentence: str) -> None:
        super().__init__(whole, index)
        self.sentence = sentence

    def __bool__(self) -> bool:
        raise RuntimeError(self.sentence)


_below = count(-1, -1)  # numbers of what comes after every node that an op has made


class Unrecorded(Node):
    """The edge of a view made without recording: it needs a gradient as its source does, but leads nowhere.

    Whoever asks whether there is one gets PyTorch's error where the memory has been changed since.
    """

    __slots__ = ("family", "inferring", "version")

    def __init__(self, family: Any, inferring: bool) -> None:
        self.family, self.version, self.inferring = family, family.version, inferring
        self.number = next(_below)
        self.parents = ()
        self.hooks = None

    def __bool__(self) -> bool:
        if self.version != self.family.version:
            from engine.refused_views import unrecorded

            raise unrecorded(self, "its base or another view of its base has been modified inplace")
        return True

    def pull(self, g: Any) -> Sequence[Any]:
        """Nothing: there are no operands."""
        return ()

    pull_tensors = pull


_ends: WeakValueDictionary[int, AccumulateGrad] = WeakValueDictionary()


class AccumulateGrad:
    """The end of an edge at a leaf, as `grad_fn.next_functions` shows it: one for each leaf while anybody has it."""

    __slots__ = ("__weakref__", "metadata", "variable")
    requires_grad: ClassVar[bool] = True

    def __new__(cls, variable: Any) -> AccumulateGrad:
        made = _ends.get(id(variable))
        if made is None:
            made = _ends[id(variable)] = object.__new__(cls)
            made.variable, made.metadata = variable, {}
        return made

    variable: Any
    metadata: dict[Any, Any]

    def name(self) -> str:
        """PyTorch's name."""
        return "torch::autograd::AccumulateGrad"

    next_functions: ClassVar[tuple[Any, ...]] = ()

    def __call__(self, gradient: Any) -> tuple[()]:
        """Accumulate a gradient in the leaf."""
        before = self.variable.grad
        self.variable.grad = gradient.clone() if before is None else before + gradient
        return ()

    def register_hook(self, hook: Callable[..., Any]) -> Any:
        """Call `hook((), (gradient,))` after the gradient has been accumulated in the leaf."""
        return self.variable._own_hooks().add("after", hook)

    def register_prehook(self, hook: Callable[..., Any]) -> Any:
        """Call `hook((gradient,))` before the gradient is accumulated in the leaf; what it returns replaces that."""
        return self.variable._own_hooks().add("before_node", hook)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AccumulateGrad) and self.variable is other.variable

    def __hash__(self) -> int:
        return id(self.variable)

    def __repr__(self) -> str:
        return f"<AccumulateGrad object at {id(self.variable):#x}>"


def function_of(edge: Any) -> tuple[Any, int]:
    """An edge as PyTorch shows it: (function, index of its result)."""
    if edge is None or edge.__class__ is Unrecorded:
        return None, 0
    if isinstance(edge, Node):
        return edge, 0
    return (edge.whole, edge.index) if isinstance(edge, Output) else (AccumulateGrad(edge), 0)


class _Asked:
    """A node that a program has seen, which it may ask for what is saved there.

    Others cannot be: where a class has `__getattr__`, Python reads every attribute many times slower.
    """

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        from engine.saving import saved_attribute

        return saved_attribute(self, name)  # type: ignore[arg-type]


_made: dict[tuple[type[Node], str], type[Node]] = {}


def renamed(kind: type[Node], title: str) -> type[Node]:
    """The same kind of node under another name."""
    if (kind, title) not in _made:
        space = {"__slots__": (), "__module__": "builtins", "title": title, "name": lambda _: title}
        _made[kind, title] = type(title, (kind,), space)
    return _made[kind, title]


_kinds: dict[tuple[type, str], type] = {}


def shown(function: Any) -> Any:
    """A function of the graph, whose class has PyTorch's name from now on: programs that draw graphs ask for it."""
    if function is None or isinstance(function, AccumulateGrad):
        return function
    kind, name = type(function), function.name().rpartition("::")[2]
    asked = (_Asked,) if function.op is not None and not issubclass(kind, _Asked) else ()
    if asked or kind.__name__ != name:
        if (kind, name) not in _kinds:
            made = _kinds[kind, name] = type(name, (*asked, kind), {"__slots__": (), "__module__": kind.__module__})
            made.__slots__ = kind.__slots__  # type: ignore[attr-defined]  # what it holds is asked of its class
        function.__class__ = _kinds[kind, name]
    return function


def edge_of(tensor: Tensor) -> Any:
    """Where the gradient of a tensor goes: its node, itself if it is a leaf, None if it needs none."""
    if not tensor._requires_grad:
        return None
    return tensor._node or tensor


def _hooks_of(node: Node) -> Hooks:
    if node.hooks is None:
        node.hooks = Hooks()
    return node.hooks


def hooks_at(edge: Node | Output) -> Hooks:
    """The hooks on the gradient of one result, made if there are none."""
    if isinstance(edge, Output):
        return _hooks_of(edge.whole).of_outputs.setdefault(edge.index, Hooks())
    return _hooks_of(edge)
