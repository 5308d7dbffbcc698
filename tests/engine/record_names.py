"""Record the public names of PyTorch's namespaces: run it with a Python that has PyTorch, from the repository root.

python -m tests.engine.record_names
"""

from __future__ import annotations

import importlib
import inspect
import json
import pathlib
from typing import Any

import torch

NAMESPACES = (
    "linalg", "fft", "special", "signal.windows", "nn.functional", "autograd", "autograd.functional",
    "autograd.forward_ad", "autograd.graph", "autograd.profiler", "func", "utils.checkpoint", "random", "nn", "nn.init",
    "nn.utils", "nn.utils.rnn", "nn.utils.parametrize", "nn.utils.parametrizations", "nn.utils.prune", "optim",
    "optim.lr_scheduler", "optim.swa_utils", "amp", "utils.data", "distributions", "distributions.transforms",
    "distributions.constraints",
)  # fmt: skip


# Namespaces that do not say what they offer, and whose classes are offered all the same.
OF_CLASSES = ("torch.nn", "torch.nn.utils.prune")


def offered(space: Any) -> list[str]:
    """The functions, and in a package that says what it offers the classes, of a namespace."""
    said = getattr(space, "__all__", None)
    if space.__name__ in OF_CLASSES:
        said = [name for name in dir(space) if not name.startswith("_")]
    names = said or [name for name in dir(space) if not name.startswith("_")]
    found = []
    for name in names:
        value = getattr(space, name, None)
        if callable(value) and not inspect.ismodule(value) and (said or not inspect.isclass(value)):
            home = getattr(value, "__module__", None) or "torch"
            if home.startswith("torch") or home in ("builtins", "math"):
                found.append(name)
    return sorted(set(found))


def main() -> None:
    """Write `answers/names.json`."""
    functions = [
        name
        for name in dir(torch)
        if not name.startswith("_")
        and callable(getattr(torch, name))
        and not inspect.isclass(getattr(torch, name))
        and str(getattr(getattr(torch, name), "__module__", "torch")).startswith(("torch", "None"))
    ]
    names = {"torch": sorted(functions), "Tensor": sorted(n for n in dir(torch.Tensor) if not n.startswith("_"))}
    names |= {each: offered(importlib.import_module(f"torch.{each}")) for each in NAMESPACES}
    path = pathlib.Path(__file__).parent / "answers" / "names.json"
    rows = ",\n".join(f"{json.dumps(space)}: {json.dumps(listed)}" for space, listed in names.items())
    path.write_text("{\n" + rows + "\n}\n")
    print({space: len(listed) for space, listed in names.items()}, f"from PyTorch {torch.__version__}")


if __name__ == "__main__":
    main()
