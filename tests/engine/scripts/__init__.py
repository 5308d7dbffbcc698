"""Programs whose text is recorded from PyTorch and compared: `run(torch, page)` of each file shows things on a page."""

from __future__ import annotations

import importlib
import re
import warnings
from pathlib import Path
from typing import Any

NAMES = sorted(path.stem for path in Path(__file__).parent.glob("*.py") if not path.stem.startswith("__"))


class Page:
    """What a program shows: lines of text without addresses, the library always called torch."""

    def __init__(self, torch: Any) -> None:
        self.torch = torch
        self.lines: list[str] = []

    def show(self, *values: Any) -> None:
        """Put values on a line, as `print` does."""
        text = re.sub(r" at 0x[0-9a-f]+", "", " ".join(str(value) for value in values))
        self.lines += text.replace("engine.", "torch.").split("\n")

    def said(self, call: Any) -> None:
        """Show what a call returns, or the kind and text of what it raises, and what it warns of."""
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            try:
                self.show("gives", call())
            except Exception as error:
                kind = next(each for each in type(error).__mro__ if each.__module__ == "builtins")
                self.show(kind.__name__, re.split("\nOriginal|\nA size must", str(error))[0])
        for each in warned:
            if not re.match(r"`torch.jit.script|This DataLoader will create", str(each.message)):
                self.show("  warns", each.category.__name__, str(each.message).split(" (Triggered")[0])

    def part(self, path: str) -> Any:
        """A module of the library, imported."""
        return importlib.import_module(f"{self.torch.__name__}.{path}")


def text_of(torch: Any, name: str) -> str:
    """What a program shows with a library."""
    program = importlib.import_module(f"{__name__}.{name}")
    page = Page(torch)
    torch.manual_seed(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program.run(torch, page)
    return "\n".join(page.lines) + "\n"
