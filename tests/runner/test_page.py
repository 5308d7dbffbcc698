"""What a program draws: decision boundaries and figures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from playground.protocol.events import BoundaryEvent, FigureEvent, GraphEvent

MOONS = """
import torch, playground
from torch import nn
X, y = playground.dataset("moons", n=100, seed=0)
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(2, 16), nn.Dropout(0.2), nn.Tanh(), nn.Linear(16, 2))
opt = torch.optim.Adam(net.parameters(), lr=0.05)
for step in range(80):
    opt.zero_grad()
    loss = nn.functional.cross_entropy(net(X), y)
    loss.backward()
    opt.step()
    {draw}
print(loss.item(), net.training)
"""


def test_a_boundary_shows_the_models_classes(run: Callable[..., Any]) -> None:
    result = run(MOONS.format(draw="playground.boundary(net, X, y)"))
    first, *_, last = result.of(BoundaryEvent)
    grid = np.frombuffer(last.grid, "u1").reshape(last.rows, last.columns)
    points = np.frombuffer(first.points, "<f4").reshape(-1, 2)
    labels = np.frombuffer(first.labels, "u1")
    assert len(points) == len(labels) == 100 and last.points == b"" and last.classes == 2
    rows = ((points[:, 1] - last.y0) / (last.y1 - last.y0) * last.rows).astype(int)
    columns = ((points[:, 0] - last.x0) / (last.x1 - last.x0) * last.columns).astype(int)
    assert (grid[rows, columns] == labels).mean() > 0.9
    assert last.step == 80
    assert len(result.of(GraphEvent)) == 1


def test_drawing_changes_nothing_in_the_program(run: Callable[..., Any]) -> None:
    with_it = run(MOONS.format(draw="playground.boundary(net, X, y)"))
    assert with_it.text() == run(MOONS.format(draw="pass")).text()


def test_a_single_score_is_split_in_the_middle(run: Callable[..., Any]) -> None:
    code = "import torch, playground\nX = torch.tensor([[0.0, 0.0], [1.0, 1.0]])\ny = torch.tensor([0, 1])\n"
    for model, high in (("lambda p: p[:, :1] - 0.5", 0.5), ("lambda p: torch.sigmoid(9 * (p[:, 0] - 0.5))", 0.5)):
        event = run(code + f"playground.boundary({model}, X, y)").one(BoundaryEvent)
        grid = np.frombuffer(event.grid, "u1").reshape(event.rows, event.columns)
        expected = np.linspace(event.x0, event.x1, event.columns) > high
        assert (grid == expected).all()


def test_figures_are_shown_on_the_page(run: Callable[..., Any]) -> None:
    code = """
import matplotlib.pyplot as plt
plt.plot([1, 2, 3]); plt.title("curve"); plt.show()
plt.figure("second"); plt.hist([1, 2, 2]); plt.savefig("h.png")
"""
    result = run(code)
    assert result.closing.error is None and result.text("stderr") == ""
    figures = result.of(FigureEvent)
    assert [figure.name for figure in figures] == ["Figure 1", "second"]
    assert all(figure.mime == "image/png" and figure.data.startswith(b"\x89PNG") for figure in figures)
    assert next(m for m in result.said if type(m).__name__ == "FileEvent").name == "h.png"
