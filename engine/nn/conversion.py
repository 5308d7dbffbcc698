"""Modules taken elsewhere: what `Module.to` is asked for, and how parameters follow."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from engine import array, formats
from engine.__future__ import get_overwrite_module_params_on_conversion, get_swap_module_params_on_conversion
from engine.modes import no_grad
from engine.nn.parameter import Parameter
from engine.tensor import Tensor
from engine.utils import swap_tensors

_COMPLEX = (
    "Complex modules are a new feature under active development whose design may change, and some modules might not "
    "work as expected when using complex tensors as parameters or buffers. Please file an issue at "
    "https://github.com/pytorch/pytorch/issues/new?template=bug-report.yml if a complex module does not work as "
    "expected."
)
_WAYS = (
    " * (torch.device device = None, torch.dtype dtype = None, bool non_blocking = False, bool copy = False, *, "
    "torch.memory_format memory_format = None)\n * (torch.dtype dtype, bool non_blocking = False, bool copy = False, "
    "*, torch.memory_format memory_format = None)\n * (Tensor tensor, bool non_blocking = False, bool copy = False, *, "
    "torch.memory_format memory_format = None)\n"
)


# ---- what is asked for


def _is_place(value: Any) -> bool:
    return isinstance(value, (str, int, array.device)) and not isinstance(value, bool)


def _is_kind(value: Any) -> bool:
    return isinstance(value, (array.dtype, type)) and (isinstance(value, array.dtype) or value in array.PYTHON)


_SOUND: dict[str, Callable[[Any], bool]] = {
    "device": lambda v: v is None or _is_place(v),
    "dtype": lambda v: v is None or _is_kind(v),
    "tensor": lambda v: isinstance(v, Tensor),
    "non_blocking": lambda v: isinstance(v, bool),
    "copy": lambda v: isinstance(v, bool),
    "memory_format": lambda v: v is None or isinstance(v, formats.memory_format),
}


def _arranged(args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any] | None:
    """The arguments of `Module.to` by name; None if they fit none of its signatures."""
    first = args[0] if args else None
    if "tensor" in kwargs or isinstance(first, Tensor):
        names = ["tensor", "non_blocking", "copy"]
    elif first is not None and _is_kind(first):
        names = ["dtype", "non_blocking", "copy"]
    else:
        names = ["device", "dtype", "non_blocking", "copy"]
    given = dict(zip(names, args, strict=False))
    if given.keys() & kwargs.keys() or not kwargs.keys() <= {*names, "memory_format"}:
        return None
    given.update(kwargs)
    return given if all(_SOUND[name](value) for name, value in given.items()) else None


def destination(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, Any, Any]:
    """The device, the dtype and the memory format, or None for each, that the arguments of `Module.to` name."""
    if len(args) > 4:
        raise TypeError(f"to() takes from 0 to 4 positional arguments but {len(args)} were given")
    given = _arranged(args, kwargs)
    if given is None:
        words = ", ".join(_kind(each) for each in args)
        named = ", ".join(f"{name}={_kind(value)}" for name, value in reversed(kwargs.items()))
        words = f"{words}, {named}" if words and named else words or (named and f"{named}, ")
        raise TypeError(
            f"to() received an invalid combination of arguments - got ({words}), but expected one of:\n{_WAYS}"
        )
    if "copy" in given:
        raise RuntimeError(".to() does not accept copy argument")
    like = given.get("tensor")
    place, asked = (given.get("device"), given.get("dtype")) if like is None else (like.device, like.dtype)
    numbers = array.numpy_dtype(asked)
    kind = None if numbers is None else array.OF_NUMPY[numbers]
    if kind is not None and not (kind.is_floating_point or kind.is_complex):
        raise TypeError(f"nn.Module.to only accepts floating point or complex dtypes, but got desired dtype={kind}")
    if kind is not None and kind.is_complex:
        warnings.warn(_COMPLEX, UserWarning, stacklevel=3)
    return place, kind, given.get("memory_format")


def _kind(value: Any) -> str:
    """What PyTorch's sentences about arguments call the type of a value."""
    ours = isinstance(value, (array.dtype, array.device, formats.memory_format))
    return f"{'torch.' * ours}{type(value).__name__}"


# ---- how parameters follow


def convert(module: Any, name: str, function: Callable[[Tensor], Tensor]) -> None:
    """Apply a function to a parameter of a module and to its gradient, which stay who they are where they can."""
    parameter = module._parameters[name]
    gradient = parameter.grad
    # Without a shape it lets little be done with it.
    before = parameter.data if hasattr(parameter, "materialize") else parameter
    with no_grad():
        after = function(before)
    if get_swap_module_params_on_conversion():
        _swap(module, name, after)
    elif _keeps(before, after):
        parameter.data = after
    else:
        module._parameters[name] = parameter = Parameter(after, parameter.requires_grad)
    if gradient is None:
        return
    with no_grad():
        after = function(gradient)
    if get_swap_module_params_on_conversion():
        if after is not gradient:
            swap_tensors(gradient, after.requires_grad_(gradient.requires_grad))
        parameter.grad = gradient
    elif _keeps(gradient, after):
        gradient.data = after
        parameter._grad = gradient
    else:
        parameter.grad = after.requires_grad_(gradient.requires_grad)


def _keeps(before: Tensor, after: Tensor) -> bool:
    """Whether a tensor takes on the data of what was made of it, or is replaced by that."""
    return before.is_meta is after.is_meta and not get_overwrite_module_params_on_conversion()


def _swap(module: Any, name: str, after: Tensor) -> None:
    parameter = module._parameters[name]
    gradient, parameter.grad = parameter.grad, None
    try:
        swap_tensors(parameter, Parameter(after, parameter.requires_grad))
    except Exception as error:
        parameter.grad = gradient
        raise RuntimeError(f"_apply(): Couldn't swap {module._get_name()}.{name}") from error
