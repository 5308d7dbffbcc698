"""The base of all optimizers: groups of parameters with options, the state of each parameter, saving both."""

from __future__ import annotations

import warnings
from collections import defaultdict
from collections.abc import Callable
from copy import deepcopy
from itertools import chain
from typing import Any, ClassVar

from engine import array, graph
from engine.family import family_of
from engine.hooks import RemovableHandle
from engine.modes import enable_grad
from engine.optim.lanes import Lane, lanes_of
from engine.tensor import Tensor


class required:
    """Stands in `defaults` for an option that every group must give."""


class Optimizer:
    """Changes parameters by their gradients.

    `params` are tensors, (name, tensor) pairs, or dictionaries with "params" and the options of that group; `defaults`
    are the options of groups that say nothing. `state[p]` holds what the optimizer remembers of a parameter.

    A subclass overrides `step`, or, to have its arithmetic done on many parameters at once, gives `memory` and `move`.
    """

    # The state that every parameter has, by name; "step" counts its steps.
    memory: ClassVar[tuple[str, ...]] = ()

    def __init__(self, params: Any, defaults: dict[str, Any]) -> None:
        if isinstance(params, Tensor):
            kind = array.TITLES[params.dtype]
            raise TypeError(
                "params argument given to the optimizer should be an iterable of Tensors or dicts, but got "
                f"torch.{kind}Tensor"
            )
        if defaults.get("differentiable"):
            raise NotImplementedError(f"{type(self).__name__}: differentiable=True is left out of this engine")
        self.defaults = defaults
        self.state: dict[Any, dict[str, Any]] = defaultdict(dict)
        self.param_groups: list[dict[str, Any]] = []
        self._before: dict[int, Callable[..., Any]] = {}
        self._after: dict[int, Callable[..., Any]] = {}
        self._lanes: list[list[Lane]] = []  # for each group
        groups: list[Any] = list(params)
        if not groups:
            raise ValueError("optimizer got an empty parameter list")
        for group in groups if isinstance(groups[0], dict) else [{"params": groups}]:
            self.add_param_group(group)

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Optimize more parameters, with options of their own."""
        if not isinstance(param_group, dict):
            raise TypeError(f"param_group must be a dict, but got {type(param_group)}")
        given = param_group["params"]
        if isinstance(given, set):
            raise TypeError(
                "optimizer parameters need to be organized in ordered collections, but the ordering of tensors in sets "
                "will change between runs. Please use a list instead."
            )
        listed: list[Any] = [given] if isinstance(given, Tensor) else list(given)
        named = [each for each in listed if isinstance(each, tuple)]
        if named and len(named) != len(listed):
            raise ValueError("all optimizer params should be with/without names. Some param names are missing")
        params = [each[1] for each in listed] if named else listed
        group = {**param_group, "params": params}
        if named:
            group["param_names"] = [each[0] for each in listed]
        if self.param_groups and ("param_names" in self.param_groups[0]) != bool(named):
            raise ValueError("all optimizer param groups should be with/without names.")
        self._check(params)
        for name, value in self.defaults.items():
            if value is required and name not in group:
                raise ValueError(f"parameter group didn't specify a value of required optimization parameter {name}")
            group.setdefault(name, value)
        self.param_groups.append(group)
        self._lanes.append([])

    def _check(self, params: list[Any]) -> None:
        for p in params:
            if not isinstance(p, Tensor):
                name = getattr(type(p), "__qualname__", "") if type(p).__module__ == "builtins" else str(type(p))
                raise TypeError(f"optimizer can only optimize Tensors, but one of the params is {name}")
            if not (p.is_leaf or p.retains_grad):
                raise ValueError("can't optimize a non-leaf Tensor")
        if len({id(p) for p in params}) != len(params):
            warnings.warn(
                "optimizer contains a parameter group with duplicate parameters; in future, this will cause an error; "
                "see github.com/pytorch/pytorch/issues/40967 for more information",
                stacklevel=4,
            )
        mine = {id(p) for group in self.param_groups for p in group["params"]}
        if any(id(p) in mine for p in params):
            raise ValueError("some parameters appear in more than one parameter group")

    # ---- stepping

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Move the parameters once; `closure`, where given, computes the loss and its gradients first. Its result."""
        if self._before:
            for hook in list(self._before.values()):
                hook(self, (closure,), {})
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        number = next(graph.numbers)
        by = f"{type(self).__name__}.step"
        for index, group in enumerate(self.param_groups):
            lanes = self._lanes[index]
            if not self._stand(lanes, group):
                lanes = self._lanes[index] = lanes_of(group["params"], self.state, self.memory_of(group))
            for lane in lanes:
                lane.run(self.move, group)
                for p in lane.params:  # what was saved of the parameters for a way back is stale now
                    family = p._family or family_of(p)
                    family.changed = number
                    family.changed_by = by
                    family.version += 1
        if self._after:
            for hook in list(self._after.values()):
                hook(self, (closure,), {})
        return loss

    def _stand(self, lanes: list[Lane], group: dict[str, Any]) -> bool:
        """Whether the lanes still are what the parameters with a gradient, and the state, look like."""
        moved = 0
        for lane in lanes:
            if not lane.stands(self.state):
                return False
            moved += len(lane.params)
        params = group["params"]
        return moved == len(params) or moved == sum(p._grad is not None for p in params if hasattr(p, "_grad"))

    def memory_of(self, group: dict[str, Any]) -> tuple[str, ...]:
        """The names of the state that a group's options need."""
        return self.memory

    def move(self, w: Any, g: Any, state: dict[str, Any], spare: Any, lane: Lane, group: dict[str, Any]) -> None:
        """Change the weights `w` and the `state` in place by the gradient `g`, which stays as it is.

        All are flat arrays of one length, and `spare` is two more to compute in.
        """
        raise NotImplementedError

    def descent(self, w: Any, g: Any, lane: Lane, group: dict[str, Any], t: Any, u: Any) -> Any:
        """The gradient of what is minimized: g, −g with "maximize", plus weight_decay·w; in `t` unless it is g."""
        if group["maximize"]:
            g = lane.xp.negative(g, t)
        if group["weight_decay"]:
            g = lane.xp.add(g, lane.xp.multiply(w, lane.number(group["weight_decay"]), u), t)
        return g

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of all parameters, or make them zero."""
        for group in self.param_groups:
            for p in group["params"]:
                if set_to_none:
                    p._grad = None
                elif p.grad is not None:
                    p.grad = p.grad.detach().zero_()

    def register_step_pre_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call `hook(optimizer, args, kwargs)` before each step."""
        return _added(self._before, hook)

    def register_step_post_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call `hook(optimizer, args, kwargs)` after each step."""
        return _added(self._after, hook)

    # ---- saving

    def state_dict(self) -> dict[str, Any]:
        """The state and the options, with parameters told by their number."""
        numbers: dict[int, int] = {}
        groups = []
        for group in self.param_groups:
            for p in group["params"]:
                numbers.setdefault(id(p), len(numbers))
            groups.append({**group, "params": [numbers[id(p)] for p in group["params"]]})
        for packed in groups:
            packed["params"] = packed.pop("params")  # last, as PyTorch lists it
        state = {numbers[id(p)] if isinstance(p, Tensor) else p: dict(held) for p, held in self.state.items()}
        return {"state": state, "param_groups": groups}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take on a saved state and its options; ValueError if its groups are not like these."""
        groups = deepcopy(state_dict["param_groups"])
        if len(groups) != len(self.param_groups):
            raise ValueError("loaded state dict has a different number of parameter groups")
        if any(len(a["params"]) != len(b["params"]) for a, b in zip(groups, self.param_groups, strict=True)):
            raise ValueError(
                "loaded state dict contains a parameter group that doesn't match the size of optimizer's group"
            )
        numbers = chain.from_iterable(group["params"] for group in groups)
        params = chain.from_iterable(group["params"] for group in self.param_groups)
        by_number = dict(zip(numbers, params, strict=True))
        self.state = defaultdict(dict)
        for number, held in state_dict["state"].items():
            if number in by_number:
                p = by_number[number]
                self.state[p] = {name: _like(name, value, p) for name, value in held.items()}
            else:
                self.state[number] = deepcopy(held)
        for mine, loaded in zip(self.param_groups, groups, strict=True):
            names = {"param_names": mine["param_names"]} if "param_names" in mine else {}
            params_of = mine["params"]
            mine.clear()
            mine.update(loaded)
            mine.update(params=params_of, **names)
        self._lanes = [[] for _ in self.param_groups]

    def __getstate__(self) -> dict[str, Any]:
        return {"defaults": self.defaults, "state": self.state, "param_groups": self.param_groups}

    def __setstate__(self, saved: dict[str, Any]) -> None:
        self.__dict__.update(saved, _before={}, _after={}, _lanes=[[] for _ in saved["param_groups"]])

    def __repr__(self) -> str:
        groups = []
        for number, group in enumerate(self.param_groups):
            options = [f"    {name}: {group[name]}\n" for name in sorted(group) if name != "params"]
            groups.append(f"Parameter Group {number}\n" + "".join(options))
        return f"{type(self).__name__} (\n" + "\n".join(groups) + ")"


