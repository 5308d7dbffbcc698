"""The shipped filters are what the rules say, and decide as the rules mean, on both machines."""

from __future__ import annotations

import errno
import struct

import pytest

from playground.sandbox.filters.assemble import ALLOW, ARCHITECTURE, KILL, OWN_PID
from playground.sandbox.filters.generate import FOLDER, programs
from playground.sandbox.filters.numbers import NUMBERS

MACHINES = tuple(ARCHITECTURE)
REFUSED, ABSENT = 0x50000 | errno.EPERM, 0x50000 | errno.ENOSYS
THREAD = 0x3D0F00
FORK = 17


def decide(name: str, machine: str, number: int, *arguments: int, architecture: int | None = None) -> int:
    """What a shipped filter returns for a call: a small machine for the part of BPF that filters are made of."""
    call = struct.pack(
        "<IIQ6Q",
        number,
        ARCHITECTURE[machine] if architecture is None else architecture,
        0,
        *(*arguments, *[0] * (6 - len(arguments))),
    )
    program = list(struct.iter_unpack("<HBBI", (FOLDER / f"{name}.{machine}.bpf").read_bytes()))
    at = accumulator = 0
    while True:
        code, then, otherwise, operand = program[at]
        at += 1
        if code == 0x20:
            (accumulator,) = struct.unpack_from("<I", call, operand)
        elif code == 0x54:
            accumulator &= operand
        elif code == 0x15:
            at += then if accumulator == operand else otherwise
        elif code == 0x35:
            at += then if accumulator >= operand else otherwise
        else:
            assert code == 0x06
            return int(operand)


def test_shipped_bytes_are_current() -> None:
    """Each file holds what `generate` would write, and there is no other."""
    expected = dict(programs())
    assert {path.name: path.read_bytes() for path in FOLDER.glob("*.bpf")} == expected


def test_numbers_are_distinct() -> None:
    """No two calls of a machine have one number."""
    for numbers in NUMBERS.values():
        assert len(set(numbers.values())) == len(numbers)


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("stage", ["stage1", "stage2"])
def test_another_architecture_is_killed(stage: str, machine: str) -> None:
    """A call in the tongue of the 32-bit machine ends the process, whatever it is."""
    assert decide(stage, machine, NUMBERS[machine]["read"], architecture=0x40000003) == KILL
    other = next(value for name, value in ARCHITECTURE.items() if name != machine)
    assert decide(stage, machine, NUMBERS[machine]["read"], architecture=other) == KILL


@pytest.mark.parametrize("stage", ["stage1", "stage2"])
def test_x32_is_absent(stage: str) -> None:
    """The second table of calls of x86-64 is not there."""
    assert decide(stage, "x86_64", 0x40000000 | NUMBERS["x86_64"]["read"]) == ABSENT


@pytest.mark.parametrize("machine", MACHINES)
def test_stage_2_allows_only_what_it_names(machine: str) -> None:
    """Every number that no rule names is refused, those of kernels to come included."""
    named = set(NUMBERS[machine].values())
    for number in set(range(1000)) - named:
        assert decide("stage2", machine, number) == REFUSED, number


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize(
    ("name", "arguments", "stage_1", "stage_2"),
    [
        ("read", (), ALLOW, ALLOW),
        ("futex", (), ALLOW, ALLOW),
        ("openat", (), ALLOW, ALLOW),
        ("ptrace", (), REFUSED, REFUSED),
        ("mount", (), REFUSED, REFUSED),
        ("bpf", (), REFUSED, REFUSED),
        ("io_uring_setup", (), REFUSED, REFUSED),
        ("userfaultfd", (), REFUSED, REFUSED),
        ("keyctl", (), REFUSED, REFUSED),
        ("shmget", (), REFUSED, REFUSED),
        ("memfd_secret", (), REFUSED, REFUSED),
        ("clone3", (), ABSENT, ABSENT),
        ("clone", (THREAD,), ALLOW, ALLOW),
        ("clone", (THREAD | 0x400000,), ALLOW, ALLOW),
        ("clone", (FORK,), ALLOW, REFUSED),
        ("clone", (THREAD | 0x10000000,), REFUSED, REFUSED),
        ("clone", (0x20000000 | FORK,), REFUSED, REFUSED),
        ("socket", (1,), ALLOW, REFUSED),
        ("socket", (2,), REFUSED, REFUSED),
        ("socket", (16,), REFUSED, REFUSED),
        ("personality", (0xFFFFFFFF,), ALLOW, REFUSED),
        ("personality", (0x0400000,), REFUSED, REFUSED),
        ("ioctl", (0, 0x5401), ALLOW, ALLOW),
        ("ioctl", (0, 0x5412), REFUSED, REFUSED),
        ("ioctl", (0, 0x1_0000_5412), REFUSED, REFUSED),
        ("ioctl", (0, 0x541C), REFUSED, REFUSED),
        ("mmap", (0, 4096, 3, 0x22), ALLOW, ALLOW),
        ("mmap", (0, 4096, 3, 0x20022), ALLOW, ALLOW),
        ("mmap", (0, 4096, 3, 0x21), ALLOW, REFUSED),
        ("mmap", (0, 4096, 3, 0x23), ALLOW, REFUSED),
        ("mmap", (0, 4096, 3, 0x122), ALLOW, REFUSED),
        ("mmap", (0, 4096, 3, 0x40022), ALLOW, REFUSED),
        ("fcntl", (0, 3), ALLOW, ALLOW),
        ("fcntl", (0, 6), ALLOW, REFUSED),
        ("fcntl", (0, 1031), ALLOW, REFUSED),
        ("prctl", (15,), ALLOW, ALLOW),
        ("prctl", (4,), ALLOW, REFUSED),
        ("kill", (OWN_PID, 9), ALLOW, ALLOW),
        ("kill", (1, 9), ALLOW, REFUSED),
        ("kill", (0xFFFFFFFF, 9), ALLOW, REFUSED),
        ("tgkill", (OWN_PID, 5, 9), ALLOW, ALLOW),
        ("tgkill", (1, 1, 9), ALLOW, REFUSED),
        ("prlimit64", (0,), ALLOW, ALLOW),
        ("prlimit64", (1,), ALLOW, REFUSED),
    ],
)
def test_decisions(machine: str, name: str, arguments: tuple[int, ...], stage_1: int, stage_2: int) -> None:
    """What both stages say to a call and its arguments."""
    number = NUMBERS[machine][name]
    assert decide("stage1", machine, number, *arguments) == stage_1
    assert decide("stage2", machine, number, *arguments) == stage_2


def test_execution_is_for_the_first_stage_only() -> None:
    """bwrap must still execute the interpreter; a locked worker executes nothing."""
    for machine, number in (("x86_64", 59), ("x86_64", 322), ("aarch64", 221), ("aarch64", 281)):
        assert decide("stage1", machine, number) == ALLOW
        assert decide("stage2", machine, number) == REFUSED
