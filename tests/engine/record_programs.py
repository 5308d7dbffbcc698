"""Record what PyTorch answers to the programs: run with a Python that has torch, from the root of the repository.

    python -m tests.engine.record_programs

Writes `answers/nn.json`, `answers/layers.json`, `answers/optim.json` and `answers/data.json`, or those that are named.
"""

import json
import sys
from pathlib import Path

import torch

from tests.engine import programs_data, programs_layers, programs_nn, programs_optim

HERE = Path(__file__).parent / "answers"


def rounded(value):
    """The answer with floats of nine digits, as JSON."""
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, dict):
        return {name: rounded(each) for name, each in value.items()}
    return [rounded(each) for each in value] if isinstance(value, (list, tuple)) else value


def main() -> None:
    every = {"nn": programs_nn, "layers": programs_layers, "optim": programs_optim, "data": programs_data}
    for name in sys.argv[1:] or every:
        programs = every[name]
        answers = {each: rounded(programs.answers_of(torch, each)) for each in programs.PROGRAMS}
        (HERE / f"{name}.json").write_text(json.dumps(answers, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
