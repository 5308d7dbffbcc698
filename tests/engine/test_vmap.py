"""`vmap` over every op that has a gradient: of a stack of samples what each sample gives by itself, gradients too."""

from __future__ import annotations

import pytest

import engine as torch
from engine import func
from tests.engine.test_forward import EXPRESSIONS, Case

# What a map does not do, by a part of the expression, and why.
REFUSED = {
    "lowrank": "they draw, and draws are an error in a map unless it says how they are meant",
    "native_dropout(rows, 1.0": "so does this, though nothing depends on it",
    "a[a > 0]": "the number of elements depends on their values, as PyTorch says as well",
    "torch.allclose": "what it says of one sample is no tensor, as PyTorch says as well",
    "torch.equal": "so is that",
    "as_strided": "it counts from the beginning of the memory, which all samples share",
}


@pytest.mark.parametrize("expression", [e for e in EXPRESSIONS if not any(part in e for part in REFUSED)])
def test_a_map_is_each_sample_by_itself(expression: str) -> None:
    case = Case(expression)
    samples = [tuple(case.inputs), tuple(x * 1.001 for x in case.inputs)]
    stacks = [torch.stack(each) for each in zip(*samples, strict=True)]
    alone = [case.function(*each).item() for each in samples]
    assert func.vmap(case.function)(*stacks).tolist() == pytest.approx(alone, rel=1e-9, abs=1e-9, nan_ok=True)
    slopes = func.vmap(func.grad(case.function, tuple(range(len(stacks)))))(*stacks)
    for i, sample in enumerate(samples):
        for mine, theirs in zip(slopes, case.gradient(case.function)(*sample), strict=True):
            torch.testing.assert_close(mine[i], theirs, rtol=1e-8, atol=1e-9, equal_nan=True)


def test_what_a_map_cannot_do_says_so() -> None:
    with pytest.raises(RuntimeError, match="dynamic shape"):
        func.vmap(lambda x: x[x > 0])(torch.ones(2, 3))
    with pytest.raises(RuntimeError, match="randomness"):
        func.vmap(lambda x: torch.svd_lowrank(x, q=1)[1])(torch.ones(2, 3, 3))


def test_numbers_like_a_mapped_tensor_are_drawn_as_the_map_says() -> None:
    x = torch.zeros(5, 3)
    for draw in (torch.randn_like, torch.rand_like, lambda x: torch.randint_like(x, 1000)):
        torch.manual_seed(0)
        apart = func.vmap(draw, randomness="different")(x)
        torch.manual_seed(0)
        assert torch.equal(apart, draw(x))
        same = func.vmap(draw, randomness="same")(x)
        assert torch.equal(same, same[:1].expand(5, 3))


def test_a_refused_draw_leaves_the_generator_as_it_was() -> None:
    torch.manual_seed(1)
    torch.randn(5)  # an odd number: half of the last pair is kept for the next
    with torch.random.fork_rng():
        expected = torch.randn(3)
    with pytest.raises(RuntimeError, match="randomness error mode"):
        func.vmap(torch.randn_like)(torch.zeros(2, 1))
    assert torch.equal(torch.randn(3), expected)
