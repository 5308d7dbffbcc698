"""Where parameters and values may lie: constraints, each with `check`, true for the values that satisfy it.

A constraint looks at the last `event_dim` axes as one value; `is_discrete` says whether its values are whole numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import engine
from engine.dispatch import tensors

__all__ = [
    "Constraint", "MixtureSameFamilyConstraint", "boolean", "cat", "corr_cholesky", "dependent", "dependent_property",
    "greater_than", "greater_than_eq", "half_open_interval", "independent", "integer_interval", "interval",
    "is_dependent", "less_than", "lower_cholesky", "lower_triangular", "multinomial", "nonnegative",
    "nonnegative_integer", "one_hot", "positive", "positive_definite", "positive_integer", "positive_semidefinite",
    "real", "real_vector", "simplex", "square", "stack", "symmetric", "unit_interval",
]  # fmt: skip


class Constraint:
    """A region of values."""

    is_discrete: Any = False
    event_dim: Any = 0
    # The bounds that the region was made with, which its text shows.
    bounds: tuple[str, ...] = ()

    def check(self, value: Any) -> Any:
        """A boolean for each value: whether it lies in the region."""
        raise NotImplementedError

    def __repr__(self) -> str:
        inside = ", ".join(f"{each}={getattr(self, each)}" for each in self.bounds)
        return f"{type(self).__name__[1:]}({inside})"  # the names begin with an underscore


def _undetermined(name: str) -> NotImplementedError:
    return NotImplementedError(f".{name} cannot be determined statically")


class _Dependent(Constraint):
    """A region that depends on other parameters; nothing can be checked against it."""

    def __init__(self, *, is_discrete: Any = NotImplemented, event_dim: Any = NotImplemented) -> None:
        self._is_discrete = is_discrete
        self._event_dim = event_dim

    @property
    def is_discrete(self) -> Any:
        if self._is_discrete is NotImplemented:
            raise _undetermined("is_discrete")
        return self._is_discrete

    @property
    def event_dim(self) -> Any:
        if self._event_dim is NotImplemented:
            raise _undetermined("event_dim")
        return self._event_dim

    def __call__(self, *, is_discrete: Any = NotImplemented, event_dim: Any = NotImplemented) -> _Dependent:
        return _Dependent(
            is_discrete=self._is_discrete if is_discrete is NotImplemented else is_discrete,
            event_dim=self._event_dim if event_dim is NotImplemented else event_dim,
        )

    def check(self, value: Any) -> Any:
        raise ValueError("Cannot determine validity of dependent constraint")


def is_dependent(constraint: Any) -> bool:
    """Whether a region depends on other parameters."""
    return isinstance(constraint, _Dependent)


class _DependentProperty(property, _Dependent):
    """A property that is, in the class, a dependent constraint and, in an object, the constraint itself."""

    def __init__(
        self, fn: Callable[..., Any] | None = None, *, is_discrete: Any = NotImplemented,
        event_dim: Any = NotImplemented,
    ) -> None:  # fmt: skip
        property.__init__(self, fn)
        _Dependent.__init__(self, is_discrete=is_discrete, event_dim=event_dim)

    def __call__(self, fn: Callable[..., Any]) -> _DependentProperty:  # type: ignore[override]
        return _DependentProperty(fn, is_discrete=self._is_discrete, event_dim=self._event_dim)


class _IndependentConstraint(Constraint):
    """A region of whole values made of several: each must satisfy the base constraint."""

    def __init__(self, base_constraint: Constraint, reinterpreted_batch_ndims: int) -> None:
        if not isinstance(base_constraint, Constraint):
            raise AssertionError(f"base_constraint must be a Constraint, got {type(base_constraint).__name__}")
        if not isinstance(reinterpreted_batch_ndims, int):
            kind = type(reinterpreted_batch_ndims).__name__
            raise AssertionError(f"reinterpreted_batch_ndims must be an int, got {kind}")
        if reinterpreted_batch_ndims < 0:
            raise AssertionError(f"reinterpreted_batch_ndims must be >= 0, got {reinterpreted_batch_ndims}")
        self.base_constraint = base_constraint
        self.reinterpreted_batch_ndims = reinterpreted_batch_ndims

    @property
    def is_discrete(self) -> Any:
        return self.base_constraint.is_discrete

    @property
    def event_dim(self) -> Any:
        return self.base_constraint.event_dim + self.reinterpreted_batch_ndims

    def check(self, value: Any) -> Any:
        result = self.base_constraint.check(value)
        if result.dim() < self.reinterpreted_batch_ndims:
            expected = self.base_constraint.event_dim + self.reinterpreted_batch_ndims
            raise ValueError(f"Expected value.dim() >= {expected} but got {value.dim()}")
        return result.reshape((*result.shape[: result.dim() - self.reinterpreted_batch_ndims], -1)).all(-1)

    def __repr__(self) -> str:
        return f"IndependentConstraint({self.base_constraint!r}, {self.reinterpreted_batch_ndims})"


class MixtureSameFamilyConstraint(Constraint):
    """The region of a mixture's values: each is tried in every component, which stand on an axis of their own."""

    def __init__(self, base_constraint: Constraint) -> None:
        if not isinstance(base_constraint, Constraint):
            raise AssertionError(f"base_constraint must be a Constraint, got {type(base_constraint).__name__}")
        self.base_constraint = base_constraint

    @property
    def is_discrete(self) -> Any:
        return self.base_constraint.is_discrete

    @property
    def event_dim(self) -> Any:
        return self.base_constraint.event_dim

    def check(self, value: Any) -> Any:
        inside = self.base_constraint.check(value.unsqueeze(-1 - self.event_dim))
        if value.dim() < self.event_dim:
            raise ValueError(f"Expected value.dim() >= {self.event_dim} but got {value.dim()}")
        return inside.reshape((*inside.shape[: value.dim() - self.event_dim], -1)).all(-1)

    def __repr__(self) -> str:
        return f"MixtureSameFamilyConstraint({self.base_constraint!r})"


