"""Record what PyTorch answers about distributions: run with a Python that has torch, from the root of the repository.

    python -m tests.engine.record_distributions

Writes `answers/distributions/families.json` and so on.
"""

import json
from pathlib import Path

import torch

from tests.engine.distributions import PARTS

HERE = Path(__file__).parent / "answers" / "distributions"


def main() -> None:
    HERE.mkdir(exist_ok=True)
    for part in PARTS:
        answers = part.every(torch)
        lines = ",\n".join(
            f"{json.dumps(name)}:{json.dumps(each, separators=(',', ':'))}" for name, each in answers.items()
        )
        (HERE / f"{part.__name__.rpartition('.')[2]}.json").write_text("{\n" + lines + "\n}\n")


if __name__ == "__main__":
    main()
