"""What the protocol `__torch_function__` calls a function: by its place, and by whether PyTorch has it in Python."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.tensor import Tensor

# The functions of `nn.functional` that are not written in Python, and those of them that are kept elsewhere.
_IN_C = frozenset(
    """
    adaptive_avg_pool1d avg_pool1d avg_pool2d avg_pool3d bilinear celu_ channel_shuffle conv1d conv2d conv3d conv_tbc
    conv_transpose1d conv_transpose2d conv_transpose3d cosine_similarity elu_ gelu hardshrink hardtanh_ leaky_relu_
    linear logsigmoid native_channel_shuffle one_hot pairwise_distance pdist pixel_shuffle pixel_unshuffle prelu relu_
    rrelu_ scaled_dot_product_attention selu_ softplus softshrink threshold_
    """.split()  # noqa: SIM905
)
_IN_NN = frozenset("avg_pool2d avg_pool3d elu_ gelu hardtanh_ leaky_relu_ linear one_hot softplus softshrink".split())  # noqa: SIM905
# The functions of `torch` that are written in Python.
_FUNCTIONAL = frozenset(
    """
    atleast_1d atleast_2d atleast_3d block_diag broadcast_shapes broadcast_tensors cartesian_prod cdist chain_matmul
    einsum lu meshgrid norm split stft tensordot unique unique_consecutive unravel_index
    """.split()  # noqa: SIM905
)
_METHODS = frozenset(
    """
    __contains__ __deepcopy__ __len__ __repr__ __reversed__ __rdiv__ __rpow__ __rsub__ backward istft lu norm
    register_hook register_post_accumulate_grad_hook resize_as share_memory_ split stft unflatten unique
    unique_consecutive
    """.split()  # noqa: SIM905
)
_PREFIXED = ("linalg", "fft", "special")


def method_name(func: Any) -> str | None:
    """The name of a method of tensors, or that by which a property is read or set; None for what is neither."""
    owner = getattr(func, "__self__", None)
    if isinstance(owner, property):
        found = _key_of(owner, getattr(owner.fget, "__name__", ""))
        return None if found is None else f"{found}.{func.__name__}"
    return _key_of(func, getattr(func, "__name__", ""))


def _key_of(what: Any, likely: str) -> str | None:
    """The name under which tensors have something, which a mode may have put a property of its own over."""
    spaces = [vars(kind) for kind in Tensor.__mro__[:-1]]
    pairs = [(likely, space[likely]) for space in spaces if likely in space]
    pairs += [pair for space in spaces for pair in space.items()]
    # What a program took before the first class with a `__torch_function__` came has been wrapped since.
    return next((key for key, value in pairs if getattr(value, "held", value) is what or _wrapped(value) is what), None)


def _wrapped(value: Any) -> Any:
    return getattr(value, "__wrapped__", value)


def found_as(func: Any) -> tuple[str, bool]:
    """The name that PyTorch's errors give a function, and whether it is written in Python."""
    method = method_name(func)
    if method is not None:
        return f"torch.Tensor.{method}", method in _METHODS
    name, home = getattr(func, "__name__", str(func)), getattr(func, "__module__", None) or ""
    if home.split(".")[0] not in ("engine", "torch"):
        return f"{home}.{name}", True
    space = home.partition(".")[2]
    if space == "nn.functional":
        return (f"torch.{'nn.' * (name in _IN_NN)}{name}", False) if name in _IN_C else (f"torch.{space}.{name}", True)
    if name in _FUNCTIONAL:
        return f"torch.functional.{name}", True
    if space in _PREFIXED:
        return f"torch.{space}.{name if name.startswith(space) else f'{space}_{name}'}", False
    return f"torch.{name}", False


def told(func: Any, kwargs: dict[str, Any]) -> dict[str, Any] | None:
    """The named arguments as the protocol is told of them: None where there are none, but for what is in Python."""
    return kwargs if kwargs or found_as(func)[1] else None


def declined(func: Any, lines: Sequence[str], kinds: Sequence[type], mode: Any = None) -> TypeError:
    """The error where all who were asked declined; `lines` say who they are."""
    name, in_python = found_as(func)
    if in_python:
        within = f" nor was it found on the currently active mode {mode}" if mode is not None else ""
        return TypeError(
            f"no implementation found for '{name}' on types that implement __torch_function__: {list(kinds)}{within}"
        )
    return TypeError(
        f"Multiple dispatch failed for '{name}'; all __torch_function__ handlers returned NotImplemented:\n\n"
        + "\n".join(lines)
        + "\n\nFor more information, try re-running with TORCH_LOGS=not_implemented"
    )
