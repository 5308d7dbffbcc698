"""Programs whose steps are counted in instructions: `python -m tests.bench.counted NAME STEPS` runs so many of one."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np

import engine
from engine import graph
from playground.runner import source
from playground.runner.recorder.between import Between
from tests.bench import by_hand, training

SIZES = [2, 16, 16, 2]


def _data() -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.RandomState(1)
    return draw.randn(100, 2).astype(np.float32), draw.randint(0, 2, 100)


def ours() -> Callable[[], Any]:
    """The spiral classifier's Adam step, watched by nobody."""
    return training.classifier(engine, SIZES, *_data(), "tanh")


def noted() -> Callable[[], Any]:
    """The same in a run, between two frames, where each step's loss is noted."""
    source.FILENAME = training.__file__
    between = Between()

    def walked(root: Any, frame: Any) -> None:
        between.code, between.at, between.horizon = frame.f_code, frame.f_lasti, float("inf")

    graph.ended = between.before(walked)
    return ours()


def hand() -> Callable[[], Any]:
    """The same by hand."""
    return by_hand.classifier(SIZES, *_data(), "tanh")


if __name__ == "__main__":
    step = {"ours": ours, "noted": noted, "hand": hand}[sys.argv[1]]()
    for _ in range(int(sys.argv[2])):
        step()
