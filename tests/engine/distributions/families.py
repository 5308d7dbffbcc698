"""Distributions with several sets of parameters, and all that is asked of each: run with PyTorch and with the engine.

Parameters are numbers, or lists that become tensors of the case's dtype; `T(...)` marks what is a tensor even so.
"""

from __future__ import annotations

import re
import warnings
from typing import Any

MATRIX = [[2.0, 0.5], [0.5, 1.0]]
TRIL = [[1.2, 0.0], [-0.3, 0.7]]
PLACED = [
    {"loc": 0.0, "scale": 1.0},
    {"loc": [0.5, -1.2], "scale": [0.3, 2.0]},
    {"loc": [[0.1], [2.0]], "scale": [1.0, 0.5, 2.5]},
    {"loc": 1.5, "scale": [0.7, 3.0]},
]
ODDS = [
    {"probs": 0.3},
    {"probs": [0.2, 0.5, 0.9]},
    {"logits": [[-1.0, 0.0], [2.0, 0.4]]},
    {"logits": 0.7},
]
ROWS = [
    {"probs": [0.2, 0.3, 0.5]},
    {"probs": [[1.0, 2.0, 1.0], [0.0, 3.0, 1.0]]},
    {"logits": [[0.1, -1.0, 0.7, 0.3], [2.0, 1.0, -2.0, 0.0]]},
]
POSITIVE_PAIRS = [(2.0, 3.0), ([0.5, 1.5, 4.0], [1.2, 0.4, 2.0]), ([[0.7], [3.0]], [1.0, 2.5]), (9.0, [0.5, 12.0])]


def pairs(first: str, second: str) -> list[dict[str, Any]]:
    return [{first: a, second: b} for a, b in POSITIVE_PAIRS]


def tempered(sets: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"temperature": ("T", 0.6), **each} for each in sets]


