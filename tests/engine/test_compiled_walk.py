"""Walks written down give what the ordinary walk gives, also of graphs that are others than were written down."""

from __future__ import annotations

import gc
import itertools
import threading
import tracemalloc
import weakref

import numpy as np
import pytest

import engine as torch
from engine import compiled_walk, graph
from engine.compiled_walk import Way


class Halved(torch.autograd.Function):
    """Half of each; of two arguments, the gradient of a negative first one is left out."""

    @staticmethod
    def forward(ctx, a, b):
        ctx.negative = bool((a < 0).any())
        return a / 2, b / 2

    @staticmethod
    def backward(ctx, g, h):
        return None if ctx.negative else g / 2, h / 2


def arithmetic(a, b):
    c = a * b + b.relu()
    for _ in range(3):
        c = c * a + (c + 2.0 / (b * b + 3.0)).tanh()
    return c.sum()


def sums_only(a, b):
    return (a + b + (a + a)).sum()


def one_leaf(a, b):
    return (a * a + a.relu()).sum()


def one_in_both_places(a, b):
    return arithmetic(a, a)


def shared(a, b):
    u = a * 2.0
    return (u.exp() * u.exp()).sum() + b.sum()


def shared_twice(a, b):
    v = (a * 2.0).exp()
    return (v * v).sum() + b.sum()


def several(a, b):
    left, right = torch.stack([a * 2.0, b, a]).split([2, 1])
    return left.sum() * right.mean()


def several_one_unused(a, b):
    left = torch.stack([a * 2.0, b, a]).split([2, 1])[0]
    return left.sum() * left.mean()


def joined(a, b):
    return (torch.stack([a, b, a, b]) ** 2).sum()


def own_function(a, b):
    c, d = Halved.apply(a * 3.0, b * 2.0)
    return (c * d + a).sum()


def broadcast(a, b):
    return (a[..., None] * b + a.mean()).sum()


def doubles(a, b):
    return arithmetic(a.double(), b.double())


def by_a_constant(a, b):
    return (a.exp() * b.detach()).sum()


def by_a_leaf(a, b):
    return (a.exp() * b).sum()


def unhooked(a, b):
    return arithmetic(a * b, b)


def hooked(a, b):
    c = a * b
    c.register_hook(lambda g: g * 10)
    return arithmetic(c, b)


def kept(a, b):
    c = a * b
    c.retain_grad()
    return arithmetic(c, b)


MAKES = [
    arithmetic, sums_only, one_leaf, one_in_both_places, shared, shared_twice, several, several_one_unused, joined,
    own_function, broadcast, doubles, by_a_constant, by_a_leaf, unhooked, hooked, kept,
]  # fmt: skip
VALUES = [(-0.4, 0.7), ([1.0, -2.0], [0.5, 0.25]), (0.3, 1.7)]


def leaves_of(values):
    return [torch.tensor(each, requires_grad=True) for each in values]


def gradients(make, values):
    leaves = leaves_of(values)
    make(*leaves).backward()
    return [None if each.grad is None else each.grad.tolist() for each in leaves]


def written(make, values):
    nodes = compiled_walk._nodes(make(*leaves_of(values))._node)
    return None if nodes is None else Way(nodes)


@pytest.fixture
def follow(monkeypatch):
    """Let each walk begin with the way given; None: the ordinary one."""
    return lambda way: monkeypatch.setattr(graph, "way_from", lambda root: way)


@pytest.mark.parametrize("make", MAKES)
@pytest.mark.parametrize("values", VALUES)
def test_a_walk_written_down_gives_the_gradients(make, values, follow):
    follow(None)
    expected = gradients(make, values)
    way = written(make, values)
    assert (way is None) == (make in (hooked, kept))  # hooks are left to the ordinary walk
    follow(way)
    for _ in range(3):
        assert gradients(make, values) == expected
    assert way is None or way.misses == 0 or make is own_function


@pytest.mark.parametrize("values", VALUES)
def test_another_graph_is_noticed_wherever_it_differs(values, follow):
    for make, other in itertools.permutations(MAKES, 2):
        follow(None)
        expected = gradients(other, values)
        way = written(make, values)
        if way is not None:
            follow(way)
            # The sum of several parts may be made in another order.
            for got, wanted in zip(gradients(other, values), expected, strict=True):
                assert (got is None) == (wanted is None)
                np.testing.assert_allclose(got or 0, wanted or 0, rtol=1e-5, err_msg=f"{make} {other}")


