"""What `torch.testing.assert_close` says of values that differ."""

import numpy as np


def run(torch, page):
    said, t = page.said, torch.tensor
    close = page.part("testing").assert_close
    nan = float("nan")
    pairs = [
        (t([1.0, 2.0]), t([1.0, 2.1])), (t([[1.0, 2.0], [3, 4]]), t([[1.0, 2.1], [3, 5]])), (1.0, 1.1), (t(1), t(2)),
        (t([1.0]), t([1.0, 2.0])), (t([1.0]), t([1.0], dtype=torch.float64)), ([t(1.0), t(2.0)], [t(1.0), t(3.0)]),
        ({"a": t(1.0)}, {"a": t(3.0)}), ({"a": t(1.0)}, {"b": t(3.0)}), ([1], [1, 2]), (t([1, 2]), t([1, 3])),
        (t(nan), t(nan)), (True, False), ("a", "b"), (None, None), (None, 1), (t([True]), t([False])),
        (1, 1.0), (3, 4), (1 + 1j, 2.0), (np.ones(2), np.ones(2) * 2), ([1.0, [t([2.0])]], [1.0, [t([2.0])]]),
    ]  # fmt: skip
    for actual, expected in pairs:
        said(lambda a=actual, b=expected: close(a, b))
    near = t([1.0, 2.0]), t([1.0, 2.1])
    for options in [
        {"rtol": 1e-1, "atol": 0.0}, {"msg": "hey"}, {"msg": lambda text: "so: " + text}, {"rtol": 1e-1},
        {"rtol": 0, "atol": 0},
    ]:  # fmt: skip
        said(lambda options=options: close(*near, **options))
    said(lambda: close(t(nan), t(nan), equal_nan=True))
    said(lambda: close(t([1.0]), t([1.0], dtype=torch.float64), check_dtype=False))
    said(lambda: close(t([[1.0]]).T.expand(2, 2), torch.ones(2, 2), check_stride=True))
