"""A level to test, and a program's answer from inside it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from playground.sandbox.levels import Level, Refused
from playground.sandbox.limits import Limits
from playground.sandbox.probe import probe
from tests.sandbox.inside import EXTRA, ask, ready


@pytest.fixture(params=["bubblewrap", "landlock"])
def level(request: pytest.FixtureRequest) -> Level:
    """Each level in turn; skipped, with the reason, where this machine does not have it."""
    try:
        return probe(request.param, extra=EXTRA)
    except Refused as reason:
        pytest.skip(f"{request.param} is not to be had here: {reason}")


@pytest.fixture
def inside(level: Level) -> Callable[..., str]:
    """`inside(program, **limits)` runs a program in a fresh worker of the level and gives its answer."""

    def run(program: str, **limits: int) -> str:
        async def look() -> str:
            worker = await ready(level, Limits(**limits))
            try:
                return await ask(worker, program)
            finally:
                worker.kill()
                await worker.wait()

        return asyncio.run(look())

    return run
