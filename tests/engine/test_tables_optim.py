"""The engine's optimizers agree with PyTorch's own table of them."""

from __future__ import annotations

import importlib.util
from typing import Any

import pytest

MISSING = [name for name in ("torch", "expecttest") if importlib.util.find_spec(name) is None]
if MISSING:
    ENTRIES: list[Any] = []
else:
    from tests.engine.tables import optimizers

    ENTRIES = list(optimizers.entries())
pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.optim_cls.__name__)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_steps_agree(entry: Any, dtype: str) -> None:
    found = optimizers.differences(entry, dtype)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.optim_cls.__name__)
def test_errors_agree(entry: Any) -> None:
    found = optimizers.errors(entry)
    assert not found, "\n".join(found)
