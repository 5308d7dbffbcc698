"""Runs between the database and the dispatcher: begun, found, stored, and given up for lost."""

from __future__ import annotations

import atexit
import logging
import os
import threading
import time
import zlib
from collections import OrderedDict
from datetime import timedelta
from typing import Literal

import msgspec
from django.conf import settings
from django.db import DatabaseError, OperationalError, close_old_connections, connection, transaction
from django.utils import timezone

from playground import process
from playground.dispatch import endings
from playground.dispatch.base import Dispatcher
from playground.dispatch.local import LocalDispatcher
from playground.dispatch.log import RunLog
from playground.dispatch.spec import Config, DispatchError, RunSpec
from playground.models import Recording, Run
from playground.protocol.events import ErrorEvent, FinishedEvent
from playground.protocol.requests import RunRequest
from playground.protocol.results import Result
from playground.protocol.values import FINAL
from playground.visitors import limit_key, new_token, token_hash

_RESTORED_BYTES = 64 << 20
_TRIES = 3  # to store an ended run, a second apart
_AWAY_S = 120.0  # for which a database may be away without a run being lost

logger = logging.getLogger(__name__)
_making = threading.Lock()
_closing = threading.Event()
_dispatcher: Dispatcher | None = None


def dispatcher() -> Dispatcher:
    """The dispatcher of this process, made at the first call."""
    global _dispatcher
    with _making:
        if _dispatcher is None:
            _closing.clear()
            _dispatcher = LocalDispatcher(config(), on_end=_store_from_outside)
            atexit.register(close)
        return _dispatcher


def config() -> Config:
    """How the settings want programs to be run."""
    return Config(
        sandbox=settings.SANDBOX,
        may_be_off=settings.SANDBOX_MAY_BE_OFF,
        warm_workers=settings.WARM_WORKERS,
        time_limit_s=settings.RUN_TIME_LIMIT_S,
        memory_mb=settings.RUN_MEMORY_MB,
        queue_limit=settings.QUEUE_LIMIT,
        runs_at_once=settings.RUNS_AT_ONCE,
        slots=2 * (os.cpu_count() or 1),
    )


def close() -> None:
    """End every run and worker of this process, and store what ended."""
    global _dispatcher
    with _making:
        made, _dispatcher = _dispatcher, None
        _closing.set()
    if made is not None:
        made.close()


def begin(request: RunRequest, visitor: str, address: str) -> tuple[Run, RunLog, str]:
    """Start a run for a visitor: its row, its log and its control token. Raises `DispatchError`; then there is none."""
    device: Literal["cpu", "gpu"] = "gpu" if request.device == "gpu" else "cpu"
    if request.device == "auto" and any(each.name == "gpu" and each.available for each in dispatcher().devices()):
        device = "gpu"
    token = new_token()
    limit = settings.RUN_TIME_LIMIT_S
    run = Run.objects.create(
        token_hash=token_hash(token),
        visitor=visitor,
        code=request.code,
        device=device,
        seed=request.seed,
        params=request.params,
        process=process.own(),
    )
    spec = RunSpec(
        run_id=run.id,
        code=request.code,
        device=device,
        seed=request.seed,
        params=request.params,
        time_limit_s=limit if request.time_limit_s is None else min(request.time_limit_s, limit),
        visitor=limit_key(visitor, address),
    )
    try:
        log = dispatcher().submit(spec)
    except DispatchError:
        run.delete()
        raise
    return run, log, token


def find(run_id: str) -> tuple[Run, RunLog | None] | None:
    """A run and its log; None when there is no such run.

    The log is None where another process has the run, or the record was dropped as old. Whoever first finds that a
    run has ended stores it: so its end is on record for all who read in the same transaction.
    """
    if len(run_id) != 32 or not run_id.isascii() or not run_id.isalnum():
        return None
    run = Run.objects.filter(pk=run_id).first()
    if run is None:
        return None
    log = dispatcher().log(run_id)
    if log is not None:
        if log.ended and not run.is_final:
            _store_quietly(run, log)
        return run, log
    if not run.is_final and (run.process == process.own() or not process.is_alive(run.process)):
        give_up(run)
    return run, _restored(run) if run.is_final else None


