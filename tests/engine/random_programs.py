"""Random programs: views, changes in place, arithmetic and gradients, the same for a seed whatever the library.

A program is a few tensors, then steps that each take one or two of them; what a step gives joins them. `shown` tells
what came of every step and of the gradients, the errors included.
"""

from __future__ import annotations

import math
import random
import warnings
from collections.abc import Callable
from typing import Any

Line = list[Any]
Step = tuple[str, Callable[[], Any]]


def _words(text: str) -> list[str]:
    return text.split()


_UNARY = _words(
    "sin exp tanh sigmoid relu abs neg sqrt square floor sign clone contiguous detach cos atan log1p erf "
    "reciprocal isnan logical_not positive trunc frac expm1 asinh"
)
_BINARY = _words("add sub mul div maximum minimum pow fmod atan2 remainder eq lt hypot floor_divide logaddexp")
_ALONG = _words("sum mean prod amax amin logsumexp argmax any all nansum std var max min median")
_KEEPING = _words("cumsum cumprod softmax log_softmax sort cummax")
_WHOLE = _words("sum mean prod max min std norm argmin any var median")
_CHANGES = _words(
    "sin_ mul_ add_ zero_ fill_ relu_ clamp_ sub_ neg_ div_ exp_ copy_ squeeze_ unsqueeze_ masked_fill_ tril_ "
    "cumsum_ sigmoid_ tanh_ abs_ pow_ addcmul_ square_"
)
_SHAPES = _words("tril triu flatten ravel squeeze diag trace nonzero mT roll unbind swapaxes diagonal")
_LAYERS = _words("layer_norm mse_loss l1_loss huber_loss linear pad normalize glu cosine_similarity cross_entropy")


