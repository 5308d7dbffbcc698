"""Layers and functions at their edges: nothing in them, nothing left of them, no shape yet."""

from __future__ import annotations

from collections import namedtuple
from typing import Any


def run(torch: Any, page: Any) -> None:
    """What they give or say."""
    F, nn = torch.nn.functional, torch.nn
    pair = namedtuple("pair", "a b")

    class Both(nn.Module):
        def forward(self, x: Any) -> Any:
            return pair(x * 2, x * 3)

    both = Both()
    both.register_full_backward_hook(lambda module, inputs, outputs: page.show(type(outputs).__name__, inputs))
    y = both(torch.ones(2, requires_grad=True))
    page.show(type(y).__name__, y._fields)
    (y.a + y.b).sum().backward()

    for shape in ((0, 5), (3, 0), (0, 0)):
        for reduction in ("mean", "sum", "none"):
            page.said(lambda s=shape, r=reduction: F.cross_entropy(torch.ones(s), torch.ones(s), reduction=r))
    for padding in ((-3, -2), (-3, -3)):
        page.said(lambda p=padding: F.pad(torch.arange(5.0).view(1, 1, 5), p, mode="circular"))
    x = torch.arange(6.0).view(1, 2, 3)
    page.said(lambda: F.instance_norm(x, eps=0))
    page.said(lambda: torch.batch_norm(x, None, None, None, None, True, 0.1, 0.0, False))
    page.said(lambda: F.batch_norm(x, None, None, training=True, eps=0))
    page.said(lambda: nn.BatchNorm1d(3)(torch.ones(0, 3, 2, dtype=torch.float64)))
    page.said(lambda: F.fold(torch.zeros(1, 12, 12), (4, 5), (2, 2), dilation=8))
    pack = page.part("nn.utils.rnn").pack_padded_sequence
    page.said(lambda: pack(torch.empty(0, 0), torch.zeros(1, 1, dtype=torch.int64)))
    page.said(lambda: nn.utils.weight_norm(nn.LazyLinear(3)))
    page.said(lambda: nn.utils.spectral_norm(nn.LazyLinear(3)))

    page.said(lambda: nn.Sequential(nn.LazyLinear(3)).share_memory())
    page.said(lambda: torch.embedding_bag(torch.ones(3, 2, 2), torch.ones(2, dtype=torch.int64), torch.tensor([0])))

    table, steps = torch.arange(8.0).view(4, 2), torch.tensor([0, 2, 3])
    for dtype in (torch.float32, torch.float64):
        for options in ({"mode": "sum"}, {"mode": "mean"}, {"mode": "max"}, {"mode": "sum", "padding_idx": 1}):
            rows = table.to(dtype)
            page.said(lambda r=rows, o=options: F.embedding_bag(torch.tensor([[0, -1]]), r, **o))
            page.said(lambda r=rows, o=options: F.embedding_bag(torch.tensor([[0, 4]]), r, **o))
            if dtype == torch.float64 or options["mode"] != "mean":
                bags = torch.tensor([0, 1, 2, 3])
                page.said(lambda r=rows, o=options, b=bags: F.embedding_bag(b, r, steps, include_last_offset=True, **o))

    for name in ("elu", "selu", "celu", "leaky_relu", "rrelu", "relu", "hardtanh", "silu", "mish", "hardswish"):
        z = torch.tensor([-1.0, 2.0], requires_grad=True)
        page.show(name, getattr(F, name)(z * 1).grad_fn.name(), getattr(F, name)(z * 1, inplace=True).grad_fn.name())
    page.show(F.threshold_(z * 1, 0.5, 0.0).grad_fn.name(), F.elu_(z * 1), nn.LeakyReLU(0.5, inplace=True)(z * 1))

    r = torch.arange(9.0).view(3, 3)
    r[0] = r[0][2]
    r[:] = r[0:1]
    page.show(r)
    page.said(lambda: r[0].copy_(r[0][2]))
    page.said(lambda: r[1:].__setitem__(slice(None), r[:-1]))
