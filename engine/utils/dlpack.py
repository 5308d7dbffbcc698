"""Tensors handed to and taken from other libraries without a copy."""

from engine.exchange import DLDeviceType
from engine.ops.make import from_dlpack, to_dlpack

__all__ = ["DLDeviceType", "from_dlpack", "to_dlpack"]
