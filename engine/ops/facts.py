"""What is asked of a tensor by a function of the library, and settings that change nothing here."""

from __future__ import annotations

import os
from typing import Any

from engine import deprecated
from engine.op import composite


def _asked(name: str, doc: str) -> None:
    def ask(input: Any, *args: Any) -> Any:
        return getattr(input, name)(*args)

    ask.__name__ = ask.__qualname__ = name
    ask.__doc__ = doc
    composite("engine")(ask)


_asked("is_inference", "Whether it was made in inference mode.")
_asked("is_distributed", "Whether it is spread over several computers: never here.")
_asked("is_signed", "Whether the dtype has negative numbers.")
_asked("get_device", "The index of the GPU, -1 on the CPU.")
_asked("detach_", "The tensor itself, taken out of the graph.")


@composite("method")
def resize(self: Any, *sizes: Any) -> Any:
    """The tensor under another size."""
    deprecated.tell("non-inplace resize is deprecated")
    return self.view(*sizes)


@composite("method")
def resize_as(self: Any, other: Any) -> Any:
    """The tensor under the size of another."""
    deprecated.tell("non-inplace resize_as is deprecated")
    return self.view(other.size())


class _Settings:
    """What was set: kept to be asked for, of no effect."""

    threads = os.cpu_count() or 1
    interop_threads = os.cpu_count() or 1
    deterministic = False
    warn_only = False
    warn_always = False
    precision = "highest"


@composite("engine")
def get_num_threads() -> int:
    """The number of threads that was set; NumPy has its own."""
    return _Settings.threads


@composite("engine")
def set_num_threads(int: int) -> None:
    """Keep a number of threads, to be asked for; NumPy has its own."""
    if not hasattr(int, "__index__"):
        raise RuntimeError(f"set_num_threads expects an int, but got {type(int).__name__}")
    if int <= 0:
        raise RuntimeError("set_num_threads expects a positive integer")
    _Settings.threads = int


@composite("engine")
def get_num_interop_threads() -> int:
    """The number of threads between ops that was set."""
    return _Settings.interop_threads


@composite("engine")
def set_num_interop_threads(int: int) -> None:
    """Keep a number of threads between ops, to be asked for."""
    if int <= 0:
        raise RuntimeError("set_num_interop_threads expects a positive integer")
    _Settings.interop_threads = int


@composite("engine")
def use_deterministic_algorithms(mode: bool, *, warn_only: bool = False) -> None:
    """Keep the wish for repeatable results; they are that on the CPU in any case."""
    _Settings.deterministic, _Settings.warn_only = bool(mode), warn_only


@composite("engine")
def are_deterministic_algorithms_enabled() -> bool:
    """Whether repeatable results were wished for."""
    return _Settings.deterministic


@composite("engine")
def is_deterministic_algorithms_warn_only_enabled() -> bool:
    """Whether only a warning was wished for where results would not be repeatable."""
    return _Settings.warn_only


_DEBUG_MODES = {"default": (False, False), "warn": (True, True), "error": (True, False)}


@composite("engine")
def set_deterministic_debug_mode(debug_mode: int | str) -> None:
    """Keep the wish for repeatable results as one of "default" (0), "warn" (1) and "error" (2)."""
    if not isinstance(debug_mode, (int, str)):
        raise TypeError(f"debug_mode must be str or int, but got {type(debug_mode)}")
    names = list(_DEBUG_MODES)
    if isinstance(debug_mode, str) and debug_mode not in names:
        raise RuntimeError(
            f"invalid value of debug_mode, expected one of `default`, `warn`, `error`, but got {debug_mode}"
        )
    if isinstance(debug_mode, int) and not 0 <= debug_mode < len(names):
        raise RuntimeError(f"invalid value of debug_mode, expected 0, 1, or 2, but got {debug_mode}")
    mode = debug_mode if isinstance(debug_mode, str) else names[debug_mode]
    _Settings.deterministic, _Settings.warn_only = _DEBUG_MODES[mode]


@composite("engine")
def get_deterministic_debug_mode() -> int:
    """The wish for repeatable results as a number: 0, 1 for a warning, 2 for an error."""
    return 0 if not _Settings.deterministic else 1 if _Settings.warn_only else 2


@composite("engine")
def init_num_threads() -> None:
    """Accepted: NumPy has its own threads."""


@composite("engine")
def get_device_module(device: Any = None) -> Any:
    """The module of functions about a kind of device; of the GPU where there is one and none is named."""
    import engine

    kind = str(device).partition(":")[0] if device is not None else "cuda" if engine.cuda.is_available() else "cpu"
    if not hasattr(engine, kind):
        raise RuntimeError(f"Device '{kind}' does not have a corresponding module registered as 'torch.{kind}'.")
    return getattr(engine, kind)


@composite("engine")
def set_float32_matmul_precision(precision: str) -> None:
    """Keep the precision of matrix products, "highest", "high" or "medium", to be asked for."""
    if precision not in ("highest", "high", "medium"):
        deprecated.tell(
            f"{precision} is not one of 'highest', 'high', or 'medium'; the current setFloat32MatmulPrecision call has "
            "no effect.",
        )  # fmt: skip
    else:
        _Settings.precision = precision


@composite("engine")
def get_float32_matmul_precision() -> str:
    """The precision of matrix products that was set."""
    return _Settings.precision


@composite("engine")
def set_flush_denormal(mode: bool) -> bool:
    """Whether tiny numbers can be made zero: not here."""
    return not mode


@composite("engine")
def set_warn_always(b: bool) -> None:
    """Whether warnings that else come once are to come each time."""
    _Settings.warn_always = bool(b)
    deprecated.tell_always(_Settings.warn_always)


@composite("engine")
def is_warn_always_enabled() -> bool:
    """Whether warnings were wished each time."""
    return _Settings.warn_always
