"""How much of PyTorch the engine has, by name."""

from __future__ import annotations

import importlib
import importlib.util

import pytest

import engine
from tests.engine import coverage


def test_what_is_left_out_is_not_there_all_the_same() -> None:
    # A method that refuses with a sentence counts as left out; a function that works does not belong in the list.
    for space in coverage.spaces():
        for names in space.left_out.values():
            assert not set(names) & set(space.there)


def test_the_reasons_match_whole_names() -> None:
    assert coverage.reason("quantile") is None
    assert coverage.reason("quantize_per_tensor") == "quantized tensors"
    assert coverage.reason("to_sparse_csr") == "sparse tensors"


def test_the_page_counts_what_it_lists() -> None:
    text = coverage.page()
    assert "`matmul`" in text and text.count("\n## ") == len(coverage.NAMES)
    assert hasattr(engine, "matmul")


@pytest.mark.skipif(
    importlib.util.find_spec("torch") is None, reason="PyTorch is not installed: its names are recorded"
)
def test_the_recorded_names_are_pytorchs() -> None:
    torch = importlib.import_module("torch")
    assert set(coverage.NAMES["Tensor"]) <= set(dir(torch.Tensor))
