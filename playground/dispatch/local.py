"""Runs on this machine: one event loop on a thread of its own, a queue, and a pool of warm workers per device."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from playground.dispatch import endings
from playground.dispatch.base import Dispatcher
from playground.dispatch.log import RunLog
from playground.dispatch.pool import Pool
from playground.dispatch.spec import (
    Config,
    DeviceState,
    DispatchError,
    DispatchHealth,
    NoWorker,
    QueueFull,
    RunSpec,
    TooManyRuns,
    WorkerCounts,
)
from playground.dispatch.supervise import Supervision
from playground.protocol.commands import Command
from playground.protocol.events import StatusEvent
from playground.sandbox.levels import Level, Refused
from playground.sandbox.limits import Limits
from playground.sandbox.probe import probe

KEPT_LOGS = 64  # logs of ended runs that are still read from memory
KEPT_BYTES = 128 << 20
_CPU_SPARE_S = 5
_CLOSE_S = 8.0
_NO_GPU = "This server has no GPU workers: choose the CPU."

T = TypeVar("T")
logger = logging.getLogger(__name__)


class LocalDispatcher(Dispatcher):
    """Starts its thread with the first call. `on_end` is called with the log of each ended run, on one more thread."""

    def __init__(self, config: Config, on_end: Callable[[RunLog], None] | None = None) -> None:
        self._config, self._on_end = config, on_end
        self._starting = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._storing = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._closed = False
        self._level: Level | None = None
        self._refusal = ""
        self._pool: Pool | None = None
        self._logs: OrderedDict[str, RunLog] = OrderedDict()
        self._queue: deque[Supervision] = deque()
        self._running: dict[str, Supervision] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._durations: deque[float] = deque([1.0], maxlen=20)

    def submit(self, spec: RunSpec) -> RunLog:
        return self._call(self._submit(spec))

    def command(self, run_id: str, command: Command) -> bool:
        return self._call(self._command(run_id, command))

    def log(self, run_id: str) -> RunLog | None:
        return self._logs.get(run_id)

    def devices(self) -> list[DeviceState]:
        self._ensure()
        return [
            DeviceState(name="cpu", available=self._pool is not None, reason=self._refusal),
            DeviceState(name="gpu", available=False, reason=_NO_GPU),
        ]

    def health(self) -> DispatchHealth:
        devices = self.devices()
        pool, level = self._pool, self._level
        failure = "" if pool is None else pool.failure
        workers = {state.name: WorkerCounts(available=state.available, reason=state.reason) for state in devices}
        if pool is not None:
            workers["cpu"] = WorkerCounts(
                available=not failure,
                reason=failure,
                warm=pool.warm,
                running=len(self._running),
                slots=self._config.slots,
            )
        return DispatchHealth(
            ready=pool is not None and not failure,
            sandbox="none" if level is None else level.name,
            sandbox_reason=self._refusal if level is None else level.reason,
            workers=workers,
            queue_length=len(self._queue),
            queue_limit=self._config.queue_limit,
        )

    def close(self) -> None:
        with self._starting:
            if self._closed:
                return
            self._closed = True
            loop, thread = self._loop, self._thread
        if loop is not None and thread is not None:
            with contextlib.suppress(TimeoutError):
                asyncio.run_coroutine_threadsafe(self._end_all(), loop).result(_CLOSE_S)
            loop.call_soon_threadsafe(loop.stop)
            thread.join(5)
        self._storing.shutdown(wait=True)

    def _ensure(self) -> asyncio.AbstractEventLoop:
        """Start the thread if it does not run yet; the sandbox is probed there, as workers die with their thread."""
        with self._starting:
            if self._closed:
                raise NoWorker("The server is shutting down.")
            if self._loop is None:
                started: threading.Event = threading.Event()
                self._thread = threading.Thread(target=self._serve, args=(started,), name="dispatch", daemon=True)
                self._thread.start()
                started.wait()
            assert self._loop is not None
            return self._loop

    def _serve(self, started: threading.Event) -> None:
        loop = self._loop = asyncio.new_event_loop()
        try:
            self._level = probe(self._config.sandbox, may_be_off=self._config.may_be_off)
            limits = Limits(memory_mb=self._config.memory_mb, cpu_s=math.ceil(self._config.time_limit_s) + _CPU_SPARE_S)
            self._pool = Pool(self._level, limits, self._config.warm_workers)
            loop.call_soon(self._pool.fill)
        except Refused as refusal:
            self._refusal = str(refusal)
            logger.error("no program will be run: %s", refusal)
        finally:
            started.set()
        try:
            loop.run_forever()
        finally:
            loop.close()

    def _call(self, work: Coroutine[Any, Any, T]) -> T:
        try:
            loop = self._ensure()
        except DispatchError:
            work.close()
            raise
        return asyncio.run_coroutine_threadsafe(work, loop).result()

    async def _submit(self, spec: RunSpec) -> RunLog:
        if spec.device != "cpu":
            raise NoWorker(_NO_GPU)
        if self._pool is None:
            raise NoWorker(f"This server runs no programs: {self._refusal}")
        waiting_or_running = [*self._queue, *self._running.values()]
        under_way = [run for run in waiting_or_running if not run.log.ended]  # an ended one may still be leaving
        if sum(run.spec.visitor == spec.visitor for run in under_way) >= self._config.runs_at_once:
            most = self._config.runs_at_once
            raise TooManyRuns(f"You have {most} run(s) under way, the most at once; stop one or wait for its end.", 1)
        must_wait = len(self._running) >= self._config.slots
        if must_wait and len(self._queue) >= self._config.queue_limit:
            raise QueueFull(
                f"{len(self._queue)} runs wait already, as many as this server lets wait.",
                self._expected(len(self._queue)),
            )
        log = self._logs[spec.run_id] = RunLog(spec.run_id, spec.device, spec.seed)
        run = Supervision(spec, log, self._config.memory_mb)
        place = len(self._queue) + 1
        run.emit(StatusEvent(status="queued", place=place, expected_s=self._expected(place) if must_wait else 0.0))
        self._queue.append(run)
        self._advance()
        return log

    async def _command(self, run_id: str, command: Command) -> bool:
        run = self._running.get(run_id)
        if run is not None and not run.log.ended:
            run.tell(command)
            return True
        for run in self._queue:
            if run.spec.run_id == run_id:
                run.tell(command)
                self._advance()
                return True
        return False

    def _expected(self, place: int) -> float:
        mean = sum(self._durations) / len(self._durations)
        return round(mean * math.ceil(place / self._config.slots), 2)

    def _advance(self) -> None:
        """Start what has a free slot, close what was stopped while it waited, and tell the others their place."""
        before = len(self._queue)
        for run in [run for run in self._queue if run.is_ending]:
            self._queue.remove(run)
            run.close()
            self._ended(run)
        while self._queue and len(self._running) < self._config.slots:
            run = self._queue.popleft()
            self._running[run.spec.run_id] = run
            task = asyncio.create_task(self._conduct(run))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        if len(self._queue) < before:
            for place, run in enumerate(self._queue, start=1):
                run.emit(StatusEvent(status="queued", place=place, expected_s=self._expected(place)))

    async def _conduct(self, run: Supervision) -> None:
        assert self._pool is not None
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            await run.run(self._pool)
        except Exception:
            logger.exception("run %s", run.spec.run_id)
            run.end(endings.lost("The server failed while it looked after this run."))
            run.close()
        self._durations.append(loop.time() - began)
        self._ended(run)
        await run.leave()
        del self._running[run.spec.run_id]
        self._advance()

    def _ended(self, run: Supervision) -> None:
        """Hand the log over for storing, and drop the oldest that are kept in memory."""
        log = run.log
        self._logs.move_to_end(log.run_id)  # the order of their ends
        ended = [old for old in list(self._logs.values()) if old.ended]
        size = sum(old.size for old in ended)
        while len(ended) > 1 and (len(ended) > KEPT_LOGS or size > KEPT_BYTES):
            oldest = ended.pop(0)
            size -= oldest.size
            self._logs.pop(oldest.run_id, None)
        if self._on_end is not None:
            with contextlib.suppress(RuntimeError):  # the executor is closed: the process ends
                self._storing.submit(self._store, log)

    def _store(self, log: RunLog) -> None:
        assert self._on_end is not None
        try:
            self._on_end(log)
        except Exception:
            logger.exception("run %s could not be stored", log.run_id)

    async def _end_all(self) -> None:
        ending = endings.lost("The server was shut down while the program ran or waited.")
        for run in [*self._queue, *self._running.values()]:
            run.end(ending)
        self._advance()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=2)
        if self._pool is not None:
            await self._pool.close()
        await asyncio.sleep(0.01)  # for the closed pipes to be let go of
