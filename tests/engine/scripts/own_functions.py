"""What an `autograd.Function` may give, mark and be asked for, and what is refused."""


def run(torch, page):
    class Base(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, g, *others):
            return g * 3

    def function(forward, **named):
        space = {"forward": staticmethod(forward)}
        return type("Own", (Base,), space | {name: staticmethod(value) for name, value in named.items()})

    def x():
        return torch.tensor([1.0, 2.0, 3.0], requires_grad=True)

    leaf = x()
    y, number, word = function(lambda ctx, x: (x * 2, 5, "a")).apply(leaf)
    y.sum().backward()
    page.show(y, number, word, leaf.grad)
    leaf = x()
    number, y = function(lambda ctx, x: (5, x * 2), backward=lambda ctx, g, h: (page.show(g), h)[1]).apply(leaf)
    y.sum().backward()
    page.show(y, number, leaf.grad)

    def twice(ctx, x):
        y = x * 2
        return y, y

    leaf = x()
    a, b = function(twice, backward=lambda ctx, g, h: g * 3 + h * 5).apply(leaf)
    (a + b).sum().backward()
    page.show(a is b, a.output_nr, leaf.grad)

    def changed(ctx, x):
        ctx.mark_dirty(x.mul_(2))
        return x

    def not_returned(ctx, x):
        ctx.mark_dirty(x.mul_(2))
        return x * 1

    def not_given(ctx, x):
        y = x * 2
        ctx.mark_dirty(y)
        return y

    def several(ctx, x):
        ctx.mark_dirty(x.mul_(2))
        return x, x.clone()

    leaf = x()
    middle = leaf * 1
    page.show(function(changed).apply(middle) is middle, middle)
    middle.sum().backward()
    page.show(leaf.grad)
    page.said(lambda: function(changed).apply(x()))
    page.said(lambda: function(not_returned).apply(x() * 1))
    page.said(lambda: function(several).apply((x() * 1)[:2]))
    page.show(function(several).apply(x() * 1))
    page.said(lambda: function(not_given).apply(x() * 1))

    for forward in (lambda ctx, x: x.view(-1, 1), lambda ctx, x: x, lambda ctx, x: (x[:2], x * 1)):
        for given in (x(), x() * 1):
            result = function(forward).apply(given)
            result = result[0] if isinstance(result, tuple) else result
            page.show(result, result.data_ptr() == given.data_ptr())
            page.said(lambda result=result: result.add_(1))
            page.show(result.clone().add_(1))

    def within(ctx, x):
        y = x * 2
        return y.add_(1)

    page.show(function(within).apply(x()).mul_(2))

    def named(ctx, x, k=2, *, m=2):
        return x * k * m

    page.show(function(named).apply(x()), function(named).apply(x=x(), k=3))
    page.said(lambda: function(named).apply(x(), m=3))

    def saving(ctx, x):
        ctx.save_for_backward(x)
        return x * 2

    page.said(lambda: function(saving).apply(x()).grad_fn.saved_variables)
    page.said(lambda: function(lambda ctx, x: ctx.save_for_backward(x, 3)).apply(x()))
    page.said(lambda: function(saving).apply(x()).grad_fn.nothing)
