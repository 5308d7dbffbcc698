"""Poolings of nothing, with settings of other lengths, and of parts of images whose channels come last."""

from __future__ import annotations

from typing import Any


def run(torch: Any, page: Any) -> None:
    """Their shapes and steps, or what they say."""
    F, nn, ones = torch.nn.functional, torch.nn, torch.ones
    for axes in (1, 2, 3):
        maxima, means = getattr(F, f"adaptive_max_pool{axes}d"), getattr(F, f"adaptive_avg_pool{axes}d")
        unpool = getattr(F, f"max_unpool{axes}d")
        for shape in ((0, 1), (1, 0), (0, 1, 5), (1, 0, 5), (1, 0, 5, 5), (1, 5, 0, 5), (1, 0, 5, 5, 5)):
            for pool in (maxima, means):
                page.said(lambda p=pool, s=shape: p(ones(s), 2).shape)
            page.said(lambda p=unpool, s=shape: p(ones(s), torch.zeros(s, dtype=torch.int64), 2).shape)
        one, at = ones((1,) * (axes + 2)), torch.zeros((1,) * (axes + 2), dtype=torch.int64)
        for n in range(1, 4):
            page.said(lambda p=unpool, x=one, i=at, k=n: p(x, i, (1,) * k).shape)
            page.said(lambda p=unpool, x=one, i=at, k=n: p(x, i, 1, (1,) * k).shape)
        page.said(lambda p=unpool, x=one, i=at: p(x.int(), i, 1))
    page.said(lambda: F.max_unpool3d(one, at, 1, (-1, 1, 1)))
    for axes, pool in ((2, F.fractional_max_pool2d), (3, F.fractional_max_pool3d)):
        for shape in ((0, 1), (1, 0), (1, 1)):
            page.said(lambda p=pool, s=shape, n=axes: p(ones(*s, *(5,) * n), 2, output_size=2).shape)
        x = torch.arange(6.0 * 7**axes).view(2, 3, *(7,) * axes)
        for shape in ((2, 3, axes), (3, 3, axes), (1, 3, axes), (2, 2, axes), (2, 3, axes + 1), (2, 3)):
            page.said(lambda p=pool, v=x, s=shape: p(v, 2, output_size=2, _random_samples=torch.zeros(s)).sum())
        for options in ({"kernel_size": (2,)}, {"output_size": (2,)}, {"kernel_size": (2,) * (axes + 1)}):
            page.said(lambda p=pool, v=x, o=options: p(v, **{"kernel_size": 2, "output_size": 2} | o).shape)
    part = torch.randn(4, 8, 10, 10).to(memory_format=torch.channels_last)[:, ::2, ::2, ::2]
    for call in (
        lambda x: F.adaptive_avg_pool2d(x, 3), lambda x: F.adaptive_max_pool2d(x, 3),
        lambda x: F.max_pool2d(x, 2, 1, 1, 2),
        lambda x: F.avg_pool2d(x, 2), F.dropout, lambda x: F.interpolate(x, 7), nn.Conv2d(4, 2, 2), nn.BatchNorm2d(4),
    ):  # fmt: skip
        page.show(call(part).stride())
