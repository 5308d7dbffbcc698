"""What the transforms ask of a `Function`: how it keeps its values, and how it is mapped."""

from __future__ import annotations

from typing import Any, NamedTuple

from engine.batched import MARKS, mark, mask_of
from engine.dispatch import tensors as ops
from engine.func import tree
from engine.tensor import Tensor

_MORE = "For more details, please see https://pytorch.org/docs/main/notes/extending.func.html"


class VmapInfo(NamedTuple):
    """What a `Function`'s own `vmap` is told first."""

    batch_size: int
    randomness: str


def applied(function: Any, args: tuple[Any, ...]) -> Any:
    """The result of `function.apply(*args)` by its own `vmap`; NotImplemented where `forward` is to run."""
    from engine.autograd.function import Function

    if function.setup_context is Function.setup_context:
        raise RuntimeError(
            "In order to use an autograd.Function with functorch transforms (vmap, grad, jvp, jacrev, ...), it must "
            f"override the setup_context staticmethod. {_MORE}"
        )
    leaves, spec = tree.flatten(args)
    mask = 0
    for leaf in leaves:
        mask |= mask_of(leaf)
    if not mask:
        return NotImplemented
    own = function.vmap is not Function.vmap
    if function.generate_vmap_rule:
        if own:
            raise RuntimeError(
                f"You tried to vmap over {function.__name__}, but it has both generate_vmap_rule=True and an "
                "overridden vmap staticmethod. Please set generate_vmap_rule=False or delete the overridden vmap "
                f"staticmethod to avoid ambiguity. {_MORE}"
            )
        return NotImplemented
    if not own:
        raise RuntimeError(
            f"You tried to vmap over {function.__name__}, but it does not have vmap support. Please override and "
            f"implement the vmap staticmethod or set generate_vmap_rule=True. {_MORE}"
        )
    # The sample at hand is a batch of one; of several nested maps the innermost comes first.
    bit = 1 << (mask.bit_length() - 1)
    mapped = [mask_of(leaf) & bit for leaf in leaves]
    given = [
        mark(ops.unsqueeze(leaf, 0), mask_of(leaf) & ~bit) if each else leaf
        for leaf, each in zip(leaves, mapped, strict=True)
    ]
    dims = tree.unflatten([0 if each else None for each in mapped], spec)
    returned = function.vmap(VmapInfo(1, MARKS.randomness), dims, *tree.unflatten(given, spec))
    if not (isinstance(returned, tuple) and len(returned) == 2):
        raise RuntimeError(
            "Expected the vmap staticmethod to have two returns, an output and out_dims with pytree structure "
            f"compatible with the output. Got a {type(returned)} instead"
        )
    output, out_dims = returned
    results, out_spec = tree.flatten(output)
    places = tree.spread(out_dims, out_spec)
    if places is None:
        raise RuntimeError(
            "The autograd.Function's vmap staticmethod returned an incompatible (output, out_dims) tuple. Expected "
            f"out_dims={out_dims} to be compatible with the structure of `output`. out_dims has structure "
            f"{tree.flatten(out_dims)[1]} but output has structure {out_spec}. {_MORE}"
        )
    return tree.unflatten(
        [
            mark(ops.select(r, place, 0), mask_of(r) | bit) if isinstance(r, Tensor) and place is not None else r
            for r, place in zip(results, places, strict=True)
        ],
        out_spec,
    )
