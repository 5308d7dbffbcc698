"""Hooks on saved tensors: what a node keeps for the way back is packed when saved and unpacked when needed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from engine import graph, modes
from engine.dispatch import tensors as ops
from engine.graph import Gone, Node
from engine.hooks import Hooks
from engine.saved_table import shown_of
from engine.tensor import Tensor, wrap
from engine.threaded import Mode

_IN_PLACE = (
    "A saved tensor pack hook is modifying its input in place. Tensors provided as input to pack hook cannot be "
    "modified by in-place operations as this can lead to unexpected side-effects. Please open an issue if you need to "
    "perform in-place operations on the input to a pack hook."
)


class Packed:
    """A saved tensor as its pack hook left it."""

    __slots__ = ("edge", "is_result", "packed", "requires_grad", "unpack", "variable")

    def __init__(self, tensor: Tensor, pack: Callable[..., Any], unpack: Callable[..., Any], is_result: bool) -> None:
        version = tensor._version
        enabled = graph.recording()
        graph.record(False)
        try:
            with SAVING.aside():
                self.packed = pack(tensor)
        finally:
            graph.record(enabled)
        if tensor._version != version:
            raise RuntimeError(_IN_PLACE)
        self.unpack = unpack
        self.is_result = is_result
        self.requires_grad = tensor._requires_grad
        self.edge = None if is_result else tensor._node
        # A leaf is held by the edge that leads to it in any case.
        self.variable = tensor if tensor._requires_grad and tensor._node is None else None

    def tensor(self) -> Tensor:
        """What the unpack hook makes of it, with the history of what was saved."""
        with SAVING.aside():
            value = self.unpack(self.packed)
        if not isinstance(value, Tensor):
            raise TypeError(
                "Output of saved tensor unpack_hook expected to be a Tensor but got result of type "
                f"{type(value).__name__}"
            )
        return value

    def unpack_into(self, node: Node, name: str, create: bool) -> None:
        """Fill the node's field for its turn on the way back."""
        if getattr(node, name).__class__ is Gone:
            return
        value = self.tensor()
        if self.is_result:
            node.y = value._array  # type: ignore[attr-defined]
            return
        setattr(node, name, self.connected(value) if create and self.requires_grad else value)

    def again(self) -> Tensor:
        """The tensor with its history."""
        value = self.tensor()
        return self.connected(value) if self.requires_grad else value

    def connected(self, value: Tensor) -> Tensor:
        """The unpacked value as a part of the graph, as what was saved was one."""
        if value is self.variable:
            return value
        alias = wrap(value._array)
        alias._requires_grad, alias._node = True, self.edge
        if self.variable is not None:  # a leaf, which an op has to lead to
            with modes.enable_grad(), SAVING.aside():
                alias._node = ops.view_as(self.variable, self.variable)._node
        return alias


class Saving(Mode):
    """The stack of hooks; as a watcher it packs what each new node keeps, with the innermost."""

    place = "saving"

    def __init__(self) -> None:
        self.stack: list[tuple[Callable[..., Any], Callable[..., Any]]] = []

    def push(self, pack: Callable[..., Any], unpack: Callable[..., Any]) -> None:
        """Begin to pack with these."""
        self.stack.append((pack, unpack))
        if len(self.stack) == 1:
            self.enter()

    def pop(self) -> None:
        """End the innermost."""
        self.stack.pop()
        if not self.stack:
            self.leave()

    @contextmanager
    def aside(self) -> Iterator[None]:
        """A block in which none of them acts: what hooks compute is not itself packed."""
        stack, self.stack = self.stack, []
        try:
            yield
        finally:
            self.stack = stack

    def called(self, op: Any, args: Sequence[Any], options: Any, out: Any) -> None:
        """Pack the fields of the node that a call has just made."""
        first = out[0] if isinstance(out, tuple) and out else out
        if not self.stack or not isinstance(first, Tensor) or first._node is None:
            return
        node = graph.function_of(first._node)[0]
        if getattr(type(node), "op", None) is not op or (node.hooks is not None and node.hooks.packed):
            return
        for name in type(node).__slots__:
            value = getattr(node, name)
            if name == "y" and not isinstance(value, tuple):
                if _asks_for_result(op, node):
                    self.pack(node, name, first, is_result=True)
            elif isinstance(value, Tensor):
                self.pack(node, name, value)

    def packed(self, tensor: Tensor, is_result: bool) -> Packed:
        """A tensor that a `Function` saves, packed."""
        return Packed(tensor, *self.stack[-1], is_result)

    def pack(self, node: Node, name: str, tensor: Tensor, is_result: bool = False) -> None:
        """Pack one field."""
        pack_field(node, name, tensor, *self.stack[-1], is_result=is_result)


def _asks_for_result(op: Any, node: Node) -> bool:
    """Whether a slope that is needed uses the result."""
    return op.many or any(
        op.slopes[name] is not None and "y" in op.slopes[name].requests and parent is not None
        for name, parent in zip(op.operands, node.parents, strict=True)
    )


def pack_field(
    node: Node, name: str, tensor: Tensor, pack: Callable[..., Any], unpack: Callable[..., Any], is_result: bool
) -> None:
    """Let a node keep what `pack` makes of a tensor in the place of it."""
    if is_result:
        alias = wrap(tensor._array)
        alias._requires_grad, alias._node = True, tensor._node
        tensor = alias
    packed = Packed(tensor, pack, unpack, is_result)
    if node.hooks is None:
        node.hooks = Hooks()
    node.hooks.packed[name] = packed
    setattr(node, name, None)


SAVING = Saving()


