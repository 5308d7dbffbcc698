r"""Von Mises' distribution of angles, of density $e^{\kappa \cos(x - \mu)} / (2\pi I_0(\kappa))$.

Draws by rejection: D. J. Best, N. I. Fisher, "Efficient simulation of the von Mises distribution" (1979).
"""

from __future__ import annotations

import math
from typing import Any, ClassVar

import engine
from engine.distributions import constraints
from engine.distributions.parameters import Elementwise
from engine.distributions.utils import lazy_property
from engine.tensor import Tensor

__all__ = ["VonMises"]


class VonMises(Elementwise):
    r"""Von Mises' distribution with `loc` μ, in radians, and `concentration` κ."""

    loc: Tensor
    concentration: Tensor
    arg_constraints: ClassVar[Any] = {"loc": constraints.real, "concentration": constraints.positive}
    support = constraints.real
    has_rsample = False

    def __init__(self, loc: Any, concentration: Any, validate_args: bool | None = None) -> None:
        self._hold(validate_args, loc=loc, concentration=concentration)

    @property
    def mean(self) -> Tensor:
        """The circular mean."""
        return self.loc

    @property
    def mode(self) -> Tensor:
        return self.loc

    @lazy_property
    def variance(self) -> Any:
        """The circular variance."""
        return 1 - engine.special.i1e(self.concentration) / engine.special.i0e(self.concentration)

    def log_prob(self, value: Any) -> Tensor:
        self._check(value)
        # With the scaled Bessel function, so that a large concentration does not overflow.
        front = self.concentration * (engine.cos(value - self.loc) - 1)
        return front - math.log(2 * math.pi) - engine.special.i0e(self.concentration).log()

    @lazy_property
    def _loc(self) -> Tensor:
        return self.loc.to(engine.double)

    @lazy_property
    def _concentration(self) -> Tensor:
        return self.concentration.to(engine.double)

    @lazy_property
    def _proposal_r(self) -> Tensor:
        """The parameter of the wrapped Cauchy distribution that draws are taken from."""
        kappa = self._concentration
        tau = 1 + (1 + 4 * kappa**2).sqrt()
        rho = (tau - (2 * tau).sqrt()) / (2 * kappa)
        return engine.where(kappa < 1e-5, 1 / kappa + kappa, (1 + rho**2) / (2 * rho))

    def sample(self, sample_shape: Any = ()) -> Tensor:
        """Draws, made in double and by rejection of whole tensors until each element has been accepted once."""
        shape = self._extended_shape(sample_shape)
        with engine.no_grad():
            loc, kappa, r = (each.expand(shape) for each in (self._loc, self._concentration, self._proposal_r))
            x = engine.zeros(shape, dtype=loc.dtype, device=loc.device)
            done = engine.zeros(shape, dtype=engine.bool, device=loc.device)
            while not done.all():
                u1, u2, u3 = engine.rand((3, *shape), dtype=loc.dtype, device=loc.device).unbind()
                z = engine.cos(math.pi * u1)
                f = (1 + r * z) / (r + z)
                c = kappa * (r - f)
                accept = ((c * (2 - c) - u2) > 0) | ((c / u2).log() + 1 - c >= 0)
                if accept.any():
                    x = engine.where(accept, (u3 - 0.5).sign() * f.acos(), x)
                    done = done | accept
            return ((x + math.pi + loc) % (2 * math.pi) - math.pi).to(self.loc.dtype)