def result_of(run: Run, log: RunLog | None) -> bytes:
    """The run's result as JSON: from its log, from what was stored, or else only what its row tells."""
    if log is not None:
        return log.result()
    if run.result:
        return bytes(run.result)
    return msgspec.json.encode(Result(id=run.id, status=run.status, device=run.device, seed=run.seed))


def store(run_id: str, log: RunLog) -> bool:
    """Keep an ended run's result and record; False when it is kept already or has no row that can be seen here."""
    if not Run.objects.filter(pk=run_id).exclude(status__in=FINAL).exists():
        return False
    events, tensors = (zlib.compress(packed) for packed in log.packed())
    with transaction.atomic():
        changed = (
            Run.objects.filter(pk=run_id)
            .exclude(status__in=FINAL)
            .update(status=log.status, ended=timezone.now(), result=log.result())
        )
        if changed:
            Recording.objects.create(run_id=run_id, events=events, tensors=tensors)
    return bool(changed)


def give_up(run: Run) -> None:
    """End a run as lost, because the process that had it is gone."""
    log = RunLog(run.id, run.device, run.seed)
    problem = endings.lost("The server was restarted while the program ran.").problem
    assert problem is not None
    log.append(ErrorEvent(error=problem, message=problem.message), 0.0)
    log.append(FinishedEvent(status="lost", duration_s=0.0, steps=0), 0.0)
    log.finish("lost")
    store(run.id, log)
    run.refresh_from_db()


def give_up_orphans() -> int:
    """End as lost every run whose process is gone; gives how many."""
    count = 0
    for run in Run.objects.exclude(status__in=FINAL).defer("code"):
        if not process.is_alive(run.process):
            give_up(run)
            count += 1
    return count


def prune(days: int) -> int:
    """Drop the runs that ended over `days` days ago and that no snippet carries; gives how many."""
    before = timezone.now() - timedelta(days=days)
    old = Run.objects.filter(created__lt=before, status__in=FINAL, snippets__isnull=True)
    _, counts = old.delete()
    return counts.get("playground.Run", 0)


def _store_quietly(run: Run, log: RunLog) -> None:
    """Store for a reader, who gets the answer from the log even where the database is busy."""
    try:
        store(run.id, log)
        run.refresh_from_db(fields=["status", "ended", "result"])
    except OperationalError:
        logger.warning("run %s will be stored later: the database is busy", run.id)


def _store_from_outside(log: RunLog) -> None:
    """Store from the dispatcher's own thread, so that a run is kept even if nobody asks for it again."""
    refused = 0
    deadline = time.monotonic() + _AWAY_S
    while True:
        close_old_connections()
        try:
            store(log.run_id, log)
            return
        except DatabaseError:
            refused += connection.connection is not None  # else it cannot be reached: it may be restarting
            if refused == _TRIES or time.monotonic() > deadline or _closing.is_set():
                raise
        finally:
            connection.close()
        _closing.wait(1)


_restored_logs: OrderedDict[str, RunLog] = OrderedDict()
_restoring = threading.Lock()


def _restored(run: Run) -> RunLog | None:
    """The log of a stored run; the latest ones are kept in memory, up to a budget."""
    with _restoring:
        if run.id in _restored_logs:
            _restored_logs.move_to_end(run.id)
            return _restored_logs[run.id]
    recording = Recording.objects.filter(pk=run.id).first()
    if recording is None:
        return None
    result = msgspec.json.decode(bytes(run.result), type=Result)
    log = RunLog.restored(result, zlib.decompress(bytes(recording.events)), zlib.decompress(bytes(recording.tensors)))
    with _restoring:
        _restored_logs[run.id] = log
        while len(_restored_logs) > 1 and sum(each.size for each in _restored_logs.values()) > _RESTORED_BYTES:
            _restored_logs.popitem(last=False)
    return log
