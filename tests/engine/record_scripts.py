"""Record the texts that PyTorch gives to the programs of `scripts/`: run with a Python that has torch, from the root.

    python -m tests.engine.record_scripts

Writes `answers/scripts/NAME.txt`.
"""

import sys
from pathlib import Path

import torch

from tests.engine.scripts import NAMES, text_of

HERE = Path(__file__).parent / "answers" / "scripts"


def main(names: list[str]) -> None:
    for name in names or NAMES:
        (HERE / f"{name}.txt").write_text(text_of(torch, name))


if __name__ == "__main__":
    main(sys.argv[1:])
