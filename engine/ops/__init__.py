"""The ops, a family a file. Importing this package declares all of them."""

from engine.ops import (
    activation,
    arithmetic,
    batch,
    chance,
    class_loss,
    compare,
    conv,
    convert,
    create,
    diagonal,
    elementwise,
    extreme,
    index,
    join,
    layer,
    linalg,
    loss,
    order,
    pad,
    pick,
    pool,
    product,
    reduce,
    shape,
)

__all__ = [
    "activation", "arithmetic", "batch", "chance", "class_loss", "compare", "conv", "convert", "create", "diagonal",
    "elementwise", "extreme", "index", "join", "layer", "linalg", "loss", "order", "pad", "pick", "pool", "product",
    "reduce", "shape",
]  # fmt: skip
