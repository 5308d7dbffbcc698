"""Recurrent layers, packed sequences and transformers against PyTorch's recorded answers, and programs of them."""

import importlib
import json
from pathlib import Path
from typing import Any

import pytest

import engine
import engine as torch
from engine import nn
from tests.engine import programs_recurrent, programs_sequences
from tests.engine.compare import differences

HERE = Path(__file__).parents[1] / "answers"
ANSWERS = {name: json.loads((HERE / f"{name}.json").read_text()) for name in ("recurrent", "sequences")}


@pytest.mark.parametrize("name", programs_recurrent.PROGRAMS)
def test_modules_answer_as_with_pytorch(name):
    # Small differences under a norm grow: the gradients of transformers in float32 agree to 1e-4 only.
    tolerance = {"recurrent_float32": 1e-5, "attending_float32": 1e-4}.get(name, 1e-10)
    found = differences(programs_recurrent.answers_of(engine, name), ANSWERS["recurrent"][name], tolerance)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("name", programs_sequences.PROGRAMS)
def test_programs_give_pytorchs_losses(name):
    found = differences(programs_sequences.answers_of(engine, name), ANSWERS["sequences"][name], 1e-5)
    assert not found, "\n".join(found)


@pytest.mark.skipif(not importlib.util.find_spec("torch"), reason="PyTorch is not here: recorded answers are compared")
@pytest.mark.parametrize("name", programs_sequences.PROGRAMS)
def test_pytorch_still_gives_the_recorded_losses(name):
    real = importlib.import_module("torch")
    assert not differences(programs_sequences.answers_of(real, name), ANSWERS["sequences"][name], 1e-5)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("begun", [True, False])
@pytest.mark.parametrize("kind", [nn.RNN, nn.GRU, nn.LSTM])
def test_a_single_row_gives_what_it_gives_in_a_batch(kind: Any, begun: bool, bias: bool) -> None:
    torch.manual_seed(0)
    layer = kind(3, 4, bias=bias).double()
    whole = torch.randn(1, 2, 3, dtype=torch.float64)
    state = torch.randn(1, 2, 4, dtype=torch.float64)
    answers = []
    for count in (1, 2):
        x = whole[:, :count].clone().requires_grad_()
        h = state[:, :count].clone().requires_grad_()
        out, end = layer(x, ((h, h) if kind is nn.LSTM else h) if begun else None)
        end = end[0] + end[1] if kind is nn.LSTM else end
        wanted = [x, *([h] if begun else []), *layer.parameters()]
        gradients = torch.autograd.grad((out[:, 0] * 3 + end[:, 0]).sum(), wanted)
        answers.append([out[:, :1], end[:, :1], *(g[:, :1] for g in gradients[: 1 + begun]), *gradients[1 + begun :]])
    for alone, together in zip(*answers, strict=True):
        torch.testing.assert_close(alone, together, rtol=1e-12, atol=1e-14)
