"""Values that events and results are made of."""

from __future__ import annotations

import base64
from typing import Literal

import msgspec

Status = Literal[
    "queued", "starting", "running", "paused", "finished", "failed", "stopped", "timeout", "killed", "lost"
]
FINAL: frozenset[str] = frozenset({"finished", "failed", "stopped", "timeout", "killed", "lost"})

What = Literal["value", "grad"]

# The columns of a packed row of statistics (float32, little-endian), in this order.
STATISTICS = ("mean", "std", "min", "max", "norm", "nan", "inf")


class Value(msgspec.Struct, forbid_unknown_fields=True):
    """Base of every struct here: unknown fields are refused, so that a forged message is not carried along."""


class Statistics(Value, kw_only=True):
    """What a tensor's finite numbers look like at a glance. A figure is null where there is no finite number."""

    mean: float | None = None
    std: float | None = None
    min: float | None = None
    max: float | None = None
    norm: float | None = None
    nan: int = 0
    inf: int = 0


class GradientStatistics(Statistics, kw_only=True):
    """The statistics of a parameter's gradient, with its shape."""

    shape: list[int] = []


class Node(Value, kw_only=True):
    """One value of the computation graph and the op that made it.

    `line` counts from 1, `column` and `end_column` from 0 in characters, as in Python's tracebacks.
    """

    id: str
    kind: Literal["parameter", "input", "op", "output"]
    op: str | None = None
    name: str = ""
    shape: list[int] = []
    dtype: str = "float32"
    device: str = "cpu"
    requires_grad: bool = False
    module: str = ""
    line: int | None = None
    column: int | None = None
    end_line: int | None = None
    end_column: int | None = None
    formula: str | None = None


class Edge(Value, kw_only=True):
    """`source`'s value enters `target` as the operand called `argument`."""

    source: str
    target: str
    argument: str = ""


class Module(Value, kw_only=True):
    """A module of the learner's model: `path` as in `named_modules()`, `kind` its class's name."""

    path: str
    kind: str
    children: list[Module] = []


class Problem(Value, kw_only=True):
    """Why a program did not end well; `line` is in the learner's file, `limit` names the limit that ended it."""

    type: str
    message: str
    line: int | None = None
    column: int | None = None
    end_line: int | None = None
    end_column: int | None = None
    traceback: str = ""
    explanation: str | None = None
    limit: str | None = None
    shapes: list[list[int]] = []
    axes: list[list[int]] = []


class Histogram(Value, kw_only=True):
    """Counts of finite numbers in equal bins between `low` and `high`."""

    low: float
    high: float
    counts: list[int]


class Picture(Value, kw_only=True):
    """A tensor's last two axes, reduced to what fits a heatmap: `values` row by row, each the mean of its block."""

    rows: int
    columns: int
    values: list[float | None]


def to_builtins(value: object) -> object:
    """`value` as JSON-ready Python objects, bytes as base64 text."""
    return msgspec.to_builtins(value, builtin_types=(), enc_hook=_bytes)


def _bytes(value: object) -> object:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    raise TypeError(f"cannot carry {type(value).__name__}")
