"""Random programs give step by step what they give with PyTorch, and the same gradients."""

import importlib.util
import json
from pathlib import Path

import pytest

import engine
from tests.engine.random_programs import Line, Program, agree, failure

ANSWERS = json.loads((Path(__file__).parent / "answers" / "random_programs.json").read_text())
HAS_TORCH = importlib.util.find_spec("torch") is not None
FRESH = range(1000, 4000)
# Programs that may differ: where zeros of two signs, or numbers that are none, meet in another order of sums.
FEW = 0.01


def difference(mine: list[Line], theirs: list[Line]) -> str:
    """The first step of which the two tell something else."""
    for got, want in zip(mine, theirs, strict=False):
        if not agree(got, want):
            return f"{got} is not {want}"
    whole = len(mine) == len(theirs) or theirs[-1][0] == "gradients"
    return "" if whole else f"{len(mine)} steps are not {len(theirs)}"


@pytest.mark.parametrize("seed", range(len(ANSWERS)))
def test_program_does_what_it_does_with_pytorch(seed: int) -> None:
    mine = json.loads(json.dumps(Program(engine, seed).shown()))
    assert not difference(mine, ANSWERS[seed])


def test_the_programs_reach_far() -> None:
    steps = [line for program in ANSWERS for line in program]
    assert len({line[0].split()[0] for line in steps}) > 100
    gradients = [line for line in steps if line[0] == "gradients" and not isinstance(line[1], str)]
    failed = [line for line in steps if isinstance(line[1], str)]
    assert len(gradients) > len(ANSWERS) / 2 and len(failed) < len(steps) / 2


def test_what_differs_is_noticed() -> None:
    assert not agree(["sin", [2], "float32", [1.0, 2.0], 3.0], ["sin", [2], "float32", [1.0, 2.1], 3.1])
    assert not agree(["sin", [2], "float32", [1.0], 3.0], ["sin", [1, 2], "float32", [1.0], 3.0])
    assert not agree(["sin", *failure(ValueError("x"))], ["sin", [2], "float32", [1.0, 2.0], 3.0])
    assert not agree(["gradients", None], ["gradients", [[1], "float32", [2.0], 2.0]])
    assert agree(["gradients", None], ["gradients", [[1], "float32", [0.0], 0.0]])


@pytest.mark.slow
@pytest.mark.skipif(not HAS_TORCH, reason="PyTorch is not installed: recorded programs are compared instead")
def test_fresh_programs_agree() -> None:
    torch = importlib.import_module("torch")
    found = {}
    for seed in FRESH:
        pair = [json.loads(json.dumps(Program(library, seed).shown())) for library in (engine, torch)]
        if text := difference(*pair):
            found[seed] = text
    assert len(found) <= FEW * len(FRESH), found
