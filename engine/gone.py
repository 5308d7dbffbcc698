"""Values that the way back can no longer use, and what PyTorch says of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class Gone:
    """What stands in a node's fields for a value that can no longer be used; touching it raises the sentence."""

    __slots__ = ("sentence",)

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence

    def complain(self) -> Any:
        """Raise the sentence."""
        raise RuntimeError(self.sentence)

    _array = _family = property(complain)


FREED = Gone(
    "Trying to backward through the graph a second time (or directly access saved tensors after they have already been "
    "freed). Saved intermediate values of the graph are freed when you call .backward() or autograd.grad(). Specify "
    "retain_graph=True if you need to backward through the graph a second time or if you need to access saved tensors "
    "after calling backward."
)


def _short(origin: str) -> str:
    """PyTorch's way to name the node that made a value: without what every name ends with."""
    before, _, last = origin.rpartition(" ")
    if last.startswith("torch::"):
        return origin
    if last == "NotImplemented":
        return f"{before} torch::autograd::{last}"
    return f"{before} {last.removesuffix('Backward0').replace('Backward', '')}"


def stale(
    dtype: str,
    shape: Sequence[int],
    origin: str | None,
    versions: tuple[int, int],
    saved_by: str,
    changed_by: str,
    anomaly: bool = False,
) -> str:
    """PyTorch's sentence about a saved value that was changed, and by what.

    `origin` is the node that made the value ("output 0 of MulBackward0"); `versions` are the one now and the one then;
    `anomaly` tells whether anomaly mode shows where the op was called.
    """
    made = "" if origin is None else f", which is {_short(origin)},"
    start = (
        "one of the variables needed for gradient computation has been modified by an inplace operation: "
        f"[torch.{dtype}Tensor {list(shape)}]{made} is at version {versions[0]}; expected version {versions[1]} "
        "instead. Hint: "
    )
    if anomaly:
        return (
            f"{start}the backtrace further above shows the operation that failed to compute its gradient. The variable "
            "in question was changed in there or anywhere later. Good luck!"
        )
    return (
        f"{start}enable anomaly detection to find the operation that failed to compute its gradient, with "
        "torch.autograd.set_detect_anomaly(True, check_nan=False). The value was saved by "
        f"{saved_by} and then changed by {changed_by}; use the out-of-place form of that operation, or clone() the "
        "value first."
    )