def _like(name: str, value: Any, p: Any) -> Any:
    """A copy of a loaded value, on the parameter's device and, except for the count of steps, of its dtype."""
    if not isinstance(value, Tensor):
        return deepcopy(value)
    if name == "step":
        return value.clone()
    kind = p.dtype if p.is_floating_point() else value.dtype
    return value.to(device=p.device, dtype=kind, copy=True)


def _added(hooks: dict[int, Callable[..., Any]], hook: Callable[..., Any]) -> RemovableHandle:
    handle = RemovableHandle(hooks)
    hooks[handle.id] = hook
    return handle


# How PyTorch's sentences name an option that has another name there; the others are named "NAME value".
_TITLES = {"lr": "learning rate", "eps": "epsilon value"}
_NOT_NEGATIVE = ("lr", "eps", "momentum", "weight_decay", "lr_decay", "initial_accumulator_value", "alpha", "lambd")


def options_of(scope: dict[str, Any], first: str = "") -> dict[str, Any]:
    """The options among the local names of an optimizer's `__init__`; PyTorch's ValueError for one out of range.

    They stand as in PyTorch's state_dict: those in `first`, then the others in the order of the parameters.
    """
    names = dict.fromkeys([*first.split(), *scope])
    options = {name: scope[name] for name in names if name not in ("self", "params", "__class__")}
    for name, value in options.items():
        if (name in _NOT_NEGATIVE and not value >= 0.0) or (name == "rho" and not 0.0 <= value <= 1.0):
            raise ValueError(f"Invalid {_TITLES.get(name, f'{name} value')}: {value}")
    for index, beta in enumerate(options.get("betas", ())):
        if not 0.0 <= beta < 1.0:
            raise ValueError(f"Invalid beta parameter at index {index}: {beta}")
    return options
