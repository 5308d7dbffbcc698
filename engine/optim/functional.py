"""The optimizers as functions of lists of tensors, under PyTorch's names: `torch.optim.adam.adam` and so on."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from engine import graph, modes

# Options of the functions that go together in one option of the class.
_TOGETHER = {
    "betas": ("beta1", "beta2"),
    "etas": ("etaminus", "etaplus"),
    "step_sizes": ("step_size_min", "step_size_max"),
    "eps": ("eps1", "eps2"),
}


def functional(cls: Any, lists: str, optional: str, wanted: str, grads: str = "grads") -> Callable[..., None]:
    """The function that moves `params` by an optimizer's rule, in place.

    It takes the parameters, their gradients, and a list for each thing that is remembered: `lists` says which, as
    "NAME:NAME IN THE STATE"; then the `optional` options, and by keyword the `wanted` ones.
    """
    held = [each.split(":") for each in lists.split()]
    plain, by_name = inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY
    signature = inspect.Signature(
        [inspect.Parameter(name, plain) for name in ("params", grads, *(name for name, _ in held))]
        + [inspect.Parameter(name, plain, default=None) for name in optional.split()]
        + [inspect.Parameter(name, by_name) for name in wanted.split()]
    )
    defaults = {
        name: value.default
        for name, value in inspect.signature(cls.__init__).parameters.items()
        if name not in ("self", "params")
    }

    def function(*args: Any, **kwargs: Any) -> None:
        missing = [repr(name) for name in wanted.split() if name not in kwargs]
        if missing:
            raise TypeError(_missing(function.__name__, missing))
        given = signature.bind(*args, **kwargs).arguments
        group = {**defaults, **{name: given[name] for name in (*optional.split(), *wanted.split()) if name in given}}
        for whole, parts in _TOGETHER.items():
            if set(parts) <= set(group):
                group[whole] = tuple(group.pop(part) for part in parts)
        if cls.__name__ == "AdamW":
            group["decoupled_weight_decay"] = True
        optimizer = cls.__new__(cls)
        memory, start = optimizer.memory_of(group), optimizer.start_of(group)
        with modes.set_grad_enabled(bool(group.get("differentiable")) and graph.recording()):
            for i, (p, g) in enumerate(zip(given["params"], given[grads], strict=True)):
                mine = [(given[name], key) for name, key in held if i < len(given[name])]
                state = {key: each[i] for each, key in mine if each[i] is not None}
                optimizer.move_one(p, g, state, memory, start, group)
                for each, key in mine:
                    each[i] = state.get(key)

    function.__name__ = function.__qualname__ = cls.__name__.lower()
    function.__module__ = cls.__module__
    function.__doc__ = f"Move `params` by the rule of `{cls.__name__}`, in place."
    function.__signature__ = signature  # type: ignore[attr-defined]
    return function


def _missing(name: str, names: list[str]) -> str:
    """Python's sentence for keyword-only arguments that are not given."""
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])}{',' * (len(names) > 2)} and {names[-1]}"
    count = len(names)
    return f"{name}() missing {count} required keyword-only argument{'s' * (count > 1)}: {listed}"
