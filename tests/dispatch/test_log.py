"""The event log: numbers without holes, readers on threads and on loops, and what a late reader may miss."""

from __future__ import annotations

import asyncio
import struct
import threading
import time

import msgspec
import pytest

from playground.consumers.cursor import Cursor
from playground.dispatch.intake import Intake, OverLimit, is_numbers
from playground.dispatch.log import RunLog, pack_array
from playground.protocol.events import (
    AnyEvent,
    BoundaryEvent,
    FileEvent,
    FinishedEvent,
    FrameEvent,
    StatusEvent,
    StdoutEvent,
    TensorEvent,
)
from playground.protocol.messages import Record
from playground.protocol.results import Result
from playground.protocol.wire import MAX_MESSAGES, MAX_TOTAL


def _log(*events: AnyEvent) -> RunLog:
    log = RunLog("r", "cpu", None)
    for event in events:
        log.append(event, 0.5)
    return log


def _boundary(points: bytes = b"") -> BoundaryEvent:
    return BoundaryEvent(
        step=1, x0=0, x1=1, y0=0, y1=1, rows=1, columns=1, classes=2, grid=b"\0", points=points, labels=b""
    )


def test_numbers_and_dates_are_its_own() -> None:
    log = _log(StatusEvent(status="running", seq=77, t=-1.0, v=9), StdoutEvent(text="a"))
    first, second = (entry.event for entry in log.after(0))
    assert (first.seq, first.t, first.v, second.seq) == (1, 0.5, 1, 2) and log.last == 2
    assert [entry.seq for entry in log.after(1)] == [2] and log.after(5) == [] and log.status == "running"


def test_restores_what_was_packed() -> None:
    log = _log(
        StatusEvent(status="running"), StdoutEvent(text="é"), FinishedEvent(status="failed", duration_s=1, steps=0)
    )
    log.keep(TensorEvent(node="a", step=1, what="value", values=[1.0]))
    log.finish("failed")
    again = RunLog.restored(msgspec.json.decode(log.result(), type=Result), *log.packed())
    assert again.after(0) == log.after(0) and again.records() == log.records()
    assert again.result() == log.result() and again.ended


@pytest.mark.parametrize("count", [0, 1, 15, 16, 70_000])
def test_packs_arrays_of_any_length(count: int) -> None:
    assert msgspec.msgpack.decode(pack_array([b"\x07"] * count)) == [7] * count


def test_a_thread_follows_to_the_end() -> None:
    log = _log(StdoutEvent(text="0"))

    def write() -> None:
        for number in range(1, 50):
            log.append(StdoutEvent(text=str(number)), 0)
        log.finish("finished")

    threading.Timer(0.02, write).start()
    assert [entry.seq for entry in log.follow(0, 5)] == list(range(1, 51))


def test_following_ends_in_time() -> None:
    began = time.monotonic()
    assert list(_log().follow(0, 0.05)) == [] and time.monotonic() - began < 1


def test_loops_hear_the_bell_of_another_thread() -> None:
    log = _log()
    threading.Timer(0.02, log.finish, ("stopped",)).start()
    asyncio.run(asyncio.wait_for(log.until_ended(), 5))
    assert log.wait_ended(0)


def test_a_reader_that_keeps_up_gets_everything() -> None:
    log = _log(*(FrameEvent(graph=None, step=step) for step in range(1, 200)))
    cursor = Cursor(log, 0)
    seen = []
    while entries := cursor.next(is_late=False):
        seen += [entry.seq for entry in entries]
    assert seen == list(range(1, 200))


def test_a_late_reader_loses_only_what_newer_ones_replace() -> None:
    frames = [FrameEvent(graph=None, step=step, points={"loss": [(step, 1.0)]}) for step in (1, 2, 3)]
    log = _log(frames[0], StdoutEvent(text="a"), _boundary(b"12345678"), frames[1], _boundary(), _boundary(), frames[2])
    entries = Cursor(log, 0).next(is_late=True)
    assert [entry.seq for entry in entries] == [2, 3, 6, 7]
    last = entries[-1].event
    assert isinstance(last, FrameEvent) and last.points == {"loss": [(1, 1.0), (2, 1.0), (3, 1.0)]}


def test_counts_messages_and_bytes() -> None:
    intake = Intake()
    for _ in range(MAX_MESSAGES):
        assert intake.admits(StdoutEvent(text=""), 1)
    with pytest.raises(OverLimit) as over:
        intake.admits(StdoutEvent(text=""), 1)
    assert over.value.limit == "messages"
    for message, size, limit in ((StdoutEvent(text=""), MAX_TOTAL, "output"), (_file(), 17 << 20, "files")):
        intake = Intake()
        assert intake.admits(message, size)
        with pytest.raises(OverLimit) as over:
            intake.admits(message, 1)
        assert over.value.limit == limit


def test_a_side_record_that_is_full_is_no_reason_to_end() -> None:
    intake = Intake()
    record = Record(tensor=TensorEvent(node="a", step=1, what="value"))
    assert intake.admits(record, 8 << 20) and not intake.admits(record, 1)


@pytest.mark.parametrize(
    "forged",
    [
        TensorEvent(node="a", step=1, what="value", values={"a": 1}),
        TensorEvent(node="a", step=1, what="value", values=["text"]),
        FrameEvent(graph="g", step=1, index=b"123"),
        FrameEvent(graph="g", step=1, index=struct.pack("<I", 1), stats=b""),
    ],
)
def test_refuses_what_no_reader_could_read(forged: AnyEvent) -> None:
    with pytest.raises(OverLimit):
        Intake().admits(forged, 1)  # type: ignore[arg-type]


def test_numbers_are_nested_lists_of_numbers() -> None:
    deep: list = []
    for _ in range(30):
        deep = [deep]
    assert is_numbers([[1, 2.0], [None, True]]) and is_numbers(3) and not is_numbers(deep) and not is_numbers(["1"])


def _file() -> FileEvent:
    return FileEvent(name="a", offset=0, size=1, data=b"1")
