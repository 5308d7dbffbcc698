"""Tensors filled from chance in place."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np

from engine import array, deprecated, family, graph, random
from engine.dispatch import tensors
from engine.errors import wrong_call
from engine.fitting import plain
from engine.meta import MetaArray
from engine.op import composite
from engine.tensor import Tensor

_IN_C = {"int64": "long int", "int32": "int", "int16": "short int", "int8": "signed char", "uint8": "unsigned char",
         "bool": "bool", "float32": "float", "float64": "double", "float16": "c10::Half",
         "bfloat16": "c10::BFloat16",
         "complex64": "c10::complex<float>", "complex128": "c10::complex<double>"}  # fmt: skip


def not_for(kernel: str, kind: np.dtype) -> NotImplementedError:
    """PyTorch's error of a kernel that there is not for a dtype."""
    return NotImplementedError(f"\"{kernel}\" not implemented for '{array.TITLES[array.OF_NUMPY[kind]]}'")


def _only_real(kind: np.dtype, kernel: str, refused: str = "iub", count: int = 1) -> None:
    """PyTorch's error where the kernel has elements to fill and its dtype is of a refused kind."""
    if count and kind.kind in refused:
        raise not_for(kernel, kind)


def in_order(x: Any) -> tuple[int, ...]:
    """The axes in the order in which they lie in memory, the slowest first."""
    return tuple(sorted(range(x.ndim), key=lambda axis: -abs(x.strides[axis])))


def drawn_into(tensor: Any, draws: Any, name: str) -> Any:
    """Put draws into a tensor, in place: in the order of its memory, as PyTorch goes through it."""
    memory = family.own(tensor)
    values = array.module(memory).asarray(draws)
    if name != "out":
        target = memory.transpose(in_order(memory))
        target[...] = values.reshape(target.shape)
    else:
        memory[...] = values
    if graph.duals is not None:
        graph.duals.assigned(tensor, tensors.mul(tensor, 0))  # what was drawn has a tangent of zeros
    family.rebase(tensor, None, name)
    return tensor


def _number(name: str, keyword: str, value: Any, position: int | None = None) -> Any:
    """A tensor without axes as the number that it holds. PyTorch's error for other tensors where a number belongs."""
    if not isinstance(value, Tensor) or name == "bernoulli":
        return value
    if value._array.ndim or value._requires_grad:
        keyword = "from" if keyword == "start" else keyword
        place = "" if position is None else f" (position {position + 1})"
        raise TypeError(f"{name}_(): argument '{keyword}'{place} must be float, not Tensor")
    return value.item()


def _refill(name: str, draw: Any) -> None:
    """Register `Tensor.NAME_`, which fills a tensor in place with what `draw(generator, memory, *args)` gives."""
    names = [*list(inspect.signature(draw).parameters)[2:], "to"]

    def fill(self: Any, *args: Any, generator: Any = None, **kwargs: Any) -> Any:
        if graph.marks is not None:
            graph.marks.refilled(self)
        family.check_in_place(self)
        memory = family.own(self)
        if memory.__class__ is MetaArray:
            return self
        source = random.default_generator if generator is None else generator
        if name != "bernoulli":  # whose number may be one for each element
            args = tuple([plain(each) for each in args])
        if "from" in kwargs:  # a keyword of Python's
            kwargs["start"] = kwargs.pop("from")
        args = tuple([_number(name, names[i], each, i) for i, each in enumerate(args)])
        kwargs = {key: _number(name, key, each) for key, each in kwargs.items()}
        return drawn_into(self, draw(source, memory, *args, **kwargs).astype(memory.dtype), f"{name}_")

    fill.__name__ = fill.__qualname__ = f"{name}_"
    fill.__doc__ = draw.__doc__
    composite("method")(fill)


