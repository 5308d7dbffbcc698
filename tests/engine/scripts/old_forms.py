"""Forms of long ago that programs still have, and mistakes of everyday: operands of other types, mixed dtypes."""


def run(torch, page):
    nn, F = torch.nn, torch.nn.functional
    said = page.said
    a = torch.ones(2, 2)
    said(lambda: a.clone().add_(-0.5, a).sub(2, a))
    said(lambda: a.clone().addcmul_(0.5, a, a).addcdiv(2, a, a))
    said(lambda: torch.addcdiv(torch.addcmul(a, 2, a, a), 3, a, a))
    for call in (lambda: a + "x", lambda: a * None, lambda: a - [1], lambda: a / "x", lambda: a ** "x", lambda: a @ 3):
        said(call)

    class Taker:
        def __radd__(self, other):
            return "added"

        def __rmatmul__(self, other):
            return "multiplied"

    page.show(a + Taker(), a @ Taker())
    x = torch.ones(2, 3, dtype=torch.double)
    said(lambda: nn.Linear(3, 2)(x))
    said(lambda: nn.Linear(3, 2, bias=False)(x))
    said(lambda: nn.Linear(3, 2)(x.long()))
    for left, right in (((2, 3), (3, 2)), ((2, 3), (3,)), ((1, 2, 3), (1, 3, 2)), ((3,), (3,)), ((1, 2, 3), (3, 2))):
        said(lambda left=left, right=right: torch.ones(left, dtype=torch.double) @ torch.ones(right))
    said(lambda: nn.MSELoss(size_average=False)(a, a * 3))
    said(lambda: F.l1_loss(a, a * 3, reduce=False))
    said(lambda: nn.BCELoss()(torch.full((2,), 0.5), torch.ones(2).long()))
    said(lambda: nn.BCEWithLogitsLoss()(torch.full((2,), 0.5), torch.ones(2).long()))
    said(lambda: torch.autograd.grad(a.sum(), a))
    said(lambda: torch.optim.Foo)
    said(lambda: torch.zeros(2.5))
    said(lambda: torch.zeros("a"))
    said(lambda: torch.empty(2, 2.5))
    said(lambda: torch.ones(torch.tensor(2), a.size(0)).shape)
    said(lambda: a.masked_fill(a, 0))
    said(lambda: type(_failure(lambda: a + torch.ones(3))).__name__)
    page.show(
        {name: entry["version"] for name, entry in nn.Sequential(nn.BatchNorm1d(2)).state_dict()._metadata.items()}
    )


def _failure(call):
    try:
        return call()
    except Exception as error:
        return error
