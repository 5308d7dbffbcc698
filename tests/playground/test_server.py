"""The real server on a free port: slow readers, readers that come back, killed workers, restarts, oversized bodies."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect

from tests.playground.visiting import BACKWARD, ENDLESS, eventually
from tests.serving import Server

FRAMES = """import time, torch
x = torch.ones(4, requires_grad=True)
begin = time.monotonic()
step = 0
while time.monotonic() - begin < 8:
    y = x
    for _ in range(300):
        y = y + x
    y.sum().backward()
    step += 1
print(step)
"""


SETTINGS = {"RUNS_AT_ONCE": "100", "WARM_WORKERS": "1"}


def opened(server: Server, run: dict[str, Any], after: int = 0, **options: Any) -> ClientConnection:
    """A socket of a run."""
    query = f"format=json&after={after}&token={run['control_token']}"
    return connect(f"ws://127.0.0.1:{server.port}{run['websocket']}?{query}", compression=None, **options)


def is_alive(pid: int) -> bool:
    """Whether a process still does anything: one that waits to be reaped by whoever inherited it does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for the tests that leave it as it was."""
    started = Server(tmp_path_factory.mktemp("server"), **SETTINGS)
    yield started
    started.end()


def test_a_reader_that_comes_back_misses_nothing(server: Server) -> None:
    run = server.start("import time\nfor i in range(60):\n    print(i, flush=True)\n    time.sleep(0.01)")
    seen: list[dict[str, Any]] = []
    while not seen or seen[-1]["type"] != "finished":
        with opened(server, run, after=seen[-1]["seq"] if seen else 0) as reader:
            for _ in range(7):
                seen.append(json.loads(reader.recv(timeout=5)))
                if seen[-1]["type"] == "finished":
                    break
    assert [event["seq"] for event in seen] == list(range(1, len(seen) + 1))
    assert "".join(event["text"] for event in seen if event["type"] == "stdout").split() == [str(i) for i in range(60)]


def test_a_slow_reader_slows_nobody_and_loses_only_frames(server: Server) -> None:
    run = server.start(FRAMES)
    plug = socket.create_connection(("127.0.0.1", server.port))
    plug.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32768)
    with opened(server, run, sock=plug, max_queue=1) as slow, opened(server, run) as quick:
        began = time.monotonic()
        while json.loads(quick.recv(timeout=10))["type"] != "finished":
            pass
        assert time.monotonic() - began < 14
        assert server.read(run)["duration_s"] < 11
        events: list[dict[str, Any]] = []
        while not events or events[-1]["type"] != "finished":
            events.append(json.loads(slow.recv(timeout=5)))
    page = server.read(run, "events/")
    missed = {event["seq"] for event in page["events"]} - {event["seq"] for event in events}
    assert missed and {event["type"] for event in page["events"] if event["seq"] in missed} == {"frame"}
    points = [point for event in events if event["type"] == "frame" for point in event["points"].get("loss", [])]
    assert [step for step, _ in points] == list(range(1, server.read(run)["steps"] + 1))


def test_a_killed_worker_is_told_and_harms_nobody(server: Server) -> None:
    before = set(server.descendants())
    run = server.start(ENDLESS)
    eventually(lambda: "begun" in server.read(run)["stdout"])
    busiest = max(server.descendants(), key=lambda pid: int(Path(f"/proc/{pid}/stat").read_text().split()[13]))
    os.kill(busiest, signal.SIGKILL)
    result = eventually(lambda: (found := server.read(run))["status"] == "lost" and found, 2)
    assert result["error"]["type"] == "WorkerLost" and "SIGKILL" in result["error"]["message"]
    assert result["stdout"] == "begun\n" and before
    assert server.run(BACKWARD)["status"] == "finished"


@pytest.mark.parametrize("size", [1_100_000, 5 << 20])
def test_refuses_a_body_that_is_too_large(server: Server, size: int) -> None:
    answer = server.ask("POST", "/api/runs/", b'{"code": "' + b"x" * size + b'"}')
    assert answer.status == 413 and answer.json["error"]["code"] == "too_large"


def test_a_long_wait_holds_nobody_up(server: Server) -> None:
    connections = []
    for _ in range(3):
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
        connection.request("POST", "/api/runs/", json.dumps({"code": ENDLESS, "wait": True}))
        connections.append(connection)
    time.sleep(0.2)
    began = time.monotonic()
    assert server.run("1")["status"] == "finished"
    assert time.monotonic() - began < 6  # three runs spin on the cores on which a worker is to start
    for connection in connections:  # who waited is gone, and with it the run that only it knew
        connection.close()

    def running() -> int:
        return server.health()["workers"]["cpu"]["running"]

    eventually(lambda: running() == 0)


def test_a_queue_tells_places(tmp_path: Path) -> None:
    server = Server(tmp_path, QUEUE_LIMIT="2", **SETTINGS)
    try:
        slots = server.health()["workers"]["cpu"]["slots"]
        taken = [server.start(ENDLESS) for _ in range(slots)]
        waiting = [server.start("print('mine')") for _ in range(2)]
        assert [run["status"] for run in waiting] == ["queued", "queued"]
        answer = server.ask("POST", "/api/runs/", {"code": "1"})
        assert answer.status == 429 and "wait" in answer.json["error"]["message"]
        events = server.read(waiting[1], "events/")["events"]
        assert events[0]["status"] == "queued" and events[0]["place"] == 2 and events[0]["expected_s"] > 0
        server.control(waiting[0], "stop")
        eventually(lambda: server.read(waiting[0])["status"] == "stopped", 1)
        server.control(taken[0], "stop")
        eventually(lambda: server.read(waiting[1])["stdout"] == "mine\n", 10)
    finally:
        server.end()


def test_a_restart_keeps_what_is_stored_and_ends_what_ran(tmp_path: Path) -> None:
    first = Server(tmp_path, **SETTINGS)
    done = first.run(BACKWARD)
    kept = first.read(done, "events/")
    killed = first.start(ENDLESS)
    workers = first.descendants()
    first.end(signal.SIGKILL)
    eventually(lambda: not any(is_alive(pid) for pid in workers), 2)
    second = Server(tmp_path, **SETTINGS)
    try:
        assert second.read(done, "events/") == kept
        lost = second.read(killed)
        assert lost["status"] == "lost" and "restarted" in lost["error"]["message"]
        going = second.start(ENDLESS)
        workers = second.descendants()
    finally:
        assert second.end() == 0
    assert not any(is_alive(pid) for pid in workers)
    third = Server(tmp_path, **SETTINGS)
    try:
        assert third.read(going)["status"] == "lost" and "shut down" in third.read(going)["error"]["message"]
    finally:
        third.end()