def _uniform(source: Any, memory: Any, start: float = 0.0, to: float = 1.0) -> Any:
    """Filled with uniform numbers in [start, to)."""
    kind = memory.dtype
    _only_real(kind, "check_uniform_bounds")
    ours = array.OF_NUMPY[kind]
    most = _most(ours)
    for name, value in (("from", start), ("to", to)):
        if not -most <= value <= most:
            raise RuntimeError(f"{name} is out of bounds for {_IN_C.get(ours.name, ours.name)}")
    if start > to:
        raise RuntimeError(f"uniform_ expects to return a [from, to) range, but found from={start:g} > to={to:g}")
    if to - start > most:
        raise RuntimeError(
            f"uniform_ expects to-from <= std::numeric_limits<{array.TITLES[ours]}>::max(), but found to={to:g} and "
            f"from={start:g} which result in to-from to exceed the limit"
        )
    return source.uniform(memory.shape, start, to, kind)


def _normal(source: Any, memory: Any, mean: float = 0.0, std: float = 1.0) -> Any:
    """Filled with normal numbers."""
    if std < 0:
        raise RuntimeError(f"normal expects std >= 0.0, but found std {std:g}")
    _only_real(memory.dtype, "normal_kernel_cpu", count=memory.size)
    return source.normal(memory.shape, mean, std, memory.dtype, bool(memory.flags.c_contiguous))


def _bernoulli(source: Any, memory: Any, p: Any = 0.5) -> Any:
    """Filled with ones with the chance `p`, a number or a tensor, and zeros."""
    if not isinstance(p, Tensor):
        _only_real(memory.dtype, "bernoulli_scalar_cpu_", "c", memory.size)
        return source.mask(memory.shape, p)
    if not memory.size:
        return np.zeros(memory.shape)
    _only_real(memory.dtype, "bernoulli_tensor_cpu_self_", "c")
    if p._array.dtype.kind in "iub":
        raise not_for("bernoulli_tensor_cpu_self_", memory.dtype)
    spread = p.detach().expand(memory.shape)
    chances = np.asarray(array.moved(spread._array, "cpu")).transpose(in_order(memory))
    return source.bernoulli(chances.astype(np.float32) if chances.dtype.itemsize == 2 else chances)


def _exponential(source: Any, memory: Any, lambd: float = 1.0) -> Any:
    """Filled with exponential numbers."""
    if lambd <= 0:
        raise RuntimeError(f"exponential_ expects lambda > 0.0, but found lambda={lambd:g}")
    if memory.size:
        _continuous("Exponential", memory.dtype, array.TITLES)
    return source.exponential(memory.shape, lambd, memory.dtype)


def _cauchy(source: Any, memory: Any, median: float = 0.0, sigma: float = 1.0) -> Any:
    """Filled with numbers of the Cauchy distribution."""
    if sigma <= 0:
        raise RuntimeError(f"cauchy_ expects sigma > 0.0, but found sigma={sigma:g}")
    _continuous("Cauchy", memory.dtype, None)
    return source.cauchy(memory.shape, median, sigma, memory.dtype)


def _continuous(what: str, kind: np.dtype, titles: Any) -> None:
    if kind.kind in "iubc":
        ours = array.OF_NUMPY[kind]
        name = titles[ours] if titles else _IN_C.get(ours.name, ours.name)
        raise RuntimeError(
            f"{what} distribution is a continuous probability distribution. dtype must be a floating point but you "
            f"specified {name}"
        )


def _geometric(source: Any, memory: Any, p: float) -> Any:
    """Filled with the number of trials up to the first success of chance `p`."""
    if 0.0 < p < 1.0:
        _only_real(memory.dtype, "geometric_cpu", "bc", memory.size)
    return source.geometric(memory.shape, p, memory.dtype)


def _log_normal(source: Any, memory: Any, mean: float = 1.0, std: float = 2.0) -> Any:
    """Filled with numbers whose logarithms are normal."""
    if std <= 0:
        raise RuntimeError(f"log_normal_ expects std > 0.0, but found std={std:g}")
    _only_real(memory.dtype, "log_normal_cpu", "iubc", memory.size)
    return source.log_normal(memory.shape, mean, std, memory.dtype)


DIGITS = {"float16": 11, "bfloat16": 8, "float32": 24, "float64": 53}


