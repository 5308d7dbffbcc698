"""Subclasses of tensors, and `__torch_function__` of these and of other types."""

import functools


def run(torch, page):
    show, said = page.show, page.said
    F = torch.nn.functional

    class Own(torch.Tensor):
        pass

    def kind(value):
        return type(value).__name__

    x = torch.arange(4.0).reshape(2, 2).as_subclass(Own)
    plain = torch.ones(2, 2)
    for value in (
        *(x + 1, 1 + x, plain + x, plain - x, plain @ x, 2 / x, -x, x > 1, x == x, x**2, x.sum(), x.T, x[0], x[:, 1]),
        *(torch.stack([x, x]), torch.sin(x), F.relu(x), F.linear(plain, x), torch.linalg.norm(x), x.max(1).values),
        *(x.split(1)[0], torch.where(x > 1, x, 0), x.detach(), x.data, x.clone(), x.to(torch.float64), x.view(-1)),
        *(next(iter(x)), torch.nn.Linear(2, 2)(x), x.shape, x.tolist()),
    ):
        show(kind(value), end(value))
    show(x, repr(x.long()), torch.nn.Parameter(plain))
    w = torch.ones(2, 2, requires_grad=True)
    loss = (w * x).sum()
    show(kind(loss), loss.grad_fn is not None)
    loss.backward()
    show(kind(w.grad), w.grad)
    y = x.clone().requires_grad_()
    (y * y).sum().backward()
    show(kind(y.grad), y.is_leaf, y.grad.tolist())
    z = x.clone()
    z[0] = 7
    z += 1
    show(kind(z), z.tolist(), kind(plain), isinstance(z, torch.Tensor))

    class Told(torch.Tensor):
        @classmethod
        def __torch_function__(cls, func, types, args=(), kwargs=None):
            show("called", func.__name__, sorted(each.__name__ for each in types), sorted(kwargs or {}))
            return super().__torch_function__(func, types, args, kwargs or {})

    a = Told([[1.0, 2.0], [3.0, 4.0]])
    b = a @ a + 2
    show(kind(b), kind(b.mean(dim=0)), kind(torch.cat([a, b], dim=1)), kind(torch.ones(2, 2) * a))
    show(a.shape, a.requires_grad, kind(a > 1), kind(a[0]), kind(2 - a), kind(a.T))

    class More(Told):
        pass

    said(lambda: kind(a + More([[1.0, 2.0], [3.0, 4.0]])))
    said(lambda: torch.sin(x + 0) + a)

    class Silent(torch.Tensor):
        __torch_function__ = torch._C._disabled_torch_function_impl

    show(kind(Silent([1.0]) + 1), kind(torch.sin(Silent([1.0]))))
    with torch._C.DisableTorchFunctionSubclass():
        show(kind(a + 1), kind(torch.sin(x)))

    handled = {}

    def implements(function):
        def register(own):
            functools.update_wrapper(own, function)
            handled[function] = own
            return own

        return register

    class Scalar:
        def __init__(self, size, value):
            self.size, self.value = size, value

        def __repr__(self):
            return f"Scalar({self.size}, {self.value})"

        def tensor(self):
            return self.value * torch.eye(self.size)

        @classmethod
        def __torch_function__(cls, func, types, args=(), kwargs=None):
            if func not in handled or not all(issubclass(each, (torch.Tensor, Scalar)) for each in types):
                return NotImplemented
            return handled[func](*args, **(kwargs or {}))

    @implements(torch.mean)
    def mean(input):
        return input.value / input.size

    @implements(torch.add)
    def add(input, other):
        both = (each.tensor() if isinstance(each, Scalar) else each for each in (input, other))
        return torch.add(*both)

    d = Scalar(2, 3)
    show(torch.mean(d), torch.add(d, d), torch.add(torch.ones(2, 2), d), torch.add(d, torch.ones(2, 2, dtype=int)))
    said(lambda: torch.sin(d))
    overrides = page.part("overrides")
    show(overrides.has_torch_function([plain]), overrides.has_torch_function([x]), overrides.is_tensor_like(d))

    @overrides.wrap_torch_function(lambda given: (given,))
    def mine(given):
        return "mine"

    handled[mine] = lambda given: "handled"
    show(mine(1), mine(d))


def end(value):
    return getattr(value, "dtype", "")
