"""The child where it really runs: in each sandbox that holds on this machine."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from playground.protocol.commands import Start
from playground.protocol.events import FigureEvent, FileEvent, FrameEvent, GraphEvent, StdoutEvent
from playground.protocol.messages import Closing, Ready
from playground.protocol.wire import decode_message, encode_command
from playground.sandbox import spawn
from playground.sandbox.levels import Refused
from playground.sandbox.limits import Limits
from playground.sandbox.probe import probe

PROGRAM = """
import torch, os
x = torch.ones(2, requires_grad=True)
(x * x).sum().backward()
import matplotlib.pyplot as plt
plt.plot([1, 2]); plt.savefig("a.png"); plt.show()
for attempt in (lambda: open("/etc/passwd").read(), lambda: os.fork(), lambda: open("/x/y", "w")):
    try: print(attempt())
    except OSError as error: print("no:", type(error).__name__)
import threading
thread = threading.Thread(target=print, args=("from a thread",)); thread.start(); thread.join()
"""

DATA = """
import playground
from engine.data import Reviews
from torch.utils.data import DataLoader
print(*(len(playground.dataset(name)[0]) for name in ("moons", "digits", "mnist", "reviews")))
held = Reviews(train=False)
print(playground.Reviews is Reviews, held.decode(held[1][0])[:20])
print([tuple(part.shape) for part in next(iter(DataLoader(held, batch_size=8, shuffle=True)))])
"""


async def said(program: str, sandbox: str) -> list[Any]:
    """All that a sandboxed child says of a program."""
    worker = await spawn.start(await asyncio.to_thread(probe, sandbox), Limits())
    try:
        messages: list[Any] = []
        async with asyncio.timeout(60):
            while (payload := await worker.receive()) is not None:
                messages.append(decode_message(payload))
                if isinstance(messages[-1], Ready):
                    await worker.send(encode_command(Start(code=program)))
            end = await worker.wait()
        assert (end.code, worker.output) == (0, b"")
        return messages
    finally:
        worker.kill()
        await worker.wait()


def heard(program: str, sandbox: str) -> list[Any]:
    """As `said`; a skip where there is no such sandbox."""
    try:
        return asyncio.run(said(program, sandbox))
    except Refused as reason:
        pytest.skip(f"no sandbox here: {reason}")


@pytest.mark.parametrize("sandbox", ["bubblewrap", "landlock"])
def test_a_program_runs_in_the_sandbox(sandbox: str) -> None:
    messages = heard(PROGRAM, sandbox)
    kinds = [type(message) for message in messages]
    assert kinds[0] is Ready and kinds[1:3] == [GraphEvent, FrameEvent]
    text = "".join(message.text for message in messages if isinstance(message, StdoutEvent))
    assert text.count("no: ") == 3 and text.endswith("from a thread\n")
    assert {FigureEvent, FileEvent} <= set(kinds)
    assert isinstance(messages[-1], Closing) and messages[-1].status == "finished"
    assert messages[-1].gradients["x"].mean == 2


@pytest.mark.parametrize("sandbox", ["bubblewrap", "landlock"])
def test_all_data_is_there_in_the_sandbox(sandbox: str) -> None:
    messages = heard(DATA, sandbox)
    text = "".join(message.text for message in messages if isinstance(message, StdoutEvent))
    assert messages[-1].status == "finished", messages[-1]
    assert text == "200 9000 9000 9544\nTrue this is a film well \n[(8, 51), (8,)]\n"
