"""Memory that several tensors share: views and their base, when it was changed, and changes through them.

A view knows its source and the call that made it (`Tensor._view`); a `Family`, shared by all that share memory, knows
when it was last changed. A change in place is an ordinary op whose result is copied into the memory; if the tensor is
a view, its base gets a `CopySlices` node and every live view of that base is made anew, on the new history.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar
from weakref import ReferenceType, ref

import numpy as np

from engine import array, errors, graph
from engine.memory import steps_of
from engine.nodes import Invalid, Unrecorded
from engine.refused_views import invalid, refused, repeated, repeats, unrecorded

if TYPE_CHECKING:
    from engine.tensor import Tensor

_new = object.__new__
_PRUNE_AT = 16
_RECENT = 32  # changes in place whose numbers are remembered, to tell which version a node saved
_NEVER = 1 << 62  # after every node


class Family:
    """Tensors that share memory: `changed` is the number (see `graph.numbers`) of the last change in place."""

    __slots__ = ("changed", "changed_by", "prune_at", "stamps", "version", "views")

    def __init__(self) -> None:
        self.changed = 0
        self.changed_by = ""
        self.version = 0
        self.stamps: deque[int] = deque(maxlen=_RECENT)
        self.views: list[ReferenceType[Tensor]] = []  # the differentiable views, in the order they were made
        self.prune_at = _PRUNE_AT

    def stamp(self, by: str) -> None:
        """Note a change in place."""
        self.changed = next(graph.numbers)
        self.changed_by = by
        self.version += 1
        self.stamps.append(self.changed)

    def versions(self, number: int) -> tuple[int, int]:
        """The version now, and that at the time of a node's number."""
        return self.version, self.version - sum(each > number for each in self.stamps)


class InferenceFamily(Family):
    """The family of tensors made in inference mode, which no recorded op may keep."""

    __slots__ = ()
    living: ClassVar[set[int]] = set()

    def __init__(self) -> None:
        super().__init__()
        self.changed = _NEVER
        self.living.add(id(self))

    def __del__(self) -> None:
        self.living.discard(id(self))

    def stamp(self, by: str) -> None:
        """Their changes are not counted; outside the mode there are none. PyTorch's error for those."""
        _check_mode(self)


def _check_mode(family: Family | None) -> None:
    if family.__class__ is InferenceFamily and not graph.inferring():
        raise RuntimeError(
            "Inplace update to inference tensor outside InferenceMode is not allowed.You can make a clone to get a "
            "normal tensor before doing inplace update.See https://github.com/pytorch/rfcs/pull/17 for more details."
        )


def infer(tensor: Any) -> Any:
    """The tensor itself, as one made in inference mode."""
    if tensor._family is None:
        tensor._family = InferenceFamily()
    return tensor


def family_of(tensor: Any) -> Family:
    """The family of a tensor, made if it has none yet."""
    if tensor._family is None:
        tensor._family = Family()
    return tensor._family


def own(tensor: Any) -> Any:
    """The tensor's array in a form that can be shared and written: an array also where NumPy gave a bare scalar."""
    if isinstance(tensor._array, np.generic):
        tensor._array = np.asarray(tensor._array)
    return tensor._array


def join(source: Tensor, view: Tensor, op: Any, arguments: tuple[Any, ...], index: int | None = None) -> None:
    """Note that `view` shares the memory of `source`, and the call that makes it again."""
    family = source._family
    if family is None:
        family = source._family = Family()
    view._family = family
    if family.__class__ is InferenceFamily:
        view._requires_grad, view._node = False, None  # and no view to autograd, which has nothing to do with it
    elif not graph.recording():
        base = base_of(source)
        if (source if base is None else base)._requires_grad:
            view._requires_grad, view._node = True, Unrecorded(family, graph.inferring())
            view._view = (source, op, arguments, index, family.version)
    elif source._node.__class__ is Unrecorded:
        view._view = (source, op, arguments, index, family.version)
    else:
        view._view = (source, op, arguments, index, family.version)
        views = family.views
        views.append(ref(view))
        if len(views) > family.prune_at:
            family.views = [each for each in views if each() is not None]
            family.prune_at = max(_PRUNE_AT, 2 * len(family.views))


def view_of(source: Tensor, op: Any, arguments: tuple[Any, ...]) -> Callable[[Tensor, int], None]:
    """`join` for the results of an op with several, by their index."""
    return lambda view, index: join(source, view, op, arguments, index)


def made_by(tensor: Any) -> tuple[Any, ...] | None:
    """(source, op, arguments, index, version then) of a differentiable view; None for any other tensor."""
    return getattr(tensor, "_view", None)


