"""Record PyTorch's draws for a thousand seeds: `python -m tests.engine.record_samplers` where PyTorch is installed."""

from __future__ import annotations

import json
import pathlib

import torch

from tests.engine import samplers


def main() -> None:
    """Write `answers/samplers.json`: a digest for each expression."""
    path = pathlib.Path(__file__).parent / "answers" / "samplers.json"
    answers = dict(samplers.digests(torch, [*samplers.EXACT, *samplers.UNLESS_INTEL]))
    path.write_text(json.dumps(answers, indent=0) + "\n")
    print(f"{len(answers)} digests from PyTorch {torch.__version__}")


if __name__ == "__main__":
    main()