class _Bounded(Constraint):
    """A region with a lower or an upper bound, numbers or tensors, in the order of `bounds`."""

    def __init__(self, *given: Any, **named: Any) -> None:
        values = dict(zip(self.bounds, given, strict=False)) | named
        if len(given) > len(self.bounds) or set(values) != set(self.bounds):
            raise TypeError(f"{type(self).__name__}.__init__() takes {', '.join(self.bounds)}")
        for name, value in values.items():
            setattr(self, name, value)
        super().__init__()


def _whole(value: Any) -> Any:
    return value % 1 == 0


_LOWER, _UPPER = ("lower_bound",), ("upper_bound",)
# Name, bounds, whether of whole numbers, check.
_NUMBERS: tuple[tuple[str, tuple[str, ...], bool, Callable[[Any, Any], Any]], ...] = (
    ("_Boolean", (), True, lambda self, value: (value == 0) | (value == 1)),
    ("_Real", (), False, lambda self, value: value == value),
    ("_GreaterThan", _LOWER, False, lambda self, value: self.lower_bound < value),
    ("_GreaterThanEq", _LOWER, False, lambda self, value: self.lower_bound <= value),
    ("_LessThan", _UPPER, False, lambda self, value: value < self.upper_bound),
    ("_Interval", _LOWER + _UPPER, False, lambda self, x: (self.lower_bound <= x) & (x <= self.upper_bound)),
    ("_HalfOpenInterval", _LOWER + _UPPER, False, lambda self, x: (self.lower_bound <= x) & (x < self.upper_bound)),
    ("_IntegerInterval", _LOWER + _UPPER, True,
     lambda self, x: _whole(x) & (self.lower_bound <= x) & (x <= self.upper_bound)),
    ("_IntegerLessThan", _UPPER, True, lambda self, value: _whole(value) & (value <= self.upper_bound)),
    ("_IntegerGreaterThan", _LOWER, True, lambda self, value: _whole(value) & (value >= self.lower_bound)),
)  # fmt: skip


def _is_one_hot(self: Any, value: Any) -> Any:
    whole = ((value == 0) | (value == 1)).all(-1)
    return whole & value.sum(-1).eq(1)


def _is_lower_triangular(self: Any, value: Any) -> Any:
    return (value.tril() == value).reshape((*value.shape[:-2], -1)).min(-1)[0]


def _is_symmetric(value: Any) -> Any:
    return engine.isclose(value, value.mT, atol=1e-6).all(-2).all(-1)


def _is_square(self: Any, value: Any) -> Any:
    return engine.full(value.shape[:-2], value.shape[-2] == value.shape[-1], dtype=engine.bool, device=value.device)


def _then(check: Callable[[Any], Any]) -> Callable[[Any, Any], Any]:
    """A check of square symmetric matrices alone: what these are decides where they are not."""

    def checked(self: Any, value: Any) -> Any:
        square = _is_square(self, value)
        if not square.all():
            return square
        symmetric = _is_symmetric(value)
        return symmetric if not symmetric.all() else check(value)

    return checked


def _has_unit_rows(value: Any) -> Any:
    tolerance = engine.finfo(value.dtype).eps * value.size(-1) * 10
    rows = engine.linalg.norm(value.detach(), dim=-1)
    return (rows - 1.0).abs().le(tolerance).all(dim=-1)


def _is_lower_cholesky(self: Any, value: Any) -> Any:
    return _is_lower_triangular(self, value) & (value.diagonal(dim1=-2, dim2=-1) > 0).min(-1)[0]


# Name, event_dim, whether of whole numbers, check.
_ARRAYS: tuple[tuple[str, int, bool, Callable[[Any, Any], Any]], ...] = (
    ("_OneHot", 1, True, _is_one_hot),
    ("_Simplex", 1, False, lambda self, x: (x >= 0).all(-1) & ((x.sum(-1) - 1).abs() < 1e-6)),
    ("_LowerTriangular", 2, False, _is_lower_triangular),
    ("_LowerCholesky", 2, False, _is_lower_cholesky),
    ("_CorrCholesky", 2, False, lambda self, x: _has_unit_rows(x) & _is_lower_cholesky(self, x)),
    ("_Square", 2, False, _is_square),
    ("_Symmetric", 2, False, _then(_is_symmetric)),
    ("_PositiveSemidefinite", 2, False, _then(lambda value: tensors.linalg_eigvalsh(value).ge(0).all(-1))),
    ("_PositiveDefinite", 2, False, _then(lambda value: tensors.linalg_cholesky_ex(value).info.eq(0))),
)


