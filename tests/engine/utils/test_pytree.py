"""Nested containers under PyTorch's names."""

from __future__ import annotations

import pytest

import engine as torch


def test_maps_go_leaf_by_leaf() -> None:
    P = torch.utils._pytree
    tree = {"a": [torch.ones(2), 3], "b": (None,)}
    doubled = P.tree_map_only(torch.Tensor, lambda t: t * 2, tree)
    assert doubled["a"][0].tolist() == [2, 2]
    assert doubled["b"] == (None,)
    assert P.tree_map(lambda x, y: x + y, [1, (2, 3)], [10, (20, 30)]) == [11, (22, 33)]
    leaves, spec = P.tree_flatten([1, (2, 3)], is_leaf=lambda x: isinstance(x, tuple))
    assert leaves == [1, (2, 3)]
    assert P.tree_unflatten([4, 5], spec) == [4, 5]
    with pytest.raises(ValueError, match="`leaves` has length 1"):
        P.tree_unflatten([4], spec)
    assert P.tree_all(lambda x: x > 0, [1, 2])
    assert not P.tree_any(lambda x: x > 5, [1, 2])
