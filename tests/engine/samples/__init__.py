"""Calls drawn at random, as JSON, and what a library answers to them: values, gradients, dtypes, text, errors.

A call is [function, arguments, options]; a function is a name, "add" or "nn.functional.relu"; ".add_" is a method and
"[]" indexing, "[]=" setting. In arguments a tensor is {"t": [dtype, shape, seed, layout]}: its numbers follow from the
seed. {"d": name} is a dtype, {"c": [re, im]} a complex number, {"u": [...]} a tuple, {"s": [start, stop, step]} a slice
and {"e": 0} an ellipsis.

`record.py` draws the calls and notes PyTorch's answers, which need neither PyTorch nor hypothesis to be compared with.
"""

from __future__ import annotations

import json
import math
import warnings
from functools import reduce
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).parent
FILES = sorted(path.stem for path in HERE.glob("*.json"))
_KINDS = {
    "f4": "float32", "f8": "float64", "f2": "float16", "bf": "bfloat16", "i8": "int64", "i4": "int32", "u1": "uint8",
    "b1": "bool", "c8": "complex64",
}  # fmt: skip
TOLERANCE = {"f4": 2e-4, "c8": 2e-4, "f2": 2e-2, "bf": 1.6e-1, "f8": 1e-6}
# Functions that are made of others here, or there: the last of them gives the node its name.
COMPOSED = frozenset(
    """
    .div_ .pow_ copysign div
    .__floordiv__ .__mod__ .__rfloordiv__ .__rmod__ .__rsub__ .copy_ .repeat [] []= addcdiv addcmul block_diag celu
    chain_matmul cov diag dist float_power floor_divide fmod hsplit index_add index_copy index_fill kron lerp
    linalg.matrix_power linalg.multi_dot masked_scatter masked_select mean nn.functional.adaptive_avg_pool1d
    nn.functional.adaptive_avg_pool2d nn.functional.avg_pool1d nn.functional.avg_pool2d nn.functional.bilinear
    nn.functional.celu nn.functional.channel_shuffle nn.functional.conv_transpose1d nn.functional.conv_transpose2d
    nn.functional.cross_entropy nn.functional.glu nn.functional.group_norm nn.functional.interpolate
    nn.functional.layer_norm nn.functional.linear nn.functional.local_response_norm
    nn.functional.margin_ranking_loss nn.functional.max_pool1d nn.functional.multi_margin_loss
    nn.functional.multilabel_margin_loss nn.functional.nll_loss nn.functional.pad nn.functional.pairwise_distance
    nn.functional.pixel_shuffle nn.functional.rms_norm nn.functional.triplet_margin_loss pow quantile remainder
    renorm reshape rot90 scatter scatter_add scatter_reduce sum take tensor_split tile trapezoid var_mean xlogy
    """.split()  # noqa: SIM905
)
_SMALL = 6  # results of no more elements are recorded whole, others as weighted sums
_ODD = (math.nan, math.inf, -math.inf, 0.0, -0.0)


def recorded(stem: str) -> list[list[Any]]:
    """The calls of a file, each with its answer: [call, answer]."""
    return [json.loads(line) for line in (HERE / f"{stem}.json").read_text().splitlines()]


