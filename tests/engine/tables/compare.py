"""One sample of PyTorch's table, computed by both libraries: values, dtypes, shapes, gradients."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch

import engine
from tests.engine.cases import weights
from tests.engine.tables.translate import NotOurs, function, numbers, translate

TOLERANCE = {"float16": 2e-2, "bfloat16": 6e-2, "float32": 2e-4, "complex64": 2e-4}
# What is not set has no numbers to compare; what is drawn on some processors by another library's generator.
UNSET = ("empty", "new_empty")
# Which of equal elements they name is not said.
TIED = {"kthvalue", "topk", "mode", "sort", "argsort"}
DRAWN = {"bernoulli", "exponential", "nn.functional.dropout", "nn.functional.rrelu", "multinomial", "geometric"}


def samples(entry: Any, dtype: torch.dtype, most: int) -> Iterator[Any]:
    """The first samples that an entry has for a dtype."""
    torch.manual_seed(0)
    recorded = entry.supports_autograd and (dtype.is_floating_point or dtype.is_complex)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for count, sample in enumerate(entry.sample_inputs("cpu", dtype, requires_grad=recorded)):
            if count >= most:
                return
            yield sample


def difference(entry: Any, sample: Any, dtype: torch.dtype) -> str | None:
    """How the two libraries disagree on a sample, in words; None where they agree, or it is none of ours."""
    call = function(entry)
    theirs = (sample.input, *sample.args)
    try:
        ours, options = translate(theirs), translate(sample.kwargs)
    except NotOurs:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        want, problem = _answer(lambda: sample.output_process_fn_grad(entry.op(*theirs, **sample.kwargs)), torch)
        got, failure = _answer(lambda: sample.output_process_fn_grad(call(*ours, **options)), engine)
        if problem is not None or failure is not None:
            if (problem is None) == (failure is None):
                return None
            return f"raises {failure!r}" if failure is not None else f"does not raise {problem!r}"
        values = not entry.name.startswith(UNSET) and entry.name not in DRAWN
        tied = entry.name in TIED and not dtype.is_floating_point
        found = _outputs(flat(want)[: 1 if tied else None], flat(got)[: 1 if tied else None], dtype, values)
        if found is not None or not values:
            return found
        return _gradients(
            flat(want), flat(got), [*flat(theirs), *flat(sample.kwargs)], [*flat(ours), *flat(options)], dtype
        )


def _answer(call: Callable[[], Any], library: Any) -> tuple[Any, Exception | None]:
    library.manual_seed(42)
    try:
        return call(), None
    except Exception as error:
        return None, error


def flat(value: Any) -> list[Any]:
    """The tensors and other values in a result or in arguments."""
    if isinstance(value, (list, tuple)) and not isinstance(value, (torch.Size, engine.Size)):
        return [each for item in value for each in flat(item)]
    if isinstance(value, dict):
        return [each for item in value.values() for each in flat(item)]
    return [value]


def _close(want: np.ndarray, got: np.ndarray, dtype: torch.dtype) -> bool:
    """Whether numbers agree, as well as the lesser precision of the result and of the sample lets them."""
    tolerance = max(TOLERANCE.get(name.removeprefix("torch."), 1e-7) for name in (str(dtype), str(want.dtype)))
    return np.allclose(got, want, rtol=tolerance, atol=tolerance, equal_nan=True)


def _outputs(want: list[Any], got: list[Any], dtype: torch.dtype, values: bool) -> str | None:
    if len(want) != len(got):
        return f"{len(got)} results instead of {len(want)}"
    for theirs, ours in zip(want, got, strict=True):
        if not isinstance(theirs, torch.Tensor):
            if isinstance(theirs, (bool, int, float, complex)) and theirs == theirs and theirs != ours:
                return f"{ours!r} instead of {theirs!r}"
            continue
        if not isinstance(ours, engine.Tensor):
            return f"{type(ours)} instead of a tensor"
        for what in ("dtype", "shape", "requires_grad"):
            if str(getattr(theirs, what)) != str(getattr(ours, what)):
                return f"{what} {getattr(ours, what)} instead of {getattr(theirs, what)}"
        if values and not _close(numbers(theirs), numbers(ours), dtype):
            return f"{numbers(ours)} instead of {numbers(theirs)}"
    return None


def _gradients(want: list[Any], got: list[Any], theirs: list[Any], ours: list[Any], dtype: torch.dtype) -> str | None:
    leaves = [each for each in theirs if isinstance(each, torch.Tensor) and each.requires_grad]
    mine = [each for each in ours if isinstance(each, engine.Tensor) and each.requires_grad]
    if not leaves:
        return None
    expected, problem = _answer(lambda: pulled(torch, want, leaves), torch)
    if problem is not None or expected is None:
        return None
    given, failure = _answer(lambda: pulled(engine, got, mine), engine)
    if failure is not None:
        return f"backward raises {failure!r}"
    for a, b in zip(expected, given, strict=True):
        if a is None or b is None:
            if any(each is not None and numbers(each).any() for each in (a, b)):
                return f"gradient {b} instead of {a}"
        elif a.shape != b.shape or not _close(numbers(a), numbers(b), dtype):
            return f"gradient {numbers(b)} instead of {numbers(a)}"
    return None


def pulled(library: Any, results: list[Any], leaves: list[Any]) -> Any:
    """The gradients of a weighted sum of all results."""
    total = None
    for each in results:
        if isinstance(each, library.Tensor) and each.requires_grad:
            factors = library.tensor(weights(tuple(each.shape)).reshape(-1).tolist(), dtype=each.dtype)
            part = (each * factors.reshape(tuple(each.shape))).sum()
            part = (part.real + 0.5 * part.imag if part.is_complex() else part).to(library.float64)
            total = part if total is None else total + part
    return None if total is None else library.autograd.grad(total, leaves, allow_unused=True)
