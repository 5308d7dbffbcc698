"""Frequent errors in a learner's words: what happened, and what to do about it."""

from __future__ import annotations

import builtins
import difflib
import errno
import re
from collections.abc import Callable
from typing import Any

from engine import Tensor
from playground.runner.source import FILENAME

_IMPORTS = {
    "np": "import numpy as np",
    "numpy": "import numpy",
    "torch": "import torch",
    "nn": "from torch import nn",
    "F": "import torch.nn.functional as F",
    "optim": "from torch import optim",
    "plt": "import matplotlib.pyplot as plt",
    "math": "import math",
    "random": "import random",
    "time": "import time",
    "playground": "import playground",
    "Tensor": "from torch import Tensor",
    "DataLoader": "from torch.utils.data import DataLoader",
}

_NO_TENSOR = "A tensor is wanted here: torch.tensor(...) makes one of a number, a list or a NumPy array."

# What the engine (and PyTorch) says -> what it means. The first that is found in the message counts.
_SAID: tuple[tuple[type[BaseException], str, str], ...] = (
    (
        RuntimeError,
        "backward through the graph a second time",
        "backward() was called twice on the same graph, which is let go of after the first time. Compute the loss "
        "again before each backward(), or call the first one with retain_graph=True. Where a tensor is carried from "
        "one step to the next, detach() it.",
    ),
    (
        RuntimeError,
        "does not require grad",
        "Nothing that this result was computed from asks for a gradient, so there is nothing to go back to. Create the "
        "weights with requires_grad=True (the parameters of nn modules have it), and look for a detach(), item(), "
        "numpy() or no_grad() between them and the loss.",
    ),
    (
        RuntimeError,
        "grad can be implicitly created only for scalar outputs",
        "backward() starts from one number. Reduce the tensor first, with .mean() or .sum(), or hand it a gradient.",
    ),
    (
        RuntimeError,
        "modified by an inplace operation",
        "A value that is needed on the way back was overwritten. Write y = y + 1 in place of y += 1, or clone() first.",
    ),
    (
        RuntimeError,
        "leaf Variable that requires grad",
        "A weight cannot be changed in place while its operations are recorded. Change it within "
        "`with torch.no_grad():`, or let an optimizer do it.",
    ),
    (
        RuntimeError,
        "on the same device",
        "One tensor is on the CPU and another on the GPU. Move the model and the data to the same place with "
        ".to(device).",
    ),
    (
        RuntimeError,
        "same dtype",
        "The two tensors hold different types of numbers, for instance float64 from NumPy against float32. Convert one "
        "with .float().",
    ),
    (
        RuntimeError,
        "numpy() on Tensor that requires grad",
        "This tensor is part of a graph. Take its values with .detach().numpy().",
    ),
    (
        RuntimeError,
        "Tensor with more than one",
        "An `if` or `while` needs one truth value, and this tensor has many. Use .any() or .all().",
    ),
    (
        RuntimeError,
        "cannot be converted to Scalar",
        "item() and float() take a tensor with exactly one element. Reduce it first, with .mean() or .sum().",
    ),
    (
        NotImplementedError,
        '"forward" function',
        "A module computes in its method `forward`, and this class has none. Check its spelling and indentation.",
    ),
    (
        AttributeError,
        "before Module.__init__() call",
        "Begin the module's __init__ with super().__init__(), before any layer is made.",
    ),
    (AttributeError, "has no attribute '_array'", _NO_TENSOR),
    (TypeError, "must be Tensor, not", _NO_TENSOR),
    (
        ValueError,
        "empty parameter list",
        "The optimizer was given no parameters. Layers are found only if they are attributes of the module, or in an "
        "nn.ModuleList, not in a plain Python list.",
    ),
    (
        IndexError,
        "index out of range in self",
        "An index is not a row of the embedding: its first argument says how many there are, counted from 0.",
    ),
    (
        IndexError,
        "out of bounds",
        "An index is beyond the end: axes and classes are counted from 0, so the last index is the length minus one.",
    ),
    (
        RuntimeError,
        "Target size",
        "Prediction and target must have the same shape. A prediction of shape (N, 1) becomes (N,) with .squeeze(1).",
    ),
)
_INTEGERS = re.compile(r"(expected|must be|but got|Expected).*(\bLong\b|\bInt\b|int64|integer|scalar types?:)", re.S)
# What Python says of a function that was not called: as an operand, asked for an attribute, gone through, formatted.
_FUNCTION = r"'?(method|function|builtin_function_or_method)\b"
_FUNCTIONS = re.compile(
    rf"operand.*{_FUNCTION}|^{_FUNCTION}.*(has no attribute|subscriptable|iterable)|non-iterable {_FUNCTION}"
    rf"|type {_FUNCTION}.*define|passed to {_FUNCTION}|not {_FUNCTION}$"
)
_OF_GRAPHS = ("backward", "grad", "grad_fn", "requires_grad", "detach", "retain_grad")
_SANDBOX = {errno.EPERM, errno.EACCES, errno.EROFS, errno.ENOSYS}


