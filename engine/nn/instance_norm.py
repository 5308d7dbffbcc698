"""Instance normalization as modules."""

from __future__ import annotations

import warnings
from typing import Any

from engine.nn import functional as F
from engine.nn.batch_norm import _NormBase
from engine.tensor import Tensor


class _InstanceNorm(_NormBase):
    """Each channel of each sample made mean 0 and variance 1, then scaled and moved. Ulyanov and others, 2016.

    With `track_running_stats` a running mean and variance take the place of the samples' outside training.
    """

    axes = 0

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(num_features, eps, momentum, affine, track_running_stats, device, dtype, bias=bias)

    def forward(self, input: Any) -> Tensor:
        """(N, num_features, *space), or without a batch (num_features, *space), to the same shape."""
        if input.dim() not in (self.axes + 1, self.axes + 2):
            raise ValueError(f"expected {self.axes + 1}D or {self.axes + 2}D input (got {input.ndim}D input)")
        axis = input.ndim - self.axes - 1
        if input.size(axis) != self.num_features:
            if self.affine:
                raise ValueError(
                    f"expected input's size at dim={axis} to match num_features ({self.num_features}), but got: "
                    f"{input.size(axis)}."
                )
            warnings.warn(
                f"input's size at dim={axis} does not match num_features. You can silence this warning by not passing "
                "in num_features, which is not used because affine=False", stacklevel=2,
            )  # fmt: skip
        batch = input if axis else input.unsqueeze(0)
        rate = 0.0 if self.momentum is None else self.momentum
        by_sample = self.training or not self.track_running_stats
        kept = (self.running_mean, self.running_var)
        y = F.instance_norm(batch, *kept, self.weight, self.bias, by_sample, rate, self.eps)
        return y if axis else y.squeeze(0)


class InstanceNorm1d(_InstanceNorm):
    """Of lines (N, C, L)."""

    axes = 1


class InstanceNorm2d(_InstanceNorm):
    """Of images (N, C, H, W)."""

    axes = 2


class InstanceNorm3d(_InstanceNorm):
    """Of volumes (N, C, D, H, W)."""

    axes = 3
