"""What is asked of divergences, transforms, constraints and mixtures: run with PyTorch and with the engine."""

from __future__ import annotations

import itertools
from typing import Any

from tests.engine.distributions.families import attempt, shown, with_grads

# One or two distributions of each kind that has a divergence: constructor and parameters.
KINDS: dict[str, list[list[Any]]] = {
    "Bernoulli": [[[0.3, 0.0, 1.0]], [[0.6, 0.2, 0.0]]],
    "Beta": [[[0.7, 2.0, 3.0], [1.5, 0.8, 4.0]], [2.0, [0.5, 1.0, 3.0]]],
    "Binomial": [[6, [0.3, 0.5, 0.9]], [6, [0.2, 0.8, 0.6]]],
    "Categorical": [[[[0.2, 0.8], [0.0, 1.0], [0.5, 0.5]]], [[[0.3, 0.7], [0.5, 0.5], [1.0, 0.0]]]],
    "OneHotCategorical": [[[[0.2, 0.8], [0.0, 1.0], [0.5, 0.5]]], [[[0.3, 0.7], [0.5, 0.5], [1.0, 0.0]]]],
    "Cauchy": [[[0.0, 1.0, 2.0], [1.0, 0.5, 2.0]], [0.5, [2.0, 1.0, 1.0]]],
    "ContinuousBernoulli": [[[0.3, 0.5, 0.9]], [[0.1, 0.7, 0.4]]],
    "Dirichlet": [[[[0.5, 2.0], [1.0, 1.5], [3.0, 0.7]]], [[[1.5, 1.0], [0.3, 2.0], [2.0, 2.0]]]],
    "Exponential": [[[0.5, 1.0, 3.0]], [[1.5, 0.4, 2.0]]],
    "Gamma": [[[0.7, 2.0, 5.0], [1.5, 0.8, 4.0]], [[2.0, 0.5, 1.0], 1.5]],
    "Geometric": [[[0.3, 0.5, 0.9]], [[0.1, 0.7, 0.4]]],
    "Gumbel": [[[0.0, 1.0, 2.0], [1.0, 0.5, 2.0]], [0.5, [2.0, 1.0, 1.0]]],
    "HalfNormal": [[[0.5, 1.0, 3.0]], [[1.5, 0.4, 2.0]]],
    "Laplace": [[[0.0, 1.0, 2.0], [1.0, 0.5, 2.0]], [0.5, [2.0, 1.0, 1.0]]],
    "LowRankMultivariateNormal": [
        [[[0.0, 1.0], [1.0, 0.5], [2.0, 0.1]], [[0.5], [0.2]], [1.0, 0.6]], [[0.3, 0.2], [[0.1], [0.9]], [0.5, 0.4]],
    ],
    "MultivariateNormal": [
        [[[0.0, 1.0], [1.0, 0.5], [2.0, 0.1]], [[1.0, 0.2], [0.2, 0.5]]], [[0.3, 0.2], [[0.9, 0.1], [0.1, 0.4]]],
    ],
    "Normal": [[[0.0, 1.0, 2.0], [1.0, 0.5, 2.0]], [0.5, [2.0, 1.0, 1.0]]],
    "Pareto": [[[0.5, 1.0, 2.0], [3.0, 1.5, 0.8]], [[0.4, 1.2, 1.0], 2.0]],
    "Poisson": [[[0.5, 1.0, 3.0]], [[1.5, 0.4, 2.0]]],
    "Uniform": [[[0.1, -1.0, 0.0], [0.6, 2.0, 1.0]], [[0.0, 0.5, -2.0], [1.0, 3.0, 4.0]]],
    "LogNormal": [[[0.0, 1.0, 2.0], [1.0, 0.5, 2.0]], [0.5, [2.0, 1.0, 1.0]]],
    "Chi2": [[[0.7, 2.0, 5.0]], [[1.5, 0.4, 2.0]]],
    "Weibull": [[[0.5, 1.0, 2.0], [3.0, 1.5, 0.8]], [[0.4, 1.2, 1.0], 2.0]],
}  # fmt: skip


