"""The ops, a family a file. Importing this package declares all of them."""

from engine.ops import (
    activation,
    arithmetic,
    compare,
    convert,
    create,
    elementwise,
    index,
    layer,
    linalg,
    loss,
    reduce,
    shape,
)

__all__ = [
    "activation", "arithmetic", "compare", "convert", "create", "elementwise", "index", "layer", "linalg", "loss",
    "reduce", "shape",
]  # fmt: skip
