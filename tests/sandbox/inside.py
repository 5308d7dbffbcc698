"""Ways to look around inside a worker, shared by these tests."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from playground.sandbox import spawn
from playground.sandbox.levels import Level
from playground.sandbox.limits import Limits
from playground.sandbox.spawn import Worker

CHILD = "tests.sandbox.child"
EXTRA = ((str(Path(__file__).with_name("child.py")), "/app/tests/sandbox/child.py"),)


async def ready(level: Level, limits: Limits | None = None) -> Worker:
    """A worker of these tests that has locked itself down."""
    worker = await spawn.start(level, limits or Limits(), CHILD)
    assert await asyncio.wait_for(worker.receive(), 20) == b"ready", worker.output.decode()
    return worker


async def ask(worker: Worker, program: str) -> str:
    """What a worker answers to a program, or how it ended where it died of it."""
    await worker.send(program.encode())
    answer = await asyncio.wait_for(worker.receive(), 20)
    if answer is None:
        end = await worker.wait()
        return f"died of {end.signal}, exit code {end.code}, limit {end.limit}"
    return answer.decode()


def processes(mark: str) -> dict[int, dict[str, str]]:
    """All processes of this machine with `mark` in their command line: id to what their status says."""
    found = {}
    for name in filter(str.isdecimal, os.listdir("/proc")):
        try:
            if mark.encode() in Path(f"/proc/{name}/cmdline").read_bytes():
                lines = Path(f"/proc/{name}/status").read_text().splitlines()
                found[int(name)] = {key: value.strip() for key, _, value in (line.partition(":") for line in lines)}
        except OSError:
            continue  # it ended meanwhile
    return found
