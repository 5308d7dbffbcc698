"""A worker: one sandboxed child process, its two wires, its raw output, and its end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import struct
import subprocess
from dataclasses import dataclass

from playground.sandbox.levels import Command, Level
from playground.sandbox.limits import Limits

MAX_FRAME = 256 * 1024
MAX_OUTPUT = 64 * 1024
_HEADER = struct.Struct("<I")
_OUTPUT_PAUSE_S = 0.02
_EXIT_WAIT_S = 2.0
_OOM_SCORE = "800"
_LIMITS = {signal.SIGXCPU: "cpu", signal.SIGSYS: "system call", signal.SIGXFSZ: "file size"}


class FrameTooLarge(Exception):
    """The worker announced a frame over MAX_FRAME; what follows on its wire cannot be read."""


@dataclass(frozen=True, slots=True)
class Exit:
    """How a worker ended: by itself with `code`, or by `signal`; `limit` names the limit where the signal tells it.

    `killed` is whether the supervisor ended it. Under bubblewrap a worker that exits by itself with 128 + n cannot be
    told from one that signal n ended: it lies about its own end alone.
    """

    code: int | None
    signal: int | None
    limit: str | None
    killed: bool


class _Output(asyncio.Protocol):
    """The first MAX_OUTPUT bytes that a worker wrote to its standard streams; what follows is read slowly and lost."""

    def __init__(self) -> None:
        self.text = bytearray()
        self.ended = asyncio.get_running_loop().create_future()
        self._transport: asyncio.ReadTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport, to slow it down."""
        assert isinstance(transport, asyncio.ReadTransport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Keep what there is room for; once there is none, rest between reads, for a flood must not keep us busy."""
        self.text += data[: MAX_OUTPUT - len(self.text)]
        if len(self.text) >= MAX_OUTPUT and self._transport is not None:
            self._transport.pause_reading()
            asyncio.get_running_loop().call_later(_OUTPUT_PAUSE_S, self._resume)

    def _resume(self) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        """Every process that could write has ended."""
        if not self.ended.done():
            self.ended.set_result(None)


class Worker:
    """A started worker. Made by `start`; every method is to be called in the event loop that started it."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        """Take over a started process; `connect` gives it its wires."""
        self.pid = process.pid
        self._process = process
        self._killed = False
        self._heard = False
        self._exited = asyncio.get_running_loop().create_future()
        if hasattr(os, "pidfd_open"):
            watch = os.pidfd_open(process.pid)
            asyncio.get_running_loop().add_reader(watch, self._on_exit, watch)
        else:  # not Linux, so not a sandbox either: a thread may wait
            waiting = asyncio.get_running_loop().run_in_executor(None, process.wait)
            waiting.add_done_callback(lambda ended: self._exited.set_result(ended.result()))

    async def connect(self, events: int, commands: int, output: int) -> None:
        """Attach our ends of the three pipes, which from here on belong to the worker."""
        loop = asyncio.get_running_loop()
        self._events = asyncio.StreamReader(limit=MAX_FRAME + _HEADER.size)
        self._events_pipe, _ = await loop.connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(self._events), os.fdopen(events, "rb", 0)
        )
        self._output_pipe, self._output = await loop.connect_read_pipe(_Output, os.fdopen(output, "rb", 0))
        pipe, protocol = await loop.connect_write_pipe(asyncio.streams.FlowControlMixin, os.fdopen(commands, "wb", 0))
        self._commands = asyncio.StreamWriter(pipe, protocol, None, loop)

    @property
    def output(self) -> bytes:
        """What the worker has written to its raw standard output and error, at most MAX_OUTPUT bytes."""
        return bytes(self._output.text)

    async def receive(self) -> bytes | None:
        """The next frame's payload; None where the worker's wire has ended. Raises FrameTooLarge."""
        try:
            (size,) = _HEADER.unpack(await self._events.readexactly(_HEADER.size))
            if size > MAX_FRAME:
                raise FrameTooLarge(f"a frame of {size} bytes, over the {MAX_FRAME} allowed")
            payload = await self._events.readexactly(size)
        except asyncio.IncompleteReadError:
            return None
        if not self._heard:
            self._heard = True
            _first_in_line(self.pid)
        return payload

    async def send(self, payload: bytes) -> None:
        """Send one frame to the worker, waiting while its wire is full. A worker that has ended takes it silently."""
        with contextlib.suppress(ConnectionError):
            self._commands.write(_HEADER.pack(len(payload)) + payload)
            await self._commands.drain()

    def kill(self) -> None:
        """End the worker and everything it started, now."""
        if self._exited.done():
            return
        self._killed = True
        # Until bwrap has bound its children to its own life (6 ms) they would outlive it: end the children first.
        for pid in [*_descendants(self.pid), self.pid]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

    async def wait(self) -> Exit:
        """How the worker ended, once it and all that it started are gone."""
        code = await asyncio.shield(self._exited)
        with contextlib.suppress(TimeoutError):
            # The end of the output is the end of the last process that held it.
            await asyncio.wait_for(asyncio.shield(self._output.ended), _EXIT_WAIT_S)
        for pipe in (self._events_pipe, self._output_pipe, self._commands):
            pipe.close()
        number = -code if code < 0 else code - 128 if code > 128 else None
        limit = None if number is None else next((name for which, name in _LIMITS.items() if which == number), None)
        return Exit(code if number is None else None, number, limit, self._killed)

    def _on_exit(self, watch: int) -> None:
        """The child is over: reap it."""
        asyncio.get_running_loop().remove_reader(watch)
        os.close(watch)
        self._exited.set_result(self._process.wait())


def _descendants(pid: int) -> list[int]:
    """The ids of all processes below one, the deepest last."""
    found: list[int] = []
    with contextlib.suppress(OSError):
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/children") as children:
                found += [int(child) for child in children.read().split()]
    return [each for child in found for each in (child, *_descendants(child))]


async def start(level: Level, limits: Limits, module: str = "playground.runner") -> Worker:
    """Start a worker that runs `module` with the arguments EVENTS_FD COMMANDS_FD ORDERS.

    To be called in a thread that outlives the worker, the event loop's: the kernel ends the worker with the thread
    that started it. Raises OSError where the process cannot be started.
    """
    events, their_events = os.pipe()
    their_commands, commands = os.pipe()
    output, their_output = os.pipe()
    command = None
    try:
        command = level.starter.command(module, (their_events, their_commands), limits)
        worker = Worker(_execute(command, their_output))
    except BaseException:
        for descriptor in (events, commands, output):
            os.close(descriptor)
        raise
    finally:
        for descriptor in (their_events, their_commands, their_output, *(command.temporary if command else ())):
            os.close(descriptor)
    await worker.connect(events, commands, output)
    return worker


def _execute(command: Command, output: int) -> subprocess.Popen[bytes]:
    """The started process, in a process group of its own and first in line where the machine's memory ends."""
    process = subprocess.Popen(
        command.argv,
        env=command.environment,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        pass_fds=command.descriptors,
        start_new_session=True,
        user=command.user,
        group=command.user,
        extra_groups=None if command.user is None else (),
        cwd="/",
    )
    _first_in_line(process.pid)
    return process


def _first_in_line(pid: int) -> None:
    """Let a process and its descendants be the first to go where the machine's memory ends.

    Children inherit it; but bwrap may have started its own before it is written, so it is written again when the worker
    is first heard of.
    """
    for each in [pid, *_descendants(pid)]:
        with contextlib.suppress(OSError), open(f"/proc/{each}/oom_score_adj", "w") as score:
            score.write(_OOM_SCORE)
