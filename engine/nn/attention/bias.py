"""Masks of attention by name: each query sees the keys up to its own place, counted from one corner or the other."""

from __future__ import annotations

import warnings
from enum import IntEnum, auto
from typing import Any

import engine
from engine.places import placed
from engine.tensor import Tensor

__all__ = ["CausalBias", "CausalVariant", "causal_lower_right", "causal_upper_left"]


class CausalVariant(IntEnum):
    """The corner in which the triangle of what is seen begins; the two differ where there are more keys than queries.

    `UPPER_LEFT`: the first query sees the first key alone. `LOWER_RIGHT`: the last query sees every key.
    """

    UPPER_LEFT = auto()
    LOWER_RIGHT = auto()


@placed
class CausalBias(Tensor):
    """A causal mask that `scaled_dot_product_attention` knows without its being made."""

    __slots__ = ("seq_len_kv", "seq_len_q", "variant")

    variant: CausalVariant
    seq_len_q: int
    seq_len_kv: int

    def __new__(cls, variant: CausalVariant, seq_len_q: int, seq_len_kv: int) -> CausalBias:
        if not isinstance(variant, CausalVariant):
            raise AssertionError(f"variant must be a CausalVariant, got {type(variant).__name__}")
        made = Tensor._make_subclass(cls, engine.empty(int(variant), seq_len_q, seq_len_kv))
        made.variant, made.seq_len_q, made.seq_len_kv = variant, seq_len_q, seq_len_kv
        if seq_len_q > seq_len_kv and variant == CausalVariant.LOWER_RIGHT:
            warnings.warn(
                "Lower right causal bias will produce NaNs in the output when seq_len_q > seq_len_kv!",
                UserWarning, stacklevel=2,
            )  # fmt: skip
        return made

    def _materialize(self, device: Any = None) -> Tensor:
        """The mask itself, True where a key is seen."""
        ahead = self.seq_len_kv - self.seq_len_q if self.variant == CausalVariant.LOWER_RIGHT else 0
        place = "cpu" if device is None else device
        return engine.ones(self.seq_len_q, self.seq_len_kv, device=place, dtype=engine.bool).tril(ahead)

    def spelled_out(self, is_causal: bool, device: Any) -> tuple[Tensor | None, bool]:
        """What attention takes in its place: a mask, or that it is causal."""
        if is_causal:
            raise ValueError("CausalBias should not be used with causal=True")
        if self.seq_len_q == self.seq_len_kv or self.variant == CausalVariant.UPPER_LEFT:
            return None, True
        return self._materialize(device), False

    def __repr__(self) -> str:
        return repr(self._materialize())


def causal_upper_left(*size: int) -> CausalBias:
    """The mask of a number of queries and a number of keys whose triangle begins in the upper left corner."""
    if len(size) != 2:
        raise AssertionError("causal_upper_left only supports 2D tensors")
    return CausalBias(CausalVariant.UPPER_LEFT, *size)


def causal_lower_right(*size: int) -> CausalBias:
    """The mask of a number of queries and a number of keys whose triangle ends in the lower right corner."""
    if len(size) != 2:
        raise AssertionError("causal_lower_right only supports 2D tensors")
    return CausalBias(CausalVariant.LOWER_RIGHT, *size)
