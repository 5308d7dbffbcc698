"""Mixed precision on a GPU under its former names."""

from engine.amp.former import amp_definitely_not_available, classes_of, custom_bwd, custom_fwd

autocast, GradScaler = classes_of("cuda")

__all__ = ["GradScaler", "amp_definitely_not_available", "autocast", "custom_bwd", "custom_fwd"]
