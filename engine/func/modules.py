"""Modules as functions of their parameters, and models side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from engine.dispatch import tensors as ops
from engine.tensor import Tensor

_ABSENT: Any = object()


def functional_call(
    module: Any,
    parameter_and_buffer_dicts: Any,
    args: Any = None,
    kwargs: dict[str, Any] | None = None,
    *,
    tie_weights: bool = True,
    strict: bool = False,
) -> Any:
    """`module(*args, **kwargs)` with other tensors in the place of the parameters and buffers that are named."""
    if isinstance(parameter_and_buffer_dicts, Mapping):
        given: Any = parameter_and_buffer_dicts
    elif isinstance(parameter_and_buffer_dicts, (list, tuple)):
        if not all(isinstance(each, Mapping) for each in parameter_and_buffer_dicts):
            raise ValueError("Expected all elements of parameter_and_buffer_dicts to be dictionaries")
        names = [name for each in parameter_and_buffer_dicts for name in each]
        twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
        if twice:
            raise ValueError(f"{twice} appeared in multiple dictionaries; behavior of functional call is ambiguous")
        given = {name: value for each in parameter_and_buffer_dicts for name, value in each.items()}
    else:
        raise ValueError(
            "Expected parameter_and_buffer_dicts to be a dict, or a list/tuple of dicts, but got "
            f"{type(parameter_and_buffer_dicts)}"
        )
    if args is None:
        args = ()
    elif not isinstance(args, tuple):
        args = (args,)
    with reparametrized(module, given, tie_weights, strict):
        return module(*args, **({} if kwargs is None else kwargs))


@contextmanager
def reparametrized(module: Any, given: Mapping[str, Any], tie_weights: bool, strict: bool) -> Iterator[None]:
    """The module with other tensors in it for a while; buffers that it replaces are written back to `given`."""
    names = dict(given)
    own = _members(module) if tie_weights or strict else {}
    if tie_weights:
        # What is held under several names is replaced under all of them.
        for name, value in given.items():
            if name in own:
                for other, tied in own.items():
                    if tied is own[name]:
                        if other in given and given[other] is not value:
                            raise ValueError(
                                f"functional_call got multiple values for keys {sorted([name, other])}, which are "
                                "tied. Consider using tie_weights=False"
                            )
                        names.setdefault(other, value)
    if strict:
        missing, unexpected = sorted(own.keys() - names.keys()), sorted(names.keys() - own.keys())
        if missing or unexpected:
            lines = [f"Error(s) in reparametrizing for {type(module).__name__}:"]
            for title, keys in (("Unexpected", unexpected), ("Missing", missing)):
                if keys:
                    lines.append(f"\t{title} key(s): " + ", ".join(f"'{key}'" for key in keys) + ".")
            raise RuntimeError("\n".join(lines))
    held: list[tuple[Any, str, Any, str]] = []
    try:
        for name, value in names.items():
            owner, key = _place(module, name)
            held.append((owner, key, _swapped(owner, key, value), name))
        yield
    finally:
        for owner, key, before, name in reversed(held):
            replaced = _swapped(owner, key, before)
            if isinstance(given, dict) and name in given and replaced is not given[name] and replaced is not _ABSENT:
                given[name] = replaced


def _members(module: Any) -> dict[str, Any]:
    """The parameters and buffers by all of their names."""
    return dict(module.named_parameters(remove_duplicate=False)) | dict(module.named_buffers(remove_duplicate=False))


def _place(module: Any, name: str) -> tuple[Any, str]:
    """The module that holds a dotted name, and the key there."""
    from engine.nn.module import Module

    *path, key = name.split(".")
    owner = module
    for part in path:
        if not hasattr(owner, part):
            raise AttributeError(f"{owner._get_name()} has no attribute `{part}`")
        owner = getattr(owner, part)
        if not isinstance(owner, Module):
            raise TypeError(f"submodule `{part}`: {owner} is not an instance of torch.nn.Module")
    if not key:
        raise KeyError('tensor name can\'t be empty string ""')
    return owner, key


def _swapped(owner: Any, key: str, value: Any) -> Any:
    """What a module held under a name, where it now holds a value, or nothing more."""
    if not (value is None or value is _ABSENT or isinstance(value, Tensor)):
        raise TypeError(f"{value} is not an instance of torch.Tensor")
    for table in (owner._parameters, owner._buffers):
        if key in table:
            before = table[key]
            if value is _ABSENT:
                del table[key]
            else:
                table[key] = value
            return before
    before = getattr(owner, key, _ABSENT)
    if not (before is None or before is _ABSENT or isinstance(before, Tensor)):
        raise TypeError(f"attribute `{key}`: {before} is not an instance of torch.Tensor")
    if value is not _ABSENT:
        setattr(owner, key, value)
    elif before is not _ABSENT:
        delattr(owner, key)
    return before


def stack_module_state(models: Sequence[Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The parameters (leaves that learn) and the buffers of several models of one class, stacked by name."""
    if not len(models):
        raise RuntimeError("stack_module_state: Expected at least one model, got 0.")
    if not (all(model.training for model in models) or all(not model.training for model in models)):
        raise RuntimeError("stack_module_state: Expected all models to have the same training/eval mode.")
    if any(type(model) is not type(models[0]) for model in models):
        raise RuntimeError("stack_module_state: Expected all models to be of the same class.")
    parameters = {
        name: _stacked(name, [dict(model.named_parameters())[name] for model in models])
        for name, _ in models[0].named_parameters()
    }
    buffers = {
        name: _stacked(name, [dict(model.named_buffers())[name] for model in models])
        for name, _ in models[0].named_buffers()
    }
    return parameters, buffers


def _stacked(name: str, tensors: list[Tensor]) -> Tensor:
    learns = tensors[0].requires_grad
    if any(t.requires_grad != learns for t in tensors):
        raise RuntimeError(f"Expected {name} from each model to have the same .requires_grad")
    return ops.stack([t.detach() for t in tensors]).requires_grad_(learns) if learns else ops.stack(tensors)


def replace_all_batch_norm_modules_(root: Any) -> Any:
    """The module itself, its batch normalizations made to keep no running statistics."""
    from engine.nn import batch_norm

    for module in root.modules():
        if isinstance(module, _norm_class(batch_norm)):
            module.running_mean = module.running_var = module.num_batches_tracked = None
            module.track_running_stats = False
    return root


def _norm_class(module: Any) -> Any:
    return next(c for c in module.BatchNorm1d.__mro__ if hasattr(c, "reset_running_stats") and c.__name__ != "Module")
