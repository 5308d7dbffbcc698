"""Warm workers of one device: started, locked down and waiting, so that a run begins in milliseconds."""

from __future__ import annotations

import asyncio
import logging
from collections import deque

from playground.protocol import wire
from playground.protocol.messages import Ready
from playground.sandbox.levels import Level
from playground.sandbox.limits import Limits
from playground.sandbox.spawn import Exit, FrameTooLarge, Worker, start

_READY_S = 20.0
_RETRY_S = 1.0
_CLOSE_S = 3.0

logger = logging.getLogger(__name__)


class WorkerFailed(Exception):
    """A worker that did not come up; the message says what it said last."""


class Pool:
    """Workers for single use. All methods belong to the dispatcher's event loop."""

    def __init__(self, level: Level, limits: Limits, warm: int) -> None:
        self.failure = ""
        self._level, self._limits, self._target = level, limits, warm
        self._warm: deque[tuple[Worker, Ready, asyncio.Task[Exit]]] = deque()
        self._filling: asyncio.Task[None] | None = None
        self._starting: set[asyncio.Task[tuple[Worker, Ready]]] = set()
        self._closed = False

    @property
    def warm(self) -> int:
        """How many workers stand ready."""
        return len(self._warm)

    def fill(self) -> None:
        """See that the workers kept warm are there, without waiting for them."""
        if not self._closed and (self._filling is None or self._filling.done()):
            self._filling = asyncio.create_task(self._fill())

    async def take(self, unless: asyncio.Event) -> tuple[Worker, Ready] | None:
        """A worker that is alive and ready, warm if there is one; None once `unless` is set. Raises `WorkerFailed`."""
        if unless.is_set():
            return None
        while self._warm:
            worker, ready, ended = self._warm.popleft()
            if not ended.done():
                self.fill()
                return worker, ready
        starting, waiting = asyncio.create_task(self._start()), asyncio.create_task(unless.wait())
        self._starting.add(starting)
        starting.add_done_callback(self._starting.discard)
        self.fill()
        await asyncio.wait((starting, waiting), return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if starting.done():
            return starting.result()
        starting.add_done_callback(self._keep)
        return None

    async def close(self) -> None:
        """End every worker that stands ready."""
        self._closed = True
        under_way = {task for task in (self._filling, *self._starting) if task is not None}
        if under_way:  # not cancelled: half a start would leave half a worker
            await asyncio.wait(under_way, timeout=_CLOSE_S)
            await asyncio.sleep(0)  # for what is called when they are done
        while self._warm:
            worker, _, ended = self._warm.popleft()
            worker.kill()
            await ended

    async def _fill(self) -> None:
        while not self._closed and len(self._warm) < self._target:
            try:
                self._add(*await self._start())
            except WorkerFailed:
                await asyncio.sleep(_RETRY_S)

    def _add(self, worker: Worker, ready: Ready) -> None:
        self._warm.append((worker, ready, asyncio.create_task(worker.wait())))

    def _keep(self, starting: asyncio.Task[tuple[Worker, Ready]]) -> None:
        """A worker that came up when nobody wanted it any more: the next one will."""
        if not starting.cancelled() and starting.exception() is None:
            self._add(*starting.result())

    async def _start(self) -> tuple[Worker, Ready]:
        worker: Worker | None = None
        try:
            worker = await start(self._level, self._limits)
            payload = await asyncio.wait_for(worker.receive(), _READY_S)
            message = None if payload is None else wire.decode_message(payload)
            if isinstance(message, Ready):
                self.failure, kept, worker = "", worker, None
                return kept, message
            said = worker.output[-500:].decode(errors="replace")
            problem = f"A worker ended before it was ready. {said}"
        except TimeoutError:
            problem = f"A worker was not ready after {_READY_S:g} s."
        except (OSError, FrameTooLarge, wire.WireError) as error:
            problem = f"A worker could not be started: {error}"
        finally:
            if worker is not None:
                worker.kill()
                await worker.wait()
        self.failure = problem
        logger.error("%s", problem)
        raise WorkerFailed(problem)
