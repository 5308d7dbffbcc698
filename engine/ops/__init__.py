"""The ops, a family a file. Importing this package declares all of them."""

from engine.ops import (
    activation,
    arithmetic,
    arrange,
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
    make,
    order,
    pad,
    pick,
    place,
    pool,
    product,
    reduce,
    refill,
    shape,
    strided,
)

__all__ = [
    "activation", "arithmetic", "arrange", "batch", "chance", "class_loss", "compare", "conv", "convert", "create",
    "diagonal", "elementwise", "extreme", "index", "join", "layer", "linalg", "loss", "make", "order", "pad",
    "pick", "place", "pool", "product", "reduce", "refill", "shape", "strided",
]  # fmt: skip
