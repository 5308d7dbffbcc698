"""Pruning: parameters of which a mask leaves only a part, by a hook before each call.

The parameter `weight` becomes `weight_orig`, the mask is the buffer `weight_mask`, and `weight` their product.
"""

from __future__ import annotations

import numbers
from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any, ClassVar

import engine
from engine.nn.utils.vectors import parameters_to_vector
from engine.places import Placed


def _validate_pruning_amount_init(amount: Any) -> None:
    """A share in [0, 1] or a count. TypeError and ValueError otherwise."""
    if not isinstance(amount, numbers.Real):
        raise TypeError(f"Invalid type for amount: {amount}. Must be int or float.")
    whole = isinstance(amount, numbers.Integral)
    if float(amount) < 0 or (not whole and float(amount) > 1.0):
        raise ValueError(f"amount={amount} should either be a float in the range [0, 1] or a non-negative integer")


def _validate_pruning_amount(amount: Any, tensor_size: int) -> None:
    """A count is at most that of the elements."""
    if isinstance(amount, int) and amount > tensor_size:
        raise ValueError(f"amount={amount} should be smaller than the number of parameters to prune={tensor_size}")


def _compute_nparams_toprune(amount: Any, tensor_size: int) -> int:
    """How many of `tensor_size` an amount is."""
    return amount if isinstance(amount, int) else round(amount * tensor_size)


def _count(amount: Any, size: int) -> int:
    _validate_pruning_amount(amount, size)
    return _compute_nparams_toprune(amount, size)


def _validate_structured_pruning(t: Any) -> None:
    if len(t.shape) <= 1:
        raise ValueError(
            f"Structured pruning can only be applied to multidimensional tensors. Found tensor of shape {t.shape} with "
            f"{len(t.shape)} dims"
        )


def _validate_pruning_dim(t: Any, dim: int) -> None:
    if not -t.ndim <= dim < t.ndim:
        raise IndexError(f"Invalid index {dim} for tensor of size {t.shape}")


def _compute_norm(t: Any, n: Any, dim: int) -> Any:
    """The n-norm of each channel of an axis."""
    return engine.norm(t, p=n, dim=[axis for axis in range(t.ndim) if axis != dim % t.ndim])


class BasePruningMethod(Placed, ABC):
    """Base of the methods: a subclass says in `compute_mask` which elements stay.

    `PRUNING_TYPE` is "unstructured", "structured" or "global": what a second pruning of the same tensor looks at.
    """

    _tensor_name: str
    PRUNING_TYPE: ClassVar[str]

    def __call__(self, module: Any, inputs: Any) -> None:
        setattr(module, self._tensor_name, self.apply_mask(module))

    @abstractmethod
    def compute_mask(self, t: Any, default_mask: Any) -> Any:
        """The mask for the importances `t`, of which `default_mask` is left by now."""

    def apply_mask(self, module: Any) -> Any:
        """The product of what is kept and the mask."""
        name = self._tensor_name
        mask, orig = getattr(module, name + "_mask"), getattr(module, name + "_orig")
        return mask.to(dtype=orig.dtype) * orig

    @classmethod
    def apply(cls, module: Any, name: str, *args: Any, importance_scores: Any = None, **kwargs: Any) -> Any:
        """Prune a parameter of a module; the hook that was put on it."""
        former = _hook_of(module, name)
        method: Any = cls(*args, **kwargs)
        method._tensor_name = name
        orig = getattr(module, name)
        if importance_scores is None:
            importance_scores = orig
        elif importance_scores.shape != orig.shape:
            raise AssertionError(
                f"importance_scores should have the same shape as parameter {name} of {module}, got "
                f"{importance_scores.shape} vs {orig.shape}"
            )
        if former is not None:
            container = former if isinstance(former, PruningContainer) else PruningContainer(former)
            for key, hook in list(module._forward_pre_hooks.items()):
                if hook is former:
                    del module._forward_pre_hooks[key]
            container.add_pruning_method(method)
            method = container
            default_mask = getattr(module, name + "_mask").detach().clone()
        else:
            default_mask = engine.ones_like(orig)
            kept = module._parameters.pop(name)
            module.register_parameter(name + "_orig", kept)
        try:
            mask = method.compute_mask(importance_scores, default_mask=default_mask)
            module.register_buffer(name + "_mask", mask)
            setattr(module, name, method.apply_mask(module))
            module.register_forward_pre_hook(method)
        except Exception:
            if former is None:
                module.register_parameter(name, module._parameters.pop(name + "_orig"))
            raise
        return method

    def prune(self, t: Any, default_mask: Any = None, importance_scores: Any = None) -> Any:
        """A pruned copy of a tensor."""
        if importance_scores is None:
            importance_scores = t
        elif importance_scores.shape != t.shape:
            got = f"{importance_scores.shape} vs {t.shape}"
            raise AssertionError(f"importance_scores should have the same shape as tensor t, got {got}")
        mask = engine.ones_like(t) if default_mask is None else default_mask
        return t * self.compute_mask(importance_scores, default_mask=mask)

    def remove(self, module: Any) -> None:
        """Make the pruned tensor a common parameter."""
        name = self._tensor_name
        if name is None:
            raise AssertionError(f"Module {module} has to be pruned before pruning can be removed")
        weight = self.apply_mask(module)
        if hasattr(module, name):
            delattr(module, name)
        orig = module._parameters.pop(name + "_orig")
        orig.data = weight.data
        del module._buffers[name + "_mask"]
        module.register_parameter(name, orig)


