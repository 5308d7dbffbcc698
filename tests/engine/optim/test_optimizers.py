"""Optimizers and schedulers against PyTorch: the programs of `programs_optim.py` and the answers recorded to them."""

import json
from pathlib import Path

import pytest

import engine
from tests.engine import programs_optim
from tests.engine.compare import differences

ANSWERS = json.loads((Path(__file__).parents[1] / "answers" / "optim.json").read_text())


@pytest.mark.parametrize("name", programs_optim.PROGRAMS)
def test_program_answers_as_with_pytorch(name):
    found = differences(programs_optim.answers_of(engine, name), ANSWERS[name], 1e-5)
    assert not found, "\n".join(found)
