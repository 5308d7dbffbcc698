"""The probe's own worker: enters the lockdown as every worker does, and reports whether everything held.

Run as `python -m playground.sandbox.trial EVENTS_FD COMMANDS_FD ORDERS`.
"""

from __future__ import annotations

import json
import os
import struct
import sys

from playground.sandbox import lockdown


def main() -> None:
    """Lock down and send one frame: empty where every door was shut, else what was not."""
    try:
        lockdown.enter(**json.loads(sys.argv[3]))
        report = ""
    except Exception as error:
        report = f"{type(error).__name__}: {error}"
    payload = report.encode()
    os.write(int(sys.argv[1]), struct.pack("<I", len(payload)) + payload)


if __name__ == "__main__":
    main()
