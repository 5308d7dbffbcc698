"""The assembler's jumps, where a mistake would let calls through."""

from __future__ import annotations

import struct

import pytest

from playground.sandbox.filters.assemble import ALLOW, REFUSE, Match, Rule, assemble


def test_a_rule_is_three_kinds_of_instruction() -> None:
    """The whole filter of one rule with a mask, instruction by instruction."""
    rule = Rule("it", ALLOW, (Match(2, 5, mask=7), Match(2, 1)))
    program = list(struct.iter_unpack("<HBBI", assemble("aarch64", [rule], {"it": 9}, REFUSE)))
    assert program[4:] == [
        (0x15, 0, 7, 9),  # another call: over the seven below
        (0x20, 0, 0, 32),  # the lower half of the third argument
        (0x54, 0, 0, 7),
        (0x15, 3, 0, 5),  # a match: to the last return of the rule
        (0x20, 0, 0, 32),
        (0x15, 1, 0, 1),
        (0x06, 0, 0, REFUSE),
        (0x06, 0, 0, ALLOW),
        (0x06, 0, 0, REFUSE),
    ]


def test_a_call_that_a_machine_lacks_is_left_out() -> None:
    """A rule without a number adds nothing."""
    assert assemble("aarch64", [Rule("it", ALLOW)], {}, REFUSE) == assemble("aarch64", [], {}, REFUSE)


def test_a_jump_that_is_too_far_is_an_error() -> None:
    """A jump has eight bits: what does not fit is never cut short."""
    rule = Rule("it", ALLOW, tuple(Match(0, value) for value in range(200)))
    with pytest.raises(struct.error):
        assemble("x86_64", [rule], {"it": 1}, REFUSE)
