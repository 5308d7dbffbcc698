"""`vmap`: a function of samples as one of batches of them.

The function runs once a sample and the results are stacked, so that every op, derivative and change in place is right
by itself; what a batched run could not do (look at a value, draw without saying how) is refused as PyTorch refuses it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from engine import random, twister
from engine.batched import MARKS, REFUSED, check_randomness, mark, mask_of
from engine.dispatch import tensors as ops
from engine.func import tree
from engine.func.levels import Inside
from engine.tensor import Tensor


def name_of(func: Any) -> str:
    """The name of a function in the errors."""
    return getattr(func, "__name__", None) or repr(func)


def vmap(
    func: Callable[..., Any], in_dims: Any = 0, out_dims: Any = 0, randomness: str = "error", *, chunk_size: Any = None
) -> Callable[..., Any]:
    """The function that maps `func` over the axes `in_dims` of its arguments and stacks the results at `out_dims`."""
    check_randomness(randomness)
    if not (chunk_size is None or chunk_size > 0):
        raise ValueError(f"vmap: chunk_size should be None or greater than 0. (got {chunk_size})")

    @functools.wraps(func)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        dims, leaves, spec, size = _mapped(func, in_dims, args)
        return _Run(func, out_dims, randomness, size, chunk_size).over(dims, leaves, spec, kwargs)

    return wrapped


def _mapped(func: Any, in_dims: Any, args: tuple[Any, ...]) -> tuple[list[Any], list[Any], tree.Spec, int]:
    """For each leaf of the arguments its axis (None: the same for all); then the size of these axes."""
    name = name_of(func)
    if not isinstance(in_dims, (int, tuple)):
        raise ValueError(
            f"vmap({name}, in_dims={in_dims}, ...)(<inputs>): expected `in_dims` to be int or a (potentially nested) "
            f"tuple matching the structure of inputs, got: {type(in_dims)}."
        )
    if not args:
        raise ValueError(
            f"vmap({name})(<inputs>): got no inputs. Maybe you forgot to add inputs, or you are trying to vmap over a "
            "function with no inputs. The latter is unsupported."
        )
    leaves, spec = tree.flatten(args)
    dims = tree.spread(in_dims, spec)
    if dims is None:
        raise ValueError(
            f"vmap({name}, in_dims={in_dims}, ...)(<inputs>): in_dims is not compatible with the structure of "
            f"`inputs`. in_dims has structure {tree.flatten(in_dims)[1]} but inputs has structure {spec}."
        )
    start = f"vmap({name}, in_dims={in_dims}, ...)(<inputs>): Got in_dim="
    sizes = []
    for i, (leaf, dim) in enumerate(zip(leaves, dims, strict=True)):
        if dim is None:
            continue
        if not isinstance(dim, int):
            raise ValueError(f"{start}{dim} for an input but in_dim must be either an integer dimension or None.")
        if not isinstance(leaf, Tensor):
            raise ValueError(
                f"{start}{dim} for an input but the input is of type {type(leaf)}. We cannot vmap over non-Tensor "
                "arguments, please use None as the respective in_dim"
            )
        n = leaf._array.ndim
        if not -n <= dim < n:
            raise ValueError(
                f"{start}{dim} for some input, but that input is a Tensor of dimensionality {n} so expected in_dim to "
                f"satisfy -{n} <= in_dim < {n}."
            )
        dims[i] = dim % n
        sizes.append(leaf._array.shape[dims[i]])
    if not sizes:
        raise ValueError("vmap: Expected at least one Tensor to vmap over")
    if any(size != sizes[0] for size in sizes):
        raise ValueError(
            "vmap: Expected all tensors to have the same size in the mapped dimension, got sizes "
            f"{sizes} for the mapped dimension"
        )
    return dims, leaves, spec, sizes[0]


_REFUSED_WITHIN = (
    "vmap: We do not yet support calling random operations inside of vmap. Please perform random operations outside of "
    "vmap as a workaround"
)


def batch_of_gradients(func: Callable[..., Any]) -> Callable[..., Any]:
    """The function of a gradient as one of a batch of them.

    To a `Function` that is called there it is no transform, and so needs no rule of its own.
    """

    def wrapped(batch: Tensor) -> Any:
        dims, leaves, spec, size = _mapped(func, 0, (batch,))
        return _Within(func, 0, "error", size).over(dims, leaves, spec, {})

    return wrapped


class _Run:
    """One call of a mapped function."""

    refused = REFUSED
    block: Callable[[], AbstractContextManager[Any]] = Inside

    def __init__(
        self, func: Callable[..., Any], out_dims: Any, randomness: str, size: int, chunk_size: int | None = None
    ) -> None:
        self.func = func
        self.out_dims = out_dims
        self.randomness = randomness
        self.size = size
        self.chunk_size = chunk_size or max(size, 1)  # how many samples draw together

    def over(self, dims: list[Any], leaves: list[Any], spec: tree.Spec, kwargs: dict[str, Any]) -> Any:
        """The stacked results."""
        source = random.default_generator
        outer = source.together
        at = None if outer is None else outer.at
        state = source.state_bytes() if self.randomness == "same" else None
        before = twister.refusal()
        twister.refuse(self.refused if self.randomness == "error" else None)
        randomness, MARKS.randomness = MARKS.randomness, self.randomness
        bit = MARKS.open(self.size)
        try:
            rows, samples = [], []
            out_spec = None
            for i in range(max(self.size, 1)):
                if self.randomness == "different":
                    within = i % self.chunk_size
                    if within == 0:
                        source.together = twister.Together(min(self.chunk_size, max(self.size, 1) - i), outer)
                    source.together.turn(within)  # type: ignore[union-attr]
                elif state is not None and outer is not None:
                    outer.at = at  # type: ignore[assignment]
                elif state is not None:
                    source.set_state_bytes(state)
                sample = [
                    leaf if dim is None else self._slice(leaf, dim, i, bit)
                    for leaf, dim in zip(leaves, dims, strict=True)
                ]
                samples.append(sample)
                with self.block():
                    output = self.func(*tree.unflatten(sample, spec), **kwargs)
                row, out_spec = tree.flatten(output)
                rows.append(row)
            assert out_spec is not None
            places = self._places(out_spec, rows[0])
            answers = []
            for place in reversed(places):  # each column goes as soon as it is stacked: together they may be large
                column = [row.pop() for row in rows]
                given = None if place is None else _given(column, samples)
                if given is not None and dims[given] is not None and place is not None:
                    answers.append(_turned(leaves[given], dims[given], place))
                else:
                    answers.append(self._stacked(column, place, bit))
        finally:
            MARKS.close()
            MARKS.randomness = randomness
            source.together = outer
            twister.refuse(before)
        return tree.unflatten(answers[::-1], out_spec)

    def _slice(self, leaf: Tensor, dim: int, index: int, bit: int) -> Any:
        if self.size:
            part = ops.select(leaf, dim, index)
        else:  # no sample: a made-up one tells the shapes of the results
            shape = list(leaf._array.shape)
            del shape[dim]
            part = ops.zeros(*shape, dtype=leaf.dtype, device=leaf.device)
        return mark(part, mask_of(leaf) | bit)

    def _places(self, spec: tree.Spec, row: list[Any]) -> list[Any]:
        """The axis of each leaf of the result, None where it is the same for all samples."""
        name = name_of(self.func)
        wanted = self.out_dims
        if spec.kind is None and isinstance(wanted, tuple) and len(wanted) == 1:
            wanted = wanted[0]
        places = tree.spread(wanted, spec)
        bad = [d for d in tree.flatten(self.out_dims)[0] if not (d is None or isinstance(d, int))]
        if bad:
            raise ValueError(
                f"vmap({name}, ..., out_dims={self.out_dims}): `out_dims` must be an int, None or a python collection "
                "of ints representing where in the outputs the vmapped dimension should appear."
            )
        if places is None:
            raise ValueError(
                f"vmap({name}, ..., out_dims={self.out_dims})(<inputs>): out_dims is not compatible with the structure "
                f"of `outputs`. out_dims has structure {tree.flatten(self.out_dims)[1]} but outputs has structure "
                f"{spec}."
            )
        for value, place in zip(row, places, strict=True):
            if not isinstance(value, Tensor) and place is not None:
                raise ValueError(
                    f"vmap({name}, ...): `{name}` must only return Tensors, got type {type(value)}. Did you mean to "
                    "set out_dims= to None for output?"
                )
        return places

    def _stacked(self, column: list[Any], place: int | None, bit: int) -> Any:
        first = column[0]
        if place is None:
            if mask_of(first) & bit:
                name = name_of(self.func)
                raise ValueError(f"vmap({name}, ...): `{name}` can not return a BatchedTensor when out_dim is None")
            return first
        if self.size:
            stacked = ops.stack(column, place)
        else:
            ndim = first._array.ndim + 1
            if not -ndim <= place < ndim:
                raise IndexError(
                    f"Dimension out of range (expected to be in range of [{-ndim}, {ndim - 1}], but got {place})"
                )
            shape = list(first._array.shape)
            shape.insert(place % ndim, 0)
            stacked = ops.zeros(*shape, dtype=first.dtype, device=first.device)
        return mark(stacked, mask_of(stacked) & ~bit)


def _given(column: list[Any], samples: list[list[Any]]) -> int | None:
    """Which of the arguments a result is, sample for sample."""
    for place, each in enumerate(samples[0]):
        if column[0] is each and all(got is sample[place] for got, sample in zip(column, samples, strict=True)):
            return place
    return None


def _turned(leaf: Tensor, dim: int, place: int) -> Any:
    """An argument, the batch axis of which comes out at another place."""
    n = leaf._array.ndim
    return leaf if place == dim or place + n == dim else ops.movedim(leaf, dim, place)


class _Within(_Run):
    """One call of a function of gradients."""

    refused = _REFUSED_WITHIN
    block = nullcontext


def debug_unwrap(tensor: Tensor, *, recurse: bool = True) -> Tensor:
    """The sample that a mapped tensor shows, free of its mark."""
    return mark(tensor.detach(), 0)
