"""The child process: `python -m playground.runner EVENTS_FD COMMANDS_FD LOCKDOWN_JSON`, for exactly one program.

The last argument is what the sandbox asks its worker to do to itself before it takes a program; `null`: nothing.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import traceback

import engine
from playground.runner import imports
from playground.runner.session import Session
from playground.sandbox import lockdown


def run(events: int, orders: int, lockdown_orders: dict | None) -> None:
    """Import and warm everything, close the doors, run the one program, end."""
    imports.prepare()
    session = Session(events, orders)
    _warm_up()
    if lockdown_orders is not None:
        lockdown.enter(**lockdown_orders)
    session.listen()  # in a thread of its own, which takes over what confines the one that starts it
    ours = imports.hide()
    session.settle_in()
    gc.collect()
    gc.freeze()  # what is here now stays: the collector need not look at it again
    session.run()
    ours.clear()
    os._exit(0)


def _warm_up() -> None:
    """Run a step of everything once, so that buffers are there and first calls are not slow when a program comes."""
    engine.ops.load_all()
    x = engine.ones(64, 64)
    w = engine.ones(64, 64, requires_grad=True)
    (x @ w).tanh().mean().backward()


if __name__ == "__main__":
    server = sys.stderr  # where a worker that cannot begin says why; later the name stands for the program's own stream
    try:
        run(int(sys.argv[1]), int(sys.argv[2]), json.loads(sys.argv[3]))
    except BaseException:
        traceback.print_exc(file=server)
        os._exit(1)
