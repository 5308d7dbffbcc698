"""Makes children for the tests: imports what they need once, then forks one for each pair of pipes that it is sent.

What is run is the child's own entry; only its imports have been done before. Not a test.
"""

from __future__ import annotations

import os
import signal
import socket
import sys

from playground.runner.__main__ import run


def main(wire: socket.socket) -> None:
    """Serve until the tests have ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        word, descriptors, _, _ = socket.recv_fds(wire, 1, 2)
        if not word:
            return
        if os.fork() == 0:
            wire.close()
            try:
                run(*descriptors, None)
            finally:
                os._exit(1)
        for descriptor in descriptors:
            os.close(descriptor)


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])))