def base_of(tensor: Any) -> Tensor | None:
    """The tensor whose memory a view shows; None for what is no view."""
    made = made_by(tensor)
    if made is None:
        return None
    while made is not None:
        tensor = made[0]
        made = made_by(tensor)
    return tensor


def _ways(tensor: Any) -> Iterator[tuple[Any, ...]]:
    """What `made_by` gives of a view, of what it is a view of, and so on."""
    made = made_by(tensor)
    while made is not None:
        yield made
        made = made_by(made[0])


def _is_one_of_several(tensor: Tensor) -> bool:
    """Whether it is a result of a function that gives several views, or a view of such."""
    return any(made[3] is not None for made in _ways(tensor))


def replay(made: tuple[Any, ...], source: Any, on_tensors: bool) -> Any:
    """The view again, of the source's (raw or tensor) stand-in."""
    _, op, arguments, index, _ = made
    call = op.call if on_tensors else op.kernel
    again = call(source, *arguments)
    return again if index is None else again[index]


def carry(tensor: Tensor, alias: Tensor) -> None:
    """Give a second tensor over the same memory the tangents and marks of the first."""
    if tensor.__dict__:
        alias.__dict__.update(tensor.__dict__)
        if graph.marks is not None and "_batched" in tensor.__dict__:
            alias.__class__ = tensor.__class__


def shadow(tensor: Tensor) -> Tensor:
    """A stand-in for a tensor as it is before a change in place: the same memory, the history so far."""
    from engine.tensor import wrap

    stand_in = wrap(own(tensor))
    if graph.watch is None and not tensor._requires_grad:
        return stand_in  # it has no history: a change that keeps its values is given a copy
    stand_in._requires_grad = tensor._requires_grad
    stand_in._node = tensor._node
    made = made_by(tensor)
    if made is not None and stand_in._node is not None and stand_in._node.hooks is not None:
        # The hooks of a view are those of what it was: what comes of the change passes by them.
        stand_in._node = replay(made, made[0], on_tensors=True)._node
    stand_in._family = family_of(tensor)
    if graph.watch is not None:
        carry(tensor, stand_in)
    return stand_in


def check_in_place(tensor: Any, by_view: bool = False, may_repeat: bool = False) -> None:
    """PyTorch's error if a tensor, or its base, is a leaf that needs a gradient and so must not be changed in place.

    Nor must one whose elements repeat (after `expand`), unless all get one number.
    """
    memory = own(tensor)
    if not getattr(memory.flags, "writeable", True):
        raise RuntimeError("the memory of this tensor is that of a NumPy array that is not writable")
    if graph.recording():
        _check_leaf(tensor, by_view)
    _check_mode(tensor._family)
    if not may_repeat and 0 in memory.strides and repeats(memory):
        raise repeated()


def _check_leaf(tensor: Any, by_view: bool) -> None:
    base = base_of(tensor)
    if base is None and not tensor._requires_grad:
        return
    sources = (tensor, *(made[0] for made in _ways(tensor)))
    for each in sources:
        if each._node.__class__ is Unrecorded:
            raise unrecorded(each._node, "is being modified inplace", tensor._node)
    of_function = getattr(graph.function_of(tensor._node)[0], "_views", False)
    if not of_function and not (tensor._requires_grad and _is_one_of_several(tensor)):
        if any(each._requires_grad and each._node is None for each in sources):
            what = "a leaf" if base is None and not by_view else "a view of a leaf"
            raise RuntimeError(f"{what} Variable that requires grad is being used in an in-place operation.")
        return
    raise refused(tensor._node, of_function)


def check_takes(tensor: Tensor, value: Tensor) -> None:
    """PyTorch's error where one of several views, which had no gradient, would take values that have."""
    if value._requires_grad and not tensor._requires_grad and graph.recording() and _is_one_of_several(tensor):
        raise refused(None, False)


def assign(tensor: Tensor, result: Tensor, name: str) -> Tensor:
    """Make `tensor` hold `result`, values and history, as the in-place op `name` does; the tensor itself."""
    if graph.marks is not None:
        graph.marks.assigned(tensor, result, name)
    check_takes(tensor, result)
    target, source = own(tensor), result._array
    if source is not target:
        if source.shape != target.shape:
            raise errors.unlike_target(name, target.shape, source.shape)
        if source.dtype != target.dtype:
            from engine.dispatch import cast, check_cast

            check_cast(source.dtype, target.dtype, name)
            if result._requires_grad:
                result = cast(result, target.dtype)
        target[...] = source
    if graph.duals is not None:
        graph.duals.assigned(tensor, result)
    rebase(tensor, result._node if result._requires_grad else None, name)
    return tensor


