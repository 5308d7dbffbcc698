"""Work on tensors alone, without a model: single operations, long chains, large arrays, derivatives of derivatives."""

from __future__ import annotations

import gc
import math
import tracemalloc
from collections.abc import Callable
from time import process_time
from typing import Any

import numpy as np

import engine
from tests.bench import by_hand

Step = Callable[[], Any]

# One operation on 16 elements, x of (4, 4) and positive, and y the same.
SINGLE = {
    "add": lambda t, x, y: x + y,
    "mul": lambda t, x, y: x * y,
    "div": lambda t, x, y: x / y,
    "pow": lambda t, x, y: x**2,
    "exp": lambda t, x, y: t.exp(x),
    "log": lambda t, x, y: t.log(x),
    "tanh": lambda t, x, y: t.tanh(x),
    "relu": lambda t, x, y: t.relu(x),
    "sigmoid": lambda t, x, y: t.sigmoid(x),
    "matmul": lambda t, x, y: x @ y,
    "sum": lambda t, x, y: x.sum(1),
    "mean": lambda t, x, y: x.mean(0),
    "max": lambda t, x, y: x.amax(1),
    "softmax": lambda t, x, y: t.softmax(x, 1),
    "view": lambda t, x, y: x.view(16),
    "transpose": lambda t, x, y: x.t(),
    "index": lambda t, x, y: x[1:3],
    "cat": lambda t, x, y: t.cat([x, y]),
    "where": lambda t, x, y: t.where(x > y, x, y),
    "clamp": lambda t, x, y: x.clamp(0.6, 1.2),
}


def single(torch: Any, operation: Callable[..., Any]) -> Step:
    """An operation on 16 elements and its gradients."""
    draw = np.random.RandomState(2)
    x, y = (torch.from_numpy(draw.rand(4, 4).astype(np.float32) + 0.5).requires_grad_() for _ in range(2))
    weights = torch.ones(tuple(operation(torch, x, y).shape))

    def step() -> Any:
        x.grad = y.grad = None
        result = operation(torch, x, y)
        result.backward(weights)
        return result

    return step


def wide(torch: Any) -> Step:
    """Twenty elementwise operations on a million elements, and the gradient."""
    begin = torch.ones(1_000_000, requires_grad=True)

    def step() -> Any:
        y = begin
        for _ in range(5):
            y = torch.tanh(y * 1.01 + 0.1) - 0.05
        begin.grad = None
        y.sum().backward()
        return begin.grad

    return step


def wide_by_hand() -> by_hand.Step:
    """The same in two dozen buffers."""
    begin = np.ones(1_000_000, np.float32)
    kept = [np.empty_like(begin) for _ in range(5)]
    y, g, t = (np.empty_like(begin) for _ in range(3))
    a, b, c, one = (np.array(v, np.float32) for v in (1.01, 0.1, 0.05, 1.0))

    def step() -> float:
        np.copyto(y, begin)
        for h in kept:
            np.multiply(y, a, t)
            np.add(t, b, t)
            np.tanh(t, h)
            np.subtract(h, c, y)
        total = float(np.add.reduce(y))
        g.fill(1)
        for h in reversed(kept):
            np.multiply(h, h, t)
            np.subtract(one, t, t)
            np.multiply(g, t, g)
            np.multiply(g, a, g)
        return total

    return step


def product(torch: Any) -> Step:
    """A product of two matrices of 1024."""
    a = torch.ones(1024, 1024)
    return lambda: a @ a


def product_by_hand() -> by_hand.Step:
    """The same into memory that is there."""
    a, out = np.ones((1024, 1024), np.float32), np.empty((1024, 1024), np.float32)
    return lambda: float(np.dot(a, a, out)[0, 0])


def custom(torch: Any) -> Step:
    """A hundred calls of a `Function` of one's own, and the gradient."""

    class Cube(torch.autograd.Function):  # type: ignore[name-defined,misc]
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return x * x * x

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            (x,) = ctx.saved_tensors
            return 3 * x * x * g

    begin = torch.full((16,), 0.5, requires_grad=True)

    def step() -> Any:
        y = begin
        for _ in range(100):
            y = Cube.apply(y) + 0.4
        begin.grad = None
        y.sum().backward()
        return y

    return step


def twice(torch: Any) -> Step:
    """The gradient of a gradient's square."""
    w = torch.full((8, 8), 0.1, requires_grad=True)
    x = torch.ones(4, 8)

    def step() -> Any:
        w.grad = None
        y = torch.tanh(torch.tanh(x @ w) @ w).sum()
        (g,) = torch.autograd.grad(y, w, create_graph=True)
        (g * g).sum().backward()
        return w.grad

    return step


def cases() -> list[tuple[str, Callable[[Any], Step], by_hand.Step | None, float, float]]:
    """What is compared, as `training.cases`; None where nobody writes it by hand."""
    none = math.nan
    return [
        ("20 elementwise ops on a million", wide, wide_by_hand(), none, 0.95),
        ("matmul 1024", product, product_by_hand(), none, 1.01),
        ("100 calls of a custom Function", custom, None, none, 0.32),
        ("gradient of a gradient", twice, None, none, 0.60),
    ]


def long_chain(links: int) -> tuple[float, float]:
    """Microseconds a link of a chain of so many operations and its way back; the bytes a link leaves behind."""
    x = engine.ones(16, requires_grad=True)

    def go() -> None:
        y = x
        for _ in range(links):
            y = y * 1.0001
        x.grad = None
        y.sum().backward()

    go()
    gc.collect()
    begin = process_time()
    go()
    spent = process_time() - begin
    tracemalloc.start()
    go()
    gc.collect()
    left = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return spent / links * 1e6, left / links
