"""Draw calls and note what PyTorch answers: run with a Python that has torch and hypothesis, from the root.

    python -m tests.engine.samples.record [FAMILY ...]

Writes a line a call to `FAMILY.json` beside this file. The draws are the same each time (`derandomize`).
"""

from __future__ import annotations

import json
import sys
from typing import Any

import torch
from hypothesis import HealthCheck, Phase, given, settings

from tests.engine.samples import HERE, answer, draw, draw_more, draw_nets

# Family -> the strategy of its calls, and how many are drawn.
FAMILIES: dict[str, tuple[Any, int]] = {
    "binary": (draw.binary(), 900),
    "ternary": (draw.ternary(), 250),
    "unary": (draw.unary(), 500),
    "reduction": (draw.reduction(), 900),
    "shape": (draw_more.shape(), 700),
    "pick": (draw_more.pick(), 800),
    "matrices": (draw_more.matrices(), 600),
    "activation": (draw_nets.activation(), 350),
    "loss": (draw_nets.loss(), 450),
    "layer": (draw_nets.layer(), 450),
}


def drawn(strategy: Any, count: int) -> list[Any]:
    """Different calls of a strategy."""
    found: dict[str, Any] = {}

    @settings(
        max_examples=count, derandomize=True, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(strategy)
    def note(call: Any) -> None:
        found.setdefault(json.dumps(call), call)

    note()
    return list(found.values())


def main(names: list[str]) -> None:
    """Record the families."""
    for name in names or FAMILIES:
        strategy, count = FAMILIES[name]
        lines = [json.dumps([call, answer(torch, call)], separators=(",", ":")) for call in drawn(strategy, count)]
        (HERE / f"{name}.json").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
