"""A tensor, autograd, nn and optim library over NumPy and CuPy, under PyTorch's names: `import engine as torch`."""

from __future__ import annotations

import importlib
import math
from typing import Any

from engine import array as _arrays
from engine import autograd, ops
from engine import bind as _bind
from engine import errors as _errors
from engine import heap as _heap
from engine import lazy as _lazy
from engine import lazy_generated as _generated
from engine.array import (
    bfloat16,
    complex32,
    complex64,
    complex128,
    device,
    dtype,
    float16,
    float32,
    float64,
    get_default_device,
    get_default_dtype,
    int8,
    int16,
    int32,
    int64,
    set_default_device,
    set_default_dtype,
    uint8,
    uint16,
    uint32,
    uint64,
)
from engine.autograd import enable_grad, inference_mode, no_grad, set_grad_enabled
from engine.formats import (
    channels_last,
    channels_last_3d,
    contiguous_format,
    layout,
    memory_format,
    preserve_format,
    strided,
)
from engine.modes import is_grad_enabled, is_inference_mode_enabled
from engine.random import Generator, default_generator, get_rng_state, initial_seed, manual_seed, seed, set_rng_state
from engine.size import Size
from engine.spaces import without_parts as _without_parts
from engine.tensor import Tensor

_bind.bind()
_lazy.install()
_heap.keep()

# Names that are not ops; the ops follow from the registry.
globals().update(_bind.names)
globals().update({"bool": _arrays.bool_, **_arrays.FORMER_NAMES})

e, pi, inf, nan = 2.718281828459045, 3.141592653589793, math.inf, math.nan
newaxis = None

# Imported when first asked for, so that `import engine` costs little over NumPy.
_LAZY = (
    "_C", "__config__", "__future__", "_dynamo", "accelerator", "amp", "backends", "compiler", "cpu", "cuda", "data",
    "distributed", "distributions", "fft", "func", "functional", "hub", "jit", "linalg", "live",
    "multiprocessing", "nn", "optim", "overrides",
    "profiler", "random", "return_types", "safetensors", "serialization", "signal", "special",
    "storage", "testing", "torch_version", "types", "utils", "version",
)  # fmt: skip
# Names of the package that stand in a module of its.
_FROM = {
    name: module
    for module, names in {
        "printing": "set_printoptions get_printoptions",
        "random": "fork_rng",
        "compiler": "compile",
        "func": "vmap",
        "traceable": "cond while_loop sym_int sym_float sym_not sym_ite sym_max sym_min sym_sum sym_sqrt",
        "formats": "sparse_coo sparse_csr sparse_csc sparse_bsr sparse_bsc jagged",
        "errors": "OutOfMemoryError AcceleratorError",
        "amp.grad_scaler": "GradScaler",
        "limits": "finfo iinfo",
        "checks": (
            "_check _check_with _check_index _check_value _check_type _check_not_implemented _check_is_size "
            "_check_tensor_all _check_tensor_all_with _assert_async _debug_has_internal_overlap"
        ),
        "version": "__version__",
        "legacy": "set_default_tensor_type",
        "storage": "UntypedStorage TypedStorage",
        "serialization": "save load",
        "autograd.anomaly_mode": "is_anomaly_enabled is_anomaly_check_nan_enabled set_anomaly_enabled",
        "amp.autocast_mode": "autocast",
        "amp.state": (
            "is_autocast_enabled set_autocast_enabled get_autocast_dtype set_autocast_dtype is_autocast_cache_enabled "
            "set_autocast_cache_enabled clear_autocast_cache autocast_increment_nesting autocast_decrement_nesting "
            "is_autocast_cpu_enabled set_autocast_cpu_enabled get_autocast_cpu_dtype set_autocast_cpu_dtype "
            "get_autocast_gpu_dtype set_autocast_gpu_dtype"
        ),
        "nn.functional": "celu_ rrelu_ selu_ threshold_",
    }.items()
    for name in names.split()
}
_LEFT_OUT = {
    "sparse": "sparse tensors", "quantization": "quantization", "ao": "quantization", "onnx": "export",
    "export": "export", "package": "export", "nested": "jagged tensors", "masked": "masked tensors",
    "quasirandom": "quasi-random numbers", "fx": "a program's graph as code; the page shows the graph itself",
    "library": "ops from other languages; torch.autograd.Function makes new ones", "classes": "classes in C++",
    "futures": "computing on other machines", "monitor": "the counters of a cluster",
}  # fmt: skip


# The names that stand here; with the ops, `dir(engine)`.
__all__ = [
    "Generator",
    "Size",
    "Tensor",
    "autograd",
    "bfloat16",
    "channels_last",
    "channels_last_3d",
    "complex32",
    "complex64",
    "complex128",
    "contiguous_format",
    "default_generator",
    "device",
    "dtype",
    "e",
    "enable_grad",
    "float16",
    "float32",
    "float64",
    "get_default_device",
    "get_default_dtype",
    "get_rng_state",
    "inf",
    "inference_mode",
    "initial_seed",
    "int8",
    "int16",
    "int32",
    "int64",
    "is_grad_enabled",
   
    "is_inference_mode_enabled",
    "is_storage",
    "layout",
    "manual_seed",
    "memory_format",
    "nan",
    "newaxis",
    "no_grad",
    "ops",
    "pi",
    "preserve_format",
    "seed",
    "set_default_device",
    "set_default_dtype",
    "set_grad_enabled",
    "set_rng_state",
    "strided",
    "typename",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
]  # fmt: skip


def is_storage(obj: Any) -> bool:
    """Whether it is a storage."""
    return hasattr(obj, "_flat")


def typename(obj: Any) -> str:
    """The name of an object's type."""
    if isinstance(obj, Tensor):
        return obj.type()
    named = obj if hasattr(obj, "__qualname__") else type(obj)
    module = getattr(named, "__module__", None)
    return named.__qualname__ if module in (None, "builtins") else f"{module}.{named.__qualname__}"


def __getattr__(name: str) -> Any:
    if name in _generated.NAMES:
        value = globals()[name] = _lazy.asked("NAMES", name, _bind.names)
        return value
    if name in _LAZY:
        return importlib.import_module(f"engine.{name}")
    if name in _FROM:
        return getattr(importlib.import_module(f"engine.{_FROM[name]}"), name)
    if name.endswith("Tensor") and (kind := importlib.import_module("engine.legacy").typed(name)) is not None:
        return kind
    if name.endswith("Storage") and (kind := importlib.import_module("engine.storage").typed_storage(name)) is not None:
        return kind
    if name.startswith("_foreach_") and (call := importlib.import_module("engine.foreach").function(name)) is not None:
        globals()[name] = call
        return call
    if name in ("mps", "xpu", "mtia"):
        return importlib.import_module("engine.accelerator").absent(name)
    if name in _LEFT_OUT:
        raise _errors.LeftOut(f"torch.{name} is left out of this engine on purpose: {_LEFT_OUT[name]}")
    raise _errors.MissingName("torch", name, __dir__)


def __dir__() -> list[str]:
    return sorted({*globals(), *_LAZY, *_FROM, *_generated.NAMES})


_PUBLIC = (*_LAZY, "autograd", "ops")
_without_parts(globals())
