"""What is left of `Function` objects: long ago they were made and called, today their class is applied."""

from __future__ import annotations

import inspect
import warnings
from typing import Any


class Instance:
    """Warns when it is made; where `forward` is static it can be called as `apply` is."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        warnings.warn(
            f"{type(self)} should not be instantiated. Methods on autograd functions are all static, so you should "
            "invoke them on the class itself. Instantiating an autograd function will raise an error in a future "
            "version of PyTorch.",
            DeprecationWarning,
            stacklevel=2,
        )

    def __call__(self, *args: Any) -> Any:
        if not isinstance(inspect.getattr_static(self, "forward"), staticmethod):
            raise RuntimeError(
                "Legacy autograd function with non-static forward method is deprecated. Please use new-style autograd "
                "function with static forward method. (Example: "
                "https://pytorch.org/docs/stable/autograd.html#torch.autograd.Function)"
            )
        return type(self).apply(*args)  # type: ignore[attr-defined]
