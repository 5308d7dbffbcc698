"""Runs an example outside the page: `python examples/run.py NAME` here, with `--torch` on PyTorch itself.

Here `torch` is the engine and `playground` its helpers, as on the page. On PyTorch the helpers are the same, and the
data comes as PyTorch's tensors. The examples read how many steps to learn for from the environment: STEPS=20.
"""

from __future__ import annotations

import argparse
import runpy
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[0] = str(HERE.parent)  # where the engine is, instead of this folder
NAMES = sorted(path.stem for path in HERE.glob("*.py") if path.name != "run.py")


def main() -> None:
    """What the command line asks for."""
    options = argparse.ArgumentParser(prog="examples/run.py", description="Run an example program.")
    options.add_argument("name", choices=NAMES, help="the file's name without .py")
    options.add_argument("--torch", action="store_true", help="run it with PyTorch, which has to be installed")
    asked = options.parse_args()
    with_pytorch() if asked.torch else with_engine()
    runpy.run_path(str(HERE / f"{asked.name}.py"), run_name="__main__")


def with_engine() -> None:
    """Put the engine in PyTorch's place."""
    from playground.runner import imports

    imports.prepare()
    imports.hide()


def with_pytorch() -> None:
    """Keep PyTorch, and put the engine's helpers in the playground's place."""
    import torch

    from engine import data, live

    data.give_as(torch.from_numpy)
    sys.modules["playground"] = live


if __name__ == "__main__":
    main()
