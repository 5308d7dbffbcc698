"""The state of an optimizer as PyTorch saves it, with parameters told by their number, and how it is taken on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

from engine import tensor
from engine.array import float32
from engine.optim.lanes import COUNTS
from engine.tensor import Tensor


def state_dict(optimizer: Any) -> dict[str, Any]:
    """What `Optimizer.state_dict` gives."""
    for hook in list(optimizer._optimizer_state_dict_pre_hooks.values()):
        hook(optimizer)
    numbers: dict[int, int] = {}
    groups = []
    for group in optimizer.param_groups:
        for p in group["params"]:
            numbers.setdefault(id(p), len(numbers))
        packed = {**group, "params": [numbers[id(p)] for p in group["params"]]}
        packed["params"] = packed.pop("params")  # last, as PyTorch lists it
        groups.append(packed)
    state = {numbers[id(p)] if isinstance(p, Tensor) else p: held for p, held in optimizer.state.items()}
    saved = {"state": state, "param_groups": groups}
    for hook in list(optimizer._optimizer_state_dict_post_hooks.values()):
        saved = hook(optimizer, saved) or saved
    return saved


def load_state_dict(optimizer: Any, saved: dict[str, Any]) -> None:
    """What `Optimizer.load_state_dict` does."""
    saved = saved.copy()
    for hook in list(optimizer._optimizer_load_state_dict_pre_hooks.values()):
        saved = hook(optimizer, saved) or saved
    groups = deepcopy(saved["param_groups"])
    if len(groups) != len(optimizer.param_groups):
        raise ValueError("loaded state dict has a different number of parameter groups")
    if any(len(a["params"]) != len(b["params"]) for a, b in zip(groups, optimizer.param_groups, strict=True)):
        raise ValueError(
            "loaded state dict contains a parameter group that doesn't match the size of optimizer's group"
        )
    place_of: dict[Any, tuple[Any, dict[str, Any]]] = {}
    for mine, loaded in zip(optimizer.param_groups, groups, strict=True):
        place_of.update((number, (p, loaded)) for number, p in zip(loaded["params"], mine["params"], strict=True))
        loaded["params"] = mine["params"]
        if "param_names" in mine:
            loaded.setdefault("param_names", mine["param_names"])
    state: dict[Any, Any] = defaultdict(dict)
    for number, held in saved["state"].items():
        if number in place_of:
            p, group = place_of[number]
            state[p] = _like("", held, p, group)
        else:
            state[number] = held
    optimizer.__setstate__({"state": state, "param_groups": groups})
    for hook in list(optimizer._optimizer_load_state_dict_post_hooks.values()):
        hook(optimizer)


# Options that came when groups had been saved already, and what they are where they are not told of.
_LATER = {
    "maximize": False, "foreach": None, "capturable": False, "differentiable": False, "amsgrad": False,
    "nesterov": False, "decoupled_weight_decay": False, "fused": None,
}  # fmt: skip


def bring_up_to_date(optimizer: Any, group: dict[str, Any]) -> None:
    """Give a group the options, and its parameters' counts the form, that they had not when they were saved.

    KeyError where another optimizer has saved them.
    """
    options = optimizer.__dict__.get("defaults", {})
    for name, value in (optimizer.later | _LATER).items():
        if name in options:
            group.setdefault(name, optimizer.later.get(name, value))
    counts = [name for name in optimizer.memory if name in COUNTS]
    for p in group["params"]:
        held = optimizer.state.get(p)
        for name in counts if held else ():
            if not isinstance(held[name], Tensor):
                held[name] = tensor(float(held[name]), dtype=float32)


def check_remembered(optimizer: Any, group: dict[str, Any]) -> None:
    """KeyError for an option that is lacking, and where of a parameter something is remembered, but not all."""
    for name in optimizer.defaults:
        group[name]
    needed = [name for name in optimizer.memory_of(group) if name not in optimizer.optional]
    for p in group["params"]:
        held = optimizer.state.get(p)
        if held and getattr(p, "_grad", None) is not None:
            for name in needed:
                held[name]


def _like(name: str, value: Any, p: Any, group: dict[str, Any]) -> Any:
    """A loaded value, on the parameter's device and, but for the count of steps, of its dtype: itself if it is so."""
    if isinstance(value, dict):
        return {name: _like(name, each, p, group) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)([_like(name, each, p, group) for each in value])
    if not isinstance(value, Tensor):
        return value
    if name == "step" and not (group.get("capturable") or group.get("fused")):
        return value
    if name == "step":
        return value.float()
    kind = p.dtype if p.is_floating_point() else value.dtype
    return value.to(device=p.device, dtype=kind)


@contextmanager
def swap_in_optimizer_params_and_state(
    optimizer: Any, swapin_parameters: dict[str, Any], swapin_optim_state: dict[str, Any]
) -> Iterator[None]:
    """Other parameters and state for the optimizer within the block; its own stand again after it.

    `swapin_parameters` are in the order of the optimizer's, `swapin_optim_state` is like its `state_dict()`.
    """
    before = optimizer.state, optimizer.param_groups, optimizer._laid
    params = list(swapin_parameters.values())
    by_number: dict[Any, Any] = {}
    groups = []
    given = iter(params)
    for packed in swapin_optim_state["param_groups"]:
        group = {**packed, "params": [next(given) for _ in packed["params"]]}
        by_number.update(zip(packed["params"], group["params"], strict=True))
        groups.append(group)
    state: dict[Any, Any] = defaultdict(dict)
    for number, held in swapin_optim_state["state"].items():
        state[by_number.get(number, number)] = dict(held)
    optimizer.state, optimizer.param_groups, optimizer._laid = state, groups, {}
    try:
        yield
        for number, held in swapin_optim_state["state"].items():
            for name, value in held.items():
                now = state[by_number.get(number, number)].get(name)
                if isinstance(value, Tensor) and isinstance(now, Tensor) and now is not value:
                    value.copy_(now)
    finally:
        optimizer.state, optimizer.param_groups, optimizer._laid = before
