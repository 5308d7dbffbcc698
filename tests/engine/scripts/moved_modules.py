"""Modules moved to a type or a memory format, axes split, and what both refuse."""


def run(torch, page):
    nn, said = torch.nn, page.said
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Conv1d(3, 4, 3), nn.Linear(3, 4), nn.BatchNorm2d(3))

    def steps():
        return [(each.dtype, each.stride()) for each in net.state_dict().values()]

    for args, kwargs in (
        ((), {"memory_format": torch.channels_last}), ((torch.float64,), {"memory_format": torch.preserve_format}),
        (("cpu", torch.float16), {}), ((torch.ones(1),), {"memory_format": torch.contiguous_format}), ((None,), {}),
        ((torch.float16, True), {}), ((), {"memory_format": torch.channels_last_3d}), ((), {"memory_format": "x"}),
        ((torch.channels_last,), {}), (("foo",), {}), ((), {"dtype": "x"}), ((), {"foo": 1}), (([1],), {}),
        ((torch.float16, "cpu"), {}), ((torch.int64,), {}),
    ):  # fmt: skip
        try:
            net.to(*args, **kwargs)
            page.show(*steps())
        except (TypeError, RuntimeError) as error:
            page.show(type(error).__name__, str(error).splitlines()[0][:120])

    x = torch.ones(2, 6, 3)
    for dim, sizes in (
        (1, (2, 3)), (1, [2, -1]), (1, torch.Size([6])), (-1, (3, 1)), (1, (2, 2)), (1, (-1, 4)), (1, (0, -1)),
        (1, ()), (5, (2, 3)), ("a", (2, 3)), (1, 6), (1, (7,)),
    ):  # fmt: skip
        said(lambda dim=dim, sizes=sizes: x.unflatten(dim, sizes).shape)
    for sizes in ((2, 2), (2, "a"), 5):
        said(lambda sizes=sizes: nn.Unflatten(1, sizes)(x).shape)
    for sizes in ((), (3,), (2, 5)):
        said(lambda sizes=sizes: torch.ones(2, 3).expand(sizes))
    for dtype in (torch.half, torch.bfloat16, torch.uint8, torch.bool, torch.complex64, torch.uint16):
        said(lambda dtype=dtype: torch.ones(2, dtype=dtype).expand(()))
