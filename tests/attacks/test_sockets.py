"""Sockets: false origins, junk, and readers that never read."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests.serving import Server

Run = dict[str, Any]


@pytest.fixture
def run(server: Server) -> Iterator[Run]:
    """A run under way."""
    run = server.start("import time\nprint('on', flush=True)\ntime.sleep(30)")
    yield run
    server.control(run, "stop")


def opened(server: Server, run: Run, query: str = "", token: str | None = None, **options: Any) -> ClientConnection:
    """A socket of a run."""
    token = run["control_token"] if token is None else token
    address = f"ws://127.0.0.1:{server.port}{run['websocket']}?format=json&token={token}{query}"
    return connect(address, compression=None, **options)


def code_of(open_it: Callable[[], ClientConnection], *messages: str | bytes) -> int:
    """With what code the server closes a socket, once these messages have been sent."""
    try:
        with open_it() as client:
            for message in messages:
                client.send(message)
            while True:
                client.recv(timeout=5)
    except ConnectionClosed as closed:
        # 1006: the connection was reset, as it is when the server closes while we are still sending
        return 1006 if closed.rcvd is None else closed.rcvd.code


def test_origins(server: Server, run: Run) -> None:
    for origin in (
        "https://evil.example",
        "null",
        f"http://127.0.0.1.evil.example:{server.port}",
        f"http://evil.example/?http://127.0.0.1:{server.port}",
        f"http://127.0.0.1:{server.port + 1}",
        "http://[::1",
        "file://",
        "javascript://127.0.0.1",
    ):
        assert code_of(lambda origin=origin: opened(server, run, origin=origin)) == 4403, origin
    with opened(server, run, origin=f"http://127.0.0.1:{server.port}") as client:
        assert json.loads(client.recv(timeout=5))["seq"] == 1


def test_rights(server: Server, run: Run) -> None:
    other = server.run("1")
    assert code_of(lambda: opened(server, run, token="")) == 4401
    for token in ("A" * 32, other["control_token"], run["id"], "%00", "%ff", "x" * 5000):
        assert code_of(lambda token=token: opened(server, run, token=token)) == 4403, token


def test_addresses(server: Server, run: Run) -> None:
    for path in ("/ws/runs/" + "0" * 32 + "/", "/ws/runs/%00/", "/ws/runs/..%2f/", "/ws/", "/ws/runs/a%20b/", "/x"):
        answered = code_of(lambda path=path: opened(server, {**run, "websocket": path}))
        assert answered == 4404, path
    for query in ("&after=-1", "&after=1e9", "&after=%00", "&after=" + "9" * 40, "&format=exe", "&after=%D9%A1"):
        assert code_of(lambda query=query: opened(server, run, query)) == 4400, query


JUNK: dict[str, tuple[str | bytes, tuple[int, ...]]] = {
    "no JSON": ("hello", (4400,)),
    "nothing": ("", (4400,)),
    "a list": ("[1]", (4400,)),
    "null": ("null", (4400,)),
    "an unknown type": ('{"type": "exec", "code": "1"}', (4400,)),
    "another type's fields": ('{"type": "stop", "run": "x"}', (4400,)),
    "a start": ('{"type": "start", "code": "print(1)"}', (4400,)),
    "nodes of no list": ('{"type": "subscribe", "nodes": "everything"}', (4400,)),
    "a number that is none": ('{"type": "set_param", "name": "a", "value": NaN}', (4400,)),
    "a number over the edge": ('{"type": "set_param", "name": "a", "value": 1e999}', (4400,)),
    "a name without end": ('{"type": "set_param", "name": "' + "a" * 900 + '", "value": 1}', (4400,)),
    "a node without end": ('{"type": "inspect", "node": "' + "a" * 900 + '"}', (4400,)),
    "a slice without end": ('{"type": "inspect", "node": "a", "slice": "' + "0," * 200 + '"}', (4400,)),
    "half a character": ('{"type": "inspect", "node": "\\ud800"}', (4400,)),
    "deep": ('{"type": "subscribe", "nodes": ' + "[" * 20_000 + "]" * 20_000 + "}", (4400,)),
    "bytes": (bytes(100), (4400,)),
    "bytes of a message": (b'{"type": "stop"}', (4400,)),
    "100 KB": ('{"type": "stop", "x": "' + "a" * 100_000 + '"}', (4400, 1009)),
    "10 MB": ("a" * (10 << 20), (1009, 1006)),
}


def test_junk(server: Server, run: Run) -> None:
    for name, (message, codes) in JUNK.items():
        assert code_of(lambda: opened(server, run, max_size=None), message) in codes, name
    assert server.read(run)["status"] in ("starting", "running")


def test_a_flood_of_messages(server: Server, run: Run) -> None:
    assert code_of(lambda: opened(server, run), *(['{"type": "resume"}'] * 300)) == 4429
    assert server.read(run)["status"] in ("starting", "running")


def test_a_reader_of_a_snippet_controls_nothing(server: Server) -> None:
    done = server.run("print(1)")
    token = {"X-Run-Token": done["control_token"]}
    assert server.ask("POST", "/api/snippets/", {"code": "print(1)", "run": done["id"]}, **token).status == 201
    for action in ("stop", "pause", "step", "resume"):
        assert code_of(lambda: opened(server, done, token=""), json.dumps({"type": action})) == 4403
    for action in ("stop", "pause"):
        assert server.ask("POST", f"{done['url']}{action}/").status in (401, 403)


def test_many_readers_that_never_read(server: Server) -> None:
    run = server.start("import time\nend = time.monotonic() + 3\nwhile time.monotonic() < end: print('x' * 1000)")
    before = server.memory_mb()
    plugs = []
    for _ in range(10):
        plug = socket.create_connection(("127.0.0.1", server.port))
        plug.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        path = f"{run['websocket']}?token={run['control_token']}"
        plug.sendall(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        plugs.append(plug)
    try:
        began = time.monotonic()
        assert server.run("print(1)")["stdout"] == "1\n"
        # And not only when the readers have been given up; a loaded machine needs its time.
        assert time.monotonic() - began < 15
        assert server.ended(run, 6)["status"] == "finished"
        assert server.memory_mb() - before < 80
    finally:
        for plug in plugs:
            plug.close()


def test_handshakes_that_are_none(server: Server, run: Run) -> None:
    for lines in ("Sec-WebSocket-Version: 99", "Sec-WebSocket-Key: x", "Upgrade: exe", "Connection: close"):
        with socket.create_connection(("127.0.0.1", server.port), timeout=3) as plug:
            plug.sendall(f"GET {run['websocket']} HTTP/1.1\r\nHost: 127.0.0.1\r\n{lines}\r\n\r\n".encode())
            assert plug.recv(12)[9:10] == b"4", lines
    with pytest.raises(InvalidStatus):
        opened(server, run, additional_headers={"Host": "evil.example"}).close()
