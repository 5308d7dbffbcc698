"""One run from its worker's first word to its last: limits, commands, and what the end means."""

from __future__ import annotations

import asyncio
import contextlib
import time

from playground.dispatch import endings
from playground.dispatch.endings import Ending
from playground.dispatch.intake import Intake, OverLimit
from playground.dispatch.log import RunLog
from playground.dispatch.pool import Pool, WorkerFailed
from playground.dispatch.spec import RunSpec
from playground.protocol import commands, wire
from playground.protocol.events import ErrorEvent, Event, FinishedEvent, StatusEvent
from playground.protocol.messages import ChildMessage, Closing, Held, Ready, Record
from playground.protocol.values import GradientStatistics, Problem
from playground.sandbox.spawn import FrameTooLarge, Worker

GRACE_S = 0.3  # from the request to stop to the kill
LEAVE_S = 0.5  # from the closing word to the kill
HELD_S = 600.0  # the longest time that a run may stand paused, in all
STDOUT_BYTES = 1 << 20
_EARLY = 100  # commands that are kept for a program that has not begun
_OWN_ENDS = ("finished", "failed", "killed")


class Supervision:
    """A run under way. All methods belong to the dispatcher's event loop."""

    def __init__(self, spec: RunSpec, log: RunLog, memory_mb: int) -> None:
        self.spec, self.log = spec, log
        self._memory_mb = memory_mb
        self._worker: Worker | None = None
        self._ending: Ending | None = None
        self._ended = asyncio.Event()
        self._early: list[commands.Command] = []
        self._closing: Closing | None = None
        self._problem: Problem | None = None
        self._began: float | None = None
        self._left_s = spec.time_limit_s
        self._held_left_s = HELD_S
        self._held = False
        self._may_hold = False
        self._armed_at = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._killer: asyncio.TimerHandle | None = None
        self._sending: set[asyncio.Task[None]] = set()

    @property
    def is_ending(self) -> bool:
        """Whether somebody or some limit has ended it, though it may not be over yet."""
        return self._ending is not None

    def emit(self, event: Event) -> None:
        """Put an event into the log, dated from the moment when the program began."""
        began = self._began
        self.log.append(event, 0.0 if began is None else round(time.monotonic() - began, 6))  # type: ignore[arg-type]

    def end(self, ending: Ending, grace_s: float = GRACE_S) -> None:
        """End the program; the first reason stands. It gets `grace_s` to hand over what it has."""
        if self._ending is not None or self._closing is not None:
            return
        self._ending = ending
        self._ended.set()
        if self._worker is None:
            return
        self._send(commands.Stop())
        self._killer = asyncio.get_running_loop().call_later(grace_s, self._worker.kill)

    def tell(self, command: commands.Command) -> None:
        """Pass a command on to the program, as soon as there is one."""
        if isinstance(command, commands.Pause | commands.Step):
            self._may_hold = True
        elif isinstance(command, commands.Resume):
            self._may_hold = False
        if isinstance(command, commands.Stop):
            self.end(endings.stopped())
        elif self._began is not None:
            self._send(command)
        elif len(self._early) < _EARLY:
            self._early.append(command)

    async def run(self, pool: Pool) -> None:
        """Run the program to its end and close the log."""
        self.emit(StatusEvent(status="starting"))
        try:
            taken = await pool.take(unless=self._ended)
            if taken is not None:
                self._worker, ready = taken
                await self._converse(self._worker, ready)
        except WorkerFailed as error:
            self._ending = self._ending or endings.lost(f"No worker could be started for this run. {error}")
        finally:
            if self._timer is not None:
                self._timer.cancel()
        self.close()

    async def leave(self) -> None:
        """Wait until the worker is gone, and make sure that it goes."""
        if self._worker is not None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._worker.wait(), LEAVE_S if self._ending is None else 0)
            self._worker.kill()
            await self._worker.wait()
        if self._killer is not None:
            self._killer.cancel()

    def close(self) -> None:
        """Write the last events and close the log."""
        ending, closing = self._ending, self._closing
        if ending is None:
            assert closing is not None
            own = closing.status if closing.status in _OWN_ENDS else "finished"
            ending = Ending(own, closing.error)  # type: ignore[arg-type]
        if ending.problem is not None and self._problem is None:
            problem = ending.problem
            self.emit(ErrorEvent(error=problem, message=problem.message, line=problem.line))
        gradients: dict[str, GradientStatistics] = closing.gradients if closing is not None else {}
        steps = closing.steps if closing is not None else self.log.last_frame_step()
        duration = 0.0 if self._began is None else round(time.monotonic() - self._began, 6)
        self.log.describe(stdout_truncated=closing is not None and closing.stdout_truncated)
        self.emit(FinishedEvent(status=ending.status, duration_s=duration, steps=steps, gradients=gradients))
        self.log.finish(ending.status)

    async def _converse(self, worker: Worker, ready: Ready) -> None:
        self.log.describe(engine_version=ready.engine_version)
        self._began = time.monotonic()
        self._arm()
        self.emit(StatusEvent(status="running"))
        start = commands.Start(
            code=self.spec.code,
            device="cuda" if self.spec.device == "gpu" else "cpu",
            seed=self.spec.seed,
            params=self.spec.params,
            frames_per_second=self.spec.frames_per_second,
            stdout_limit=STDOUT_BYTES,
        )
        await worker.send(wire.encode_command(start))
        for command in self._early:
            await worker.send(wire.encode_command(command))
        await self._listen(worker)
        if self._closing is None and self._ending is None:
            leaving = await worker.wait()
            # A program that closes its wire runs on unheard, until a person or a limit ends it.
            self._ending = self._ending or endings.by_exit(leaving.code, leaving.signal, self._memory_mb)

    async def _listen(self, worker: Worker) -> None:
        intake = Intake()
        try:
            while self._closing is None:
                payload = await worker.receive()
                if payload is None:
                    return
                message = wire.decode_message(payload)
                if intake.admits(message, len(payload)):
                    self._take(message)
        except OverLimit as error:
            self.end(endings.over_limit(error.limit, str(error)), 0)
        except (FrameTooLarge, wire.WireError) as error:
            self.end(endings.over_limit("messages", f"The program's process sent what it may not: {error}"), 0)

    def _take(self, message: ChildMessage) -> None:
        match message:
            case Record():
                self.log.keep(message.tensor)
            case Held():
                self._hold(message.paused)
            case Closing():
                self._closing = message
            case Ready():
                pass
            case ErrorEvent():
                if self._problem is None and self._ending is None:
                    self._problem = message.error
                    self.emit(message)
            case _:
                self.emit(message)

    def _hold(self, held: bool) -> None:
        """The clock of the time limit stands while a program is held; a clock of its own runs instead.

        A program is held only where somebody asked for it: its own word alone would win it time.
        """
        if held == self._held or (held and not self._may_hold):
            return
        spent = time.monotonic() - self._armed_at
        if held:
            self._left_s -= spent
        else:
            self._held_left_s -= spent
        self._held = held
        self._arm()
        self.emit(StatusEvent(status="paused" if held else "running"))

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._armed_at = time.monotonic()
        ending = endings.held_too_long(HELD_S) if self._held else endings.timed_out(self.spec.time_limit_s)
        left = self._held_left_s if self._held else self._left_s
        self._timer = asyncio.get_running_loop().call_later(max(left, 0), self.end, ending)

    def _send(self, command: commands.Command) -> None:
        worker = self._worker
        assert worker is not None

        task = asyncio.create_task(worker.send(wire.encode_command(command)))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)
