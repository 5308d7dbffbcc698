"""Batch normalization as modules."""

from __future__ import annotations

from typing import Any, ClassVar

import engine
from engine.nn import functional as F
from engine.nn import init
from engine.nn.module import Module
from engine.nn.parameter import new_parameter
from engine.tensor import Tensor


class _NormBase(Module):
    """The parameters and running statistics of a normalization of channels."""

    _version = 2  # since it counts batches

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.num_features = num_features
        self.eps = eps
        self.momentum = momentum
        self.affine = affine
        self.track_running_stats = track_running_stats
        for name, wanted in (("weight", affine), ("bias", affine and bias)):
            made = new_parameter(num_features, device, dtype) if wanted else None
            self.register_parameter(name, made)
        for name in ("running_mean", "running_var"):
            kept = engine.zeros(num_features, device=device, dtype=dtype) if track_running_stats else None
            self.register_buffer(name, kept)
        counter = engine.zeros((), dtype=engine.int64, device=device) if track_running_stats else None
        self.register_buffer("num_batches_tracked", counter)
        self.reset_parameters()

    def _load_from_state_dict(
        self, state_dict: dict[str, Any], prefix: str, local_metadata: dict[str, Any], *args: Any
    ) -> None:
        """Load; a state from before batches were counted has none, and the module keeps its own count or begins."""
        key = f"{prefix}num_batches_tracked"
        if (local_metadata.get("version") or 1) < 2 and self.track_running_stats and key not in state_dict:
            counter = self.num_batches_tracked
            known = counter is not None and not counter.is_meta
            state_dict[key] = counter if known else engine.tensor(0, dtype=engine.int64)
        super()._load_from_state_dict(state_dict, prefix, local_metadata, *args)

    def reset_running_stats(self) -> None:
        """Forget the batches seen."""
        if self.track_running_stats:
            self.running_mean.zero_()
            self.running_var.fill_(1)
            self.num_batches_tracked.zero_()

    def reset_parameters(self) -> None:
        """Make the parameters ones and zeros, and forget the batches seen."""
        self.reset_running_stats()
        if self.weight is not None:
            init.ones_(self.weight)
        if self.bias is not None:
            init.zeros_(self.bias)

    def extra_repr(self) -> str:
        """The channels and all options."""
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}, "
            f"bias={self.bias is not None}, track_running_stats={self.track_running_stats}"
        )


class _BatchNorm(_NormBase):
    """Each channel made mean 0 and variance 1 over the batch, then scaled and moved. Ioffe and Szegedy, 2015.

    Outside training the running mean and variance take the place of the batch's; they follow it by `momentum`, or are
    the mean of all batches where that is None.
    """

    ranks: ClassVar[tuple[int, ...]] = ()

    def _check_rank(self, input: Any) -> None:
        if input.dim() not in self.ranks:
            wanted = " or ".join(f"{rank}D" for rank in self.ranks)
            raise ValueError(f"expected {wanted} input (got {input.ndim}D input)")

    def forward(self, input: Any) -> Tensor:
        """(N, num_features, ...) to the same shape."""
        self._check_rank(input)
        follow = self.training and self.track_running_stats
        rate = self.momentum
        if follow:
            self.num_batches_tracked.add_(1)
            if rate is None:
                rate = 1.0 / float(self.num_batches_tracked)
        by_batch = self.training or self.running_mean is None
        kept = (self.running_mean, self.running_var) if follow or not by_batch else (None, None)
        return F.batch_norm(input, *kept, self.weight, self.bias, by_batch, rate or 0.0, self.eps)


class BatchNorm1d(_BatchNorm):
    """Of vectors (N, C) or lines (N, C, L)."""

    ranks = (2, 3)


class BatchNorm2d(_BatchNorm):
    """Of images (N, C, H, W)."""

    ranks = (4,)


class BatchNorm3d(_BatchNorm):
    """Of volumes (N, C, D, H, W)."""

    ranks = (5,)