def explain(error: BaseException) -> str | None:
    """A sentence or two for the frequent errors, None for the others. Never fails."""
    try:
        for kind, explainer in _EXPLAINERS:
            if isinstance(error, kind) and (sentence := explainer(error)):
                return sentence
    except Exception:  # the error may be of a learner's own class, whose attributes can do anything
        return None
    return None


def _said(error: BaseException) -> str | None:
    message = str(error)
    for kind, words, sentence in _SAID:
        if isinstance(error, kind) and words in message:
            return sentence
    return None


def _shapes(error: Any) -> str | None:
    shapes: Any = getattr(error, "shapes", ())
    axes: Any = getattr(error, "axes", ())
    if len(shapes) != 2 or len(axes) != 2 or None in axes:
        return None
    (a, b), (i, j) = shapes, axes
    if str(error).startswith("The size of tensor a"):
        return (
            f"The shapes {list(a)} and {list(b)} meet element by element, aligned at their last axes. Axis {i} of the "
            f"first has length {a[i]}, axis {j} of the second {b[j]}: they must be equal, or one of them 1."
        )
    return (
        f"A matrix product pairs axis {i} of the first (length {a[i]} in {list(a)}) with axis {j} of the second "
        f"(length {b[j]} in {list(b)}): these lengths must be equal. In a network, a layer must take as many features "
        "as the layer before gives."
    )


def _name(error: Any) -> str | None:
    name = error.name
    if not name:
        return None
    if name in _IMPORTS:
        return f"`{name}` has to be imported first: write `{_IMPORTS[name]}` at the top."
    tb, frame = error.__traceback__, None
    while tb is not None:
        frame, tb = tb.tb_frame if tb.tb_frame.f_code.co_filename == FILENAME else frame, tb.tb_next
    known = {*frame.f_locals, *frame.f_globals} if frame is not None else set()
    return _near(name, sorted(known) + dir(builtins)) or (
        f"There is nothing called `{name}` here. Was it given a value on a line that has run, and in this function?"
    )


def _uncalled(error: BaseException) -> str | None:
    if _FUNCTIONS.search(str(error)):
        return "A function stands where its result is wanted. With () behind its name it is called, as in loss.item()."
    return None


def _attribute(error: Any) -> str | None:
    message = str(error)
    if isinstance(error.obj, (int, float)) and error.name in _OF_GRAPHS:
        return (
            "This is a plain number, as item() and float() give it, and nothing leads back from it. Ask the tensor "
            "that it was taken from."
        )
    if isinstance(error.obj, (int, float, list, tuple)) and hasattr(Tensor, error.name or ""):
        return _NO_TENSOR
    if error.name and "Did you mean" not in message and error.obj is not None:
        return _near(error.name, dir(error.obj))
    return None


def _near(name: str, known: list[str]) -> str | None:
    close = difflib.get_close_matches(name, [each for each in known if not each.startswith("_")], 1, 0.7)
    return f"There is no `{name}` here. Did you mean `{close[0]}`?" if close else None


def _integers(error: BaseException) -> str | None:
    if _INTEGERS.search(str(error)):
        return "Indices, and classes for cross_entropy and Embedding, are whole numbers: convert them with .long()."
    return None


def _module(error: Any) -> str | None:
    if error.name and "." not in error.name and "not here" not in str(error):
        return (
            f"`{error.name}` cannot be imported here. There are torch (our engine), numpy, matplotlib, playground and "
            "Python's standard library."
        )
    return None


def _system(error: Any) -> str | None:
    if error.errno in _SANDBOX and "plain name" not in str(error):
        return "The program runs in a closed box: no network, no other programs, and no disk but files of a plain name."
    return None


def _always(sentence: str) -> Callable[[BaseException], str]:
    return lambda error: sentence


_EXPLAINERS: tuple[tuple[type[BaseException], Callable[[Any], str | None]], ...] = (
    (AttributeError, _uncalled),
    (TypeError, _uncalled),
    (Exception, _said),
    (RuntimeError, _shapes),
    (NameError, _name),
    (AttributeError, _attribute),
    (RuntimeError, _integers),
    (TypeError, _integers),
    (ModuleNotFoundError, _module),
    (OSError, _system),
    (
        RecursionError,
        _always("A function calls itself, directly or in a circle, and never stops. Give it a case that ends."),
    ),
    (MemoryError, _always("The program needed more memory than a run may have. Use smaller tensors or batches.")),
    (IndentationError, _always("The blanks at the beginning of this line do not fit the lines around it.")),
)
