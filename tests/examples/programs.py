"""The example programs run in a process of their own, for a few steps or to the end, and what they print compared."""

from __future__ import annotations

import math
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ANSWERS = Path(__file__).parent / "answers"

# How many steps each learns for in float32, and how many of its first lines are compared. Rounding is not the same on
# every processor, and learning enlarges the difference: so few lines that it stays far below what is compared. In
# float64 it does so to the end, and all that a program prints is compared.
EXAMPLES = {
    "char_transformer": (12, 12),
    "custom_function": (20, 22),
    "dcgan": (8, 8),
    "mnist_cnn": (12, 12),
    "mnist_mlp": (20, 20),
    "reinforce": (5, 5),
    "reviews_lstm": (12, 12),
    "spiral_optimizers": (4, 5),
    "vae": (20, 20),
}
TOLERANCE = 2e-4  # relative, or one in the last place that is printed
_NUMBER = re.compile(r"-?\d+(?:\.(\d+))?")


def printed(name: str, steps: int | None, *options: str) -> list[str]:
    """The lines that an example prints, after so many steps or as many as it wants; `--torch` runs it with PyTorch."""
    few = {} if steps is None else {"STEPS": str(steps)}
    done = subprocess.run(
        [sys.executable, "examples/run.py", name, *options],
        cwd=ROOT,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", **few},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def first_lines(name: str, *options: str) -> list[str]:
    """The lines of an example that are compared."""
    steps, lines = EXAMPLES[name]
    return printed(name, steps, *options)[:lines]


def all_lines(name: str, *options: str) -> list[str]:
    """All lines of an example that computes in float64."""
    return printed(name, None, "--double", *options)


def differences(got: list[str], expected: list[str]) -> list[str]:
    """The lines that are not the expected ones: each word the same, each number nearly."""
    if len(got) != len(expected):
        return [f"{len(got)} lines instead of {len(expected)}"]
    return [
        f"{mine!r} instead of {theirs!r}" for mine, theirs in zip(got, expected, strict=True) if not _same(mine, theirs)
    ]


def _same(got: str, expected: str) -> bool:
    words = got.split(), expected.split()
    return len(words[0]) == len(words[1]) and all(map(_near, *words))


def _near(got: str, expected: str) -> bool:
    number = _NUMBER.fullmatch(expected)
    if number is None or _NUMBER.fullmatch(got) is None:
        return got == expected
    places = len(number[1] or "")
    if not places:
        return got == expected
    return math.isclose(float(got), float(expected), rel_tol=TOLERANCE, abs_tol=1.01 * 10.0**-places)
