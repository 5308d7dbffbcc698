"""What is told of distributions without PyTorch: names and places, exact slopes of draws, means of many draws."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
import warnings
from typing import Any

import numpy as np
import pytest

import engine as torch
from engine.numeric import implicit

D = torch.distributions


def test_importing_the_engine_does_not_import_distributions() -> None:
    code = "import engine, sys; print('engine.distributions' in sys.modules); engine.distributions.Normal(0.0, 1.0)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


def test_pytorchs_modules_are_found() -> None:
    code = "import engine.distributions.studentT as m, engine.distributions.normal; print(m.StudentT.__name__)"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "StudentT\n"
    )
    for name in D.__all__:
        assert getattr(D, name) is not None
    assert len(D.__all__) == 67


def _share(a: float, x: np.ndarray) -> np.ndarray:
    return torch.special.gammainc(torch.full(x.shape, a, dtype=torch.float64), torch.from_numpy(x)).numpy()


@pytest.mark.parametrize("a", [0.02, 0.3, 1.0, 2.5, 7.0, 9.99, 10.01, 40.0, 900.0])
def test_gamma_numbers_move_at_one_probability(a: float) -> None:
    near = np.array([0.3, 0.8, 0.95, 1.0, 1.1, 1.5, 2.5]) if a > 1 else np.array([1e-4, 0.05, 0.7, 1.9, 2.1, 6.0])
    x = a * near if a > 1 else near
    x = x[(_share(a, x) > 1e-12) & (_share(a, x) < 1 - 1e-12)]
    assert x.size > 2
    h, k = 1e-4 * a, 1e-4 * x  # by differences of four points each, whose errors are of the fourth order
    by_a = (8 * (_share(a + h, x) - _share(a - h, x)) - _share(a + 2 * h, x) + _share(a - 2 * h, x)) / (12 * h)
    by_x = (8 * (_share(a, x + k) - _share(a, x - k)) - _share(a, x + 2 * k) + _share(a, x - 2 * k)) / (12 * k)
    kept = by_x > 1e-6
    assert np.allclose(implicit.gamma_slope(np.full(x.shape, a), x)[kept], (-by_a / by_x)[kept], rtol=1e-6)


@pytest.mark.parametrize(
    ("a", "b"), [(0.05, 0.3), (0.5, 0.5), (1.0, 4.0), (3.0, 0.2), (6.0, 2.5), (40.0, 90.0), (1.0, 1.0)]
)
def test_beta_numbers_move_at_one_probability(a: float, b: float) -> None:
    """The slope's equation in integrals over the logit, by the trapezoid rule, which is exact to rounding there."""
    logits = np.linspace(-800, 60, 400_001) if a < 1 else np.linspace(-80, 200, 400_001)
    t, rest = 1 / (1 + np.exp(-logits)), 1 / (1 + np.exp(logits))
    log_t, log_rest = -np.logaddexp(0, -logits), -np.logaddexp(0, logits)
    density = np.exp(a * log_t + b * log_rest)  # of the logit
    mean_log = (density * log_t).sum() / density.sum()
    cumulative = np.cumsum(density * (log_t - mean_log)) * (logits[1] - logits[0])
    middle = [np.searchsorted(np.cumsum(density) / density.sum(), p) for p in (0.02, 0.2, 0.5, 0.8, 0.97)]
    places = np.array([i for i in middle if 1e-12 < t[i] < 1 - 1e-9])
    assert places.size > 1
    # The running sum is a step ahead by half of its last term.
    step = (logits[1] - logits[0]) * density[places] * (log_t[places] - mean_log) / 2
    slope = -(cumulative[places] - step) * t[places] * rest[places] / density[places]
    mine = implicit.beta_slope(t[places], np.full(places.shape, a), np.full(places.shape, a + b)) * rest[places]
    assert np.allclose(mine, slope, rtol=1e-5, atol=1e-14)


