"""The engine against PyTorch's own operator tables, where PyTorch is installed: an entry a test."""

from __future__ import annotations

import importlib.util
from typing import Any

import pytest

HERE = all(importlib.util.find_spec(name) is not None for name in ("torch", "expecttest"))
DTYPES = ("float64", "float32", "complex128", "int64", "bool", "float16")
MOST = 40

pytestmark = pytest.mark.slow

if HERE:
    import torch

    from tests.engine.tables import compared, entries
    from tests.engine.tables.compare import difference, samples

    @pytest.mark.parametrize("entry", entries(), ids=lambda entry: entry.formatted_name)
    def test_agrees_with_pytorch(entry: Any) -> None:
        found = []
        for name in DTYPES:
            dtype = getattr(torch, name)
            if dtype in entry.dtypes and compared(entry, name):
                for sample in samples(entry, dtype, MOST):
                    said = difference(entry, sample, dtype)
                    if said is not None:
                        found.append(f"{name}: {said} <- {sample.summary()}")
        assert not found, "\n".join(found[:5])

else:

    @pytest.mark.skip(reason="PyTorch and expecttest are not installed: its operator tables come with it")
    def test_agrees_with_pytorch() -> None:
        """In a Python that has them, a test for each entry of the table."""
