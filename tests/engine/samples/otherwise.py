"""Where the engine's answers to drawn calls are meant to differ from PyTorch's, and why."""

from __future__ import annotations

import re

# A pattern of the function's name, a piece of what the comparison says, and the reason.
OTHERWISE = (
    ("atan2", "g: ", "PyTorch computes with bytes there, whose negative wraps"),
    ("std", "g: ", "PyTorch counts no elements where no axes are named"),
    ("nn.functional.hardshrink", "bfloat16", "PyTorch's vectors pass no gradient to NaN, its single elements do"),
    ("kthvalue", "int64", "which of equal elements is named is not said"),
    ("searchsorted", "int64", "the sequence is not sorted"),
    ("nn.functional.multi_margin_loss", "nan", "PyTorch reads memory that nobody has set"),
    ("nn.functional.pairwise_distance", "float16", "PyTorch's eps is not zero in halves"),
    (
        "addcdiv|mean|var_mean|dist|ldexp",
        "g: ",
        "gradients that PyTorch does not get",
    ),
    ("nn.functional.multilabel_margin_loss", "BFloat16|nan", "nothing is lost of nothing"),
    (".__rmod__", "g: ", "PyTorch has no derivative for a number on the left"),
    (r"\[\]=", "g: ", "what is cast to bool has a gradient of zero"),
    (".*", "complex32|ComplexHalf", "complex halves are left out"),
    ("expm1", "text", "the last digit"),
    (".*", r"instead of \['RuntimeError', 'The size of tensor a", "the dtype is named before the shapes"),
    # Two things are wrong, and the other is named.
    ("amax|amin", "non-zero size|differentiation", "the dtype or the axes are named before the size"),
    (r"remainder|pow|nextafter|mv|.__rfloordiv__|.sub_|nn.functional.linear|trace|addcmul", "instead of", "two faults"),
    (".__rsub__|.copy_", "must match the size", "the shapes are named in the order in which they stand"),
    ("scatter|scatter_reduce|index_fill", "with size 0", "the index is named before the shapes"),
    ("clamp", "clamp", "two faults"),
    # What PyTorch's parser of arguments says.
    ("flip", "dims", "another keyword is no axis"),
    ("prod", "NoneType", "None is every axis"),
    ("arg(max|min)", "position 2", "the place of the argument is named as well"),
    ("logsumexp", "NoneType", "None is no axis"),
    # Accidents of PyTorch's.
    ("index_(add|copy|select)", "out of bounds|out of range", "an index outside is an error, also of nothing"),
    ("nn.functional.bilinear", "reshape|same dtype", "nothing is computed of nothing"),
    ("nansum|sum|bmm", "Autograd not support", "an integer result simply has no gradient"),
    ("linalg.cholesky", "Half", "nothing is factored of nothing, but no halves"),
    ("lerp", "weight", "a number in a tensor counts as one where PyTorch takes it for the other form"),
    ("unflatten", "unexpected", "PyTorch prints its own stack"),
    ("cartesian_prod", "meshgrid", "the dtypes are promoted"),
    ("special.log_ndtr", "Half", "computed in halves"),
    (r"\[\]=?", "shape mismatch|out of bounds", "the axis is counted otherwise"),
)


def reason(name: str, said: str) -> str | None:
    """Why a difference is meant to be; None where it is not."""
    return next((why for of, piece, why in OTHERWISE if re.fullmatch(of, name) and re.search(piece, said)), None)
