"""Second derivatives of functions of straight pieces: zero, and part of the graph, rather than absent."""


def run(torch, page):
    nn, F = torch.nn, torch.nn.functional
    for call in (
        F.relu, F.relu6, F.hardtanh, F.leaky_relu, F.softshrink, F.hardshrink, lambda x: F.threshold(x, 0.1, 0.0),
        lambda x: F.prelu(x, torch.tensor([0.2])), lambda x: F.max_pool2d(x, 2), lambda x: F.avg_pool2d(x, 2),
    ):  # fmt: skip
        shift = torch.zeros(1, requires_grad=True)
        x = torch.linspace(-1.0, 1.0, 16).reshape(1, 1, 4, 4) + shift
        (slope,) = torch.autograd.grad(call(x).sum(), x, create_graph=True)
        page.show(slope, torch.autograd.grad(slope.square().sum(), shift))
    x = torch.tensor([-1.0, 2.0], requires_grad=True)
    page.show(torch.autograd.functional.hessian(lambda x: F.relu(x).sum(), x, strict=True))
    (slope,) = torch.autograd.grad(F.relu(x).sum(), x, create_graph=True)
    (twice,) = torch.autograd.grad(slope.sum(), x, create_graph=True)
    page.show(slope, twice)
    slope.sum().backward()
    page.show(x.grad)

    torch.manual_seed(0)  # a penalty on gradients: the first bias gets zeros, and the optimizer steps by them
    net = nn.Sequential(nn.Conv1d(1, 2, 3), nn.LeakyReLU(0.2), nn.Flatten(), nn.Linear(6, 1))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1, weight_decay=0.5)
    given = torch.rand(2, 1, 5, requires_grad=True)
    (slope,) = torch.autograd.grad(net(given).sum(), given, create_graph=True)
    ((slope.flatten(1).norm(2, dim=1) - 1) ** 2).mean().backward()
    page.show([None if p.grad is None else p.grad.shape for p in net.parameters()], net[0].bias.grad)
    before = net[0].bias.detach().clone()
    optimizer.step()
    page.show(net[0].bias.detach() / before)
