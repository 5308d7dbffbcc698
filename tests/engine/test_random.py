"""The random numbers against PyTorch's, recorded by `record_random.py`."""

import copy
import pickle
from pathlib import Path

import numpy as np
import pytest

from engine import random
from engine.random import Generator

ANSWERS = np.load(Path(__file__).parent / "answers" / "random.npz")
SEEDS = (0, 1, 42, 2**40 + 5, -3)
WEIGHTS = np.array([0.05, 0.4, 0.0, 0.2, 0.35, 1.5, 0.01], np.float32)
CHANCES = np.array([i / 22 for i in range(23)], np.float32)
f16, f64 = np.float16, np.float64

DRAWS = {
    "rand": lambda g: g.rand((7, 3)),
    "rand float64": lambda g: g.rand((7, 3), f64),
    "rand float16": lambda g: g.rand((7, 3), f16),
    "rand many": lambda g: g.rand(5001)[-9:],
    "rand many float64": lambda g: g.rand(5001, f64)[-9:],
    "uniform": lambda g: g.uniform(21, -2, 3),
    "uniform float64": lambda g: g.uniform(21, -2, 3, f64),
    "randn 0": lambda g: g.randn(0),
    "randn 1": lambda g: g.randn(1),
    "randn 15": lambda g: g.randn(15),
    "randn 15 float64": lambda g: g.randn(15, f64),
    "randn 16": lambda g: g.randn(16),
    "randn 16 float64": lambda g: g.randn(16, f64),
    "randn 50": lambda g: g.randn(50),
    "randn 50 float64": lambda g: g.randn(50, f64),
    "randn 50 float16": lambda g: g.randn(50, f16),
    "randn the kept sine": lambda g: np.concatenate([g.randn(3), g.randn(16), g.randn(2), g.randn(4)]),
    "normal": lambda g: g.normal(33, 3, 0.5),
    "normal 5": lambda g: g.normal(5, 3, 0.5),
    "normal strided": lambda g: g.normal((6, 4), 1, 2, contiguous=False),
    "log_normal": lambda g: g.log_normal(21, 0.3, 0.5),
    "randint": lambda g: g.randint(-5, 10, 40),
    "randint int8": lambda g: g.randint(0, 20, 40, np.int8),
    "randint float32": lambda g: g.randint(0, 20, 40, np.float32),
    "randint below the wide": lambda g: g.randint(0, 2**28 - 1, 9),
    "randint wide": lambda g: g.randint(0, 2**28, 9),
    "randint 2**62": lambda g: g.randint(0, 2**62, 9),
    "randint everything": lambda g: g.randint(-(2**63), 2**63, 9),
    "random int64": lambda g: g.random(9, np.int64),
    "random int32": lambda g: g.random(9, np.int32),
    "random uint8": lambda g: g.random(9, np.uint8),
    "random bool": lambda g: g.random(9, np.bool_),
    "random float16": lambda g: g.random(9, f16),
    "random float32": lambda g: g.random(9, np.float32),
    "random float64": lambda g: g.random(9, f64),
    "randperm": lambda g: g.randperm(50),
    "randperm 1": lambda g: g.randperm(1),
    "randperm many": lambda g: g.randperm(3000)[-9:],
    "bernoulli": lambda g: g.bernoulli(CHANCES),
    "bernoulli float64": lambda g: g.bernoulli(CHANCES.astype(f64)),
    "mask": lambda g: g.mask(60, 0.3),
    "mask of dropout": lambda g: g.mask(60, 0.6),
    "exponential": lambda g: g.exponential(21, 0.7),
    "exponential float64": lambda g: g.exponential(21, 0.7, f64),
    "geometric": lambda g: g.geometric(21, 0.3),
    "cauchy": lambda g: g.cauchy(21, 0.3, 2),
    "multinomial 1": lambda g: g.multinomial(WEIGHTS, 1),
    "multinomial": lambda g: g.multinomial(WEIGHTS, 5),
    "multinomial replaced": lambda g: g.multinomial(WEIGHTS, 30, True),
    "multinomial replaced float64": lambda g: g.multinomial(WEIGHTS.astype(f64), 30, True),
    "multinomial rows": lambda g: g.multinomial(np.tile(WEIGHTS, (3, 1)), 4),
    "multinomial rows replaced": lambda g: g.multinomial(np.tile(WEIGHTS, (3, 1)), 9, True),
}
# What passes through a multiply and add in double (fused there), a logarithm or a cosine: NumPy's own differ by
# a last place between processors with and without AVX-512. The stream itself is compared to the bit.
ROUNDED = ("uniform", "randn", "normal", "log_normal", "exponential", "cauchy")


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", DRAWS)
def test_draw_equals_pytorch(name, seed):
    generator = Generator().manual_seed(seed)
    drawn, expected = DRAWS[name](generator), ANSWERS[f"{seed}/{name}"]
    assert (drawn.shape, drawn.dtype) == (expected.shape, expected.dtype)
    tolerance = 8 * float(np.finfo(drawn.dtype).eps) if name.startswith(ROUNDED) else 0.0
    np.testing.assert_allclose(drawn, expected, rtol=tolerance, atol=tolerance)
    np.testing.assert_array_equal(generator.rand(1), ANSWERS[f"{seed}/{name}/next"], "the stream is out of step")