def numbers(kind: str, count: int, seed: int) -> list[Any]:
    """Numbers of a dtype that follow from a seed: 7 for odd ones, 8 for those between 0 and 1, 9 for small indices."""
    draw = np.random.RandomState(seed)
    if kind == "b1":
        return [bool(n) for n in draw.randint(0, 2, count)]
    if kind in ("i8", "i4", "u1"):
        low, high = (0, 3) if seed == 9 else (0 if kind == "u1" else -4, 6)
        return [int(n) for n in draw.randint(low, high, count)]
    if seed == 8:
        return [(int(n) + 0.5) / 64 for n in draw.randint(0, 64, count)]
    parts = [int(n) / 8 + 0.0625 for n in draw.randint(-20, 20, 2 * count)]
    if kind == "c8":
        return [complex(a, b) for a, b in zip(parts[:count], parts[count:], strict=True)]
    if seed == 7:
        return [_ODD[i // 2 % 5] if i % 2 else part for i, part in enumerate(parts[:count])]
    return parts[:count]


class Maker:
    """The arguments of a call for a library; `leaves` are the tensors whose gradients are asked for."""

    def __init__(self, library: Any, differentiable: bool) -> None:
        self.library = library
        self.differentiable = differentiable
        self.leaves: list[Any] = []

    def tensor(self, kind: str, shape: list[int], seed: int, layout: str) -> Any:
        """A tensor; "t" is laid out backwards, "s" every second of a longer last axis, "x" expanded along the first."""
        given = list(shape)
        if layout == "t":
            given = given[::-1]
        elif layout == "s":
            given[-1] *= 2
        elif layout == "x":
            given[0] = 1
        values = numbers(kind, math.prod(given), seed)
        made = self.library.tensor(values, dtype=getattr(self.library, _KINDS[kind])).reshape(given)
        if self.differentiable and kind in TOLERANCE:
            self.leaves.append(made.requires_grad_())
        if layout == "t":
            return made.permute(*range(len(given) - 1, -1, -1))
        if layout == "s":
            return made[..., ::2]
        return made.expand(shape) if layout == "x" else made

    def value(self, given: Any) -> Any:
        """What a JSON value stands for."""
        if isinstance(given, list):
            return [self.value(each) for each in given]
        if not isinstance(given, dict):
            return given
        ((mark, content),) = given.items()
        if mark == "t":
            return self.tensor(*content)
        if mark == "d":
            return getattr(self.library, content)
        if mark == "c":
            return complex(*content)
        if mark == "u":
            return tuple(self.value(each) for each in content)
        return slice(*content) if mark == "s" else Ellipsis


def called(library: Any, name: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
    """What a call returns."""
    if name == "[]":
        return args[0][args[1]]
    if name == "[]=":
        target = args[0].clone()
        target[args[1]] = args[2]
        return target
    if name.startswith("."):
        self = args[0].clone() if name.endswith("_") else args[0]
        return getattr(self, name[1:])(*args[1:], **kwargs)
    return reduce(getattr, name.split("."), library)(*args, **kwargs)


def answer(library: Any, call: list[Any]) -> dict[str, Any]:
    """What a library makes of a call: {"e": [class, first line]}, or {"v": results, "g": gradients}."""
    name, args, kwargs = call
    make = Maker(library, True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            given, options = (
                [make.value(each) for each in args],
                {key: make.value(each) for key, each in kwargs.items()},
            )
            result = called(library, name, given, options)
        except Exception as error:
            kind = next(each for each in type(error).__mro__ if each.__module__ == "builtins")
            return {"e": [kind.__name__, str(error).split("\n")[0]]}
        found = result if isinstance(result, (tuple, list)) else [result]
        said: dict[str, Any] = {"v": [_shown(library, each) for each in found]}
        gradients = _gradients(library, found, make.leaves)
    return said if gradients is None else said | {"g": gradients}


def _shown(library: Any, value: Any) -> Any:
    """A result in short: dtype, shape, numbers, and for little ones the text."""
    if not isinstance(value, library.Tensor):
        return [type(value).__name__, str(value)]
    shown = [str(value.dtype)[6:], list(value.shape), _summary(value)]
    node = "" if value.grad_fn is None else value.grad_fn.name()
    return [*shown, node, repr(value.detach())] if value.numel() <= _SMALL else [*shown, node]


def _summary(value: Any) -> list[Any]:
    plain = value.detach()
    if plain.is_complex():
        plain = plain.resolve_conj()
        return [*_summary(plain.real), *_summary(plain.imag)]
    array = np.asarray((plain.double() + 0.0).tolist(), np.float64).reshape(-1)
    if array.size <= _SMALL:
        return [_short(x) for x in array]
    finite = np.isfinite(array)
    weights = np.cos(np.arange(array.size) * 1.7) + 1.5
    kept = np.where(finite, array, 0.0)
    return [_short(x) for x in ((kept * weights).sum(), np.abs(kept).max(), (~finite).sum())]


def _short(x: Any) -> float:
    return float(f"{float(x):.6g}")


def _gradients(library: Any, results: list[Any], leaves: list[Any]) -> Any:
    """The gradients of a weighted sum of all results, in short; the error's class where there are none."""
    total = None
    for each in results:
        if isinstance(each, library.Tensor) and each.requires_grad:
            size = math.prod(each.shape)
            factors = library.tensor([1.0 + 0.25 * (i % 5) for i in range(size)]).reshape(tuple(each.shape))
            wide = each.to(library.complex128 if each.is_complex() else library.float64)
            part = (wide * factors).sum()
            part = part.real + 0.5 * part.imag if part.is_complex() else part
            total = part if total is None else total + part
    if total is None or not leaves:
        return None
    try:
        found = library.autograd.grad(total, leaves, allow_unused=True)
    except Exception as error:
        kind = next(each for each in type(error).__mro__ if each.__module__ == "builtins")
        return [kind.__name__]
    return [None if each is None else [str(each.dtype)[6:], list(each.shape), _summary(each)] for each in found]


def difference(call: list[Any], want: dict[str, Any], got: dict[str, Any]) -> str | None:
    """How the answer to a call differs from PyTorch's, in words."""
    name, kind = call[0], least_precise(call)
    if "e" in want or "e" in got:
        if "e" not in want or "e" not in got:
            return f"raises {got['e']}" if "e" in got else f"does not raise {want['e']}"
        same = want["e"][0] == got["e"][0] and got["e"][1].startswith(_core(want["e"][1]))
        return None if same else f"raises {got['e']} instead of {want['e']}"
    for part in ("v", "g"):
        mine, theirs = got.get(part), want.get(part)
        if (mine is None) != (theirs is None) or (mine is not None and len(mine) != len(theirs)):
            return f"{part}: {mine} instead of {theirs}"
        for a, b in zip(mine or (), theirs or (), strict=True):
            if a is None or b is None:
                if any(each is not None and any(each[2]) for each in (a, b)):
                    return f"{part}: {a} instead of {b}"
            elif isinstance(a, str) or len(a) < 3 or len(b) < 3:
                if a != b:
                    return f"{part}: {a} instead of {b}"
            elif a[:2] != b[:2] or not _close(a[2], b[2], kind):
                return f"{part}: {a[:3]} instead of {b[:3]}"
            elif part == "v" and a[3] != b[3] and name not in COMPOSED:
                return f"node {a[3]} instead of {b[3]}"
            elif a[4:] != b[4:] and kind in ("f4", "f8", ""):
                return f"text: {a[4]} instead of {b[4]}"
    return None


def _core(sentence: str) -> str:
    """The part of PyTorch's sentence that ours begins with."""
    return sentence.rstrip(". ")


def _close(mine: list[float], theirs: list[float], kind: str) -> bool:
    tolerance = TOLERANCE.get(kind, 2e-5)
    scale = max([1.0, *(abs(x) for x in theirs if math.isfinite(x))])
    return len(mine) == len(theirs) and all(
        a == b or (a != a and b != b) or abs(a - b) <= tolerance * scale for a, b in zip(mine, theirs, strict=True)
    )


def least_precise(call: Any) -> str:
    """The dtype among a call's arguments that has the fewest digits."""
    text = json.dumps(call)
    return next((kind for kind in ("bf", "f2", "f4", "c8", "f8") if f'["{kind}"' in text), "")
