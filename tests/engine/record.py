"""Record PyTorch's answers to `cases/`: run it with a Python that has PyTorch, from the repository root.

python -m tests.engine.record             all of them
python -m tests.engine.record linalg      those of cases/linalg.txt
"""

from __future__ import annotations

import json
import pathlib
import sys
import warnings

import torch
import torch.nn.functional as F

from tests.engine import cases


def main(stems: list[str]) -> None:
    """Write `answers/ops/STEM.json` for each file of cases, or for some."""
    warnings.simplefilter("ignore")
    for stem in stems or cases.FILES:
        every = [line for lines in cases.sections(stem).values() for line in lines]
        answers = {each: cases.evaluate(torch, F, each) for each in every}
        path = pathlib.Path(__file__).parent / "answers" / "ops" / f"{stem}.json"
        lines = ",\n".join(f"{json.dumps(each)}: {_text(answer)}" for each, answer in answers.items())
        path.write_text("{\n" + lines + "\n}\n")
        print(f"{stem}: {len(answers)} answers from PyTorch {torch.__version__}")


def _text(answer: object) -> str:
    """JSON with floats at the nine digits that make a float32."""
    return json.dumps(json.loads(json.dumps(answer), parse_float=lambda digits: float(f"{float(digits):.9g}")))


if __name__ == "__main__":
    main(sys.argv[1:])
