"""What counts as a training step."""

from __future__ import annotations

import sys

from playground.runner.recorder.clock import Clock
from playground.runner.source import FILENAME


def series_of(code: str) -> tuple[list[str], int]:
    """The series of each call of `back()` in a program, and the steps counted."""
    clock, names = Clock(), []
    clock.read(code)
    exec(compile(code, FILENAME, "exec"), {"back": lambda: names.append(clock.tick(sys._getframe(1)))})
    return names, clock.step


def test_a_loop_counts_its_turns() -> None:
    assert series_of("for i in range(3):\n    back()") == (["loss"] * 3, 3)


def test_two_in_one_loop_are_one_step() -> None:
    assert series_of("for i in range(2):\n    back()\n    back()") == (["loss", "loss 2"] * 2, 2)


def test_an_inner_loop_leads() -> None:
    code = "for i in range(2):\n    for j in range(2):\n        back()\n    back()"
    assert series_of(code) == (["loss", "loss", "loss 2"] * 2, 4)


def test_parts_of_a_program_follow_each_other() -> None:
    assert series_of("back()\nback()\nfor i in range(2):\n    back()\nfor i in range(2):\n    back()") == (
        ["loss"] * 6,
        6,
    )


def test_parts_within_an_outer_loop_too() -> None:
    code = "for seed in range(2):\n    for i in range(2):\n        back()\n    for i in range(2):\n        back()"
    assert series_of(code) == (["loss"] * 8, 8)


def test_functions_belong_to_the_loop_that_calls_them() -> None:
    code = "def a():\n    back()\ndef b():\n    back()\n"
    code += "def main():\n    for i in range(2):\n        a()\n        b()\nmain()"
    assert series_of(code) == (["loss", "loss 2"] * 2, 2)