CASES: dict[str, list[dict[str, Any]]] = {
    "Normal": PLACED,
    "Laplace": PLACED,
    "Cauchy": PLACED,
    "Gumbel": PLACED,
    "LogNormal": PLACED,
    "LogisticNormal": PLACED,
    "StudentT": [{"df": 3.0}, {"df": [0.7, 1.5, 5.0], "loc": 0.3, "scale": [1.0, 2.0, 0.5]}, {"df": [[2.5], [9.0]]}],
    "Uniform": [
        {"low": 0.0, "high": 1.0}, {"low": [-1.0, 2.0], "high": [0.5, 4.0]}, {"low": [[0.0], [1.0]], "high": 3.0},
    ],
    "Exponential": [{"rate": 1.5}, {"rate": [0.3, 2.0]}, {"rate": [[0.5], [3.0]]}],
    "Gamma": pairs("concentration", "rate"),
    "InverseGamma": pairs("concentration", "rate"),
    "Beta": pairs("concentration1", "concentration0"),
    "Kumaraswamy": pairs("concentration1", "concentration0"),
    "Weibull": pairs("scale", "concentration"),
    "Pareto": pairs("scale", "alpha"),
    "FisherSnedecor": [{"df1": 3.0, "df2": 5.0}, {"df1": [1.5, 8.0], "df2": [2.5, 3.5]}],
    "Chi2": [{"df": 3.0}, {"df": [0.7, 5.0]}],
    "HalfNormal": [{"scale": 1.0}, {"scale": [0.5, 2.0]}],
    "HalfCauchy": [{"scale": 1.0}, {"scale": [0.5, 2.0]}],
    "Dirichlet": [{"concentration": [0.5, 1.0, 2.0]}, {"concentration": [[0.3, 0.6], [4.0, 1.5]]}],
    "VonMises": [{"loc": 0.5, "concentration": 2.0}, {"loc": [0.0, -1.0], "concentration": [0.3, 12.0]}],
    "GeneralizedPareto": [
        {"loc": 0.0, "scale": 1.0, "concentration": 0.2},  # in double PyTorch's own fails
        {"loc": [0.5, -1.0, 2.0], "scale": [0.3, 2.0, 1.0], "concentration": [0.0, -0.4, 1.3]},
    ],
    "Bernoulli": ODDS,
    "Geometric": ODDS,
    "ContinuousBernoulli": ODDS,
    "Binomial": [
        {"total_count": 40, "probs": [0.1, 0.5, 0.8]}, {"total_count": 5, "probs": 0.3},
        {"total_count": ("T", 12.0), "logits": [-1.0, 0.5]}, {"total_count": [3.0, 7.0], "probs": [0.2, 0.9]},
    ],
    "NegativeBinomial": [
        {"total_count": 5, "probs": 0.3}, {"total_count": [3.0, 0.5], "logits": [-1.0, 0.5]},
        {"total_count": [[10.0], [2.0]], "probs": [0.2, 0.6]},
    ],
    "Poisson": [{"rate": 3.0}, {"rate": [0.5, 20.0]}],
    "Categorical": ROWS,
    "OneHotCategorical": ROWS,
    "OneHotCategoricalStraightThrough": ROWS,
    "Multinomial": [{"total_count": 4, **each} for each in ROWS],
    "RelaxedBernoulli": tempered([each for each in ODDS if isinstance(next(iter(each.values())), list)]),
    "RelaxedOneHotCategorical": tempered([ROWS[0], ROWS[2]]),
    "LogitRelaxedBernoulli": tempered(ODDS[1:3]),
    "ExpRelaxedCategorical": tempered([ROWS[0], ROWS[2]]),
    "MultivariateNormal": [
        {"loc": [0.3, -1.0], "covariance_matrix": MATRIX},
        {"loc": [[0.3, -1.0], [0.0, 2.0]], "precision_matrix": MATRIX},
        {"loc": [0.3, -1.0], "scale_tril": [TRIL, [[0.5, 0.0], [0.1, 2.0]]]},
    ],
    "LowRankMultivariateNormal": [
        {"loc": [0.3, -1.0, 0.5], "cov_factor": [[1.0], [0.4], [-0.2]], "cov_diag": [0.3, 1.0, 2.0]},
        {"loc": [[0.3, -1.0], [0.0, 1.0]], "cov_factor": [[1.0, 0.2], [0.4, 0.1]], "cov_diag": [[0.3, 1], [2, 0.1]]},
    ],
    "Wishart": [
        {"df": ("T", 4.0), "covariance_matrix": MATRIX}, {"df": 3.5, "scale_tril": TRIL},
        {"df": [3.0, 5.5], "precision_matrix": [MATRIX, [[1.0, 0.1], [0.1, 0.6]]]},
    ],
    "LKJCholesky": [{"dim": 3, "concentration": 1.5}, {"dim": 2, "concentration": [0.5, 2.0]}, {"dim": 4}],
}  # fmt: skip
PLAIN = ("total_count", "dim")  # what stays a Python number, unless marked


def made(torch: Any, name: str, parameters: dict[str, Any], dtype: Any) -> tuple[Any, dict[str, Any]]:
    """The distribution, and its parameters that are leaves."""
    D = torch.distributions
    kind = getattr(D, name, None) or getattr(D.relaxed_bernoulli, name, None) or getattr(D.relaxed_categorical, name)
    given: dict[str, Any] = {}
    leaves = {}
    for key, value in parameters.items():
        if isinstance(value, tuple):
            value = torch.tensor(value[1], dtype=dtype)
        elif isinstance(value, list):
            value = torch.tensor(value, dtype=dtype)
        given[key] = value
        if isinstance(value, torch.Tensor) and key not in PLAIN:
            leaves[key] = value.requires_grad_()
    return kind(**given), leaves


def shown(torch: Any, value: Any) -> Any:
    """What JSON can hold of an answer."""
    if isinstance(value, torch.Tensor):
        plain = value.detach()
        digits = 7 if plain.dtype == torch.float32 else 12
        flat = plain.double().reshape(-1).tolist()
        numbers = [float(f"{x:.{digits}g}") for x in flat]
        return [str(value.dtype).removeprefix("torch."), list(value.shape), numbers]
    if isinstance(value, dict):
        return {key: shown(torch, each) for key, each in value.items()}
    return value if isinstance(value, (int, float, str, bool, type(None))) else repr(value)


