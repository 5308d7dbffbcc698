"""Gradients by tensors on the way, and what hooks do to them and see of them."""


def run(torch, page):
    grad, show = torch.autograd.grad, page.show

    class Two(torch.autograd.Function):
        """Two results, of which either may be asked for."""

        @staticmethod
        def forward(ctx, a):
            """Both."""
            return a * 2, a + 1

        @staticmethod
        def backward(ctx, g, h):
            """From both."""
            show("  backward", g, h)
            return g * 2 + h

    def told(gradients):
        return [None if g is None else g.tolist() for g in gradients]

    def asked(result, inputs):
        return told(grad(result.sum(), inputs, retain_graph=True, allow_unused=True))

    x = torch.ones(2, requires_grad=True)
    y = x * 3
    y.register_hook(lambda g: g * 2)
    z = y * 5
    for result, inputs in (
        (y, [y]), (y, [y, x]), (z, [z, y, x]), (z, [y]), (z, [x]), (z, [z]),
    ):  # fmt: skip
        show(asked(result, inputs))
    y.retain_grad()
    z.sum().backward(inputs=[y], retain_graph=True)
    show(y.grad)
    w = x * 3
    w.grad_fn.register_prehook(lambda go: (go[0] * 2,))
    w.grad_fn.register_hook(lambda gi, go: show("  after", told(gi), told(go)))
    show(asked(w * 1, [w, x]), asked(w, [w]))
    p, q = Two.apply(x * 1)
    p.register_hook(lambda g: show("  hook", g))
    for result, inputs in ((p * 3, [p, x]), (p, [p, q, x]), (q, [p]), (q * 1, [p, q])):
        show(asked(result, inputs))
    viewed = (x * 2).view(2)
    viewed.register_hook(lambda g: g * 2)
    show(asked(viewed, [viewed, x]))
    changed = x * 1
    changed[0] = 5.0
    changed.register_hook(lambda g: g * 2)
    show(asked(changed, [changed, x]), asked(changed * 1, [changed, x]))

    a, b = torch.ones(2, requires_grad=True), torch.full((2,), 2.0, requires_grad=True)
    product = a * b
    product.grad_fn.register_hook(lambda gi, go: show("  after", told(gi)))
    show(asked(product, [a]), asked(product, [b]), asked(product, [a, b]))
    product.sum().backward(inputs=[a], retain_graph=True)
    torch.autograd.graph.register_multi_grad_hook([a, product], lambda gradients: show("  all", told(gradients)))
    page.said(lambda: asked(product, [a]))
    page.said(lambda: asked(product, [product]))
    page.said(lambda: product.sum().backward(inputs=[a], retain_graph=True))
