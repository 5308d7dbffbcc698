"""The meta device: arrays that have a shape and a dtype and whose numbers mean nothing.

They are zeros that no one has looked at, which take up memory only where something is written. Functions of NumPy give
such an array where they were given one, or a plain one, which `Marks` then makes one of these after each op.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

NO_DATA = "Cannot copy out of meta tensor; no data!"
NO_ITEM = "Tensor.item() cannot be called on meta tensors"
_NO_NONZERO = (
    "The register_meta function for torch.nonzero() raises unimplemented by default, as a correct data-independent "
    "implementation does not exist. This implementation returns a fake value, assuming all elements of the tensor are "
    "non-zero. To enable this registration, please set "
    "'torch.fx.experimental._config.meta_nonzero_assume_all_nonzero' to True."
)
_NO_KERNEL = (
    "attempted to run this operator with Meta tensors, but there was no fake impl or Meta kernel registered. You may "
    "have run into this message while using an operator with PT2 compilation APIs (torch.compile/torch.export); in "
    "order to use this operator with those APIs you'll need to add a fake impl. Please see the following for next "
    "steps:  https://pytorch.org/tutorials/advanced/custom_ops_landing_page.html"
)
# Ops that take a second operand of another device as it is, as PyTorch does: products and what looks things up.
_UNCHECKED = frozenset((
    "matmul", "mm", "bmm", "conv", "conv_transpose", "embedding_rows", "gather", "index_select", "item_copy",
))  # fmt: skip

# What NumPy is asked for in them.
_OF_NUMBERS = {np.unique: "_unique2", np.array_equal: "equal", np.bincount: "bincount"}


def no_kernel(name: str) -> NotImplementedError:
    """PyTorch's error of an operator whose result depends on the numbers, which it has no meta version of."""
    return NotImplementedError(f"aten::{name}: {_NO_KERNEL}")


class MetaArray(np.ndarray):
    """An array on the meta device. While there is one, `Marks` watches."""

    def __getitem__(self, key: Any) -> Any:
        for part in key if isinstance(key, tuple) else (key,):
            if part.__class__ is MetaArray and part.dtype == np.bool_:
                raise NotImplementedError(_NO_NONZERO)  # how many there are depends on the numbers
        return super().__getitem__(key)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if func in (np.nonzero, np.argwhere, np.flatnonzero):
            raise NotImplementedError(_NO_NONZERO)
        if func in _OF_NUMBERS:
            raise no_kernel(_OF_NUMBERS[func])
        return super().__array_function__(func, types, args, kwargs)

    def __array_finalize__(self, of: Any) -> None:
        Marks.alive += 1
        if Marks.alive == 1:
            _graph().also(_marks)

    def __del__(self) -> None:
        Marks.alive -= 1
        if not Marks.alive and not sys.is_finalizing():
            _graph().no_longer(_marks)


def on_meta(values: Any) -> MetaArray:
    """An array of the shape and dtype of another, on the meta device."""
    return np.zeros(values.shape, values.dtype).view(MetaArray)


class _Maker:
    """NumPy, each array that it makes being on the meta device."""

    def __getattr__(self, name: str) -> Any:
        function = getattr(np, name)

        def make(*args: Any, **kwargs: Any) -> Any:
            made = function(*args, **kwargs)
            return made.view(MetaArray) if isinstance(made, np.ndarray) else made

        return make if callable(function) else function


maker = _Maker()


class Marks:
    """A watcher of op calls: results of operands on the meta device are there, too."""

    alive = 0  # arrays

    def called(self, op: Any, args: Sequence[Any], options: Any, out: Any) -> None:
        """Move the results; RuntimeError where operands are on other devices, too."""
        arrays = [arg._array for arg in _flat(args) if hasattr(arg, "_array")]
        if any(each.__class__ is MetaArray for each in arrays):
            _check_together(op.name, arrays)
            for result in out if isinstance(out, tuple) else (out,):
                raw = getattr(result, "_array", None)
                if raw is not None and raw.__class__ is not MetaArray:
                    result._array = np.asarray(raw).view(MetaArray)


def _check_together(name: str, arrays: Sequence[Any]) -> None:
    """One device for all, as PyTorch's shape functions ask of them; plain numbers may come from anywhere."""
    there = [each.__class__ is MetaArray for each in arrays]
    places = ["meta" if meta else "cpu" for each, meta in zip(arrays, there, strict=True) if each.ndim or meta]
    first = places[0]
    wrong = next((place for place in places if place != first), first)
    if wrong != first and not (first == "meta" and name in _UNCHECKED):
        raise RuntimeError(f"Tensor on device {wrong} is not on the expected device {first}!")


def _flat(args: Sequence[Any]) -> Any:
    for arg in args:
        if isinstance(arg, (list, tuple)):
            yield from arg
        else:
            yield arg


def _graph() -> Any:
    from engine import graph

    return graph


_marks = Marks()
