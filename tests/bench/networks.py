"""Training steps of larger networks: a wide classifier, a convolutional one, a variational autoencoder."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.bench import by_hand

Step = Callable[[], Any]


def _trained(torch: Any, model: Any, shape: tuple[int, ...]) -> Step:
    """One Adam step towards ten classes."""
    draw = np.random.RandomState(5)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    inputs = torch.from_numpy(draw.randn(*shape).astype(np.float32))
    classes = torch.from_numpy(draw.randint(0, 10, shape[0]))

    def step() -> Any:
        loss = torch.nn.functional.cross_entropy(model(inputs), classes)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    return step


def wide(torch: Any) -> Step:
    """784-512-512-10, batch 128."""
    nn = torch.nn
    layers = [nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 10)]
    return _trained(torch, nn.Sequential(*layers), (128, 784))


def lenet(torch: Any) -> Step:
    """LeNet-5 with ReLU and largest-of pooling, batch 32 (LeCun and others, 1998)."""
    nn = torch.nn
    model = nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10),
    )  # fmt: skip
    return _trained(torch, model, (32, 1, 28, 28))


def autoencoder(torch: Any) -> Step:
    """784-400-20-400-784 with a reparameterized code, batch 128 (Kingma and Welling, 2014)."""
    nn, F = torch.nn, torch.nn.functional
    sizes = {"into": (784, 400), "mean": (400, 20), "spread": (400, 20), "out": (20, 400), "pixels": (400, 784)}
    model = nn.ModuleDict({name: nn.Linear(*pair) for name, pair in sizes.items()})
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    x = torch.from_numpy(np.random.RandomState(6).rand(128, 784).astype(np.float32))

    def step() -> Any:
        hidden = F.relu(model["into"](x))
        mean, spread = model["mean"](hidden), model["spread"](hidden)
        code = mean + torch.randn_like(mean) * torch.exp(0.5 * spread)
        again = torch.sigmoid(model["pixels"](F.relu(model["out"](code))))
        loss = F.binary_cross_entropy(again, x, reduction="sum")
        loss = loss - 0.5 * torch.sum(1 + spread - mean.pow(2) - spread.exp())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    return step


def cases() -> list[tuple[str, Callable[[Any], Step], by_hand.Step | None, float, float]]:
    """What is compared, as `training.cases`; nobody writes these by hand."""
    none = float("nan")
    return [
        ("MLP 784-512-512-10, batch 128, Adam", wide, None, none, 0.80),
        ("LeNet, batch 32, Adam", lenet, None, none, 0.70),
        ("VAE 784-400-20, batch 128, Adam", autoencoder, None, none, 0.80),
    ]
