"""Which level is taken, and what is said where none is."""

from __future__ import annotations

import asyncio
import os
import sys

import pytest

from playground.sandbox import bubblewrap, kernel, selftest
from playground.sandbox.levels import Refused
from playground.sandbox.limits import Limits
from playground.sandbox.probe import probe
from tests.sandbox.inside import EXTRA

# An extra bind is part of what a level is remembered by: one of each test's own has it find its level afresh.
FRESH = ((__file__, "/app/tests/sandbox/fresh.py"),)


def test_a_level_is_found_once() -> None:
    """The second answer is the first one."""
    try:
        assert probe("auto", extra=EXTRA) is probe("auto", extra=EXTRA)
    except Refused as reason:
        pytest.skip(f"no sandbox is to be had here: {reason}")


def test_a_level_is_found_inside_an_event_loop() -> None:
    """A server may ask while it runs."""

    async def go() -> str:
        return probe("auto", extra=(*FRESH, *EXTRA)).name

    try:
        assert asyncio.run(go()) in ("A", "B")
    except Refused as reason:
        pytest.skip(f"no sandbox is to be had here: {reason}")


def test_an_unknown_setting_is_an_error() -> None:
    """The sentence names what there is."""
    with pytest.raises(ValueError, match="auto, bubblewrap, landlock, off, not 'none'"):
        probe("none")


def test_off_is_for_debug_on_loopback() -> None:
    """Switching off takes more than the setting."""
    with pytest.raises(Refused, match="only for debug mode on a loopback address"):
        probe("off")
    assert probe("off", may_be_off=True).name == "off"


def test_nothing_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without bwrap and Landlock no worker starts, and the reasons of both are told."""
    monkeypatch.setattr(bubblewrap, "find", lambda: None)
    monkeypatch.setattr(kernel, "landlock_version", lambda: 0)
    with pytest.raises(Refused, match=r"bubblewrap: bwrap is not installed; landlock: the kernel has no Landlock"):
        probe("auto", extra=FRESH)


def test_without_bwrap_landlock_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second level says why it is not the first."""
    if kernel.landlock_version() == 0:
        pytest.skip("this kernel has no Landlock")
    monkeypatch.setattr(bubblewrap, "find", lambda: None)
    level = probe("auto", extra=(*EXTRA, *FRESH))
    assert level.name == "B"
    assert "bwrap is not installed" in level.reason


def test_bwrap_that_fails_is_no_level(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bwrap that cannot make the sandbox is found out at start, with what it said."""
    monkeypatch.setattr(bubblewrap, "find", lambda: "/bin/false")
    with pytest.raises(Refused, match="bubblewrap: its worker ended"):
        probe("bubblewrap", extra=FRESH)


def test_other_systems_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """On macOS the way to run one's own programs is named."""
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(Refused, match="no sandbox for darwin"):
        probe("auto", extra=FRESH)


def test_open_doors_are_found() -> None:
    """Outside any sandbox the self-test finds doors open: it can fail."""
    doors = {name: selftest.DOORS[name] for name in ("reading a file of the host", "an internet socket")}
    doors["one that is shut"] = lambda: os.close(os.open("/nowhere", os.O_RDONLY))
    with pytest.raises(selftest.Open, match=r"reading a file of the host, an internet socket worked"):
        selftest.try_doors(doors)


@pytest.mark.parametrize("wrong", [{"memory_mb": 10}, {"cpu_s": 0}, {"threads": 1}, {"files": 3}])
def test_limits_too_low_to_start_are_refused(wrong: dict[str, int]) -> None:
    """The message names the limit."""
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Limits(**wrong)