def built(torch: Any, name: str, given: list[Any]) -> tuple[Any, dict[str, Any]]:
    tensors = [torch.tensor(x, dtype=torch.float64) if isinstance(x, list) else x for x in given]
    tensors = [x.requires_grad_() if isinstance(x, torch.Tensor) else x for x in tensors]
    leaves = {f"{name}.{i}": x for i, x in enumerate(tensors) if isinstance(x, torch.Tensor)}
    return getattr(torch.distributions, name)(*tensors), leaves


def divergences(torch: Any) -> dict[str, Any]:
    """Each kind from each other, the refused ones included."""
    found = {}
    for p_name, q_name in itertools.product(KINDS, KINDS):
        p, of_p = built(torch, p_name, KINDS[p_name][0])
        q, of_q = built(torch, q_name, KINDS[q_name][1])
        leaves = {f"p {k}": v for k, v in of_p.items()} | {f"q {k}": v for k, v in of_q.items()}
        call = lambda p=p, q=q, leaves=leaves: with_grads(  # noqa: E731
            torch, lambda: torch.distributions.kl_divergence(p, q), leaves
        )
        answer = attempt(torch, call)
        if "text" in answer and answer["text"].startswith("No KL"):
            answer = "none"
        if isinstance(answer, dict) and "value" in answer and set(answer["value"][2]) == {float("inf")}:
            answer = "infinite"
        found[f"{p_name} {q_name}"] = answer
    return found


def transforms(torch: Any) -> dict[str, Any]:
    """Each transform on values: forward, back, determinant, gradient, shapes, text, signs."""
    T = torch.distributions.transforms
    t = lambda x: torch.tensor(x, dtype=torch.float64)  # noqa: E731
    numbers, vectors = t([[-1.3, 0.2, 0.9], [2.0, -0.4, 0.01]]), t([[0.3, -1.0, 0.5], [0.0, 2.0, -0.7]])
    matrices = t([[[0.3, 9.0], [-1.0, 0.5]], [[0.1, 0.0], [2.0, -0.7]]])
    cases = {
        "exp": (T.ExpTransform(), numbers),
        "power": (T.PowerTransform(t(2.5)), numbers.abs()),
        "power falling": (T.PowerTransform(t([-1.0, 0.5, 2.0])), numbers.abs()),
        "sigmoid": (T.SigmoidTransform(), numbers),
        "softplus": (T.SoftplusTransform(), numbers),
        "tanh": (T.TanhTransform(cache_size=1), numbers),
        "abs": (T.AbsTransform(), numbers),
        "affine": (T.AffineTransform(1.0, -2.0), numbers),
        "affine of tensors": (T.AffineTransform(t([0.5, 1.0, 2.0]), t([1.0, -3.0, 0.2])), numbers),
        "affine of vectors": (T.AffineTransform(0.0, t([1.0, -3.0, 0.2]), event_dim=1), numbers),
        "softmax": (T.SoftmaxTransform(), vectors),
        "stick breaking": (T.StickBreakingTransform(), vectors),
        "corr cholesky": (T.CorrCholeskyTransform(), vectors),
        "lower cholesky": (T.LowerCholeskyTransform(), matrices),
        "positive definite": (T.PositiveDefiniteTransform(), matrices),
        "composed": (
            T.ComposeTransform([T.AffineTransform(0.5, 2.0), T.SigmoidTransform(), T.ExpTransform()]),
            numbers,
        ),
        "composed of unlike": (T.ComposeTransform([T.ExpTransform(), T.StickBreakingTransform()]), vectors),
        "identity": (T.identity_transform, numbers),
        "independent": (T.IndependentTransform(T.ExpTransform(), 1), numbers),
        "reshape": (T.ReshapeTransform((3,), (1, 3)), numbers),
        "cat": (T.CatTransform([T.ExpTransform(), T.AffineTransform(1, 2)], dim=1, lengths=[2, 1]), numbers),
        "cat of vectors": (T.CatTransform([T.ExpTransform(), T.TanhTransform()], dim=-1, lengths=[1, 2]), numbers),
        "stack": (T.StackTransform([T.ExpTransform(), T.SigmoidTransform()], dim=0), numbers),
        "cdf": (T.CumulativeDistributionTransform(torch.distributions.Normal(t(0.5), t(1.5))), numbers),
        "inverse": (T.ExpTransform().inv, numbers.exp()),
        "inverse of composed": (T.ComposeTransform([T.AffineTransform(0.5, 2.0), T.ExpTransform()]).inv, numbers.exp()),
    }
    return {name: _asked(torch, transform, x) for name, (transform, x) in cases.items()}


