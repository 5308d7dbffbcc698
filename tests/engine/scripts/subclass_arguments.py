"""Methods and operators of plain tensors that are given tensors of a subclass."""


def run(torch, page):
    log = []

    class Logged(torch.Tensor):
        @classmethod
        def __torch_function__(cls, func, types, args=(), kwargs=None):
            log.append((getattr(func, "__name__", ""), [type(each).__name__ for each in args], sorted(kwargs or {})))
            return super().__torch_function__(func, types, args, kwargs or {})

    class Duck:
        @classmethod
        def __torch_function__(cls, func, types, args=(), kwargs=None):
            return func.__name__, [each.__name__ for each in types], len(args), sorted(kwargs or {})

    def shown(call):
        log.clear()
        result = call()
        page.show(type(result).__name__, log)

    p, matrix = torch.tensor([1.0, 2.0, 3.0]), torch.ones(2, 3)
    own = torch.ones(3).as_subclass(Logged)
    index = torch.tensor([0, 1, 2]).as_subclass(Logged)
    mask = torch.tensor([True, False, True]).as_subclass(Logged)
    for call in (
        lambda: p.add(own), lambda: p + own, lambda: p - own, lambda: p * own, lambda: p / own, lambda: p % own,
        lambda: p.add(own, alpha=2), lambda: p.dot(own), lambda: matrix.mv(own), lambda: p.maximum(own),
        lambda: p.eq(own), lambda: p < own, lambda: p.allclose(own), lambda: p.equal(own), lambda: p.clone().add_(own),
        lambda: p.clone().copy_(own), lambda: p.expand_as(own), lambda: p.view_as(own), lambda: p.lerp(own, 0.5),
        lambda: p.addcmul(own, own), lambda: p.clamp(min=own), lambda: p.gather(0, index), lambda: p[index],
        lambda: p.index_select(0, index), lambda: p.masked_fill(mask, 0.0), lambda: p.scatter_add(0, index, own),
        lambda: p.clone().__setitem__(index, own), lambda: p.where(mask, own),
        lambda: p.kron(own), lambda: p.dist(own), lambda: own + p, lambda: 2 - own, lambda: torch.cat([p, own]),
        lambda: p + p, lambda: p.sum(),
    ):  # fmt: skip
        shown(call)
    for call in (
        lambda: p.add(Duck()), lambda: p * Duck(), lambda: p.sub(Duck(), alpha=2), lambda: p.mul(other=Duck()),
        lambda: p.copy_(Duck()), lambda: p[Duck()], lambda: p.to(Duck()), lambda: torch.add(p, Duck()),
    ):  # fmt: skip
        page.said(call)
