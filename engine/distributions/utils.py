"""What distributions share: parameters brought to one shape, probabilities and logits, properties computed once."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Number
from typing import Any

import engine
from engine.tensor import Tensor

euler_constant = 0.57721566490153286060

__all__ = [
    "broadcast_all", "clamp_probs", "euler_constant", "lazy_property", "logits_to_probs", "probs_to_logits",
    "tril_matrix_to_vec", "vec_to_tril_matrix",
]  # fmt: skip


def broadcast_all(*values: Any) -> tuple[Tensor, ...]:
    """Numbers and tensors as tensors of one shape; a number takes the dtype of the first tensor, or the default one."""
    if not all(isinstance(value, (Tensor, Number)) for value in values):
        raise ValueError(
            "Input arguments must all be instances of Number, torch.Tensor or objects implementing __torch_function__."
        )
    first = next((value for value in values if isinstance(value, Tensor)), None)
    dtype, device = (engine.get_default_dtype(), None) if first is None else (first.dtype, first.device)
    made = [v if isinstance(v, Tensor) else engine.tensor(v, dtype=dtype, device=device) for v in values]
    return tuple(engine.broadcast_tensors(*made))


def standard_normal(shape: Any, dtype: Any, device: Any) -> Tensor:
    """Draws of mean 0 and deviation 1."""
    return engine.randn(shape, dtype=dtype, device=device)


_standard_normal = standard_normal


def sum_rightmost(value: Any, dim: int) -> Any:
    """The sum over the last `dim` axes, which may be none."""
    return value if dim == 0 else value.reshape((*value.shape[:-dim], -1)).sum(-1)


_sum_rightmost = sum_rightmost


def logits_to_probs(logits: Any, is_binary: bool = False) -> Tensor:
    """Probabilities: of one side if binary, else along the last axis."""
    return engine.sigmoid(logits) if is_binary else engine.softmax(logits, dim=-1)


def clamp_probs(probs: Tensor) -> Tensor:
    """Probabilities held off 0 and 1 by the rounding of their dtype."""
    eps = engine.finfo(probs.dtype).eps
    return engine.clamp(probs, min=eps, max=1 - eps)


def probs_to_logits(probs: Any, is_binary: bool = False) -> Tensor:
    """The logarithms of odds if binary, else of probabilities."""
    clamped = clamp_probs(probs)
    return engine.log(clamped) - engine.log1p(-clamped) if is_binary else engine.log(clamped)


class lazy_property:
    """A property that is computed when first asked for, with gradients on, and then stands in the object."""

    def __init__(self, wrapped: Callable[[Any], Any]) -> None:
        self.wrapped = wrapped
        self.__doc__ = wrapped.__doc__
        self.__name__ = wrapped.__name__

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        if instance is None:
            return LazyAndProperty(self.wrapped)
        with engine.enable_grad():
            value = self.wrapped(instance)
        setattr(instance, self.wrapped.__name__, value)
        return value


class LazyAndProperty(lazy_property, property):
    """What a class shows of a lazy property: both kinds at once, for tools that look for properties."""

    def __init__(self, wrapped: Callable[[Any], Any]) -> None:
        property.__init__(self, wrapped)


_lazy_property_and_property = LazyAndProperty


def tril_matrix_to_vec(mat: Tensor, diag: int = 0) -> Tensor:
    """The lower triangle of matrices (..., n, n) up to a diagonal, row by row."""
    n = mat.shape[-1]
    if not -n <= diag < n:
        raise ValueError(f"diag ({diag}) provided is outside [{-n}, {n - 1}].")
    rows, columns = engine.tril_indices(n, n, diag)
    return mat[..., rows, columns]


def vec_to_tril_matrix(vec: Tensor, diag: int = 0) -> Tensor:
    """Matrices with a lower triangle of the given elements, row by row; the inverse of `tril_matrix_to_vec`."""
    count = vec.shape[-1]
    n = (-(1 + 2 * diag) + ((1 + 2 * diag) ** 2 + 8 * count + 4 * abs(diag) * (diag + 1)) ** 0.5) / 2
    if round(n) - n > engine.finfo(vec.dtype).eps:
        raise ValueError(f"The size of last dimension is {count} which cannot be expressed as the lower triangular "
                         "part of a square D x D matrix.")  # fmt: skip
    size = round(n.real) if isinstance(n, complex) else round(n)
    mat = engine.zeros((*vec.shape[:-1], size, size), dtype=vec.dtype, device=vec.device)
    rows, columns = engine.tril_indices(size, size, diag)
    mat[..., rows, columns] = vec
    return mat
