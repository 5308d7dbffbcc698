"""What a program can import, and what it is told about what it cannot."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from playground.protocol.events import GraphEvent


def test_torch_is_the_engine_under_every_name(run: Callable[..., Any]) -> None:
    code = """
import torch, engine
import torch.nn as nn, torch.nn.functional as F, torch.optim as optim
from torch import nn as nn2
from torch.utils.data import DataLoader, TensorDataset
from torch.optim.lr_scheduler import StepLR
import torch.autograd
from engine import optim as optim2
print(torch is engine, nn is nn2 is torch.nn, F is torch.nn.functional is nn.functional, optim is optim2)
print(torch.Tensor is engine.tensor.__self__ if hasattr(torch.tensor, '__self__') else True)
"""
    result = run(code)
    assert result.closing.error is None
    assert result.text().splitlines()[0] == "True True True True"


def test_distributions_are_found_at_pytorchs_places(run: Callable[..., Any]) -> None:
    code = """
import torch
print(torch.distributions.Normal(0.0, 1.0))
import torch.distributions as D
from torch.distributions import Normal, kl_divergence, constraints
from torch.distributions.multivariate_normal import MultivariateNormal
import torch.distributions.transforms as T
from torch.distributions.normal import Normal as Same
print(Same is Normal is D.Normal, kl_divergence(Normal(0.0, 1.0), Normal(1.0, 1.0)), D.biject_to(constraints.simplex))
"""
    result = run(code)
    assert result.closing.error is None, result.closing.error
    assert result.text().splitlines() == [
        "Normal(loc: 0.0, scale: 1.0)", "True tensor(0.5000) StickBreakingTransform()",
    ]  # fmt: skip


def test_a_program_saves_and_loads_and_has_bfloat16(run: Callable[..., Any]) -> None:
    code = """
import io, torch, safetensors
from safetensors.torch import save, load
import torch.serialization
model = torch.nn.Linear(2, 1)
file = io.BytesIO()
torch.save(model.state_dict(), file)
file.seek(0)
print(model.load_state_dict(torch.load(file)))
print(list(load(save(model.state_dict()))), safetensors.torch.save is save)
print(torch.ones(2, dtype=torch.bfloat16).sum())
file = io.BytesIO()
torch.save(model, file)
file.seek(0)
print(torch.load(file, weights_only=False))
"""
    result = run(code)
    assert result.closing.error is None, result.closing.error
    assert result.text().splitlines() == [
        "<All keys matched successfully>",
        "['bias', 'weight'] True",
        "tensor(2., dtype=torch.bfloat16)",
        "Linear(in_features=2, out_features=1, bias=True)",
    ]


def test_playground_has_the_pages_helpers_and_nothing_of_ours(run: Callable[..., Any]) -> None:
    code = "import playground, engine.live, sys\nprint(playground is engine.live)\n"
    code += "print([m for m in sys.modules if m.startswith('playground')])"
    assert run(code).text() == "True\n['playground']\n"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("import torch.quantum.graphs", "torch.quantum is not here"),
        ("import torch.nn.quantized", "torch.nn.quantized is not here"),
        ("import playground.runner", "log, param, boundary"),
        ("import socket", "no network"),
        ("from urllib import request", "no network"),
        ("import urllib.request", "no network"),
        ("import requests", "no network"),
        ("import subprocess", "other programs"),
        ("from multiprocessing import Pool", "other programs"),
        ("import tkinter", "window"),
        ("import torchvision", "playground.dataset()"),
        ("import pandas as pd", "torch, numpy, matplotlib"),
    ],
)
def test_what_is_not_here_is_said_in_a_sentence(run: Callable[..., Any], code: str, words: str) -> None:
    error = run(code).closing.error
    assert error.type in ("ImportError", "ModuleNotFoundError")
    assert words in error.message
    assert (error.line, error.column) == (1, 0)
    assert "in __import__" not in error.traceback


def test_libraries_import_what_they_like(run: Callable[..., Any]) -> None:
    assert run("import platform, uuid, numpy.testing, logging.handlers, unittest").closing.status == "finished"


def test_models_of_sequences_are_found_where_pytorch_has_them_and_are_drawn(run: Callable[..., Any]) -> None:
    code = """
import torch
import torch.nn as nn
import torch.nn.utils.rnn as rnn_utils
from torch.nn.utils.rnn import PackedSequence, pad_sequence, pack_padded_sequence, pad_packed_sequence
from torch.nn import LSTM, TransformerEncoder, TransformerEncoderLayer
from torch.nn.modules.rnn import GRUCell
from torch.nn.attention import SDPBackend, sdpa_kernel
batch = pad_sequence([torch.ones(3, 2), torch.ones(1, 2)], batch_first=True)
packed = pack_padded_sequence(batch, [3, 1], batch_first=True)
gru, layer = nn.GRU(4, 4), TransformerEncoderLayer(4, 2, 8, batch_first=True)
hidden, _ = pad_packed_sequence(LSTM(2, 4, batch_first=True)(packed)[0], batch_first=True)
with sdpa_kernel(SDPBackend.MATH):
    y, _ = gru(TransformerEncoder(layer, 1)(hidden))
y.sum().backward()
print(isinstance(packed, rnn_utils.PackedSequence), GRUCell is nn.GRUCell, y.shape)
"""
    result = run(code)
    assert result.closing.error is None, result.closing.error
    assert result.text() == "True True torch.Size([2, 3, 4])\n"
    formulas = str(result.one(GraphEvent))
    assert "op='lstm'" in formulas
    assert "op='gru'" in formulas
