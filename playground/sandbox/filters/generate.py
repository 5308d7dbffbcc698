"""The filters as bytes: prints the one that is named. `make gen` writes them all after a change of the rules."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from playground.sandbox.filters import rules
from playground.sandbox.filters.assemble import ARCHITECTURE, assemble
from playground.sandbox.filters.numbers import NUMBERS

FOLDER = Path(__file__).parent


def programs() -> Iterator[tuple[str, bytes]]:
    """Each shipped file's name and what it must hold."""
    for machine in ARCHITECTURE:
        numbers = NUMBERS[machine]
        yield f"stage1.{machine}.bpf", assemble(machine, rules.STAGE_1, numbers, rules.STAGE_1_DEFAULT)
        yield f"stage2.{machine}.bpf", assemble(machine, rules.STAGE_2, numbers, rules.STAGE_2_DEFAULT)


if __name__ == "__main__":
    sys.stdout.buffer.write(dict(programs())[sys.argv[1]])