def _asked(torch: Any, transform: Any, x: Any) -> dict[str, Any]:
    x = x.clone().requires_grad_()
    y = transform(x)
    ask = lambda call: attempt(torch, call)  # noqa: E731
    det = lambda: transform.log_abs_det_jacobian(x, y)  # noqa: E731
    return {
        "text": repr(transform),
        "inverse": repr(transform.inv),
        "flags": [transform.bijective, transform.inv.bijective],
        "forward": with_grads_of(torch, lambda: y, x),
        "back": ask(lambda: transform.inv(y)),
        "det": ask(lambda: with_grads(torch, det, {"x": x})),
        "sign": ask(lambda: transform.sign),
        "domain": ask(lambda: transform.domain),
        "codomain": ask(lambda: transform.codomain),
        "event_dim": [ask(lambda: transform.domain.event_dim), ask(lambda: transform.codomain.event_dim)],
        "shapes": [
            ask(lambda: tuple(transform.forward_shape(x.shape))),
            ask(lambda: tuple(transform.inverse_shape(y.shape))),
        ],
        "equal": [transform == transform, transform.inv.inv == transform, transform == transform.inv],
        "cached": ask(lambda: transform.with_cache()(x)),
        "wrong shapes": [
            ask(lambda: tuple(transform.forward_shape(()))),
            ask(lambda: tuple(transform.inverse_shape((3,)))),
        ],
    }


def with_grads_of(torch: Any, call: Any, x: Any) -> Any:
    return shown(torch, with_grads(torch, call, {"x": x}))


def regions(torch: Any) -> dict[str, Any]:
    """Constraints: text, dimensions, checks, and the transforms to them."""
    D = torch.distributions
    C = D.constraints
    t = lambda x: torch.tensor(x, dtype=torch.float64)  # noqa: E731
    numbers = t([-1.0, 0.0, 0.5, 1.0, 2.0, 3.0, float("nan"), float("inf")])
    vectors = t([[0.2, 0.3, 0.5], [0.0, 1.0, 0.0], [-0.1, 0.6, 0.5], [2.0, 1.0, 0.0]])
    matrices = t(
        [[[1.0, 0.0], [0.6, 0.8]], [[2.0, 0.3], [0.3, 1.0]], [[1.0, 2.0], [2.0, 1.0]], [[0.0, 0.0], [1.0, -1.0]]]
    )
    given = {
        "boolean": numbers,
        "real": numbers,
        "positive": numbers,
        "nonnegative": numbers,
        "unit_interval": numbers,
        "nonnegative_integer": numbers,
        "positive_integer": numbers,
        "one_hot": vectors,
        "simplex": vectors,
        "real_vector": vectors,
        "lower_triangular": matrices,
        "lower_cholesky": matrices,
        "corr_cholesky": matrices,
        "square": matrices,
        "symmetric": matrices,
        "positive_semidefinite": matrices,
        "positive_definite": matrices,
        "dependent": numbers,
    }
    made = {name: (getattr(C, name), values) for name, values in given.items()} | {
        "greater_than": (C.greater_than(0.5), numbers),
        "greater_than_eq": (C.greater_than_eq(0.5), numbers),
        "less_than": (C.less_than(upper_bound=1.0), numbers),
        "interval": (C.interval(-1.0, 2), numbers),
        "half_open_interval": (C.half_open_interval(0.0, 1.0), numbers),
        "integer_interval": (C.integer_interval(0, 2), numbers),
        "multinomial": (C.multinomial(3), vectors),
        "independent": (C.independent(C.positive, 1), vectors),
        "cat": (C.cat([C.positive, C.real], dim=1, lengths=[2, 1]), vectors),
        "stack": (C.stack([C.positive, C.real, C.unit_interval], dim=1), vectors),
        "mixture": (C.MixtureSameFamilyConstraint(C.interval(t([0.0, 0.1]), t([1.0, 2.0]))), numbers),
        "not square": (C.square, t([[1.0, 2.0]])),
    }
    ask = lambda call: attempt(torch, call)  # noqa: E731
    return {
        name: {
            "text": repr(region),
            "discrete": ask(lambda r=region: r.is_discrete),
            "dims": ask(lambda r=region: r.event_dim),
            "check": ask(lambda r=region, v=values: r.check(v)),
            "biject": ask(lambda r=region: D.biject_to(r)),
            "transform": ask(lambda r=region: D.transform_to(r)),
            "into": ask(lambda r=region, v=values: D.transform_to(r)(torch.where(torch.isfinite(v), v, 0.3))),
        }
        for name, (region, values) in made.items()
    }


