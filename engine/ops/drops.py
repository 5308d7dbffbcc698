"""Dropout: of elements and of whole channels, to zero or to the value that keeps the variance of `selu`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from engine import deprecated, random
from engine.array import OF_NUMPY, TITLES, module
from engine.dispatch import check_cast, tensors
from engine.family import assign, check_in_place
from engine.fitting import as_number
from engine.meta import MetaArray
from engine.nodes import function_of
from engine.op import composite, d, op
from engine.tensor import wrap
from engine.titles import retitle

# What `selu` gives for minus infinity, without the sign.
_ALPHA = 1.7580993408473766


def _kept(x: Any, p: float, channels: bool) -> Any:
    """Booleans: which elements, or channels of samples, are kept. An array's are drawn in the order of its memory."""
    source = random.Generator() if x.__class__ is MetaArray else random.default_generator
    if channels:
        if x.ndim < 2:
            raise RuntimeError("Feature dropout requires at least 2 dimensions in the input")
        drawn = source.mask((*x.shape[:2], *(1,) * (x.ndim - 2)), 1 - p)
    else:
        axes = sorted(range(x.ndim), key=lambda axis: -x.strides[axis])
        if axes != list(range(x.ndim)) and 0 not in x.strides:
            drawn = source.mask(tuple(x.shape[axis] for axis in axes), 1 - p)
            drawn = drawn.transpose(np.argsort(axes))
        else:
            drawn = source.mask(x.shape, 1 - p)
    return module(x).asarray(drawn)


# A gradient goes through a dropout as the values did: the mask, zeros and scales, is no operand.
_MASKED = {"homes": (), "out": False}


@op(
    r"y = m \odot x",
    said=_MASKED | {"title": "MulBackward0", "below": lambda node: (function_of(node.parents[0]), (None, 0))},
    input=d(r"m \odot \bar y", lambda g, mask, k: k.masked(g, mask)),
)
def masked(input, mask):
    """The input times a mask, a raw array."""
    return input * mask


@op(
    r"y = x + s",
    said=_MASKED | {"title": "AddBackward0"},
    input=d(r"\bar y", lambda g: g),
)
def moved(input, shift):
    """The input plus a shift, a raw array."""
    return input + shift


def _check(p: float, kind: type[Exception]) -> None:
    if p < 0.0 or p > 1.0:
        raise kind(f"dropout probability has to be between 0 and 1, but got {p}")


def _dropped(input: Any, p: float, train: bool, channels: bool, alpha: bool) -> Any:
    """The input after a dropout; itself where there is none."""
    p = as_number("dropout", "p", 2, p, "float")
    _check(p, RuntimeError)
    x = input._array
    if not train or p == 0 or not x.size:
        return input
    if x.dtype.kind == "c":
        raise NotImplementedError(f"\"bernoulli_scalar_cpu_\" not implemented for '{TITLES[OF_NUMPY[x.dtype]]}'")
    check_cast(np.dtype(np.float32), x.dtype)
    if p == 1:  # nothing is drawn
        return masked(input, module(x).zeros((), x.dtype))
    kept = _kept(x, p, channels).astype(x.dtype)
    real = x.dtype.type
    if not alpha:
        return masked(input, kept * real(1 / (1 - p)))
    a = 1 / math.sqrt((_ALPHA * _ALPHA * p + 1) * (1 - p))
    shift = (kept - real(1)) * real(_ALPHA * a) + real(_ALPHA * a * p)
    return moved(masked(input, kept * real(a)), shift)


def _placed(input: Any, p: float, train: bool, channels: bool, alpha: bool, name: str) -> Any:
    """The dropout in the input's own place."""
    result = _dropped(input, p, train, channels, alpha)
    if result is input:
        return input
    check_in_place(input)
    return assign(input, result, name)


def _declare(name: str, channels: bool, alpha: bool, what: str) -> None:
    """`torch.NAME` and `torch.NAME_`."""

    def call(input: Any, p: float, train: bool) -> Any:
        return _dropped(input, p, train, channels, alpha)

    def call_in_place(input: Any, p: float, train: bool) -> Any:
        return _placed(input, p, train, channels, alpha, name + "_")

    for each, title in ((call, f"engine_{name}"), (call_in_place, f"engine_{name}_")):
        each.__name__ = each.__qualname__ = title
        each.__doc__ = what
        composite("engine")(each)


_declare("dropout", False, False, "Elements zeroed with the chance `p`, the others scaled to keep the mean.")
_declare("feature_dropout", True, False, "Channels zeroed with the chance `p`, the others scaled to keep the mean.")
_declare("alpha_dropout", False, True, "Elements dropped so that mean 0 and variance 1 stay.")
_declare("feature_alpha_dropout", True, True, "Channels dropped so that mean 0 and variance 1 stay.")


@composite("engine")
def native_dropout(input: Any, p: float, train: bool | None) -> Any:
    """The dropout of elements, and which were kept."""
    x = input._array
    if train is False or not x.size:
        result, kept = input.clone(), module(x).ones(x.shape, bool)
    else:
        kept = _kept(x, p, False)
        result = masked(input, kept * x.dtype.type(0 if p == 1 else 1 / (1 - p)))
    return retitle(result, "NativeDropoutBackward0", (input,)), wrap(kept)


