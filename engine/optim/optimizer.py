"""The base of all optimizers: groups of parameters with options, the state of each parameter, steps and their hooks."""

from __future__ import annotations

import functools
import warnings
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable
from operator import is_
from typing import Any, ClassVar, TypeAlias

import engine
from engine import array, graph
from engine.family import family_of
from engine.hooks import RemovableHandle
from engine.modes import enable_grad
from engine.optim import saved
from engine.optim.lanes import array_of, lanes_of
from engine.optim.options import plain, required
from engine.places import Placed
from engine.tensor import Tensor

ParamsT: TypeAlias = Iterable[Any]
Hooks: TypeAlias = "OrderedDict[int, Callable[..., Any]]"

# The memories of the parameters of a group, the lanes of those with a gradient, and these.
Laid: TypeAlias = tuple[list[Any], list[Any], list[Any]]

# Hooks on the steps of all optimizers.
_before_all: Hooks = OrderedDict()
_after_all: Hooks = OrderedDict()
_OWN_HOOKS = (
    "_optimizer_step_pre_hooks",
    "_optimizer_step_post_hooks",
    "_optimizer_state_dict_pre_hooks",
    "_optimizer_state_dict_post_hooks",
    "_optimizer_load_state_dict_pre_hooks",
    "_optimizer_load_state_dict_post_hooks",
)


