"""What is neither a layer nor an optimizer: data in batches."""

from engine.utils import data

__all__ = ["data"]
