"""A class that is no tensor and takes the place of functions, which it holds in a table made before anybody asked."""


def run(torch, page):
    handled = {}

    def implements(function):
        def keep(mine):
            handled[function] = mine
            return mine

        return keep

    class Scaled:
        """A number times the identity."""

        def __init__(self, size, value):
            self.size, self.value = size, value

        def __repr__(self):
            return f"Scaled({self.size}, {self.value})"

        @classmethod
        def __torch_function__(cls, func, types, args=(), kwargs=None):
            if func not in handled or not all(issubclass(kind, (torch.Tensor, Scaled)) for kind in types):
                return NotImplemented
            return handled[func](*args, **(kwargs or {}))

    @implements(torch.mean)
    def mean(input):
        return input.value / input.size

    @implements(torch.add)
    def add(input, other):
        if isinstance(other, Scaled):
            return Scaled(input.size, input.value + other.value)
        return input.value * torch.eye(input.size) + other

    two = Scaled(2, 3)
    page.said(lambda: torch.mean(two))
    page.said(lambda: torch.add(two, two))
    page.said(lambda: torch.add(two, torch.ones(2, 2)))
    page.said(lambda: torch.mul(two, 3))

    class Sub(torch.Tensor):
        @classmethod
        def __torch_function__(cls, func, types, args=(), kwargs=None):
            return handled[func](*args, **(kwargs or {})) if func in handled else NotImplemented

    @implements(torch.mm)
    def mm(a, b):
        return type(a).__name__, type(b).__name__

    sub = torch.ones(2, 2).as_subclass(Sub)
    page.said(lambda: torch.mean(two))
    page.said(lambda: torch.mm(sub, sub))
    page.said(lambda: torch.mm(torch.ones(2, 2), sub))
    page.said(lambda: torch.mul(sub, sub))
    page.show(torch.mean == next(iter(handled)), torch.mm in handled, torch.mul in handled)
