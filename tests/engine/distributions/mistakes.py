"""Mistakes with distributions, whose sentences are PyTorch's: run with PyTorch and with the engine."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

from tests.engine.distributions.families import attempt

# One expression a line, with D (distributions), C (constraints), T (transforms), U (utils) and t (a tensor).
MISTAKES = Path(__file__).with_suffix(".txt").read_text().splitlines()


def every(torch: Any) -> dict[str, Any]:
    """What each expression gives: its text or value, or the error."""
    D = torch.distributions
    names = {"torch": torch, "D": D, "C": D.constraints, "T": D.transforms, "U": D.utils, "t": torch.tensor}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {text: attempt(torch, lambda text=text: eval(text, names)) for text in MISTAKES}
