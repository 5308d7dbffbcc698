"""Optimizers and schedulers against PyTorch: the programs of `programs_optim.py` and the answers recorded to them."""

import json
from pathlib import Path

import numpy as np
import pytest

import engine
from engine.optim import wolfe
from tests.engine import programs_optim
from tests.engine.compare import differences

ANSWERS = json.loads((Path(__file__).parents[1] / "answers" / "optim.json").read_text())


@pytest.mark.parametrize("name", programs_optim.PROGRAMS)
def test_program_answers_as_with_pytorch(name):
    found = differences(programs_optim.answers_of(engine, name), ANSWERS[name], 1e-5)
    assert not found, "\n".join(found)


def test_a_loaded_state_is_shared_until_a_step_lays_it_out():
    def made(dtype=engine.float32):
        return engine.optim.Adam([engine.nn.Parameter(engine.ones(2, dtype=dtype))])

    optimizer, same, other = made(), made(), made(engine.float64)
    optimizer.param_groups[0]["params"][0].grad = engine.ones(2)
    optimizer.step()
    saved = optimizer.state_dict()
    for each in (same, other):
        each.load_state_dict(saved)
    (mine,), (wide,) = same.state.values(), other.state.values()
    assert all(mine[name] is value for name, value in saved["state"][0].items())
    assert wide["step"] is saved["state"][0]["step"]
    assert wide["exp_avg"].dtype is engine.float64


def test_a_line_search_from_points_that_are_one_takes_the_middle():
    point = wolfe.Point(1.0, 2.0, None, np.float32(-1.0))
    assert wolfe.cubic(point, point, 0.0, 3.0) == 1.5
