"""The two sources of the Mersenne Twister's words."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import engine
from engine import twister
from engine.random import Generator
from engine.words import LENGTH, NumpyWords, PythonWords, seeded


@pytest.mark.parametrize("seed", [0, 1, 5489, 2**32 - 1, 2**40 + 3])
def test_a_seed_begins_the_same_stream_in_both(seed: int) -> None:
    python, numpy = PythonWords(seeded(seed)), NumpyWords(seed)
    for count in (0, 1, 2, 623, 1, 5_000, 7):  # within a block, over its end, over many
        assert np.array_equal(python.words(count), numpy.words(count))
        for mine, other in zip(python.state(), numpy.state(), strict=True):
            assert np.array_equal(mine, other)


def test_the_first_word_is_that_of_the_paper() -> None:
    # The published program's default seed gives these (Matsumoto and Nishimura, mt19937ar.c).
    assert PythonWords(seeded(5489)).words(3).tolist() == [3499211612, 581869302, 3890346734]


@pytest.mark.parametrize("used", [0, 1, LENGTH, LENGTH + 1, 3 * LENGTH - 1])
def test_each_goes_on_from_the_others_state(used: int) -> None:
    python = PythonWords(seeded(3))
    python.words(used)
    numpy = NumpyWords(python.state())
    again = PythonWords(numpy.state())
    expected = python.words(2_000)
    assert np.array_equal(numpy.words(2_000), expected)
    assert np.array_equal(again.words(2_000), expected)


def test_a_generator_changes_to_numpys_after_many_words(monkeypatch: Any) -> None:
    expected = Generator().manual_seed(7).words(3_000)
    monkeypatch.setattr(twister, "numpy_is_there", lambda: False)
    monkeypatch.setattr(twister, "_MANY", 1_000)
    generator = Generator().manual_seed(7)
    drawn, sources = [], []
    for count in (400, 600, 1, 1_999):
        drawn.append(generator.words(count))
        sources.append(type(generator._source))
    assert sources == [PythonWords, PythonWords, NumpyWords, NumpyWords]
    assert np.array_equal(np.concatenate(drawn), expected)
    state = generator.state_bytes()
    first = generator.words(5)
    assert np.array_equal(generator.set_state_bytes(state).words(5), first)
    assert np.array_equal(generator.manual_seed(7).words(3_000), expected)


def test_few_numbers_do_without_numpys_generators() -> None:
    text = """
import sys
import engine as torch
torch.manual_seed(3)
model = torch.nn.Linear(20, 3)
drawn = torch.cat([torch.rand(3), torch.randn(40), torch.randperm(5).float(), model.weight.flatten().detach()])
assert "numpy.random" not in sys.modules
import numpy.random
torch.manual_seed(3)
model = torch.nn.Linear(20, 3)
again = torch.cat([torch.rand(3), torch.randn(40), torch.randperm(5).float(), model.weight.flatten().detach()])
assert torch.equal(drawn, again)
"""
    subprocess.run([sys.executable, "-c", text], check=True, cwd=Path(engine.__file__).parents[1])
