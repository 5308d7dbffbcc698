"""What programs ask of and set on PyTorch's back ends: they are not here, and what is set is kept and changes nothing.

Each is a module, `torch.backends.cudnn` and so on, with the flags that scripts set.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType, SimpleNamespace
from typing import Any

import engine

_NAMES = "cpu cuda cudnn cusparselt kleidiai mha miopen mkl mkldnn mps nnpack openmp opt_einsum quantized"
_FLAGS: dict[str, dict[str, Any]] = {
    "cudnn": {
        "enabled": True, "benchmark": False, "benchmark_limit": None, "deterministic": False, "allow_tf32": True,
        "fp32_precision": "none", "conv": SimpleNamespace(fp32_precision="tf32"),
        "rnn": SimpleNamespace(fp32_precision="tf32"),
    },
    "mkldnn": {"enabled": True, "deterministic": False, "allow_tf32": False, "fp32_precision": "none"},
    "miopen": {"immediate": False},
    "opt_einsum": {"enabled": False, "strategy": None},
    "quantized": {"engine": "none", "supported_engines": ["none"]},
}  # fmt: skip
_SDP = ("flash", "mem_efficient", "math", "cudnn")

fp32_precision = "none"


class _Matmul:
    """The flags of matrix products on GPUs; `allow_tf32` is the global precision by another name."""

    allow_fp16_reduced_precision_reduction = True
    allow_bf16_reduced_precision_reduction = True
    allow_fp16_accumulation = False
    fp32_precision = "none"

    @property
    def allow_tf32(self) -> bool:
        """Whether products of float32 may be less exact."""
        return engine.get_float32_matmul_precision() != "highest"

    @allow_tf32.setter
    def allow_tf32(self, allowed: bool) -> None:
        engine.set_float32_matmul_precision("high" if allowed else "highest")


class _Backend(ModuleType):
    """A back end that is not here."""

    def is_available(self) -> bool:
        """False."""
        return False

    is_built = is_available

    def version(self) -> None:
        """None: there is none."""

    def __getattr__(self, name: str) -> Any:
        short = self.__name__.rpartition(".")[2]
        raise AttributeError(f"module 'torch.backends.{short}' has no attribute '{name}'", name=name)

    def flags(self, *args: Any, **given: Any) -> Any:
        """A context in which flags are set otherwise; those are `enabled` and so on, in the module's order."""
        names = list(_FLAGS.get(self.__name__.rpartition(".")[2], {"enabled": True}))
        return _set_for_a_while(self, {**dict(zip(names, args, strict=False)), **given})

    def set_flags(self, *args: Any, **given: Any) -> tuple[Any, ...]:
        """Set flags; what they were."""
        before = {name: getattr(self, name, None) for name in given}
        for name, value in given.items():
            setattr(self, name, value)
        return tuple(before.values())


@contextmanager
def _set_for_a_while(module: _Backend, given: dict[str, Any]) -> Iterator[None]:
    before = {name: module.__dict__.get(name) for name in given}
    module.__dict__.update(given)
    try:
        yield
    finally:
        module.__dict__.update(before)


def _switch(kept: dict[str, bool], kind: str) -> tuple[Callable[[bool], None], Callable[[], bool]]:
    def enable(enabled: bool) -> None:
        kept[kind] = bool(enabled)

    return enable, lambda: kept[kind]


@contextmanager
def _sdp_kernel(
    enable_flash: bool = True, enable_math: bool = True, enable_mem_efficient: bool = True, enable_cudnn: bool = True
) -> Iterator[None]:
    """A context that names kernels of attention; there is one, which gives the same numbers."""
    yield


_fast = {"path": True}


def _set_fastpath_enabled(value: bool) -> None:
    """Keep whether attention may take a shorter way; there is one way."""
    _fast["path"] = bool(value)


def _make() -> None:
    for short in _NAMES.split():
        made = _Backend(f"{__name__}.{short}", f"{short}, which this engine has not.")
        made.__dict__.update(_FLAGS.get(short, {}))
        globals()[short] = sys.modules[made.__name__] = made
    cuda = globals()["cuda"].__dict__
    cuda.update(matmul=_Matmul(), sdp_kernel=_sdp_kernel)
    kept = dict.fromkeys(_SDP, True)
    for kind in _SDP:
        cuda[f"enable_{kind}_sdp"], cuda[f"{kind}_sdp_enabled"] = _switch(kept, kind)
    cuda["preferred_linalg_library"] = cuda["preferred_blas_library"] = lambda backend=None: "default"
    cuda["is_flash_attention_available"] = lambda: False
    globals()["cpu"].get_cpu_capability = lambda: "NO AVX"
    globals()["mha"].get_fastpath_enabled = lambda: _fast["path"]
    globals()["mha"].set_fastpath_enabled = _set_fastpath_enabled


_make()


def __getattr__(name: str) -> Any:
    raise AttributeError(f"module 'torch.backends' has no attribute '{name}'", name=name)
