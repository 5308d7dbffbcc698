"""The functions under the layers, which the ops' declarations bring here."""

from __future__ import annotations

import importlib as _importlib
from typing import Any

from engine import bind, lazy, lazy_generated
from engine import errors as _errors

globals().update(bind.functional)


def __getattr__(name: str) -> Any:
    # Names that the declarations brought are found before this is asked.
    if name == "grad":  # a module that is made of these functions
        return _importlib.import_module("engine.nn.grad")
    if name in lazy_generated.FUNCTIONAL:
        value = globals()[name] = lazy.asked("FUNCTIONAL", name, bind.functional)
        return value
    raise _errors.MissingName("torch.nn.functional", name, __dir__)


def __dir__() -> list[str]:
    return sorted({*globals(), *lazy_generated.FUNCTIONAL})
