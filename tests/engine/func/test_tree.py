"""Nested containers, taken apart and put together."""

from __future__ import annotations

from collections import OrderedDict, namedtuple

from engine.func import tree

Point = namedtuple("Point", ["x", "y"])


def test_what_is_taken_apart_can_be_put_together() -> None:
    given = {"a": [1, (2, None)], "b": Point(3, 4), "c": OrderedDict(z=5), "d": ()}
    leaves, spec = tree.flatten(given)
    assert leaves == [1, 2, None, 3, 4, 5]
    again = tree.unflatten([10, 20, 30, 40, 50, 60], spec)
    assert again == {"a": [10, (20, 30)], "b": Point(40, 50), "c": OrderedDict(z=60), "d": ()}
    assert isinstance(again["b"], Point)


def test_structures_are_compared_and_shown() -> None:
    one, two = tree.flatten((1, [2, 3]))[1], tree.flatten((4, [5, 6]))[1]
    assert one == two
    assert one != tree.flatten((1, (2, 3)))[1]
    assert repr(one) == "TreeSpec(tuple, None, [*,\n  TreeSpec(list, None, [*,\n    *])])"


def test_a_prefix_is_spread_over_what_stands_below() -> None:
    _, spec = tree.flatten(({"a": 1, "b": 2}, 3))
    assert tree.spread(0, spec) == [0, 0, 0]
    assert tree.spread((0, None), spec) == [0, 0, None]
    assert tree.spread(({"a": 0, "b": 1}, 2), spec) == [0, 1, 2]
    assert tree.spread((0,), spec) is None
    assert tree.spread(({"a": 0}, 1), spec) is None
