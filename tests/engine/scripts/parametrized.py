"""Parametrizations, and the three that are ready-made."""

import copy
import pickle
from collections import OrderedDict


def run(torch, page):
    show, said = page.show, page.said
    nn = torch.nn
    P = page.part("nn.utils.parametrize")
    Z = page.part("nn.utils.parametrizations")
    torch.manual_seed(0)

    class Sym(nn.Module):
        def forward(self, X):
            return X.triu() + X.triu(1).T

        def right_inverse(self, A):
            return A.triu()

    class Sym2(nn.Module):
        def forward(self, X):
            return X.triu() + X.triu(1).T

    class Exp(nn.Module):
        def forward(self, X):
            return X.matrix_exp()

    layer = nn.Linear(3, 3)
    P.register_parametrization(layer, "weight", Sym())
    show(
        layer,
        type(layer).__name__,
        type(layer).__mro__[1].__name__,
        list(layer.state_dict()),
        layer.weight,
        P.is_parametrized(layer),
        P.is_parametrized(layer, "bias"),
        P.is_parametrized(layer, "weight"),
        P.is_parametrized(nn.Tanh()),
    )
    show(
        layer.parametrizations,
        layer.parametrizations.weight.original,
        layer.parametrizations.weight[0],
        len(layer.parametrizations.weight),
        layer.parametrizations["weight"].is_tensor,
    )
    P.register_parametrization(layer, "weight", Exp())
    show(layer.weight)
    layer(torch.ones(1, 3)).sum().backward()
    show(layer.parametrizations.weight.original.grad)
    show([n for n, _ in layer.named_parameters()], [n for n, _ in layer.named_modules()])
    said(lambda: setattr(layer, "weight", torch.ones(3, 3)))
    P.remove_parametrizations(layer, "weight")
    show(type(layer).__name__, layer, layer.weight, list(layer.state_dict()))
    layer = nn.Linear(3, 3)
    P.register_parametrization(layer, "weight", Sym())
    layer.weight = torch.arange(9.0).reshape(3, 3)
    show(layer.weight, layer.parametrizations.weight.original)
    said(lambda: P.remove_parametrizations(layer, "weight", leave_parametrized=False))
    show(layer.weight, list(layer.state_dict()), type(layer.weight).__name__)
    said(lambda: P.remove_parametrizations(layer, "weight"))
    layer = nn.Linear(3, 3)
    P.register_parametrization(layer, "weight", Sym2())
    said(lambda: setattr(layer, "weight", torch.ones(3, 3)))
    with P.cached():
        a = layer.weight
        b = layer.weight
        show(a is b)
    show(layer.weight is a)
    said(lambda: P.register_parametrization(layer, "foo", Sym()))

    class Wrong(nn.Module):
        def __init__(s, f, g=None):
            super().__init__()
            s.f = f
            if g:
                s.right_inverse = g

        def forward(s, *x):
            return s.f(*x)

    for f, g in [
        (lambda x: 3, None),
        (lambda x: x.double(), None),
        (lambda x: x[0], None),
        (lambda x: x, lambda x: 3),
        (lambda x: x, lambda x: x.double()),
        (lambda x: x, lambda x: x[0]),
        (lambda x: x, lambda x: [x, x]),
        (lambda x, y: x + y, lambda x: (x, x)),
        (lambda x, y: x + y, lambda x: (x, 3)),
        (lambda x, y: (x + y)[0], lambda x: (x, x)),
    ]:
        said(lambda f=f, g=g: P.register_parametrization(nn.Linear(2, 2), "weight", Wrong(f, g)))
        q = nn.Linear(2, 2)
        P.register_parametrization(q, "weight", Sym2())
        said(lambda f=f, g=g, q=q: P.register_parametrization(q, "weight", Wrong(f, g)))
    said(lambda: P.register_parametrization(nn.Linear(2, 2), "weight", Wrong(lambda x: x[0]), unsafe=True).weight)
    m = nn.Linear(2, 2)
    P.register_parametrization(m, "weight", Wrong(lambda x, y: x + y, lambda x: (x, x * 2)))
    show(list(m.state_dict()), m, m.weight)
    said(lambda: P.remove_parametrizations(m, "weight", leave_parametrized=False))
    said(lambda: P.remove_parametrizations(m, "weight"))
    m = nn.BatchNorm1d(3)
    P.register_parametrization(m, "running_mean", Wrong(lambda x: x + 1))
    show(m.running_mean, list(m.state_dict()), [n for n, _ in m.named_buffers()])
    P.remove_parametrizations(m, "running_mean")
    show(m.running_mean, list(m.state_dict()), [n for n, _ in m.named_buffers()])
    # copies
    layer = nn.Linear(3, 3)
    P.register_parametrization(layer, "weight", Sym())
    c = copy.deepcopy(layer)
    show(
        c,
        type(c) is type(layer),
        (c.weight == layer.weight).all(),
        c.parametrizations.weight.original is layer.parametrizations.weight.original,
    )
    said(lambda: pickle.dumps(layer))
    sd = layer.state_dict()
    c = nn.Linear(3, 3)
    P.register_parametrization(c, "weight", Sym())
    said(lambda: c.load_state_dict(sd))
    said(lambda: nn.Linear(3, 3).load_state_dict(sd))
    show(P.type_before_parametrizations(layer).__name__, P.type_before_parametrizations(nn.Tanh()).__name__)
    d = nn.Linear(3, 3)
    P.transfer_parametrizations_and_params(layer, d)
    show(d, (d.weight == layer.weight).all(), (d.bias == layer.bias).all())
    layer.eval()
    show(layer.parametrizations.weight[0].training)
    layer.double()
    show(layer.weight.dtype)
    layer.zero_grad()
    show(sorted(n for n in dir(layer) if n in ("weight", "parametrizations", "bias")))
    # parametrizations
    torch.manual_seed(1)
    m = Z.weight_norm(nn.Linear(4, 3))
    show(m, list(m.state_dict()), m.weight.detach(), m.parametrizations.weight.original0.shape)
    m(torch.ones(1, 4)).sum().backward()
    show(m.parametrizations.weight.original1.grad)
    m.weight = torch.ones(3, 4)
    show(m.parametrizations.weight.original0, m.parametrizations.weight.original1)
    m = Z.weight_norm(nn.Linear(4, 3), dim=None)
    show(m, m.parametrizations.weight.original0)
    old = OrderedDict(weight_g=torch.ones(3, 1), weight_v=torch.ones(3, 4), bias=torch.zeros(3))
    m = Z.weight_norm(nn.Linear(4, 3))
    said(lambda: m.load_state_dict(old))
    show(m.weight.detach())
    torch.manual_seed(2)
    m = Z.spectral_norm(nn.Linear(4, 3))
    show(m, list(m.state_dict()))
    show(m.weight, m.parametrizations.weight[0]._u)
    show(m.weight)
    m.eval()
    show(m.weight)
    show(torch.linalg.matrix_norm(m.weight, 2))
    m(torch.ones(1, 4)).sum().backward()
    show(m.parametrizations.weight.original.grad)
    m = Z.spectral_norm(nn.Conv2d(2, 3, 2), n_power_iterations=2)
    show(m.weight.sum(), m.parametrizations)
    m = Z.spectral_norm(nn.ConvTranspose2d(2, 3, 2))
    show(m.weight.sum(), m.parametrizations.weight[0].dim)
    said(lambda: Z.spectral_norm(nn.Linear(2, 2), n_power_iterations=0))
    said(lambda: Z.spectral_norm(nn.Linear(2, 2), "foo"))
    said(lambda: Z.spectral_norm(nn.Linear(2, 2), "bias").bias)
    m = nn.Linear(3, 2)
    Z.spectral_norm(m)
    m.weight = torch.ones(2, 3)
    show(m.weight)
    for shape in ((4, 4), (5, 3), (3, 5)):
        for mp in (None, "matrix_exp", "cayley", "householder"):
            for triv in (True, False):
                torch.manual_seed(3)
                try:
                    m = Z.orthogonal(nn.Linear(*shape, dtype=torch.float64), orthogonal_map=mp, use_trivialization=triv)
                except Exception as e:
                    show(shape, mp, triv, type(e).__name__, e)
                    continue
                W = m.weight
                k = min(shape)
                G = W @ W.T if W.shape[0] < W.shape[1] else W.T @ W
                show(
                    shape,
                    mp,
                    triv,
                    (G - torch.eye(k, dtype=torch.float64)).abs().max().item() < 1e-8,
                    list(m.state_dict()),
                    [round(v, 4) for v in W.detach().reshape(-1).tolist()[:5]],
                    m.parametrizations.weight,
                )
                (W * torch.arange(W.numel()).reshape(W.shape)).sum().backward()
                show([round(v, 3) for v in m.parametrizations.weight.original.grad.reshape(-1).tolist()])
                said(lambda m=m, shape=shape: setattr(m, "weight", torch.eye(shape[1], shape[0], dtype=torch.float64)))
                show((m.weight - torch.eye(shape[1], shape[0], dtype=torch.float64)).abs().max().item() < 1e-8)
                said(lambda m=m, shape=shape: setattr(m, "weight", torch.ones(shape[1], shape[0], dtype=torch.float64)))
    said(lambda: Z.orthogonal(nn.Linear(2, 2), orthogonal_map="x"))
    said(lambda: Z.orthogonal(nn.Linear(2, 2), "foo"))
    said(lambda: Z.orthogonal(nn.Linear(2, 2), "bias"))
    torch.manual_seed(5)
    m = Z.orthogonal(nn.Linear(3, 3))
    show(m.weight)
    opt = torch.optim.SGD(m.parameters(), 0.1)
    for _ in range(3):
        opt.zero_grad()
        (m(torch.ones(2, 3)) - 1).pow(2).sum().backward()
        opt.step()
    show(m.weight)
