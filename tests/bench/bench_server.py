"""How long a visitor waits: from the request to the answer, and to the program's first event."""

from __future__ import annotations

import itertools
import statistics
import time

from playground.dispatch.local import LocalDispatcher
from playground.dispatch.spec import Config, RunSpec
from playground.protocol.events import GraphEvent, StatusEvent
from tests.bench import Row

_RUNS = 15
_PROGRAM = "import torch\nx = torch.ones(3, requires_grad=True)\n(x * x).sum().backward()\n"


def bench() -> list[Row]:
    """Medians in milliseconds, of runs that find a warm worker."""
    dispatcher = LocalDispatcher(Config(warm_workers=2, slots=2))
    taken, handed, drawn = [], [], []
    try:
        for number in itertools.count():
            while dispatcher.health().workers["cpu"].warm < 2:
                time.sleep(0.01)
            began = time.perf_counter()
            log = dispatcher.submit(RunSpec(run_id=str(number), code=_PROGRAM))
            submitted = time.perf_counter()
            for entry in log.follow(0, 10):
                event, now = entry.event, time.perf_counter()
                if isinstance(event, StatusEvent) and event.status == "running":
                    handed.append(now - began)
                elif isinstance(event, GraphEvent):
                    drawn.append(now - began)
            taken.append(submitted - began)
            if len(taken) == _RUNS:
                break
    finally:
        dispatcher.close()

    def median(seconds: list[float]) -> str:
        return f"{1000 * statistics.median(seconds):.2f} ms"

    return [
        Row("submit a run", median(taken)),
        Row("hand it to a warm worker", median(handed), "at most 10 ms"),
        Row("to its first graph", median(drawn), "at most 30 ms"),
    ]