class Optimizer(Placed):
    """Changes parameters by their gradients.

    `params` are tensors, (name, tensor) pairs, or dictionaries with "params" and the options of that group; `defaults`
    are the options of groups that say nothing. `state[p]` holds what the optimizer remembers of a parameter.

    A subclass overrides `step`, or, to have its arithmetic done on many parameters at once, gives `memory` and `move`.
    """

    # The state that every parameter has, by name, and what it is first where that is not 0: a number, or an option's
    # name.
    memory: ClassVar[tuple[str, ...]] = ()
    start: ClassVar[dict[str, float | str]] = {}
    later: ClassVar[dict[str, Any]] = {}  # options that saved groups may lack, besides those that many optimizers have
    # State that may be absent where there is other.
    optional: ClassVar[tuple[str, ...]] = ()
    # Computes from (lane, group), once a step, the numbers that `move` finds in `lane.rates`.
    rates: ClassVar[Callable[..., Any] | None] = None
    # What PyTorch's error says must be on a GPU with "capturable", and how it goes on.
    captured: ClassVar[tuple[str, str]] = (
        "params and state_steps", "['cuda', 'xpu', 'hpu', 'privateuseone', 'xla']"
    )  # fmt: skip

    _optimizer_step_pre_hooks: Hooks
    _optimizer_step_post_hooks: Hooks

    def __init__(self, params: ParamsT, defaults: dict[str, Any]) -> None:
        if isinstance(params, Tensor):
            kind = array.TITLES[params.dtype]
            raise TypeError(
                "params argument given to the optimizer should be an iterable of Tensors or dicts, but got "
                f"torch.{kind}Tensor"
            )
        self.defaults = defaults
        self.state: dict[Any, Any] = defaultdict(dict)
        self.param_groups: list[dict[str, Any]] = []
        self._prepare()
        groups: list[Any] = list(params)
        if not groups:
            raise ValueError("optimizer got an empty parameter list")
        for group in groups if isinstance(groups[0], dict) else [{"params": groups}]:
            self.add_param_group(group)

    def _prepare(self) -> None:
        """Make what is not saved: the places for hooks and lanes."""
        for name in _OWN_HOOKS:
            if name not in self.__dict__:
                setattr(self, name, OrderedDict())
        self._laid: dict[int, Laid] = {}  # how the parameters of each group are laid out
        self._in_step = False
        self._by = f"{type(self).__name__}.step"
        cls = type(self)
        if not hasattr(cls.step, "hooked"):
            cls.step = _hooked(cls.step)  # type: ignore[method-assign]

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
        param_group["params"] = params
        if named:
            param_group["param_names"] = [each[0] for each in listed]
        self._check(params)
        for name, value in self.defaults.items():
            if value is required and name not in param_group:
                raise ValueError(f"parameter group didn't specify a value of required optimization parameter {name}")
            param_group.setdefault(name, value)
        if self.param_groups and ("param_names" in self.param_groups[0]) != ("param_names" in param_group):
            which = "with" if "param_names" in param_group else "without"
            raise ValueError(
                "all optimizer param groups should be with/without names. cannot add param group "
                f"{which} names to the optimizer"
            )
        mine = {id(p) for group in self.param_groups for p in group["params"]}
        if any(id(p) in mine for p in params):
            raise ValueError("some parameters appear in more than one parameter group")
        self.param_groups.append(param_group)

    def _check(self, params: list[Any]) -> None:
        for p in params:
            if not isinstance(p, Tensor):
                name = engine.typename(p)
                raise TypeError(f"optimizer can only optimize Tensors, but one of the params is {name}")
            if not (self.defaults.get("differentiable") or p.is_leaf or p.retains_grad):
                raise ValueError("can't optimize a non-leaf Tensor")
        if len({id(p) for p in params}) != len(params):
            warnings.warn(
                "optimizer contains a parameter group with duplicate parameters; in future, this will cause an error; "
                "see github.com/pytorch/pytorch/issues/40967 for more information",
                stacklevel=4,
            )

    # ---- stepping

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Move the parameters once; `closure`, where given, computes the loss and its gradients first. Its result."""
        if (
            self._optimizer_step_pre_hooks or self._optimizer_step_post_hooks or _before_all or _after_all
        ) and not self._in_step:
            return _hooked(Optimizer.step)(self, *(() if closure is None else (closure,)))
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        number = next(graph.numbers)
        by = self._by
        for index, group in enumerate(self.param_groups):
            if group.get("lr").__class__ is not float:
                group = plain(group)
            laid = self._laid.get(index)
            if laid is None or not self._stands(laid, group["params"]):
                laid = self._lay_out(index, group)
            _, lanes, moved = laid
            for lane in lanes:
                lane.run(self, group)
            for p in moved:  # what was saved of the parameters for a way back is stale now
                family = p._family or family_of(p)
                family.changed = number
                family.changed_by = by
                family.version += 1
                family.stamps.append(number)
        return loss

    step.hooked = True  # type: ignore[attr-defined]

    def _stands(self, laid: Laid, params: list[Any]) -> bool:
        """Whether lanes still are what the parameters with a gradient, and the state, look like."""
        memories, lanes, moved = laid
        for lane in lanes:
            if not lane.stands(self.state):
                return False
        count = len(params)
        return (
            len(memories) == count
            and all(map(is_, map(array_of, params), memories))
            and (len(moved) == count or len(moved) == sum(getattr(p, "_grad", None) is not None for p in params))
        )

    def _lay_out(self, index: int, group: dict[str, Any]) -> Laid:
        """Lay the parameters of a group out anew; those that are not worked on in lanes, each time."""
        params = group["params"]
        twice = len(set(map(id, params))) < len(params)  # who is moved twice is moved from where it is by then
        if twice or group.get("differentiable") or type(self).move_one is not Optimizer.move_one:
            from engine.optim import slow_lane

            return [], [slow_lane.OneByOne(self.param_groups[index])], []
        if type(self).move is Optimizer.move:
            raise NotImplementedError
        saved.check_remembered(self, group)
        fused = bool(group.get("fused"))
        lanes = lanes_of(group["params"], self.state, self.memory_of(group), self.start_of(group), fused)
        if group.get("capturable") and any(p.device.type == "cpu" for p in group["params"]):
            what, devices = self.captured
            devices = devices.replace(", 'xla'", "") if group.get("foreach") else devices
            raise AssertionError(f"If capturable=True, {what} must be on supported devices: {devices}.")
        laid = self._laid[index] = (
            [p._array for p in group["params"]],
            lanes,
            [p for lane in lanes for p in lane.params],
        )
        return laid

    def memory_of(self, group: dict[str, Any]) -> tuple[str, ...]:
        """The names of the state that a group's options need."""
        return self.memory

    def start_of(self, group: dict[str, Any]) -> dict[str, Any]:
        """What is remembered first, by name, where it is not 0."""
        return {name: group[value] if isinstance(value, str) else value for name, value in self.start.items()}

    def move(self, w: Any, g: Any, state: dict[str, Any], spare: Any, lane: Any, group: dict[str, Any]) -> None:
        """Change the weights `w` and the `state` in place by the gradient `g`, which stays as it is.

        All are flat arrays of one length, and `spare` is two more to compute in. An option that is a tensor is given
        as a number. With "differentiable" all are cells that hold tensors (`slow_lane.py`), and options are what they
        are: so a rule computes by `lane.xp` alone, and makes numbers fit by `lane.number`.
        """
        raise NotImplementedError

    def move_one(
        self,
        p: Any,
        g: Any,
        state: dict[str, Any],
        memory: tuple[str, ...],
        start: dict[str, Any],
        group: dict[str, Any],
    ) -> None:
        """Move one parameter by the gradient `g`, on tensors, as `functional` and differentiable steps do.

        An optimizer that gives this in the place of `move` is always asked so.
        """
        from engine.optim import slow_lane

        slow_lane.SlowLane(p, g, state, memory, start).run(self, group)

    def descent(self, w: Any, g: Any, lane: Any, group: dict[str, Any], t: Any, u: Any) -> Any:
        """The gradient of what is minimized: g, −g with "maximize", plus weight_decay·w; in `t` unless it is g.

        With "decoupled_weight_decay" the decay is w ← w·(1 − lr·weight_decay) instead.
        """
        decay = group["weight_decay"]
        if group["maximize"]:
            g = lane.xp.negative(g, t)
        if decay or decay.__class__ is Tensor:  # which may need a gradient, whatever its value
            if group.get("decoupled_weight_decay"):
                lane.xp.multiply(w, lane.number(1 - group["lr"] * decay), w)
            else:
                g = lane.xp.add(g, lane.xp.multiply(w, lane.number(decay), u), t)
        return g

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of all parameters, or make them zero."""
        for group in self.param_groups:
            for p in group["params"]:
                if set_to_none:
                    p._grad = None
                elif p.grad is not None:
                    p.grad = p.grad.detach().zero_()

    # ---- hooks

    def register_step_pre_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call `hook(optimizer, args, kwargs)` before each step; it may return other (args, kwargs)."""
        return _added(self._optimizer_step_pre_hooks, hook)

    def register_step_post_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call `hook(optimizer, args, kwargs)` after each step."""
        return _added(self._optimizer_step_post_hooks, hook)

    def register_state_dict_pre_hook(self, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
        """Call `hook(optimizer)` before `state_dict`."""
        return _added(self._optimizer_state_dict_pre_hooks, hook, prepend)  # type: ignore[attr-defined]

    def register_state_dict_post_hook(self, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
        """Call `hook(optimizer, state_dict)` after `state_dict`; it may return another."""
        return _added(self._optimizer_state_dict_post_hooks, hook, prepend)  # type: ignore[attr-defined]

    def register_load_state_dict_pre_hook(self, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
        """Call `hook(optimizer, state_dict)` before `load_state_dict`; it may return another."""
        return _added(self._optimizer_load_state_dict_pre_hooks, hook, prepend)  # type: ignore[attr-defined]

    def register_load_state_dict_post_hook(self, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
        """Call `hook(optimizer)` after `load_state_dict`."""
        return _added(self._optimizer_load_state_dict_post_hooks, hook, prepend)  # type: ignore[attr-defined]

    # ---- saving

    def state_dict(self) -> dict[str, Any]:
        """The state and the options, with parameters told by their number."""
        return saved.state_dict(self)

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take on a saved state and its options; ValueError if its groups are not like these."""
        saved.load_state_dict(self, state_dict)

    def __getstate__(self) -> dict[str, Any]:
        return {"defaults": self.defaults, "state": self.state, "param_groups": self.param_groups}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._prepare()
        for group in self.param_groups:
            saved.bring_up_to_date(self, group)

    def __repr__(self) -> str:
        groups = []
        for number, group in enumerate(self.param_groups):
            options = [f"    {name}: {group[name]}\n" for name in sorted(group) if name != "params"]
            groups.append(f"Parameter Group {number}\n" + "".join(options))
        return f"{type(self).__name__} (\n" + "\n".join(groups) + ")"


