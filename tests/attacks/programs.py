"""How attacks are written down: a program, and how its run must end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.serving import Server

# What a refused attempt may raise. Any other exception is a mistake of the attack, and fails its test.
REFUSED = """
def attempt(what):
    try:
        got = what()
    except (OSError, ImportError) as error:
        print("refused")
    except (ValueError, RuntimeError) as error:
        print("refused" if "not allowed to raise" in str(error) or "is not available" in str(error) else repr(error))
    else:
        print("open:", repr(got)[:200])
"""

# A program's own way to the wire of its worker, past the engine and the recorder.
WIRE = """
import msgspec, os, struct, time
pack = msgspec.msgpack.encode
def writable(fd):
    try:
        return os.write(fd, b"") == 0
    except OSError:
        return False
wire = next(fd for fd in range(3, 64) if writable(fd))
def raw(data):
    while data:
        data = data[os.write(wire, data):]
def send(message):
    payload = message if isinstance(message, bytes) else pack(message)
    raw(struct.pack("<I", len(payload)) + payload)
"""


@dataclass(frozen=True)
class Ends:
    """How a run must end. `says` stands in the error's message, `prints` is the whole of stdout."""

    status: str
    limit: str | None = None
    says: str = ""
    prints: str | None = None
    fields: dict[str, Any] = field(default_factory=dict)  # of the request


FINISHED = Ends("finished")
TIMEOUT = Ends("timeout", "time", "longest that a run may take", fields={"time_limit_s": 0.6})


def cases(programs: dict[str, tuple[str, Ends]]) -> pytest.MarkDecorator:
    """A table of attacks as parameters of a test."""
    return pytest.mark.parametrize(
        ("program", "ends"), [pytest.param(program, ends, id=name) for name, (program, ends) in programs.items()]
    )


def check(server: Server, program: str, ends: Ends) -> dict[str, Any]:
    """Run an attack; the result, which is as it must be, and which can be read like any other."""
    result = server.run(program, **ends.fields)
    error = result["error"]
    assert result["status"] == ends.status, (result["status"], error, result["stdout"][:300])
    assert (error["limit"] if error else None) == ends.limit, error
    assert error is None or ends.says in error["message"], error
    if ends.prints is not None:
        assert result["stdout"] == ends.prints
    page = server.read(result, "events/?limit=200")
    assert [event["seq"] for event in page["events"]] == list(range(1, len(page["events"]) + 1))
    last = server.read(result, f"events/?after={page['last'] - 1}")["events"]
    assert [(event["type"], event["status"]) for event in last] == [("finished", ends.status)]
    assert server.read(result)["status"] == ends.status
    return result
