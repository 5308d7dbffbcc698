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


@pytest.mark.parametrize("sandbox", ["bubblewrap", "landlock"])
def test_a_program_runs_in_the_sandbox(sandbox: str) -> None:
    try:
        messages = asyncio.run(said(PROGRAM, sandbox))
    except Refused as reason:
        pytest.skip(f"no sandbox here: {reason}")
    kinds = [type(message) for message in messages]
    assert kinds[0] is Ready and kinds[1:3] == [GraphEvent, FrameEvent]
    text = "".join(message.text for message in messages if isinstance(message, StdoutEvent))
    assert text.count("no: ") == 3 and text.endswith("from a thread\n")
    assert {FigureEvent, FileEvent} <= set(kinds)
    assert isinstance(messages[-1], Closing) and messages[-1].status == "finished"
    assert messages[-1].gradients["x"].mean == 2
