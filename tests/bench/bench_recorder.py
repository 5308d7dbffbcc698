"""What recording costs a training: the same program in a bare interpreter and in a child that sends its run."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

from playground.protocol.commands import Start
from playground.protocol.events import GraphEvent, StdoutEvent
from playground.protocol.messages import Ready
from playground.protocol.wire import decode_message, encode_command, frame
from tests.bench import Row

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
ROUNDS = 6
PROGRAM = """
import time
import numpy
import engine as torch
from engine import nn
torch.manual_seed(0)
X, y = torch.randn(100, 2), torch.randint(0, 2, (100,))
net = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 16), nn.Tanh(), nn.Linear(16, 2))
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
a = numpy.ones((100, 16), numpy.float32)
def measured():
    # As much of NumPy and of Python as a few steps are: by it the times of a noisy machine are measured.
    began = time.thread_time()
    for _ in range(60):
        b = a
        for _ in range(10):
            b = numpy.tanh(b + 1.0)
    return time.thread_time() - began
def train(steps):
    began = time.thread_time()  # what other programs take of the machine does not count
    for _ in range(steps):
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(X), y).backward()
        optimizer.step()
    return (time.thread_time() - began) / steps
train(3000)  # past what a run is allowed at its beginning, to keep its newest step whole
took = [(train(100), measured()) for _ in range(60)]
print(sum(step for step, _ in took) / sum(unit for _, unit in took), min(step for step, _ in took) * 1e6)
"""


def bare() -> list[float]:
    """A step where nobody looks on, with all of the engine imported, as a child has it: in the program's own units,
    and the quickest hundred in microseconds.
    """
    program = "from playground.runner import imports; imports.prepare()" + PROGRAM
    done = subprocess.run([sys.executable, "-c", program], env=ENVIRONMENT, capture_output=True, text=True, check=True)
    return [float(word) for word in done.stdout.split()]


def recorded(frames_per_second: float) -> tuple[float, float, float]:
    """A step in a child, in its own units; its milliseconds to the first graph, and from start to readiness."""
    reads, events = os.pipe()
    orders, writes = os.pipe()
    began = time.perf_counter()
    child = subprocess.Popen(
        [sys.executable, "-m", "playground.runner", str(events), str(orders), "null"],
        pass_fds=(events, orders),
        env=ENVIRONMENT,
    )
    os.close(events)
    os.close(orders)
    ready = first = sent = 0.0
    text = ""
    with open(reads, "rb") as wire:
        while header := wire.read(4):
            message = decode_message(wire.read(struct.unpack("<I", header)[0]))
            if isinstance(message, Ready):
                ready = time.perf_counter() - began
                sent = time.perf_counter()
                os.write(writes, frame(encode_command(Start(code=PROGRAM, frames_per_second=frames_per_second))))
            elif isinstance(message, GraphEvent):
                first = time.perf_counter() - sent
            elif isinstance(message, StdoutEvent):
                text += message.text
    child.wait()
    os.close(writes)
    return float(text.split()[0]), first * 1e3, ready * 1e3


def bench() -> list[Row]:
    """The spiral classifier's step, 2-16-16-2 with Adam: recorded as usual, often, hardly ever."""
    rounds = [(bare(), recorded(20.0), recorded(1000.0), recorded(0.1)) for _ in range(ROUNDS)]
    plain, usual, often, seldom = (median(r[i][0] for r in rounds) for i in range(4))
    quickest = min(r[0][1] for r in rounds)
    return [
        Row("a step in a bare interpreter", f"{quickest:.0f} µs"),
        Row("the same, 20 frames a second", f"{usual / plain:.2f} x", "at most 1.15 x"),
        Row("the same, between frames: each loss is noted", f"{seldom / plain:.2f} x", "at most 1.01 x"),
        Row("the same, as many frames as are allowed", f"{often / plain:.2f} x", "at most 1.2 x"),
        Row("program to first graph, warm child", f"{min(r[1][1] for r in rounds):.1f} ms", "at most 10 ms"),
        Row("start to readiness, no sandbox", f"{min(r[1][2] for r in rounds):.0f} ms"),
    ]
