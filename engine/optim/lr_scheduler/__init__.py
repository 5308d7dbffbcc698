"""Learning rates that change over a run: each scheduler gives the next rate of a group from the one it has.

So schedulers can be chained. In the formulas η is the group's rate, η₀ the one it began with, t the number of steps of
the scheduler so far.
"""

from engine.optim.lr_scheduler.base import EPOCH_DEPRECATION_WARNING as EPOCH_DEPRECATION_WARNING
from engine.optim.lr_scheduler.base import LRScheduler
from engine.optim.lr_scheduler.chains import ChainedScheduler, SequentialLR
from engine.optim.lr_scheduler.cosine import CosineAnnealingLR, CosineAnnealingWarmRestarts
from engine.optim.lr_scheduler.cyclic import CyclicLR
from engine.optim.lr_scheduler.factors import (
    ConstantLR,
    ExponentialLR,
    LambdaLR,
    LinearLR,
    MultiplicativeLR,
    MultiStepLR,
    PolynomialLR,
    StepLR,
)
from engine.optim.lr_scheduler.one_cycle import OneCycleLR
from engine.optim.lr_scheduler.plateau import ReduceLROnPlateau
from engine.optim.optimizer import Optimizer as Optimizer


class _LRScheduler(LRScheduler):
    """The base under its name before PyTorch 2.0, which schedulers of one's own still inherit from."""


__all__ = [  # noqa: RUF022 - in PyTorch's order
    "LambdaLR",
    "MultiplicativeLR",
    "StepLR",
    "MultiStepLR",
    "ConstantLR",
    "LinearLR",
    "ExponentialLR",
    "SequentialLR",
    "CosineAnnealingLR",
    "ChainedScheduler",
    "ReduceLROnPlateau",
    "CyclicLR",
    "CosineAnnealingWarmRestarts",
    "OneCycleLR",
    "PolynomialLR",
    "LRScheduler",
]
