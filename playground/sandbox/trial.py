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
    """Import what workers import, lock down, compute a little, and send one frame: empty if all is well."""
    import numpy

    try:
        lockdown.enter(**json.loads(sys.argv[3]))
        matrix = numpy.ones((64, 64))
        report = "" if float((matrix @ matrix).sum()) == 64**3 else "the matrix product is wrong inside it"
    except Exception as error:
        report = f"{type(error).__name__}: {error}"
    payload = report.encode()
    os.write(int(sys.argv[1]), struct.pack("<I", len(payload)) + payload)


if __name__ == "__main__":
    main()
