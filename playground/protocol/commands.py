"""What people ask of a run: messages of a page's socket, and what the supervisor tells the child."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from playground.protocol.values import What

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class Command(msgspec.Struct, tag_field="type", tag=str.lower, kw_only=True, forbid_unknown_fields=True):
    """Base of everything that is told to a run."""


class Pause(Command, tag="pause"):
    """Hold the program before its next operation."""


class Resume(Command, tag="resume"):
    """Let a held program go on."""


class Step(Command, tag="step"):
    """Let a held program go on to the end of its next training step (its next `backward()`), then hold it again."""


class Stop(Command, tag="stop"):
    """End the program; what it has produced stays."""


class SetParam(Command, tag="set_param", kw_only=True):
    """Give a slider of the program another value."""

    name: Name
    value: float


class Inspect(Command, tag="inspect", kw_only=True):
    """Ask for one tensor's numbers; `slice` is written as in Python, without brackets ("0, :10"). Step null: newest."""

    node: Name
    step: int | None = None
    what: What = "value"
    slice: Annotated[str, msgspec.Meta(max_length=200)] = ""


class Subscribe(Command, tag="subscribe", kw_only=True):
    """Say whose statistics a reader wants in its frames: node ids, or "all", or "visible" (those last named)."""

    nodes: list[Name] | Literal["visible", "all"]


class Start(Command, tag="start", kw_only=True):
    """The one program that a child runs (supervisor to child only)."""

    code: str
    device: Literal["cpu", "cuda"] = "cpu"
    seed: int | None = None
    params: dict[str, float] = {}
    frames_per_second: float = 20.0
    stdout_limit: int = 1 << 20
    files_limit: int = 16 << 20


ClientMessage = Subscribe | Pause | Resume | Step | Stop | SetParam | Inspect
ChildCommand = Start | Pause | Resume | Step | Stop | SetParam | Inspect

_client = msgspec.json.Decoder(ClientMessage)


def parse_client_message(text: str | bytes) -> ClientMessage:
    """The message in a text frame of a page's socket.

    Raises `msgspec.ValidationError` or `msgspec.DecodeError`, whose text names the field.
    """
    return _client.decode(text)
