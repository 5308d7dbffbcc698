r"""The Kullback-Leibler divergence $E_p \ln (p / q)$: the table of its pairs, and who is asked for a pair.

The pairs themselves are in `kl_same.py` (of one kind) and `kl_mixed.py`.
"""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import Any

from engine.distributions.distribution import Distribution
from engine.tensor import Tensor

__all__ = ["kl_divergence", "register_kl"]

_KL_REGISTRY: dict[tuple[type, type], Callable[[Any, Any], Any]] = {}
_KL_MEMOIZE: dict[tuple[type, type], Any] = {}  # what was found for a pair of classes


def register_kl(type_p: Any, type_q: Any) -> Callable[[Any], Any]:
    """A decorator: the function of `p` and `q` gives their divergence, for these classes and derived ones."""
    if not (isinstance(type_p, type) and issubclass(type_p, Distribution)):
        raise TypeError(f"Expected type_p to be a Distribution subclass but got {type_p}")
    if not (isinstance(type_q, type) and issubclass(type_q, Distribution)):
        raise TypeError(f"Expected type_q to be a Distribution subclass but got {type_q}")

    def enter(function: Any) -> Any:
        _KL_REGISTRY[type_p, type_q] = function
        _KL_MEMOIZE.clear()
        return function

    return enter


@functools.total_ordering
class _Match:
    """Classes in the order of how special they are, the first of them first."""

    __slots__ = ("types",)

    def __init__(self, *types: Any) -> None:
        self.types = types

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Match) and self.types == other.types

    __hash__ = None  # type: ignore[assignment]

    def __le__(self, other: Any) -> bool:
        for mine, theirs in zip(self.types, other.types, strict=True):
            if not issubclass(mine, theirs):
                return False
            if mine is not theirs:
                break
        return True


def _dispatch_kl(type_p: Any, type_q: Any) -> Any:
    """The function for two classes: the most special one by the first and by the second, which should be one."""
    matches = [(p, q) for p, q in _KL_REGISTRY if issubclass(type_p, p) and issubclass(type_q, q)]
    if not matches:
        return NotImplemented
    left_p, left_q = min(_Match(*match) for match in matches).types
    right_q, right_p = min(_Match(*reversed(match)) for match in matches).types
    left, right = _KL_REGISTRY[left_p, left_q], _KL_REGISTRY[right_p, right_q]
    if left is not right:
        warnings.warn(
            f"Ambiguous kl_divergence({type_p.__name__}, {type_q.__name__}). Please register_kl({left_p.__name__}, "
            f"{right_q.__name__})",
            RuntimeWarning,
            stacklevel=3,
        )
    return left


def kl_divergence(p: Distribution, q: Distribution) -> Tensor:
    """The divergence of q from p, of their batch shape. Raises NotImplementedError for a pair that is not known."""
    pair = type(p), type(q)
    try:
        function = _KL_MEMOIZE[pair]
    except KeyError:
        function = _KL_MEMOIZE[pair] = _dispatch_kl(*pair)
    if function is NotImplemented:
        raise NotImplementedError(
            f"No KL(p || q) is implemented for p type {p.__class__.__name__} and q type {q.__class__.__name__}"
        )
    return function(p, q)


from engine.distributions import kl_mixed, kl_same  # noqa: E402  (they enter their pairs here)

_kl_expfamily_expfamily = kl_same.exponential_families
_infinite_like = kl_mixed.infinite_like
