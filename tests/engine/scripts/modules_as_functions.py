"""`functional_call`: names that are not there, that hold no tensors, that are held twice or in a circle."""


def run(torch, page):
    nn, call = torch.nn, torch.func.functional_call
    one, zero = torch.ones(1, 1), torch.zeros(1)

    class Small(nn.Module):
        def __init__(self):
            super().__init__()
            self.l1 = nn.Linear(1, 1)
            self.register_buffer("buffer", torch.ones(1))
            self.number = 0.0

        def forward(self, x):
            return self.l1(x) + self.buffer

    module = Small()
    for given in (
        {"l1.weight": one, "l1.bias": None, "buffer": zero}, {"l1.weight": 5}, {"l1.weight": one, "number": zero},
        {"l1.weight": one, "l2.bias": zero}, {"forward.bias": zero}, {"": zero}, {"l1.": zero},
        {"l1.weight": one, "l1.bias": zero, "other": zero},
    ):  # fmt: skip
        page.said(lambda given=given: call(module, given, (one * 2,)))
    page.said(lambda: call(module, {"l1.weight": one, "other": zero}, (one,), strict=True))
    page.show(module, list(module.state_dict()), module.number, hasattr(module, "other"))
    module.l1.above = module
    given = {"l1.above.l1.weight": one, "l1.bias": zero, "l1.above.buffer": zero}
    page.said(lambda: call(module, given, (one,), tie_weights=False))

    class Names(nn.Module):
        def __init__(self):
            super().__init__()
            self.l1 = nn.Linear(1, 1)

        def forward(self):
            return [name for name, _ in self.named_parameters()]

    names = Names()
    for extra in (zero, nn.Parameter(zero)):
        page.show(call(names, {"l1.extra": extra}), names(), hasattr(names.l1, "extra"))