class Program:
    """One random program with a library."""

    def __init__(self, torch: Any, seed: int) -> None:
        self.torch = torch
        self.draw = random.Random(seed)
        self.pool = [self._tensor() for _ in range(self.draw.randrange(1, 4))]
        self.leaves = [x for x in self.pool if x.requires_grad]

    def _tensor(self) -> Any:
        torch, draw = self.torch, self.draw
        sizes = [0, 1, 2, 3, 4] if draw.random() < 0.1 else [1, 2, 3, 4]
        shape = [draw.choice(sizes) for _ in range(draw.randrange(4))]
        values = [draw.choice([draw.uniform(-2, 2), 0.0, 1.0, -1.0]) for _ in range(math.prod(shape))]
        made = torch.tensor(values, dtype=draw.choice([torch.float32] * 5 + [torch.float64])).reshape(shape)
        if draw.random() < 0.1:
            return made.long()
        return made.requires_grad_() if draw.random() < 0.7 else made

    # ---- steps: a name and what to call, all that is random drawn before the call

    def _axis(self, x: Any) -> int:
        return self.draw.randrange(-x.dim(), x.dim()) if x.dim() else 0

    def _unary(self, x: Any, y: Any) -> Step:
        name = self.draw.choice(_UNARY)
        return name, getattr(x, name)

    def _binary(self, x: Any, y: Any) -> Step:
        name = self.draw.choice(_BINARY)
        return name, lambda: getattr(self.torch, name)(x, y)

    def _blend(self, x: Any, y: Any) -> Step:
        torch = self.torch
        return self.draw.choice(
            [
                ("where", lambda: torch.where(x > 0, x, y)), ("lerp", lambda: torch.lerp(x, y, 0.3)),
                ("addcmul", lambda: torch.addcmul(x, x, y, value=2)), ("mixed", lambda: x * y.sum() - y),
            ]
        )  # fmt: skip

    def _number(self, x: Any, y: Any) -> Step:
        name, number = self.draw.choice(["add", "mul", "sub", "div", "rsub", "pow"]), self.draw.choice([2, 0.5, -1, 3])
        return f"{name} {number}", lambda: getattr(self.torch, name)(x, number)

    def _reduced(self, x: Any, y: Any) -> Step:
        axis, keep = self._axis(x), self.draw.random() < 0.5
        name = self.draw.choice(_ALONG + _KEEPING)
        if name in _KEEPING:
            return name, lambda: getattr(self.torch, name)(x, axis)
        return name, lambda: getattr(self.torch, name)(x, dim=axis, keepdim=keep)

    def _whole(self, x: Any, y: Any) -> Step:
        name = self.draw.choice(_WHOLE)
        return name, getattr(x, name)

    def _turned(self, x: Any, y: Any) -> Step:
        order = list(range(x.dim()))
        self.draw.shuffle(order)
        first, second, new = self._axis(x), self._axis(x), self.draw.randrange(-x.dim() - 1, x.dim() + 1)
        return self.draw.choice(
            [
                ("transpose", lambda: x.transpose(first, second)), ("unsqueeze", lambda: x.unsqueeze(new)),
                ("squeeze", lambda: x.squeeze(first)), ("permute", lambda: x.permute(order)),
            ]
        )  # fmt: skip

    def _reshaped(self, x: Any, y: Any) -> Step:
        left, sizes = x.numel(), []
        while left > 1 and len(sizes) < 3:
            sizes.append(self.draw.choice([n for n in range(1, left + 1) if left % n == 0]))
            left //= sizes[-1]
        name, sizes = self.draw.choice(["view", "reshape"]), sizes + [left] * (left != 1 or not sizes)
        return f"{name} {sizes}", lambda: getattr(x, name)(sizes)

    def _expanded(self, x: Any, y: Any) -> Step:
        sizes = [self.draw.choice([n, -1, -1, 2]) for n in x.shape]
        sizes = [2] * self.draw.randrange(2) + sizes
        return f"expand {sizes}", lambda: x.expand(sizes)

    def _part(self, x: Any, y: Any) -> Step:
        axis = self._axis(x)
        n = x.shape[axis] if x.dim() else 0
        at, begin = self.draw.randrange(-n, n) if n else 0, self.draw.randrange(n + 1)
        length, count = self.draw.randrange(n - begin + 1) if n else 0, self.draw.randrange(1, 4)
        return self.draw.choice(
            [
                ("select", lambda: x.select(axis, at)), ("narrow", lambda: x.narrow(axis, begin, length)),
                ("chunk", lambda: x.chunk(count, axis)[0]), ("unfold", lambda: x.unfold(axis, 2, 1)),
            ]
        )  # fmt: skip

    def _key(self, x: Any) -> tuple[Any, ...]:
        key: list[Any] = []
        for n in x.shape[: self.draw.randrange(1, 4)]:
            cut = slice(*(self.draw.choice(each) for each in ([None, 0, 1, -2], [None, -1, 3], [None, 1, 2])))
            picks = [self.draw.randrange(-n, n) for _ in range(2)] if n else []
            at = self.draw.randrange(-n, n) if n else 0
            key.append(self.draw.choice([at, cut, None, slice(None), picks] + [...] * (... not in key)))
        return tuple(key)

    def _indexed(self, x: Any, y: Any) -> Step:
        key = self._key(x)
        return f"get {key}", lambda: x[key]

    def _picked(self, x: Any, y: Any) -> Step:
        axis = self._axis(x)
        n = x.shape[axis] if x.dim() else 1
        places = [self.draw.randrange(n) for _ in range(self.draw.randrange(1, 4))] if n else []
        index = self.torch.tensor(places, dtype=self.torch.int64)
        return self.draw.choice(
            [
                ("index_select", lambda: x.index_select(axis, index)), ("mask", lambda: x[x > 0]),
                ("gather", lambda: x.gather(axis, x.argsort(axis))), ("flip", lambda: x.flip(axis)),
                ("scatter_add", lambda: x.scatter_add(axis, x.argsort(axis), x)), ("topk", lambda: x.topk(1)[0]),
            ]
        )  # fmt: skip

    def _joined(self, x: Any, y: Any) -> Step:
        axis, name = self._axis(x), self.draw.choice(["cat", "stack"])
        return name, lambda: getattr(self.torch, name)([x, y], axis)

    def _product(self, x: Any, y: Any) -> Step:
        return self.draw.choice(
            [
                ("matmul", lambda: x @ y), ("turned", lambda: x @ x.transpose(-1, -2)),
                ("einsum", lambda: self.torch.einsum("...i,...j->...ij", x, y)),
            ]
        )  # fmt: skip

    def _shaped(self, x: Any, y: Any) -> Step:
        name = self.draw.choice(_SHAPES)
        arguments: dict[str, tuple[int, ...]] = {"roll": (1, 0), "swapaxes": (0, -1)}

        def call() -> Any:
            found = getattr(x, name)
            found = found if name == "mT" else found(*arguments.get(name, ()))
            return found[0] if name == "unbind" else found

        return name, call

    def _cast(self, x: Any, y: Any) -> Step:
        kind = self.draw.choice(["float32", "float64", "int64", "bool", "int32"])
        return f"to {kind}", lambda: x.to(getattr(self.torch, kind))

    def _layer(self, x: Any, y: Any) -> Step:
        name, F = self.draw.choice(_LAYERS), self.torch.nn.functional
        calls: dict[str, Callable[[], Any]] = {
            "layer_norm": lambda: F.layer_norm(x, x.shape[-1:]),
            "pad": lambda: F.pad(x, (1, 1), value=0.5),
            "normalize": lambda: F.normalize(x, dim=-1),
            "glu": lambda: F.glu(x),
            "cosine_similarity": lambda: F.cosine_similarity(x, y, dim=-1),
            "cross_entropy": lambda: F.cross_entropy(x, x.detach().softmax(-1)),
        }
        return name, calls.get(name, lambda: getattr(F, name)(x, y))

    def _changed(self, x: Any, y: Any) -> Step:
        name, other = self.draw.choice(_CHANGES), self.draw.choice([y, 2.0])
        arguments: dict[str, Callable[[], tuple[Any, ...]]] = {
            **dict.fromkeys(("mul_", "add_", "sub_", "div_"), lambda: (other,)),
            **dict.fromkeys(("squeeze_", "unsqueeze_", "cumsum_"), lambda: (0,)),
            "copy_": lambda: (y,), "fill_": lambda: (1.5,), "clamp_": lambda: (-0.5, 0.5), "pow_": lambda: (2,),
            "masked_fill_": lambda: (x > 0, 0.25), "addcmul_": lambda: (y, y),
        }  # fmt: skip
        return name, lambda: getattr(x, name)(*arguments.get(name, tuple)())

    def _assigned(self, x: Any, y: Any) -> Step:
        n = x.shape[0] if x.dim() else 0
        at, value = self.draw.randrange(-n, n) if n else 0, self.draw.choice([1.0, y, None])
        where = self.draw.choice(["at", "from", "last", "mask"])

        def call() -> Any:
            put = x.detach()[at] * 2 if value is None else value
            if where == "mask":
                x[x > 0] = 1.0
            else:
                x[at if where == "at" else slice(at, None) if where == "from" else (..., 0)] = put
            return x

        return f"set {where}", call

    def _unrecorded(self, x: Any, y: Any) -> Step:
        def call() -> Any:
            with self.torch.no_grad():
                return x * 2

        return "no_grad", call

    # ---- the whole

    def shown(self) -> list[Line]:
        """What came of each step, then the gradients, and those of these."""
        kinds = [self._unary] * 4 + [self._binary] * 4 + [self._changed] * 3 + [self._assigned] * 3
        kinds += [self._indexed, self._turned, self._reshaped, self._part, self._expanded] * 2
        kinds += [self._blend, self._number, self._reduced, self._whole, self._picked, self._joined, self._product]
        kinds += [self._shaped, self._cast, self._layer, self._unrecorded]
        lines: list[Line] = []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for _ in range(self.draw.randrange(3, 12)):
                name, call = self.draw.choice(kinds)(self.draw.choice(self.pool), self.draw.choice(self.pool))
                lines.append([name, *self._tried(call)])
            lines += self._gradients()
        return lines

    def _tried(self, call: Callable[[], Any]) -> Line:
        try:
            result = call()
        except Exception as error:
            return failure(error)
        result = result[0] if isinstance(result, tuple) else result
        if result.numel() < 400:
            self.pool.append(result)
        return told(result)

    def _gradients(self) -> list[Line]:
        ends = [x for x in self.pool if x.requires_grad and x.is_floating_point()][-3:]
        if not ends or not self.leaves:
            return []
        try:
            total = sum((x * x).sum() if i % 2 else x.sum() for i, x in enumerate(ends))
            first = self.torch.autograd.grad(total, self.leaves, create_graph=True, allow_unused=True)
            lines = [["gradients", *(None if g is None else told(g) for g in first)]]
            total = sum((g * g).sum() for g in first if g is not None and g.requires_grad)
            if isinstance(total, self.torch.Tensor) and total.requires_grad:
                second = self.torch.autograd.grad(total, self.leaves, allow_unused=True)
                lines.append(["second", *(None if g is None else told(g)[2:] for g in second)])
        except Exception as error:
            return [["gradients", *failure(error)]]
        return lines


