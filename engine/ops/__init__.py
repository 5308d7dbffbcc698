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
    fold,
    index,
    join,
    layer,
    linalg,
    loss,
    norm,
    order,
    pad,
    pick,
    pool,
    product,
    rearrange,
    reduce,
    resample,
    shape,
)

__all__ = [
    "activation", "arithmetic", "batch", "chance", "class_loss", "compare", "conv", "convert", "create", "diagonal",
    "elementwise", "extreme", "fold", "index", "join", "layer", "linalg", "loss", "norm", "order", "pad", "pick",
    "pool", "product", "rearrange", "reduce", "resample", "shape",
]  # fmt: skip
