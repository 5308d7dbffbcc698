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


def stale(dtype: str, shape: Sequence[int], name: str, changed_by: str) -> str:
    """PyTorch's sentence about a saved value that was changed, and by what."""
    return (
        "one of the variables needed for gradient computation has been modified by an inplace operation: "
        f"[torch.{dtype}Tensor {list(shape)}], which is saved by {name}, was changed by {changed_by}. Hint: use the "
        "out-of-place form of that operation, or clone() the value first."
    )
