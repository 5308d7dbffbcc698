"""The functions under the layers, which the ops' declarations bring here."""

from __future__ import annotations

from typing import Any

from engine import bind, lazy, lazy_generated

globals().update(bind.functional)


def __getattr__(name: str) -> Any:
    # Names that the declarations brought are found before this is asked.
    if name in lazy_generated.FUNCTIONAL:
        value = globals()[name] = lazy.asked("FUNCTIONAL", name, bind.functional)
        return value
    import difflib

    close = difflib.get_close_matches(name, __dir__(), 1)
    hint = f". Did you mean: '{close[0]}'?" if close else ""
    raise AttributeError(f"module 'torch.nn.functional' has no attribute '{name}'{hint}", name=name)


def __dir__() -> list[str]:
    return sorted({*globals(), *lazy_generated.FUNCTIONAL})
