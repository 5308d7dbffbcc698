"""Containers filled from what is no row and no pairs, and attributes of tensors set to what they cannot be."""


def run(torch, page):
    nn, said = torch.nn, page.said
    for make, value in ((nn.ModuleDict, nn.ReLU()), (nn.ParameterDict, torch.ones(1))):
        for given in (
            3, None, [1], [("a",)], [("a", value, 1)], [(1, value)], "ab", [["x", value]], {"y": value},
            ((name, value) for name in "pq"),
        ):  # fmt: skip
            held = make()
            said(lambda held=held, given=given: held.update(given))
            if given != [(1, value)]:
                page.show(list(held))
        said(lambda make=make: make(3))
    modules = nn.ModuleList([nn.ReLU()])
    for call in (
        lambda: nn.ModuleList(3), lambda: modules.extend(3), lambda: nn.ParameterList(3), lambda: nn.ModuleList([3]),
        lambda: nn.ParameterList().extend(None), lambda: modules.insert(0, nn.Tanh()), lambda: modules,
        lambda: nn.Sequential(nn.ReLU()).insert(0, nn.Tanh()), lambda: nn.Sequential().extend(3),
    ):  # fmt: skip
        said(call)
    learned, plain = torch.ones(2, requires_grad=True), torch.ones(2)
    for value in (torch.ones(2).long(), torch.ones(3), torch.ones(2).double(), 3, None):
        said(lambda value=value: setattr(learned, "data", value))
        said(lambda value=value: setattr(plain, "data", value))
        page.show(learned, plain)
    said(lambda: setattr(learned * 2, "data", torch.ones(2).bool()))
    for flag in ("x", 1, None, False):
        said(lambda flag=flag: setattr(learned, "requires_grad", flag))
