"""Compiling: accepted, and everything runs eagerly as ever. `torch.compile` and what scripts say to the compiler."""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, NoReturn

from engine.errors import LeftOut

_MODES = ("default", "lite", "reduce-overhead", "max-autotune-no-cudagraphs", "max-autotune")
_BACKENDS = ("cudagraphs", "inductor", "openxla", "tvm")
_FOR_DEBUGGING = (
    "aot_eager", "aot_eager_decomp_partition", "aot_eager_default_partitioner", "aot_ts", "eager", "eager_debug",
    "eager_noexcept", "ts",
)  # fmt: skip

config = SimpleNamespace(job_id=None, cache_key_tag="", dynamic_sources="", unbacked_sources="")
_default = "inductor"


def compile(
    model: Any = None,
    *,
    fullgraph: bool = False,
    dynamic: bool | None = None,
    backend: Any = None,
    mode: str | None = None,
    options: dict[str, Any] | None = None,
    name: str | None = None,
    disable: bool = False,
    recompile_limit: int | None = None,
    isolate_recompiles: bool = False,
    shapes_spec: Any = None,
) -> Any:
    """The function or module itself: compiling is accepted, with options that PyTorch would take, and does nothing.

    Without a model, a decorator. RuntimeError for a mode or backend that PyTorch has not.
    """
    if mode is not None and options is not None:
        raise RuntimeError("Either mode or options can be specified, but both can't be specified at the same time.")
    if isinstance(backend, str) and backend not in (*_BACKENDS, *_FOR_DEBUGGING):
        raise RuntimeError(f"Invalid backend: {backend!r}, see `torch._dynamo.list_backends()` for available backends.")
    if backend in (None, "inductor") and mode is not None and mode not in _MODES:
        raise RuntimeError(f"Unrecognized mode={mode}, should be one of: {', '.join(_MODES)}")
    if dynamic is not None and not isinstance(dynamic, bool):
        raise AssertionError(f"Expected enable to be a bool, got {type(dynamic)}")
    if model is None:
        return _itself
    return _itself(model)


def _itself(model: Any) -> Any:
    if not callable(model):
        raise AssertionError(f"A callable function is expected, but {type(model)} is provided.")
    return model


def is_compiling() -> bool:
    """False: nothing is compiled."""
    return False


is_dynamo_compiling = is_exporting = is_compiling


def list_backends(exclude_tags: Any = ("debug", "experimental")) -> list[str]:
    """The names that `compile` takes for `backend`."""
    return sorted(_BACKENDS if exclude_tags else (*_BACKENDS, *_FOR_DEBUGGING))


def set_default_backend(backend: Any) -> None:
    """Keep a name, to be asked for."""
    global _default
    _default = "inductor" if backend is None else backend


def get_default_backend() -> Any:
    """The name that was kept."""
    return _default


def disable(fn: Any = None, recursive: bool = True, *, reason: str | None = None) -> Any:
    """The function itself: it is not compiled."""
    return (lambda function: function) if fn is None else fn


def allow_in_graph(fn: Any) -> Any:
    """The function itself."""
    return fn


assume_constant_result = allow_in_graph


def substitute_in_graph(
    original_fn: Any, *, can_constant_fold_through: bool = False, skip_signature_check: bool = False
) -> Callable[[Any], Any]:
    """A decorator that gives the function itself."""
    return lambda function: function


def nested_compile_region(fn: Any = None, **options: Any) -> Any:
    """The function itself."""
    return (lambda function: function) if fn is None else fn


def reset() -> None:
    """Forget what was compiled: nothing."""


cudagraph_mark_step_begin = reset


class set_stance:
    """How compiled functions are to be called, as a statement, a context or a decorator; eagerly in any case."""

    def __init__(self, stance: str = "default", *, skip_guard_eval_unsafe: bool = False, force_backend: Any = None):
        self.stance = stance

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: Any) -> None:
        pass

    def __call__(self, fn: Any) -> Any:
        return fn


def wrap_numpy(fn: Callable[..., Any]) -> Callable[..., Any]:
    """A function on arrays as one on tensors."""
    import numpy as np

    from engine import as_tensor
    from engine.tensor import Tensor
    from engine.utils._pytree import tree_map

    @functools.wraps(fn)
    def call(*args: Any, **kwargs: Any) -> Any:
        def to_array(value: Any) -> Any:
            return value.numpy() if isinstance(value, Tensor) else value

        def to_tensor(value: Any) -> Any:
            return as_tensor(value) if isinstance(value, (np.ndarray, np.generic)) else value

        return tree_map(to_tensor, fn(*tree_map(to_array, args), **tree_map(to_array, kwargs)))

    return call


def __getattr__(name: str) -> NoReturn:
    if name in ("save_cache_artifacts", "load_cache_artifacts", "load_compiled_function") or name.endswith("_unsafe"):
        raise LeftOut(f"torch.compiler.{name} is left out of this engine on purpose: nothing is compiled")
    raise AttributeError(f"module 'torch.compiler' has no attribute '{name}'", name=name)
