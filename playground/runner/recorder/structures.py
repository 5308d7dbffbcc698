"""The graphs of a run: each structure is named and drawn once, later steps of it are recognized."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.tensor import Tensor
from playground.protocol.events import GraphEvent, WatchEvent
from playground.runner.recorder.drawing import Drawing, draw
from playground.runner.recorder.failing import draw_failed
from playground.runner.recorder.findings import Findings
from playground.runner.recorder.names import Models, Variables, in_sight
from playground.runner.recorder.tape import Tape, Trace
from playground.runner.source import FILENAME, stack

MOST = 64  # different structures of a run; what comes after them has curves only
BYTES = 3 << 20  # bytes of all graphs of a run


class Structures:
    """The structures met so far, the names in them, and the tensors that the program has pinned."""

    def __init__(self, send: Callable[[Any], bool], findings: Findings) -> None:
        self.models = Models()
        self.parameters: dict[str, Any] = {}  # of all graphs drawn: the leaves that need a gradient, by name
        self._send = send
        self._findings = findings
        self._known: dict[Any, Drawing | None] = {}
        self._sent: dict[str, Drawing] = {}
        self._room = BYTES
        self._pins: dict[str, Any] = {}

    def pin(self, tensor: Any, name: str) -> None:
        """Tell the page which node a tensor is, as soon as it has been drawn."""
        self._pins[name] = tensor if tensor._node is None else tensor._node

    def drawing(self, trace: Trace, root: Any, step: int, variables: Variables | None = None) -> Drawing | None:
        """The drawing of a trace's structure, drawn and sent if it is new; None where there are too many of them.

        `variables` are those by which a new one is named; without them, what the program sees where it is now.
        """
        signature = trace.signature()
        if signature in self._known:
            drawing = self._known[signature]
        elif len(self._known) >= MOST or self._room <= 0:
            return None
        else:
            drawing = self._known[signature] = self._draw(trace, root, step, variables)
        if drawing is not None:
            self._note_parameters(trace, drawing)
            if self._pins:
                self._tell_pins(trace, drawing)
        return drawing

    def _draw(self, trace: Trace, root: Any, step: int, variables: Variables | None) -> Drawing | None:
        variables = in_sight(stack()) if variables is None else variables
        self.models.settle(variables)
        drawing = draw(trace, step, self.models, variables, root)
        known = self._sent.get(drawing.event.graph)
        if known is None:
            if not self._send_graph(drawing.event):
                return None
            self._sent[drawing.event.graph] = drawing
        self._findings.structure(trace, drawing)
        self._findings.optimizers(variables, self.models, trace)
        return drawing

    def at_end(
        self, error: BaseException | None, tape: Tape, step: int, variables: Variables
    ) -> tuple[Drawing, Trace] | None:
        """Draw what had been computed when an op failed, up to that op; without one, if nothing has been drawn yet, all
        that led to where a `backward()` might have begun. None if there is nothing to draw."""
        shown = None
        if isinstance(error, Exception):  # and not that the program was stopped, or ended itself
            variables = in_sight(stack_of(error))
            self.models.settle(variables)
            shown = draw_failed(error, tape, step, self.models, variables)
        if shown is None and not self._sent:
            trace = tape.ends()
            if trace.calls:
                self.models.settle(variables)
                shown = draw(trace, step, self.models, variables), trace
        if shown is None or not (shown[0].event.graph in self._sent or self._send_graph(shown[0].event)):
            return None
        self._sent[shown[0].event.graph] = shown[0]
        return shown

    def _send_graph(self, event: GraphEvent) -> bool:
        self._room -= 200 * len(event.nodes) + 100 * len(event.edges)
        return self._send(event)

    def _note_parameters(self, trace: Trace, drawing: Drawing) -> None:
        for place, slot in enumerate(drawing.slots):
            if slot < 0:
                leaf, node = trace.leaves[-1 - slot], drawing.event.nodes[place]
                if node.kind == "parameter" and node.name and isinstance(leaf, Tensor):
                    self.parameters[node.name] = leaf

    def _tell_pins(self, trace: Trace, drawing: Drawing) -> None:
        edges = {id(leaf): -1 - i for i, leaf in enumerate(trace.leaves)}
        for position, call in enumerate(trace.calls):
            edges.update((id(edge), position) for edge in call.results)
        for name, edge in list(self._pins.items()):
            if id(edge) in edges:
                del self._pins[name]
                self._send(WatchEvent(node=drawing.ids[edges[id(edge)]], name=name))


def stack_of(error: BaseException) -> list[Any]:
    """The learner's frames that an error went through, innermost first."""
    frames = []
    tb = error.__traceback__
    while tb is not None:
        if tb.tb_frame.f_code.co_filename == FILENAME:
            frames.append(tb.tb_frame)
        tb = tb.tb_next
    return frames[::-1]
