"""Results lie in memory as PyTorch's do, and share it with the inputs that PyTorch's share it with."""

from __future__ import annotations

import json
import pathlib
import re
import warnings

import pytest

import engine as torch
import engine.nn.functional as F
from tests.engine import cases, layout

LAYOUTS = json.loads((pathlib.Path(__file__).parent / "answers" / "layout.json").read_text())

# Conjugates are copies here; LAPACK's and FFTs' results lie as NumPy leaves them; the rest is undone by one transpose.
OTHERWISE = re.compile(
    r"conj\(|\.m?H\b|adjoint|fft|stft|lu_solve|triangular_solve|lstsq|linalg\.solve|svd\(|cholesky_solve|tensorsolve|"
    r"chain_matmul\(mat\)|unravel_index|conv_tbc"
)


def test_each_is_there() -> None:
    wanted = {*cases.VALUES, *cases.IN_PLACE}
    assert set(LAYOUTS) <= wanted, "record anew: python -m tests.engine.record_layout"
    assert len(LAYOUTS) > 0.95 * len(wanted), "record anew: python -m tests.engine.record_layout"


@pytest.mark.parametrize("expression", [e for e in LAYOUTS if not OTHERWISE.search(e)])
def test_layout_is_pytorchs(expression: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert layout.facts(torch, F, expression) == LAYOUTS[expression]
