"""What may be put at an index, and what keys that are lists pick."""

import numpy as np


def run(torch, page):
    def put(key, value, dtype=torch.float32, shape=(3, 4)):
        def call():
            x = torch.zeros(shape, dtype=dtype)
            x[key] = value
            return x.tolist()

        page.said(call)

    whole, one, picked = torch.tensor([1, 2]), torch.tensor(5), torch.tensor([0, 2])
    mask = torch.tensor([True, False, True])
    for value in ([1, 2], (1, 2), "a", None, {}, range(2), np.float32(1), np.bool_(True), np.ones(2), torch.Size([2])):
        put(0, value, shape=(3,))
    for value in (np.int64(2), np.uint8(3), np.float64(2), 2.5, True, torch.tensor(2, dtype=torch.int16), one, whole):
        put(slice(0, 2), value, shape=(3,))
        put(picked, value, shape=(3,))
        put(mask, value, shape=(3,))
        put([True, False, True], value, shape=(3,))
    put(picked, 1.5 * whole, torch.long, (3,))
    put(picked, mask[:2], torch.long, (3,))
    put(picked, 1.5 * whole, torch.float16, (3,))
    put((slice(None), mask), one, shape=(2, 3))
    put((mask, 0), one)
    put((mask, 0), whole)
    put((picked, picked), one)
    put((mask, picked), torch.tensor(1 + 1j))
    put(mask, torch.tensor(1 + 1j), shape=(3,))
    put(picked, torch.ones(3, dtype=torch.long), shape=(3,))
    put((0, 1), torch.ones(1, 2))
    put((0, 1), torch.ones(2, dtype=torch.bool))
    put((0, 1), torch.ones(1, 1))
    put(0, torch.ones(1, 1, 4))
    put(slice(0, 2), torch.ones(1, 3, 4))
    put(slice(0, 0), torch.ones(2, 3))
    put((slice(None), 1), torch.ones(4))
    x = torch.arange(24.0).reshape(2, 3, 4)
    page.said(lambda: x[0].index_put_((picked,), 1))
    page.said(lambda: x[0, 0].clone().index_put_((picked,), whole))
    page.said(lambda: x[0, 0].index_put((picked,), whole.double(), accumulate=True))
    page.said(lambda: x[:, 0, 0].clone().index_add(0, whole - 1, whole))
    page.said(lambda: x[:, 0, 0].clone().index_reduce(0, whole - 1, whole, "mean"))
    page.said(lambda: x[0, 0].masked_scatter(x[0, 0] > 1, whole))

    for key in (
        [[0, 1], [1, 2]], [[0, 1]], [[0], [1], [2]], [[0, 1]] * 32, [[[0, 1]], [[1, 2]]], [(0, 1), (1, 2)],
        [torch.tensor([0, 1]), torch.tensor([0, 1])], [np.array([0, 1]), np.array([0, 1])], [slice(0, 1), 0],
        [None, 0], [..., 0], [0, 1], [], [[]], [True, False], [[True, False], [True, True, False]], [1.0, 0.0],
        [1.5, 0], [True, 1], [1j], "ab", b"a", range(2), np.array([1.0, 0.0]), np.array([[0, 1], [1, 0]]), {0},
        torch.tensor([1.0]),
    ):  # fmt: skip
        page.said(lambda key=key: x[key].sum(-1).tolist())

    def put_by_lists():
        y = x.clone()
        y[[[0, 1], [1, 2]]] = 100.0
        return y.sum((0, 2)).tolist()

    page.said(put_by_lists)
