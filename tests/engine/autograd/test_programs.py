"""Derivatives and the graph against PyTorch: programs, and the answers recorded to them."""

import json
from pathlib import Path

import pytest

import engine
from tests.engine import (
    programs_autograd,
    programs_functions,
    programs_graph,
    programs_hooks,
    programs_modes,
    programs_tools,
)
from tests.engine.compare import differences

HERE = Path(__file__).parents[1] / "answers"
FILES = (
    ("autograd", programs_autograd),
    ("functions", programs_functions),
    ("graph", programs_graph),
    ("hooks", programs_hooks),
    ("modes", programs_modes),
    ("tools", programs_tools),
)
EVERY = [(stem, each, name) for stem, each in FILES
         for name in each.PROGRAMS]  # fmt: skip


@pytest.mark.parametrize(("stem", "programs", "name"), EVERY, ids=[name for _, _, name in EVERY])
def test_program_answers_as_with_pytorch(stem, programs, name):
    answers = json.loads((HERE / f"{stem}.json").read_text())
    # By way of JSON, in which a tuple is a list.
    got = json.loads(json.dumps(programs.answers_of(engine, name)))
    found = differences(got, answers[name], 2e-5)
    assert not found, "\n".join(found)