# ---- as nn.functional has them


def _run(input: Any, p: float, training: bool, inplace: bool, channels: bool, alpha: bool, name: str) -> Any:
    _check(p, ValueError)
    if inplace:
        return _placed(input, p, training, channels, alpha, name + "_")
    return _dropped(input, p, training, channels, alpha)


@composite("functional")
def dropout(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """Each element zeroed with the chance `p`, the others scaled to keep the mean; nothing unless training."""
    return _run(input, p, training, inplace, False, False, "dropout")


@composite("functional")
def alpha_dropout(input: Any, p: float = 0.5, training: bool = False, inplace: bool = False) -> Any:
    """Elements set to what `selu` tends to, the others scaled and moved to keep mean and variance. Klambauer, 2017."""
    return _run(input, p, training, inplace, False, True, "alpha_dropout")


@composite("functional")
def feature_alpha_dropout(input: Any, p: float = 0.5, training: bool = False, inplace: bool = False) -> Any:
    """`alpha_dropout` of whole channels."""
    return _run(input, p, training, inplace, True, True, "feature_alpha_dropout")


def _batched(axes: int, input: Any, p: float, training: bool, inplace: bool) -> Any:
    """The dropout of channels, of a batch or of one sample."""
    if input._array.ndim == axes + 2:
        return _run(input, p, training, inplace, True, False, "feature_dropout")
    result = _run(input.unsqueeze(0), p, training, inplace, True, False, "feature_dropout")
    return input if inplace else result.squeeze(0)


@composite("functional")
def dropout1d(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """Channels of lines (N, C, L) or (C, L) zeroed with the chance `p`."""
    _check(p, ValueError)
    if input._array.ndim not in (2, 3):
        raise RuntimeError(
            f"dropout1d: Expected 2D or 3D input, but received a {input._array.ndim}D input. Note that dropout1d "
            "exists to provide channel-wise dropout on inputs with 1 spatial dimension, a channel dimension, and an "
            "optional batch dimension (i.e. 2D or 3D inputs)."
        )
    return _batched(1, input, p, training, inplace)


def _warn_rank(name: str, input: Any, axes: int) -> None:
    if input._array.ndim not in (axes + 1, axes + 2):
        deprecated.tell(
            f"{name}: Received a {input._array.ndim}-D input to {name}, which is deprecated and will result in an "
            "error in a future release. To retain the behavior and silence this warning, please use dropout instead. "
            f"Note that {name} exists to provide channel-wise dropout on inputs with {axes} spatial dimensions, a "
            f"channel dimension, and an optional batch dimension (i.e. {axes + 1}D or {axes + 2}D inputs).",
        )


@composite("functional")
def dropout2d(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """Channels of images (N, C, H, W) zeroed with the chance `p`; of three axes the first two are samples, channels."""
    _check(p, ValueError)
    _warn_rank("dropout2d", input, 2)
    if input._array.ndim == 3:
        deprecated.tell(
            "dropout2d: Received a 3D input to dropout2d and assuming that channel-wise 1D dropout behavior is "
            "desired - input is interpreted as shape (N, C, L), where C is the channel dim. This behavior will change "
            "in a future release to interpret the input as one without a batch dimension, i.e. shape (C, H, W). To "
            "maintain the 1D channel-wise dropout behavior, please switch to using dropout1d instead.",
        )
    return _run(input, p, training, inplace, True, False, "feature_dropout")


@composite("functional")
def dropout3d(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """Channels of volumes (N, C, D, H, W) or (C, D, H, W) zeroed with the chance `p`."""
    _check(p, ValueError)
    _warn_rank("dropout3d", input, 3)
    return _batched(3, input, p, training, inplace)


@composite("functional")
def gumbel_softmax(logits: Any, tau: float = 1, hard: bool = False, eps: float = 1e-10, dim: int = -1) -> Any:
    """Samples that are almost one-hot, or with `hard` are, with a gradient. Jang, Gu and Poole, 2016."""
    if eps != 1e-10:
        deprecated.tell("`eps` parameter is deprecated and has no effect.")
    x = logits._array
    if x.dtype.kind in "biu":
        raise RuntimeError(
            "Exponential distribution is a continuous probability distribution. dtype must be a floating point but you "
            f"specified {TITLES[logits.dtype]}"
        )
    waits = random.default_generator.exponential(x.shape, 1.0, x.dtype)
    noise = wrap(module(x).asarray(-np.log(waits)))
    soft = tensors.softmax_along((logits + noise) / tau, dim)
    if not hard:
        return soft
    largest = soft._array.argmax(axis=dim)
    one = np.arange(x.shape[dim]).reshape(-1, *(1,) * (x.ndim - 1 - dim % x.ndim)) if x.ndim else np.zeros(())
    chosen = (module(x).expand_dims(largest, dim) == module(x).asarray(one)).astype(x.dtype)
    return wrap(chosen) - soft.detach() + soft
