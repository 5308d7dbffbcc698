"""A small assembler: rules over system calls to the classic BPF that the kernel's seccomp takes.

The filter is one walk from top to bottom. It refuses calls of another architecture and of x32, looks each call up by
its number, and where a rule asks more, compares one argument. Arguments are compared in their lower 32 bits, which is
all that the kernel reads of the arguments that rules name (integers, flags and command numbers).
"""

from __future__ import annotations

import errno
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

ALLOW = 0x7FFF0000
KILL = 0x80000000
REFUSE = 0x00050000 | errno.EPERM
ABSENT = 0x00050000 | errno.ENOSYS
NO_LINK = 0x00050000 | errno.EINVAL  # what the kernel answers where it is asked to read a link that is none

ARCHITECTURE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
OWN_PID = 0x7E577E57  # stands in a filter for the process's own id, which is known only where it is installed

_LOAD, _AND, _RETURN = 0x20, 0x54, 0x06
_EQUAL, _AT_LEAST = 0x15, 0x35
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16
_X32 = 0x40000000
_ALL = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Match:
    """One comparison of a call's argument: `argument & mask == value`."""

    argument: int
    value: int
    mask: int = _ALL


@dataclass(frozen=True, slots=True)
class Rule:
    """What becomes of one call: `then` where any match holds (or there is none to hold), `otherwise` elsewhere."""

    name: str
    then: int
    matches: tuple[Match, ...] = ()
    otherwise: int = REFUSE


Instruction = tuple[int, int, int, int]


def _rule(number: int, rule: Rule) -> list[Instruction]:
    """The instructions of one rule; the number of the call is in the accumulator before and, on a miss, after."""
    if not rule.matches:
        return [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, rule.then)]
    tests: list[Instruction] = []
    for match in reversed(rule.matches):
        reach = len(tests) + 1  # over the tests that follow and over the return of `otherwise`
        test: list[Instruction] = [(_LOAD, 0, 0, _ARGUMENTS + 8 * match.argument)]
        if match.mask != _ALL:
            test.append((_AND, 0, 0, match.mask))
        tests = [*test, (_EQUAL, reach, 0, match.value), *tests]
    body = [*tests, (_RETURN, 0, 0, rule.otherwise), (_RETURN, 0, 0, rule.then)]
    return [(_EQUAL, 0, len(body), number), *body]


def assemble(machine: str, rules: Iterable[Rule], numbers: dict[str, int], default: int) -> bytes:
    """The filter for `machine`: 8 bytes an instruction, in the byte order of both machines (little-endian).

    A rule whose call the machine does not have is left out. Raises struct.error where a jump is too far.
    """
    program: list[Instruction] = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, ARCHITECTURE[machine]),
        (_RETURN, 0, 0, KILL),
        (_LOAD, 0, 0, _NUMBER),
    ]
    if machine == "x86_64":
        program += [(_AT_LEAST, 0, 1, _X32), (_RETURN, 0, 0, ABSENT)]
    for rule in rules:
        if rule.name in numbers:
            program += _rule(numbers[rule.name], rule)
    program.append((_RETURN, 0, 0, default))
    return pack(program)


def pack(program: Sequence[Instruction]) -> bytes:
    """The instructions as the kernel's `struct sock_filter`."""
    return b"".join(struct.pack("<HBBI", *instruction) for instruction in program)