def _hooked(step: Callable[..., Any]) -> Callable[..., Any]:
    """An optimizer's `step` with the hooks before and after it."""

    @functools.wraps(step)
    def hooked(self: Optimizer, *args: Any, **kwargs: Any) -> Any:
        if self._in_step:
            return step(self, *args, **kwargs)
        args = (self, *args)
        self._in_step = True
        try:
            for hook in [*_before_all.values(), *self._optimizer_step_pre_hooks.values()]:
                result = hook(self, args, kwargs)
                if isinstance(result, tuple) and len(result) == 2:
                    args, kwargs = result
                elif result is not None:
                    raise RuntimeError(
                        f"{step} must return None or a tuple of (new_args, new_kwargs), but got {result}."
                    )
            out = step(*args, **kwargs)
            for hook in [*self._optimizer_step_post_hooks.values(), *_after_all.values()]:
                hook(self, args, kwargs)
        finally:
            self._in_step = False
        return out

    hooked.hooked = True  # type: ignore[attr-defined]
    return hooked


def _added(hooks: Hooks, hook: Callable[..., Any], first: bool = False) -> RemovableHandle:
    handle = RemovableHandle(hooks)
    hooks[handle.id] = hook
    if first:
        hooks.move_to_end(handle.id, last=False)
    return handle


def register_optimizer_step_pre_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """Call `hook(optimizer, args, kwargs)` before each step of every optimizer."""
    return _added(_before_all, hook)


def register_optimizer_step_post_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """Call `hook(optimizer, args, kwargs)` after each step of every optimizer."""
    return _added(_after_all, hook)