def _random(source: Any, memory: Any, *bounds: Any, start: int = 0, to: Any = None) -> Any:
    """Filled with integers in [start, to), from `start` on, or from all that the dtype holds."""
    kind = memory.dtype
    name = array.OF_NUMPY[kind].name
    if any(isinstance(each, float) for each in (*bounds, to)):
        raise wrong_call("random_", bounds, "(*, Generator generator = None)", "(int from, int to)")
    if len(bounds) == 1 and to is None:
        to = bounds[0]
    elif bounds:
        start = bounds[0]
        to = bounds[1] if len(bounds) > 1 else to
    elif to is None and start == 0:
        return source.random(memory.shape, kind)
    start = int(start)
    digits = DIGITS.get(name)
    if kind.kind == "c" and (to is not None or start != -(1 << 63)):
        raise RuntimeError("check_random_bounds handles only integral, floating-point and boolean types")
    if to is None:  # up to the largest, which is one of them
        if start == -(1 << 63):  # all numbers of 64 bits
            _only_wide(kind, memory.size)
            return source.randint(start, 1 << 63, memory.shape, np.int64)
        to = (1 << digits) + 1 if digits else 2 if name == "bool" else int(np.iinfo(kind).max) + 1
    return source.randint(*bounds_for(kind, start, int(to)), memory.shape, kind)


def _only_wide(kind: np.dtype, count: int) -> None:
    """PyTorch's errors for a dtype that has no kernel for all numbers of 64 bits."""
    kernel = "random_full_64_bits_range_kernel_cpu"
    if count and (kind.kind in "bc" or kind == np.float16):
        raise not_for(kernel, kind)
    if count and kind.kind in "iu" and kind != np.int64:
        raise RuntimeError(f"{kernel} handles only int64, double, float and bfloat16")


def _most(kind: Any) -> Any:
    """The largest number of a dtype."""
    from engine.limits import finfo

    return finfo(kind).max


def bounds_for(kind: np.dtype, start: int, to: int) -> tuple[int, int]:
    """The range of integers that a dtype can hold, after PyTorch's checks."""
    name = array.OF_NUMPY[kind].name
    digits = DIGITS.get(name)
    limits = None if digits or name == "bool" else np.iinfo(kind)
    most = 1 if name == "bool" else int(_most(array.OF_NUMPY[kind])) if limits is None else int(limits.max)
    low = -most if digits else int(limits.min) if limits else 0
    for word, value in (("from", start), ("to - 1", to - 1)):
        if not low <= value <= most and start < to:
            raise RuntimeError(f"{word} is out of bounds for {_IN_C.get(name, name)}")
        if digits and abs(value) > 1 << digits and start < to:
            deprecated.tell(_TOO_FINE.format(word, digits, digits, _IN_C[name]))
    return (_from(start, digits), _to(to, digits)) if digits else (start, to)


_TOO_FINE = (
    "{} is out of bounds [-(2^{}), 2^{}]. Due to precision limitations {} can support discrete uniform distribution "
    "only within this range. This warning will become an error in version 1.7 release, please fix the code in advance"
)


def _rounded(value: int, digits: int) -> int:
    """The number as a float of so many binary digits holds it."""
    excess = max(abs(value).bit_length() - digits, 0)
    whole, rest = divmod(abs(value), 1 << excess)
    half = (1 << excess) // 2
    up = excess and (rest > half or (rest == half and whole % 2))
    return (whole + bool(up)) * (1 << excess) * (-1 if value < 0 else 1)


def _to(to: int, digits: int) -> int:
    """The end made so that the largest draw, as a float, is not rounded up to it."""
    last = _rounded(to - 1, digits)
    if last >> 63 or last < to:  # what 64 bits do not hold is the smallest of them there
        return to
    return last - (1 << max(abs(to - 1).bit_length() - digits, 0))


def _from(start: int, digits: int) -> int:
    """The begin made so that the smallest draw, as a float, is not rounded down below it."""
    first = _rounded(start + 1, digits)
    return first + (1 << max(abs(start + 1).bit_length() - digits, 0)) if first < start else start


for _name, _draw in {
    "uniform": _uniform, "normal": _normal, "bernoulli": _bernoulli, "exponential": _exponential, "random": _random,
    "cauchy": _cauchy, "geometric": _geometric, "log_normal": _log_normal,
}.items():  # fmt: skip
    _refill(_name, _draw)
