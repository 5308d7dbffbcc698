"""Record how PyTorch lays out the results of `cases/`: python -m tests.engine.record_layout, with PyTorch."""

from __future__ import annotations

import contextlib
import json
import pathlib
import warnings

import torch
import torch.nn.functional as F

from tests.engine import cases, layout


def main() -> None:
    """Write `answers/layout.json`, a line for each expression."""
    warnings.simplefilter("ignore")
    lines = []
    for expression in [*cases.VALUES, *cases.IN_PLACE]:
        with contextlib.suppress(Exception):  # of those that PyTorch refuses the answers tell
            lines.append(f"{json.dumps(expression)}: {json.dumps(layout.facts(torch, F, expression))}")
    path = pathlib.Path(__file__).parent / "answers" / "layout.json"
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    print(f"{len(lines)} layouts from PyTorch {torch.__version__}")


if __name__ == "__main__":
    main()
