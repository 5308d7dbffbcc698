"""Record what PyTorch makes of two dtypes: `python -m tests.engine.record_promotion` where PyTorch is installed."""

from __future__ import annotations

import json
import pathlib

import torch

from tests.engine import promotion


def main() -> None:
    """Write `answers/promotion.json`."""
    path = pathlib.Path(__file__).parent / "answers" / "promotion.json"
    answers = promotion.table(torch)
    path.write_text(json.dumps(answers, indent=0) + "\n")
    print(f"{len(answers)} rows from PyTorch {torch.__version__}")


if __name__ == "__main__":
    main()
