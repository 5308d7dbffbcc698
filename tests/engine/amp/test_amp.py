"""Mixed precision against PyTorch: the programs of `programs_amp.py` and the answers recorded to them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import engine
from engine import casting, graph, lazy
from engine.op import registry
from tests.engine import programs_amp
from tests.engine.compare import differences

ANSWERS = json.loads((Path(__file__).parents[1] / "answers" / "amp.json").read_text())


@pytest.mark.parametrize("name", programs_amp.PROGRAMS)
def test_program_answers_as_with_pytorch(name: str) -> None:
    found = differences(programs_amp.answers_of(engine, name), ANSWERS[name], 1e-5)
    assert not found, "\n".join(found)


def test_nothing_is_cast_outside_of_a_block() -> None:
    with pytest.raises(ZeroDivisionError), engine.autocast("cpu"):
        assert graph.casting is not None
        raise ZeroDivisionError
    assert graph.casting is None


def test_the_table_names_ops_that_there_are() -> None:
    for family in engine.ops.families():
        lazy.load(family)
    assert [name for name in casting.POLICY if name not in registry] == []


def test_a_weight_cast_without_recording_is_not_taken_for_one_with() -> None:
    x, w = engine.ones(2, 2), engine.ones(2, 2, requires_grad=True)
    with engine.autocast("cpu"):
        with engine.no_grad():
            engine.mm(x, w)
        engine.mm(x, w).sum().backward()
    assert w.grad is not None
