"""Runs an example outside the page: `python examples/run.py NAME` here, with `--torch` on PyTorch itself.

Here `torch` is the engine and `playground` its helpers, as on the page. On PyTorch the helpers are the same, and the
data comes as PyTorch's tensors. The examples read how many steps to learn for from the environment: STEPS=20.

`--double` computes in float64, where the last digits, which are another library's own, stay far from those printed
however long a program learns.
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
    options.add_argument("--double", action="store_true", help="compute in float64")
    asked = options.parse_args()
    with_pytorch() if asked.torch else with_engine()
    if asked.double:
        in_double()
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


def in_double() -> None:
    """Make new tensors float64, and what the data is of."""
    import torch

    from engine import data

    torch.set_default_dtype(torch.float64)
    data.give_as(lambda array: torch.from_numpy(array.astype("float64") if array.dtype == "float32" else array))


if __name__ == "__main__":
    main()
