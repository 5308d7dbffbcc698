"""What parametrizations may not do, in PyTorch's sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.tensor import Tensor


def _type(value: Any) -> str:
    return type(value).__name__


def check_original(new: Any, original: Any) -> None:
    """What the inverses made of a tensor: a tensor of its dtype, or several tensors."""
    if isinstance(new, Tensor):
        if new.dtype != original.dtype:
            raise ValueError(
                "When `right_inverse` outputs one tensor, it may not change the dtype.\n"
                f"original.dtype: {original.dtype}\nright_inverse(original).dtype: {new.dtype}"
            )
        return
    rule = "'right_inverse' must return a Tensor or a Sequence of tensors (list, tuple...). Got "
    if not isinstance(new, Sequence):
        raise ValueError(f"{rule}{_type(new)}")
    for i, each in enumerate(new):
        if not isinstance(each, Tensor):
            raise ValueError(f"{rule}element {i} of the sequence with type {_type(each)}.")


def check_made(made: Any, shape: Any, dtype: Any) -> None:
    """What a new chain gives: a tensor of the shape and dtype that there were."""
    if not isinstance(made, Tensor):
        raise ValueError(f"A parametrization must return a tensor. Got {_type(made)}.")
    for what, before, after in (("dtype", dtype, made.dtype), ("shape", shape, made.shape)):
        if before != after:
            raise ValueError(
                f"Registering a parametrization may not change the {what} of the tensor, unless `unsafe` flag is "
                f"enabled.\nunparametrized {what}: {before}\nparametrized {what}: {after}"
            )


def check_appended(y: Any, parametrization: Any, name: str) -> None:
    """What a further parametrization makes of the tensor, and its inverse of that."""
    x = parametrization(y)
    if not isinstance(x, Tensor):
        raise ValueError(f"A parametrization must return a tensor. Got {_type(x)}.")
    for what in ("dtype", "shape"):
        before, after = getattr(y, what), getattr(x, what)
        if before != after:
            raise ValueError(
                f"Registering a parametrization may not change the {what} of the tensor, unless the `unsafe` flag is "
                f"enabled.\nmodule.{name}.{what}: {before}\nparametrization(module.{name}).{what}: {after}"
            )
    if not hasattr(parametrization, "right_inverse"):
        return
    try:
        z = parametrization.right_inverse(x)
    except NotImplementedError:
        return
    if not isinstance(z, Tensor):
        raise ValueError(f"parametrization.right_inverse must return a tensor. Got: {_type(z)}")
    for what in ("dtype", "shape"):
        before, after = getattr(y, what), getattr(z, what)
        if before != after:
            raise ValueError(
                f"The tensor returned by parametrization.right_inverse must have the same {what} as module.{name}, "
                f"unless the `unsafe` flag is enabled.\nmodule.{name}.{what}: {before}\nreturned {what}: {after}"
            )


def check_inverse(value: Any, kept: Any) -> None:
    """What the inverses made of a value that was assigned: as many tensors as are kept, of their dtypes."""
    if isinstance(kept, Tensor):
        if not isinstance(value, Tensor):
            raise ValueError(f"`right_inverse` should return a tensor. Got {_type(value)}")
        if value.dtype != kept.dtype:
            raise ValueError(
                f"The tensor returned by `right_inverse` has dtype {value.dtype} while `original` has dtype "
                f"{kept.dtype}"
            )
        return
    if not isinstance(value, Sequence):
        raise ValueError(f"'right_inverse' must return a sequence of tensors. Got {_type(value)}.")
    if len(value) != len(kept):
        raise ValueError(
            f"'right_inverse' must return a sequence of tensors of length {len(kept)}. Got a sequence of length "
            f"{len(value)}."
        )
    for i, (new, mine) in enumerate(zip(value, kept, strict=True)):
        if not isinstance(new, Tensor):
            raise ValueError(f"`right_inverse` must return a sequence of tensors. Got element {i} of type {_type(new)}")
        if new.dtype != mine.dtype:
            raise ValueError(
                f"Tensor {i} returned by `right_inverse` has dtype {new.dtype} while `original{i}` has dtype "
                f"{mine.dtype}"
            )
