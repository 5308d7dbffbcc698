"""A worker's wires, its raw output, and how it ends."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest

from playground.sandbox import spawn
from playground.sandbox.levels import Level
from playground.sandbox.limits import Limits
from playground.sandbox.probe import probe
from playground.sandbox.spawn import MAX_OUTPUT, Exit, FrameTooLarge, Worker
from tests.sandbox.inside import CHILD, EXTRA, ask, processes, ready

DEAF = (
    "import signal\nfor each in range(1, 65):\n"
    "    try: signal.signal(each, signal.SIG_IGN)\n    except (OSError, ValueError): pass\n"
)
STUBBORN = {
    "a spin in Python": "while True: pass",
    "a spin in C": "9 ** 9 ** 9",
    "a sleep that holds the interpreter": "import ctypes; ctypes.PyDLL(None).sleep(1000)",
    "a program that ignores signals": DEAF + "while True: pass",
    "a flood of raw output": "import os\nwhile True: os.write(1, b'x' * 65536)",
    "a flood of small raw output": "import os\nwhile True: os.write(2, b'x')",
    "a flood of events": "import os\nwhile True: os.write(events, b'\\x01\\x00\\x00\\x00x' * 1000)",
    "threads that spin": "import threading\ndef spin():\n    while True: pass\n"
    "for _ in range(10): threading.Thread(target=spin).start()\nspin()",
}


def marked() -> tuple[Limits, str]:
    """Limits like no other's, and what a command line with them has in it."""
    seconds = random.randrange(10**6, 10**9)
    return Limits(cpu_s=seconds), f'"cpu_s": {seconds}'


async def end(worker: Worker) -> Exit:
    """Kill a worker and see it gone within a second."""
    start = time.monotonic()
    worker.kill()
    result = await worker.wait()
    assert time.monotonic() - start < 1
    return result


def run(coroutine: Coroutine[Any, Any, None]) -> None:
    """Run a test's coroutine, and see that it left no descriptor open."""
    before = len(os.listdir("/proc/self/fd"))
    asyncio.run(coroutine)
    assert len(os.listdir("/proc/self/fd")) == before


def test_frames_go_both_ways(level: Level) -> None:
    """Frames of every size arrive whole and in order."""

    async def go() -> None:
        worker = await ready(level)
        assert await ask(worker, f"answer = {'x' * 200_000!r}") == repr("x" * 200_000)
        many = "import os\nfor i in range(3000): os.write(events, bytes([2, 0, 0, 0]) + i.to_bytes(2, 'little'))"
        await worker.send(many.encode())
        frames = [await worker.receive() for _ in range(3000)]
        assert frames == [i.to_bytes(2, "little") for i in range(3000)]
        assert (await end(worker)).killed

    run(go())


def test_too_large_a_frame_is_refused(level: Level) -> None:
    """The announcement of a frame over the limit is refused before anything of it is read."""

    async def go() -> None:
        worker = await ready(level)
        await worker.send(b"import os; os.write(events, (256 * 1024 + 1).to_bytes(4, 'little'))")
        with pytest.raises(FrameTooLarge, match="262145"):
            await worker.receive()
        await end(worker)

    run(go())


def test_half_a_frame_is_the_end(level: Level) -> None:
    """A worker that dies within a frame has sent nothing."""

    async def go() -> None:
        worker = await ready(level)
        await worker.send(b"import os; os.write(events, bytes([9, 0, 0, 0, 1])); os._exit(3)")
        assert await worker.receive() is None
        assert await worker.wait() == Exit(3, None, None, killed=False)
        assert await worker.wait() == Exit(3, None, None, killed=False)
        await worker.send(b"to nobody" * 100_000)

    run(go())


def test_raw_output_is_kept_up_to_a_limit(level: Level) -> None:
    """What goes to the raw streams is kept, the first of it, and too much of it hurts nobody."""

    async def go() -> None:
        worker = await ready(level)
        assert await ask(worker, "import os; os.write(1, b'one '); os.write(2, b'two '); answer = 1") == "1"
        assert await ask(worker, "import os\nfor i in range(8): os.write(1, b'x' * 65536)\nanswer = 2") == "2"
        assert (await end(worker)).killed
        assert worker.output.startswith(b"one two xxx")
        assert len(worker.output) == MAX_OUTPUT

    run(go())


