"""What the editor completes: the engine's public names under the modules in which a program finds them, as JSON.

Prints {module: {name: [signature, first line of its docstring]}}; "Tensor" has a tensor's attributes.
"""

from __future__ import annotations

import importlib
import inspect
import json
import sys
from pathlib import Path
from types import ModuleType

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

# The name under which a program imports a module, and the module.
MODULES = {
    "torch": "engine",
    "torch.nn": "engine.nn",
    "torch.nn.functional": "engine.nn.functional",
    "torch.nn.init": "engine.nn.init",
    "torch.optim": "engine.optim",
    "torch.optim.lr_scheduler": "engine.optim.lr_scheduler",
    "torch.autograd": "engine.autograd",
    "torch.autograd.functional": "engine.autograd.functional",
    "torch.autograd.forward_ad": "engine.autograd.forward_ad",
    "torch.fft": "engine.fft",
    "torch.func": "engine.func",
    "torch.linalg": "engine.linalg",
    "torch.special": "engine.special",
    "torch.utils.checkpoint": "engine.utils.checkpoint",
    "torch.utils.data": "engine.utils.data",
    "playground": "engine.live",
}
# What the page gives to programs; the rest of its module is for whoever runs them.
HELPERS = ("log", "param", "boundary", "watch", "dataset")


def entries(owner: object) -> dict[str, list[str]]:
    """The public names of a module or a class: signature and docstring's first line, each "" where there is none."""
    found: dict[str, list[str]] = {}
    for name in sorted(dir(owner)):
        value = getattr(owner, name, None)
        if name.startswith("_") or (isinstance(owner, ModuleType) and not _is_ours(owner, name, value)):
            continue
        found[name] = [_signature(value), _first_line(value)]
    return found


def _is_ours(module: ModuleType, name: str, value: object) -> bool:
    """Whether a module means to offer a name, and does not merely use it."""
    if module.__name__ == MODULES["playground"]:
        return name in HELPERS
    if isinstance(value, ModuleType):
        return value.__name__ in MODULES.values()
    home = getattr(value, "__module__", None) or type(value).__module__
    return name in getattr(module, "__all__", ()) or str(home).startswith("engine")


def _signature(value: object) -> str:
    if not callable(value):
        return ""
    try:
        signature = inspect.signature(value)
    except (TypeError, ValueError):
        return ""
    plain = [_plain(each) for each in signature.parameters.values()]
    shown = signature.replace(parameters=plain, return_annotation=inspect.Signature.empty)
    return str(shown).replace("(self, ", "(").replace("(self)", "()")


def _plain(parameter: inspect.Parameter) -> inspect.Parameter:
    """A parameter without its type; a default that says nothing, such as a mark for "not given", as three dots."""
    told = parameter.default is inspect.Parameter.empty or " at 0x" not in repr(parameter.default)
    return parameter.replace(annotation=inspect.Parameter.empty, default=parameter.default if told else ...)


def _first_line(value: object) -> str:
    if not callable(value):
        return ""
    return (inspect.getdoc(value) or "").partition("\n")[0]


def main() -> None:
    """Print the names."""
    table = {name: entries(importlib.import_module(module)) for name, module in MODULES.items()}
    table["Tensor"] = entries(importlib.import_module("engine").Tensor)
    print(json.dumps(table, ensure_ascii=False, indent=0, sort_keys=True))


if __name__ == "__main__":
    main()
