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


def _of_op(name: str) -> Any:
    """The type of what an op of that name, or with a tail to it, returns."""
    from engine.op import Op, registry

    found = (entry.returns for entry in registry.values() if isinstance(entry, Op) and entry.returns is not None)
    return next((each for each in found if each.__name__ == name), None)


def __getattr__(name: str) -> Any:
    if name in _made:
        return _made[name]
    if name.endswith("_out") and name[:-4] in _made:
        return named(name, " ".join(_made[name[:-4]]._fields))  # type: ignore[attr-defined]
    returned = _of_op(name)
    if returned is not None:
        return returned
    raise AttributeError(f"module 'torch.return_types' has no attribute '{name}'")
