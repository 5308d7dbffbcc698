"""What the transforms of `torch.func` refuse: complex numbers, hooks on saved tensors, rules that do not fit."""


def run(torch, page):
    func = page.part("func")
    grad, vjp, jvp, vmap = func.grad, func.vjp, func.jvp, func.vmap
    x = torch.ones(2)

    for transform in (func.jacrev, func.jacfwd, func.hessian):
        page.said(lambda transform=transform: transform(lambda c: c.conj())(torch.ones(1, dtype=torch.cfloat)))
        page.said(lambda transform=transform: transform(lambda r: torch.conj(r * 0.5j))(torch.ones(1)))

    def retaining(x):
        y = x.sin()
        y.retain_grad()
        return y.sum()

    page.said(lambda: grad(retaining)(x))
    page.said(lambda: func.jacrev(retaining)(x))
    page.said(lambda: vmap(retaining)(x))
    page.said(lambda: jvp(retaining, (x,), (x,)))

    def plain(x):
        return torch.sin(x).sum()

    def hooked(x):
        with torch.autograd.graph.save_on_cpu():
            return plain(x)

    for transform in (grad, func.grad_and_value, func.jacrev, func.hessian, func.jacfwd, vmap):
        page.said(lambda transform=transform: transform(hooked)(x) is None)
        with torch.autograd.graph.save_on_cpu():
            page.said(lambda transform=transform: transform(plain)(x) is None)
    page.said(lambda: vjp(hooked, x))
    page.said(lambda: hooked(x))

    models = [torch.nn.Linear(2, 2) for _ in range(2)]
    models[0].weight.requires_grad_(False)
    page.said(lambda: func.stack_module_state(models))

    def mapped(dims, two):
        class Own(torch.autograd.Function):
            @staticmethod
            def forward(x):
                return (x * 0, x * 1) if two else x * 1

            @staticmethod
            def setup_context(ctx, inputs, output):
                pass

            @staticmethod
            def vmap(info, in_dims, x):
                return ((x * 0, x * 1) if two else x * 1), dims

        return vmap(Own.apply)(torch.ones(2, 3))

    for dims in (0, (None,), (0,), (0, 0)):
        for two in (False, True):
            page.said(lambda dims=dims, two=two: mapped(dims, two))

    class WithName(torch.autograd.Function):
        @staticmethod
        def forward(x, *, y):
            return x + y

        @staticmethod
        def setup_context(ctx, inputs, output):
            pass

    page.said(lambda: vmap(WithName.apply)(x, y=x))
    page.said(lambda: WithName.apply(x, y=x))

    def filled(y):
        base = torch.zeros(2, 3)
        view = base[0]
        base.copy_(y)
        return view, base

    page.show(jvp(filled, (torch.ones(2, 3),), (torch.arange(6.0).view(2, 3),)))
