"""Forged messages: a worker taken over by its program can lie about its own run, and about nothing else."""

from __future__ import annotations

import time

from tests.attacks.programs import FINISHED, WIRE, Ends, cases, check
from tests.serving import Server

REFUSED = Ends("killed", "messages", "sent", fields={"time_limit_s": 5})
REFUSED_MESSAGES = {
    "an end": '{"type": "finished", "v": 1, "seq": 9, "t": 0.0, "status": "finished", "duration_s": 0.0, "steps": 1}',
    "a status": '{"type": "status", "status": "queued", "place": 1}',
    "another run's": '{"type": "stdout", "text": "x", "run_id": "0" * 32}',
    "an unknown type": '{"type": "exec", "code": "1"}',
    "no type": '{"text": "x"}',
    "a list": "[1, 2, 3]",
    "nothing": 'b""',
    "junk": "os.urandom(400)",
    "invalid UTF-8": 'b"\\x82\\xa4type\\xa6stdout\\xa4text\\xa3\\xed\\xa0\\x80"',
    "text for bytes": '{"type": "file", "name": "a", "offset": 0, "size": 1, "data": "x"}',
    "a page for a picture": '{"type": "figure", "name": "a", "mime": "text/html", "data": b"<script>"}',
    "a stream of its own": '{"type": "stdout", "text": "x", "stream": "<script>"}',
    "a tensor of names": '{"type": "tensor", "node": "x", "step": 1, "what": "value", "values": {"a": 1}}',
    "a tensor too deep": '{"type": "tensor", "node": "x", "step": 1, "what": "value", '
    '"values": eval("[" * 60 + "]" * 60)}',
    "a frame with half a row": '{"type": "frame", "graph": "g", "step": 1, "index": bytes(4), "stats": bytes(55)}',
    "nested without end": 'b"\\x81\\xa6values" + b"\\x91" * 200_000 + b"\\xc0"',
    "a tree without end": (
        'b"\\x86\\xa4type\\xa5graph\\xa5graph\\xa1g\\xa4step\\x01\\xa5nodes\\x90\\xa5edges\\x90\\xa7modules\\x91" + '
        'b"\\x83\\xa4path\\xa1a\\xa4kind\\xa1b\\xa8children\\x91" * 5000 + b"\\x82\\xa4path\\xa1a\\xa4kind\\xa1b"'
    ),
}
# A message, and how the run ends that says it and goes on to its end.
BORNE = {
    "numbers that are none": '{"type": "frame", "graph": None, "step": 1, "loss": float("nan"), '
    '"metrics": {"a": float("inf")}, "points": {"loss": [[1, float("nan")], [2, float("-inf")]]}}',
    "a frame of no graph": '{"type": "frame", "graph": "zz", "step": 2**63, "index": b"\\xff" * 4, "stats": bytes(56)}',
    "large numbers": '{"type": "frame", "graph": None, "step": 2**64 - 1, "points": {"loss": [[-2**63, 1.0]]}}',
    "a graph of strangers": '{"type": "graph", "graph": "g", "step": -1, "nodes": [{"id": "a", "kind": "op"}] * 2, '
    '"edges": [{"source": "q", "target": "z"}]}',
    "the same number twice": '{"type": "stdout", "text": "x", "seq": 1, "v": 99, "t": -1e300}',
    "NUL": '{"type": "stdout", "text": "a\\0b"}',
    "a plane without end": '{"type": "boundary", "step": 1, "x0": 0.0, "x1": float("nan"), "y0": 0.0, "y1": 1.0, '
    '"rows": 10**9, "columns": 10**9, "classes": -1, "grid": b"", "points": b"abc"}',
    "a slider": '{"type": "param", "name": "<img src=x>", "value": float("nan"), "min": float("inf"), "max": 0.0}',
    "a file of another place": '{"type": "file", "name": "../../a\\r\\nX-Evil: 1", '
    '"offset": 0, "size": 2**62, "data": b"x"}',
    "a file before its begin": '{"type": "file", "name": "a", "offset": -5, "size": -1, "data": b"x"}',
    "being ready twice": '{"type": "ready", "engine_version": "9" * 1000, "devices": ["gpu"]}',
    "a tensor": '{"type": "record", "tensor": {"type": "tensor", "node": "x", "step": 1, "what": "value", '
    '"shape": [2**62, -1], "values": [float("nan"), 2**64 - 1], "dtype": "<b>"}}',
}


