"""Copies, casts, devices, and what is done to a tensor in place."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine import array, deprecated, family, formats, graph, memory
from engine.array import numpy_dtype
from engine.dispatch import raw, tensors
from engine.errors import fits, joined, unlike_target, wrong_call
from engine.family import own
from engine.fitting import fitted
from engine.op import composite, d, op
from engine.tensor import Tensor
from engine.titles import retitle


@op(
    r"y = x",
    said={"title": "ToCopyBackward0", "homes": (), "out": False, "moves": True},
    input=d(r"\bar y", lambda g, old, k: k.to_dtype(g, old)),
)
def cast_from(input, dtype, old):
    """The elements in another dtype; `old` is the one they have."""
    return raw.to_dtype(input, dtype)


def _to_dtype(input: Any, dtype: np.dtype) -> Any:
    if dtype.kind not in "fcV" and input._requires_grad:
        input = input.detach()
    return cast_from(input, dtype, input._array.dtype)


tensors.to_dtype = _to_dtype


def _cast(x: Any, dtype: np.dtype) -> Any:
    if x.dtype.kind == "c" and dtype.kind != "c" and dtype.kind != "b":
        x = x.real
    if dtype.itemsize == 2 and dtype.kind in "fV" and x.dtype.itemsize == 8:
        x = x.astype(np.float32)  # to a short float in two steps, as PyTorch rounds
    return x.astype(dtype)


raw.to_dtype = _cast


@op(
    r"y = x",
    said={"homes": (), "out": False, "title": "ToCopyBackward0", "moves": True},
    input=d(r"\bar y", lambda g, old, k: k.on_device(g, old, None)),
)
def on_device(input, device, old):
    """The elements on another device; `old` is the one they are on."""
    return array.moved(input, device)


raw.on_device = lambda x, device, old: array.moved(x, device)


@op(r"y = x", input=d(r"\bar y", lambda g: g), said={"out": False, "moves": True})
def clone(input, *, memory_format=None):
    """A copy, recorded; laid out as the source is, where that is without gaps, or in a memory format."""
    if memory_format is None or memory_format is formats.preserve_format:
        return input.copy("K" if 0 not in input.strides else "C")
    return _in_format(input, memory_format)


@op(
    r"y = x",
    said={"homes": (), "out": False, "title": "CloneBackward0", "moves": True},
    input=d(r"\bar y", lambda g: g),
)
def laid_out(input, memory_format=None):
    """A copy whose elements lie in memory in the order of their indices."""
    return _in_format(input, memory_format)


def _in_format(input: Any, memory_format: Any) -> Any:
    if memory_format in (None, formats.contiguous_format):
        return input.copy("C")
    flat = array.module(input).empty(input.size, input.dtype)
    copy = memory.laid_over(flat, input.shape, formats.steps_in(memory_format, input.shape), 0)
    copy[...] = input
    return copy


@composite("method")
def contiguous(self: Any, memory_format: Any = None) -> Any:
    """The tensor, copied if its elements do not lie in memory in the order of their indices or of a memory format."""
    if memory_format is formats.preserve_format:
        if self.is_contiguous():
            return self
        raise RuntimeError("preserve memory format is unsupported by the contiguous operator")
    return self if self.is_contiguous(memory_format) else laid_out(self, memory_format)


@composite("method")
def to(
    self: Any,
    *args: Any,
    dtype: Any = None,
    device: Any = None,
    non_blocking: bool = False,
    copy: bool = False,
    memory_format: Any = None,
) -> Any:
    """The tensor in another dtype, on another device, or as another tensor is; itself if it is so already."""
    for each in args:
        if isinstance(each, Tensor):
            dtype, device = each.dtype, each.device
        elif isinstance(each, array.dtype) or each in array.PYTHON:
            dtype = each
        elif isinstance(each, (str, array.device)) or (isinstance(each, int) and not isinstance(each, bool)):
            device = each
    result = self
    if device is not None:
        target, here = array.device(device), self.device
        if target.type != here.type or target.index not in (None, here.index):
            result = on_device(result, target, here)
    kind = numpy_dtype(dtype)
    if kind is not None and kind != self._array.dtype:
        if self._array.dtype.kind == "c" and kind.kind not in "cb":
            deprecated.tell_once(deprecated.IMAGINARY)
        result = _to_dtype(result, kind)
    if memory_format not in (None, formats.preserve_format):
        # The tensor itself stays if it is taken to be in the format, a copy if it is.
        there = formats.suggested(own(result)) is memory_format
        if not (there and (result is self or result.is_contiguous(memory_format))):
            result = laid_out(result, memory_format)
    return clone(result) if copy and result is self else result


@composite("method")
def type_as(self: Any, other: Any) -> Any:
    """The tensor in the dtype of another."""
    return self.to(other.dtype)


@composite("method")
def type(self: Any, dtype: Any = None, non_blocking: bool = False) -> Any:
    """The old name of the dtype, or the tensor in another one."""
    if dtype is None:
        place = "torch." if self.is_cpu else f"torch.{self.device.type}."
        return f"{place}{array.TITLES[self.dtype]}Tensor"
    if isinstance(dtype, str):
        title = dtype.rsplit(".", 1)[-1].removesuffix("Tensor")
        dtype = next((each for each, name in array.TITLES.items() if name == title), None)
        if dtype is None:
            raise ValueError(f"invalid type: '{title}'")
    return self.to(getattr(dtype, "dtype", dtype))


@composite("method")
def cpu(self: Any) -> Any:
    """The tensor in host memory."""
    return self.to(device="cpu")


@composite("method")
def cuda(self: Any, device: Any = None, non_blocking: bool = False) -> Any:
    """The tensor on a GPU."""
    return self.to(device="cuda" if device is None else device)


def _caster(name: str, target: array.dtype) -> None:
    def cast(self: Any, memory_format: Any = None) -> Any:
        return self.to(target, memory_format=memory_format)

    cast.__name__ = cast.__qualname__ = name
    cast.__doc__ = f"The tensor as {target.name}."
    composite("method")(cast)


for _name, _target in {
    **array.FORMER_NAMES,
    "bool": array.bool_,
    "byte": array.uint8,
    "char": array.int8,
    "bfloat16": array.bfloat16,
}.items():
    _caster(_name, _target)


@composite("method")
def copy_(self: Any, src: Any, non_blocking: bool = False) -> Any:
    """The values of another tensor (broadcast, cast, moved here) put in place."""
    family.check_in_place(self)
    source = src if isinstance(src, Tensor) else tensors.as_tensor(src)
    moved = source.to(dtype=self.dtype, device=self.device)
    memory.apart(self._array, (moved._array,))
    if moved._array.shape != self._array.shape:
        mine, given = self._array.shape, moved._array.shape
        if not fits(given, mine) or joined(mine, given) != mine:
            raise unlike_target("copy_", mine, given)
        moved = moved.expand(self._array.shape)
    return family.assign(self, copied(family.shadow(self), moved), "copy_")


@composite("method")
def module_load(self: Any, other: Any, assign: bool = False) -> Any:
    """What `load_state_dict` swaps a module's tensor for: the other's values in its memory, or the other's memory."""
    return other.detach() if assign else copy_(self, other).detach()