def test_kept_values_of_other_kinds_are_noticed(follow):
    for make, (values, others) in itertools.product(MAKES, itertools.permutations(VALUES, 2)):
        follow(None)
        expected = gradients(make, others)
        follow(written(make, values))
        assert gradients(make, others) == expected


def test_the_errors_of_the_ordinary_walk_remain(follow):
    values = VALUES[1]
    follow(written(arithmetic, values))
    a, b = leaves_of(values)
    c = a * 1.0
    loss = arithmetic(c, b)
    loss.backward()
    with pytest.raises(RuntimeError, match="backward through the graph a second time"):
        loss.backward()
    c = a * 1.0
    follow(written(lambda a, b: (c * c).sum(), values))
    loss = (c * c).sum()
    c.add_(1)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()


def test_steps_that_repeat_are_written_down_and_forgotten_when_others_come():
    compiled_walk.forget()
    a, b = leaves_of(VALUES[0])
    for _ in range(compiled_walk._OFTEN + 10):
        (a * b + b).sum().backward()
    (way,) = (way for way in compiled_walk._ways.values() if way is not None)
    assert way.misses == 0
    for _ in range(compiled_walk._MISSES + 1):  # as many nodes of the same kinds in another order
        (a + b * b).sum().backward()
    assert set(compiled_walk._ways.values()) == {None}
    compiled_walk.forget()


def test_a_long_graph_is_left_to_the_ordinary_walk():
    c = a = torch.tensor(1.0, requires_grad=True)
    for _ in range(compiled_walk._LONG + 2):
        c = c * 1.0
    assert compiled_walk._nodes(c._node) is None
    c.backward()
    assert a.grad == 1


def test_a_way_keeps_no_graph_alive():
    a, b = leaves_of(VALUES[1])
    loss = several(a, b)
    way = Way(compiled_walk._nodes(loss._node))
    gone = [weakref.ref(each) for each in (a, b, loss._node)]
    del a, b, loss
    gc.collect()
    assert [each() for each in gone] == [None] * 3
    assert way.run is not None


def test_gradients_are_let_go_of_on_the_way(follow):
    def peak():
        a = torch.ones(100_000, requires_grad=True)
        c = a
        for _ in range(30):
            c = (c * a).tanh()
        root = c.sum()
        tracemalloc.start()
        root.backward()
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most, Way(nodes) if (nodes := compiled_walk._nodes(root._node)) else None

    follow(None)
    plain, way = peak()
    follow(way)
    assert peak()[0] < 1.5 * plain


def test_threads_follow_the_same_way(follow):
    follow(None)
    expected = gradients(arithmetic, VALUES[1])
    follow(written(arithmetic, VALUES[1]))
    got = []
    threads = [
        threading.Thread(target=lambda: got.extend(gradients(arithmetic, VALUES[1]) for _ in range(50)))
        for _ in range(4)
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert got == [expected] * 200


class Emptied(dict):
    """A table that another thread empties whenever it has been asked something."""

    def __contains__(self, key):
        there = super().__contains__(key)
        self.clear()
        return there

    def get(self, key, default=None):
        found = super().get(key, default)
        self.clear()
        return found


@pytest.mark.parametrize("table", ["_met", "_ways"])
def test_tables_may_be_emptied_by_another_thread_at_any_time(monkeypatch, table):
    compiled_walk.forget()
    monkeypatch.setattr(compiled_walk, "_OFTEN", 0)
    monkeypatch.setattr(compiled_walk, table, Emptied())
    for _ in range(5):
        a, b = leaves_of(VALUES[0])
        (a * b).backward()
        assert (a.grad, b.grad) == (b, a)
    compiled_walk.forget()


def test_function_that_gives_no_gradient():
    seen = []

    class Below(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, g):
            seen.append(g.tolist())
            return g

    class Now(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 1

        @staticmethod
        def backward(ctx, g):
            return None if len(seen) % 3 == 2 else g

    x = torch.ones(2, requires_grad=True)
    for _ in range(90):
        Now.apply(Below.apply(x)).sum().backward()
    assert seen == [[1, 1], [1, 1], [0, 0]] * 30
    assert x.grad.tolist() == [60, 60]
