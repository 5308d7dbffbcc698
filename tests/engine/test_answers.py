"""Every expression of `cases/` gives what PyTorch recorded: value, dtype, shape, gradients, node name, or error."""

from __future__ import annotations

import importlib.util
import json
import pathlib
import re
import warnings
from typing import Any

import numpy as np
import pytest

import engine as torch
import engine.nn.functional as F
from tests.engine import cases

HERE = pathlib.Path(__file__).parent
ANSWERS: dict[str, Any] = {
    expression: answer
    for stem in cases.FILES
    for expression, answer in json.loads((HERE / "answers" / "ops" / f"{stem}.json").read_text()).items()
}
HAS_TORCH = importlib.util.find_spec("torch") is not None

# Made of other ops here, so that the last of these gives its name to the node.
OTHER_NAMES = re.compile(
    r"rsub\(c?a, c?b|_mean\(ca|remainder\(a, p|fmod\(a, p|split\(\[1, 3\]|scatter\(1, ks, 1.5|sort\(stable"
)
NAMED = [e for e in cases.VALUES if e not in cases.COMPOSITE and not OTHER_NAMES.search(e)]


# Where the sign of a zero comes from the order of PyTorch's sums or from a product of complex numbers.
FREE_SIGNS = re.compile(
    r"\bc[a3]\b|\bz\w*q\b|zposdef|czeros|fft|stft|prod\(|gelu\(far|margin_loss|hardswish|with_logits|grid_sample|cholesky|"
    r"qr\(|_reduce\(|std\(a \* 0|i1e?\(|entr\(|blackman"
)


def same_zeros(want: Any, got: Any) -> bool:
    """Whether zeros have the same sign, which is printed."""
    if not isinstance(want, list) or not isinstance(got, list):
        return True
    a, b = np.array(want[2], float), np.array(got[2], float)
    return not ((a == 0) & (b == 0) & (np.signbit(a) != np.signbit(b))).any()


def close(want: Any, got: Any) -> bool:
    """Whether two described values agree: exactly in dtype and shape, to rounding in the numbers."""
    if not isinstance(want, list) or not isinstance(got, list):
        return want == got
    tolerance = {"torch.float16": 2e-3, "torch.bfloat16": 1e-2}.get(want[0], 2e-5)
    numbers = np.array(want[2], float), np.array(got[2], float)
    return want[:2] == got[:2] and np.allclose(*numbers, rtol=tolerance, atol=tolerance / 2, equal_nan=True)


def evaluated(expression: str) -> dict[str, Any]:
    """The engine's answer, deprecation warnings that PyTorch gives as well left aside."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return cases.evaluate(torch, F, expression)


def test_each_is_there_once() -> None:
    every = [*cases.VALUES, *cases.IN_PLACE, *cases.STALE, *cases.ERRORS]
    assert sorted(every) == sorted(ANSWERS), "record the answers anew: python -m tests.engine.record"


@pytest.mark.parametrize("expression", [*cases.VALUES, *cases.IN_PLACE])
def test_value_and_gradients_are_pytorchs(expression: str) -> None:
    want, got = ANSWERS[expression], evaluated(expression)
    if "error" in want:
        assert got.get("error", [None])[0] == want["error"][0]
        return
    assert "error" not in got, got["error"]
    assert len(got["values"]) == len(want["values"])
    for mine, theirs in zip(got["values"], want["values"], strict=True):
        assert close(theirs, mine), (theirs, mine)
        assert FREE_SIGNS.search(expression) or same_zeros(theirs, mine), (theirs, mine)
    for name, theirs in want["grads"].items():
        mine = got["grads"][name]
        assert close(theirs, mine), (name, theirs, mine)
        assert FREE_SIGNS.search(expression) or same_zeros(theirs, mine), (name, theirs, mine)


@pytest.mark.parametrize("expression", NAMED)
def test_nodes_have_pytorchs_names(expression: str) -> None:
    want, got = ANSWERS[expression], evaluated(expression)
    if "error" not in want:
        assert [v[3] for v in got["values"] if isinstance(v, list)] == [
            v[3] for v in want["values"] if isinstance(v, list)
        ]


@pytest.mark.parametrize("expression", [*cases.ERRORS, *cases.STALE])
def test_errors_begin_as_pytorchs(expression: str) -> None:
    (kind, sentence), got = ANSWERS[expression]["error"], evaluated(expression)
    assert "error" in got, got
    assert got["error"][0] == kind
    assert got["error"][1].split("(")[0][:40] == sentence.split("(")[0][:40]


@pytest.mark.skipif(not HAS_TORCH, reason="PyTorch is not installed: its recorded answers are compared instead")
def test_pytorch_still_gives_the_recorded_answers() -> None:
    real, functional = importlib.import_module("torch"), importlib.import_module("torch.nn.functional")
    for expression in [*cases.VALUES, *cases.IN_PLACE]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fresh = cases.evaluate(real, functional, expression)
        assert fresh.keys() == ANSWERS[expression].keys(), expression
        for mine, theirs in zip(fresh.get("values", []), ANSWERS[expression].get("values", []), strict=True):
            assert close(theirs, mine), expression
