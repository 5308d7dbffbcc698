"""The recorder: sees the engine's operations and sends the graphs, frames and findings of a run.

It is in the program's way only for the steps that get a frame. Between these, what is left of it is a few lines after
each `backward()` that note the loss.
"""

from __future__ import annotations

import math
import sys
import threading
from collections.abc import Sequence
from time import monotonic, thread_time
from types import FrameType
from typing import Any

from engine import graph
from engine.tensor import Tensor
from playground.protocol.commands import Inspect, Start
from playground.protocol.events import FrameEvent, TensorEvent
from playground.protocol.values import GradientStatistics
from playground.runner.channel import Channel
from playground.runner.control import Control
from playground.runner.recorder.between import Between
from playground.runner.recorder.clock import Clock
from playground.runner.recorder.drawing import Drawing
from playground.runner.recorder.ending import last_gradients, measured, parameters_of
from playground.runner.recorder.findings import Findings
from playground.runner.recorder.frames import FIRST, Pace, first_bad, measure, measure_parameters
from playground.runner.recorder.kept import Step, Thrift
from playground.runner.recorder.names import Variables
from playground.runner.recorder.series import Series
from playground.runner.recorder.store import Store
from playground.runner.recorder.structures import Structures
from playground.runner.recorder.tape import Tape

PATIENCE = 50_000  # calls without a backward() after which a program is left alone
PER_CALL = 16e-6  # seconds that looking at one call takes, with the engine's short cuts that are left out then
MANY = 4000  # points that go out without waiting for a frame
LONG = 0.2  # seconds after which points go out without waiting for a frame
EARLY = 4  # steps in which gradients that pile up are looked for
UNSEEN = 3  # steps in a row that began before they were watched, after which what is seen of them is drawn
RECORD = 1.0  # seconds between the sets of the side record


