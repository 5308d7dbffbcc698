"""The wish for repeatable results, `use_deterministic_algorithms`: what it makes of memory, and whom it refuses.

Everything here is repeatable in any case; PyTorch's programs see the wish all the same, by what an uninitialized tensor
holds and by the errors of operations that have no repeatable form there.
"""

from __future__ import annotations

import importlib
import warnings
from typing import Any

import numpy as np


class Wish:
    """What was set."""

    on = False
    warn_only = False


def marked(x: Any) -> Any:
    """Uninitialized memory; with the wish (and unless the program set otherwise) every element shows that it is."""
    if Wish.on and importlib.import_module("engine.utils.deterministic").fill_uninitialized_memory:
        kind = x.dtype.kind
        x.fill(np.iinfo(x.dtype).max if kind in "iu" else True if kind == "b" else np.nan)
    return x


def alert(name: str) -> None:
    """PyTorch's error, or warning, for an operation that has no repeatable form there."""
    if not Wish.on:
        return
    option = ", warn_only=True" * Wish.warn_only
    text = (
        f"{name} does not have a deterministic implementation, but you set 'torch.use_deterministic_algorithms(True"
        f"{option})'. "
    )
    if Wish.warn_only:
        text += "You can file an issue at https://github.com/pytorch/pytorch/issues to help us prioritize adding "
        warnings.warn(f"{text}deterministic support for this operation.", UserWarning, stacklevel=3)
        return
    raise RuntimeError(
        f"{text}You can turn off determinism just for this operation, or you can use the 'warn_only=True' option, if "
        "that's acceptable for your application. You can also file an issue at https://github.com/pytorch/pytorch/"
        "issues to help us prioritize adding deterministic support for this operation."
    )
