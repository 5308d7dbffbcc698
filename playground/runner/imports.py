"""What `import` finds in a program: `torch` is the engine, `playground` the page's helpers; some doors are shut."""

from __future__ import annotations

import contextlib
import importlib
import importlib.abc
import importlib.machinery
import pkgutil
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any

import engine
from engine import live
from engine.spaces import without_parts

# PyTorch's places for what the engine keeps elsewhere. A place whose own module is missing is left out.
_PLACES = {
    "torch.autograd.gradcheck": "engine.autograd.gradient_check",
    "safetensors": "engine.safetensors",
    "safetensors.torch": "engine.safetensors",
}

_NETWORK = "a program here has no network"
_PROCESSES = "a program here runs alone: it cannot start other programs or processes"
_WINDOWS = "a program here has no window of its own; draw with matplotlib, the figures appear on the page"
_TERMINAL = "a program here has no terminal; use print, or playground.param for a slider"
_REFUSED = {
    **dict.fromkeys(("socket", "ssl", "socketserver", "requests", "httpx", "aiohttp", "urllib3", "http"), _NETWORK),
    **dict.fromkeys(("ftplib", "smtplib", "poplib", "imaplib", "telnetlib", "nntplib", "xmlrpc"), _NETWORK),
    **dict.fromkeys(("urllib.request", "webbrowser", "wsgiref", "antigravity"), _NETWORK),
    **dict.fromkeys(("subprocess", "multiprocessing", "pty", "_posixsubprocess"), _PROCESSES),
    **dict.fromkeys(("concurrent.futures.process",), _PROCESSES),
    **dict.fromkeys(("tkinter", "turtle", "idlelib", "pygame", "PyQt5", "PyQt6", "cv2"), _WINDOWS),
    **dict.fromkeys(("curses", "readline", "termios", "tty", "getpass"), _TERMINAL),
}
_ABSENT = {
    **dict.fromkeys(("torchvision", "torchaudio", "torchtext"), "playground.dataset() has data to learn from"),
    **dict.fromkeys(("tensorflow", "jax", "keras", "sklearn", "pandas", "scipy", "seaborn", "tqdm"), ""),
}


def prepare() -> None:
    """Import all that a program may ask the engine for, and give it PyTorch's names. Done before the program comes."""
    for found in pkgutil.walk_packages(engine.__path__, "engine."):
        importlib.import_module(found.name)
    for package in (engine, engine.nn, engine.optim):
        without_parts(vars(package))
    with contextlib.suppress(ImportError):  # what bfloat16 needs; no library can be loaded any more once locked in
        importlib.import_module("ml_dtypes")
    for name, module in list(sys.modules.items()):
        if name == "engine" or name.startswith("engine."):
            sys.modules["torch" + name.removeprefix("engine")] = module
    for place, home in _PLACES.items():
        if home in sys.modules:
            sys.modules.setdefault(place, sys.modules[home])
    sys.meta_path.insert(0, _Missing())


def hide() -> list[ModuleType]:
    """Take our own modules out of sight and put the page's helpers in their place; the modules, to be kept alive."""
    ours = [name for name in sys.modules if name == "playground" or name.startswith("playground.")]
    kept = [sys.modules.pop(name) for name in ours]
    sys.modules["playground"] = live
    return kept


class _Missing(importlib.abc.MetaPathFinder):
    """Answers for the parts of torch that there are not, before Python looks into the engine's folder for them."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """None for other names. Raises ModuleNotFoundError in a sentence."""
        top, _, rest = fullname.partition(".")
        if top == "torch":
            raise ModuleNotFoundError(
                f"torch.{rest} is not here: the playground's engine has no such part", name=fullname
            )
        return None


def learners_import(original: Any) -> Any:
    """`__import__` for the learner's own file: as the original, with a sentence for what has no place in a sandbox.

    Only imports that stand in the learner's file go through it, so libraries import what they like (NumPy needs
    `subprocess` to be there, if only to be able not to use it).
    """

    def __import__(
        name: str, globals: Any = None, locals: Any = None, fromlist: Sequence[str] | None = (), level: int = 0
    ) -> Any:
        if level == 0:
            if name.startswith("playground."):
                raise ModuleNotFoundError(
                    f"{name} is not here: `import playground` has log, param, boundary, watch, dataset, MNIST, Digits, "
                    "Planar and Reviews",
                    name=name,
                )
            for part in [name, *(f"{name}.{each}" for each in fromlist or ())]:
                _refuse(part)
        return original(name, globals, locals, fromlist, level)

    return __import__


def _refuse(name: str) -> None:
    while name:
        reason = _REFUSED.get(name)
        if reason is not None:
            raise ImportError(f"`{name}` is not here: {reason}", name=name)
        if name in _ABSENT:
            more = f"; {_ABSENT[name]}" if _ABSENT[name] else ""
            raise ModuleNotFoundError(
                f"`{name}` is not here: there are torch, numpy, matplotlib and the standard library{more}", name=name
            )
        name = name.rpartition(".")[0]