def _hook_of(module: Any, name: str) -> Any:
    return next(
        (
            hook
            for hook in module._forward_pre_hooks.values()
            if isinstance(hook, BasePruningMethod) and hook._tensor_name == name
        ),
        None,
    )


class PruningContainer(BasePruningMethod):
    """Several methods, one after the other: each looks at what those before have left."""

    _tensor_name: Any

    def __init__(self, *args: Any) -> None:
        self._pruning_methods: tuple[Any, ...] = ()
        if len(args) == 1 and not isinstance(args[0], Iterable):
            self._tensor_name = args[0]._tensor_name
            self.add_pruning_method(args[0])
        else:
            for method in args:
                self.add_pruning_method(method)

    def add_pruning_method(self, method: Any) -> None:
        """Put one behind the others."""
        if not isinstance(method, BasePruningMethod) and method is not None:
            raise TypeError(f"{type(method)} is not a BasePruningMethod subclass")
        if method is not None and self._tensor_name != method._tensor_name:
            raise ValueError(
                "Can only add pruning methods acting on the parameter named "
                f"'{self._tensor_name}' to PruningContainer {self}. Found '{method._tensor_name}'"
            )
        self._pruning_methods += (method,)

    def __len__(self) -> int:
        return len(self._pruning_methods)

    def __iter__(self) -> Any:
        return iter(self._pruning_methods)

    def __getitem__(self, index: Any) -> Any:
        return self._pruning_methods[index]

    def compute_mask(self, t: Any, default_mask: Any) -> Any:
        """The mask of the last method, within what the others have left."""
        method, mask = self._pruning_methods[-1], default_mask.to(dtype=t.dtype)
        if method.PRUNING_TYPE == "unstructured":
            part: Any = mask == 1
        elif method.PRUNING_TYPE == "structured":
            if not hasattr(method, "dim"):
                raise AttributeError(
                    'Pruning methods of PRUNING_TYPE "structured" need to have the attribute `dim` defined.'
                )
            axes = [axis for axis in range(t.ndim) if axis != method.dim % t.ndim]
            left = mask.sum(axes) != 0
            part = (slice(None),) * (method.dim % t.ndim) + (left,)
        elif method.PRUNING_TYPE == "global":
            part = (slice(None),) * t.ndim
        else:
            raise ValueError(f"Unrecognized PRUNING_TYPE {method.PRUNING_TYPE}")
        made = default_mask.clone().to(dtype=t.dtype)
        made[part] = method.compute_mask(t[part], default_mask=mask[part]).to(dtype=t.dtype)
        return made


class Identity(BasePruningMethod):
    """Leaves all, and makes mask and hook."""

    PRUNING_TYPE = "unstructured"

    def compute_mask(self, t: Any, default_mask: Any) -> Any:
        """All that is left."""
        return default_mask


class _Amount(BasePruningMethod):
    def __init__(self, amount: Any) -> None:
        _validate_pruning_amount_init(amount)
        self.amount = amount


class RandomUnstructured(_Amount):
    """Takes elements away at random."""

    PRUNING_TYPE = "unstructured"

    def compute_mask(self, t: Any, default_mask: Any) -> Any:
        """Without as many as the amount says."""
        count = _count(self.amount, t.nelement())
        mask = default_mask.clone(memory_format=engine.contiguous_format)
        if count:
            chances = engine.rand_like(t)
            mask.view(-1)[engine.topk(chances.view(-1), k=count).indices] = 0
        return mask


class L1Unstructured(_Amount):
    """Takes the elements of least size away."""

    PRUNING_TYPE = "unstructured"

    def compute_mask(self, t: Any, default_mask: Any) -> Any:
        """Without as many as the amount says."""
        count = _count(self.amount, t.nelement())
        mask = default_mask.clone(memory_format=engine.contiguous_format)
        if count:
            mask.view(-1)[engine.topk(t.abs().view(-1), k=count, largest=False).indices] = 0
        return mask


class _Structured(_Amount):
    """Takes whole channels of an axis away: those that `_left` does not name."""

    PRUNING_TYPE = "structured"

    def __init__(self, amount: Any, dim: int = -1) -> None:
        super().__init__(amount)
        self.dim = dim

    def _left(self, t: Any, count: int, size: int) -> Any:
        raise NotImplementedError

    def compute_mask(self, t: Any, default_mask: Any) -> Any:
        """Without as many channels as the amount says."""
        _validate_structured_pruning(t)
        _validate_pruning_dim(t, self.dim)
        size = t.shape[self.dim]
        count = _count(self.amount, size)
        if not count:
            return default_mask
        mask = engine.zeros_like(t)
        mask[(slice(None),) * (self.dim % t.ndim) + (self._left(t, count, size),)] = 1
        return mask * default_mask.to(dtype=mask.dtype)


