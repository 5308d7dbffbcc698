"""From what a program raised to what the page says of it: the place, the learner's own traceback, an explanation."""

from __future__ import annotations

import errno
import os
import traceback
from types import TracebackType

import engine
from engine.errors import SHAPE_ERRORS
from playground.protocol.values import Problem
from playground.runner import explain
from playground.runner.source import FILENAME, Place, characters, place

_OURS = (
    os.path.dirname(engine.__file__) + os.sep,
    os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep,
    "<engine ",
    "<frozen ",
)
_PACKAGES = ("site-packages/", "dist-packages/", "/packages/", f"/{os.path.basename(os.path.dirname(os.__file__))}/")
LONGEST = 20_000  # characters of a message or a traceback
LONGEST_NAME = 200  # of an exception's type


def problem_of(error: BaseException, limit: str | None = None) -> Problem:
    """The exception as the protocol has it. Never fails, whatever the exception's own methods do."""
    try:
        return _told(error, limit)
    except BaseException:  # its class has a metaclass of the program's, or a builtin that it needs is gone
        return Problem(type="Error", message="An exception that could not be read ended the program.", limit=limit)


def limit_of(error: BaseException) -> str | None:
    """Which limit of the run an exception comes from; None for one that is the program's own."""
    if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == errno.ENOMEM):
        return "memory"
    if type(error) is RuntimeError and error.args == ("can't start new thread",):
        return "threads"
    return None


def _told(error: BaseException, limit: str | None) -> Problem:
    where = _place(error)
    return Problem(
        type=_printable(_public(type(error)).__name__[:LONGEST_NAME]),
        message=_printable(message_of(error)),
        line=where.line,
        column=where.column,
        end_line=where.end_line,
        end_column=where.end_column,
        traceback=_printable(traceback_of(error)),
        explanation=explain.explain(error),
        limit=limit,
        shapes=[[int(n) for n in shape] for shape in _attribute(error, "shapes")],
        axes=[[] if axis is None else [int(axis)] for axis in _attribute(error, "axes")],
    )


def message_of(error: BaseException) -> str:
    """What the exception says, without its type."""
    if isinstance(error, SyntaxError):
        return error.msg or "invalid syntax"
    if isinstance(error, SystemExit):
        return f"The program ended itself with exit code {error.code}"
    if isinstance(error, KeyError) and len(error.args) == 1:
        return f"There is no key {error.args[0]!r}"
    if isinstance(error, MemoryError) and not error.args:
        return "The program needed more memory than a run may use"
    try:
        return str(error)
    except Exception:
        return f"<{type(error).__name__} whose text could not be made>"


def traceback_of(error: BaseException) -> str:
    """The traceback as Python prints it, with the learner's frames and those of libraries, without any of ours."""
    try:
        report = traceback.TracebackException.from_exception(error, limit=-200, compact=True)
        _clean(report)
        return "".join(report.format())
    except Exception:
        return f"{type(error).__name__}\n"


def _clean(report: traceback.TracebackException) -> None:
    seen: list[traceback.TracebackException | None] = [report]
    for each in seen:
        if each is None:
            continue
        each.exc_type = _public(each.exc_type) if each.exc_type is not None else None
        frames = [frame for frame in each.stack if not frame.filename.startswith(_OURS)]
        for frame in frames:
            frame.filename = _short(frame.filename)
        each.stack = traceback.StackSummary.from_list(frames)
        seen += [each.__cause__, each.__context__, *(each.exceptions or ())]


def _public(kind: type[BaseException]) -> type[BaseException]:
    """The class under which an exception is known: of the engine's own ones the one that PyTorch raises."""
    return next(each for each in kind.__mro__ if not each.__module__.startswith("engine"))


def _short(filename: str) -> str:
    """A library's file without the folders that it lies in."""
    for mark in _PACKAGES:
        if mark in filename:
            return filename.rpartition(mark)[2]
    return filename


def _place(error: BaseException) -> Place:
    """The innermost place in the learner's file that the error went through."""
    if isinstance(error, SyntaxError) and error.filename == FILENAME:
        start, end = error.offset, error.end_offset
        column = max(start - 1, 0) if start else None
        end_column = end - 1 if end and end > 0 else None
        if error.end_lineno == error.lineno and column is not None and (end_column is None or end_column <= column):
            end_column = column + 1
        return Place(error.lineno, column, error.end_lineno or error.lineno, end_column)
    found = Place()
    tb: TracebackType | None = error.__traceback__
    while tb is not None:
        if tb.tb_frame.f_code.co_filename == FILENAME:
            found = place(tb.tb_frame.f_code, tb.tb_lasti)
            if found.line is None:
                found = Place(tb.tb_lineno, characters(tb.tb_lineno, 0))
        tb = tb.tb_next
    return found


def _attribute(error: BaseException, name: str) -> tuple:
    """A tuple that the engine's exceptions carry; empty for all others, and for what a learner's own one carries."""
    value = getattr(error, name, ()) if type(error) in SHAPE_ERRORS else ()
    return value if isinstance(value, tuple) else ()


def _printable(text: str) -> str:
    text = text if len(text) <= LONGEST else f"{text[: LONGEST // 2]}\n…\n{text[-LONGEST // 2 :]}"
    return text.replace("\0", "�").encode("utf-8", "replace").decode("utf-8")
