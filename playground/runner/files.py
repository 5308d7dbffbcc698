"""Files that the program saves: kept in memory, offered for download when it ends. There is no disk to write to."""

from __future__ import annotations

import builtins
import errno
import io
import os
from typing import Any

from playground.protocol.events import FileEvent
from playground.runner.channel import Channel

PIECE = 192 << 10  # bytes of a file in one event
MOST = 500  # files of one run

_open = builtins.open


class Files:
    """The saved files by name, `limit` bytes in all."""

    def __init__(self) -> None:
        self.limit = 16 << 20
        self.contents: dict[str, bytes] = {}
        self._open: list[Saved] = []

    def install(self) -> None:
        """Let `open` and what asks for files by name find them."""
        builtins.open = self.open
        io.open = self.open
        exists, is_file, remove = os.path.exists, os.path.isfile, os.remove
        os.path.exists = lambda path: self.name_of(path) in self.contents or exists(path)
        os.path.isfile = lambda path: self.name_of(path) in self.contents or is_file(path)

        def removed(path: Any, *args: Any, **kwargs: Any) -> None:
            if self.contents.pop(self.name_of(path) or "", None) is None:
                remove(path, *args, **kwargs)

        os.remove = os.unlink = removed
        os.path.realpath = _real_path  # type: ignore[assignment]

    @staticmethod
    def name_of(path: Any) -> str | None:
        """The plain name under which a path is kept; None where it is no plain name."""
        try:
            name = os.fspath(path)
        except TypeError:
            return None
        if not isinstance(name, str):
            return None
        name = name.removeprefix("./")
        return name if name and "/" not in name and name not in (".", "..") and len(name) <= 200 else None

    def open(
        self,
        file: Any,
        mode: str = "r",
        buffering: int = -1,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
        closefd: bool = True,
        opener: Any = None,
    ) -> Any:
        """As the builtin; what is written under a plain name stays in memory. PermissionError for other names."""
        kept = self.name_of(file)
        writing = any(letter in mode for letter in "wax+")
        if isinstance(file, int) or opener is not None or not (writing or kept in self.contents):
            return _open(file, mode, buffering, encoding, errors, newline, closefd, opener)
        if kept is None:
            raise PermissionError(
                errno.EROFS,
                "A program here has no disk: it can save files under a plain name such as 'model.pt', without folders",
                file,
            )
        if "x" in mode and kept in self.contents:
            raise FileExistsError(errno.EEXIST, "File exists", kept)
        if "r" in mode and kept not in self.contents:
            raise FileNotFoundError(errno.ENOENT, "No such file or directory", kept)
        raw = Saved(self, kept, mode)
        self._open.append(raw)
        binary: Any = raw
        if "b" in mode:
            return binary
        return io.TextIOWrapper(binary, encoding or "utf-8", errors, newline, write_through=True)

    def keep(self, name: str, data: bytes) -> None:
        """Hold a file's contents. Raises OSError over the limit."""
        if len(self.contents) >= MOST and name not in self.contents:
            raise OSError(errno.ENOSPC, f"A run may save {MOST} files", name)
        if sum(map(len, self.contents.values())) - len(self.contents.get(name, b"")) + len(data) > self.limit:
            raise OSError(errno.ENOSPC, f"The files of a run may have {self.limit >> 20} MB in all", name)
        self.contents[name] = data

    def send(self, channel: Channel) -> list[str]:
        """Send all files; the names of those that could not be sent."""
        for raw in self._open:
            raw.settle()
        left_out = []
        for name, data in self.contents.items():
            for offset in range(0, max(len(data), 1), PIECE):
                piece = data[offset : offset + PIECE]
                if not channel.send(FileEvent(name=name, offset=offset, size=len(data), data=piece)):
                    left_out.append(name)
                    break
        return left_out


def _real_path(path: Any, *, strict: bool = False) -> Any:
    """As `os.path.realpath` where no link can be read: the sandbox says of each that it is none.

    The original fails at the links that there are, /proc/self among them, through which a worker may find its files.
    """
    if strict:
        os.stat(path)
    return os.path.abspath(path)


class Saved(io.BytesIO):
    """An open file of the program. Its contents are kept when it is flushed or closed."""

    def __init__(self, files: Files, name: str, mode: str) -> None:
        super().__init__(b"" if "w" in mode or "x" in mode else files.contents.get(name, b""))
        self.name = name
        self.opened = mode
        self._files = files
        self._writes = any(letter in mode for letter in "wax+")
        if "a" in mode:
            self.seek(0, io.SEEK_END)
        if self._writes:
            files.keep(name, self.getvalue())

    def write(self, data: Any) -> int:
        """As of a file opened in this mode. Raises OSError over the limit."""
        if not self._writes:
            raise io.UnsupportedOperation("not writable")
        if self.tell() + memoryview(data).nbytes > self._files.limit:
            raise OSError(errno.ENOSPC, f"The files of a run may have {self._files.limit >> 20} MB in all", self.name)
        if "a" in self.opened:
            self.seek(0, io.SEEK_END)
        return super().write(data)

    def read(self, size: int | None = -1) -> bytes:
        """As of a file opened in this mode."""
        if not ("r" in self.opened or "+" in self.opened):
            raise io.UnsupportedOperation("not readable")
        return super().read(size)

    def readable(self) -> bool:
        """Whether the mode reads."""
        return "r" in self.opened or "+" in self.opened

    def writable(self) -> bool:
        """Whether the mode writes."""
        return self._writes

    def close(self) -> None:
        """Keep the contents."""
        self.settle()
        super().close()

    def settle(self) -> None:
        """Keep the contents, also of a file that the program has left open."""
        if not self.closed and self._writes and self.name is not None:
            self._files.keep(self.name, self.getvalue())
