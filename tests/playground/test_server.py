"""The real server on a free port: slow readers, readers that come back, killed workers, restarts, oversized bodies."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect

from playground.environment import ROOT
from tests.playground.visiting import BACKWARD, ENDLESS, eventually

FRAMES = """import time, torch
x = torch.ones(4, requires_grad=True)
begin = time.monotonic()
step = 0
while time.monotonic() - begin < 4:
    y = x
    for _ in range(300):
        y = y + x
    y.sum().backward()
    step += 1
print(step)
"""


class Server:
    """A server process with a data folder of its own."""

    def __init__(self, folder: Path, **settings: str) -> None:
        facts = {"RUNS_PER_MINUTE": "1000", "RUNS_AT_ONCE": "100", "WARM_WORKERS": "1", **settings}
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "serve"],
            cwd=ROOT,
            env={**os.environ, "DATA_DIR": str(folder), "PORT": "0", **facts},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert "ready at http://127.0.0.1:" in line, line
        self.port = int(line.rstrip("/\n").rpartition(":")[2])

    def call(self, method: str, path: str, body: Any = None, token: str = "") -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            text = body if isinstance(body, bytes) else None if body is None else json.dumps(body)
            connection.request(method, path, text, {"X-Run-Token": token} if token else {})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def run(self, code: str, wait: bool = False) -> dict[str, Any]:
        status, body = self.call("POST", "/api/runs/", {"code": code, "wait": wait})
        assert status in (200, 201), body
        return body

    def result(self, run: dict[str, Any]) -> dict[str, Any]:
        return self.call("GET", run["url"], token=run["control_token"])[1]

    def open(self, run: dict[str, Any], after: int = 0, **options: Any) -> ClientConnection:
        query = f"format=json&after={after}&token={run['control_token']}"
        return connect(f"ws://127.0.0.1:{self.port}{run['websocket']}?{query}", compression=None, **options)

    def workers(self) -> list[int]:
        """The ids of all processes below the server's."""
        found = [self.process.pid]
        for pid in found:
            with contextlib.suppress(FileNotFoundError):  # a process or a thread that has ended meanwhile
                for task in Path(f"/proc/{pid}/task").iterdir():
                    found += map(int, (task / "children").read_text().split())
        return found[1:]

    def end(self, number: int = signal.SIGINT) -> int:
        self.process.send_signal(number)
        code = self.process.wait(10)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code


def is_alive(pid: int) -> bool:
    """Whether a process still does anything: one that waits to be reaped by whoever inherited it does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for the tests that leave it as it was."""
    started = Server(tmp_path_factory.mktemp("server"))
    yield started
    started.end()


def test_a_reader_that_comes_back_misses_nothing(server: Server) -> None:
    run = server.run("import time\nfor i in range(60):\n    print(i, flush=True)\n    time.sleep(0.01)")
    seen: list[dict[str, Any]] = []
    while not seen or seen[-1]["type"] != "finished":
        with server.open(run, after=seen[-1]["seq"] if seen else 0) as reader:
            for _ in range(7):
                seen.append(json.loads(reader.recv(timeout=5)))
                if seen[-1]["type"] == "finished":
                    break
    assert [event["seq"] for event in seen] == list(range(1, len(seen) + 1))
    assert "".join(event["text"] for event in seen if event["type"] == "stdout").split() == [str(i) for i in range(60)]


def test_a_slow_reader_slows_nobody_and_loses_only_frames(server: Server) -> None:
    run = server.run(FRAMES)
    plug = socket.create_connection(("127.0.0.1", server.port))
    plug.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32768)
    with server.open(run, sock=plug, max_queue=1) as slow, server.open(run) as quick:
        began = time.monotonic()
        while json.loads(quick.recv(timeout=10))["type"] != "finished":
            pass
        assert time.monotonic() - began < 8
        assert server.result(run)["duration_s"] < 6
        events: list[dict[str, Any]] = []
        while not events or events[-1]["type"] != "finished":
            events.append(json.loads(slow.recv(timeout=5)))
    status, page = server.call("GET", f"{run['url']}events/", token=run["control_token"])
    missed = {event["seq"] for event in page["events"]} - {event["seq"] for event in events}
    assert status == 200
    assert missed and {event["type"] for event in page["events"] if event["seq"] in missed} == {"frame"}
    points = [point for event in events if event["type"] == "frame" for point in event["points"].get("loss", [])]
    assert [step for step, _ in points] == list(range(1, server.result(run)["steps"] + 1))


