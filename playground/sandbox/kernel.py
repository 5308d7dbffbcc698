"""The three system calls of confinement that Python has no names for: prctl, seccomp and Landlock's."""

from __future__ import annotations

import ctypes
import os
import platform
import signal
import struct
from collections.abc import Iterable
from pathlib import Path

from playground.sandbox.filters.assemble import OWN_PID

_SECCOMP = {"x86_64": 317, "aarch64": 277}
_SET_MODE_FILTER, _ALL_THREADS = 1, 1
_SET_DEATH_SIGNAL, _SET_DUMPABLE, _SET_NO_NEW_PRIVS = 1, 4, 38
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # of Landlock; the same on every machine
_VERSION, _BENEATH = 1, 1
_READ_FILE, _READ_FOLDER, _WRITE_FILE = 1 << 2, 1 << 3, 1 << 1
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}  # how many rights over files a version knows; all later know 16
_NETWORK_RIGHTS, _SCOPES = 3, 3  # bind and connect of TCP, from version 4; abstract sockets and signals, from 6

_libc = ctypes.CDLL(None, use_errno=True)


class _Program(ctypes.Structure):
    """The kernel's `struct sock_fprog`."""

    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def _call(what: str, number: int, *arguments: object) -> int:
    """A raw system call. Raises OSError with `what` named where it fails."""
    result: int = _libc.syscall(ctypes.c_long(number), *arguments)
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")
    return result


def machine() -> str:
    """This machine's name as the filters are named. Raises OSError where there is no filter for it."""
    name = {"arm64": "aarch64", "amd64": "x86_64"}.get(platform.machine(), platform.machine())
    if name not in _SECCOMP:
        raise OSError(f"there is no system call filter for the machine {name}")
    return name


def filter_path(stage: int) -> Path:
    """Where the shipped filter of a stage lies."""
    return Path(__file__).with_name("filters") / f"stage{stage}.{machine()}.bpf"


def die_with_parent() -> None:
    """Have this process killed when the thread that started it ends. Raises OSError where that is refused."""
    _set(_SET_DEATH_SIGNAL, signal.SIGKILL)


def renounce() -> None:
    """Gain no rights by executing anything from here on, and let no other process look into this one."""
    _set(_SET_NO_NEW_PRIVS, 1)
    _set(_SET_DUMPABLE, 0)


def _set(option: int, value: int) -> None:
    """prctl(2) with one value. Raises OSError."""
    if _libc.prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), f"prctl {option} was refused")


def install_filter(stage: int) -> None:
    """Put the filter of a stage over every thread of this process, for good. Raises OSError where that fails."""
    program = filter_path(stage).read_bytes()
    mine, stand_in = struct.pack("<I", os.getpid()), struct.pack("<I", OWN_PID)
    words = [program[at : at + 8] for at in range(0, len(program), 8)]
    program = b"".join(word[:4] + mine if word[4:] == stand_in else word for word in words)
    memory = ctypes.create_string_buffer(program, len(program))
    header = _Program(len(words), ctypes.addressof(memory))
    thread = _call("seccomp", _SECCOMP[machine()], _SET_MODE_FILTER, _ALL_THREADS, ctypes.byref(header))
    if thread:
        raise OSError(f"the system call filter could not be put over thread {thread}")


def landlock_version() -> int:
    """Landlock's version in this kernel; 0 where it has none."""
    try:
        return _call("landlock", _CREATE_RULESET, None, ctypes.c_size_t(0), _VERSION)
    except OSError:
        return 0


def confine_files(readable: Iterable[str], writable: Iterable[str] = ()) -> None:
    """Leave this process only reading what lies beneath `readable`, and writing to the files `writable`.

    Landlock holds for the calling thread and those that it will start. Raises OSError where there is another thread
    already, and where the kernel has no Landlock.
    """
    if len(os.listdir("/proc/self/task")) != 1:
        raise OSError("Landlock would not hold for the threads that are there already: start them after the lockdown")
    version = landlock_version()
    if version == 0:
        raise OSError("the kernel has no Landlock")
    rights = (1 << _FILE_RIGHTS.get(version, 16)) - 1
    parts = [rights, _NETWORK_RIGHTS if version >= 4 else 0, _SCOPES if version >= 6 else 0]
    fields = 1 if version < 4 else 2 if version < 6 else 3
    attributes = struct.pack(f"<{fields}Q", *parts[:fields])
    ruleset = _call("landlock", _CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0)
    try:
        wanted = [(path, _READ_FILE | _READ_FOLDER) for path in readable]
        wanted += [(path, _READ_FILE | _WRITE_FILE) for path in writable]
        for path, allowed in wanted:
            place = os.open(path, os.O_PATH | os.O_CLOEXEC)
            try:
                if not os.path.isdir(path):
                    allowed &= ~_READ_FOLDER
                beneath = struct.pack("<Qi", allowed, place)
                _call("landlock", _ADD_RULE, ruleset, _BENEATH, beneath, 0)
            finally:
                os.close(place)
        _call("landlock", _RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)
