"""What functions say of an argument that is no tensor: in the words of PyTorch, once they find it out."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any

from engine.errors import class_name, not_a_tensor

# Functions that are Python in PyTorch, and the attribute that they ask their first argument for.
_ASKED = {
    name: attribute
    for attribute, names in {
        "size": "mse_loss l1_loss smooth_l1_loss huber_loss binary_cross_entropy binary_cross_entropy_with_logits "
        "adaptive_avg_pool2d adaptive_avg_pool3d",
        "dim": "interpolate multi_head_attention_forward group_norm gumbel_softmax dropout1d dropout2d dropout3d",
        "norm": "normalize",
        "softmax": "softmax",
        "log_softmax": "log_softmax",
        "split": "split",
    }.items()
    for name in names.split()
}
_LOSSES = frozenset(("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss", "binary_cross_entropy"))
_NAMED = {
    "unfold": "im2col", "fold": "col2im", "nll_loss": "nll_loss_nd", "cross_entropy": "cross_entropy_loss",
    "unique": "_unique2",
}  # fmt: skip
# Functions of several signatures, and the first of these.
_SEVERAL = dict.fromkeys(
    ("conv1d", "conv2d", "conv3d"),
    "(Tensor input, Tensor weight, Tensor bias = None, tuple of ints stride = 1, tuple of ints padding = 0, tuple of "
    "ints dilation = 1, int groups = 1)",
) | dict.fromkeys(
    ("std", "var", "std_mean", "var_mean"),
    "(Tensor input, tuple of ints dim, bool unbiased = True, bool keepdim = False)",
)


# Functions of nn.functional with an axis; they are Python in PyTorch, and know NumPy's name of it not.
_NAMING_DIM = frozenset(("softmax", "log_softmax", "softmin", "gumbel_softmax", "normalize", "glu"))


def telling(name: str, call: Callable[..., Any], functional: bool = False) -> Callable[..., Any]:
    """The function, which says so in PyTorch's words where it is given something else for a tensor."""
    naming = functional and name in _NAMING_DIM

    @functools.wraps(call)
    def told(*args: Any, **kwargs: Any) -> Any:
        if naming and "axis" in kwargs:
            raise TypeError(f"{name}() got an unexpected keyword argument 'axis'")
        try:
            return call(*args, **kwargs)
        except AttributeError as error:
            if error.name not in ("_array", "ndim", "_requires_grad"):
                raise
            wrong = _complaint(name, call, error.obj, args, kwargs)
            if wrong is None:
                raise
        raise wrong

    return told


def _complaint(
    name: str, call: Callable[..., Any], given: Any, args: Sequence[Any], kwargs: dict[str, Any]
) -> Exception | None:
    """The error for a value that is no tensor; None if it is no argument."""
    try:
        bound = inspect.signature(call).bind(*args, **kwargs).arguments
    except TypeError:
        return None
    names = list(inspect.signature(call).parameters)
    at = next((key for key, value in bound.items() if value is given), None)
    if at is None:
        return None
    if name in _SEVERAL:
        words = [class_name(each) for each in args] + [f"{key}={class_name(each)}" for key, each in kwargs.items()]
        return TypeError(
            f"{name}() received an invalid combination of arguments - got ({', '.join(words)}), but expected one of:\n"
            f" * {_SEVERAL[name]}"
        )
    if name in _ASKED and (at == names[0] or (name.removesuffix("_with_logits") in _LOSSES and at == names[1])):
        asked = _ASKED[name]
        return AttributeError(f"'{class_name(given)}' object has no attribute '{asked}'", name=asked, obj=given)
    name = name.removeprefix("functional_")
    return not_a_tensor(_NAMED.get(name, name), "input" if name == "one_hot" else at, names.index(at), given)
