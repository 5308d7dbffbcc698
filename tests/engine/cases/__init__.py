"""What is compared with PyTorch: expressions, evaluated with PyTorch as `torch` and with the engine.

A case is one line of a text file of this folder, so a new op needs one line there. An expression sees `torch`, `F` and
the inputs below by name; the float and complex inputs that it names are differentiated. A module of the file's name
may add to the inputs, in an `INPUTS` and a `FIXED` of its own.

Lines stand under headings, whose first word tells how they are tested: "# errors" (class and sentence), "# in place"
and "# stale" (statements), "# composite" (made of other ops, of which the last gives its name to the node),
"# kinks" (no finite differences: no derivative there, or one on one side only, or random), any other: in every way.
"""

from __future__ import annotations

import importlib
import pathlib
import re
from typing import Any

import numpy as np

_draw = np.random.RandomState(7)

# Values stand away from each other and from the kinks of |x|, clamp and so on, so that finite differences hold.
INPUTS: dict[str, np.ndarray] = {
    "a": _draw.randn(3, 4) * 1.5,
    "b": _draw.randn(3, 4) + 0.1,
    "p": _draw.rand(3, 4) + 0.5,
    "u": _draw.rand(3, 4) * 0.8 + 0.1,
    "row": _draw.randn(4),
    "col": _draw.randn(3, 1),
    "s": np.array(0.7),
    "m": _draw.randn(4, 5),
    "sq": _draw.randn(4, 4),
    "v": _draw.randn(4),
    "t3": _draw.randn(2, 3, 4),
    "w3": _draw.randn(2, 4, 5),
    "t4": _draw.randn(2, 3, 2, 4),
    "zeros_in": np.array([[1.5, 0.0, 2.0], [0.0, 0.0, 3.0], [0.5, -2.0, 1.0]]),
    "ties": np.array([[1.0, 3.0, 3.0], [2.0, 2.0, 1.0]]),
    "far": np.array([-30.0, -8.0, -1.0, -0.3, 0.2, 0.6, 4.0, 25.0]),
    "weight": _draw.rand(4) + 0.2,
}
FIXED: dict[str, np.ndarray] = {
    "i": np.array([[3, 1, 2], [0, 2, -4]]),
    "j": np.array([[5, -2, 7], [2, 3, 3]]),
    "k": np.array([2, 0, 1]),
    "ks": np.array([[0, 2, 1, 0], [1, 1, 2, 0]]),
    "mask": np.array([[True, False, True, True], [False, False, True, False], [True, True, False, False]]),
    "target": np.array([1, 3, 0]),
    "ignored": np.array([1, -100, 0]),
    "t34": np.array([[0, 2, 1, 1], [2, 0, 0, 1]]),
    "words": np.array([[1, 3, 1], [0, 2, 1]]),
    "i8": np.array([[1, -2, 3]], np.int8),
    "u8": np.array([[1, 2, 250]], np.uint8),
    "f64": np.array([[0.1, 0.2, 0.3]], np.float64),
    "f16": np.array([[0.5, 1.5, -2.0]], np.float16),
    "z": np.array([1 + 2j, -0.5 + 0.3j], np.complex64),
    "z0": np.array(5),
    "d0": np.array(0.3, np.float64),
    "odd": np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0], np.float32),
}


HERE = pathlib.Path(__file__).parent
FILES = sorted(path.stem for path in HERE.glob("*.txt"))


def sections(stem: str) -> dict[str, list[str]]:
    """The lines of a file, a list for each heading's first word."""
    found: dict[str, list[str]] = {}
    for line in (HERE / f"{stem}.txt").read_text().splitlines():
        if line.startswith("# "):
            current = found.setdefault(re.split(r"\W", line[2:])[0], [])
        elif line:
            current.append(line)
    return found


def _tables() -> dict[str, tuple[dict[str, np.ndarray], dict[str, np.ndarray]]]:
    """By file, the float and the fixed inputs: its own, those of all, and, where the names are free, of the others."""
    mine: dict[str, Any] = dict.fromkeys(FILES)
    for stem in FILES:
        if (HERE / f"{stem}.py").exists():
            mine[stem] = importlib.import_module(f"tests.engine.cases.{stem}")
    found = {}
    for stem in FILES:
        inputs: dict[str, np.ndarray] = {}
        fixed: dict[str, np.ndarray] = {}
        for module in (mine[stem], None, *mine.values()):
            first = (INPUTS, FIXED) if module is None else (getattr(module, "INPUTS", {}), getattr(module, "FIXED", {}))
            for table, more in zip((inputs, fixed), first, strict=True):
                table.update((n, v) for n, v in more.items() if n not in inputs and n not in fixed)
        found[stem] = (inputs, fixed)
    return found


