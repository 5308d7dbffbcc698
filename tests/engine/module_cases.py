"""Every module of `torch.nn`, called in and out of training with either precision: a line of `modules.txt` each.

A line has the constructor and, after a colon, the arguments of the call: `x(2, 3)` is a tensor of that shape which
learns, `p(...)` one of numbers in (0, 1), `signs(...)` of 1 and -1, `below(n, ...)` of integers under n.
Of each tensor only three sums are kept: two weighted ones, which any changed element changes, and that of the sizes.
"""

from __future__ import annotations

import copy
import math
import pickle
import warnings
from pathlib import Path
from typing import Any

LINES = [
    line
    for line in (Path(__file__).parent / "modules.txt").read_text().splitlines()
    if line and not line.startswith("#")
]
DTYPES = ("float32", "float64")


class Makers:
    """What the arguments of a line are made with."""

    def __init__(self, torch: Any, dtype: Any) -> None:
        self.torch, self.dtype, self.made = torch, dtype, 0

    def _numbers(self, shape: tuple[int, ...]) -> list[float]:
        self.made += 1
        return [math.sin(1.7 * k + 0.9 * self.made) + 0.3 * math.cos(0.37 * k) for k in range(math.prod(shape))]

    def x(self, *shape: int) -> Any:
        """Numbers between -1.3 and 1.3."""
        return self.torch.tensor(self._numbers(shape), dtype=self.dtype).reshape(shape).requires_grad_()

    def p(self, *shape: int) -> Any:
        """Numbers in (0, 1)."""
        numbers = [0.5 + 0.35 * n for n in self._numbers(shape)]
        return self.torch.tensor(numbers, dtype=self.dtype).reshape(shape).requires_grad_()

    def signs(self, *shape: int) -> Any:
        """1 and -1."""
        return self.torch.tensor([1.0 if n > 0 else -1.0 for n in self._numbers(shape)], dtype=self.dtype).reshape(
            shape
        )

    def below(self, n: int, *shape: int) -> Any:
        """Integers from 0 on."""
        return self.torch.tensor([(7 * k + 3 * k * k) % n for k in range(math.prod(shape))]).reshape(shape)


def sums(value: Any) -> Any:
    """The kind of a tensor and three sums of its elements; None, or a text where it has no elements yet."""
    if value is None or hasattr(value, "materialize"):
        return None if value is None else repr(value)
    numbers = value.detach().double().reshape(-1).tolist()
    weighted = [sum(f(1.3 * k + 0.4) * n for k, n in enumerate(numbers)) for f in (math.sin, math.cos)]
    kind = f"{str(value.dtype).removeprefix('torch.')} {list(value.shape)}"
    return [kind, *(float(f"{n:.13g}") for n in (*weighted, sum(abs(n) for n in numbers)))]


def flat(value: Any) -> list[Any]:
    """The tensors in a result."""
    if isinstance(value, (tuple, list)):
        return [each for item in value for each in flat(item)]
    return [value] if hasattr(value, "detach") else []


def answer(torch: Any, line: str, name: str) -> dict[str, Any]:
    """What a line gives with a dtype: text, state, results and gradients, in training and then out of it."""
    dtype = getattr(torch, name)
    make, _, call = line.partition(" : ")
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _answer(torch, make, call, Makers(torch, dtype))
    finally:
        torch.set_default_dtype(before)


def _answer(torch: Any, make: str, call: str, makers: Makers) -> dict[str, Any]:
    names = {"nn": torch.nn, "torch": torch, "x": makers.x, "p": makers.p, "signs": makers.signs, "below": makers.below}
    torch.manual_seed(7)
    module = eval(make, names)
    found: dict[str, Any] = {"text": repr(module), "state": [[k, sums(v)] for k, v in module.state_dict().items()]}
    lazy = any(isinstance(each, str) for _, each in found["state"])
    for twin in () if lazy else (copy.deepcopy(module), pickle.loads(pickle.dumps(module))):
        assert repr(twin) == repr(module)
        assert [[k, sums(v)] for k, v in twin.state_dict().items()] == found["state"]
    for mode in ("train", "eval"):
        getattr(module, mode)()
        module.zero_grad()
        args = eval(f"({call},)", names)
        torch.manual_seed(8)
        outs = flat(module(*args))
        found[mode] = [sums(each) for each in outs]
        learning = [each for each in outs if each.requires_grad]
        if learning:
            weighted = [each * torch.linspace(0.5, 1.5, each.numel()).reshape(each.shape) for each in learning]
            sum(each.sum() for each in weighted).backward()
            leaves = [each for each in flat(args) if each.requires_grad]
            found[f"{mode} grads"] = [sums(each.grad) for each in (*leaves, *module.parameters())]
    found["state after"] = [sums(value) for value in module.state_dict().values()]
    return found


def differences(got: Any, want: Any, tolerance: float, where: str = "") -> list[str]:
    """Where an answer is not the recorded one: sums as near as rounding of so many numbers leaves them."""
    if isinstance(want, dict):
        if list(got) != list(want):
            return [f"{where}: {list(got)} instead of {list(want)}"]
        return [line for key in want for line in differences(got[key], want[key], tolerance, f"{where}/{key}")]
    if isinstance(want, list) and len(want) == 4 and isinstance(want[-1], float):
        scale = tolerance * max(1.0, want[3])
        near = (
            len(got) == 4
            and got[0] == want[0]
            and all(
                abs(a - b) <= scale or (a != a and b != b) or a == b for a, b in zip(got[1:], want[1:], strict=True)
            )
        )
        return [] if near else [f"{where}: {got} instead of {want}"]
    if isinstance(want, list):
        if len(got) != len(want):
            return [f"{where}: {got} instead of {want}"]
        pairs = enumerate(zip(got, want, strict=True))
        return [line for i, (a, b) in pairs for line in differences(a, b, tolerance, f"{where}[{i}]")]
    return [] if got == want else [f"{where}: {got!r} instead of {want!r}"]
