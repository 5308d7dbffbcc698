"""Files that a program saves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playground.protocol.events import FileEvent


def contents(result: Any) -> dict[str, bytes]:
    files: dict[str, bytearray] = {}
    for event in result.of(FileEvent):
        assert event.offset == len(files.setdefault(event.name, bytearray()))
        files[event.name] += event.data
        assert len(files[event.name]) <= event.size
    return {name: bytes(data) for name, data in files.items()}


def test_a_saved_file_is_sent_and_can_be_read_back(run: Callable[..., Any]) -> None:
    code = """
import os
with open("notes.txt", "w") as f:
    f.write("one\\n"); print("twö", file=f)
with open("notes.txt", "a") as f:
    f.write("three")
print(open("notes.txt").read().split(), os.path.exists("notes.txt"))
left_open = open("b.bin", "wb"); left_open.write(bytes(300_000))
"""
    result = run(code)
    assert result.text() == "['one', 'twö', 'three'] True\n"
    assert contents(result) == {"notes.txt": "one\ntwö\nthree".encode(), "b.bin": bytes(300_000)}


def test_libraries_save_there_too(run: Callable[..., Any]) -> None:
    code = """
import numpy as np, pathlib, gzip
np.save("a.npy", np.arange(3)); print(np.load("a.npy"))
pathlib.Path("p.txt").write_text("hi"); print(pathlib.Path("p.txt").read_text())
with gzip.open("z.gz", "wt") as f: f.write("zip")
print(gzip.open("z.gz", "rt").read())
"""
    result = run(code)
    assert result.closing.error is None
    assert result.text() == "[0 1 2]\nhi\nzip\n"
    assert set(contents(result)) == {"a.npy", "p.txt", "z.gz"}


def test_other_places_cannot_be_written(run: Callable[..., Any]) -> None:
    error = run("open('/tmp/x.txt', 'w')").closing.error
    assert error.type == "PermissionError" and "plain name" in error.message
    assert run("open('missing.txt')").closing.error.type == "FileNotFoundError"


def test_files_have_a_limit(run: Callable[..., Any]) -> None:
    result = run("f = open('a', 'wb')\nfor _ in range(3): f.write(bytes(400_000))", files_limit=1_000_000)
    assert result.closing.error.type == "OSError" and result.closing.error.line == 2
    assert len(contents(result)["a"]) == 800_000


def test_modes_are_kept_to(run: Callable[..., Any]) -> None:
    code = """
open("a", "w").write("abc")
for mode, call in (("r", lambda f: f.write("x")), ("w", lambda f: f.read())):
    try: call(open("b" if mode == "w" else "a", mode))
    except OSError as e: print(type(e).__name__)
try: open("a", "x")
except FileExistsError: print("exists")
import os; os.remove("a"); print(os.path.exists("a"))
"""
    assert run(code).text() == "UnsupportedOperation\nUnsupportedOperation\nexists\nFalse\n"
