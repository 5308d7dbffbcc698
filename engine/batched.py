"""Tensors that depend on what `vmap` maps over: one sample at a time stands for all, so no program may look at it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from engine.tensor import Tensor
from engine.threaded import Mode

_ITEM = (
    "vmap: It looks like you're calling .item() on a Tensor. We don't support vmap over calling .item() on a Tensor, "
    "please try to rewrite what you're doing with other operations. If error is occurring somewhere inside PyTorch "
    "internals, please file a bug report."
)
_BRANCH = (
    "vmap: It looks like you're attempting to use a Tensor in some data-dependent control flow. We don't support that "
    "yet, please file an issue at https://github.com/pytorch/pytorch/issues ."
)
_SIZED_BY_DATA = (
    "vmap: We do not support batching operators that can output dynamic shape. Attempted to vmap over aten::{}. "
    "Please file an issue at https://github.com/pytorch/pytorch/issues if you need this feature."
)
REFUSED = (
    "vmap: called random operation while in randomness error mode. Please either use the 'same' or 'different' "
    "randomness flags on vmap or perform the randomness operation out of vmap"
)
IN_PLACE = (
    "vmap: {0}(self, *extra_args) is not possible because there exists a Tensor `other` in extra_args that has more "
    "elements than `self`. This happened due to `other` being vmapped over but `self` not being vmapped over {1}. "
    "Please try to use out-of-place operators instead of {0}. If said operator is being called inside the "
    "PyTorch framework, please file a bug report instead."
)


# What is changed in place by rules of three kinds, each with words of its own.
_BROADCASTING = frozenset(("add_", "arctan2_", "atan2_", "copysign_"))
_ARITHMETIC = frozenset(
    """
    sub_ subtract_ mul_ multiply_ div_ divide_ true_divide_ copy_ index_put_ masked_fill_ clamp_min_ clamp_max_
    logical_and_ logical_or_ logical_xor_
    """.split()  # noqa: SIM905
)


def check_randomness(randomness: str) -> None:
    """PyTorch's error for a way to draw that there is not."""
    if randomness not in ("error", "different", "same"):
        raise RuntimeError(f"Only allowed values for randomness are 'error', 'different', or 'same'. Got {randomness}")


def _from_the_program() -> bool:
    """Whether the caller's caller is no part of this engine, which may look at one sample."""
    return not sys._getframe(2).f_globals.get("__name__", "").startswith("engine.")


def _refusing(name: str, sentence: str) -> Any:
    def refuse(self: Tensor, *args: Any, **kwargs: Any) -> Any:
        if _from_the_program():
            raise RuntimeError(sentence)
        return getattr(Tensor, name)(self, *args, **kwargs)

    return refuse


class Batched(Tensor):
    """A sample that stands for all. `_batched` has a bit for each `vmap` whose inputs it depends on."""

    __slots__ = ()


for _name in ("item", "__float__", "__int__", "__complex__", "__index__"):
    setattr(Batched, _name, _refusing(_name, _ITEM))
Batched.is_nonzero = _refusing("is_nonzero", _BRANCH)  # type: ignore[method-assign]
Batched.__bool__ = _refusing("__bool__", _BRANCH)  # type: ignore[method-assign]
for _name in ("numpy", "tolist", "data_ptr"):
    setattr(Batched, _name, _refusing(_name, "Cannot access data pointer of Tensor that doesn't have storage"))


class _Data:
    """`data` of a sample, which no program may reach."""

    def __get__(self, tensor: Any, kind: Any = None) -> Any:
        if _from_the_program():
            raise RuntimeError("accessing `data` under vmap transform is not allowed")
        return Tensor.data.__get__(tensor, kind)

    def __set__(self, tensor: Any, value: Any) -> None:
        if _from_the_program():
            raise RuntimeError("mutating directly with `.data` under vmap transform is not allowed.")
        Tensor.data.__set__(tensor, value)  # type: ignore[attr-defined]


Batched.data = _Data()  # type: ignore[assignment]


def mask_of(value: Any) -> int:
    """The bits of a tensor, 0 for what depends on no mapped input."""
    return value.__dict__["_batched"] if value.__class__ is Batched else 0


def mark(tensor: Any, mask: int) -> Any:
    """The tensor itself with these bits and no others."""
    if mask:
        if tensor.__class__ is Tensor:
            tensor.__class__ = Batched
        if tensor.__class__ is Batched:
            tensor.__dict__["_batched"] = mask
    elif mask_of(tensor):
        del tensor.__dict__["_batched"]
        tensor.__class__ = Tensor
    return tensor


