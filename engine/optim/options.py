"""The options of optimizers: which there are, PyTorch's errors for values out of range, and plain numbers of them."""

from __future__ import annotations

import math
from typing import Any

from engine.tensor import Tensor

# How PyTorch's sentences name an option that has another name there; the others are named "NAME value".
_TITLES = {"lr": "learning rate", "eps": "epsilon value"}
_NOT_NEGATIVE = frozenset(
    ("lr", "eps", "momentum", "weight_decay", "lr_decay", "initial_accumulator_value", "momentum_decay")
)


class _Required:
    """Stands in `defaults` for an option that every group must give."""

    def __repr__(self) -> str:
        return "<required parameter>"


required = _Required()


def options_of(scope: dict[str, Any], first: str = "", not_negative: str = "") -> dict[str, Any]:
    """The options among the local names of an optimizer's `__init__`; PyTorch's ValueError for one out of range.

    They stand as in PyTorch's state_dict: those in `first`, then the others in the order of the parameters.
    `not_negative` names options that must not be so in this optimizer, besides those that nowhere may.
    """
    names = dict.fromkeys([*first.split(), *scope])
    options = {name: scope[name] for name in names if name not in ("self", "params", "__class__")}
    check_lr(options["lr"])
    for name, value in options.items():
        if name in _NOT_NEGATIVE or name in not_negative.split():
            if not 0.0 <= value <= math.inf:
                raise ValueError(f"Invalid {_TITLES.get(name, f'{name} value')}: {value}")
        elif name == "rho" and not 0.0 <= value <= 1.0:
            raise ValueError(f"Invalid rho value: {value}")
    for index in (0, 1) if "betas" in options else ():
        beta = options["betas"][index]
        if not 0.0 <= beta < 1.0:
            raise ValueError(f"Invalid beta parameter at index {index}: {beta}")
    if options.get("fused"):
        if options.get("differentiable"):
            raise RuntimeError("`fused` does not support `differentiable`")
        if options.get("foreach"):
            raise RuntimeError("`fused` and `foreach` cannot be `True` together.")
    return options


def check_lr(lr: Any) -> None:
    """ValueError for a learning rate that is a tensor of more than one element."""
    if isinstance(lr, Tensor) and lr.numel() != 1:
        raise ValueError("Tensor lr must be 1-element")


def check_tensors(options: dict[str, Any]) -> None:
    """PyTorch's ValueError for options of Adam that must not be tensors, or not both."""
    eager = options["foreach"] and not options["capturable"]
    if isinstance(options["lr"], Tensor) and eager:
        raise ValueError("lr as a Tensor is not supported for capturable=False and foreach=True")
    betas = options["betas"]
    tensors = [isinstance(betas[index], Tensor) for index in (0, 1)]
    if not all(tensors) and not all(isinstance(betas[index], float) for index in (0, 1)):
        raise ValueError("betas must be either both floats or both Tensors")
    for index, beta in enumerate(betas):
        if tensors[index] and eager:
            raise ValueError(f"betas[{index}] as a Tensor is not supported for capturable=False and foreach=True")
        if tensors[index] and beta.numel() != 1:
            raise ValueError(f"Tensor betas[{index}] must be 1-element")


def plain(group: dict[str, Any]) -> dict[str, Any]:
    """The options of a group with numbers for tensors; the group itself where there are none."""
    if not any(isinstance(value, Tensor) for value in [*group.values(), *group.get("betas", ())]):
        return group
    numbers = {name: value.item() if isinstance(value, Tensor) else value for name, value in group.items()}
    if "betas" in group:
        numbers["betas"] = tuple(map(float, group["betas"]))
    return numbers
