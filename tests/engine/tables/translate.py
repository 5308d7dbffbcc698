"""PyTorch's sample arguments as the engine's, and PyTorch's test functions as functions on the engine's tensors."""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

import engine


class NotOurs(Exception):
    """A sample of something that the engine leaves out on purpose: sparse, quantized or nested tensors."""


def translate(value: Any) -> Any:
    """A value, with the tensors, dtypes and so on in it, as the engine has them; strides and all."""
    if isinstance(value, torch.Tensor):
        return tensor(value)
    if isinstance(value, (torch.dtype, torch.memory_format)):
        return getattr(engine, str(value).removeprefix("torch."))
    if isinstance(value, torch.device):
        return engine.device(str(value))
    if isinstance(value, torch.layout):
        if value is not torch.strided:
            raise NotOurs
        return engine.strided
    if isinstance(value, torch.Size):
        return engine.Size(value)
    if isinstance(value, torch.Generator):
        return engine.Generator()
    if isinstance(value, (list, tuple)):
        items = [translate(each) for each in value]
        return type(value)(*items) if hasattr(value, "_fields") else type(value)(items)
    if isinstance(value, dict):
        return {name: translate(each) for name, each in value.items()}
    return value


def tensor(value: torch.Tensor) -> Any:
    """A tensor of the same numbers, dtype and strides."""
    if value.layout is not torch.strided or value.is_quantized or value.is_nested:
        raise NotOurs
    plain = value.detach().resolve_conj().resolve_neg()
    kind = getattr(engine, str(value.dtype).removeprefix("torch."))
    if value.dtype == torch.bfloat16:
        made = engine.from_numpy(plain.float().numpy()).to(kind)
    else:
        made = (
            engine.from_numpy(np.array(plain.numpy(force=True), order="K"))
            if plain.ndim
            else engine.tensor(plain.item(), dtype=kind)
        )
    return made.requires_grad_(value.requires_grad)


def numbers(value: Any) -> np.ndarray:
    """The numbers of a tensor of either library."""
    plain = value.detach()
    if isinstance(plain, torch.Tensor):
        plain = plain.resolve_conj().resolve_neg()
    low = str(plain.dtype) == "torch.bfloat16"
    return np.asarray((plain.float() if low else plain).numpy(force=True))


def function(entry: Any) -> Callable[..., Any]:
    """What an entry of PyTorch's table calls, on the engine. AttributeError where it is not there."""
    call = entry.op
    if isinstance(call, types.FunctionType) and call.__module__.startswith("torch.testing"):
        return _rebound(call)
    if type(call).__name__ == "method_descriptor":
        return getattr(engine.Tensor, call.__name__)  # type: ignore[no-any-return]
    try:
        home: Any = engine
        for name in entry.name.split("."):
            home = getattr(home, name)
    except AttributeError:
        home = getattr(engine.Tensor, entry.name.rpartition(".")[2])
    return home.fget if isinstance(home, property) else home


def _rebound(call: types.FunctionType) -> Callable[..., Any]:
    """A function of the table itself, with the engine for `torch`."""
    cells = tuple(types.CellType(_ours(cell.cell_contents)) for cell in call.__closure__ or ())
    scope = {**call.__globals__, "torch": engine, "wrapper_set_seed": _seeded}
    return types.FunctionType(call.__code__, scope, call.__name__, call.__defaults__, cells or None)


def _seeded(call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    engine.manual_seed(42)
    return call(*args, **kwargs)


def _ours(value: Any) -> Any:
    """A function of PyTorch that a function of the table has in its closure, as the engine's."""
    name = getattr(value, "__name__", None)
    if name is None or not callable(value):
        return value
    if type(value).__name__ == "method_descriptor":
        return getattr(engine.Tensor, name)
    homes = (engine, engine.nn.functional, engine.linalg, engine.special, engine.fft)
    return next((getattr(home, name) for home in homes if hasattr(home, name)), value)
