"""Stopping: any program ends within a second of being asked, and the next one runs at once."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.serving import Server

STOPPED_S = 3.0  # it takes 1 s at most where nothing else runs; here other tests do
Start = Callable[[str], dict[str, Any]]
STUBBORN = {
    "a spin": "print('on', flush=True)\nwhile True: pass",
    "a spin in C": "print('on', flush=True)\npow(10**6, 10**8)",
    "a long product": (
        "import numpy as np\na = np.ones((6000, 6000), dtype=np.float32)\nprint('on', flush=True)\nwhile True: a @ a"
    ),
    "asleep": "import time\nprint('on', flush=True)\ntime.sleep(100)",
    "catching it": (
        "print('on', flush=True)\nwhile True:\n    try:\n        while True: pass\n    except BaseException: pass"
    ),
    "deaf": (
        "import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())\n"
        "print('on', flush=True)\nwhile True: pass"
    ),
    "ignoring signals": (
        "import signal\nfor n in signal.valid_signals():\n    try: signal.signal(n, signal.SIG_IGN)\n"
        "    except (OSError, ValueError): pass\nprint('on', flush=True)\nwhile True: pass"
    ),
    "standing still": (
        "import os, signal, time\nprint('on', flush=True)\ntime.sleep(0.2)\nos.kill(os.getpid(), signal.SIGSTOP)"
    ),
    "threads": (
        "import threading\ndef f():\n    while True: pass\nfor _ in range(6): threading.Thread(target=f).start()\n"
        "print('on', flush=True)"
    ),
    "printing": "print('on', flush=True)\nwhile True: print('x' * 100)",
    "training": (
        "import torch\nx = torch.ones(9, requires_grad=True)\nprint('on', flush=True)\n"
        "while True: (x * x).sum().backward()"
    ),
    "its wires closed": "import os\nprint('on', flush=True)\nimport time; time.sleep(0.3)\nos.closerange(3, 64)\n"
    "while True: pass",
}
TRAINING = "import torch\nx = torch.ones(9, requires_grad=True)\nwhile True: (x * x).sum().backward()"


@pytest.fixture
def start(server: Server) -> Iterator[Start]:
    """Starts programs, and stops what is left of them when the test is over."""
    begun = []

    def start(program: str) -> dict[str, Any]:
        begun.append(server.start(program))
        return begun[-1]

    yield start
    for run in begun:
        server.control(run, "stop")


def until(server: Server, run: dict[str, Any], reached: str) -> None:
    """Wait until a run has printed something, or has a status."""
    deadline = time.monotonic() + 15
    while True:
        result = server.read(run)
        if reached in result["stdout"] or result["status"] == reached:
            return
        assert time.monotonic() < deadline, result
        time.sleep(0.01)


def stop(server: Server, run: dict[str, Any]) -> dict[str, Any]:
    """Stop a run and see that it ends in time."""
    assert server.control(run, "stop").status == 202
    result = server.ended(run, STOPPED_S)
    assert (result["status"], result["error"]) == ("stopped", None)
    return result


@pytest.mark.parametrize("program", STUBBORN.values(), ids=STUBBORN)
def test_stop(server: Server, start: Start, program: str) -> None:
    run = start(program)
    until(server, run, "on")
    if "closerange" in program:
        time.sleep(0.5)
    assert "on\n" in stop(server, run)["stdout"]


def test_stop_before_it_has_begun(server: Server, start: Start) -> None:
    run = start("while True: pass")
    stop(server, run)


def test_stop_while_paused(server: Server, start: Start) -> None:
    run = start(TRAINING)
    until(server, run, "running")
    assert server.control(run, "pause").status == 202
    until(server, run, "paused")
    stop(server, run)


def test_stop_while_it_waits(server: Server, start: Start) -> None:
    """Stopping what waits leaves what runs alone, and those behind move up."""
    slots = server.health()["workers"]["cpu"]["slots"]
    running = [start("while True: pass") for _ in range(slots)]
    waiting = [start("print('mine')") for _ in range(2)]
    assert [run["status"] for run in waiting] == ["queued", "queued"]
    stop(server, waiting[0])
    assert server.read(running[0])["status"] in ("starting", "running")
    for run in running:
        server.control(run, "stop")
    assert server.ended(waiting[1], 5)["stdout"] == "mine\n"
    assert {server.ended(run, STOPPED_S)["status"] for run in running} == {"stopped"}


def test_commands_in_any_order(server: Server, start: Start) -> None:
    """A hundred commands at a run, and those after its end, are taken and harm nothing."""
    run = start(TRAINING)
    for _ in range(25):
        for action in ("pause", "step", "resume", "step"):
            assert server.control(run, action).status == 202
    stop(server, run)
    for action in ("stop", "pause", "resume", "step"):
        assert server.control(run, action).json["status"] == "stopped"


def test_a_waiting_client_that_leaves_takes_its_run_along(server: Server) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    connection.request("POST", "/api/runs/", json.dumps({"code": "while True: pass", "wait": True}))
    deadline = time.monotonic() + 5
    while server.health()["workers"]["cpu"]["running"] == 0:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    connection.close()
    while server.health()["workers"]["cpu"]["running"]:
        assert time.monotonic() < deadline, "the run goes on though nobody waits for it"
        time.sleep(0.02)