def tensor_of(node: Node, name: str) -> Any:
    """A field as a tensor, the result with its history."""
    value = getattr(node, name)
    if value.__class__ is Gone:
        value.complain()
    if node.hooks is not None and name in node.hooks.packed:
        unpacked = node.hooks.packed[name].again()
        if name == "y":
            unpacked._node = node
        return unpacked
    if name != "y":
        return value
    result = wrap(value)
    result._requires_grad, result._node = True, node
    return result


# PyTorch's names of operands after the first, by the node's; of the nodes whose first operand is not "self"; of those
# that hold several axes.
_OTHERS = {"MmBackward0": "mat2", "BmmBackward0": "mat2", "MvBackward0": "vec", "DotBackward0": "tensor"}
_OTHERS |= dict.fromkeys(("PowBackward0", "PowBackward1", "PowBackward2"), "exponent")
_OPTIONS = {"high": "max_val", "low": "min_val"}
_REDUCTIONS = {"none": 0, "mean": 1, "sum": 2}
_OWN = ("Convolution", "Native", "Embedding")
_SEVERAL = ("Sum", "Mean", "Var", "Std", "Amax", "Amin", "Logsumexp", "LinalgVectorNorm", "Nansum")
_WITHOUT_AXES = ("SumBackward0", "MeanBackward0")
_INNER = ("aux", "key", "kind", "named", "old", "results", "shape", "shapes", "sizes")


def saved_names(node: Node) -> dict[str, str]:
    """What PyTorch calls the values that a node keeps -> the fields that hold them ("" where they are made)."""
    op, title = type(node).op, node.name()
    if op is None:
        return {}
    table = shown_of(node)
    if table is not None:
        return {name: field if isinstance(field, str) else "" for name, field in sorted(table.items())}
    first, found = op.operands[0], {}
    for field in sorted({name for kind in type(node).__mro__[:-1] for name in vars(kind).get("__slots__", ())}):
        if field in Node.__slots__ or field in _INNER or (title in _WITHOUT_AXES and field in ("dim", "keepdim")):
            continue
        if field.endswith("_number") or not _showable(getattr(node, field)):  # what only this engine keeps
            continue
        if field == first and not title.startswith(_OWN):
            found["self"] = field
        elif field == "y":
            found["result"] = field
        elif field == "other" and title in _OTHERS:
            found[_OTHERS[title]] = field
        elif not field.endswith("_shape"):
            found[_OPTIONS.get(field, field)] = field
        elif field == f"{first}_shape" and first not in type(node).__slots__:
            found["self_sym_sizes"] = field
            if title.startswith("Mean"):
                found["self_sym_numel"] = field
    if title == "PowBackward0":
        found.pop("result", None)
    return dict(sorted(found.items()))


def _showable(value: Any) -> bool:
    """Whether it is a tensor, a number, a word, or several integers."""
    if isinstance(value, (list, tuple)):
        return all(isinstance(each, int) for each in value)
    return value is None or isinstance(value, (Tensor, Gone, bool, int, float, complex, str, np.generic, np.ndarray))


def _shown(node: Node, name: str, field: str) -> Any:
    """A saved value as PyTorch gives it: a factor that is a number as a tensor, axes as a tuple."""
    if not field:
        made = (shown_of(node) or {})[name](node)
        return _unsigned(made) if made.__class__ is int else made
    value, title = tensor_of(node, field), node.name()
    if field == "dims" or (field == "dim" and title.startswith(_SEVERAL)):
        return value if value is None else tuple(map(_unsigned, (value,) if isinstance(value, int) else value))
    if name == "self_sym_numel":
        return math.prod(value)
    if name == "reduction":
        return _REDUCTIONS.get(value, value)
    if value.__class__ is int and field.startswith(("dim", "ignore_index")):
        return _unsigned(value)
    if isinstance(value, (np.generic, np.ndarray)):
        if value.ndim:
            return wrap(value)
        value = _number(value)
    if value.__class__ in (int, float) and field in type(node).op.operands and not title.startswith("Pow"):
        return wrap(np.asarray(value))
    return tuple(value) if isinstance(value, list) else value


def _unsigned(axis: int) -> int:
    return axis + (1 << 64) if axis < 0 else axis  # as C++ hands it on


def _number(kept: Any) -> Any:
    """The Python number that a constant was made of: the shortest that is rounded to it."""
    value = float(str(kept)) if kept.dtype.kind == "f" else kept.item()
    return int(value) if isinstance(value, float) and value.is_integer() else value


def saved_attribute(node: Node, name: str) -> Any:
    """`_saved_NAME` and `_raw_saved_NAME` of a node."""
    for start in ("_saved_", "_raw_saved_"):
        if name.startswith(start):
            called = name.removeprefix(start)
            field = saved_names(node).get(called)
            if field is not None and (field or start == "_saved_"):
                if start == "_saved_":
                    return _shown(node, called, field)
                from engine.autograd.saved_tensor import SavedTensor

                return SavedTensor.of(node, field)
    raise AttributeError(f"'{node.name()}' object has no attribute '{name}'")


_PUBLIC = ("_sequence_nr", "metadata", "name", "next_functions", "register_hook", "register_prehook", "requires_grad")


def names_of(node: Node) -> list[str]:
    """What `dir` lists of a node: Python's own, what it can be asked, and what it keeps."""
    kept = saved_names(node)
    fields = ("y", *(type(node).op.operands if kept else ()))
    tensors = [name for name, field in kept.items() if field in fields and name != "exponent"]
    saved = [f"_saved_{name}" for name in kept] + [f"_raw_saved_{name}" for name in tensors]
    return sorted([*dir(object), *saved, *_PUBLIC])