class Marks(Mode):
    """The open `vmap`s; as a watcher it marks the result of each op call whose operands are marked."""

    place = "marks"

    def __init__(self) -> None:
        self.depth = 0
        self.sizes: list[int] = []  # of the batches, outermost first
        self.randomness = "error"  # of the innermost

    def open(self, size: int) -> int:
        """The bit of a new innermost one, of batches of this size."""
        self.depth += 1
        self.sizes.append(size)
        if self.depth == 1:
            self.enter()
        return 1 << (self.depth - 1)

    def close(self) -> None:
        """End the innermost."""
        self.depth -= 1
        self.sizes.pop()
        if not self.depth:
            self.leave()

    def called(self, op: Any, args: Sequence[Any], options: Any, out: Any) -> None:
        """Mark the results."""
        mask = 0
        for arg in args:
            mask |= mask_of(arg)
        if mask:
            for result in out if isinstance(out, tuple) else (out,):
                mark(result, mask | mask_of(result))

    def copy(self, tensor: Tensor, alias: Tensor) -> None:
        """Mark a second tensor as the first."""
        mark(alias, mask_of(tensor))

    def looked_at(self, value: Any) -> None:
        """Refuse to take a mapped tensor for a number."""
        if mask_of(value):
            raise RuntimeError(_ITEM)

    def refilled(self, tensor: Any) -> None:
        """Refuse to fill what all samples share with other numbers for each."""
        if self.randomness == "different" and not mask_of(tensor):
            raise RuntimeError(
                "vmap: Cannot ask for different inplace randomness on an unbatched tensor. This will appear like same "
                "randomness. If this is necessary for your usage, please file an issue with functorch."
            )

    def branched(self, value: Any) -> None:
        """Refuse to decide by a mapped tensor."""
        if mask_of(value):
            raise RuntimeError(_BRANCH)

    def compared(self, sentence: str, *tensors: Any) -> None:
        """Refuse to say of all samples together what would be said of each."""
        if any(mask_of(each) for each in tensors):
            raise RuntimeError(sentence)

    def sized_by(self, kernel: str, *tensors: Any) -> None:
        """Refuse what gives as many elements as the values say, and so would differ from sample to sample."""
        if any(mask_of(each) for each in tensors):
            raise RuntimeError(_SIZED_BY_DATA.format(kernel))

    def selected_by(self, mask: Any) -> None:
        """Refuse to select by a mask that differs from sample to sample."""
        if mask_of(mask):
            raise RuntimeError(
                "vmap: Attempted to vmap over `mask` in torch.masked_select(self, mask) We cannot support this because "
                "for each batch this would return a differently shaped Tensor. Please file an issue at "
                "https://github.com/pytorch/pytorch/issues if you need this feature."
            )

    def picked_by(self, mask: Any) -> None:
        """Refuse a boolean mask: how much it picks differs from sample to sample."""
        if mask_of(mask) and mask._array.dtype == bool:
            raise RuntimeError(
                "vmap: We do not support batching operators that can support dynamic shape. Attempting to batch over "
                "indexing with a boolean mask."
            )

    def follows(self, running: Any, input: Any) -> None:
        """Refuse to let running statistics that all samples share follow one of them."""
        if mask_of(input) & ~mask_of(running):
            raise RuntimeError(
                "Batch norm got a batched tensor as input while the running_mean or running_var, which will be "
                "updated in place, were not batched.\nIf you are using a module and do not need eval mode, please set "
                "`track_running_stats` to be False.If you are using a prebuilt module and do not need eval mode, "
                "please see the functorch website for resources on how to patch your module to work with vmap"
            )

    def assigned(self, tensor: Tensor, value: Any, name: str) -> None:
        """Refuse to put what depends on a mapped input into what does not."""
        more = mask_of(value) & ~mask_of(tensor)
        if not more:
            return
        if name in _BROADCASTING:
            shape = list(tensor._array.shape)
            sizes = [size for level, size in enumerate(self.sizes) if more >> level & 1]
            raise RuntimeError(f"output with shape {shape} doesn't match the broadcast shape {sizes + shape}")
        if name in _ARITHMETIC:
            raise RuntimeError(IN_PLACE.format("inplace arithmetic", "in a vmap"))
        if name in ("fill_", "index_add_"):
            raise RuntimeError(IN_PLACE.format(name, "in a vmap"))
        raise RuntimeError(IN_PLACE.format(f"aten::{name}", f"at level {more.bit_length()}"))


MARKS = Marks()