@cases({name: (f"{WIRE}send({message})\ntime.sleep(9)", REFUSED) for name, message in REFUSED_MESSAGES.items()})
def test_refused(server: Server, program: str, ends: Ends) -> None:
    check(server, program, ends)


@cases({name: (f"{WIRE}send({message})", FINISHED) for name, message in BORNE.items()})
def test_borne(server: Server, program: str, ends: Ends) -> None:
    """What is believed of a program about itself can be read like the rest of its record."""
    result = check(server, program, ends)
    for path in (
        "events/?format=msgpack",
        "recording/",
        "tensors/x/?slice=0:2",
        "files/a",
        "files/..%2F..%2Fa%0D%0AX-Evil:%201",
    ):
        answer = server.ask("GET", result["url"] + path, X_Run_Token=result["control_token"])
        assert answer.status in (200, 404), (path, answer.body)
        assert answer.headers["X-Evil"] is None


FRAMES = {
    "a length without end": 'raw(struct.pack("<I", 2**32 - 1) + b"abc")',
    "a length just over": 'raw(struct.pack("<I", (256 << 10) + 1))',
    "a length of nothing": 'raw(struct.pack("<I", 0))',
    "no frames at all": 'raw(b"\\xff" * 9999)',
}


@cases({name: (f"{WIRE}{frame}\ntime.sleep(9)", REFUSED) for name, frame in FRAMES.items()})
def test_frames(server: Server, program: str, ends: Ends) -> None:
    check(server, program, ends)


def test_half_a_frame(server: Server) -> None:
    check(server, f'{WIRE}raw(struct.pack("<I", 100) + b"abc")\nos._exit(0)', FINISHED)


CLOSINGS = {
    "finished, and running on": ('{"type": "closing", "status": "finished"}', FINISHED),
    "a status that is not its to give": ('{"type": "closing", "status": "stopped"}', FINISHED),
    "lost": ('{"type": "closing", "status": "lost"}', FINISHED),
    "no status": ('{"type": "closing", "status": "<script>", "steps": -5}', FINISHED),
    "gradients that are none": (
        '{"type": "closing", "status": "finished", "gradients": {"<b>": {"mean": float("nan"), "shape": [-1]}}}',
        FINISHED,
    ),
    "a failure": (
        '{"type": "closing", "status": "failed", "error": {"type": "E", "message": "m", "line": 2**60}}',
        Ends("failed", None, "m"),
    ),
}


@cases({name: (f"{WIRE}send({message})\nwhile True: pass", ends) for name, (message, ends) in CLOSINGS.items()})
def test_closing(server: Server, program: str, ends: Ends) -> None:
    """A program that says that it has ended is taken at its word, and ended."""
    began = time.monotonic()
    check(server, program, ends)
    assert time.monotonic() - began < 20  # and not at the limit of 60 s, however loaded the machine is


def test_being_paused_by_its_own_word_wins_no_time(server: Server) -> None:
    program = f'{WIRE}send({{"type": "held", "paused": True}})\nwhile True: pass'
    result = server.run(program, time_limit_s=0.5)
    assert (result["status"], result["error"]["limit"]) == ("timeout", "time")
    statuses = [event["status"] for event in server.read(result, "events/")["events"] if event["type"] == "status"]
    assert "paused" not in statuses


def test_reads_only_its_own_commands(server: Server) -> None:
    """What the supervisor says to a run names no other, and tells no token."""
    other = server.run("1")
    program = """import os
for fd in range(3, 64):
    try:
        os.set_blocking(fd, False)
        print(os.read(fd, 65536))
    except OSError:
        pass
"""
    told = server.run(program)["stdout"]
    assert other["id"] not in told and "token" not in told
