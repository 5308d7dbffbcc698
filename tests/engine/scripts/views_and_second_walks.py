"""Values with gradients put into views, second walks over changes through views, powers of negative numbers."""


def run(torch, page):
    w = torch.ones(1, requires_grad=True)

    def added(view):
        view += w
        return view.requires_grad

    def put(view):
        view[0] = w[0]
        return view.requires_grad

    for make in (
        lambda: torch.rand(1, 2).unbind()[0], lambda: torch.rand(4).split(2)[0], lambda: torch.rand(4).chunk(2)[0],
        lambda: torch.rand(1, 2)[0], lambda: torch.rand(1, 2).unbind()[0].clone(),
    ):  # fmt: skip
        for change in (added, put, lambda v: v.copy_(w).requires_grad, lambda v: v.mul_(2).requires_grad):
            page.said(lambda make=make, change=change: change(make()))

    source = torch.arange(3.0, requires_grad=True)
    changes = {
        "some": lambda t: t.__setitem__([1, 2], source[[1, 1]]), "one": lambda t: t.__setitem__(1, source[1]),
        "mask": lambda t: t.__setitem__(t == 0, source), "part": lambda t: t.__setitem__(slice(2), source[:2]),
        "whole": lambda t: t.__setitem__(slice(None), source), "scaled": lambda t: t[:2].mul_(source[0]),
    }  # fmt: skip
    for name, change in changes.items():
        target = torch.zeros(3)
        change(target)
        result = target.sum()
        page.show(name, target.grad_fn.name())
        page.said(lambda result=result: result.backward(retain_graph=True))
        page.said(lambda result=result: result.backward())
        page.said(lambda result=result: result.backward())

    e = torch.tensor([0.5 + 1j, 1 - 2j, 2 + 0j], dtype=torch.cdouble, requires_grad=True)
    for base in (-1.0, 2.0, -2):
        full = torch.full((3,), float(base), dtype=torch.double, requires_grad=True)
        page.show(torch.autograd.grad(torch.pow(base, e).sum().abs(), e))
        page.show(torch.autograd.grad(torch.pow(full, e).sum().abs(), (full, e)))
    page.show(torch.autograd.grad(torch.pow(0.0, e).sum(), e, torch.tensor(1 + 0j, dtype=torch.cdouble))[0].isnan())
    for name in ("mT", "mH", "H"):
        for shape in ((3,), (2, 3), (2, 2, 3)):
            page.said(lambda name=name, shape=shape: getattr(torch.ones(shape), name).shape)
