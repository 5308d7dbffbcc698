"""Modules of normalization, pooling, resampling, dropout, bags and losses against PyTorch's recorded answers."""

import json
from pathlib import Path

import pytest

import engine
from tests.engine import programs_layers
from tests.engine.compare import differences

ANSWERS = json.loads((Path(__file__).parents[1] / "answers" / "layers.json").read_text())


@pytest.mark.parametrize("name", programs_layers.PROGRAMS)
def test_program_answers_as_with_pytorch(name):
    found = differences(programs_layers.answers_of(engine, name), ANSWERS[name], 1e-5)
    assert not found, "\n".join(found)
