"""What is saved on both sides, to see whether PyTorch and the engine read each other's files."""

from __future__ import annotations

import collections
from typing import Any

DTYPES = (
    "bool", "uint8", "int8", "int16", "int32", "int64", "uint16", "uint32", "uint64", "float16", "bfloat16", "float32",
    "float64", "complex64", "complex128",
)  # fmt: skip


def everything(torch: Any) -> dict[str, Any]:
    """Tensors of all dtypes and geometries, and all that may stand beside them."""
    x = torch.arange(6.0).reshape(2, 3)
    return {
        **{name: torch.tensor([0, 1, 3]).to(getattr(torch, name)) for name in DTYPES},
        "whole": x, "row": x[1], "turned": x.t(), "step": x[:, ::2], "wide": torch.ones(1).expand(3),
        "one": torch.tensor(3.5), "none": torch.zeros(0), "flat": torch.zeros(2, 0),
        "leaf": torch.ones(2).requires_grad_(), "parameter": torch.nn.Parameter(torch.full((2,), 0.5)),
        "frozen": torch.nn.Parameter(torch.zeros(1), requires_grad=False),
        "dtype": torch.float16, "size": torch.Size([2, 3]), "device": torch.device("cpu"),
        "plain": [1, -5, 300, 70000, -(2**31), 2**40, -(2**70), 1.5, float("inf"), None, True, False,
                  "text", "", "ü", b"\xff\x00"],
        "tuples": ((), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4)),
        "set": {1, 2}, "ordered": collections.OrderedDict(b=1, a=2), "count": collections.Counter("aab"),
        "complex": 1 - 2j, "bytes": bytearray(b"ab"), 7: {(1, 2): "key"}, "many": list(range(1500)),
    }  # fmt: skip


def model(torch: Any) -> Any:
    """A small model with buffers."""
    torch.manual_seed(3)
    return torch.nn.Sequential(torch.nn.BatchNorm1d(2), torch.nn.Linear(2, 3), torch.nn.Tanh(), torch.nn.Linear(3, 1))


def trained(torch: Any, kind: str) -> tuple[Any, Any]:
    """The model and an optimizer that has moved it twice."""
    net = model(torch)
    made = getattr(torch.optim, kind)(net.parameters(), lr=0.1, **({"momentum": 0.9} if kind == "SGD" else {}))
    for step in range(2):
        made.zero_grad()
        net(torch.arange(8.0).reshape(4, 2) - step).pow(2).sum().backward()
        made.step()
    return net, made


def plainly(value: Any) -> Any:
    """A value as data that two sides can compare."""
    if hasattr(value, "detach"):
        numbers = value.detach()
        if "bfloat16" in str(value.dtype):
            numbers = numbers.float()
        return [str(value.dtype), list(value.shape), list(value.stride()), value.storage_offset(), value.requires_grad,
                type(value).__name__, str(numbers.tolist())]  # fmt: skip
    if isinstance(value, dict):
        return {str(key): plainly(each) for key, each in value.items()}
    if type(value) in (list, tuple):
        return [type(value).__name__, *(plainly(each) for each in value)]
    return f"{type(value).__name__} {value!r}"
