"""Every optimizer and schedule against PyTorch: the programs and the answers recorded to them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import engine
from tests.engine import programs_optimizers, programs_schedules
from tests.engine.compare import differences

HERE = Path(__file__).parents[1] / "answers"
OPTIMIZERS = json.loads((HERE / "optimizers.json").read_text())
SCHEDULES = json.loads((HERE / "schedules.json").read_text())


def compared(programs: Any, answers: Any, name: str) -> list[str]:
    tolerance = getattr(programs, "TOLERANCE", {}).get(name, 1e-5)
    return differences(programs.answers_of(engine, name), answers[name], tolerance)


@pytest.mark.parametrize("name", programs_optimizers.PROGRAMS)
def test_optimizers_answer_as_with_pytorch(name: str) -> None:
    found = compared(programs_optimizers, OPTIMIZERS, name)
    assert not found, "\n".join(found[:20])


@pytest.mark.parametrize("name", programs_schedules.PROGRAMS)
def test_schedules_answer_as_with_pytorch(name: str) -> None:
    found = compared(programs_schedules, SCHEDULES, name)
    assert not found, "\n".join(found[:20])
