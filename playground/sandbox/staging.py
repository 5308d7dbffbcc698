"""The root stage: where the server runs as root, the worker's file system is laid out once in a mount namespace.

A worker must not be root, and another user often cannot reach the interpreter: it may lie in root's home folder. So
root binds what the layout names into a folder of a namespace of its own, which no other process sees, and each worker
is started in that namespace under a user id of its own. Entering it costs 2 ms and needs no path of the host's.
"""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import sys
from pathlib import Path

from playground.sandbox.layout import DEVICES, Layout

TREE = "/tmp/tree"
TOOLS = "/tmp/tools"
_NEW_MOUNTS = 0x00020000
_BIND, _RECURSIVE, _PRIVATE = 0x1000, 0x4000, 1 << 18
_libc = ctypes.CDLL(None, use_errno=True)


def stage(layout: Layout, tools: list[str]) -> int:
    """A descriptor of the namespace with `layout` at TREE and the files or folders `tools` in TOOLS.

    Raises OSError, with the kernel's reason, where this process may not make one.
    """
    script = f"import sys; sys.path.insert(0, {str(Path(__file__).parents[2])!r}); from {__name__} import main; main()"
    wanted = {"binds": layout.binds, "masks": layout.masks, "links": layout.links, "tools": tools}
    with subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={"PYTHONDONTWRITEBYTECODE": "1"},
    ) as process:
        assert process.stdin and process.stdout and process.stderr
        process.stdin.write(json.dumps(wanted).encode() + b"\n")
        process.stdin.flush()
        try:
            if process.stdout.readline() != b"staged\n":
                raise OSError(f"the root stage failed: {process.stderr.read().decode(errors='replace').strip()[-300:]}")
            return os.open(f"/proc/{process.pid}/ns/mnt", os.O_RDONLY | os.O_CLOEXEC)
        finally:
            process.stdin.close()


def main() -> None:
    """The stage's own process: lay everything out, say so, and stay until the namespace has been opened."""
    wanted = json.loads(sys.stdin.readline())
    _check("unshare", _libc.unshare(_NEW_MOUNTS))
    _mount("none", "/", "", _RECURSIVE | _PRIVATE)
    # Everything is opened before the first mount, which may cover the folder that it lies in.
    binds = [(os.open(source, os.O_PATH), TREE + place) for source, place in wanted["binds"]]
    binds += [(os.open(device, os.O_PATH), TREE + device) for device in DEVICES]
    binds += [(os.open(tool, os.O_PATH), f"{TOOLS}/{os.path.basename(tool)}") for tool in wanted["tools"]]
    os.umask(0o022)
    _mount("tmpfs", os.path.dirname(TREE), "tmpfs", 0, b"mode=755,size=1m")
    for source, place in binds:
        _bind(source, place)
    for mask in wanted["masks"]:
        _mount("tmpfs", TREE + mask, "tmpfs", 0, b"mode=755,size=4k,nr_inodes=1")
    for target, place in wanted["links"]:
        os.symlink(target, TREE + place)
    print("staged", flush=True)
    sys.stdin.read()


def _bind(source: int, place: str) -> None:
    """Bind an open file or folder to a place, which is made."""
    os.makedirs(os.path.dirname(place), exist_ok=True)
    if os.path.isdir(f"/proc/self/fd/{source}"):
        os.makedirs(place, exist_ok=True)
    else:
        os.close(os.open(place, os.O_CREAT | os.O_WRONLY, 0o644))
    _mount(f"/proc/self/fd/{source}", place, "", _BIND)


def _mount(source: str, place: str, kind: str, flags: int, options: bytes | None = None) -> None:
    """mount(2). Raises OSError with the place named."""
    _check(place, _libc.mount(source.encode(), place.encode(), kind.encode(), ctypes.c_ulong(flags), options))


def _check(what: str, result: int) -> None:
    """Turn a failed call into an OSError."""
    if result != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), what)