def in_place(
    tensor: Tensor, call: Callable[[Tensor], Tensor], name: str, keeps_old: bool = True, may_repeat: bool = False
) -> Tensor:
    """The tensor changed to what `call` makes of it; `keeps_old` where the way back needs the values from before."""
    check_in_place(tensor, may_repeat=may_repeat)
    stand_in = shadow(tensor)
    if keeps_old and graph.recording():
        stand_in._array, stand_in._family = stand_in._array.copy(), None
    return assign(tensor, call(stand_in), name)


def rebase(tensor: Tensor, node: Any, name: str) -> None:
    """Give a tensor whose memory has just been changed its new history (`node`, None for no gradient)."""
    family = family_of(tensor)
    spoil(tensor, name)
    if node is None and not (graph.recording() and tensor._requires_grad):
        family.stamp(name)
        if family.views:
            base = base_of(tensor)
            _give_up(tensor if base is None else base, tensor)
        return
    made = made_by(tensor)
    if made is None:
        family.stamp(name)
        _carry_hooks(tensor, node)
        tensor._requires_grad = node is not None
        renode(tensor, node)
        root = tensor
    else:
        from engine.copied_slices import CopySlices

        base = base_of(tensor)
        assert base is not None
        spoil(base, name)
        copied = _new(CopySlices)
        copied.number = next(graph.numbers)
        copied.hooks = None
        copied.parents = (graph.edge_of(base), node)
        copied.chain = _chain(tensor)
        plain = own(base).flags.c_contiguous
        copied.steps = None if plain else steps_of(base._array)
        base._requires_grad = True
        renode(base, copied)
        family.stamp(name)
        root = base
    _give_up(root, tensor)
    for each in list(family.views):
        view = each()
        if view is not None and base_of(view) is root and view._node.__class__ is not Invalid:
            _refresh(view)


def _give_up(root: Tensor, changed: Tensor) -> None:
    """Let the views that one function gave of a changed base be of no use any more in what is recorded."""
    for each in root._family.views if root._requires_grad and root._family is not None else ():
        view = each()
        if view is None or view is changed or base_of(view) is not root or not _is_one_of_several(view):
            continue
        if view._node.__class__ is not Invalid:
            view._requires_grad, view._node = True, invalid(view._node)


def _carry_hooks(tensor: Tensor, node: Any) -> None:
    """Hooks registered on a leaf before its first change in place go with the tensor."""
    hooks = getattr(tensor, "_hooks", None)
    if hooks is not None and isinstance(node, graph.Node) and node.hooks is None:
        node.hooks = hooks
        tensor._hooks = None


# Views that PyTorch does not make again by their steps alone.
OF_OTHER_KINDS = frozenset(("ViewAsRealBackward0", "ViewAsComplexBackward0", "ConjBackward0"))


def _refresh(view: Tensor) -> None:
    """Give a view the history that it has as a view of what its source has become."""
    made = made_by(view)
    assert made is not None
    again = replay(made, made[0], on_tensors=True)
    if made[3] is None and again._node is not None and again._node.title not in OF_OTHER_KINDS:
        from engine.titles import retitle

        retitle(again, "AsStridedBackward0")
    view._requires_grad = again._requires_grad
    view._view = (*made[:4], family_of(view).version)
    renode(view, again._node)


def renode(tensor: Tensor, node: Any) -> None:
    """Give a tensor another node, to which goes what keeps its `.grad` for it."""
    before, tensor._node = tensor._node, node
    if before is None or node is None or before.hooks is None:
        return
    mine = [each for each in before.hooks.retained if each() is tensor]
    if mine:
        before.hooks.retained = [each for each in before.hooks.retained if each() is not tensor]
        graph.hooks_at(node).retained.extend(mine)


def spoil(tensor: Tensor, name: str) -> None:
    """Make the node that saved this tensor as its own result raise, since the value is about to be something else."""
    node = graph.function_of(tensor._node)[0] if tensor._node is not None else None
    if node is not None and node.keeps_result and node.y is not None and node.y.__class__ is not graph.Gone:
        title = array.TITLES[array.OF_NUMPY[tensor._array.dtype]]
        index = graph.function_of(tensor._node)[1]
        now = family_of(tensor).version + 1
        sentence = graph.stale(
            title, tensor._array.shape, f"output {index} of {node.name()}", (now, now - 1), node.name(), name
        )
        node.y = graph.Gone(sentence)


def _chain(view: Tensor) -> list[tuple[Any, ...]]:
    """The calls that lead from the base to a view, first one first, without their sources."""
    return [(None, *made[1:]) for made in _ways(view)][::-1]
