"""What a way back needs is written over by `out=` or by gradients that are added up: it says so."""

import re


def run(torch, page):
    none = torch.tensor([], dtype=torch.int64)
    x, square, eye = torch.arange(3.0), torch.arange(9.0).view(3, 3), torch.eye(3)

    def tried(name, call):
        try:
            page.show(name, call())
        except Exception as error:
            page.show(name, type(error).__name__, re.sub(r"version \d+", "version", str(error).split(" Hint")[0]))

    writes = {
        "mul": lambda y: torch.mul(x, 2, out=y), "add": lambda y: torch.add(x, 2, out=y),
        "exp": lambda y: torch.exp(x, out=y), "clamp": lambda y: torch.clamp(x, 0, out=y),
        "sum": lambda y: torch.sum(square, 0, out=y), "cumsum": lambda y: torch.cumsum(x, 0, out=y),
        "matmul": lambda y: torch.matmul(eye, x, out=y), "addmv": lambda y: torch.addmv(x, eye, x, out=y),
        "cat": lambda y: torch.cat([x], out=y), "stack": lambda y: torch.stack([x[0], x[1], x[2]], out=y),
        "where": lambda y: torch.where(x > 0, x, x, out=y), "sort": lambda y: torch.sort(x, out=(y, none.clone())),
        "max": lambda y: torch.max(square, 1, out=(y, none.clone())),
        "index_select": lambda y: torch.index_select(x, 0, torch.tensor([0, 1, 2]), out=y),
        "std": lambda y: torch.std(square, 1, out=y), "solve": lambda y: torch.linalg.solve(eye, x, out=y),
        "arange": lambda y: torch.arange(3.0, out=y), "zeros": lambda y: torch.zeros(3, out=y),
        "rand": lambda y: torch.rand(3, out=y), "normal": lambda y: torch.normal(x, x + 1, out=y),
        "nothing": lambda y: y,
    }  # fmt: skip
    for name, write in writes.items():
        weight, y = torch.ones(3, requires_grad=True), torch.ones(3)
        product = weight * y
        write(y)
        page.show(y._version)
        tried(name, lambda product=product, weight=weight: (product.sum().backward(), weight.grad))

    y = torch.ones(0)
    torch.add(x, 1, out=y)
    page.show(y, y._version)
    for size in ((3,), ()):
        weight, leaf = torch.ones(size, requires_grad=True), torch.full(size, 2.0, requires_grad=True)
        (leaf * leaf).sum().backward()
        product = weight * leaf.grad
        tried(
            "once", lambda product=product, weight=weight: torch.autograd.grad(product.sum(), weight, retain_graph=True)
        )
        (leaf * leaf).sum().backward()
        tried("added up", lambda product=product, weight=weight: torch.autograd.grad(product.sum(), weight))
        leaf.grad = None
        (leaf * leaf).sum().backward()
        product = weight * leaf.grad
        leaf.grad = None
        (leaf * leaf).sum().backward()
        tried("anew", lambda product=product, weight=weight: torch.autograd.grad(product.sum(), weight))

    whole = torch.ones(2, 3)
    part = whole.view(6)
    page.said(lambda: torch.mul(x, 2, out=part))
    page.show(whole, part, part._version)
    page.said(lambda: torch.add(torch.ones(2, 2), 1, out=whole.t()))
    page.show(whole)
    page.said(lambda: torch.add(torch.ones(2, 3), x, out=x))
    page.said(lambda: torch.add(x, 1, out=x.expand(2, 3)))
    page.show(x, x._version)
    with torch.no_grad():
        weight = torch.ones(2, requires_grad=True)
        page.said(lambda: torch.mul(x, 2, out=weight))
        page.show(weight, weight._version)

    for name in ("exp", "sigmoid", "tanh", "sqrt", "relu", "sin"):
        for change in (
            lambda y: y.unsqueeze_(0),
            lambda y: y.t_(),
            lambda y: y.squeeze_(),
            lambda y: y.transpose_(0, 1),
        ):
            leaf = torch.full((2, 3), 0.5, requires_grad=True)
            y = getattr(leaf, name)()
            change(y)
            tried(name, lambda y=y, leaf=leaf: (y.sum().backward(), leaf.grad.shape))
    for layer in (torch.nn.Linear(3, 2), torch.nn.Linear(3, 2, bias=False), torch.nn.Conv1d(3, 2, 1)):
        x = torch.ones(4, 3, 1 if isinstance(layer, torch.nn.Conv1d) else 3, requires_grad=True)
        y = layer(x)
        with torch.no_grad():
            layer.weight.add_(1)
        tried("a layer's weight", lambda y=y: y.sum().backward())
    weight = torch.ones(2, 3, requires_grad=True)
    y = torch.ones(4, 3, requires_grad=True) @ weight.t()
    with torch.no_grad():
        weight.add_(1)
    tried("a transposed leaf", lambda: y.sum().backward())

    class Odd(torch.autograd.Function):
        @staticmethod
        def forward(ctx, scale, x):
            return x * scale

        @staticmethod
        def backward(ctx, g):
            return g, g

    tried("a gradient for a number", lambda: Odd.apply(2, weight).sum().backward())
