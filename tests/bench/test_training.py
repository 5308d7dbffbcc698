"""What the benchmarks compare must be the same program: the losses of each pair go the same way."""

from __future__ import annotations

import numpy as np
import pytest

import engine
from tests.bench import by_hand, sequences, training


def test_chain_is_the_same_by_hand() -> None:
    x = np.linspace(-1, 1, 16, dtype=np.float32)
    assert training.chain(engine, x, 1000)().item() == pytest.approx(by_hand.chain(x, 1000)(), rel=1e-4)


def test_scalars_and_their_gradients_are_the_same_by_hand() -> None:
    hand = training.scalars_by_hand()
    assert training.scalars(engine)().item() == pytest.approx(hand(), rel=1e-5)


def test_regression_begins_and_goes_alike() -> None:
    draw = np.random.RandomState(0)
    x = draw.randn(50, 3).astype(np.float32)
    y = x @ np.array([[1.0], [-2.0], [0.5]], np.float32)
    ours, hand = training.regression(engine, x, y), by_hand.regression(x, y)
    assert [ours() for _ in range(2000)][-1].item() == pytest.approx(0, abs=1e-5)
    assert [hand() for _ in range(2000)][-1] == pytest.approx(0, abs=1e-5)


def loss_of(step: training.Step) -> float:
    loss = step()
    return loss if isinstance(loss, float) else loss.item()


@pytest.mark.parametrize("hidden", ["tanh", "relu"])
def test_both_classifiers_learn(hidden: str) -> None:
    draw = np.random.RandomState(0)
    x = draw.randn(100, 2).astype(np.float32)
    y = (x[:, 0] > 0).astype(np.int64)
    ours = training.classifier(engine, [2, 16, 16, 2], x, y, hidden)
    hand = by_hand.classifier([2, 16, 16, 2], x, y, hidden)
    for step in (ours, hand):
        first = loss_of(step)
        assert first == pytest.approx(np.log(2), abs=0.2)
        last = [loss_of(step) for _ in range(500)][-1]
        assert last < 0.3 * first


def test_models_of_sequences_learn() -> None:
    for step in (sequences.lstm_classifier(engine, 5, 8), sequences.transformer(engine, 4, 8)):
        first = step().item()
        assert first == pytest.approx(np.log(10), abs=0.7)
        assert [step().item() for _ in range(40)][-1] < 0.7 * first


def test_letters_are_generated_alike_each_time() -> None:
    step = sequences.generation(engine, 5)
    letter = step()
    assert letter.shape == (1, 1)
    assert step().item() == letter.item()
