"""Training steps of small models and work on tensors, ours against others, side by side in one process.

`bench_engine` runs it in a child, which has one thread for its matrix products.

Times are the processor's, not the clock's, and each pair is measured in many short turns, one after the other, so that
what else the machine does falls on both; the figure is the median of the turns' ratios.
"""

from __future__ import annotations

import importlib
import json
import math
import statistics
from collections.abc import Callable
from itertools import pairwise
from time import process_time
from typing import Any

import numpy as np

import engine
from tests.bench import by_hand, networks, sequences, tensors

Step = Callable[[], Any]
TURN_S = 0.005
TURNS = 120


def compared(ours: Step, other: Step, turns: int = TURNS) -> tuple[float, float]:
    """How many times as long ours takes, and the other's microseconds: medians over the turns."""
    counts = []
    for step in (ours, other):
        for _ in range(10):
            step()
        begin = process_time()
        step()
        counts.append(max(1, round(TURN_S / max(process_time() - begin, 1e-7))))
    ratios, micros = [], []
    for _ in range(turns):
        spent = []
        for step, count in zip((ours, other), counts, strict=True):
            begin = process_time()
            for _ in range(count):
                step()
            spent.append((process_time() - begin) / count)
        ratios.append(spent[0] / spent[1])
        micros.append(spent[1] * 1e6)
    return statistics.median(ratios), statistics.median(micros)


def classifier(torch: Any, sizes: list[int], x: np.ndarray, y: np.ndarray, hidden: str) -> Step:
    """One Adam step of a classifier with tanh or relu between its layers, as a learner writes it."""
    nn = torch.nn
    parts: list[Any] = []
    for fan_in, fan_out in pairwise(sizes):
        parts += [nn.Linear(fan_in, fan_out), nn.Tanh() if hidden == "tanh" else nn.ReLU()]
    model = nn.Sequential(*parts[:-1])
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    inputs, classes = torch.from_numpy(x), torch.from_numpy(y)

    def step() -> Any:
        loss = nn.functional.cross_entropy(model(inputs), classes)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    return step


def regression(torch: Any, x: np.ndarray, y: np.ndarray) -> Step:
    """One SGD step of linear least squares."""
    model = torch.nn.Linear(x.shape[1], 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    inputs, values = torch.from_numpy(x), torch.from_numpy(y)

    def step() -> Any:
        loss = torch.nn.functional.mse_loss(model(inputs), values)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    return step


def chain(torch: Any, x: np.ndarray, links: int) -> Step:
    """A chain of `links` small ops, summed, and its gradient."""
    begin = torch.from_numpy(x).requires_grad_()

    def step() -> Any:
        y = begin
        for _ in range(links // 2):
            y = y * 1.001 + 0.001
        begin.grad = None
        total = y.sum()
        total.backward()
        return total

    return step


def scalars(torch: Any) -> Step:
    """An expression of 40 ops on scalars, micrograd's way, and its gradients."""
    a = torch.tensor(-0.4, requires_grad=True)
    b = torch.tensor(0.2, requires_grad=True)

    def step() -> Any:
        c = a
        for _ in range(5):
            d = a * b + b * b * b
            c = c + d * 2.0 + (b + c).relu()
        a.grad = b.grad = None
        out = c * c * 0.5 + 1.0 / (c + 3.0)
        out.backward()
        return out

    return step


def scalars_by_hand() -> by_hand.Step:
    """The same with Python's floats, forwards and backwards."""

    def step() -> float:
        a, b = -0.4, 0.2
        c, on = a, []
        for _ in range(5):
            d = a * b + b * b * b
            on.append(b + c > 0)
            c = c + d * 2.0 + (b + c if b + c > 0 else 0.0)
        out = c * c * 0.5 + 1.0 / (c + 3.0)
        up, grad_a, grad_b = c - 1.0 / (c + 3.0) ** 2, 0.0, 0.0
        for active in reversed(on):
            grad_a += up * 2.0 * b
            grad_b += up * (2.0 * (a + 3 * b * b) + active)
            up += up * active
        step.grads = grad_a + up, grad_b  # type: ignore[attr-defined]
        return out

    return step


def cases() -> list[tuple[str, Callable[[Any], Step], by_hand.Step, float, float]]:
    """What is compared: in words, with a library, by hand; the goals as ratios to NumPy by hand and to PyTorch."""
    draw = np.random.RandomState(1)

    def data(n: int, width: int, classes: int) -> tuple[np.ndarray, np.ndarray]:
        return draw.randn(n, width).astype(np.float32), draw.randint(0, classes, n)

    spiral, mnist = data(100, 2, 2), data(64, 784, 10)
    x = draw.randn(100, 3).astype(np.float32)
    y = x @ np.array([[1.0], [-2.0], [0.5]], np.float32) + np.float32(0.3)
    link = np.ones(16, np.float32)
    small, wide = [2, 16, 16, 2], [784, 128, 10]
    none = math.nan
    return [
        ("spiral 2-16-16-2, batch 100, Adam", lambda t: classifier(t, small, *spiral, "tanh"),
         by_hand.classifier(small, *spiral, "tanh"), 2.0, 0.15),
        ("MNIST 784-128-10, batch 64, Adam", lambda t: classifier(t, wide, *mnist, "relu"),
         by_hand.classifier(wide, *mnist, "relu"), 1.2, 0.65),
        ("linear regression, batch 100, SGD", lambda t: regression(t, x, y), by_hand.regression(x, y), none, 0.07),
        ("chain of 1,000 ops on 16 elements", lambda t: chain(t, link, 1000), by_hand.chain(link, 1000), none, 0.45),
        ("40 ops on scalars", scalars, scalars_by_hand(), none, 0.16),
    ]  # fmt: skip


def main() -> None:
    """Print [what, figure, goal] for each row, as JSON."""
    try:
        torch = importlib.import_module("torch")
        torch.set_num_threads(1)
    except ImportError:
        torch = None
    rows = []
    for what, build, hand, to_hand, to_torch in [*cases(), *networks.cases(), *tensors.cases(), *sequences.cases()]:
        others = [] if hand is None else [("NumPy by hand", hand, to_hand)]
        if torch is not None:
            others.append(("PyTorch", build(torch), to_torch))
        for name, other, goal in others:
            ratio, micros = compared(build(engine), other)
            rows.append(
                [f"{what}, to {name} ({micros:.0f} us)", f"{ratio:.2f} x", f"at most {goal} x" * (goal == goal)]
            )
    if torch is not None:
        rows.append(_singles(torch))
    short, _ = tensors.long_chain(10_000)
    long, left = tensors.long_chain(100_000)
    rows.append(["a link of a chain of 100,000 ops, to one of 10,000", f"{long / short:.2f} x", "at most 1.5 x"])
    rows.append(["what a link of it leaves in memory", f"{left:.1f} bytes", "at most 1 bytes"])
    print(json.dumps(rows))


def _singles(torch: Any) -> list[str]:
    """The row of single operations: the mean, and the three that are slowest beside PyTorch."""
    ratios = {
        name: compared(tensors.single(engine, operation), tensors.single(torch, operation), 20)[0]
        for name, operation in tensors.SINGLE.items()
    }
    slowest = sorted(ratios, key=lambda name: -ratios[name])[:3]
    named = ", ".join(f"{name} {ratios[name]:.2f}" for name in slowest)
    mean = math.exp(statistics.fmean(map(math.log, ratios.values())))
    return [f"{len(ratios)} single ops on 16 elements, to PyTorch ({named})", f"{mean:.2f} x", "at most 0.4 x"]


if __name__ == "__main__":
    main()
