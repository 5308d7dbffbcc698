"""Record PyTorch's answers to `cases.txt`: run it with a Python that has PyTorch, from the repository root.

python tests/engine/record.py
"""

from __future__ import annotations

import json
import pathlib
import warnings

import torch
import torch.nn.functional as F

from tests.engine import cases


def main() -> None:
    """Write `answers/ops.json`."""
    warnings.simplefilter("ignore")
    every = [*cases.VALUES, *cases.IN_PLACE, *cases.STALE, *cases.ERRORS]
    answers = {each: cases.evaluate(torch, F, each) for each in every}
    path = pathlib.Path(__file__).parent / "answers" / "ops.json"
    lines = ",\n".join(f"{json.dumps(each)}: {_text(answer)}" for each, answer in answers.items())
    path.write_text("{\n" + lines + "\n}\n")
    print(f"{len(answers)} answers from PyTorch {torch.__version__}")


def _text(answer: object) -> str:
    """JSON with floats at the nine digits that make a float32."""
    return json.dumps(json.loads(json.dumps(answer), parse_float=lambda digits: float(f"{float(digits):.9g}")))


if __name__ == "__main__":
    main()
