"""The samplers give PyTorch's very draws for a thousand seeds, and leave the stream where PyTorch leaves it."""

from __future__ import annotations

import json
import pathlib

import pytest

import engine as torch
from tests.engine import samplers

ANSWERS = json.loads((pathlib.Path(__file__).parent / "answers" / "samplers.json").read_text())


def test_all_are_recorded() -> None:
    assert [*samplers.EXACT, *samplers.UNLESS_INTEL] == list(ANSWERS)


@pytest.mark.filterwarnings("ignore:(from|to - 1) is out of bounds")
@pytest.mark.parametrize("expression", ANSWERS)
def test_the_draws_of_a_thousand_seeds_are_pytorchs(expression: str) -> None:
    assert dict(samplers.digests(torch, [expression])) == {expression: ANSWERS[expression]}


def test_the_state_is_a_byte_tensor_that_brings_the_draws_back() -> None:
    torch.manual_seed(7)
    torch.randn(3)  # leaves half a pair behind
    state = torch.get_rng_state()
    assert state.dtype is torch.uint8 and state.shape == (5056,)
    first = torch.randn(5)
    torch.set_rng_state(state)
    assert torch.randn(5).tolist() == first.tolist()
    with torch.random.fork_rng():
        torch.manual_seed(1)
    torch.set_rng_state(state)
    with torch.random.fork_rng():
        torch.rand(100)
    assert torch.randn(5).tolist() == first.tolist()
    with pytest.raises(TypeError, match=r"RNG state must be a torch\.ByteTensor"):
        torch.set_rng_state(torch.zeros(3))
    with pytest.raises(RuntimeError, match="Expected a CPUGeneratorImplState of size 5056"):
        torch.set_rng_state(torch.zeros(3, dtype=torch.uint8))


def test_counts_leave_the_stream_where_it_was_on_an_error() -> None:
    torch.manual_seed(3)
    with pytest.raises(RuntimeError, match="invalid Poisson rate"):
        torch.poisson(torch.tensor([1.0, -1.0]))
    after = torch.rand(1)
    torch.manual_seed(3)
    assert torch.rand(1).tolist() == after.tolist()


@pytest.mark.parametrize(
    "draw",
    [
        "torch.rand(3, generator=g)", "torch.randn(3, generator=g)", "torch.randint(9, (3,), generator=g)",
        "torch.randperm(4, generator=g)", "torch.poisson(torch.ones(3), generator=g)",
        "torch.binomial(torch.ones(3) * 5, torch.ones(3) / 2, generator=g)",
        "torch.bernoulli(torch.ones(3) / 2, generator=g)",
        "torch.multinomial(torch.ones(3), 2, generator=g)", "torch.normal(torch.zeros(3), 1.0, generator=g)",
        "torch.zeros(3).uniform_(1, 2, generator=g)", "torch.zeros(3).cauchy_(generator=g)",
        "torch.rand_like(torch.zeros(2), generator=g)", "torch.zeros(3).log_normal_(generator=g)",
    ],
)  # fmt: skip
def test_a_generator_of_ones_own(draw: str) -> None:
    torch.manual_seed(11)
    wanted = eval(draw.replace("generator=g", "generator=None"))
    word = torch.rand(1)
    torch.manual_seed(0)
    before = torch.get_rng_state()
    g = torch.Generator().manual_seed(11)
    assert eval(draw, {"torch": torch, "g": g}).tolist() == wanted.tolist()
    assert torch.rand(1, generator=g).tolist() == word.tolist()
    assert torch.get_rng_state().tolist() == before.tolist()
