"""Every answer about distributions is the one that PyTorch gave: draws, densities, gradients, texts and errors."""

from __future__ import annotations

import functools
import importlib
import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

import engine as torch
from tests.engine.compare import differences
from tests.engine.distributions import PARTS, families, mistakes, programs, relations

HERE = Path(__file__).parents[1] / "answers" / "distributions"
HAS_TORCH = importlib.util.find_spec("torch") is not None
DTYPES = ("float32", "float64", "int64", "bool")


@functools.cache
def recorded(part: Any) -> dict[str, Any]:
    return json.loads((HERE / f"{part.__name__.rpartition('.')[2]}.json").read_text())


def tolerance(dtype: str, where: str) -> float:
    """How near numbers must be: PyTorch's slopes of gamma draws are approximations, and so is its trigamma."""
    if "rsample/by" in where:
        return 2e-3
    if dtype == "float64":
        return 1e-8 if "/by " in where else 1e-10
    return 2e-5 if "/by " in where else 1e-5


def wrong(got: Any, want: Any, where: str) -> list[str]:
    """Where two answers differ; tensors by their dtype's tolerance, sentences that go on after PyTorch's do not."""
    if isinstance(want, dict) and isinstance(got, dict) and got.keys() == want.keys():
        return [line for key in want for line in wrong(got[key], want[key], f"{where}/{key}")]
    if isinstance(want, list) and len(want) == 3 and want[0] in DTYPES and isinstance(got, list):
        return differences(got, want, tolerance(want[0], where), where)
    if isinstance(want, str) and isinstance(got, str) and where.endswith("/text") and got.startswith(want):
        return []
    return differences(got, want, 2e-5, where)


@pytest.mark.parametrize("name", [f"{name} {n}" for name, sets in families.CASES.items() for n in range(len(sets))])
def test_family(name: str) -> None:
    family, number = name.rsplit(" ", 1)
    dtype = torch.float32 if int(number) % 2 else torch.float64
    got = families.answers(torch, family, families.CASES[family][int(number)], dtype)
    want = recorded(families)[name]
    assert list(got) == list(want)
    assert wrong(got, want, name) == []


@pytest.mark.parametrize("part", relations.RELATIONS, ids=lambda part: part.__name__)
def test_relation(part: Any) -> None:
    want = {
        name.partition(": ")[2]: each
        for name, each in recorded(relations).items()
        if name.startswith(f"{part.__name__}: ")
    }
    got = part(torch)
    assert list(got) == list(want)
    assert wrong(got, want, part.__name__) == []


def test_mistakes_and_small_things() -> None:
    assert wrong(mistakes.every(torch), recorded(mistakes), "") == []


@pytest.mark.parametrize("name", programs.PROGRAMS)
def test_program(name: str) -> None:
    assert wrong(programs.PROGRAMS[name](torch), recorded(programs)[name], name) == []


@pytest.mark.skipif(not HAS_TORCH, reason="PyTorch is not installed: its recorded answers are compared instead")
@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.__name__.rpartition(".")[2])
def test_pytorch_still_gives_the_recorded_answers(part: Any) -> None:
    real = importlib.import_module("torch")
    answers = part.every(real)
    for name, want in recorded(part).items():
        assert wrong(answers[name], want, name) == []
