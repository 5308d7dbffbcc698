"""PyTorch's own table of optimizers, run by both libraries: weights, state, text after some steps, and the errors."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch.testing._internal.common_optimizers import OptimizerErrorEnum, optim_db

import engine
from tests.engine.tables.translate import numbers, translate

TOLERANCE = {"float32": 1e-5, "float64": 1e-10}
# Where roundings grow: in bfloat16, which Muon computes in, and in the differences of gradients that LBFGS divides by.
ROUGHER = {("Muon", "float32"): 1e-2, ("Muon", "float64"): 1e-2, ("LBFGS", "float32"): 1e-2}
LEFT_OUT = {"SparseAdam"}


def entries() -> Iterator[Any]:
    """The entries of the table that the engine has."""
    return (entry for entry in optim_db if entry.optim_cls.__name__ not in LEFT_OUT)


def differences(entry: Any, dtype: str) -> list[str]:
    """How the libraries disagree after 20 steps (3 of LBFGS, which does many each) with each set of options."""
    name, found = entry.optim_cls.__name__, []
    for sample in entry.optim_inputs_func(device="cpu", dtype=torch.float32):
        want = _trained(torch, name, sample.kwargs, dtype)
        got = _trained(engine, name, translate(sample.kwargs), dtype)
        for key, theirs in want.items():
            mine = got.get(key)
            if isinstance(theirs, str):
                agree = theirs == mine
            else:
                a, b = numbers(theirs), numbers(mine)
                tolerance = ROUGHER.get((name, dtype), TOLERANCE[dtype])
                agree = a.shape == b.shape and np.allclose(a, b, rtol=tolerance, atol=tolerance / 10)
                agree = agree and str(theirs.dtype) == str(mine.dtype)
            if not agree:
                found.append(f"{name} {sample.kwargs} {key}: {mine} instead of {theirs}")
        if list(want) != list(got):
            found.append(f"{name} {sample.kwargs}: {list(got)} instead of {list(want)}")
    return found


def _trained(library: Any, name: str, options: dict[str, Any], dtype: str) -> dict[str, Any]:
    """Everything to be compared, by name."""
    drawn = np.random.RandomState(0)
    x, w, b, y = (
        library.tensor(drawn.randn(*shape), dtype=getattr(library, dtype)) for shape in ((8, 3), (3, 2), (2,), (8, 2))
    )
    params = [w.requires_grad_()] if name == "Muon" else [w.requires_grad_(), b.requires_grad_()]
    optimizer = getattr(library.optim, name)(params, **options)

    def closure() -> Any:
        optimizer.zero_grad()
        loss = ((x @ w + b - y) ** 2).mean()
        loss.backward()
        return loss

    for _ in range(3 if name == "LBFGS" else 20):
        optimizer.step(closure)
    answers: dict[str, Any] = {"text": repr(optimizer)}
    answers.update((f"p{i}", p.detach()) for i, p in enumerate(params))
    if name != "LBFGS":  # of which the last iterations, at the end of the valley, are noise
        for number, held in optimizer.state_dict()["state"].items():
            answers.update((f"{number} {key}", value) for key, value in held.items() if value is not None)
    return answers


def errors(entry: Any) -> list[str]:
    """How what the libraries say to wrong arguments differs."""
    found = []
    for sample in entry.optim_error_inputs_func(device="cpu", dtype=torch.float32):
        given = sample.optimizer_error_input
        steps = sample.error_on is OptimizerErrorEnum.STEP_ERROR
        twins: dict[int, Any] = {}
        params, options = _twin(given.params, twins), _twin(given.kwargs, twins)  # before PyTorch changes the groups
        want = _raised(entry.optim_cls, given.params, given.kwargs, steps)
        got = _raised(getattr(engine.optim, entry.optim_cls.__name__), params, options, steps)
        if want != got:
            found.append(f"{given.kwargs}: {got} instead of {want}")
    return found


def _twin(value: Any, twins: dict[int, Any]) -> Any:
    """The value for the engine, with one twin for each tensor however often it is there, and its gradient."""
    if isinstance(value, torch.Tensor):
        if id(value) not in twins:
            twins[id(value)] = translate(value)
            if value.grad is not None:
                twins[id(value)].grad = translate(value.grad)
        return twins[id(value)]
    if isinstance(value, dict):
        return {key: _twin(each, twins) for key, each in value.items()}
    return type(value)([_twin(each, twins) for each in value]) if isinstance(value, (list, tuple)) else value


def _raised(cls: Any, params: Any, options: dict[str, Any], steps: bool) -> tuple[str, str]:
    """The class and the sentence of an error, or of a warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            optimizer = cls(params, **options)
            if steps:
                optimizer.step()
        except Exception as error:
            return type(error).__name__, str(error)
    return "", ""