@op(
    r"y = b",
    said={"homes": (), "out": False, "title": "torch::autograd::CopyBackwards", "moves": True},
    input=d("0", lambda g, k: k.zeros_like(g)),
    src=d(r"\bar y", lambda g: g),
)
def copied(input, src):
    """The second, as what is copied over the first."""
    return src


@op(
    r"y = c",
    said={"homes": (), "out": False, "title": "FillBackward0", "moves": True},
    input=d("0", lambda g, k: k.zeros_like(g)),
)
def filled(input, value):
    """A number everywhere, as what is written over the tensor."""
    input[...] = fitted(value, input.dtype, short=input.size != 1)
    return input


@composite("method", "engine")
def fill_(self: Any, value: Any) -> Any:
    """Every element set to a number."""
    if isinstance(value, Tensor):
        if value._array.ndim:
            raise RuntimeError(
                f"fill_ only supports 0-dimension value tensor but got tensor with {value._array.ndim} dimensions."
            )
        if graph.marks is not None:
            graph.marks.assigned(self, value, "fill_")
        return self.copy_(value.expand(self._array.shape))
    if isinstance(value, (str, bytes, list, tuple, dict)) or value is None:
        raise wrong_call("fill_", (value,), "(Tensor value)", "(Number value)")
    return _overwritten(self, value, "FillBackward2", "fill_")


def _overwritten(self: Any, value: Any, title: str, name: str) -> Any:
    family.check_in_place(self, may_repeat=True)
    return family.assign(self, retitle(filled(family.shadow(self), value), title), name)


@composite("method", "engine")
def zero_(self: Any) -> Any:
    """Every element set to zero."""
    return _overwritten(self, 0, "ZeroBackward0", "zero_")


@composite("engine")
def detach(input: Any) -> Any:
    """The same memory outside the graph."""
    return input.detach()


@composite("engine")
def is_same_size(input: Any, other: Any) -> bool:
    """Whether the shapes are equal."""
    return input.shape == other.shape


@composite("engine")
def resize_as_(input: Any, the_template: Any, *, memory_format: Any = None) -> Any:
    """The tensor given the size of another."""
    return input.resize_as_(the_template, memory_format=memory_format)
