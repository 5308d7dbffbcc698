"""Record what PyTorch makes of the random programs: run with a Python that has torch, from the root.

    python -m tests.engine.record_random_programs

Writes `answers/random_programs.json`.
"""

import json
from pathlib import Path

import torch

from tests.engine.random_programs import Program

SEEDS = range(250)
PATH = Path(__file__).parent / "answers" / "random_programs.json"


def main() -> None:
    """Write one program a line."""
    lines = [json.dumps(Program(torch, seed).shown()) for seed in SEEDS]
    PATH.write_text("[\n" + ",\n".join(lines) + "\n]\n")


if __name__ == "__main__":
    main()
