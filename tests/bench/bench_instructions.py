"""Instructions a step, which do not depend on what else the machine does: counted by valgrind, where it is."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys

from tests.bench import Row
from tests.bench.bench_engine import ONE_THREAD

FEW, MANY = 50, 250


def _executed(name: str, steps: int) -> int:
    """The instructions of a whole process that makes so many steps."""
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", sys.executable]
    done = subprocess.run(
        [*command, "-m", "tests.bench.counted", name, str(steps)],
        env=os.environ | ONE_THREAD | {"PYTHONHASHSEED": "0"}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    found = re.search(r"refs:\s+([\d,]+)", done.stderr)
    assert found is not None, done.stderr[-500:]
    return int(found[1].replace(",", ""))


def bench() -> list[Row]:
    """The spiral classifier's step, 2-16-16-2 with Adam: against NumPy by hand, and recorded against not."""
    if shutil.which("valgrind") is None:
        return [Row("instructions a step", "not counted", "valgrind is not installed")]
    each = {name: (_executed(name, MANY) - _executed(name, FEW)) / (MANY - FEW) for name in ("ours", "noted", "hand")}
    return [
        Row("spiral step, to NumPy by hand", f"{each['ours'] / each['hand']:.2f} x", "at most 2.0 x"),
        Row(
            "the same between frames, to one nobody watches", f"{each['noted'] / each['ours']:.3f} x", "at most 1.01 x"
        ),
    ]
