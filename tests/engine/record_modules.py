"""Record what PyTorch answers to the lines of `modules.txt`: run with a Python that has torch, from the root.

    python -m tests.engine.record_modules

Writes `answers/modules.json`.
"""

import json
from pathlib import Path

import torch

from tests.engine.module_cases import DTYPES, LINES, answer


def main() -> None:
    answers = {line: {name: answer(torch, line, name) for name in DTYPES} for line in LINES}
    for each in answers.values():
        if each["float32"]["text"] == each["float64"]["text"]:
            del each["float64"]["text"]
    path = Path(__file__).parent / "answers" / "modules.json"
    lines = (f"{json.dumps(line)}:{json.dumps(each, separators=(',', ':'))}" for line, each in answers.items())
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
