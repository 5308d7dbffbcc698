"""The local dispatcher without a web server: how runs end, each in words, in real workers."""

from __future__ import annotations

import itertools
import json
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from playground.dispatch import endings
from playground.dispatch.local import LocalDispatcher
from playground.dispatch.log import RunLog
from playground.dispatch.spec import Config, NoWorker, RunSpec
from playground.protocol.commands import Pause, Stop

_ids = itertools.count()


@pytest.fixture(scope="module")
def dispatcher() -> Iterator[LocalDispatcher]:
    """One with a single warm worker and few slots."""
    made = LocalDispatcher(Config(warm_workers=1, slots=2, runs_at_once=10, queue_limit=5, memory_mb=300))
    yield made
    made.close()


def _end(dispatcher: LocalDispatcher, code: str, **fields: Any) -> tuple[dict[str, Any], RunLog]:
    log = dispatcher.submit(RunSpec(run_id=f"run{next(_ids)}", code=code, **fields))
    assert log.wait_ended(20)
    return json.loads(log.result()), log


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("print(1)", "finished", None),
        ("import sys; sys.exit()", "finished", None),
        ("import os; os._exit(0)", "finished", None),
        ("import os; os._exit(3)", "failed", "ProcessExit"),
        ("1 / 0", "failed", "ZeroDivisionError"),
        ("def", "failed", "SyntaxError"),
        ("import ctypes; ctypes.string_at(0)", "failed", "SIGSEGV"),
        ("x = bytearray(10 ** 12)", "killed", None),
        ("import numpy; numpy.ones(10 ** 9)", "killed", None),
    ],
)
def test_every_end_has_its_words(dispatcher: LocalDispatcher, code: str, status: str, kind: str | None) -> None:
    result, log = _end(dispatcher, code)
    assert result["status"] == status == log.status
    if kind is not None:
        assert result["error"]["type"] == kind and result["error"]["message"].strip()
    if status == "killed":
        assert result["error"]["limit"] == "memory"
    assert json.loads(log.result())["events"] == log.last and log.after(log.last - 1)[0].event.status == status


def test_the_time_limit_is_the_dispatchers(dispatcher: LocalDispatcher) -> None:
    stubborn = "while True:\n    try:\n        while True: pass\n    except BaseException: pass"
    result, _ = _end(dispatcher, stubborn, time_limit_s=0.4)
    assert result["status"] == "timeout" and result["duration_s"] < 1.4 and result["error"]["limit"] == "time"


def test_a_flood_is_bounded(dispatcher: LocalDispatcher) -> None:
    result, log = _end(dispatcher, "while True: print('x' * 10000)", time_limit_s=3)
    assert result["stdout_truncated"] or result["status"] == "killed"
    assert log.size < 20 << 20


def test_a_stop_reaches_what_waits_and_what_starts(dispatcher: LocalDispatcher) -> None:
    logs = [dispatcher.submit(RunSpec(run_id=f"run{next(_ids)}", code="while True: pass")) for _ in range(4)]
    assert [log.status for log in logs[2:]] == ["queued", "queued"]
    for log in reversed(logs):
        assert dispatcher.command(log.run_id, Stop())
        assert log.wait_ended(1) and log.status == "stopped"
    assert not dispatcher.command(logs[0].run_id, Stop())


def test_a_command_for_a_program_that_has_not_begun_waits_for_it(dispatcher: LocalDispatcher) -> None:
    log = dispatcher.submit(RunSpec(run_id=f"run{next(_ids)}", code="import torch\nwhile True: torch.ones(2) + 1"))
    dispatcher.command(log.run_id, Pause())
    assert any(getattr(entry.event, "status", "") == "paused" for entry in log.follow(0, 5))
    dispatcher.command(log.run_id, Stop())
    assert log.wait_ended(1)


def test_says_why_there_is_no_gpu(dispatcher: LocalDispatcher) -> None:
    with pytest.raises(NoWorker, match="GPU"):
        dispatcher.submit(RunSpec(run_id="gpu", code="1", device="gpu"))
    assert dispatcher.log("gpu") is None


def test_closing_ends_what_runs() -> None:
    ended: list[RunLog] = []
    made = LocalDispatcher(Config(warm_workers=0, slots=1, memory_mb=300), on_end=ended.append)
    logs = [made.submit(RunSpec(run_id=name, code="while True: pass")) for name in ("a", "b")]
    made.close()
    assert [log.status for log in logs] == ["lost", "lost"] and {log.run_id for log in ended} == {"a", "b"}
    with pytest.raises(NoWorker):
        made.submit(RunSpec(run_id="c", code="1"))


@pytest.mark.parametrize("number", [*signal.valid_signals(), 99])
def test_every_signal_has_its_words(number: int) -> None:
    ending = endings.by_exit(None, number, 512)
    assert ending.status in ("failed", "killed", "lost")
    assert ending.problem is not None and ending.problem.message.endswith((".", ")."))
