"""Recurrent layers, packed sequences and transformers against PyTorch's recorded answers, and programs of them."""

import importlib
import json
from pathlib import Path

import pytest

import engine
from tests.engine import programs_recurrent, programs_sequences
from tests.engine.compare import differences

HERE = Path(__file__).parents[1] / "answers"
ANSWERS = {name: json.loads((HERE / f"{name}.json").read_text()) for name in ("recurrent", "sequences")}


@pytest.mark.parametrize("name", programs_recurrent.PROGRAMS)
def test_modules_answer_as_with_pytorch(name):
    # Small differences under a norm grow: the gradients of transformers in float32 agree to 1e-4 only.
    tolerance = {"recurrent_float32": 1e-5, "attending_float32": 1e-4}.get(name, 1e-10)
    found = differences(programs_recurrent.answers_of(engine, name), ANSWERS["recurrent"][name], tolerance)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("name", programs_sequences.PROGRAMS)
def test_programs_give_pytorchs_losses(name):
    found = differences(programs_sequences.answers_of(engine, name), ANSWERS["sequences"][name], 1e-5)
    assert not found, "\n".join(found)


@pytest.mark.skipif(not importlib.util.find_spec("torch"), reason="PyTorch is not here: recorded answers are compared")
@pytest.mark.parametrize("name", programs_sequences.PROGRAMS)
def test_pytorch_still_gives_the_recorded_losses(name):
    real = importlib.import_module("torch")
    assert not differences(programs_sequences.answers_of(real, name), ANSWERS["sequences"][name], 1e-5)