class Recorder:
    """The watcher of one run. All but `tick` and `inspect` is called in the program's own thread."""

    def __init__(self, channel: Channel, control: Control) -> None:
        self.clock = Clock()
        self.findings = Findings(channel.send)
        self.structures = Structures(channel.send, self.findings)
        self.between = Between()
        self._channel = channel
        self._control = control
        self._lock = threading.Lock()
        self._main = threading.get_ident()
        self._pace = Pace()
        self._thrift = Thrift()
        self._kept: dict[str, Step] = {}  # of the step that is over, by the loss's series: what no frame has shown
        self._series = Series()
        self._store = Store(channel)
        self._tape = Tape()
        self._recording = False
        self._due = True  # whether the step that is watched gets a frame, whenever it ends
        self._patience = PATIENCE
        self._cost = 0.0  # seconds that keeping the last step took that was watched
        self._quiet = 0
        self._gave_up = False
        self._modules: list[Any] = []
        self._gradients: dict[Any, Any] = {}
        self._metrics: dict[str, float | None] = {}
        self._copies: dict[str, Any] = {}  # of parameters' gradients, where the program has them no more
        self._drawing: Drawing | None = None
        self._loss: float | None = None
        self._calls = self._round = self._unseen = self._framed = self._bad = self._walked = 0
        self._sent_at = self._recorded_at = self._walked_at = 0.0

    def begin(self, start: Start) -> None:
        """Watch from here on."""
        self.clock.read(start.code)
        self._pace.interval = 1.0 / max(start.frames_per_second, 0.1)
        self._control.changed = self.refresh
        self._control.holding = self.show_last
        self._recording = True
        self._sent_at = self._walked_at = monotonic()
        graph.ended = self.between.before(self.walked)
        self.refresh()

    @property
    def every_step(self) -> bool:
        """Whether each step is to be shown, however long that takes."""
        return self._pace.every_step

    def refresh(self) -> None:
        """Stand in the program's way if there is something to see or to obey, else step out of it."""
        with self._lock:
            wanted = (self._recording or self._control.attention) and not self._quiet
            graph.observe(self if wanted else None)
            if self._control.attention:
                self.between.horizon = 0.0

    def __enter__(self) -> None:
        """Begin some computing of the page's own, which is not to be seen."""
        self._quiet += 1
        self.refresh()

    def __exit__(self, *_: object) -> None:
        """End it."""
        self._quiet -= 1
        self.refresh()

    # ---- what the engine tells

    def called(self, op: Any, args: Sequence[Any], options: Any, out: Any) -> None:
        """After each op call."""
        if self._recording and graph.recording() and threading.get_ident() == self._main:
            try:
                self._tape.add(op, args, out, self._modules[-1] if self._modules else None)
            except Exception as error:
                self._give_up(error)
            self._calls += 1
            if self._calls > self._patience:
                self._rest()
        if self._control.attention:
            self._control.attend()

    def _rest(self) -> None:
        """See nothing more of this step."""
        self._recording = False
        self._tape.clear()
        self.refresh()

    def _give_up(self, error: Exception) -> None:
        """A fault of ours, or no memory for looking on: the program goes on, and is not watched any more."""
        self._gave_up = True
        self._rest()
        print(f"The graph of this run cannot be shown: {type(error).__name__}: {error}", file=sys.stderr)

    def backward(self, root: Any, gradients: dict[Any, Any]) -> None:
        """At the end of each walk back: its gradients, of which `walked` makes a frame."""
        if self._recording:
            self._gradients = gradients

    def entered(self, module: Any) -> None:
        """Before a module's forward."""
        if self._recording and threading.get_ident() == self._main:
            if not self._modules:
                self.structures.models.called(module)
            self._modules.append(module)

    def left(self, module: Any) -> None:
        """After a module's forward."""
        if self._modules and self._modules[-1] is module:
            self._modules.pop()

    # ---- steps

    @property
    def step(self) -> int:
        """The number of the last step, those between frames included."""
        self._catch_up()
        return self.clock.step

    def _catch_up(self) -> None:
        """Count the steps that were only noted, and chart their losses."""
        with self._lock:  # the reader of commands does so, too
            for loss in self.between.take():
                self.clock.step += 1
                self._loss = loss
                self._series.add("loss", self.clock.step, loss)

    def walked(self, root: Any, frame: FrameType | None) -> None:
        """After a `backward()`, called in `frame`: a point of the loss's series, and a frame if it was watched."""
        if not isinstance(root, Tensor):  # from an edge, whose value nobody knows
            return
        began = monotonic()
        self._catch_up()
        if 0 < self.clock.step < EARLY:
            self.findings.piled_up(self.between.found, None if frame is None else frame.f_lineno)
        name = self.clock.tick(frame)
        array = root._array
        loss = float(array) if array.size == 1 else float(array.mean()) if array.size else math.nan
        self._loss = loss if math.isfinite(loss) else None
        self._series.add(name, self.clock.step, loss)
        if self._loss is None and not self._bad:
            self._bad = self.clock.step
        if name == "loss":
            self._kept.clear()
        try:
            if self._recording:
                self._watched(name, Step(self.clock.step, self._loss, root, self._tape, self._gradients), began)
            elif self._control.attention:  # held within a step whose beginning nobody watched
                self._partial_frame()
            elif self._series.waiting > MANY:
                self._send_points()
            if self.clock.step < EARLY:
                self.findings.after_backward(list(self.structures.parameters.values()))
            elif self.clock.step == EARLY:
                self.findings.first_steps_over()
        except Exception as error:
            self._give_up(error)
        self._watch_next()
        self._control.stepped()

    def _watched(self, name: str, step: Step, began: float) -> None:
        """A watched step has ended: show it, or keep it."""
        self._cost = self._calls * PER_CALL
        if self._due or self._pace.due(began):
            self._frame(step, began)
        elif step.secure():
            self._kept[name] = step
            self._cost += monotonic() - began
            self._thrift.spend(self._cost, began - self._walked_at, self._pace.interval)

    def _watch_next(self) -> None:
        """Decide whether the next step is watched."""
        now = monotonic()
        took = (now - self._walked_at) / max(1, self.clock.step - self._walked)
        before = self._recording
        # Where several places go back, one may go on from what was computed before the other did.
        self._tape.clear(keep=self.clock.several > 1 or self._unseen > 0)
        self._modules.clear()
        self._gradients = {}
        self._due = (
            self.clock.step < FIRST
            or self._control.attention
            or 0 < self._round < self.clock.several
            or 0 < self._unseen < UNSEEN
            or self._pace.due(now + took)  # when the next step ends, if it takes as long as this one
        )
        self._recording = not self._gave_up and (
            self._due or self._thrift.allows(self._cost, took, self._pace.interval)
        )
        # What follows the last step of a training may be long, and is not worth the looking on that a step is.
        self._patience = PATIENCE if self._due else 100 + 2 * self._calls
        self._calls = 0
        self._walked_at, self._walked = now, self.clock.step
        if not self._due:
            self._round = 0
        if not self._recording:
            self._tape.clear()
        between = self.between
        between.code, between.at = self.clock.code, self.clock.at
        idle = not self._recording and not self._kept and self.clock.step > EARLY
        between.horizon = self._pace.next - took if idle else 0.0
        if self._control.attention:  # perhaps asked for just before the horizon was moved away again
            between.horizon = 0.0
        if before != self._recording:
            self.refresh()

    def _frame(self, seen: Step, began: float, variables: Variables | None = None) -> None:
        """Send the numbers of a step, and its graph if that is new."""
        started = thread_time()  # of this thread alone: what else the machine does is not the recorder's cost
        trace = seen.trace()
        if not trace.complete and self._unseen < UNSEEN:
            self._unseen += 1
            self._partial_frame()
            return
        self._unseen = 0
        traced = thread_time()
        drawing = self.structures.drawing(trace, seen.root, seen.number, variables)
        drawn = thread_time()
        event = FrameEvent(graph=None, step=seen.number, loss=seen.loss)
        tensors: dict[str, tuple[Any, Any]] = {}
        if drawing is not None:
            event.graph = drawing.event.graph
            self._drawing = drawing
            tensors = measure(event, drawing, trace, seen.gradients)
            self._store.put(seen.number, tensors)
            place = first_bad(event)
            if place is not None:
                self._bad = self._bad or seen.number
                self.findings.not_finite(drawing.event.nodes[place], self._bad)
        self._send(event)
        # What happens at each frame counts; drawing does not, for it is done once.
        self._pace.sent(began, self._cost + (traced - started) + (thread_time() - drawn))
        self._framed = seen.number
        self._round += 1
        if tensors and began - self._recorded_at > RECORD:
            self._recorded_at = began
            self._store.record()

    def _partial_frame(self) -> None:
        """Send what is known of a step that was not watched: its loss and the parameters."""
        event = FrameEvent(graph=None, step=self.clock.step, loss=self._loss)
        if self._drawing is not None:
            event.graph = self._drawing.event.graph
            self._store.put(
                self.clock.step, measure_parameters(event, self._drawing, self.structures.parameters), whole=False
            )
        self._send(event)
        self._framed = self.clock.step

    def show_last(self) -> None:
        """Show the last step before the program is held, as far as it has been kept and not been shown."""
        try:
            self._catch_up()
            self._show_kept()
            if self._framed < self.clock.step:
                self._partial_frame()
            elif self._series.waiting:
                self._send_points()
        except Exception as error:
            self._give_up(error)

    def _show_kept(self, variables: Variables | None = None) -> None:
        kept, self._kept = self._kept, {}
        for step in kept.values():
            self._frame(step, monotonic(), variables)
            if variables is not None:
                self._store.record(last=True)

    # ---- curves

    def log(self, values: dict[str, float]) -> None:
        """Add points to the program's own series. Without any `backward()` they are counted by themselves."""
        self._catch_up()
        for name, value in values.items():
            step = self.clock.step or self._series.count(name) + 1
            self._series.add(name, step, value)
            self._metrics[name] = value if math.isfinite(value) else None
        if self._series.waiting > MANY:
            self._send_points()

    def _send_points(self) -> None:
        self._send(FrameEvent(graph=None, step=self.clock.step, loss=self._loss))

    def _send(self, event: FrameEvent) -> None:
        event.metrics = dict(self._metrics)
        event.points = self._series.take()
        if event.index and not self._pace.pay(len(event.index) + len(event.stats)):
            event.index = event.stats = b""
        self._channel.send(event)
        self._sent_at = monotonic()

    def tick(self) -> None:
        """From the reader of commands, every 50 ms: send points that have waited for long."""
        self._catch_up()
        waiting = self._series.waiting
        if waiting > MANY or (waiting and monotonic() - self._sent_at > LONG):
            self._send_points()

    # ---- tensors

    def inspect(self, command: Inspect) -> TensorEvent:
        """The answer to a question about a tensor: the newest one that was watched."""
        return self._store.inspect(command.node, command.what, command.slice)

    # ---- the end

    def finish(self, scope: dict[str, Any], error: BaseException | None) -> None:
        """Send what is still to be said: the last step, its tensors, the graph up to the op that failed."""
        self._recording = False
        self._control.changed = self._control.holding = lambda: None
        graph.ended = None
        graph.observe(None)
        self._catch_up()
        variables = Variables([scope])
        if error is None:
            self.findings.ended(variables, self.clock.step)
        if self._bad:
            self.findings.not_finite(None, self._bad)
        self._show_kept(variables)
        self._store.record(last=True)
        if self._framed < self.clock.step:
            self._partial_frame()
            self._store.record(last=True)
        points = self._series.last()
        if points:
            self._channel.send(
                FrameEvent(graph=None, step=self.clock.step, loss=self._loss, metrics=self._metrics, points=points)
            )
        self._unfinished(variables, error)

    def _unfinished(self, variables: Variables, error: BaseException | None) -> None:
        """Show the graph up to an op that failed, or of a program without `backward()`, and the values in it."""
        step = self.clock.step + 1
        # What the last whole step left is told at the very end.
        self._copies = dict(parameters_of(self._drawing, self._store.gradients(self.clock.step)))
        shown = self.structures.at_end(error, self._tape, step, variables)
        if shown is not None:
            event, tensors = measured(*shown, step)
            self._store.put(step, tensors, whole=False)
            self._send(event)
            self._store.record(last=True)

    def gradients(self) -> dict[str, GradientStatistics]:
        """Each parameter's last gradient."""
        parameters = {**self.structures.models.parameters, **self.structures.parameters}
        return last_gradients(parameters, self.between.found, self._copies)