SECTIONS = {stem: sections(stem) for stem in FILES}
_TABLES = _tables()
_STEMS = {line: stem for stem, found in SECTIONS.items() for lines in found.values() for line in lines}


def tables(expression: str) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """The float and the fixed inputs that an expression of the files may name."""
    return _TABLES[_STEMS.get(expression, "core")]


def _under(*headings: str) -> list[str]:
    return [line for each in SECTIONS.values() for heading in headings for line in each.get(heading, [])]


ERRORS, IN_PLACE, STALE = _under("errors"), _under("in"), _under("stale")
COMPOSITE, KINKS = set(_under("composite")), set(_under("kinks"))
VALUES = [
    line
    for each in SECTIONS.values()
    for heading, lines in each.items()
    if heading not in ("errors", "in", "stale")
    for line in lines
]


def named(expression: str) -> tuple[list[str], list[str]]:
    """The inputs to differentiate by, and the fixed ones, that an expression names."""
    words = set(re.findall(r"[a-z][a-z0-9_]*", re.sub(r"'[^']*'|\.[a-z_]+", " ", expression)))
    inputs, given = tables(expression)
    return [n for n in inputs if n in words], [n for n in given if n in words]


def bench(torch: Any, functional: Any, expression: str, dtype: Any, device: str = "cpu") -> dict[str, Any]:
    """The names an expression sees: fresh leaves of the dtype for the float inputs."""
    floats, fixed = named(expression)
    inputs, given = tables(expression)
    scope: dict[str, Any] = {"torch": torch, "F": functional}
    for n in floats:
        kind = dtype.to_complex() if inputs[n].dtype.kind == "c" else dtype
        scope[n] = torch.tensor(inputs[n].tolist(), dtype=kind, device=device, requires_grad=True)
    for n in fixed:
        scope[n] = (
            torch.from_numpy(given[n].copy())
            if given[n].ndim
            else torch.tensor(given[n].item(), dtype=getattr(torch, str(given[n].dtype)))
        ).to(device)
    return scope


def flat(result: Any) -> list[Any]:
    """The tensors, or other values, in a result."""
    return list(result) if isinstance(result, (tuple, list)) and type(result).__name__ != "Size" else [result]


def described(value: Any) -> Any:
    """A value as plain data: a tensor's dtype, shape and numbers; anything else as text."""
    if not hasattr(value, "detach"):
        return str(value)
    held = value.detach().float() if "bfloat16" in str(value.dtype) else value.detach()  # which NumPy has not
    host = np.asarray(held.numpy(force=True))
    numbers = [host.real.tolist(), host.imag.tolist()] if host.dtype.kind == "c" else host.tolist()
    return [
        str(value.dtype),
        list(host.shape),
        numbers,
        str(value.grad_fn.name()) if value.grad_fn is not None else None,
    ]


def weights(shape: Any, complex: bool = False) -> np.ndarray:
    """Different weights for the elements of a result, so that a gradient cannot be right by symmetry."""
    places = np.arange(int(np.prod(shape, dtype=int)))
    real = (np.cos(places) + 0.3).reshape(shape)
    return real + 1j * (np.sin(places) + 0.2).reshape(shape) if complex else real


def weighed(torch: Any, result: Any, device: str = "cpu") -> Any:
    """A real number made of all elements of a result; of complex ones both parts count."""
    factors = weights(result.shape, result.is_complex()).reshape(-1).tolist()
    total = (result * torch.tensor(factors, dtype=result.dtype).reshape(result.shape).to(device)).sum()
    return total.real if result.is_complex() else total


def evaluate(
    torch: Any, functional: Any, expression: str, dtype: str = "float32", device: str = "cpu"
) -> dict[str, Any]:
    """What an expression or statement gives: values, the gradients of the inputs it names, or the error."""
    kind = getattr(torch, dtype)
    scope = bench(torch, functional, expression, kind, device)
    leaves = {n: scope[n] for n in named(expression)[0]}
    try:
        if "r = " in expression:
            exec(expression, scope)
            result = scope["r"]
        else:
            result = eval(expression, scope)
        loss = 0
        for each in flat(result):
            if hasattr(each, "requires_grad") and each.requires_grad:
                loss = loss + weighed(torch, each, device)
        if hasattr(loss, "backward"):
            loss.backward()
    except Exception as error:
        return {"error": [_public(error), str(error).splitlines()[0]]}
    grads = {n: None if t.grad is None else described(t.grad)[:3] for n, t in leaves.items()}
    return {"values": [described(each) for each in flat(result)], "grads": grads}


def _public(error: Exception) -> str:
    """The builtin class of an error, since ours may be subclasses."""
    return next(c.__name__ for c in type(error).__mro__ if c.__module__ == "builtins")
