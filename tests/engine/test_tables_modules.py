"""The engine against PyTorch's own table of modules, where PyTorch is installed: an entry a test."""

from __future__ import annotations

import importlib.util
from typing import Any

import pytest

HERE = all(importlib.util.find_spec(name) is not None for name in ("torch", "expecttest"))

pytestmark = pytest.mark.slow

if HERE:
    import torch

    from tests.engine.tables.modules import difference, entries, error_difference, error_samples, samples

    @pytest.mark.parametrize("entry", entries(), ids=lambda entry: entry.module_cls.__name__)
    def test_module_agrees_with_pytorch(entry: Any) -> None:
        found = []
        for dtype in (torch.float64, torch.float32):
            if dtype not in entry.dtypes:
                continue
            for training in (True, False):
                for sample in samples(entry, dtype, training):
                    said = difference(entry, sample, dtype, training)
                    if said is not None:
                        made = sample.constructor_input
                        found.append(f"{dtype} {training=}: {said} <- {made.args} {made.kwargs}")
            for sample in error_samples(entry, dtype):
                said = error_difference(entry, sample, dtype)
                if said is not None:
                    found.append(f"{dtype}: {said}")
        assert not found, "\n".join(found[:5])

else:

    @pytest.mark.skip(reason="PyTorch and expecttest are not installed: its table of modules comes with them")
    def test_module_agrees_with_pytorch() -> None:
        """In a Python that has them, a test for each entry of the table."""
