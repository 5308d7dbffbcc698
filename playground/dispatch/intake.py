"""What a run may say: every message of a child is counted and checked here before it is kept.

The child may have been taken over by its program, so each message is a claim, and each total has a lid.
"""

from __future__ import annotations

from playground.protocol.events import FileEvent, FrameEvent, TensorEvent
from playground.protocol.messages import ChildMessage, Record
from playground.protocol.values import STATISTICS
from playground.protocol.wire import MAX_MESSAGES, MAX_TOTAL

MAX_RECORDS = 8 << 20  # bytes of the side record
MOST_RECORDED = 4 * MAX_RECORDS  # what comes beyond the record is dropped; beyond this it is a flood
MAX_FILES = 17 << 20  # bytes of saved files on the wire: 16 MB and their frames
_MAX_DEPTH = 16
_NUMBERS = {type(None), bool, int, float}
_NESTED = _NUMBERS | {list}
_ROW_BYTES = 2 * 4 * len(STATISTICS)  # of a node in a frame: its value and its gradient, in float32


class OverLimit(Exception):
    """The run said more than it may; `limit` names which total."""

    def __init__(self, limit: str, message: str) -> None:
        super().__init__(message)
        self.limit = limit


class Intake:
    """Counts what one run has said."""

    def __init__(self) -> None:
        self.messages = 0
        self.said = 0
        self.recorded = 0
        self.saved = 0

    def admits(self, message: ChildMessage, size: int) -> bool:
        """Whether to keep a message of `size` bytes.

        False for a line of the side record that no longer fits. Raises `OverLimit` where the run must end.
        """
        self.messages += 1
        if self.messages > MAX_MESSAGES:
            raise OverLimit("messages", f"The program sent over {MAX_MESSAGES} messages, the most that a run may send.")
        if isinstance(message, Record):
            self.recorded += size
            if self.recorded > MOST_RECORDED:
                raise OverLimit("messages", "The program's process sent far more tensors than a run may record.")
            return self.recorded <= MAX_RECORDS and is_numbers(message.tensor.values)
        elif isinstance(message, FileEvent):
            self.saved += size
            if self.saved > MAX_FILES:
                raise OverLimit("files", "The program saved over 16 MB of files, the most that a run may keep.")
        else:
            self.said += size
            if self.said > MAX_TOTAL:
                raise OverLimit("output", f"The program produced over {MAX_TOTAL >> 20} MB, the most that a run may.")
            if isinstance(message, TensorEvent) and not is_numbers(message.values):
                raise OverLimit("messages", "The program's process sent a tensor that is none.")
            if isinstance(message, FrameEvent) and not _is_whole(message):
                raise OverLimit("messages", "The program's process sent a frame that is none.")
        return True


def is_numbers(value: object, depth: int = 0) -> bool:
    """Whether `value` is null, a number or nested lists of these: what a tensor's exact numbers may be."""
    if not isinstance(value, list):
        return type(value) in _NUMBERS
    if depth >= _MAX_DEPTH:
        return False
    kinds = set(map(type, value))  # a flood of long lists must not keep the supervisor busy
    return kinds <= _NUMBERS or (kinds <= _NESTED and all(is_numbers(item, depth + 1) for item in value))


def _is_whole(frame: FrameEvent) -> bool:
    """Whether a frame has a packed row for each position, so that any reader can unpack it."""
    rows, rest = divmod(len(frame.index), 4)
    return rest == 0 and len(frame.stats) == rows * _ROW_BYTES
