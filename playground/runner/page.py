"""What `playground.log`, `param`, `boundary` and `watch` do in a run: they speak to the page."""

from __future__ import annotations

from time import monotonic
from typing import Any

import numpy as np

import engine
from engine.array import moved
from engine.tensor import wrap
from playground.protocol.events import BoundaryEvent
from playground.runner.channel import Channel
from playground.runner.control import Control
from playground.runner.recorder.numbers import on_host
from playground.runner.recorder.recorder import Recorder

SIDE = 48  # rows and columns of the plane
MARGIN = 0.15  # of the points' extent, on each side
INTERVAL = 0.125  # seconds between two boundaries
SHARE = 9  # the program gets so many times the time that drawing took
POINTS = 2000  # points that are sent; of more, every so-many-th


class LivePage:
    """The page of a run."""

    def __init__(self, channel: Channel, control: Control, recorder: Recorder) -> None:
        self._channel = channel
        self._control = control
        self._recorder = recorder
        self._next = 0.0
        self._shown: tuple[bytes, bytes] = (b"", b"")
        self._late: tuple[Any, Any, Any] | None = None

    def log(self, values: dict[str, float]) -> None:
        """Add a point to each named series."""
        self._attend()
        self._recorder.log({_name(name, 100): value for name, value in values.items()})

    def param(self, name: str, default: float, min: float, max: float) -> float:
        """The slider's value now; a whole number stays one while nobody has moved the slider."""
        self._attend()
        return self._control.param(_name(name, 100), default, min, max)

    def watch(self, tensor: Any, name: str) -> None:
        """Pin a tensor."""
        self._recorder.structures.pin(tensor, _name(name, 200))

    def boundary(self, model: Any, X: Any, y: Any) -> None:
        """Draw the boundary, unless one was drawn just before: then it is drawn at the end if none comes after."""
        self._attend()
        self._late = (model, X, y)
        if monotonic() >= self._next or self._recorder.every_step:
            self.draw_late()

    def draw_late(self) -> None:
        """Draw the boundary that was asked for last, if that has not been done."""
        if self._late is None:
            return
        (model, X, y), self._late = self._late, None
        began = monotonic()
        points = on_host(X._array).astype("<f4")
        labels = on_host(y._array if hasattr(y, "_array") else y).reshape(len(points), -1)
        labels = labels.argmax(1) if labels.shape[1] > 1 else labels[:, 0]
        names = np.unique(labels)
        if not len(points) or len(names) > 250:
            return
        low, high = points.min(0), points.max(0)
        room = np.maximum((high - low) * MARGIN, 1e-3)
        low, high = low - room, high + room
        grid = self._classes(model, X, low, high, names)
        stride = -(-len(points) // POINTS)
        sent = (points[::stride].tobytes(), np.searchsorted(names, labels[::stride]).astype("u1").tobytes())
        fresh = sent != self._shown
        event = BoundaryEvent(
            step=self._recorder.step,
            x0=float(low[0]), x1=float(high[0]), y0=float(low[1]), y1=float(high[1]),
            rows=SIDE, columns=SIDE,
            classes=max(len(names), int(grid.max()) + 1),
            grid=grid.tobytes(),
            points=sent[0] if fresh else b"",
            labels=sent[1] if fresh else b"",
        )  # fmt: skip
        self._shown = sent
        self._channel.send(event)
        now = monotonic()
        self._next = max(began + INTERVAL, now + SHARE * (now - began))

    def _classes(self, model: Any, X: Any, low: Any, high: Any, names: np.ndarray) -> np.ndarray:
        """The model's class for each cell. Neither the graph, the random numbers nor the model's mode notice."""
        columns, rows = (np.linspace(low[i], high[i], SIDE, dtype=np.float32) for i in (0, 1))
        plane = np.stack(np.meshgrid(columns, rows), axis=-1).reshape(-1, 2)
        modules = list(model.modules()) if hasattr(model, "modules") else []
        modes = [module.training for module in modules]
        random = engine.get_rng_state()
        try:
            for module in modules:
                module.training = False
            with self._recorder, engine.no_grad():
                scores = model(wrap(moved(plane.astype(X._array.dtype), X.device)))
        finally:
            for module, mode in zip(modules, modes, strict=True):
                module.training = mode
            engine.set_rng_state(random)
        found = on_host(scores._array).reshape(len(plane), -1)
        if found.shape[1] > 1:
            classes = found.argmax(1)
        else:
            # One score a point: the greater class where it is above the middle, which is 0.5 for a probability.
            middle = 0.5 if found.min() >= 0 and found.max() <= 1 else 0.0
            classes = found[:, 0] > middle
        return classes.astype("u1")

    def _attend(self) -> None:
        if self._control.attention:
            self._control.attend()


def _name(name: object, longest: int) -> str:
    """A name as the wire takes it: not too long, without lone surrogates."""
    return str(name)[:longest].encode("utf-8", "replace").decode("utf-8")
