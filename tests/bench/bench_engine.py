"""Training steps of small models, as ratios to the same step written by hand in NumPy (and to PyTorch where it is)."""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

import engine
from tests.bench import Row

F32 = np.float32


def best(step: Callable[[], Any], seconds: float = 0.4, rounds: int = 7) -> float:
    """The fastest round's microseconds a call."""
    step()
    begin = time.perf_counter()
    step()
    calls = max(1, int(seconds / rounds / max(time.perf_counter() - begin, 1e-7)))
    times = []
    for _ in range(rounds):
        begin = time.perf_counter()
        for _ in range(calls):
            step()
        times.append((time.perf_counter() - begin) / calls)
    return min(times) * 1e6


def by_hand(sizes: list[int], x: np.ndarray, y: np.ndarray, hidden: str) -> Callable[[], float]:
    """A step of a classifier with one hidden function and Adam, as one would write it in NumPy."""
    draw = np.random.RandomState(0)
    params = []
    for fan_in, fan_out in pairwise(sizes):
        params += [draw.randn(fan_in, fan_out).astype(F32) / F32(np.sqrt(fan_in)), np.zeros(fan_out, F32)]
    m, v = [np.zeros_like(p) for p in params], [np.zeros_like(p) for p in params]
    rows, count = np.arange(len(y)), [0]

    def step() -> float:
        kept = [x]
        for i in range(0, len(params), 2):
            z = kept[-1] @ params[i] + params[i + 1]
            if i + 2 < len(params):
                z = np.tanh(z) if hidden == "tanh" else np.maximum(z, F32(0))
            kept.append(z)
        scores = kept.pop()
        chances = np.exp(scores - scores.max(axis=1, keepdims=True))
        chances /= chances.sum(axis=1, keepdims=True)
        loss = -np.log(chances[rows, y]).mean()
        g = chances
        g[rows, y] -= F32(1)
        g /= F32(len(y))
        grads: list[Any] = [None] * len(params)
        for i in range(len(params) - 2, -1, -2):
            grads[i], grads[i + 1] = kept[i // 2].T @ g, g.sum(axis=0)
            if i:
                h = kept[i // 2]
                g = g @ params[i].T
                g = g * (F32(1) - h * h) if hidden == "tanh" else g * (h > 0)
        count[0] += 1
        rate = F32(1e-3 / (1 - 0.9 ** count[0]))
        scale = F32(1 / np.sqrt(1 - 0.999 ** count[0]))
        for p, grad, mean, square in zip(params, grads, m, v, strict=True):
            mean *= F32(0.9)
            mean += F32(0.1) * grad
            square *= F32(0.999)
            square += F32(0.001) * grad * grad
            p -= rate * mean / (np.sqrt(square) * scale + F32(1e-8))
        return float(loss)

    return step


def with_library(torch: Any, sizes: list[int], x: np.ndarray, y: np.ndarray, hidden: str) -> Callable[[], Any]:
    """The same step as a learner writes it."""
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


CASES = [
    ("spiral 2-16-16-2, batch 100, Adam", [2, 16, 16, 2], 100, "tanh", "at most 2.0 x"),
    ("MNIST 784-128-10, batch 64, Adam", [784, 128, 10], 64, "relu", "at most 1.2 x"),
]


def bench() -> list[Row]:
    """One row a model; the second only where PyTorch can be imported."""
    rows = []
    for what, sizes, batch, hidden, goal in CASES:
        draw = np.random.RandomState(1)
        x = draw.randn(batch, sizes[0]).astype(F32)
        y = draw.randint(0, sizes[-1], batch)
        hand = best(by_hand(sizes, x, y, hidden))
        ours = best(with_library(engine, sizes, x, y, hidden))
        rows.append(Row(f"{what}, to NumPy by hand ({hand:.0f} us)", f"{ours / hand:.2f} x", goal))
        try:
            torch = importlib.import_module("torch")
        except ImportError:
            continue
        torch.set_num_threads(1)
        theirs = best(with_library(torch, sizes, x, y, hidden))
        rows.append(Row(f"{what}, to PyTorch ({theirs:.0f} us)", f"{ours / theirs:.2f} x", "under 1 x"))
    return rows
