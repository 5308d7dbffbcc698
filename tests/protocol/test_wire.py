"""The wire: what goes in comes out, and what is no message is refused."""

from __future__ import annotations

import msgspec
import pytest

from playground.protocol import commands, events, messages, values, wire

MESSAGES = [
    messages.Ready(engine_version="0.1.0", devices=["cpu"]),
    messages.Held(paused=True),
    messages.Closing(status="finished", steps=3, gradients={"w": values.GradientStatistics(shape=[2, 3], mean=0.5)}),
    messages.Record(tensor=events.TensorEvent(node="a", step=1, what="grad", values=[[1.0, 2.0]], shape=[1, 2])),
    events.GraphEvent(
        graph="g",
        step=1,
        nodes=[values.Node(id="a", kind="op", op="add", shape=[2])],
        edges=[values.Edge(source="a", target="b", argument="other")],
        modules=[values.Module(path="0", kind="Linear", children=[values.Module(path="0.x", kind="ReLU")])],
    ),
    events.FrameEvent(graph="g", step=2, loss=0.5, points={"loss": [(1, 0.6), (2, 0.5)]}, index=b"\0" * 4),
    events.StdoutEvent(text="schön\n", stream="stderr"),
    events.ErrorEvent(error=values.Problem(type="ValueError", message="no"), message="no", line=3),
]


@pytest.mark.parametrize("message", MESSAGES, ids=lambda m: type(m).__name__)
def test_a_message_survives_the_wire(message: msgspec.Struct) -> None:
    assert wire.decode_message(wire.encode(message)) == message


@pytest.mark.parametrize(
    "command",
    [commands.Start(code="x = 1", seed=3), commands.Stop(), commands.Inspect(node="a", slice="0, :3")],
    ids=lambda c: type(c).__name__,
)
def test_a_command_survives_the_wire(command: commands.Command) -> None:
    assert wire.decode_command(wire.encode_command(command)) == command


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\xff",
        msgspec.msgpack.encode({"type": "status", "status": "finished"}),  # only the supervisor says this
        msgspec.msgpack.encode({"type": "finished", "status": "finished", "duration_s": 1, "steps": 1}),
        msgspec.msgpack.encode({"type": "stdout", "text": 3}),
        msgspec.msgpack.encode({"type": "stdout", "text": "a", "run": "another"}),
        msgspec.msgpack.encode({"type": "stdout"}),
        msgspec.msgpack.encode(["stdout"]),
        b"\xa3" + b"\xed\xa0\x80",  # a lone surrogate
        b"\x81" * 100_000,  # deeper than any message
    ],
    ids=lambda p: repr(p[:12]),
)
def test_what_is_no_message_is_refused(payload: bytes) -> None:
    with pytest.raises(wire.WireError):
        wire.decode_message(payload)


def test_deep_nesting_inside_a_message_is_refused() -> None:
    head = msgspec.msgpack.encode({"type": "record", "tensor": 0})[:-1]
    with pytest.raises(wire.WireError):
        wire.decode_message(head + b"\x91" * 100_000)


def test_a_frame_says_its_length_and_has_a_limit() -> None:
    framed = wire.frame(b"abc")
    assert wire.frame_length(framed[:4]) == 3 and framed[4:] == b"abc"
    assert wire.frame_length(wire.frame(b"x" * wire.MAX_FRAME)[:4]) == wire.MAX_FRAME
    with pytest.raises(wire.WireError, match="over the limit"):
        wire.frame_length((wire.MAX_FRAME + 1).to_bytes(4, "little"))