def attempt(torch: Any, call: Any) -> Any:
    """The answer, or the class and the first line of the error."""
    try:
        return shown(torch, call())
    except Exception as error:
        kind = next(each for each in type(error).__mro__ if each.__module__ == "builtins")
        return {"error": kind.__name__, "text": re.sub(r"<class '[\w.]*\.(\w+)'>", r"\1", str(error))}


def with_grads(torch: Any, call: Any, leaves: dict[str, Any]) -> Any:
    """The value and the gradients of its sum weighted by 1, 2, 3, ..."""
    value = call()
    if not value.requires_grad:
        return {"value": value}
    weights = torch.arange(1, value.numel() + 1, dtype=value.dtype).reshape(value.shape)
    inside = torch.where(torch.isfinite(value), value, torch.zeros_like(value))
    grads = torch.autograd.grad((inside * weights).sum(), list(leaves.values()), allow_unused=True, retain_graph=True)
    return {"value": value, **{f"by {key}": g for key, g in zip(leaves, grads, strict=True)}}


def answers(torch: Any, name: str, parameters: dict[str, Any], dtype: Any) -> dict[str, Any]:
    """All that is asked of a distribution."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _answers(torch, name, parameters, dtype)


def _answers(torch: Any, name: str, parameters: dict[str, Any], dtype: Any) -> dict[str, Any]:
    dist, leaves = made(torch, name, parameters, dtype)

    def ask(call: Any) -> Any:
        return attempt(torch, call)

    share = torch.tensor(0.3, dtype=dtype if leaves else torch.float32)
    found = {
        "repr": repr(dist), "shapes": [list(dist.batch_shape), list(dist.event_shape)],
        "support": ask(lambda: dist.support),
        "flags": [bool(dist.has_rsample), bool(dist.has_enumerate_support)],
        **{each: ask(lambda each=each: getattr(dist, each)) for each in ("mean", "mode", "variance", "stddev")},
        "entropy": ask(lambda: with_grads(torch, dist.entropy, leaves)),
        "enumerate": ask(lambda: dist.enumerate_support(expand=False)),
        "icdf": ask(lambda: with_grads(torch, lambda: dist.icdf(share), leaves)),
    }  # fmt: skip
    torch.manual_seed(7)
    found["sample"] = ask(lambda: dist.sample((2,)))
    torch.manual_seed(8)
    found["rsample"] = ask(lambda: with_grads(torch, dist.rsample, leaves))
    torch.manual_seed(7)
    value = dist.sample((2,))
    if value.is_floating_point():
        value = value.requires_grad_()
        leaves = {**leaves, "value": value}
    found["log_prob"] = ask(lambda: with_grads(torch, lambda: dist.log_prob(value), leaves))
    found["cdf"] = ask(lambda: with_grads(torch, lambda: dist.cdf(value), leaves))
    wide = dist.expand((2, *dist.batch_shape))
    found["expand"] = [repr(wide), list(wide.batch_shape), ask(lambda: wide.log_prob(value)), ask(lambda: wide.mean)]
    if name in ("MultivariateNormal", "LowRankMultivariateNormal", "Wishart"):
        for each in ("covariance_matrix", "precision_matrix", "scale_tril"):
            found[each] = ask(lambda each=each: getattr(dist, each))
    return {key: value for key, value in found.items() if value != {"error": "NotImplementedError", "text": ""}}


def every(torch: Any) -> dict[str, Any]:
    """The answers of all cases; the first set of parameters in float32, the others in double."""
    return {
        f"{name} {number}": answers(torch, name, parameters, torch.float32 if number % 2 else torch.float64)
        for name, sets in CASES.items()
        for number, parameters in enumerate(sets)
    }
