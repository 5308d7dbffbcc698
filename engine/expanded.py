"""Changes in place that PyTorch still makes where a tensor shows one element several times, as after `expand`."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.array_utils import byte_bounds

from engine import deprecated, family, graph
from engine.tensor import Tensor, wrap

FILLS = frozenset(("masked_fill", "index_fill"))
CLEARING = frozenset(("tril", "triu"))  # which write zeros where nothing is to be left


def filling(name: str, call: Callable[..., Any], in_place: Callable[..., Any]) -> Callable[..., Any]:
    """The in-place form of an op; one of those above fills an element shown several times where one of these is."""
    if name not in FILLS | CLEARING:
        return in_place
    signature = inspect.signature(call)
    first = next(iter(signature.parameters))

    @functools.wraps(in_place)
    def fill(self: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        memory = family.own(self)
        if memory.flags.c_contiguous or not _overlaps_itself(memory):
            return in_place(self, *args, **kwargs)
        if graph.duals is not None or graph.marks is not None:  # transforms refuse it
            return in_place(self, *args, **kwargs)
        given = signature.bind(self, *args, **kwargs).arguments
        family.check_in_place(self, may_repeat=True)
        if name in FILLS and family.repeats(memory) and ("mask" not in given or given["mask"]._array.dtype == np.bool_):
            deprecated.tell(deprecated.FILL_EXPANDED.format(in_place.__name__))
        filled = call(**given | {first: family.shadow(self)})
        if name in FILLS:
            nothing = wrap(np.zeros(memory.shape, np.bool_))
            met = call(**given | {first: nothing, "value": True})._array
        else:
            met = ~call(**given | {first: wrap(np.ones(memory.shape, np.bool_))})._array
        memory[met] = filled._array[met]
        family.rebase(self, graph.edge_of(filled), in_place.__name__)
        return self

    return fill


def _overlaps_itself(memory: Any) -> bool:
    """Whether elements are shown several times, as far as is seen without a search."""
    if not memory.size:
        return False
    begin, end = byte_bounds(memory)
    return end - begin < memory.nbytes or (0 in memory.strides and family.repeats(memory))
