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

    # What comes out of a map as it went in is the argument itself.
    def taking(x):
        return x.data

    def putting(x):
        x.data = torch.zeros(3)
        return x

    table = torch.arange(6.0).view(2, 3)
    page.said(lambda: vmap(taking)(table))
    page.said(lambda: vmap(putting)(table))
    for changed in (lambda x: x.exp_(), lambda x: x, lambda x: x.mul_(2)):
        same = table.clone()
        page.show(vmap(changed)(same) is same, vmap(vmap(changed))(same) is same, same)
    turned = vmap(lambda x: (x, x, x * 2), in_dims=1, out_dims=(1, 0, -1))(same)
    page.show(turned[0] is same, turned[1]._base is same, turned[1].shape, turned[2].shape)
    leaf = torch.ones(2, 3, requires_grad=True)
    page.show(vmap(lambda x: x)(leaf) is leaf, vmap(lambda x: x, in_dims=1)(leaf).grad_fn.name())
    page.show(grad(lambda t: (vmap(lambda x: x)(t) * table).sum())(leaf))
