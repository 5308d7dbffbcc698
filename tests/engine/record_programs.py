"""Record what PyTorch answers to the programs: run with a Python that has torch, from the root of the repository.

    python -m tests.engine.record_programs

    python -m tests.engine.record_programs autograd graph        some of them

Writes `answers/nn.json`, `answers/optim.json` and so on.
"""

import json
import sys
from pathlib import Path

import torch

from tests.engine import (
    programs_amp,
    programs_autograd,
    programs_data,
    programs_functions,
    programs_graph,
    programs_hooks,
    programs_layers,
    programs_modes,
    programs_nn,
    programs_optim,
    programs_optimizers,
    programs_recurrent,
    programs_schedules,
    programs_sequences,
    programs_tools,
)

HERE = Path(__file__).parent / "answers"


def rounded(value, digits=9):
    """The answer with floats of so many digits, as JSON."""
    if isinstance(value, float):
        return float(f"{value:.{digits}g}")
    if isinstance(value, dict):
        return {name: rounded(each, digits) for name, each in value.items()}
    return [rounded(each, digits) for each in value] if isinstance(value, (list, tuple)) else value


FILES = {
    "nn": programs_nn,
    "layers": programs_layers,
    "optim": programs_optim,
    "data": programs_data,
    "autograd": programs_autograd,
    "functions": programs_functions,
    "graph": programs_graph,
    "hooks": programs_hooks,
    "modes": programs_modes,
    "optimizers": programs_optimizers,
    "schedules": programs_schedules,
    "amp": programs_amp,
    "recurrent": programs_recurrent,
    "sequences": programs_sequences,
    "tools": programs_tools,
}


def main(names: list[str]) -> None:
    for name in names or FILES:
        programs = FILES[name]
        digits = getattr(programs, "DIGITS", 9)
        answers = {}
        for each in programs.PROGRAMS:
            kept = digits.get(each, 9) if isinstance(digits, dict) else digits
            answers[each] = rounded(programs.answers_of(torch, each), kept)
        (HERE / f"{name}.json").write_text(json.dumps(answers, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
