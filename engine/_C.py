"""What programs take from PyTorch's compiled part by name: to be left in peace by `__torch_function__`."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from engine.autograd.saved_tensor import SavedTensor
from engine.nodes import AccumulateGrad
from engine.overriding import NotAsking, disabled

__all__ = [
    "DisableTorchFunction", "DisableTorchFunctionSubclass", "_autograd", "_disabled_torch_function_impl", "_functions",
]  # fmt: skip

DisableTorchFunctionSubclass = DisableTorchFunction = NotAsking
_disabled_torch_function_impl: Any = disabled
_autograd = SimpleNamespace(SavedTensor=SavedTensor)
_functions = SimpleNamespace(AccumulateGrad=AccumulateGrad)  # what programs that draw graphs look for
