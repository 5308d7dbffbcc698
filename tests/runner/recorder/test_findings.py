"""What goes wrong silently is said, and a clean program hears nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from playground.protocol.events import FindingEvent

START = """
import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
X, y = torch.randn(32, 2), torch.randn(32, 1)
labels = (X[:, 0] > 0).long()
net = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, {out}))
opt = torch.optim.{opt}({params}, lr={lr})
for step in range({steps}):
    {zero}
    loss = {loss}
    loss.backward()
    opt.step()
"""
CLEAN = {
    "opt": "SGD",
    "params": "net.parameters()",
    "out": 1,
    "lr": 0.01,
    "steps": 8,
    "zero": "opt.zero_grad()",
    "loss": "F.mse_loss(net(X), y)",
}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, None),
        ({"opt": "Adam"}, None),
        ({"out": 2, "loss": "F.cross_entropy(net(X), labels)"}, None),
        ({"loss": "((net(X) - y) ** 2).mean()"}, None),
        ({"zero": "if step % 2 == 0: opt.zero_grad()"}, None),  # an accumulation, of a kind
        ({"zero": "pass"}, "missing_zero_grad"),
        ({"zero": "pass", "opt": "Adam"}, "missing_zero_grad"),
        ({"out": 2, "loss": "F.cross_entropy(F.softmax(net(X), dim=1), labels)"}, "softmax_before_cross_entropy"),
        ({"out": 2, "loss": "nn.CrossEntropyLoss()(net(X).softmax(dim=-1), labels)"}, "softmax_before_cross_entropy"),
        ({"loss": "((net(X) - y[:, 0]) ** 2).mean()"}, "broadcast_in_loss"),
        ({"loss": "((net(X).squeeze() - y) ** 2).mean()"}, "broadcast_in_loss"),
        ({"params": "net[0].parameters()"}, "parameters_not_in_optimizer"),
        ({"lr": 1e20, "steps": 60}, "not_finite"),
    ],
)
def test_findings_of_small_trainings(run: Callable[..., Any], change: dict[str, Any], code: str | None) -> None:
    result = run(START.format(**{**CLEAN, **change}))
    assert result.closing.error is None
    assert [finding.code for finding in result.of(FindingEvent)] == ([] if code is None else [code])


def test_a_finding_says_where_and_what_to_do(run: Callable[..., Any]) -> None:
    finding = run(START.format(**{**CLEAN, "zero": "pass"})).one(FindingEvent)
    assert finding.line == 13 and "zero_grad" in finding.fix


def test_an_optimizer_without_backward(run: Callable[..., Any]) -> None:
    result = run(START.format(**CLEAN).replace("loss.backward()", "pass"))
    assert result.one(FindingEvent).code == "backward_never_called"


def test_the_first_nan_names_its_node(run: Callable[..., Any]) -> None:
    code = "import torch\nw = torch.zeros(2, requires_grad=True)\nloss = (w.log() * 0).sum()\nloss.backward()"
    finding = run(code).one(FindingEvent)
    assert finding.code == "not_finite" and "`log`" in finding.message and finding.line == 3


def test_infinities_of_a_mask_are_no_finding(run: Callable[..., Any]) -> None:
    code = """
import torch
scores = torch.randn(4, 5, requires_grad=True)
mask = torch.ones(4, 5, dtype=torch.bool).triu(1)
for step in range(6):
    weights = scores.masked_fill(mask, float("-inf")).softmax(dim=1)
    (weights * torch.arange(5.0)).sum().backward()
    scores.grad = None
"""
    result = run(code)
    assert result.closing.error is None and result.of(FindingEvent) == []
