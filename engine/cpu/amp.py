"""Mixed precision on the CPU under its former names."""

from engine.amp.former import classes_of

autocast, GradScaler = classes_of("cpu")

__all__ = ["GradScaler", "autocast"]
