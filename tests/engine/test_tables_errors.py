"""The engine's errors against the error inputs of PyTorch's own operator tables, where PyTorch is installed."""

from __future__ import annotations

import importlib.util
from typing import Any

import pytest

HERE = all(importlib.util.find_spec(name) is not None for name in ("torch", "expecttest"))

pytestmark = pytest.mark.slow

if HERE:
    from tests.engine.tables import entries
    from tests.engine.tables.errors import difference, inputs

    EVERY = [entry for entry in entries() if entry.error_inputs_func is not None]

    @pytest.mark.parametrize("entry", EVERY, ids=lambda entry: entry.formatted_name)
    def test_fails_as_pytorch(entry: Any) -> None:
        found = [(difference(entry, given), given) for given in inputs(entry)]
        wrong = [f"{said} <- {given.sample_input.summary()}" for said, given in found if said is not None]
        assert not wrong, "\n".join(wrong[:5])

else:

    @pytest.mark.skip(reason="PyTorch and expecttest are not installed: its operator tables come with it")
    def test_fails_as_pytorch() -> None:
        """In a Python that has them, a test for each entry of the table."""
