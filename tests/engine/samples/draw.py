"""Strategies that draw calls: of each family of functions, over shapes, axes, dtypes, layouts and numbers."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

FLOATS = ("f4", "f4", "f8", "f2", "bf")
EVERY = ("f4", "f4", "f8", "i8", "i4", "u1", "b1", "f2", "bf", "c8")
SIZES = (2, 3, 2, 3, 1, 4, 0)


def shapes(least: int = 0, most: int = 4) -> st.SearchStrategy[list[int]]:
    """Shapes with few axes; some sizes are 1, fewer 0."""
    return st.lists(st.sampled_from(SIZES), min_size=least, max_size=most)


@st.composite
def tensor(draw: Any, shape: Any = None, kinds: Any = EVERY, seeds: Any = (0, 1, 2, 3, 4, 5)) -> dict[str, Any]:
    """A tensor of a drawn dtype, seed and layout."""
    size = draw(shapes()) if shape is None else list(shape)
    layouts = ["", "", ""] + (["t"] if len(size) > 1 else []) + (["s"] if size else []) + (["x"] if size else [])
    layout = draw(st.sampled_from(layouts))
    return {"t": [draw(st.sampled_from(kinds)), size, draw(st.sampled_from(seeds)), layout]}


def size_of(made: dict[str, Any]) -> list[int]:
    """A drawn tensor's shape."""
    return list(made["t"][1])


@st.composite
def like(draw: Any, shape: list[int]) -> list[int]:
    """A shape that broadcasts with another, nearly always."""
    cut = draw(st.integers(0, len(shape)))
    ones = draw(st.lists(st.booleans(), min_size=len(shape), max_size=len(shape)))
    made = [1 if one else n for n, one in zip(shape[cut:], ones, strict=False)]
    return [5, *made[1:]] if made and draw(st.integers(0, 19)) == 0 else made


def number() -> st.SearchStrategy[Any]:
    """A Python number."""
    return st.sampled_from([2, 3, -1, 0, 0.5, -1.5, 2.0, True, {"c": [1.0, 2.0]}])


@st.composite
def axis(draw: Any, ndim: int) -> int:
    """An axis from either end, seldom one that is not there."""
    wide = draw(st.integers(0, 14)) == 0
    n = max(ndim, 1)
    return draw(st.integers(-n - 1, n)) if wide else draw(st.integers(-n, n - 1))


@st.composite
def axes(draw: Any, ndim: int) -> Any:
    """None, an axis, or several."""
    way = draw(st.sampled_from(("none", "one", "one", "several")))
    if way == "none":
        return None
    if way == "one":
        return draw(axis(ndim))
    return {"u": draw(st.lists(axis(ndim), min_size=0 if draw(st.booleans()) else 1, max_size=max(ndim, 1)))}


BINARY = (
    "add", "sub", "mul", "div", "floor_divide", "remainder", "fmod", "pow", "maximum", "minimum", "eq", "ne", "lt",
    "ge", "atan2", "logical_and", "logical_xor", "bitwise_and", "bitwise_xor", "hypot", "copysign", "fmax", "fmin",
    "xlogy", "logaddexp", "bitwise_left_shift", "heaviside", "nextafter", "gcd", "float_power", "isclose",
    ".add_", ".mul_", ".sub_", ".div_", ".pow_", ".copy_", ".__radd__", ".__rsub__", ".__rtruediv__", ".__rpow__",
    "true_divide", ".__mod__", ".__rmod__", ".__floordiv__", ".__rfloordiv__", ".__and__", "ldexp", "dist",
)  # fmt: skip


@st.composite
def binary(draw: Any) -> list[Any]:
    """An operation of two, one of which may be a number."""
    name = draw(st.sampled_from(BINARY))
    kind = draw(st.sampled_from(EVERY))
    first = draw(tensor(kinds=(kind,), seeds=(0, 1, 2, 3, 4, 7)))
    same = draw(st.booleans())
    second = draw(st.one_of(tensor(draw(like(size_of(first))), (kind,) if same else EVERY), number()))
    kwargs: dict[str, Any] = {}
    if name in ("add", "sub", ".add_", ".sub_") and draw(st.integers(0, 2)) == 0:
        kwargs["alpha"] = draw(st.sampled_from([2, -1, 0.5]))
    if name in ("div", ".div_") and draw(st.booleans()):
        kwargs["rounding_mode"] = draw(st.sampled_from(["floor", "trunc", None]))
    order = [second, first] if not name.startswith(".") and draw(st.integers(0, 4)) == 0 else [first, second]
    return [name, order, kwargs]


