"""Special functions: what the ops' declarations bring here, and other names for what the engine has elsewhere."""

from __future__ import annotations

import engine
from engine import bind, lazy

_ELSEWHERE = {
    "digamma": "digamma", "erf": "erf", "erfc": "erfc", "erfinv": "erfinv", "exp2": "exp2", "expit": "sigmoid",
    "expm1": "expm1", "gammainc": "igamma", "gammaincc": "igammac", "gammaln": "lgamma", "log1p": "log1p",
    "log_softmax": "log_softmax", "logit": "logit", "logsumexp": "logsumexp", "multigammaln": "mvlgamma",
    "polygamma": "polygamma", "psi": "digamma", "round": "round", "sinc": "sinc", "softmax": "softmax",
}  # fmt: skip

globals().update({name: getattr(engine, other) for name, other in _ELSEWHERE.items()})
lazy.load_space("special")
globals().update(bind.spaces["special"])
