"""Tensors given another shape in place: histories, gradients, versions, with and without recording."""


def run(torch, page):
    def leaf():
        return torch.arange(6.0).view(2, 3).requires_grad_()

    for turned in (
        lambda x: x.t_(), lambda x: x.unsqueeze_(0), lambda x: x.squeeze_(), lambda x: x.squeeze_(0),
        lambda x: x.transpose_(0, 1), lambda x: x.swapaxes_(0, 1),
    ):  # fmt: skip
        page.said(lambda turned=turned: turned(leaf()))
        page.said(lambda turned=turned: turned(leaf()[0:1]))
        page.show(turned(leaf() * 2))
        with torch.no_grad():
            p = torch.nn.Parameter(torch.arange(6.0).view(2, 3))
            page.show(turned(p), p.is_leaf)
            inner = leaf() * 2
            page.show(turned(inner).requires_grad)
            base = leaf() * 2
            part = base[0:1]
            page.show(turned(part))
        (p * p).sum().backward()
        page.show(p.grad, p._version, p.stride())
        source = leaf()
        base = source * 2
        part = base[0:1]
        turned(part).mul_(3)
        (base * base).sum().backward()
        page.show(base, source.grad, base._version, part._version)
        plain = torch.arange(6.0).view(2, 3)
        turned(plain).mul_(leaf().sum())
        page.show(plain)
    with torch.inference_mode():
        page.show(torch.ones(2, 3, requires_grad=True).t_().requires_grad)
    y = leaf() * 1
    squared = y.square()
    y.t_()
    try:
        squared.sum().backward()
    except RuntimeError as error:
        page.show(str(error).partition(" Hint")[0])
    held = torch.arange(6.0).view(2, 3).requires_grad_()
    for call in (lambda: held[0:1].mul_(2), lambda: held[0].t_(), lambda: held.view(6)[1:].add_(1)):
        page.said(call)
    size = torch.zeros(1)
    for call in (lambda: size.resize_(1, 2), lambda: size.resize_as_(torch.zeros(3)), lambda: size.resize_(3)):
        call()
        page.show(size._version)
