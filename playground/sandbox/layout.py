"""The worker's file system: which of the host's files it may read, and at which neutral place it finds them.

Nothing is bound but the interpreter, its standard library, the shared libraries that these load, the packages that a
learner's program may import, and our own child code. Not one path inside tells where any of it lies on the host.
"""

from __future__ import annotations

import compileall
import functools
import importlib.metadata
import json
import os
import re
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

OURS = "/app"
PACKAGES = "/packages"
PYTHON = "/usr/bin/python3"
DEVICES = ("/dev/null", "/dev/urandom")

_PROJECT = Path(__file__).resolve().parents[2]
_CHILD_CODE = (
    "engine",
    "playground/__init__.py",
    "playground/protocol",
    "playground/runner",
    "playground/sandbox",
)
_DISTRIBUTIONS = ("numpy", "msgspec", "matplotlib", "ml_dtypes")
_NOT_LEARNERS = re.compile(r"_(tkinter|curses\w*|dbm|gdbm|crypt|test\w*|xx\w*|ctypes_test)\.|readline\.|nis\.|spwd\.")
_LOADED = """
import ctypes, json, os, sys
opened = ctypes.PyDLL(None).dlopen  # holds the lock of the interpreter, which some modules need as they load
for path in json.load(sys.stdin) + ["libgcc_s.so.1"]:  # glibc opens this one by name when a thread is cancelled
    opened(path.encode(), 1)
names = []
kind = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p)
def each(info, size, data):
    name = ctypes.cast(info + ctypes.sizeof(ctypes.c_void_p), ctypes.POINTER(ctypes.c_char_p))[0]
    names.append(name.decode())
    return 0
ctypes.CDLL(None).dl_iterate_phdr(kind(each), None)
json.dump([name for name in names if name.startswith("/")], sys.stdout)
sys.stdout.flush()
os._exit(0)  # some of what was opened would fail as the interpreter ends
"""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where everything is: `binds` pairs a host path with its place inside, parents first."""

    binds: tuple[tuple[str, str], ...]
    masks: tuple[str, ...]
    links: tuple[tuple[str, str], ...]
    path: tuple[str, ...]


def environment(path: tuple[str, ...]) -> dict[str, str]:
    """The whole environment of a worker: nothing of the server's own is in it."""
    return {
        "HOME": "/",
        "LANG": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": ":".join(path),
        "PYTHONUTF8": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
    }


@functools.cache
def discover(extra: tuple[tuple[str, str], ...] = ()) -> Layout:
    """The layout for this interpreter and its packages; `extra` binds more (host path, place). About 0.3 s, once."""
    _compile_ours()
    interpreter = os.path.realpath(sys.executable)
    standard = sysconfig.get_path("stdlib")
    inside = f"/usr/{sys.platlibdir}/python{sys.version_info.major}.{sys.version_info.minor}"
    binds = [(standard, inside), (interpreter, PYTHON)]
    binds += [(str(_PROJECT / name), f"{OURS}/{name}") for name in _CHILD_CODE]
    binds += [(str(path), f"{PACKAGES}/{path.name}") for path in _package_paths()]
    masks = [f"{inside}/{name}" for name in ("site-packages", "dist-packages") if Path(standard, name).is_dir()]
    for library in _libraries(interpreter, [Path(source) for source, _ in binds]):
        # The loader keeps the path that the interpreter names; every other library is found by its name in /usr/lib.
        if os.path.basename(library).startswith("ld-") and os.path.dirname(library) not in ("/lib", "/lib64"):
            binds.append((os.path.realpath(library), library))
        binds.append((os.path.realpath(library), f"/usr/lib/{os.path.basename(library)}"))
    links = [("usr/lib", "/lib"), ("usr/lib", "/lib64")]
    if sys.platlibdir != "lib64":
        links.append(("lib", "/usr/lib64"))
    return Layout(tuple(binds) + extra, tuple(masks), tuple(links), (OURS, PACKAGES))


def _compile_ours() -> None:
    """Write the byte code of our child code where it is not current: a worker could not keep what it compiles."""
    for name in _CHILD_CODE:
        path = _PROJECT / name
        if path.is_dir():
            compileall.compile_dir(path, quiet=2)


def _package_paths() -> list[Path]:
    """The files and folders of the learners' distributions and of all that these require, one entry each."""
    found: dict[str, Path] = {}
    waiting, seen = list(_DISTRIBUTIONS), set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        try:
            distribution = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue  # matplotlib may be absent, and so may a requirement meant for another platform
        waiting += [
            re.split(r"[^\w.-]", need, maxsplit=1)[0] for need in distribution.requires or () if "extra ==" not in need
        ]
        for path in _top_level(distribution):
            found[path.name] = path
    return sorted(found.values())


def _top_level(distribution: importlib.metadata.Distribution) -> Iterator[Path]:
    """What a distribution put directly into site-packages, its metadata left out."""
    for part in sorted({file.parts[0] for file in distribution.files or ()}):
        path = Path(str(distribution.locate_file(part)))
        if part not in ("..", "__pycache__") and not part.endswith((".dist-info", ".pth")) and path.exists():
            yield path
    if distribution.files is None:  # a system package keeps no list of files
        spec = find_spec(distribution.metadata["Name"])
        if spec is not None and spec.origin is not None:
            yield Path(spec.origin).parent


def _libraries(interpreter: str, bound: list[Path]) -> list[str]:
    """The shared libraries outside what is bound already, under the names by which they are asked for.

    Asked of the dynamic loader itself: a fresh interpreter opens every extension module and lists what came along.
    """
    roots = [path for path in bound if path.is_dir()]
    modules = [roots[0] / "lib-dynload", *roots[1:]]  # not the site-packages within the standard library
    extensions = [str(path) for root in modules for path in root.rglob("*.so*") if not _NOT_LEARNERS.match(path.name)]
    answer = subprocess.run(
        [interpreter, "-I", "-S", "-c", _LOADED],
        input=json.dumps(extensions),
        capture_output=True,
        text=True,
        check=True,
        env={},
    )
    names: list[str] = json.loads(answer.stdout)
    return [name for name in names if not any(Path(name).is_relative_to(root) for root in roots)]
