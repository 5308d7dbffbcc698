"""Malformed requests: each is refused in words that name what is wrong; never a 500, never half a record."""

from __future__ import annotations

import json
import socket
from typing import Any

import pytest

from tests.serving import Server

ODD = "\u202e\U0001f4a9"
BODIES: dict[str, tuple[bytes, int, str | None]] = {
    "no body": (b"", 400, "code"),
    "NUL": (b"\0", 400, None),
    "no JSON": (b"code=1", 400, None),
    "half of it": (b'{"code": "1"', 400, None),
    "more than one": (b'{"code": "1"} {}', 400, None),
    "a byte order mark": (b'\xef\xbb\xbf{"code": "1"}', 400, None),
    "a list": (b"[]", 400, None),
    "null": (b"null", 400, None),
    "a number": (b"7", 400, None),
    "no code": (b"{}", 400, "code"),
    "code of no text": (b'{"code": ["1"]}', 400, "code"),
    "code null": (b'{"code": null}', 400, "code"),
    "code with NUL": (b'{"code": "1\\u0000"}', 400, "code"),
    "half a character": (b'{"code": "\\ud800"}', 400, None),
    "invalid UTF-8": (b'{"code": "\xff\xfe"}', 400, None),
    "deep": (b'{"code": "1", "params": ' + b'{"a":' * 9000 + b"1" + b"}" * 9001, 400, "params"),
    "deep lists": (b"[" * 100_000, 400, None),
    "params of text": (b'{"code": "1", "params": {"a": "x"}}', 400, "params"),
    "params over the edge": (b'{"code": "1", "params": {"a": 1e999}}', 400, "params"),
    "params in a list": (b'{"code": "1", "params": [1]}', 400, "params"),
    "params with NUL": (b'{"code": "1", "params": {"\\u0000": 1}}', 400, "params"),
    "a thousand params": (
        json.dumps({"code": "1", "params": dict.fromkeys(map(str, range(1000)), 1)}).encode(),
        400,
        "params",
    ),
    "a large seed": (b'{"code": "1", "seed": 99999999999999999999}', 400, "seed"),
    "half a seed": (b'{"code": "1", "seed": 0.5}', 400, "seed"),
    "an unknown device": (b'{"code": "1", "device": "tpu"}', 400, "device"),
    "a device of no text": (b'{"code": "1", "device": {}}', 400, "device"),
    "code too long": (json.dumps({"code": "#" * (257 << 10)}).encode(), 413, "code"),
    "code too long in UTF-8": (json.dumps({"code": "é" * (130 << 10)}).encode(), 413, "code"),
    "5 MB": (b'{"code": "' + b"#" * (5 << 20) + b'"}', 413, None),
}
RUN_BODIES: dict[str, tuple[bytes, int, str | None]] = {
    "no time": (b'{"code": "1", "time_limit_s": 0}', 400, "time_limit_s"),
    "negative time": (b'{"code": "1", "time_limit_s": -1}', 400, "time_limit_s"),
    "time NaN": (b'{"code": "1", "time_limit_s": NaN}', 400, None),
    "time Infinity": (b'{"code": "1", "time_limit_s": Infinity}', 400, None),
    "time over the edge": (b'{"code": "1", "time_limit_s": 1e999}', 400, "time_limit_s"),
    "wait of text": (b'{"code": "1", "wait": "yes"}', 400, "wait"),
    "no GPU": (b'{"code": "1", "device": "gpu"}', 503, "device"),
}
SNIPPET_BODIES: dict[str, tuple[bytes, int, str | None]] = {
    "a title of no text": (b'{"code": "1", "title": 5}', 400, "title"),
    "a long title": (json.dumps({"code": "1", "title": "x" * 300}).encode(), 400, "title"),
    "a view of no object": (b'{"code": "1", "view": []}', 400, "view"),
    "a deep view": (b'{"code": "1", "view": ' + b'{"a":' * 100 + b"1" + b"}" * 101, 400, "view"),
    "a large view": (json.dumps({"code": "1", "view": {"a": "x" * 70_000}}).encode(), 413, "view"),
    "an odd parent": (json.dumps({"code": "1", "parent": "../" + ODD}).encode(), 400, "parent"),
    "an odd run": (json.dumps({"code": "1", "run": ODD}).encode(), 400, "run"),
    "a run that is none": (json.dumps({"code": "1", "run": "0" * 32}).encode(), 400, "run"),
}
ALL = [
    pytest.param(path, *case, id=f"{path.split('/')[2]} {name}")
    for path, table in (("/api/runs/", BODIES | RUN_BODIES), ("/api/snippets/", BODIES | SNIPPET_BODIES))
    for name, case in table.items()
]


