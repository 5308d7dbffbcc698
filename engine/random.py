"""PyTorch's random numbers: a Mersenne Twister and the rules by which PyTorch turns its words into draws.

The draws are NumPy arrays and always made on the host; a tensor on another device receives a copy, so that one seed
gives the same numbers on every device. The rules are those of ATen's `MT19937RNGEngine.h`, `DistributionsHelper.h`,
`TransformationHelper.h`, `DistributionTemplates.h` and `TensorFactories.cpp`; they agree with PyTorch bit by bit where
PyTorch computes in double, and for float32's uniforms (so that weights begin with the same bits); its normals agree to
a rounding, since PyTorch's vector kernels approximate logarithm and cosine.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from engine import array
from engine.places import placed
from engine.twister import Twister

if TYPE_CHECKING:
    from engine.tensor import Tensor

Shape = int | tuple[int, ...]

# From a range of this width on PyTorch spends two words on an integer.
_WIDE = 1 << 28
_TWO_PI = 2.0 * np.pi


@placed
class Generator(Twister):
    """A source of random numbers, equal to `torch.Generator` for the same seed.

    The draws return arrays of the asked shape and dtype; all of them advance the one stream.
    """

    __slots__ = ()

    def __init__(self, device: Any = "cpu") -> None:
        super().__init__(array.device(device))

    @property
    def device(self) -> array.device:
        """Where it was made for."""
        return array.device(self._device)

    def rand(self, shape: Shape, dtype: Any = np.float32) -> np.ndarray:
        """Uniforms in [0, 1); of complex dtype both parts."""
        if np.dtype(dtype).kind == "c":
            return _joined(self.rand((*_sides(shape), 2), _part(dtype)), dtype)
        return _below(self.uniforms(_size(shape), dtype), 0.0, 1.0, dtype).reshape(shape)

    def uniform(self, shape: Shape, low: float = 0.0, high: float = 1.0, dtype: Any = np.float32) -> np.ndarray:
        """Uniforms in [low, high)."""
        if np.dtype(dtype).kind == "c":
            return _joined(self.uniform((*_sides(shape), 2), low, high, _part(dtype)), dtype)
        draws = self.uniforms(_size(shape), dtype)
        real = draws.dtype.type
        draws = _scaled(draws, real(high) - real(low), real(low), np.dtype(dtype).itemsize == 4)
        return _below(draws, low, high, dtype).reshape(shape)

    # ---- normals

    def randn(self, shape: Shape, dtype: Any = np.float32) -> np.ndarray:
        """Standard normals."""
        return self.normal(shape, dtype=dtype)

    def normal(
        self, shape: Shape, mean: float = 0.0, std: float = 1.0, dtype: Any = np.float32, contiguous: bool = True
    ) -> np.ndarray:
        """Normals; PyTorch has one rule for under 16 values or strided tensors, one for the rest.

        Of a complex one each part has the mean and half of the variance.
        """
        if np.dtype(dtype).kind == "c":
            return _joined(self.normal((*_sides(shape), 2), mean, std / np.sqrt(2.0), _part(dtype), contiguous), dtype)
        count = _size(shape)
        if self.together is not None:
            draws = self.together.part(self, lambda n: self.normal(n, mean, std, dtype, contiguous), count)
            return draws.reshape(shape)
        if count < 16 or not contiguous:
            draws = self._normals_in_pairs(count)
            draws *= std
            draws += mean
        else:
            draws = self._normals_in_blocks(count, dtype, mean, std)
        return draws.astype(dtype, copy=False).reshape(shape)

    def _normals_in_pairs(self, count: int) -> np.ndarray:
        """`count` standard normals in double: the cosine of each pair first, the sine kept for the next, even later."""
        self.check()  # before the kept one is handed out
        draws = np.empty(count + 1)
        begin = 0
        if self.kept is not None and count:
            draws[0] = self.kept
            self.kept = None
            begin = 1
        pairs = (count - begin + 1) // 2
        if pairs:
            uniforms = self.doubles(2 * pairs)
            angle = _TWO_PI * uniforms[0::2]
            radius = np.sqrt(-2.0 * np.log1p(-uniforms[1::2]))
            end = begin + 2 * pairs
            draws[begin:end:2] = radius * np.cos(angle)
            draws[begin + 1 : end : 2] = radius * np.sin(angle)
            if end > count:
                self.kept = float(draws[count])
        return draws[:count]

    def _normals_in_blocks(self, count: int, dtype: Any, mean: float, std: float) -> np.ndarray:
        """`count` >= 16 normals in blocks of 16; when 16 does not divide the count the last 16 are drawn again."""
        whole = count - count % 16
        # A short float skips the draws that the last block would overwrite; the others spend them.
        spent = whole if np.dtype(dtype).itemsize < 4 else count
        draws = self.uniforms(spent, dtype)
        _box_muller(draws[:whole].reshape(-1, 2, 8), mean, std)
        if whole != count:
            last = self.uniforms(16, dtype)
            _box_muller(last.reshape(1, 2, 8), mean, std)
            draws = np.concatenate([draws[: count - 16], last])
        return draws

    def log_normal(self, shape: Shape, mean: float = 1.0, std: float = 2.0, dtype: Any = np.float32) -> np.ndarray:
        """Numbers whose logarithms are normal."""
        return np.exp(self._normals_in_pairs(_size(shape)) * std + mean).astype(dtype).reshape(shape)

    # ---- integers

    def randint(self, low: int, high: int, shape: Shape, dtype: Any = np.int64) -> np.ndarray:
        """Integers in [low, high)."""
        if low >= high:
            raise RuntimeError(f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}")
        return self._integers(_size(shape), high - low, low, dtype).reshape(shape)

    def random(self, shape: Shape, dtype: Any = np.int64) -> np.ndarray:
        """Integers from 0 to the largest that `dtype` holds exactly (for floats, 2 to the number of their digits)."""
        dtype = np.dtype(dtype)
        if dtype == np.bool_:
            width = 2
        elif dtype.kind == "f":
            width = (1 << (np.finfo(dtype).nmant + 1)) + 1
        elif dtype.kind == "V":
            width = (1 << 8) + 1
        else:
            width = int(np.iinfo(dtype).max) + 1
        long = dtype.itemsize == 8
        return self._integers(_size(shape), width, 0, dtype, long).reshape(shape)

    def _integers(self, count: int, width: int, low: int, dtype: Any, long: bool | None = None) -> np.ndarray:
        if width >= _WIDE if long is None else long:
            draws = self.long_words(count)
            if width == 1 << 64:  # every word is an answer as it stands
                return draws.astype(dtype)
            draws %= np.uint64(width)
        else:
            draws = self.words(count) % width
        if np.dtype(dtype).kind in "fV":
            return (draws.astype(np.float64) + low).astype(dtype)
        return (draws.astype(np.int64) + low).astype(dtype)

    def randperm(self, n: int, dtype: Any = np.int64) -> np.ndarray:
        """A permutation of 0 to n-1, by Fisher and Yates from the front."""
        order = list(range(n))
        if n > 1:
            ahead = self.words(n - 1) % np.arange(n, 1, -1, dtype=np.uint64)
            for i, j in enumerate((ahead.astype(np.int64) + np.arange(n - 1)).tolist()):
                order[i], order[j] = order[j], order[i]
        return np.array(order, dtype)

    # ---- chances

    def bernoulli(self, p: np.ndarray) -> np.ndarray:
        """Ones with the chances in the array `p`, in its dtype: one uniform of that dtype an element."""
        _check_chances(p)
        return (self.uniforms(p.size, p.dtype).reshape(p.shape) < p).astype(p.dtype)

    def mask(self, shape: Shape, p: float) -> np.ndarray:
        """Booleans that are true with the one chance `p`: what `bernoulli_(p)` and dropout draw, 53 bits each."""
        if not 0.0 <= p <= 1.0:
            raise RuntimeError(f"bernoulli_ expects p to be in [0, 1], but got p={p:g}")
        return (self.doubles(_size(shape)) < p).reshape(shape)

    def exponential(self, shape: Shape, rate: float = 1.0, dtype: Any = np.float32) -> np.ndarray:
        """Waiting times of a Poisson process of the given rate."""
        if rate <= 0.0:
            raise RuntimeError(f"exponential_ expects lambda > 0.0, but found lambda={rate:g}")
        return (-1.0 / rate * np.log1p(-self.doubles(_size(shape)))).astype(dtype).reshape(shape)

    def geometric(self, shape: Shape, p: float, dtype: Any = np.float32) -> np.ndarray:
        """The number of trials up to the first success of chance `p`."""
        if not 0.0 < p < 1.0:
            raise RuntimeError(f"geometric_ expects p to be in (0, 1), but got p={p:g}")
        # log(0) is minus infinity there too, and casts to the same extreme.
        with np.errstate(divide="ignore"):
            trials = np.ceil(np.log(self.doubles(_size(shape))) / np.log1p(-p))
        return trials.astype(dtype).reshape(shape)

    def cauchy(self, shape: Shape, median: float = 0.0, sigma: float = 1.0, dtype: Any = np.float32) -> np.ndarray:
        """Numbers of the Cauchy distribution."""
        if sigma <= 0.0:
            raise RuntimeError(f"cauchy_ expects sigma > 0.0, but found sigma={sigma:g}")
        turns = self.doubles(_size(shape)) - 0.5
        return (median + sigma * np.tan(np.pi * turns)).astype(dtype).reshape(shape)

    def multinomial(self, weights: np.ndarray, num_samples: int, replacement: bool = False) -> np.ndarray:
        """Indices drawn in proportion to `weights` (n) or (rows, n): int64 (num_samples) or (rows, num_samples)."""
        _check_weights(weights, num_samples, replacement)
        table = weights.reshape(-1, weights.shape[-1])
        if replacement and num_samples > 1:
            rows = [self._inverse_of_cumulative(row, num_samples) for row in table]
            picks = np.stack(rows) if rows else np.empty((0, num_samples))
        else:
            # The first of independent exponential clocks with these rates rings with the asked chance.
            turned = 0 < table.strides[0] < table.strides[1]  # drawn in the order of the table's memory
            shape = table.shape[::-1] if turned else table.shape
            clocks = self.exponential(shape, dtype=weights.dtype)
            clocks = clocks.T if turned else clocks
            with np.errstate(divide="ignore", invalid="ignore"):
                picks = np.argsort(-(table / clocks), axis=1, kind="stable")[:, :num_samples]
        return picks.astype(np.int64).reshape((*weights.shape[:-1], num_samples))

    def _inverse_of_cumulative(self, weights: np.ndarray, count: int) -> np.ndarray:
        cumulative = np.cumsum(weights, dtype=weights.dtype)
        cumulative /= cumulative[-1]
        cumulative[-1] = 1.0
        return np.searchsorted(cumulative.astype(np.float64), self.doubles(count))


def _below(draws: np.ndarray, low: float, high: float, dtype: Any) -> np.ndarray:
    """Uniforms in their dtype; what a short float would round up to the end is put at the beginning."""
    cast = draws.astype(dtype, copy=False)
    if cast.dtype.itemsize == 2:
        cast[cast == cast.dtype.type(high)] = low
    return cast


def _sides(shape: Shape) -> tuple[int, ...]:
    return (shape,) if isinstance(shape, int) else shape


def _part(dtype: Any) -> Any:
    return np.dtype(dtype).type(0).real.dtype


def _joined(parts: np.ndarray, dtype: Any) -> np.ndarray:
    """Pairs in the last axis as complex numbers."""
    return parts.view(dtype)[..., 0]


def _size(shape: Shape) -> int:
    if isinstance(shape, int):
        return shape
    count = 1
    for side in shape:
        count *= side
    return count


def _box_muller(blocks: np.ndarray, mean: float, std: float) -> None:
    """Turn uniforms (blocks, 2, 8) into normals in place: radii from the first eight, angles from the second."""
    real = blocks.dtype.type
    radius = np.sqrt(real(-2.0) * np.log(real(1.0) - blocks[:, 0]))
    angle = real(_TWO_PI) * blocks[:, 1]
    blocks[:, 0] = radius * np.cos(angle)
    blocks[:, 1] = radius * np.sin(angle)
    blocks[...] = _scaled(blocks, real(std), real(mean), real is np.float32)


def _scaled(draws: np.ndarray, factor: Any, shift: Any, fused: bool) -> np.ndarray:
    """Draws times a factor plus a shift, rounded once where `fused`: what PyTorch's compiler makes of single floats.

    A product of two single floats is exact in double. Without a shift there is nothing to round twice.
    """
    if fused and shift:
        return (draws * np.float64(factor) + np.float64(shift)).astype(np.float32)
    draws *= factor
    draws += shift
    return draws


def _check_chances(p: np.ndarray) -> None:
    if p.dtype.kind != "f":
        raise RuntimeError("bernoulli expects a floating-point tensor of chances")
    if p.size and not (p.min() >= 0.0 and p.max() <= 1.0):
        raise RuntimeError(
            "Expected p_in >= 0 && p_in <= 1 to be true, but got false.  (Could this error message be improved?  If "
            "so, please report an enhancement request to PyTorch.)"
        )


def _check_weights(weights: np.ndarray, num_samples: int, replacement: bool) -> None:
    if weights.ndim not in (1, 2):
        raise RuntimeError("prob_dist must be 1 or 2 dim")
    if weights.dtype.kind != "f":
        raise RuntimeError("multinomial only supports floating-point dtypes for input")
    if num_samples <= 0:
        raise RuntimeError("cannot sample n_sample <= 0 samples")
    if not replacement and num_samples > weights.shape[-1]:
        raise RuntimeError("cannot sample n_sample > prob_dist.size(-1) samples without replacement")
    if weights.shape[-1] > 1 << 24:
        raise RuntimeError("number of categories cannot exceed 2^24")
    wrong = weights[~(np.isfinite(weights) & (weights >= 0))]
    if replacement and num_samples > 1 and wrong.size:  # each is looked at in its turn
        why = "= infinity or NaN" if wrong[0] == np.inf else "< 0"
        raise RuntimeError(f"invalid multinomial distribution (encountering probability entry {why})")
    if wrong.size:
        raise RuntimeError("probability tensor contains either `inf`, `nan` or element < 0")
    if (weights.sum(axis=-1) <= 0).any():
        raise RuntimeError("invalid multinomial distribution (sum of probabilities <= 0)")


default_generator = Generator()
default_generator.seed()


def manual_seed(seed: int) -> Generator:
    """The default generator, begun anew from `seed`."""
    return default_generator.manual_seed(seed)


def seed() -> int:
    """A seed from the operating system, from which the default generator has been begun anew."""
    return default_generator.seed()


def initial_seed() -> int:
    """The seed that the default generator was last begun from."""
    return default_generator.initial_seed()


def get_rng_state() -> Tensor:
    """The state of the default generator, a byte tensor."""
    return default_generator.get_state()


def set_rng_state(new_state: Tensor) -> None:
    """Put the default generator into a state that `get_rng_state` returned."""
    default_generator.set_state(new_state)


@contextmanager
def fork_rng(devices: Any = None, enabled: bool = True) -> Iterator[None]:
    """A context after which the default generator is where it was before."""
    if not enabled:
        yield
        return
    state = default_generator.state_bytes()
    try:
        yield
    finally:
        default_generator.set_state_bytes(state)
