"""Parameters made from others: `module.weight` becomes what a chain of modules computes from the tensor that is kept.

The module gets a class of its own with a property of the parameter's name; what is learned stands in
`module.parametrizations.weight.original` (or `original0`, `original1`, ... where an inverse gives several).
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from engine.modes import no_grad
from engine.nn.containers import ModuleDict, ModuleList
from engine.nn.parameter import Parameter
from engine.nn.utils.parametrize_checks import check_appended, check_inverse, check_made, check_original
from engine.tensor import Tensor

_nested = 0
_cache: dict[tuple[int, str], Any] = {}


@contextmanager
def cached() -> Iterator[None]:
    """Compute each parametrized tensor once while this context lasts."""
    global _nested
    _nested += 1
    try:
        yield
    finally:
        _nested -= 1
        if not _nested:
            _cache.clear()


def _hold(module: Any, name: str, tensor: Any) -> None:
    if isinstance(tensor, Parameter):
        module.register_parameter(name, tensor)
    else:
        module.register_buffer(name, tensor)


def _set(mine: Any, value: Any) -> None:
    """Let a tensor be another's elements."""
    if mine is not value:
        mine.data = value.detach() if mine.data_ptr() != value.data_ptr() else value.data


class ParametrizationList(ModuleList):
    """The chain of one tensor; calling it computes the tensor. `original` is what the first of the chain is given."""

    original: Any
    unsafe: bool

    def __init__(self, modules: Sequence[Any], original: Any, unsafe: bool = False) -> None:
        if not modules:
            raise ValueError("ParametrizationList requires one or more modules.")
        super().__init__(modules)
        self.unsafe = unsafe
        shape, dtype = original.shape, original.dtype
        with no_grad():
            new = original
            for module in reversed(self):
                if hasattr(module, "right_inverse"):
                    with suppress(NotImplementedError):
                        new = module.right_inverse(new)
        check_original(new, original)
        self.is_tensor = isinstance(new, Tensor)
        self.ntensors = 1 if self.is_tensor else len(new)
        if self.is_tensor:
            with no_grad():
                _set(original, new)
            _hold(self, "original", original)
        else:
            for i, each in enumerate(new):
                if isinstance(original, Parameter):
                    each = Parameter(each, original.requires_grad)
                each.requires_grad_(original.requires_grad)
                _hold(self, f"original{i}", each)
        if not unsafe:
            check_made(self(), shape, dtype)

    def right_inverse(self, value: Any) -> None:
        """Set what is kept so that the chain gives `value`, as far as its inverses can."""
        with no_grad():
            for module in reversed(self):
                if not hasattr(module, "right_inverse"):
                    raise RuntimeError(f"parametrization {type(module).__name__} does not implement right_inverse.")
                value = module.right_inverse(value)
            kept = self.original if self.is_tensor else [getattr(self, f"original{i}") for i in range(self.ntensors)]
            check_inverse(value, kept)
            for mine, new in [(kept, value)] if self.is_tensor else zip(kept, value, strict=True):
                _set(mine, new)

    def forward(self) -> Any:
        """The tensor."""
        first, *rest = self
        kept = [self.original] if self.is_tensor else [getattr(self, f"original{i}") for i in range(self.ntensors)]
        value = first(*kept)
        for module in rest:
            value = module(value)
        return value


def _own_class(module: Any) -> None:
    """Give a module a class of its own, for the properties."""
    kind = type(module)

    def __getstate__(self: Any) -> Any:
        raise RuntimeError(
            "Serialization of parametrized modules is only supported through state_dict(). See:\n"
            "https://pytorch.org/tutorials/beginner/saving_loading_models.html"
            "#saving-loading-a-general-checkpoint-for-inference-and-or-resuming-training"
        )

    def __deepcopy__(self: Any, memo: dict[int, Any]) -> Any:
        if id(self) not in memo:
            made = memo[id(self)] = self.__new__(type(self))
            made.__dict__ = copy.deepcopy(self.__dict__, memo)
        return memo[id(self)]

    methods: dict[str, Any] = {"__getstate__": __getstate__}
    if not hasattr(kind, "__deepcopy__"):
        methods["__deepcopy__"] = __deepcopy__
    module.__class__ = type(f"Parametrized{kind.__name__}", (kind,), methods)


