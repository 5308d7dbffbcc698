"""The worker of these tests: locks itself down, then runs each program that it is sent and answers what became of it.

An answer is the `repr` of what the program left in `answer`, or the kind and the text of what it raised.
"""

from __future__ import annotations

import json
import os
import struct
import sys
import threading

from playground.sandbox import lockdown


def _read(wire: int, size: int) -> bytes:
    """Exactly `size` bytes of a wire; the worker ends where it does."""
    data = b""
    while len(data) < size:
        part = os.read(wire, size - len(data))
        if not part:
            os._exit(0)
        data += part
    return data


def main() -> None:
    """Run as `python -m tests.sandbox.child EVENTS_FD COMMANDS_FD ORDERS`; answers "ready" first."""
    events, commands, orders = int(sys.argv[1]), int(sys.argv[2]), json.loads(sys.argv[3])
    early = threading.Event()
    if orders["level"] == "A":
        threading.Thread(target=early.wait, daemon=True).start()  # a thread from before the filter lives on under it
    import numpy as np

    np.ones((8, 8)) @ np.ones((8, 8))
    lockdown.enter(**orders)
    text = "ready"
    while True:
        payload = text.encode()
        os.write(events, struct.pack("<I", len(payload)) + payload)
        program = _read(commands, *struct.unpack("<I", _read(commands, 4))).decode()
        space: dict[str, object] = {"events": events, "early": early, "np": np}
        try:
            exec(program, space)
            text = repr(space.get("answer"))
        except BaseException as error:
            text = f"{type(error).__name__}: {error}"


if __name__ == "__main__":
    main()
