"""Draws of the gamma and of Dirichlet's distribution, and how they move with the concentrations."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine import array, counts, random
from engine.array import module, module_for
from engine.dispatch import tensors
from engine.numeric import implicit
from engine.op import composite, d, op
from engine.ops.chance import no_derivative
from engine.ops.gamma import refused
from engine.ops.refill import not_for

_SLOPES: dict[str, Any] = {"homes": ("engine",), "out": False, "in_place": False, "rule": "promote", "numbers": False}


def _host(x: Any) -> Any:
    return np.asarray(array.moved(x, "cpu"))


def _shapes_of(input: Any, kernel: str) -> Any:
    if input._array.dtype.kind != "f" or input._array.dtype == np.float16:
        raise not_for(kernel, input._array.dtype)
    return _host(input._array)


@op(
    r"y \sim \Gamma(\alpha)",
    said={"homes": (), "out": False, "title": "StandardGammaBackward0"},
    input=d(r"\bar y\,\partial y / \partial \alpha", lambda g, input, y, k: g * k._standard_gamma_grad(input, y)),
)
def gamma_draws(input, draws):
    """Numbers of the gamma distribution that were drawn."""
    return draws


@op(
    r"y \sim \mathrm{Dirichlet}(\alpha)",
    said={"homes": (), "out": False, "title": "NotImplemented"},
    input=no_derivative("_sample_dirichlet"),
)
def dirichlet_draws(input, draws):
    """Points of the simplex that were drawn."""
    return draws


@composite("engine")
def _standard_gamma(input: Any, generator: Any = None) -> Any:
    """Numbers of the gamma distribution of rate 1 and the shapes that the elements are."""
    found = counts.gamma(_shapes_of(input, "gamma_cpu"), random.default_generator if generator is None else generator)
    return tensors.gamma_draws(input, _sent(np.maximum(found, _least(found)), input))


@composite("engine")
def _sample_dirichlet(input: Any, generator: Any = None) -> Any:
    """Points of the simplex: gamma numbers, each row over its sum."""
    host = _shapes_of(input, "dirichlet")
    found = counts.gamma(host.astype(np.float64), random.default_generator if generator is None else generator)
    found = np.maximum(found, _least(found))  # what is too small for a number leaves no row of zeros
    found = (found / found.sum(-1, keepdims=True)).astype(host.dtype)
    eps = np.finfo(host.dtype).eps
    return tensors.dirichlet_draws(input, _sent(np.clip(found, _least(found), 1 - eps / 2), input))


def _least(x: Any) -> Any:
    return np.finfo(x.dtype).tiny


def _sent(host: Any, like: Any) -> Any:
    xp = module_for(like.device)
    return host if xp is np else xp.asarray(host)


@op(
    r"y = \partial x / \partial \alpha \text{ of a gamma number } x",
    said=_SLOPES,
    input=refused("_standard_gamma_grad"),
    output=refused("_standard_gamma_grad"),
)
def _standard_gamma_grad(input, output):
    """How a number of the gamma distribution moves with its shape."""
    return module(input).asarray(implicit.gamma_slope(_host(input), _host(output)))


@op(
    r"y = \tfrac{1}{1 - x} \partial x / \partial \alpha \text{ of a beta number } x",
    said=_SLOPES,
    x=refused("_dirichlet_grad"),
    alpha=refused("_dirichlet_grad"),
    total=refused("_dirichlet_grad"),
)
def _dirichlet_grad(x, alpha, total):
    """How a number of the beta distribution of `alpha` and `total` - `alpha` moves with the first, over one less it."""
    return module(x).asarray(implicit.beta_slope(_host(x), _host(alpha), _host(total)))