def _own_property(module: Any, name: str) -> None:
    def get(self: Any) -> Any:
        chain = self.parametrizations[name]
        if not _nested:
            return chain()
        key = (id(self), name)
        if key not in _cache:
            _cache[key] = chain()
        return _cache[key]

    def put(self: Any, value: Any) -> None:
        self.parametrizations[name].right_inverse(value)

    setattr(type(module), name, property(get, put))


def register_parametrization(module: Any, tensor_name: str, parametrization: Any, *, unsafe: bool = False) -> Any:
    """The module, its tensor of that name made by `parametrization` from now on; further ones are put behind.

    Unless `unsafe`, dtype and shape must stay. ValueError otherwise.
    """
    parametrization.train(module.training)
    if is_parametrized(module, tensor_name):
        if not unsafe:
            check_appended(getattr(module, tensor_name), parametrization, tensor_name)
        chain = module.parametrizations[tensor_name]
        chain.append(parametrization)
        chain.unsafe |= unsafe
    elif tensor_name in module._buffers or tensor_name in module._parameters:
        original = getattr(module, tensor_name)
        chain = ParametrizationList([parametrization], original, unsafe)
        delattr(module, tensor_name)
        if not is_parametrized(module):
            _own_class(module)
            module.parametrizations = ModuleDict()
        _own_property(module, tensor_name)
        module.parametrizations[tensor_name] = chain
    else:
        raise ValueError(
            f"Module '{module}' does not have a parameter, a buffer, or a parametrized element with name "
            f"'{tensor_name}'"
        )
    return module


def is_parametrized(module: Any, tensor_name: str | None = None) -> bool:
    """Whether a module has a parametrized tensor, or one of that name."""
    chains = getattr(module, "parametrizations", None)
    if not isinstance(chains, ModuleDict):
        return False
    return len(chains) > 0 if tensor_name is None else tensor_name in chains


def remove_parametrizations(module: Any, tensor_name: str, leave_parametrized: bool = True) -> Any:
    """The module with a common tensor of that name again: what the chain gives now, or else what it was made from."""
    if not is_parametrized(module, tensor_name):
        raise ValueError(f"Module {module} does not have a parametrization on {tensor_name}")
    chain = module.parametrizations[tensor_name]
    if chain.is_tensor:
        original = chain.original
        if leave_parametrized:
            with no_grad():
                _set(original, getattr(module, tensor_name))
    elif leave_parametrized:
        value = getattr(module, tensor_name)
        original = Parameter(value.detach()) if value.requires_grad else value
    else:
        raise ValueError(
            "Cannot leave unparametrized (`leave_parametrized=False`) a tensor that is parametrized in terms of a "
            "sequence of tensors."
        )
    delattr(type(module), tensor_name)
    del module.parametrizations[tensor_name]
    _hold(module, tensor_name, original)
    if not is_parametrized(module):
        del module.parametrizations
        module.__class__ = type(module).__bases__[0]
    return module


def type_before_parametrizations(module: Any) -> type[Any]:
    """The class that a module had before it was parametrized."""
    return type(module).__bases__[0] if is_parametrized(module) else type(module)


def transfer_parametrizations_and_params(from_module: Any, to_module: Any, tensor_name: str | None = None) -> Any:
    """The second module, given the parametrizations (or one) of the first and what they are computed from."""
    if is_parametrized(from_module):
        for name in from_module.parametrizations if tensor_name is None else [tensor_name]:
            if not hasattr(to_module, name):
                setattr(to_module, name, Parameter(getattr(from_module, name).detach()))
            theirs = from_module.parametrizations[name]
            for parametrization in theirs:
                register_parametrization(to_module, name, parametrization)
            mine = to_module.parametrizations[name]
            for kept in [n for n in (*theirs._parameters, *theirs._buffers) if n.startswith("original")]:
                setattr(mine, kept, getattr(theirs, kept))
    return to_module