def _region(name: str, base: type[Constraint], check: Callable[[Any, Any], Any], **said: Any) -> None:
    globals()[name] = type(name, (base,), {"__module__": __name__, "check": check, **said})


for _name, _bounds, _discrete, _check in _NUMBERS:
    _region(_name, _Bounded if _bounds else Constraint, _check, bounds=_bounds, is_discrete=_discrete)
for _name, _event_dim, _discrete, _check in _ARRAYS:
    _base = {"_Symmetric": "_Square", "_PositiveSemidefinite": "_Symmetric", "_PositiveDefinite": "_Symmetric"}
    _kind = globals()[_base[_name]] if _name in _base else Constraint
    _region(_name, _kind, _check, event_dim=_event_dim, is_discrete=_discrete)


class _Multinomial(Constraint):
    """Counts that add up to at most the bound."""

    is_discrete = True
    event_dim = 1

    def __init__(self, upper_bound: Any) -> None:
        self.upper_bound = upper_bound

    def check(self, x: Any) -> Any:
        return (x >= 0).all(dim=-1) & (x.sum(dim=-1) <= self.upper_bound)


class _Joined(Constraint):
    """Several regions side by side along an axis."""

    def __init__(self, cseq: Sequence[Constraint], dim: int = 0) -> None:
        if not all(isinstance(c, Constraint) for c in cseq):
            raise AssertionError("All elements of cseq must be Constraint instances")
        self.cseq = list(cseq)
        self.dim = dim

    @property
    def is_discrete(self) -> Any:
        return any(c.is_discrete for c in self.cseq)


class _Cat(_Joined):
    """Regions of parts that stand behind each other along an axis, each of its length."""

    def __init__(self, cseq: Sequence[Constraint], dim: int = 0, lengths: Sequence[int] | None = None) -> None:
        super().__init__(cseq, dim)
        self.lengths = [1] * len(self.cseq) if lengths is None else list(lengths)
        if len(self.lengths) != len(self.cseq):
            raise AssertionError(f"lengths ({len(self.lengths)}) must match cseq ({len(self.cseq)})")

    @property
    def event_dim(self) -> Any:
        return max(c.event_dim for c in self.cseq)

    def check(self, value: Any) -> Any:
        if not -value.dim() <= self.dim < value.dim():
            raise AssertionError(f"dim {self.dim} out of range for value with {value.dim()} dimensions")
        checks, start = [], 0
        for each, length in zip(self.cseq, self.lengths, strict=True):
            checks.append(each.check(value.narrow(self.dim, start, length)))
            start += length
        return engine.cat(checks, self.dim)


class _Stack(_Joined):
    """Regions of the slices along an axis."""

    @property
    def event_dim(self) -> Any:
        dim = max(c.event_dim for c in self.cseq)
        return dim + 1 if self.dim + dim < 0 else dim

    def check(self, value: Any) -> Any:
        if not -value.dim() <= self.dim < value.dim():
            raise AssertionError(f"dim {self.dim} out of range for value with {value.dim()} dimensions")
        slices = [value.select(self.dim, i) for i in range(value.size(self.dim))]
        return engine.stack([each.check(v) for v, each in zip(slices, self.cseq, strict=True)], self.dim)


def _made(name: str) -> Any:
    return globals()[name]


# Public names: of those that take arguments the class, of the others the one region.
dependent = _Dependent()
dependent_property = _DependentProperty
independent = _IndependentConstraint
greater_than: Any = _made("_GreaterThan")
greater_than_eq: Any = _made("_GreaterThanEq")
less_than: Any = _made("_LessThan")
interval: Any = _made("_Interval")
half_open_interval: Any = _made("_HalfOpenInterval")
integer_interval: Any = _made("_IntegerInterval")
multinomial = _Multinomial
cat = _Cat
stack = _Stack
boolean: Constraint = _made("_Boolean")()
one_hot: Constraint = _made("_OneHot")()
real: Constraint = _made("_Real")()
real_vector = independent(real, 1)
positive: Constraint = greater_than(0.0)
nonnegative: Constraint = greater_than_eq(0.0)
nonnegative_integer: Constraint = _made("_IntegerGreaterThan")(0)
positive_integer: Constraint = _made("_IntegerGreaterThan")(1)
unit_interval: Constraint = interval(0.0, 1.0)
simplex: Constraint = _made("_Simplex")()
lower_triangular: Constraint = _made("_LowerTriangular")()
lower_cholesky: Constraint = _made("_LowerCholesky")()
corr_cholesky: Constraint = _made("_CorrCholesky")()
square: Constraint = _made("_Square")()
symmetric: Constraint = _made("_Symmetric")()
positive_semidefinite: Constraint = _made("_PositiveSemidefinite")()
positive_definite: Constraint = _made("_PositiveDefinite")()
