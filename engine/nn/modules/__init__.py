"""PyTorch's places of the layers, `torch.nn.modules.linear.Linear` and so on, made from `nn.places`."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import Any

from engine import nn
from engine.nn import module as _module
from engine.nn.places import PLACES

# What is not in `torch.nn` itself: where the engine has it, and its name there.
_ELSEWHERE = {
    "_IncompatibleKeys": ("engine.nn.state", "_IncompatibleKeys"),
    "_EXTRA_STATE_KEY_SUFFIX": ("engine.nn.state", "_EXTRA_STATE_KEY_SUFFIX"),
    "_addindent": ("engine.nn.tuples", "_addindent"),
    "NonDynamicallyQuantizableLinear": ("engine.nn.multihead", "NonDynamicallyQuantizableLinear"),
    "_get_clones": ("engine.nn.transformer", "_get_clones"),
    "LazyModuleMixin": ("engine.nn.lazy", "LazyModuleMixin"),
    "_BatchNorm": ("engine.nn.batch_norm", "_BatchNorm"),
    "_NormBase": ("engine.nn.batch_norm", "_NormBase"),
    "_ConvNd": ("engine.nn.conv", "_Conv"),
    "_ConvTransposeNd": ("engine.nn.conv", "_Transposed"),
    "_DropoutNd": ("engine.nn.dropout", "_DropoutNd"),
    "_InstanceNorm": ("engine.nn.instance_norm", "_InstanceNorm"),
    "_Loss": ("engine.nn.loss", "_Loss"),
    "_WeightedLoss": ("engine.nn.loss", "_WeightedLoss"),
    **{name: ("engine.nn.tuples", name) for name in PLACES["utils"].split()},
}


class _Place(ModuleType):
    """A module whose names are found elsewhere, when first asked for."""

    def __getattr__(self, name: str) -> Any:
        short = self.__name__.rpartition(".")[2]
        if name.startswith("__") or (name not in PLACES[short].split() and short != "module"):
            raise AttributeError(f"module 'torch.nn.modules.{short}' has no attribute '{name}'", name=name)
        value = _found(name) if name in PLACES[short].split() else getattr(_module, name)
        setattr(self, name, value)
        return value

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self.__all__})


def _found(name: str) -> Any:
    if name not in _ELSEWHERE:
        return getattr(nn, name)
    home, there = _ELSEWHERE[name]
    return getattr(importlib.import_module(home), there)


def _is_public(name: str) -> bool:
    return not name.startswith(("_", "NonDynamically"))


def _place(short: str) -> ModuleType:
    made = _Place(f"{__name__}.{short}", f"PyTorch's place of {PLACES[short]}.")
    made.__all__ = [name for name in PLACES[short].split() if _is_public(name)]  # type: ignore[attr-defined]
    return made


for _short in PLACES:
    globals()[_short] = sys.modules[f"{__name__}.{_short}"] = _place(_short)

__all__ = sorted({name for names in PLACES.values() for name in names.split() if _is_public(name)})


def __getattr__(name: str) -> Any:
    if name in __all__:
        return _found(name)
    raise AttributeError(f"module 'torch.nn.modules' has no attribute '{name}'", name=name)
