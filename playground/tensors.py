"""The side record of a run, asked for one tensor: the nearest recorded step, and an exact slice of its numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import msgspec

from playground.protocol.commands import Inspect
from playground.protocol.events import TensorEvent

MAX_NUMBERS = 4096
_PART = re.compile(r"\s*(-?\d{1,9})?\s*(?:(:)\s*(-?\d{1,9})?\s*(?:(:)\s*(-?\d{1,9})?\s*)?)?", re.ASCII)

Index = int | slice


class BadSlice(ValueError):
    """A slice that is not written as in Python, or does not fit the tensor; the message says why."""


def parse_slice(text: str) -> tuple[Index, ...]:
    """What "0, :10, -1" means; empty for an empty text. Raises `BadSlice`."""
    if not text.strip():
        return ()
    return tuple(_parse_part(part) for part in text.split(","))


def recorded(records: Iterable[TensorEvent], asked: Inspect) -> TensorEvent | None:
    """The recorded numbers nearest before the asked step, the newest where none is asked; None without any.

    `step` in the answer says which step it is. Raises `BadSlice`.
    """
    index = parse_slice(asked.slice)
    found = [record for record in records if record.node == asked.node and record.what == asked.what]
    if not found:
        return None
    found.sort(key=lambda record: record.step)
    before = [record for record in found if asked.step is None or record.step <= asked.step]
    nearest = before[-1] if before else found[0]
    answer = msgspec.structs.replace(nearest, slice=asked.slice)
    if not index:
        return answer
    if nearest.values is None:
        answer.error = "The exact numbers of this tensor were too many to record; the picture stands for them."
        return answer
    answer.values = _cut(nearest.values, index, nearest.shape)
    if _count(answer.values) > MAX_NUMBERS:
        raise BadSlice(f"a slice may have up to {MAX_NUMBERS} numbers")
    return answer


def _parse_part(part: str) -> Index:
    found = _PART.fullmatch(part)
    if found is None or not part.strip():
        raise BadSlice(f"{part.strip()!r} is no index and no slice")
    start, colon, stop, _, step = found.groups()
    if colon is None:
        return int(start)
    if step is not None and int(step) <= 0:
        raise BadSlice("the step of a slice must be positive")
    return slice(*(None if number is None else int(number) for number in (start, stop, step)))


def _cut(values: Any, index: tuple[Index, ...], shape: list[int]) -> Any:
    """Nested lists under an index, axis by axis."""
    if not index:
        return values
    if not isinstance(values, list):
        raise BadSlice(f"more axes are named than the tensor's {len(shape)}")
    first, rest = index[0], index[1:]
    if isinstance(first, slice):
        return [_cut(value, rest, shape) for value in values[first]]
    if not -len(values) <= first < len(values):
        raise BadSlice(f"index {first} is outside an axis of size {len(values)}")
    return _cut(values[first], rest, shape)


def _count(values: Any) -> int:
    return sum(map(_count, values)) if isinstance(values, list) else 1