@pytest.mark.parametrize("program", STUBBORN.values(), ids=STUBBORN.keys())
def test_anything_is_killed_within_a_second(level: Level, program: str) -> None:
    """No program holds up its end, nor the event loop while it runs."""

    async def go() -> None:
        limits, mark = marked()
        worker = await ready(level, limits)
        await worker.send(program.encode())
        slept = time.monotonic()
        for _ in range(10):
            await asyncio.sleep(0.01)
        assert time.monotonic() - slept < 1
        assert (await end(worker)).killed
        assert processes(mark) == {}

    run(go())


@pytest.mark.parametrize("delay_ms", [0, 0.5, 1, 1.5, 2, 3, 4, 6, 9, 15, 40])
def test_early_kill_leaves_nothing(level: Level, delay_ms: float) -> None:
    """A worker killed while it is still being made leaves no process behind."""

    async def go() -> None:
        limits, mark = marked()
        worker = await spawn.start(level, limits, CHILD)
        time.sleep(delay_ms / 1000)
        assert (await end(worker)).killed
        assert processes(mark) == {}

    run(go())


def test_workers_die_with_the_server(level: Level) -> None:
    """A server that is killed takes its workers along, busy as they are."""
    limits, mark = marked()
    setting = {"A": "bubblewrap", "B": "landlock"}[level.name]
    server = f"""
import asyncio, sys
sys.path.insert(0, {str(Path(__file__).parents[2])!r})
from playground.sandbox.limits import Limits
from playground.sandbox.probe import probe
from tests.sandbox.inside import EXTRA, ready

async def main():
    worker = await ready(probe({setting!r}, extra=EXTRA), Limits(cpu_s={limits.cpu_s}))
    await worker.send(b"while True: pass")
    print("ready", flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""
    with subprocess.Popen([sys.executable, "-c", server], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        assert processes(mark)
        process.kill()
    until = time.monotonic() + 2
    while processes(mark) and time.monotonic() < until:
        time.sleep(0.02)
    assert processes(mark) == {}


def test_seen_from_outside(level: Level) -> None:
    """The kernel's own account of a worker: not root, no capability, no new rights, filtered, and the first to go."""

    async def go() -> None:
        limits, mark = marked()
        worker = await ready(level, limits)
        pid, status = max(processes(mark).items())
        assert "0" not in status["Uid"].split()
        assert status["Groups"] in ("", status["Gid"].split()[0], "65534")
        assert {status[kind] for kind in ("CapInh", "CapPrm", "CapEff", "CapAmb")} == {"0" * 16}
        assert status["NoNewPrivs"] == "1"
        assert status["Seccomp"] == "2"
        assert int(status["Seccomp_filters"]) >= (2 if level.name == "A" else 1)
        assert Path(f"/proc/{pid}/oom_score_adj").read_text() == "800\n"
        assert os.getpriority(os.PRIO_PROCESS, pid) == 10
        await end(worker)

    run(go())


def test_a_worker_that_cannot_start_says_why(level: Level) -> None:
    """Where there is no such module the wire ends at once, and the raw output has the reason."""

    async def go() -> None:
        worker = await spawn.start(level, Limits(), "playground.sandbox.nowhere")
        assert await worker.receive() is None
        assert (await worker.wait()).code == 1
        assert b"No module named" in worker.output
        worker.kill()

    run(go())


def test_many_at_once(level: Level) -> None:
    """Workers started side by side get the right wires, and know nothing of each other."""

    async def go() -> None:
        workers = await asyncio.gather(*(ready(level) for _ in range(4)))
        answers = await asyncio.gather(*(ask(worker, f"answer = {i}") for i, worker in enumerate(workers)))
        assert answers == ["0", "1", "2", "3"]
        await asyncio.gather(*(end(worker) for worker in workers))

    run(go())


def test_signal_of_a_filtered_call_is_named(level: Level) -> None:
    """A death by the system call filter names it."""

    async def go() -> None:
        worker = await ready(level)
        await worker.send(b"import os, signal; signal.signal(signal.SIGSYS, signal.SIG_DFL); signal.raise_signal(31)")
        assert await worker.receive() is None
        assert await worker.wait() == Exit(None, signal.SIGSYS, "system call", killed=False)

    run(go())


def test_off_runs_without_a_sandbox() -> None:
    """Switched off by hand, the same worker runs, with nothing of the server's environment."""

    async def go() -> None:
        worker = await ready(probe("off", may_be_off=True, extra=EXTRA))
        assert "VIRTUAL_ENV" not in await ask(worker, "import os; answer = dict(os.environ)")
        await end(worker)

    run(go())
