"""One sample of PyTorch's table of modules, with both libraries: text, state, results, gradients, errors."""

from __future__ import annotations

import copy
import io
import pickle
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

import engine
from tests.engine.tables.compare import flat, pulled
from tests.engine.tables.translate import NotOurs, numbers, translate

# Other than one dtype's rounding: what sums many terms in PyTorch's own order.
TOLERANCE = {"float32": 1e-4, "float64": 1e-9}
# Its samples draw their masks and regions from streams that are not of the seed alone.
DRAWN = ("RReLU",)


def entries() -> list[Any]:
    """The entries of the table of modules that are about what the engine has or should have."""
    from torch.testing._internal.common_modules import module_db

    return [entry for entry in module_db if entry.module_cls.__module__.startswith("torch.nn.modules")]


def samples(entry: Any, dtype: torch.dtype, training: bool) -> Iterator[Any]:
    """The samples of an entry."""
    torch.manual_seed(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield from entry.module_inputs_func(entry, device="cpu", dtype=dtype, requires_grad=True, training=training)


def error_samples(entry: Any, dtype: torch.dtype) -> list[Any]:
    """The samples that have to raise."""
    if entry.module_error_inputs_func is None:
        return []
    torch.manual_seed(0)
    return list(entry.module_error_inputs_func(entry, device="cpu", dtype=dtype, requires_grad=True, training=True))


def ours(value: Any) -> Any:
    """A value of a sample as the engine has it, modules and functions of PyTorch among them."""
    if isinstance(value, torch.nn.Module):
        raise NotOurs
    name = getattr(value, "__name__", None)
    if callable(value) and str(getattr(value, "__module__", "")).startswith("torch"):
        return getattr(engine, name, None) or getattr(engine.nn.functional, name)
    if isinstance(value, type) and issubclass(value, torch.nn.Module):
        return getattr(engine.nn, value.__name__)
    if isinstance(value, (list, tuple)) and not isinstance(value, torch.Size):
        return type(value)(ours(each) for each in value)
    if isinstance(value, dict):
        return {key: ours(each) for key, each in value.items()}
    return translate(value)


def difference(entry: Any, sample: Any, dtype: torch.dtype, training: bool) -> str | None:
    """How the two libraries disagree on a sample, in words; None where they agree."""
    made, call = sample.constructor_input, sample.forward_input
    try:
        mine_made = ours(made.args), ours(made.kwargs)
        mine_call = None if call is None else (ours(call.args), ours(call.kwargs))
    except NotOurs:
        return None
    kind = getattr(engine.nn, entry.module_cls.__name__)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.manual_seed(1)
        theirs = entry.module_cls(*made.args, **made.kwargs).to(dtype).train(training)
        engine.manual_seed(1)
        mine = kind(*mine_made[0], **mine_made[1])
        mine = mine.to(getattr(engine, str(dtype).removeprefix("torch."))).train(training)
        # Drawn in float32, as both do: there the two agree to its rounding, and are then made the same.
        found = _state(theirs, mine, torch.float32) or (
            None if repr(theirs) == repr(mine) else f"repr {mine!r} not {theirs!r}"
        )
        if found or call is None or mine_call is None:
            return found
        if entry.module_cls.__name__ in DRAWN and training:
            return None
        mine.load_state_dict(ours(theirs.state_dict()))
        for what, again in _copies(mine).items():
            found = _state(theirs, again, dtype)
            if found or repr(again) != repr(mine):
                return f"{what}: {found or again!r}"
        torch.manual_seed(2)
        want = flat(theirs(*call.args, **call.kwargs))
        engine.manual_seed(2)
        got = flat(mine(*mine_call[0], **mine_call[1]))
        return (
            _outputs(want, got, dtype)
            or _gradients(theirs, mine, want, got, call, mine_call, dtype)
            or _state(theirs, mine, dtype)
        )


def error_difference(entry: Any, sample: Any, dtype: torch.dtype) -> str | None:
    """How the two disagree on what a sample raises, in words."""
    from torch.testing._internal.common_modules import ModuleErrorEnum

    made, call = sample.module_error_input.constructor_input, sample.module_error_input.forward_input
    at_call = sample.error_on == ModuleErrorEnum.FORWARD_ERROR

    def run(kind: Any, args: Any, kwargs: Any, forward: Any, to: Any) -> Exception | None:
        try:
            module = kind(*args, **kwargs)
            if at_call:
                module.to(to)(*forward[0], **forward[1])
        except Exception as error:
            return error
        return None

    forward = None if call is None else (call.args, call.kwargs)
    want = run(entry.module_cls, made.args, made.kwargs, forward, dtype)
    got = run(
        getattr(engine.nn, entry.module_cls.__name__), ours(made.args), ours(made.kwargs),
        None if forward is None else ours(forward), getattr(engine, str(dtype).removeprefix("torch.")),
    )  # fmt: skip
    if want is None:
        return None
    if got is None or not isinstance(got, type(want)) or str(got)[:60] != str(want)[:60]:
        return f"raises {got!r} instead of {want!r}"
    return None


def _copies(module: Any) -> dict[str, Any]:
    file = io.BytesIO()
    engine.save(module.state_dict(), file)
    file.seek(0)
    loaded = copy.deepcopy(module)
    loaded.load_state_dict(engine.load(file))
    return {"deepcopy": copy.deepcopy(module), "pickle": pickle.loads(pickle.dumps(module)), "load": loaded}


def _close(want: Any, got: Any, dtype: torch.dtype) -> bool:
    bound = TOLERANCE[str(dtype).removeprefix("torch.")]
    return np.allclose(numbers(got), numbers(want), rtol=bound, atol=bound, equal_nan=True)


def _state(theirs: Any, mine: Any, dtype: torch.dtype) -> str | None:
    want, got = theirs.state_dict(), mine.state_dict()
    if list(want) != list(got):
        return f"state {list(got)} instead of {list(want)}"
    return next(
        (f"{key}: {got[key]} instead of {want[key]}" for key in want if not _same(want[key], got[key], dtype)), None
    )


def _same(want: Any, got: Any, dtype: torch.dtype) -> bool:
    if not isinstance(want, torch.Tensor):
        return want == got
    alike = str(want.dtype) == str(got.dtype) and tuple(want.shape) == tuple(got.shape)
    return alike and _close(want, got, dtype)


def _outputs(want: list[Any], got: list[Any], dtype: torch.dtype) -> str | None:
    if len(want) != len(got):
        return f"{len(got)} results instead of {len(want)}"
    for a, b in zip(want, got, strict=True):
        if isinstance(a, torch.Tensor):
            if a.requires_grad != b.requires_grad or not _same(a, b, dtype):
                return f"gives {b} instead of {a}"
        elif a is not None and a != b:
            return f"gives {b} instead of {a}"
    return None


def _gradients(
    theirs: Any, mine: Any, want: list[Any], got: list[Any], call: Any, mine_call: Any, dtype: torch.dtype
) -> str | None:
    leaves = [t for t in flat([call.args, call.kwargs]) if isinstance(t, torch.Tensor) and t.requires_grad]
    ours_ = [t for t in flat(list(mine_call)) if isinstance(t, engine.Tensor) and t.requires_grad]
    leaves += list(theirs.parameters())
    ours_ += list(mine.parameters())
    if not leaves or not any(isinstance(t, torch.Tensor) and t.requires_grad for t in want):
        return None
    expected = pulled(torch, want, leaves)
    given = pulled(engine, got, ours_)
    for i, (a, b) in enumerate(zip(expected, given, strict=True)):
        if a is None or b is None:
            if (a is None) != (b is None):
                return f"gradient {i}: {b} instead of {a}"
        elif not _same(a, b, dtype):
            return f"gradient {i}: {b} instead of {a}"
    return None
