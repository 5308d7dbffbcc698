"""The programs of `scripts/` show with the engine what they show with PyTorch, to the letter."""

import difflib
import importlib.util
from pathlib import Path

import pytest

import engine
from tests.engine.scripts import NAMES, text_of

HERE = Path(__file__).parent / "answers" / "scripts"
HAS_TORCH = importlib.util.find_spec("torch") is not None


def changes(got: str, want: str) -> str:
    """The lines that differ."""
    return "\n".join(difflib.unified_diff(want.splitlines(), got.splitlines(), "PyTorch", "engine", lineterm="", n=1))


@pytest.mark.parametrize("name", NAMES)
def test_script_shows_what_it_shows_with_pytorch(name):
    found = changes(text_of(engine, name), (HERE / f"{name}.txt").read_text())
    assert not found, found


@pytest.mark.skipif(not HAS_TORCH, reason="PyTorch is not installed: its recorded texts are compared instead")
@pytest.mark.parametrize("name", NAMES)
def test_pytorch_still_shows_so(name, monkeypatch):
    torch = importlib.import_module("torch")
    # PyTorch's tables, which another test may have asked for, forbid programs to set its flags.
    flags = torch.backends.disable_global_flags.__globals__
    monkeypatch.setitem(flags, "__allow_nonbracketed_mutation_flag", True)
    found = changes(text_of(torch, name), (HERE / f"{name}.txt").read_text())
    assert not found, found
