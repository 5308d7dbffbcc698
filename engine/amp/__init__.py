"""Automatic mixed precision: `autocast`, the scaler of losses, and what lets a function of one's own take part."""

from engine.amp.autocast_mode import autocast, custom_bwd, custom_fwd, is_autocast_available
from engine.amp.grad_scaler import GradScaler

__all__ = ["GradScaler", "autocast", "custom_bwd", "custom_fwd", "is_autocast_available"]
