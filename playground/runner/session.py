"""One run from `Start` to `Closing`: the reader of commands beside the program, and the order in which things end."""

from __future__ import annotations

import os
import queue
import random
import select
import threading
from time import sleep

import numpy as np

import engine
from engine import live
from engine.array import Defaults, gpus
from playground.protocol.commands import ChildCommand, Inspect, Pause, Resume, SetParam, Start, Step, Stop
from playground.protocol.events import ErrorEvent
from playground.protocol.messages import Closing, Ready
from playground.protocol.values import Problem
from playground.protocol.wire import MAX_FRAME, WireError, encode
from playground.runner.channel import Channel, commands
from playground.runner.console import Console
from playground.runner.control import Control, Stopped
from playground.runner.execute import Program
from playground.runner.figures import Figures
from playground.runner.files import Files
from playground.runner.page import LivePage
from playground.runner.problems import limit_of, problem_of
from playground.runner.recorder.recorder import Recorder

TICK = 50  # milliseconds between two looks at what waits to be sent
INSIST = 0.2  # seconds after which a program that has caught its stopping is stopped again


class Session:
    """A single run: `settle_in` and `listen` once the sandbox is closed, then `run` takes the one program."""

    def __init__(self, events: int, orders: int) -> None:
        self._orders = orders
        self.channel = Channel(events)
        self.console = Console(self.channel)
        self.channel.before = self.console.flush
        self.control = Control(self.channel, self.console)
        self.recorder = Recorder(self.channel, self.control)
        self.files = Files()
        self.figures = Figures(self.channel)
        self.page = LivePage(self.channel, self.control, self.recorder)
        self.program = Program(self.console)
        self._starts: queue.SimpleQueue[Start | None] = queue.SimpleQueue()
        self._running = False

    def listen(self) -> None:
        """Read commands from now on, in a thread of its own."""
        threading.Thread(target=self._listen, name="commands", daemon=True).start()

    def settle_in(self) -> None:
        """Make the process the program's own, as far as that can be done before it is there."""
        live.use(self.page)
        self.files.install()
        self.figures.install()
        self.program.settle_in()

    def run(self) -> None:
        """Say that all is ready, wait for the program, run it, say how it ended."""
        self.channel.put(Ready(engine_version=str(engine.__version__), devices=_devices()))
        start = self._starts.get()
        if start is None:
            return
        self.console.limit = start.stdout_limit
        self.files.limit = start.files_limit
        self.control.begin(start.params)
        if start.seed is not None:
            engine.manual_seed(start.seed)
            random.seed(start.seed)
            np.random.seed(start.seed % (1 << 32))
        if start.device != "cpu":
            Defaults.device = start.device
        self.recorder.begin(start)
        try:
            error = self.program.run(start.code)
            self.control.over = True
        except Stopped as stopped:  # it came between the program's end and ours
            self.control.over = True
            error = stopped
        self._end(error)

    def _end(self, error: BaseException | None) -> None:
        """Send all that is still to be said, whatever state the program has left things in."""
        problem, status = None, "finished"
        if self.control.stopping and isinstance(error, Stopped):
            status = "stopped"
        elif error is not None:
            limit = limit_of(error)
            status, problem = "failed" if limit is None else "killed", problem_of(error, limit)
        for part in (
            lambda: self.recorder.finish(self.program.module.__dict__, error),
            self._last_pictures,
            self._files,
        ):
            try:
                part()
            except Exception as failure:
                said = f"{type(failure).__name__}: {failure}"
                print(f"The end of the run could not be shown in full: {said}", file=self.console.stderr)
        self._close(status, problem)

    def _last_pictures(self) -> None:
        self.page.draw_late()
        self.figures.show()

    def _files(self) -> None:
        for name in self.files.send(self.channel):
            print(f"{name} is left out: the run has sent as much as the page keeps.", file=self.console.stderr)

    def _close(self, status: str, problem: Problem | None) -> None:
        self.console.flush()
        closing = Closing(
            status=status,
            steps=self.recorder.step,
            gradients=self.recorder.gradients(),
            stdout_truncated=self.console.truncated,
            error=problem,
        )
        while len(encode(closing)) > MAX_FRAME:  # thousands of parameters, or very long names
            names = list(closing.gradients)
            closing.gradients = {name: closing.gradients[name] for name in names[: len(names) // 2]}
        last = [] if problem is None else [ErrorEvent(error=problem, message=problem.message, line=problem.line)]
        self.channel.close(*last, closing)

    # ---- the reader of commands

    def _listen(self) -> None:
        poller = select.poll()
        poller.register(self._orders, select.POLLIN)
        said = commands(self._orders)
        try:
            while True:
                if not poller.poll(TICK if self._running else None):
                    self._tick()
                    continue
                command = next(said, None)
                if command is None:
                    break
                self._obey(command)
        except WireError:
            pass
        self._starts.put(None)
        if self._running:
            os._exit(1)  # the supervisor is gone, and with it everybody whom the program could tell anything

    def _tick(self) -> None:
        self.console.flush()
        self.recorder.tick()

    def _obey(self, command: ChildCommand) -> None:
        match command:
            case Start():
                self._running = True
                self._starts.put(command)
            case Pause():
                self.control.pause()
            case Resume():
                self.control.resume()
            case Step():
                self.control.step()
            case Stop():
                self.console.flush()
                self.control.stop()
                threading.Thread(target=self._insist, daemon=True).start()
            case SetParam():
                self.control.set_param(command.name, command.value)
            case Inspect():
                self.channel.send(self.recorder.inspect(command))

    def _insist(self) -> None:
        """Stop the program again for as long as it catches that."""
        while True:
            sleep(INSIST)
            self.control.interrupt()


def _devices() -> list[str]:
    return ["cpu", "cuda"] if gpus() else ["cpu"]
