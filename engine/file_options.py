"""What is set for all files: the order of bytes, sums to check by, what the environment says of the strict rule."""

from __future__ import annotations

import os
import sys
import warnings
from enum import Enum
from typing import Any

_ON = ("1", "y", "yes", "true")
_NO, _YES = "TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", "TORCH_FORCE_WEIGHTS_ONLY_LOAD"


class LoadEndianness(Enum):
    """The order of bytes that is taken for granted in files that do not say theirs."""

    NATIVE = 1
    LITTLE = 2
    BIG = 3


class SourceChangeWarning(Warning):
    """Of modules whose source is not what it was when they were saved."""


_set: dict[str, Any] = {"order": None, "crc32": True}


def get_default_load_endianness() -> LoadEndianness | None:
    """What `set_default_load_endianness` set."""
    return _set["order"]


def set_default_load_endianness(endianness: Any) -> None:
    """Set the order of bytes of files that do not say theirs; None is that of this machine."""
    if not isinstance(endianness, LoadEndianness) and endianness is not None:
        raise TypeError("Invalid argument type in function set_default_load_endianness")
    _set["order"] = endianness


def assumed_order() -> str:
    """The order of bytes of a file that does not say its own."""
    return {LoadEndianness.LITTLE: "little", LoadEndianness.BIG: "big"}.get(_set["order"], sys.byteorder)


def get_crc32_options() -> bool:
    """What `set_crc32_options` set."""
    return _set["crc32"]


def set_crc32_options(compute_crc32: bool) -> None:
    """Say whether records need sums to check them by; they have them in any case."""
    _set["crc32"] = compute_crc32


def only_weights(asked: bool | None, pickle_module: Any) -> bool:
    """Whether files are read by the strict rule, from what `load` was given and the environment says."""
    strict, loose = (os.getenv(name, "0") in _ON for name in (_YES, _NO))
    if strict and loose:
        raise RuntimeError(f"Only one of `{_YES}` or `{_NO}` should be set, but both were set.")
    if loose and asked is None:
        warnings.warn(
            f"Environment variable {_NO} detected, since the`weights_only` argument was not explicitly passed to "
            "`torch.load`, forcing weights_only=False.",
            UserWarning,
            stacklevel=3,
        )
        return False
    strict = strict or asked or (asked is None and pickle_module is None)
    if strict and pickle_module is not None:
        raise RuntimeError("Can not safely load weights when explicit pickle_module is specified")
    return strict
