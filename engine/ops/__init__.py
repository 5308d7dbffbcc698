"""The ops, a family a file. Importing this package declares all of them."""

from engine.ops import (
    activation,
    arithmetic,
    batch,
    chance,
    class_loss,
    compare,
    complex,
    conv,
    convert,
    create,
    diagonal,
    elementwise,
    extreme,
    fourier,
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
    spectrum,
    stft,
    taper,
)

__all__ = [
    "activation", "arithmetic", "batch", "chance", "class_loss", "compare", "complex", "conv", "convert", "create",
    "diagonal", "elementwise", "extreme", "fourier", "index", "join", "layer", "linalg", "loss", "order", "pad", "pick",
    "pool", "product", "reduce", "shape", "spectrum", "stft", "taper",
]  # fmt: skip
