"""Tensors from chance: PyTorch's CPU numbers for a seed."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine import array, counts, random
from engine.array import Defaults, module_for, numpy_dtype
from engine.dispatch import check_memory, tensors
from engine.errors import broadcast_error, only_tensors, wrong_call
from engine.fitting import as_integer, plain
from engine.formats import contiguous_format
from engine.given_sizes import missing, sizes_of
from engine.modes import no_grad
from engine.op import composite, d, op
from engine.ops.create import made, strided_only
from engine.ops.fresh import blank_like
from engine.ops.refill import DIGITS, bounds_for, drawn_into, not_for
from engine.tensor import Tensor, wrap


def _source(generator: Any, device: Any = "cpu") -> Any:
    """Where draws come from; those for the meta device move nobody's sequence on."""
    if array.device(Defaults.device if device is None else device).type == "meta":
        return random.Generator()
    return random.default_generator if generator is None else generator


def _chances(input: Any) -> np.ndarray:
    """The elements on the host; for the meta device, ones."""
    return np.ones(input.shape, input._array.dtype) if input.is_meta else np.asarray(array.moved(input._array, "cpu"))


def _drawn(host: Any, device: Any, requires_grad: bool = False, out: Any = None) -> Tensor:
    """Draws, which are made on the host, on a device or in `out`."""
    if out is not None:
        if tuple(out._array.shape) != host.shape:
            out.resize_(host.shape)
        check_memory(None, out._array, ())
        return drawn_into(out, host, "out")
    xp = module_for(device)
    return made(host if xp is np else xp.asarray(host), requires_grad)


def _shape(size: Any, names: dict[str, Any], of: str = "empty", position: int = 1) -> tuple[int, ...]:
    shape = sizes_of((names.pop("size"),) if not size and "size" in names else size, of, position=position)
    for n in shape:
        if n < 0:
            raise RuntimeError(f"Trying to create tensor with negative dimension {n}: {list(shape)}")
    strided_only(names.get("layout"))
    for name in ("layout", "pin_memory", "memory_format"):
        names.pop(name, None)
    if names:
        raise TypeError(f"got an unexpected keyword argument '{next(iter(names))}'")
    return shape


def _check_sized(name: str, size: Any, names: dict[str, Any], *others: Any) -> None:
    """PyTorch's errors where no size is given, with or without other options."""
    if size or "size" in names:
        return
    if any(others):
        raise missing(name, "size")
    raise wrong_call(name, (), "(tuple of ints size, *, Generator generator, tuple of names names)")


def _real_kind(dtype: Any, out: Any, kernel: str) -> np.dtype:
    kind = numpy_dtype(dtype) or (Defaults.numpy if out is None else out._array.dtype)
    if kind.kind in "iub":
        raise not_for(kernel, kind)
    return kind


@composite("engine")
def rand(
    *size: Any, generator: Any = None, out: Any = None, dtype: Any = None, device: Any = None,
    requires_grad: bool = False, **names: Any,
) -> Any:  # fmt: skip
    """Uniform numbers in [0, 1)."""
    _check_sized("rand", size, names, dtype, device, requires_grad)
    kind = _real_kind(dtype, out, "check_uniform_bounds")
    return _drawn(_source(generator, device).rand(_shape(size, names, "rand"), kind), device, requires_grad, out)


@composite("engine")
def randn(
    *size: Any, generator: Any = None, out: Any = None, dtype: Any = None, device: Any = None,
    requires_grad: bool = False, **names: Any,
) -> Any:  # fmt: skip
    """Standard normal numbers; complex ones of variance 1."""
    _check_sized("randn", size, names, dtype, device, requires_grad)
    kind = _real_kind(dtype, out, "normal_kernel_cpu")
    return _drawn(_source(generator, device).randn(_shape(size, names, "randn"), kind), device, requires_grad, out)


@composite("engine")
def randint(
    *bounds: Any, high: Any = None, low: Any = 0, size: Any = None, generator: Any = None, out: Any = None,
    dtype: Any = None, device: Any = None, requires_grad: bool = False, **names: Any,
) -> Any:  # fmt: skip
    """Integers in [low, high)."""
    given = list(bounds)
    if size is None and given:
        size = given.pop()
    if high is None and given:
        high = given.pop()
    if given:
        low = given.pop()
    if not isinstance(size, (tuple, list)) or not all(hasattr(each, "__index__") for each in (low, high)):
        kinds = [*bounds, *([] if size is None or size in bounds else [size])]
        raise wrong_call("randint", kinds, "(int high, tuple of ints size)", "(int low, int high, tuple of ints size)")
    shape = _shape((size,), names, "randint", 2)
    kind = numpy_dtype(dtype) or (np.dtype(np.int64) if out is None else out._array.dtype)
    if kind.kind == "c":
        raise RuntimeError("check_random_bounds handles only integral, floating-point and boolean types")
    return _drawn(
        _source(generator, device).randint(*bounds_for(kind, int(low), int(high)), shape, kind),
        device, requires_grad, out,
    )  # fmt: skip