def test_single_floats_are_scaled_and_shifted_by_one_rounding():
    drawn = Generator().manual_seed(5).uniform(4, -0.3, 0.1)
    recorded = ("0x1.06f8220000000p-5", "-0x1.ff17080000000p-3", "0x1.01ff920000000p-4", "0x1.ca46120000000p-6")
    assert drawn.tolist() == [float.fromhex(each) for each in recorded]


def test_every_recorded_draw_is_tested():
    assert {key.split("/")[1] for key in ANSWERS.files if key.endswith("/next")} == set(DRAWS)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_seeded_state_has_pytorchs_bytes(seed):
    np.testing.assert_array_equal(Generator().manual_seed(seed).state_bytes(), ANSWERS[f"{seed}/state"])


def test_a_state_carries_the_kept_sine():
    generator = Generator().manual_seed(7)
    generator.randn(3)
    state = ANSWERS["state after three normals"]
    np.testing.assert_array_equal(generator.state_bytes(), state)
    for source in (generator.clone_state(), Generator().set_state_bytes(state), generator):
        np.testing.assert_array_equal(source.randn(4), ANSWERS["then"])


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda generator: pickle.loads(pickle.dumps(generator))])
def test_a_copy_goes_on_from_the_same_place(copied):
    generator = Generator().manual_seed(5)
    generator.randn(3)
    other = copied(generator)
    for draw in (lambda g: g.randn(2), lambda g: g.rand(5000), lambda g: g.rand(3)):  # short and long draws
        np.testing.assert_array_equal(draw(other), draw(generator))
    generator.rand(1)
    assert other.rand(1) != generator.rand(1)


def test_a_state_in_the_middle_of_a_block_comes_back():
    generator = Generator().manual_seed(3)
    for count in (1, 623, 624, 3000):
        generator.rand(count)
        state = generator.state_bytes()
        first = generator.rand(700)
        np.testing.assert_array_equal(generator.set_state_bytes(state).rand(700), first)


def test_seeds():
    generator = Generator()
    assert generator.initial_seed() == 67280421310721
    assert generator.manual_seed(-1).initial_seed() == 2**64 - 1
    assert generator.seed() == generator.initial_seed()
    with pytest.raises(ValueError, match="Overflow when unpacking long long"):
        generator.manual_seed(2**64)


def test_fork_leaves_the_default_generator_where_it_was():
    state = random.default_generator.state_bytes()
    with random.fork_rng():
        random.manual_seed(0)
        assert random.initial_seed() == 0
    np.testing.assert_array_equal(random.default_generator.state_bytes(), state)


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda g: g.randint(3, 3, 1), "expects 'from' to be less than 'to', but got from=3 >= to=3"),
        (lambda g: g.mask(1, 1.5), r"expects p to be in \[0, 1\], but got p=1.5"),
        (lambda g: g.exponential(1, 0.0), "expects lambda > 0.0, but found lambda=0"),
        (lambda g: g.bernoulli(np.array([2.0])), "Expected p_in >= 0 && p_in <= 1"),
        (lambda g: g.multinomial(np.array([1.0, -1.0]), 1), "contains either `inf`, `nan` or element < 0"),
        (lambda g: g.multinomial(np.array([0.0, 0.0]), 1), "sum of probabilities <= 0"),
        (lambda g: g.multinomial(np.array([0.5, 0.5]), 3), "cannot sample n_sample > prob_dist.size"),
        (lambda g: g.set_state_bytes(np.zeros(3, np.uint8)), "input RNG state size to be 3"),
    ],
)
def test_a_wrong_argument_gets_pytorchs_sentence(draw, message):
    with pytest.raises(RuntimeError, match=message):
        draw(Generator())
