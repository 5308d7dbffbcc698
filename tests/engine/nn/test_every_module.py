"""Every module of `torch.nn` against PyTorch's recorded answers: text, state, results and gradients, in both modes."""

import importlib.util
import json
import re
from pathlib import Path

import pytest

import engine
from tests.engine.module_cases import DTYPES, LINES, answer, differences

ANSWERS = json.loads((Path(__file__).parents[1] / "answers" / "modules.json").read_text())
TOLERANCE = {"float32": 1e-5, "float64": 1e-10}
HAS_TORCH = importlib.util.find_spec("torch") is not None
# Modules that are not called, or have tests of their own.
ELSEWHERE = re.compile(
    r"Module|ModuleDict|ModuleList|ParameterDict|ParameterList|Container|Buffer|Parameter|Uninitialized\w+|"
    r"LinearCrossEntropy\w+|RNN\w*|LSTM\w*|GRU\w*|Transformer\w*"
)


def of(line: str, name: str) -> dict:
    """A recorded answer; a text that is the same for both dtypes is kept once."""
    return {"text": ANSWERS[line]["float32"]["text"]} | ANSWERS[line][name]


@pytest.mark.parametrize("name", DTYPES)
@pytest.mark.parametrize("line", LINES)
def test_module_is_pytorchs(line, name):
    found = differences(answer(engine, line, name), of(line, name), TOLERANCE[name])
    assert not found, "\n".join(found)


def test_every_class_is_in_a_line():
    classes = {name for name in engine.nn.__all__ if isinstance(getattr(engine.nn, name), type)}
    missing = {name for name in classes if not any(f"nn.{name}(" in line for line in LINES)}
    assert not {name for name in missing if not ELSEWHERE.fullmatch(name)}


@pytest.mark.skipif(not HAS_TORCH, reason="PyTorch is not installed: its recorded answers are compared instead")
@pytest.mark.parametrize("line", LINES)
def test_pytorch_still_answers_so(line):
    torch = importlib.import_module("torch")
    for name in DTYPES:
        assert not differences(answer(torch, line, name), of(line, name), TOLERANCE[name])
