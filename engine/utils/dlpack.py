"""Tensors handed to and taken from other libraries without a copy."""

from engine.ops.make import from_dlpack, to_dlpack

__all__ = ["from_dlpack", "to_dlpack"]