def compound(torch: Any) -> dict[str, Any]:
    """Distributions made of others."""
    D = torch.distributions
    t = lambda x: torch.tensor(x, dtype=torch.float64)  # noqa: E731
    mixed = D.Categorical(t([0.2, 0.5, 0.3]))
    normals = D.Normal(t([0.0, 1.0, 3.0]), t([1.0, 0.5, 2.0]))
    wide = D.Independent(D.Normal(t([[0.0, 1.0], [2.0, 3.0], [1.0, -1.0]]), t([1.0, 0.5])), 1)
    T = D.transforms
    cases = {
        "mixture": D.MixtureSameFamily(mixed, normals),
        "mixture of vectors": D.MixtureSameFamily(mixed, wide),
        "mixture of counts": D.MixtureSameFamily(mixed, D.Poisson(t([0.5, 4.0, 20.0]))),
        "mixtures": D.MixtureSameFamily(
            D.Categorical(logits=t([[0.1, 0.3], [1.0, 0.2]])), D.Normal(t([0.0, 4.0]), t(1.0)).expand((2, 2))
        ),
        "independent": D.Independent(D.Gamma(t([[0.7, 2.0], [3.0, 1.0]]), t(2.0)), 1),
        "independent of all": D.Independent(D.Bernoulli(t([0.2, 0.6])), 1),
        "independent of none": D.Independent(D.Bernoulli(t([0.2, 0.6])), 0),
        "transformed": D.TransformedDistribution(
            D.Normal(t([0.0, 1.0]), t(1.0)), [T.ExpTransform(), T.AffineTransform(1.0, -2.0)]
        ),
        "transformed by nothing": D.TransformedDistribution(D.Normal(t([0.0, 1.0]), t(1.0)), []),
        "logistic": D.TransformedDistribution(
            D.Uniform(t(0.0), t(1.0)), [T.SigmoidTransform().inv, T.AffineTransform(t([1.0, 2.0]), t(0.5))]
        ),
        "stick": D.TransformedDistribution(D.Normal(t([0.0, 1.0]), t(1.0)), T.StickBreakingTransform()),
        "reshaped": D.TransformedDistribution(D.Normal(t([0.0, 1.0]), t(1.0)), T.ReshapeTransform((2,), (1, 2))),
        "by a distribution function": D.TransformedDistribution(
            D.Normal(t(0.0), t(1.0)), T.CumulativeDistributionTransform(D.Normal(t(0.0), t(1.0)))
        ),
    }
    found = {}
    for name, dist in cases.items():
        torch.manual_seed(5)
        ask = lambda call: attempt(torch, call)  # noqa: E731
        x = dist.sample((3,))
        names = ("support", "mean", "mode", "variance", "stddev", "has_rsample", "has_enumerate_support")
        found[name] = {
            "text": repr(dist),
            "sample": shown(torch, x),
            "log_prob": ask(lambda d=dist, x=x: d.log_prob(x)),
            "cdf": ask(lambda d=dist, x=x: d.cdf(x)),
            "icdf": ask(lambda d=dist: d.icdf(t(0.3))),
            "shapes": [list(dist.batch_shape), list(dist.event_shape)],
            "rsample": ask(dist.rsample),
            **{each: ask(lambda d=dist, e=each: getattr(d, e)) for each in names},
            "entropy": ask(dist.entropy),
            "enumerate": ask(dist.enumerate_support),
            "expand": ask(lambda d=dist: repr(d.expand((2, *d.batch_shape)))),
            "wide": ask(lambda d=dist, x=x: d.expand((3, *d.batch_shape)).log_prob(x)),
        }
    return found


RELATIONS = (divergences, transforms, regions, compound)


def every(torch: Any) -> dict[str, Any]:
    """All of these."""
    return {f"{part.__name__}: {name}": answer for part in RELATIONS for name, answer in part(torch).items()}
