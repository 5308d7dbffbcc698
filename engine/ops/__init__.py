"""The ops, a family a file. Importing this package declares all of them."""

from engine.ops import (
    activation,
    arithmetic,
    batch,
    bessel,
    chance,
    class_loss,
    compare,
    conv,
    convert,
    create,
    diagonal,
    elementwise,
    extreme,
    gamma,
    index,
    join,
    layer,
    linalg,
    loss,
    normal,
    order,
    pad,
    pairs,
    pick,
    polynomials,
    pool,
    product,
    reduce,
    shape,
)

__all__ = [
    "activation", "arithmetic", "batch", "bessel", "chance", "class_loss", "compare", "conv", "convert", "create",
    "diagonal", "elementwise", "extreme", "gamma", "index", "join", "layer", "linalg", "loss", "normal", "order",
    "pad", "pairs", "pick", "polynomials", "pool", "product", "reduce", "shape",
]  # fmt: skip