@pytest.mark.parametrize(
    "dist",
    [
        D.Gamma(torch.tensor([0.4, 3.0]), 2.0), D.Beta(0.7, torch.tensor([0.5, 4.0])), D.StudentT(7.0, 1.0, 2.0),
        D.Dirichlet(torch.tensor([0.5, 1.0, 3.0])), D.VonMises(0.5, 3.0), D.Poisson(torch.tensor([0.5, 30.0])),
        D.Binomial(40, torch.tensor([0.1, 0.8])), D.NegativeBinomial(5.0, 0.4), D.Geometric(0.3),
        D.Kumaraswamy(2.0, 3.0),
        D.Weibull(2.0, 1.5), D.Gumbel(1.0, 2.0), D.ContinuousBernoulli(0.2), D.GeneralizedPareto(0.0, 1.0, 0.1),
        D.MultivariateNormal(torch.zeros(2), torch.tensor([[2.0, 0.5], [0.5, 1.0]])), D.Laplace(1.0, 2.0),
        D.Multinomial(5, torch.tensor([0.2, 0.8])), D.InverseGamma(6.0, 2.0), D.LogNormal(0.1, 0.4),
        D.LowRankMultivariateNormal(torch.zeros(2), torch.tensor([[1.0], [0.4]]), torch.ones(2)),
    ],
    ids=lambda dist: type(dist).__name__,
)  # fmt: skip
def test_many_draws_have_the_mean_and_the_variance(dist: D.Distribution) -> None:
    torch.manual_seed(11)
    draws = dist.sample((4000,)).double()
    spread = dist.variance.double().sqrt() if not isinstance(dist, D.VonMises) else draws.std(0)
    assert bool(((draws.mean(0) - dist.mean).abs() < 5 * spread / 4000**0.5).all())
    if not isinstance(dist, D.VonMises):
        assert bool(((draws.var(0) / spread**2 - 1).abs() < 0.35).all())


def test_a_wishart_draw_has_its_mean_without_warnings() -> None:
    torch.manual_seed(0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        dist = D.Wishart(torch.tensor(5.0), torch.eye(2))
        assert bool(((dist.sample((2000,)).mean(0) - dist.mean).abs() < 0.5).all())


def test_copies_and_pickles() -> None:
    for dist in (D.Normal(torch.zeros(2), 1.0), D.Gumbel(0.0, 1.0), D.Categorical(torch.ones(3))):
        torch.manual_seed(0)
        draw = dist.sample((2,))
        for twin in (copy.deepcopy(dist), pickle.loads(pickle.dumps(dist))):
            torch.manual_seed(0)
            assert torch.equal(twin.sample((2,)), draw)
            assert repr(twin) == repr(dist)


@pytest.mark.parametrize(
    "make", [lambda p: D.Gamma(p, 2.0), lambda p: D.Beta(p, 1.5), D.StudentT, lambda p: D.VonMises(0.1, p)]
)
def test_second_derivatives_of_log_prob(make: Any) -> None:
    p = torch.tensor([0.9, 2.3], dtype=torch.float64, requires_grad=True)
    value = torch.tensor(0.4, dtype=torch.float64)
    assert torch.autograd.gradcheck(lambda p: make(p).log_prob(value), (p,))
    assert torch.autograd.gradgradcheck(lambda p: make(p).log_prob(value), (p,))


def test_the_slope_of_a_draw_is_not_differentiated_again() -> None:
    a = torch.tensor([2.0], requires_grad=True)
    (slope,) = torch.autograd.grad(torch._standard_gamma(a), a, create_graph=True)
    with pytest.raises(NotImplementedError, match="_standard_gamma_grad"):
        slope.backward()


def test_a_power_by_a_number_has_a_sign_and_an_equal() -> None:
    power = D.transforms.PowerTransform
    assert power(2.0).sign.item() == 1.0
    assert power(-2.0).sign.item() == -1.0
    assert power(2.0) == power(torch.tensor(2.0))
    assert power(2.0) != power(3.0)


def test_results_have_the_dtypes_and_shapes_that_pytorch_gives_them() -> None:
    value = torch.ones(3, dtype=torch.float64, requires_grad=True)
    assert D.HalfNormal(torch.ones(3)).log_prob(value).dtype is torch.float64
    assert D.HalfCauchy(torch.ones(3)).log_prob(value).dtype is torch.float32
    dist = D.Wishart(4.0, torch.eye(2).expand(3, 2, 2))
    assert repr(dist) == "Wishart(covariance_matrix: torch.Size([3, 2, 2]), df: 4.0)"
    assert dist.sample((5,)).shape == (5, 3, 2, 2)
    assert D.Multinomial(1, probs=torch.ones(2), validate_args=False).log_prob(1.0).shape == ()
    scale = torch.ones(2, requires_grad=True)
    assert D.GeneralizedPareto(0.0, scale, 0.5).icdf(torch.tensor(0.5)).grad_fn.name() == "WhereBackward0"
    assert D.Kumaraswamy(scale, scale).mode.grad_fn.name() == "ExpBackward0"