TERNARY = ("where", "lerp", "addcmul", "addcdiv", "clamp")


@st.composite
def ternary(draw: Any) -> list[Any]:
    """An operation of three."""
    name = draw(st.sampled_from(TERNARY))
    kind = draw(st.sampled_from(EVERY))
    first = draw(tensor(kinds=("b1",) if name == "where" else (kind,)))
    given = [first]
    for _ in range(2):
        other = tensor(draw(like(size_of(first))), (kind, kind, draw(st.sampled_from(EVERY))))
        given.append(draw(other if name in ("addcmul", "addcdiv") else st.one_of(other, number())))
    return [name, given, {}]


UNARY = (
    "abs", "neg", "exp", "log", "sqrt", "rsqrt", "sin", "cos", "tan", "tanh", "sigmoid", "relu", "floor", "ceil",
    "round", "trunc", "frac", "sign", "sgn", "reciprocal", "square", "erf", "erfc", "exp2", "expm1", "log1p",
    "log2", "log10", "isnan", "isinf", "isfinite", "logical_not", "bitwise_not", "nan_to_num", "digamma", "lgamma",
    "angle", "real", "conj", "asin", "acos", "atan", "sinh", "cosh", "asinh", "acosh", "atanh", "erfinv", "logit",
    "sinc", "deg2rad", "signbit", "positive", "i0", "selu", "celu", ".exp_", ".sqrt_", ".neg_", ".floor_",
    ".sigmoid_", ".zero_", ".double", ".half", ".long", ".bool", ".int", ".float", ".clone", ".detach",
    "zeros_like", "ones_like", "special.expit", "special.ndtr", "special.log_ndtr", "special.entr", "special.i1",
    "special.erfcx",
)  # fmt: skip


@st.composite
def unary(draw: Any) -> list[Any]:
    """An operation of one."""
    return [draw(st.sampled_from(UNARY)), [draw(tensor(seeds=(0, 1, 2, 7, 8)))], {}]


REDUCTIONS = (
    "sum", "mean", "prod", "max", "min", "amax", "amin", "argmax", "argmin", "var", "std", "all", "any", "logsumexp",
    "norm", "median", "nansum", "nanmean", "count_nonzero", "aminmax", "std_mean", "var_mean", "cumsum", "cumprod",
    "cummax", "cummin", "logcumsumexp", "softmax", "log_softmax", "mode", "nanmedian", "linalg.vector_norm", "flip",
    "quantile", "nn.functional.normalize", "trapezoid", "diff", "sort", "argsort", "renorm", "unique",
)  # fmt: skip
NO_KEEP = (
    "cumsum", "cumprod", "cummax", "cummin", "logcumsumexp", "softmax", "log_softmax", "count_nonzero", "flip",
    "nn.functional.normalize", "trapezoid", "diff", "sort", "argsort", "renorm", "unique",
)  # fmt: skip


@st.composite
def reduction(draw: Any) -> list[Any]:
    """A reduction or scan along axes."""
    name = draw(st.sampled_from(REDUCTIONS))
    x = draw(tensor(seeds=(0, 1, 2, 3, 7) if name != "unique" else (0, 1, 2)))
    ndim = len(size_of(x))
    kwargs: dict[str, Any] = {}
    args: list[Any] = [x]
    dim = draw(axes(ndim))
    if name == "quantile":
        args.append(draw(st.sampled_from([0.5, 0.25, 1.0])))
    if name == "renorm":
        args += [2.0, draw(axis(ndim)), 1.0]
    elif name in NO_KEEP and name not in ("count_nonzero", "flip"):
        kwargs["dim"] = draw(axis(ndim))
    elif dim is not None or draw(st.booleans()):
        kwargs["dim"] = dim
    if name not in NO_KEEP and "dim" in kwargs and draw(st.booleans()):
        kwargs["keepdim"] = True
    if name in ("sum", "mean", "prod", "cumsum", "cumprod", "nansum", "softmax") and draw(st.integers(0, 3)) == 0:
        kwargs["dtype"] = {"d": draw(st.sampled_from(["float64", "float32", "int64", "complex64"]))}
    if name in ("var", "std", "std_mean", "var_mean") and draw(st.booleans()):
        kwargs["correction"] = draw(st.sampled_from([0, 1, 2]))
    if name in ("norm", "linalg.vector_norm") and draw(st.booleans()):
        args.append(draw(st.sampled_from([1, 2, 0, 3.0, float("inf"), float("-inf")])))
    return [name, args, kwargs]
