"""Views that are made while nothing is recorded: what they need, what must not happen to them, how they show."""

import copy


def run(torch, page):
    show = page.show

    def of(leaf):
        x = torch.ones(2, 2, requires_grad=True)
        return x if leaf else x * 2

    def told(t):
        return t.requires_grad, t.is_leaf, t.grad_fn and t.grad_fn.name(), t._is_view(), t._version, t.tolist()

    def tried(name, call):
        try:
            show(name, call())
        except Exception as error:
            show(name, type(error).__name__, str(error).split("\n")[0])

    class Row(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            row = x[0]
            ctx.save_for_backward(row)
            return row * 2

        @staticmethod
        def backward(ctx, g):
            (row,) = ctx.saved_tensors
            show(told(row))
            return torch.stack([g * row, g])

    class Shown(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x[0]

        @staticmethod
        def backward(ctx, g):
            return torch.stack([g, g])

    for leaf in (True, False):
        x = of(leaf)
        with torch.no_grad():
            v = x[0]
            views = {
                "t": x.t(), "view": x.view(4), "slice": x[:, 1:], "chunk": x.chunk(2)[1], "unbind": x.unbind()[0],
                "expand": x[0].expand(3, 2), "diagonal": x.diagonal(), "view_as": x.view_as(x), "squeeze": x.squeeze(),
                "detach": x.detach(), "data": x.data, "clone": x.clone(),
            }  # fmt: skip
        for name, each in views.items():
            show(leaf, name, told(each), each)
        show(repr(v), v._base is x, v.detach()._base is None, v.retains_grad)
        tried("numpy", v.numpy)
        tried("in place", lambda v=v: v.add_(1))
        tried("by what needs a gradient", lambda v=v: v.mul_(torch.ones(2, requires_grad=True)))
        tried("out of the graph", v.detach_)
        tried("several", lambda views=views: views["unbind"].mul_(2))
        tried("view of it", lambda v=v: told(v[1:]))
        tried("view of it in place", lambda v=v: v[1:].mul_(2))
        y = (v * v).sum()
        show(told(y), y.grad_fn.next_functions[0][0].next_functions)
        y.backward()
        show(v.grad, x.grad if leaf else None)
        tried("asked for", lambda v=v: torch.autograd.grad((v * 2).sum(), v))
        show(torch.autograd.grad((v * 2).sum(), v, allow_unused=True))
        show(torch.autograd.grad((x[0] * v).sum(), x))
        show(told(copy.deepcopy(v))[:4])
        show(told(v.requires_grad_(False)))
        v.requires_grad_()
        (v * 3).sum().backward()
        show(told(v), v.grad)

        with torch.no_grad():
            v = x.view(4)
            show(told(v.view(2, 2)), v.view(2, 2)._base is x)
        with torch.no_grad():
            x += 1
        show(v, v.requires_grad)
        tried("told", lambda v=v: told(v))
        tried("used", lambda v=v: v * 2)
        tried("copied", lambda v=v: copy.deepcopy(v))
        show(v.detach(), told(x))

        with torch.no_grad():
            w = x[1]
            w.zero_()
        show(w, told(x))
        tried("told after its own change", lambda w=w: told(w))

    x = of(True)
    with torch.inference_mode():
        v = x[0]
        show(v.requires_grad, v.is_inference(), v._is_view())
    Row.apply(of(True)).sum().backward()
    show(told(Shown.apply(of(True))))

    layer = torch.nn.Linear(2, 2)
    optimizer = torch.optim.SGD(layer.parameters(), lr=0.1)
    with torch.no_grad():
        row = layer.weight[0]
        layer.weight.view(-1).fill_(0.5)
        layer.bias[0] = 2
    layer(torch.ones(1, 2)).sum().backward()
    optimizer.step()
    show(layer.weight, layer.bias, row)

    x = torch.ones(4).view(2, 2).requires_grad_()
    with torch.no_grad():
        show("of a view that is a leaf", x.t(), x.detach().t())
    x = of(True)
    y = x * 2
    tried("flag of what was computed", lambda: setattr(y, "requires_grad", True))
    tried("flag lowered", lambda: setattr(y, "requires_grad", False))
    show(told(y.requires_grad_()))

    x = of(True)
    with torch.inference_mode():
        v = x[0]
    w = v[1:]
    tried("in place", lambda: v.add_(1))
    tried("view of it in place", lambda: w.add_(1))
    with torch.no_grad():
        x.add_(1)
    tried("told", lambda: told(v))

    # Views that are recorded, of what is changed without recording.
    x = torch.arange(6.0).view(2, 3).clone().requires_grad_()
    y = x * 2
    row, turned, piece = y[0], x.t(), y.unbind(0)[1]
    used = row * 3
    with torch.no_grad():
        y.mul_(2)
    show(row, used.grad_fn.next_functions[0][0].name(), turned.grad_fn.name())
    tried("one of several", lambda: piece.grad_fn)
    with torch.no_grad():
        x.add_(1)
    for view in (turned, row):
        show(view.grad_fn.name(), view.grad_fn.next_functions[0][0].name(), view.is_leaf)
        x.grad = None
        (view * 2).sum().backward()
        show(x.grad)
    with torch.no_grad():
        row.zero_()
    show(y.grad_fn.name(), row.grad_fn.name(), row.grad_fn.next_functions[0][0].name())
    flat = x.view(-1)
    end = flat[1:]
    with torch.no_grad():
        end.zero_()
    show(flat.grad_fn.name(), end.grad_fn.name(), end.grad_fn.next_functions[0][0].name())
    row = layer.weight[0]
    layer(torch.ones(1, 2)).sum().backward()
    optimizer.step()
    show(row)
    piece = (x * 2).unbind(0)[1]
    with torch.no_grad():
        piece.zero_()
    tried("one of several itself", lambda: piece.grad_fn)
    show(piece)
    z = torch.ones(2, dtype=torch.complex64, requires_grad=True)
    real = torch.view_as_real(z)
    with torch.no_grad():
        z.mul_(2)
    show(real)
    with torch.inference_mode():
        leaf = torch.ones(2, 3, requires_grad=True)
        for view in (leaf.view(-1), leaf[0], leaf.unbind(1)[0]):
            show(view.requires_grad, view.is_inference(), view.grad_fn, view._is_view())
    for view in (leaf.view(-1), leaf[0], leaf.unbind(1)[0], leaf.detach(), leaf * 2):
        show(view.requires_grad, view.is_inference(), view.is_leaf, view._is_view())
    tried("a leaf of inference", lambda: leaf.add_(1))
    tried("its view", lambda: leaf[0].add_(1))
