"""The text of tensors against PyTorch's, recorded by `record_printing.py`."""

import json
from pathlib import Path

import numpy as np
import pytest

import engine
from engine import printing

ANSWERS = np.load(Path(__file__).parent / "answers" / "printing.npz")
CASES = json.loads(ANSWERS["cases"].tobytes())


def made(array, done):
    tensor = engine.tensor(array)
    if done:
        tensor.requires_grad_(True)
    return tensor * 1 if done == "multiplied" else tensor


@pytest.fixture(autouse=True)
def default_options():
    with printing.printoptions(profile="default"):
        yield


@pytest.mark.parametrize("number", range(len(CASES)))
def test_text_equals_pytorch(number):
    case, array = CASES[number], ANSWERS[str(number)]
    printing.set_printoptions(**case["options"])
    assert repr(made(array, case["done"])) == case["text"]


def test_a_view_prints_its_own_numbers():
    table = engine.tensor([[1, 2], [3, 4]])
    assert repr(table.t()) == "tensor([[1, 3],\n        [2, 4]])"


def test_the_default_type_is_not_named():
    try:
        engine.set_default_dtype(engine.float64)
        assert repr(engine.tensor([1.5])) == "tensor([1.5000])"
        assert repr(engine.tensor([1.5], dtype=engine.float32)) == "tensor([1.5000], dtype=torch.float32)"
    finally:
        engine.set_default_dtype(engine.float32)


def test_a_parameter_says_so():
    parameter = engine.nn.Parameter(engine.ones(2))
    assert repr(parameter) == "Parameter containing:\ntensor([1., 1.], requires_grad=True)"


def test_options_end_with_their_context():
    with printing.printoptions(precision=1):
        assert printing.get_printoptions()["precision"] == 1
        assert printing.tensor_str(engine.tensor([0.25])) == "tensor([0.2])"
    assert printing.get_printoptions() == {
        "precision": 4,
        "threshold": 1000,
        "edgeitems": 3,
        "linewidth": 80,
        "sci_mode": None,
    }