def refused(answer: Any, status: int) -> dict[str, Any]:
    """What an answer says is wrong."""
    assert answer.status == status, (answer.status, answer.body[:300])
    error = answer.json["error"]
    assert set(error) == {"code", "message", "field"} and error["message"].strip()
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    return error  # type: ignore[no-any-return]


def test_bodies(server: Server) -> None:
    for case in ALL:
        path, body, status, field = case.values
        assert refused(server.ask("POST", path, body), status)["field"] == field, case.id


def test_kinds_of_content(server: Server) -> None:
    """What a body says of itself changes nothing: it is JSON or it is refused."""
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "\xff/\xfe"):
        refused(server.ask("POST", "/api/runs/", b"code=1&wait=true", Content_Type=kind), 400)
        refused(server.ask("POST", "/api/snippets/", b'--x\r\n\r\n{"code": "1"}\r\n--x--', Content_Type=kind), 400)


def test_methods(server: Server) -> None:
    for method in ("GET", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"):
        answer = server.ask(method, "/api/runs/", b"{}")
        assert refused(answer, 405)["message"] and answer.headers["Allow"]
    for path in ("/api/health/", "/api/lessons/", "/", "/lessons/"):
        assert server.ask("POST", path, b"{}").status in (403, 405), path


UNKNOWN = [
    "%00", "%ff%fe", "%2e%2e", "..%2f..%2fetc%2fpasswd", "%0d%0aX-Evil:1", "a" * 32, "a" * 4000, "%ED%A0%80",
    "%E2%80%AE", "%F0%9F%92%A9", "1'--", "<script>", "{{7*7}}", "${7*7}", "null", "-1", "0x10", "%25s%25n", "*", "a;b",
]  # fmt: skip


def test_ids_of_nothing(server: Server) -> None:
    for odd in UNKNOWN:
        for path in (
            f"/api/runs/{odd}/",
            f"/api/runs/{odd}/events/",
            f"/api/runs/{odd}/tensors/x/",
            f"/api/snippets/{odd}/",
        ):
            answer = server.ask("GET", path)
            assert refused(answer, 404) and answer.headers["X-Evil"] is None
        for path in (f"/api/runs/{odd}/stop/", f"/api/snippets/{odd}/fork/"):
            refused(server.ask("POST", path, b"{}"), 404)
        for path in (f"/s/{odd}/", f"/s/{odd}/embed/", f"/lessons/{odd}/", f"/static/{odd}", f"/{odd}x"):
            answer = server.ask("GET", path)
            assert answer.status == 404 and b"<script>alert" not in answer.body and b"Traceback" not in answer.body


def test_files_of_the_server_are_not_served(server: Server) -> None:
    for path in (
        "/static/../manage.py",
        "/static/%2e%2e/%2e%2e/manage.py",
        "/static/..%2f..%2fplayground/settings.py",
        "/static//etc/passwd",
        "/static/%2fetc%2fpasswd",
        "/.git/config",
        "/data/db.sqlite3",
        "/db.sqlite3",
        "/secret_key",
        "/manage.py",
        "/lessons/../../etc/passwd",
        "//etc/passwd",
    ):
        assert server.ask("GET", path).status == 404, path


@pytest.fixture(scope="module")
def run(server: Server) -> dict[str, Any]:
    """A run with a tensor, as its owner sees it."""
    made = server.run("import torch\nx = torch.ones(3, requires_grad=True)\n(x * x).sum().backward()")
    graph = next(event for event in server.read(made, "events/")["events"] if event["type"] == "graph")
    return {**made, "tensor": f"{made['url']}tensors/{graph['nodes'][0]['id']}/", "events_url": f"{made['url']}events/"}


NUMBERS = [
    "-1",
    "1e9",
    "NaN",
    "Infinity",
    "0x1",
    "",
    "%00",
    "%D9%A1",
    "9" * 30,
    "9" * 3000,
    "1%0d%0aX-Evil:1",
    "[]",
    "1.0",
]


@pytest.mark.parametrize(("where", "field"), [("events_url", "after"), ("events_url", "limit"), ("tensor", "step")])
def test_numbers(server: Server, run: dict[str, Any], where: str, field: str) -> None:
    for odd in NUMBERS:
        answer = server.ask("GET", f"{run[where]}?{field}={odd}", X_Run_Token=run["control_token"])
        assert refused(answer, 400)["field"] == field, odd


SLICES = [
    "0:1e9", "__import__('os')", "%00", "::-1", "::0", "...", "None", "True", "0;0", "0,0,0", "5", "-9", "0:0:0:0",
    "1" * 300, "%ff", "x", "[0]", ",", "0,", "9" * 20, "%E2%88%921", "%D9%A1",
    "lambda:0", "0)+(0",
]  # fmt: skip


def test_slices(server: Server, run: dict[str, Any]) -> None:
    for odd in SLICES:
        answer = server.ask("GET", f"{run['tensor']}?slice={odd}", X_Run_Token=run["control_token"])
        assert refused(answer, 400)["field"] == "slice", odd
    for good, values in (("0:999999999", [1.0, 1.0, 1.0]), ("-1", 1.0), (":", [1.0] * 3), ("2:1", [])):
        answer = server.ask("GET", f"{run['tensor']}?slice={good}", X_Run_Token=run["control_token"])
        assert answer.json["values"] == values, good
    for field in ("what=__class__", "what=VALUE"):
        refused(server.ask("GET", f"{run['tensor']}?{field}", X_Run_Token=run["control_token"]), 400)


def test_long_names_of_nodes_end_no_run(server: Server) -> None:
    run = server.start("print('on', flush=True)\nwhile True: pass")
    for odd in ("n" * 201, "n" * 5000, "%00", "%ED%A0%80", ODD.encode().hex()):
        answer = server.ask("GET", f"{run['url']}tensors/{odd}/", X_Run_Token=run["control_token"])
        assert refused(answer, 404)
    assert server.read(run)["status"] == "running"
    server.control(run, "stop")


RAW: dict[str, tuple[bytes, tuple[bytes, ...]]] = {
    "another protocol": (b"\x16\x03\x01\x02\x00" + bytes(50), (b"400", b"")),
    "junk": (b"\xff" * 100 + b"\r\n\r\n", (b"400", b"")),
    "NUL in a header": (b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nA: \0\r\n\r\n", (b"400",)),
    "another host": (b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", (b"400",)),
    "another host's address": (b"GET http://evil.example/api/x HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", (b"404",)),
    "two lengths": (b"POST /api/runs/ HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 9\r\n\r\n1", (b"400",)),
    "negative length": (b"POST /api/runs/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -5\r\n\r\n", (b"400", b"413")),
    "a wrong chunk": (
        b"POST /api/runs/ HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        (b"400", b""),
    ),
    "chunks and a length": (
        b"POST /api/runs/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"0\r\n\r\nGET /evil HTTP/1.1\r\n\r\n",
        (b"400", b""),
    ),
    "a header without end": (b"GET /api/health/ HTTP/1.1\r\nX: " + b"a" * 200_000, (b"400", b"431", b"")),
    "half a request": (b"POST /api/runs/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99\r\n\r\n{", (b"",)),
}


def first_line(port: int, data: bytes) -> bytes:
    """The first line of what the server says to some bytes; empty where it says nothing."""
    with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
        try:
            connection.sendall(data)
            return connection.recv(4096).partition(b"\r\n")[0]
        except (TimeoutError, ConnectionError):
            return b""


def test_bytes_that_are_no_request(server: Server) -> None:
    for name, (data, statuses) in RAW.items():
        line = first_line(server.port, data)
        assert any(status in line if status else not line for status in statuses), (name, line)


def test_idle_connections_keep_nobody_out(server: Server) -> None:
    idle = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(200)]
    try:
        for connection in idle[::2]:
            connection.sendall(b"GET /api/health/ HTTP/1.1\r\n")
        assert server.run("print(1)")["stdout"] == "1\n"
    finally:
        for connection in idle:
            connection.close()


def test_nothing_half_done(server: Server) -> None:
    """What was refused left no run in the queue and no snippet to be found."""
    health = server.health()
    assert health["status"] == "ok" and health["queue_length"] == 0
