"""Namespaces that hold what PyTorch's hold, and none of the modules that this engine is made of."""

from __future__ import annotations

from types import ModuleType
from typing import Any


def without_parts(space: dict[str, Any]) -> None:
    """Take the modules of a package but its `_PUBLIC` ones out of its namespace, where importing them has put them.

    They can be imported as before; but `torch.array`, `torch.nn.linear` and `torch.optim.adam` are slips, of which the
    error tells if the names are not there.
    """
    home = f"{space['__name__']}."
    for name, value in list(space.items()):
        if isinstance(value, ModuleType) and value.__name__ == home + name and name not in space["_PUBLIC"]:
            del space[name]