def test_a_killed_worker_is_told_and_harms_nobody(server: Server) -> None:
    before = set(server.workers())
    run = server.run(ENDLESS)
    eventually(lambda: "begun" in server.result(run)["stdout"])
    busiest = max(server.workers(), key=lambda pid: int(Path(f"/proc/{pid}/stat").read_text().split()[13]))
    os.kill(busiest, signal.SIGKILL)
    result = eventually(lambda: (found := server.result(run))["status"] == "lost" and found, 2)
    assert result["error"]["type"] == "WorkerLost" and "SIGKILL" in result["error"]["message"]
    assert result["stdout"] == "begun\n" and before
    assert server.run(BACKWARD, wait=True)["status"] == "finished"


@pytest.mark.parametrize("size", [1_100_000, 5 << 20])
def test_refuses_a_body_that_is_too_large(server: Server, size: int) -> None:
    status, body = server.call("POST", "/api/runs/", b'{"code": "' + b"x" * size + b'"}')
    assert status == 413 and body["error"]["code"] == "too_large"


def test_a_long_wait_holds_nobody_up(server: Server) -> None:
    connections = []
    for _ in range(3):
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
        connection.request("POST", "/api/runs/", json.dumps({"code": ENDLESS, "wait": True}))
        connections.append(connection)
    time.sleep(0.2)
    began = time.monotonic()
    assert server.run("1", wait=True)["status"] == "finished"
    assert time.monotonic() - began < 2
    for connection in connections:  # who waited is gone, and with it the run that only it knew
        connection.close()

    def running() -> int:
        return server.call("GET", "/api/health/")[1]["workers"]["cpu"]["running"]

    eventually(lambda: running() == 0)


def test_a_queue_tells_places(tmp_path: Path) -> None:
    server = Server(tmp_path, QUEUE_LIMIT="2")
    try:
        slots = server.call("GET", "/api/health/")[1]["workers"]["cpu"]["slots"]
        taken = [server.run(ENDLESS) for _ in range(slots)]
        waiting = [server.run("print('mine')") for _ in range(2)]
        assert [run["status"] for run in waiting] == ["queued", "queued"]
        status, body = server.call("POST", "/api/runs/", {"code": "1"})
        assert status == 429 and "wait" in body["error"]["message"]
        events = server.call("GET", f"{waiting[1]['url']}events/", token=waiting[1]["control_token"])[1]["events"]
        assert events[0]["status"] == "queued" and events[0]["place"] == 2 and events[0]["expected_s"] > 0
        server.call("POST", f"{waiting[0]['url']}stop/", token=waiting[0]["control_token"])
        eventually(lambda: server.result(waiting[0])["status"] == "stopped", 1)
        server.call("POST", f"{taken[0]['url']}stop/", token=taken[0]["control_token"])
        eventually(lambda: server.result(waiting[1])["stdout"] == "mine\n", 10)
    finally:
        server.end()


def test_a_restart_keeps_what_is_stored_and_ends_what_ran(tmp_path: Path) -> None:
    first = Server(tmp_path)
    done = first.run(BACKWARD, wait=True)
    kept = first.call("GET", f"{done['url']}events/", token=done["control_token"])[1]
    killed = first.run(ENDLESS)
    workers = first.workers()
    first.end(signal.SIGKILL)
    eventually(lambda: not any(is_alive(pid) for pid in workers), 2)
    second = Server(tmp_path)
    try:
        assert second.call("GET", f"{done['url']}events/", token=done["control_token"])[1] == kept
        lost = second.result(killed)
        assert lost["status"] == "lost" and "restarted" in lost["error"]["message"]
        going = second.run(ENDLESS)
        workers = second.workers()
    finally:
        assert second.end() == 0
    assert not any(is_alive(pid) for pid in workers)
    third = Server(tmp_path)
    try:
        assert third.result(going)["status"] == "lost" and "shut down" in third.result(going)["error"]["message"]
    finally:
        third.end()
