"""The learner's file: what it is called, its lines, and the exact places of its instructions."""

from __future__ import annotations

import linecache
import sys
from types import CodeType, FrameType
from typing import NamedTuple

FILENAME = "main.py"


class Place(NamedTuple):
    """Where an instruction stands: lines from 1, columns from 0 in characters."""

    line: int | None = None
    column: int | None = None
    end_line: int | None = None
    end_column: int | None = None


def show(code: str) -> None:
    """Let tracebacks show the lines of the learner's file."""
    linecache.cache[FILENAME] = (len(code), None, code.splitlines(keepends=True), FILENAME)


def characters(line: int | None, column: int | None) -> int | None:
    """A column in characters from Python's, which count bytes of UTF-8."""
    if line is None or column is None:
        return None
    text = linecache.getline(FILENAME, line)
    return column if text.isascii() else len(text.encode()[:column].decode("utf-8", "replace"))


_places: dict[tuple[int, int], Place] = {}
_kept: list[CodeType] = []  # so that an id in `_places` stays that of its code


def place(code: CodeType, instruction: int) -> Place:
    """The place of the instruction at an offset (`f_lasti`, `tb_lasti`) of a code object."""
    key = (id(code), instruction)
    found = _places.get(key)
    if found is None:
        _kept.append(code)
        for index, (line, end_line, column, end_column) in enumerate(code.co_positions()):
            if index == instruction // 2:
                found = Place(line, characters(line, column), end_line, characters(end_line, end_column))
                break
        else:
            found = Place()
        _places[key] = found
    return found


def caller(frame: FrameType | None) -> FrameType | None:
    """The nearest frame of the learner's own code, from `frame` outwards."""
    while frame is not None and frame.f_code.co_filename != FILENAME:
        frame = frame.f_back
    return frame


def stack() -> list[FrameType]:
    """All frames of the learner's code that are active in this thread, innermost first."""
    frames = []
    frame = caller(sys._getframe(1))
    while frame is not None:
        frames.append(frame)
        frame = caller(frame.f_back)
    return frames