@composite("engine")
def randperm(
    n: int, *, generator: Any = None, out: Any = None, dtype: Any = None, device: Any = None,
    requires_grad: bool = False, **names: Any,
) -> Any:  # fmt: skip
    """A permutation of 0 to n - 1."""
    n = as_integer("randperm", "n", 1, n)
    (n,) = _shape((n,), names)
    kind = numpy_dtype(dtype) or (np.dtype(np.int64) if out is None else out._array.dtype)
    if kind.kind in "bc":
        raise not_for("randperm", kind)
    if kind.kind in "iu" and n > np.iinfo(kind).max + 1:
        name = array.OF_NUMPY[kind].name
        raise RuntimeError(f"value cannot be converted to type {name}_t without overflow")
    if kind.kind == "f" and n > (most := (1 << DIGITS[kind.name]) + 1):
        raise RuntimeError(f"n cannot be greater than {most} for {array.TITLES[array.OF_NUMPY[kind]]} type.")
    return _drawn(_source(generator, device).randperm(n, kind), device, requires_grad, out)


def _leaf(drawn: Any, requires_grad: bool) -> Any:
    return drawn.requires_grad_() if requires_grad else drawn


@composite("engine")
def rand_like(
    input: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False, generator: Any = None,
    memory_format: Any = None, **names: Any,
) -> Any:  # fmt: skip
    """Uniform numbers of the size of another tensor."""
    only_tensors("rand_like", input=input)
    _real_kind(dtype or input.dtype, None, "check_uniform_bounds")
    return _leaf(blank_like(input, dtype, device, memory_format).uniform_(generator=generator), requires_grad)


@composite("engine")
def randn_like(
    input: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False, generator: Any = None,
    memory_format: Any = None, **names: Any,
) -> Any:  # fmt: skip
    """Standard normal numbers of the size of another tensor."""
    only_tensors("randn_like", input=input)
    _real_kind(dtype or input.dtype, None, "normal_kernel_cpu")
    return _leaf(blank_like(input, dtype, device, memory_format).normal_(generator=generator), requires_grad)


@composite("engine")
def randint_like(
    input: Any, *bounds: Any, low: Any = 0, high: Any = None, dtype: Any = None, device: Any = None,
    requires_grad: bool = False, generator: Any = None, memory_format: Any = None, **names: Any,
) -> Any:  # fmt: skip
    """Integers of the size of another tensor."""
    given = list(bounds)
    if high is None:
        high = given.pop()
    low = given.pop() if given else low
    blank = blank_like(input, dtype, device, memory_format)
    return _leaf(blank.random_(int(low), int(high), generator=generator), requires_grad)


@composite("engine")
def normal(
    mean: Any, std: Any = 1.0, size: Any = None, *, generator: Any = None, out: Any = None, dtype: Any = None,
    device: Any = None, requires_grad: bool = False, **names: Any,
) -> Any:  # fmt: skip
    """Normal numbers with given means and deviations, numbers or tensors."""
    if size is not None:
        mean, std = (each.item() if isinstance(each, Tensor) and not each.ndim else each for each in (mean, std))
    if not isinstance(mean, Tensor) and not isinstance(std, Tensor):
        if size is None:
            pairs = ("Tensor mean, Number std", "Number mean, Tensor std", "Tensor mean, Tensor std")
            ways = (*pairs, "Number mean, Number std, tuple of ints size")
            raise wrong_call("normal", (mean, std), *(f"({way})" for way in ways))
        _check_std(std)
        kind = _real_kind(dtype, out, "normal_kernel_cpu")
        draws = _source(generator).normal(_shape((size,), names), mean, std, kind)
        return _drawn(draws, device, requires_grad, out)
    first = mean if isinstance(mean, Tensor) else std
    for each in (mean, std):
        if isinstance(each, Tensor) and each is not std and each._array.dtype.kind in "iub":
            raise not_for("normal_kernel_cpu", each._array.dtype)
    if isinstance(std, Tensor):
        if std._array.dtype.kind == "c":
            raise RuntimeError("normal expects standard deviation to be non-complex")
        if std._array.size and float(std._array.min()) < 0:
            raise RuntimeError("normal expects all elements of std >= 0.0")
        if std._array.dtype.kind in "iub":
            raise not_for("normal_kernel_cpu", std._array.dtype)
    else:
        _check_std(std)
    shapes = [t._array.shape for t in (mean, std) if isinstance(t, Tensor)]
    try:
        shape = np.broadcast_shapes(*shapes)
    except ValueError:
        raise broadcast_error("normal", shapes) from None
    with no_grad():
        draws = randn(shape, generator=generator, dtype=first.dtype, device=first.device)
        result = (draws * std + mean).to(first.dtype)
    if out is not None:
        return drawn_into(out.resize_(shape), result._array, "out")
    centre, spread = (each if isinstance(each, Tensor) else wrap(np.asarray(each)) for each in (mean, std))
    return tensors.normal_draws(centre, spread, result._array)


def _check_std(std: float) -> None:
    if std < 0:
        raise RuntimeError(f"normal expects std >= 0.0, but found std {std:g}")


