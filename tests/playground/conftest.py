"""Visitors of the server under test: what they start runs in real workers in the real sandbox."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.playground.visiting import Api, end_runs, make_api


@pytest.fixture
def api() -> Iterator[Api]:
    """A visitor without a session; what it has started is ended after the test."""
    made = make_api()
    yield made
    end_runs(made)


@pytest.fixture
def stranger() -> Iterator[Api]:
    """Another visitor."""
    made = make_api()
    yield made
    end_runs(made)
