"""What programs find in the namespaces, and that the modules which the engine is made of are not there."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import engine as torch
from engine import errors, spaces
from engine.spaces import without_parts

ROOT = Path(__file__).parents[2]
SLIPS = ["array", "matrix", "nodes", "graph", "nn.linear", "nn.conv", "nn.relu", "optim.adam", "optim.sgd"]


@pytest.mark.parametrize("path", SLIPS)
def test_a_slip_is_told_of_and_finds_no_module_of_ours(path: str) -> None:
    *home, name = path.split(".")
    space = ".".join(["torch", *home])
    program = (
        f"import engine as torch\ntry:\n    torch.{path}([1.0])\nexcept AttributeError as error:\n    print(error)"
    )
    told = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert told.startswith(f"module '{space}' has no attribute '{name}'")
    assert "'_" not in told


def test_the_data_sets_are_found_as_the_documents_say() -> None:
    program = (
        "import engine\nprint(engine.data.give_as.__name__)\nimport engine.data\nprint(engine.data.MNIST.__name__)"
    )
    told = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert told.split() == ["give_as", "MNIST"]


def test_parts_can_be_imported_all_the_same() -> None:
    from engine import array
    from engine.nn import linear
    from engine.optim import sgd

    assert array is sys.modules["engine.array"] and linear.Linear is torch.nn.Linear and sgd.SGD is torch.optim.SGD


@pytest.mark.parametrize("package", [torch, torch.nn, torch.optim], ids=lambda package: package.__name__)
def test_what_is_public_is_there(package: ModuleType) -> None:
    for name in vars(package)["_PUBLIC"]:
        assert importlib.import_module(f"{package.__name__}.{name}") is getattr(package, name)


def test_modules_of_others_and_names_stay() -> None:
    space = {"__name__": "engine", "_PUBLIC": ("errors",), "errors": errors, "sys": sys, "spaces": spaces, "e": 1}
    space["engine"] = torch
    without_parts(space)
    assert [*space] == ["__name__", "_PUBLIC", "errors", "sys", "e", "engine"]