# PyTorch shows that a draw depends on its chances, and gives these gradients of zero: a draw has no derivative by them.
@op(
    r"y \sim \mathrm{N}(\mu, \sigma)",
    said={
        "homes": (), "out": False,
        "title": lambda parents: f"NormalBackward{3 if None not in parents else 2 if parents[0] is None else 1}",
    },
    mean=d("0", lambda g, shape, k: k.sum_to_size(k.zeros_like(g), shape)),
    std=d("0", lambda g, std_shape, k: k.sum_to_size(k.zeros_like(g), std_shape)),
)  # fmt: skip
def normal_draws(mean, std, draws):
    """Normal numbers that were drawn."""
    return draws


@op(
    r"y \sim \mathrm{Bernoulli}(p)",
    said={"homes": (), "out": False, "title": "BernoulliBackward0"},
    input=d("0", lambda g, k: k.zeros_like(g)),
)
def bernoulli_draws(input, draws):
    """Zeros and ones that were drawn."""
    return draws


@op(
    r"y \sim \mathrm{Poisson}(\lambda)",
    said={"homes": (), "out": False, "title": "PoissonBackward0"},
    input=d("0", lambda g, k: k.zeros_like(g)),
)
def poisson_draws(input, draws):
    """Counts of the Poisson distribution that were drawn."""
    return draws


def no_derivative(name: str) -> Any:
    """The slope of draws that PyTorch refuses to differentiate."""

    def refuse(g: Any) -> Any:
        raise RuntimeError(f"derivative for aten::{name} is not implemented")

    return d(r"\text{none}", refuse)


@op(
    r"y \sim \mathrm{Binomial}(n, p)",
    said={"homes": (), "out": False, "title": "NotImplemented"},
    count=no_derivative("binomial"),
    prob=no_derivative("binomial"),
)
def binomial_draws(count, prob, draws):
    """Counts of the binomial distribution that were drawn."""
    return draws


@composite()
def bernoulli(input: Any, p: Any = None, *, generator: Any = None, out: Any = None) -> Any:
    """Ones with the chances that the elements are, or with the one chance `p`."""
    if p is not None:
        return tensors.empty_like(input, memory_format=contiguous_format).bernoulli_(plain(p), generator=generator)
    if not input._array.size:
        if out is not None:
            return out.resize_(input.shape)
        none = tensors.empty_like(input)
        return tensors.bernoulli_draws(input, none._array) if input._requires_grad else none
    if input._array.dtype.kind in "iub":
        raise not_for("bernoulli_tensor_cpu_p_", input._array.dtype)
    if input._array.dtype.kind == "c":
        raise not_for("bernoulli_tensor_cpu_self_", input._array.dtype)
    host = _chances(input)
    kind = host.dtype
    source = _source(generator, input.device)
    draws = source.bernoulli(host.astype(np.float32) if kind.itemsize == 2 else host).astype(kind)
    drawn = _drawn(draws, input.device, False, out)
    return drawn if out is not None else tensors.bernoulli_draws(input, drawn._array)


@composite()
def multinomial(
    input: Any, num_samples: int, replacement: bool = False, *, generator: Any = None, out: Any = None
) -> Any:
    """Indices drawn in proportion to the elements of a vector, or of each row."""
    kind = input._array.dtype
    if kind.kind in "iub":
        raise RuntimeError(
            "multinomial only supports floating-point dtypes for input, got: " + array.TITLES[array.OF_NUMPY[kind]]
        )
    if out is not None and out.dtype is not array.int64:
        raise RuntimeError(f"multinomial expects Long tensor out, got: {array.TITLES[out.dtype]}")
    host = _chances(input)
    host = host.astype(np.float32) if kind.kind == "V" else host
    return _drawn(
        _source(generator, input.device).multinomial(host, num_samples, replacement), input.device, False, out
    )


@composite("engine")
def poisson(input: Any, generator: Any = None) -> Any:
    """A count for each rate, of the Poisson distribution."""
    kind = input._array.dtype
    if kind.kind in "iubc":
        raise not_for("poisson_cpu", kind)
    found = counts.poisson(np.asarray(array.moved(input._array, "cpu")), _source(generator))
    return tensors.poisson_draws(input, _drawn(found.astype(kind), input.device)._array)


@composite("engine")
def binomial(count: Any, prob: Any, generator: Any = None) -> Any:
    """How many of `count` trials succeed with the chance `prob`."""
    for name, each in (("count", count), ("prob", prob)):
        if each._array.dtype.kind in "iubc":
            title = array.TITLES[each.dtype]
            raise ValueError(f"binomial only supports floating-point dtypes for {name}, got: {title}")
    if count._array.dtype.itemsize == 2:
        raise not_for("binomial_cpu", count._array.dtype)
    count, prob = tensors.broadcast_tensors(count, prob)
    trials, chances = (np.asarray(array.moved(each._array, "cpu")).astype(np.float64) for each in (count, prob))
    found = counts.binomial(trials, chances, _source(generator)).astype(count._array.dtype)
    return tensors.binomial_draws(count, prob, _drawn(found, count.device)._array)
