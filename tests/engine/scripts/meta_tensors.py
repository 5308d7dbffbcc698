"""Tensors of the meta device, which have a shape and no numbers, and models that are made there."""

import copy


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
