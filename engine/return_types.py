"""The named tuples of functions with several results: `torch.return_types.linalg_qr(Q=..., R=...)`, made when named."""

from __future__ import annotations

from collections import namedtuple
from typing import Any

_made: dict[str, type] = {}


def _shown(self: Any) -> str:
    parts = ",\n".join(f"{name}={value!r}" for name, value in zip(self._fields, self, strict=True))
    return f"torch.return_types.{type(self).__name__}(\n{parts})"


def named(name: str, fields: str) -> Any:
    """The named tuple type of a function, printed as PyTorch prints it; `fields` are words."""
    if name not in _made:
        base: Any = namedtuple("base", fields.split())  # type: ignore[misc]
        _made[name] = type(name, (base,), {"__slots__": (), "__repr__": _shown, "__module__": "torch.return_types"})
    return _made[name]


def __getattr__(name: str) -> Any:
    if name in _made:
        return _made[name]
    if name.endswith("_out") and name[:-4] in _made:
        return named(name, " ".join(_made[name[:-4]]._fields))  # type: ignore[attr-defined]
    raise AttributeError(f"module 'torch.return_types' has no attribute '{name}'")
