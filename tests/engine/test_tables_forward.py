"""Forward mode on the samples of PyTorch's own operator tables, where PyTorch is installed: an entry a test."""

from __future__ import annotations

import importlib.util
from typing import Any

import pytest

HERE = all(importlib.util.find_spec(name) is not None for name in ("torch", "expecttest"))
MOST = 6
# Rounded to short floats on the way; without a second derivative; linear in what PyTorch counts twice.
OTHERS = {"half", "bfloat16", "nn_functional_ctc_loss", "index_fill"}

pytestmark = pytest.mark.slow

if HERE:
    import torch

    from tests.engine.tables import entries
    from tests.engine.tables.compare import DRAWN, UNSET, samples
    from tests.engine.tables.forward import difference

    EVERY = [
        entry
        for entry in entries()
        if entry.supports_autograd
        and entry.name not in DRAWN
        and not entry.name.startswith(UNSET)
        and entry.formatted_name not in OTHERS
    ]

    @pytest.mark.parametrize("entry", EVERY, ids=lambda entry: entry.formatted_name)
    def test_forward_is_the_way_back(entry: Any) -> None:
        found = []
        for dtype in (torch.float64, torch.complex128):
            if dtype in entry.dtypes:
                for sample in samples(entry, dtype, MOST):
                    said = difference(entry, sample)
                    if said is not None:
                        found.append(f"{dtype}: {said} <- {sample.summary()}")
        assert not found, "\n".join(found[:5])

else:

    @pytest.mark.skip(reason="PyTorch and expecttest are not installed: its operator tables come with it")
    def test_forward_is_the_way_back() -> None:
        """In a Python that has them, a test for each entry of the table."""