def failure(error: Exception) -> Line:
    """An error: the class that Python knows, and the first line."""
    kind = next(each for each in type(error).__mro__ if each.__module__ == "builtins")
    return [kind.__name__, str(error).split("\n")[0][:200]]


def told(x: Any) -> Line:
    """A tensor: its shape, its dtype, its first values, and the sum of the sizes of all if they are numbers."""
    values = [float(value) for value in x.detach().flatten().tolist()]
    shown = [float(f"{v:.5g}") if math.isfinite(v) else str(v) for v in values[:12]]
    total = sum(map(abs, values))
    return [list(x.shape), str(x.dtype).rpartition(".")[2], shown, float(f"{total:.5g}") if total < 1e30 else None]


def agree(mine: Line, theirs: Line) -> bool:
    """Whether two lines tell the same.

    Of errors it is enough that both are some, for often two apply. Where PyTorch has no gradient, for what it has
    saved was changed or since a backward has no derivative, ours may be one; and a number where there is none.
    """
    if mine[0] != theirs[0]:
        return False
    if theirs[0] in ("gradients", "second"):
        return (len(theirs) == 3 and isinstance(theirs[1], str)) or all(map(_alike, mine[1:], theirs[1:]))
    if isinstance(theirs[1], str) or isinstance(mine[1], str):
        return isinstance(theirs[1], str) and isinstance(mine[1], str)
    return _same(mine[1:], theirs[1:])


def _alike(mine: Any, theirs: Any) -> bool:
    """Whether a gradient is that of PyTorch, which may have none instead of zeros."""
    if mine is None or theirs is None:
        return not any((mine or theirs or [[], 0.0])[-2])
    return _same([part for part in mine if part is not None], [part for part in theirs if part is not None])


def _same(mine: Any, theirs: Any) -> bool:
    if theirs in ("nan", "inf", "-inf", None):
        return True
    if isinstance(theirs, float) and isinstance(mine, (int, float)):
        return abs(mine - theirs) <= 2e-3 * max(1e-2, abs(mine), abs(theirs))
    if isinstance(theirs, list) and isinstance(mine, list):
        return len(mine) == len(theirs) and all(map(_same, mine, theirs))
    return bool(mine == theirs)
