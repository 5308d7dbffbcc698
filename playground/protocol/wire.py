"""The wire between supervisor and child: msgpack in frames of a length (4 bytes, little-endian) and a payload.

Parsed as data by type, never pickled; a frame over `MAX_FRAME` or of another shape is refused.
"""

from __future__ import annotations

import struct

import msgspec

from playground.protocol.commands import ChildCommand, Command
from playground.protocol.messages import ChildMessage

MAX_FRAME = 256 << 10  # bytes in one message of a child
MAX_TOTAL = 16 << 20  # bytes of all messages of one run
MAX_MESSAGES = 50_000  # messages of one run

_length = struct.Struct("<I")
_encoder = msgspec.msgpack.Encoder()
_messages = msgspec.msgpack.Decoder(ChildMessage)
_commands = msgspec.msgpack.Decoder(ChildCommand)


class WireError(ValueError):
    """A frame that is too long, or is no message."""


def encode(message: msgspec.Struct) -> bytes:
    """`message` as a payload without its frame. Raises `UnicodeEncodeError` for lone surrogates in a text."""
    return _encoder.encode(message)


def frame(payload: bytes) -> bytes:
    """`payload` behind its length."""
    return _length.pack(len(payload)) + payload


def frame_length(header: bytes) -> int:
    """The payload's length from a frame's first four bytes. Raises `WireError` over `MAX_FRAME`."""
    (length,) = _length.unpack(header)
    if length > MAX_FRAME:
        raise WireError(f"a message of {length} bytes is over the limit of {MAX_FRAME}")
    return int(length)


def decode_message(payload: bytes) -> ChildMessage:
    """What a child said. Raises `WireError`."""
    try:
        return _messages.decode(payload)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise WireError(f"a message that the protocol does not know: {error}") from None


def decode_command(payload: bytes) -> ChildCommand:
    """What the supervisor tells the child. Raises `WireError`."""
    try:
        return _commands.decode(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise WireError(f"a command that the protocol does not know: {error}") from None


def encode_command(command: Command) -> bytes:
    """A command as a payload without its frame."""
    return _encoder.encode(command)
