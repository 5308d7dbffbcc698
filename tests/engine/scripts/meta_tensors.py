"""Tensors of the meta device, which have a shape and no numbers, and models that are made there."""

import copy
import io
import warnings


def run(torch, page):
    nn = torch.nn
    show, said = page.show, page.said
    with torch.device("meta"):
        made = nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3), nn.ReLU(), nn.Linear(3, 2))
    weight = made[0].weight
    show(weight.device, weight.is_meta, weight)
    show(made(torch.empty(5, 4, device="meta")))
    show(torch.randn(1))  # no number was drawn for the weights
    a, b = torch.empty(3, 4, device="meta"), torch.ones(4, 5, device="meta")
    for each in (a @ b, (a + 1).sum(), a.mean(0), a.T, a[1:], torch.cat([a, a]), a.double(), a.view(2, 6), a > 0):
        show(each)
    said(lambda: a.to("cpu"))
    said(lambda: made.to("cpu"))
    said(lambda: a.sum().item())
    said(lambda: a.numpy())
    real = nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3), nn.ReLU(), nn.Linear(3, 2)).eval()
    said(lambda: made.load_state_dict(real.state_dict(), assign=True))
    show(made[0].weight.device, torch.equal(made.eval()(torch.ones(1, 4)), real(torch.ones(1, 4))))
    layer = nn.Linear(3, 2, device="meta").to_empty(device="cpu")
    show(nn.init.ones_(layer.weight))
    base = copy.deepcopy(real).to("meta")
    show(next(base.parameters()).device)
    models = [nn.Linear(4, 2) for _ in range(3)]
    params, buffers = torch.func.stack_module_state(models)
    bare = copy.deepcopy(models[0]).to("meta")

    def one(params, buffers, x):
        return torch.func.functional_call(bare, (params, buffers), (x,))

    show(torch.vmap(one, in_dims=(0, 0, None))(params, buffers, torch.ones(1, 4)).detach())
    without_numbers(torch, page)
    between_devices(torch, page)
    loaded(torch, page)


def without_numbers(torch, page):
    """What asks for numbers is refused."""
    one, few = torch.ones((), device="meta"), torch.ones(3, device="meta")
    for ask in (few.tolist, one.tolist, few.nonzero, few.unique, lambda: few.numpy(force=True), lambda: float(one),
                lambda: int(one), lambda: bool(one > 0), lambda: few[few > 0], lambda: torch.equal(few, few),
                lambda: f"{one:.3f}", lambda: torch.tensor([one]), lambda: range(one.long()),
                lambda: torch.masked_select(few, few > 0)):  # fmt: skip
        page.said(ask)
    page.show(f"{one}", one.type(), few.data_ptr(), few.untyped_storage(), torch.tensor(few.clone()).device)
    page.show(torch.bernoulli(few), torch.multinomial(few, 2), torch.quantile(few, 0.5))
    torch.manual_seed(0)
    torch.rand(3, device="meta"), torch.randperm(4, device="meta")
    page.show(torch.rand(2))


def between_devices(torch, page):
    """Numbers and tensors of the meta device do not meet, but for a tensor without axes."""
    nn = torch.nn
    here, there = torch.ones(3, 4), torch.ones(3, 4, device="meta")
    for act in (lambda: here + there, lambda: there * here, lambda: torch.cat([there, here]), lambda: there == here,
                lambda: nn.Linear(4, 2, device="meta")(here), lambda: nn.Linear(4, 2)(there),
                lambda: nn.LayerNorm(4, device="meta")(here), lambda: nn.functional.mse_loss(there, here),
                lambda: here.copy_(there), lambda: here.__setitem__(0, there[0])):  # fmt: skip
        page.said(act)
    page.show(there + torch.tensor(2.0), there.copy_(here), torch.index_select(there, 0, torch.tensor([0])))
    layer = nn.Linear(4, 2, device="meta")
    layer(there).sum().backward()
    page.show(layer.weight.grad, torch.autograd.grad(layer(there).sum(), layer.bias))
    page.said(lambda: setattr(layer.weight, "data", torch.ones(2, 4)))
    before = layer.weight
    page.show(layer.to_empty(device="cpu").weight is before, layer.weight.device, layer.weight.grad.device)


def loaded(torch, page):
    """Files to the meta device and from there, and states that are not copied to it."""
    nn = torch.nn

    def reread(value, where=None):
        file = io.BytesIO()
        torch.save(value, file)
        file.seek(0)
        return torch.load(file, map_location=where)

    turned = torch.arange(6.0).view(2, 3).t()
    for where in ("meta", torch.device("meta"), {"cpu": "meta"}):
        found = reread(turned, where)
        page.show(found, found.stride())
    bare = nn.Linear(2, 3, device="meta").state_dict()
    page.show(reread(bare)["weight"], reread(bare, "cpu")["bias"], reread(nn.Parameter(turned), "meta"))
    layer = nn.Linear(2, 3, device="meta")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        page.show(layer.load_state_dict(nn.Linear(2, 3).state_dict()), layer.weight.device)
    page.show(*[str(each.message) for each in caught])
    page.said(lambda: nn.Linear(2, 3).load_state_dict(bare))
    page.show(layer.load_state_dict(reread(bare, "meta")))