class RandomStructured(_Structured):
    """Takes channels away at random."""

    def _left(self, t: Any, count: int, size: int) -> Any:
        chances = engine.rand(size)
        return chances > engine.kthvalue(chances, k=count).values


class LnStructured(_Structured):
    """Takes the channels of least n-norm away."""

    def __init__(self, amount: Any, n: Any, dim: int = -1) -> None:
        super().__init__(amount, dim)
        self.n = n

    def _left(self, t: Any, count: int, size: int) -> Any:
        return engine.topk(_compute_norm(t, self.n, self.dim), k=size - count, largest=True).indices


class CustomFromMask(BasePruningMethod):
    """Leaves what a given mask has."""

    PRUNING_TYPE = "global"

    def __init__(self, mask: Any) -> None:
        self.mask = mask

    def compute_mask(self, t: Any, default_mask: Any) -> Any:
        """What both masks have."""
        if default_mask.shape != self.mask.shape:
            raise AssertionError(
                f"default_mask shape {default_mask.shape} must match self.mask shape {self.mask.shape}"
            )
        return default_mask * self.mask.to(dtype=default_mask.dtype)


def identity(module: Any, name: str) -> Any:
    """The module, its parameter with a mask that leaves all."""
    Identity.apply(module, name)
    return module


def random_unstructured(module: Any, name: str, amount: Any) -> Any:
    """The module, its parameter without an amount of elements at random."""
    RandomUnstructured.apply(module, name, amount)
    return module


def l1_unstructured(module: Any, name: str, amount: Any, importance_scores: Any = None) -> Any:
    """The module, its parameter without the elements of least size (or importance)."""
    L1Unstructured.apply(module, name, amount=amount, importance_scores=importance_scores)
    return module


def random_structured(module: Any, name: str, amount: Any, dim: int) -> Any:
    """The module, its parameter without an amount of channels at random."""
    RandomStructured.apply(module, name, amount, dim)
    return module


def ln_structured(module: Any, name: str, amount: Any, n: Any, dim: int, importance_scores: Any = None) -> Any:
    """The module, its parameter without the channels of least n-norm."""
    LnStructured.apply(module, name, amount, n, dim, importance_scores=importance_scores)
    return module


def custom_from_mask(module: Any, name: str, mask: Any) -> Any:
    """The module, its parameter with a mask."""
    CustomFromMask.apply(module, name, mask)
    return module


def global_unstructured(parameters: Any, pruning_method: Any, importance_scores: Any = None, **kwargs: Any) -> None:
    """Prune parameters, pairs of module and name, by what all of them together have the least of."""
    if not isinstance(parameters, Iterable):
        raise TypeError("global_unstructured(): parameters is not an Iterable")
    pairs = list(parameters)
    scores = {} if importance_scores is None else importance_scores
    if not isinstance(scores, dict):
        raise TypeError("global_unstructured(): importance_scores must be of type dict")
    each = [scores.get((module, name), getattr(module, name)) for module, name in pairs]
    importances = parameters_to_vector(each)
    left = parameters_to_vector(
        [getattr(module, name + "_mask", engine.ones_like(getattr(module, name))) for module, name in pairs]
    )
    container = PruningContainer()
    container._tensor_name = "temp"
    method = pruning_method(**kwargs)
    method._tensor_name = "temp"
    container.add_pruning_method(method)
    if method.PRUNING_TYPE != "unstructured":
        raise TypeError(
            'Only "unstructured" PRUNING_TYPE supported for the `pruning_method`. Found method '
            f"{pruning_method} of type {method.PRUNING_TYPE}"
        )
    whole = container.compute_mask(importances, left)
    begin = 0
    for module, name in pairs:
        parameter = getattr(module, name)
        end = begin + parameter.numel()
        custom_from_mask(module, name, mask=whole[begin:end].view_as(parameter))
        begin = end


def remove(module: Any, name: str) -> Any:
    """The module, the pruned parameter made a common one. ValueError where it was not pruned."""
    for key, hook in module._forward_pre_hooks.items():
        if isinstance(hook, BasePruningMethod) and hook._tensor_name == name:
            hook.remove(module)
            del module._forward_pre_hooks[key]
            return module
    raise ValueError(f"Parameter '{name}' of module {module} has to be pruned before pruning can be removed")


def is_pruned(module: Any) -> bool:
    """Whether a parameter of the module, or of one below it, is pruned."""
    return any(
        isinstance(hook, BasePruningMethod) for each in module.modules() for hook in each._forward_pre_hooks.values()
    )
