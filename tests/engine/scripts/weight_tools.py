"""Weight and spectral norms by hooks, fusion, pruning."""

import copy


def run(torch, page):
    show, said = page.show, page.said
    nn = torch.nn
    U = torch.nn.utils
    torch.manual_seed(0)
    x = torch.ones(2, 4)
    # old weight norm
    m = U.weight_norm(nn.Linear(4, 3), name="weight")
    show(m, list(m.state_dict()), m.weight.detach(), type(m.weight).__name__, m.weight_g.shape)
    show(m(x))
    m(x).sum().backward()
    show(m.weight_g.grad, m.weight_v.grad)
    said(lambda: U.weight_norm(m))
    said(lambda: U.remove_weight_norm(m))
    show(list(m.state_dict()), type(m.weight).__name__, len(m._forward_pre_hooks))
    said(lambda: U.remove_weight_norm(m))
    m = U.weight_norm(nn.Conv2d(2, 3, 2), dim=None)
    show(m.weight_g, list(m.state_dict()))
    m = U.weight_norm(nn.Linear(4, 3), dim=1)
    show(m.weight_g.shape, m(x))
    c = copy.deepcopy(U.weight_norm(nn.Linear(4, 3))) if False else None
    # old spectral norm
    torch.manual_seed(1)
    m = U.spectral_norm(nn.Linear(4, 3))
    show(m, list(m.state_dict()), m.state_dict()._metadata)
    show(m(x))
    show(m.weight_u, m.weight_v)
    m.eval()
    show(m(x))
    m(x).sum().backward()
    show(m.weight_orig.grad)
    sd = m.state_dict()
    m2 = U.spectral_norm(nn.Linear(4, 3))
    said(lambda: m2.load_state_dict(sd))
    m2.eval()
    show(m2(x))
    said(lambda: U.spectral_norm(m))
    said(lambda: U.remove_spectral_norm(m))
    show(list(m.state_dict()), m.weight)
    said(lambda: U.remove_spectral_norm(m))
    m = U.spectral_norm(nn.ConvTranspose2d(2, 3, 2), n_power_iterations=3)
    show(m(torch.ones(1, 2, 2, 2)).sum(), m.weight_u.shape)
    said(lambda: U.spectral_norm(nn.Linear(2, 2), n_power_iterations=0))
    said(lambda: U.spectral_norm(nn.Linear(2, 2), name="foo"))
    # fusion
    torch.manual_seed(2)
    c = nn.Conv2d(2, 3, 2, bias=False).eval()
    b = nn.BatchNorm2d(3)
    b(torch.randn(4, 3, 5, 5))
    b.eval()
    f = U.fuse_conv_bn_eval(c, b)
    z = torch.randn(1, 2, 4, 4)
    show(f, (f(z) - b(c(z))).abs().max() < 1e-5, type(f.weight).__name__, f.weight.requires_grad, f.bias)
    said(lambda: U.fuse_conv_bn_eval(c.train(), b))
    c = nn.ConvTranspose2d(2, 3, 2).eval()
    f = U.fuse_conv_bn_eval(c, b, transpose=True)
    show((f(z) - b(c(z))).abs().max() < 1e-5)
    layer = nn.Linear(4, 3).eval()
    b = nn.BatchNorm1d(3)
    b(torch.randn(5, 3))
    b.eval()
    f = U.fuse_linear_bn_eval(layer, b)
    show((f(x) - b(layer(x))).abs().max() < 1e-5, f)
    said(lambda: U.fuse_linear_bn_eval(nn.Linear(4, 2).eval(), b))
    said(lambda: U.fuse_linear_bn_eval(nn.Linear(4, 2), b))
    said(lambda: U.fuse_linear_bn_eval(nn.Linear(4, 1).eval(), b))
    said(
        lambda: [
            t.shape
            for t in U.fuse_conv_bn_weights(
                torch.ones(3, 2, 1, 1), None, torch.zeros(3), torch.ones(3), 1e-5, None, None
            )
        ]
    )
    said(
        lambda: [
            t.shape
            for t in U.fuse_linear_bn_weights(
                torch.ones(3, 2), None, torch.zeros(3), torch.ones(3), 1e-5, torch.ones(3), torch.ones(3)
            )
        ]
    )
    # skip init, memory format
    m = U.skip_init(nn.Linear, 4, 3)
    show(m.weight.shape, m.weight.requires_grad, m)
    said(lambda: U.skip_init(nn.ReLU))
    said(lambda: U.skip_init(3, 1))
    said(lambda: U.skip_init(nn.Linear, 2, 3, device="cpu", dtype=torch.float64).weight.dtype)
    m = U.convert_conv2d_weight_memory_format(nn.Conv2d(2, 3, 2), torch.channels_last)
    show(m.weight.is_contiguous(memory_format=torch.channels_last), type(m).__name__)
    # stateless
    S = page.part("nn.utils.stateless")
    m = nn.Linear(4, 3)
    said(lambda: S.functional_call(m, {"weight": torch.ones(3, 4), "bias": torch.zeros(3)}, x))
    said(lambda: S.functional_call(m, {"weight": torch.ones(3, 4)}, (x,), strict=True))
    said(lambda: S.functional_call(m, {"foo": torch.ones(3, 4)}, (x,), strict=True))
    # prune
    P = page.part("nn.utils.prune")
    torch.manual_seed(3)
    m = nn.Linear(4, 3)
    P.random_unstructured(m, "weight", amount=0.3)
    show(
        m,
        list(m.state_dict()),
        m.weight,
        m.weight_mask,
        P.is_pruned(m),
        next(iter(m._forward_pre_hooks.values())).__class__.__name__,
    )
    P.l1_unstructured(m, "weight", amount=2)
    show(
        m.weight_mask,
        type(next(iter(m._forward_pre_hooks.values()))).__name__,
        len(next(iter(m._forward_pre_hooks.values()))),
    )
    P.ln_structured(m, "weight", amount=0.4, n=2, dim=0)
    show(m.weight_mask)
    P.random_structured(m, "weight", amount=1, dim=1)
    show(m.weight_mask)
    m(x).sum().backward()
    show(m.weight_orig.grad)
    P.l1_unstructured(m, "bias", amount=1)
    show(list(m.named_buffers()), [n for n, _ in m.named_parameters()])
    P.remove(m, "weight")
    show(list(m.state_dict()), type(m.weight).__name__)
    said(lambda: P.remove(m, "weight"))
    m = nn.Linear(4, 3)
    P.custom_from_mask(m, "bias", torch.tensor([0, 1, 1]))
    show(m.bias, m.bias_mask)
    P.identity(m, "weight")
    show(m.weight_mask.sum())
    net = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2))
    P.global_unstructured([(net[0], "weight"), (net[2], "weight")], pruning_method=P.L1Unstructured, amount=0.5)
    show(net[0].weight_mask, net[2].weight_mask)
    P.global_unstructured(
        [(net[0], "weight"), (net[2], "weight")],
        pruning_method=P.L1Unstructured,
        importance_scores={(net[0], "weight"): torch.arange(12.0).reshape(3, 4)},
        amount=3,
    )
    show(net[0].weight_mask, net[2].weight_mask)
    said(lambda: P.global_unstructured([(net[0], "weight")], pruning_method=P.LnStructured, amount=0.5))
    said(lambda: P.global_unstructured(3, pruning_method=P.L1Unstructured, amount=0.5))
    for a in (1.5, -1, 100, "a"):
        said(lambda a=a: P.random_unstructured(nn.Linear(2, 2), "weight", amount=a) and None)
    said(lambda: P.ln_structured(nn.Linear(2, 2), "bias", amount=1, n=2, dim=0) and 0)
    said(lambda: P.ln_structured(nn.Linear(2, 2), "weight", amount=1, n=2, dim=5) and 0)
    said(lambda: P.l1_unstructured(nn.Linear(2, 2), "weight", amount=1, importance_scores=torch.ones(3)) and 0)
    said(lambda: P.ln_structured(nn.Conv2d(2, 3, 2), "weight", amount=0.5, n=float("inf"), dim=1).weight_mask.sum())

    class Every(P.BasePruningMethod):
        PRUNING_TYPE = "unstructured"

        def compute_mask(self, t, default_mask):
            mask = default_mask.clone()
            mask.view(-1)[::2] = 0
            return mask

    m = nn.Linear(4, 3)
    Every.apply(m, "bias")
    show(m.bias_mask, m.bias)
    m(x)
    c = P.PruningContainer()
    said(lambda: c.add_pruning_method(3))
    said(lambda: c.add_pruning_method(P.L1Unstructured(1)))
    t = torch.arange(6.0)
    show(
        P.L1Unstructured(2).prune(t),
        P.L1Unstructured(2).prune(t, importance_scores=-t),
        P.RandomUnstructured(0.5).compute_mask(t, torch.ones(6)).sum(),
    )

    class Bad(P.BasePruningMethod):
        PRUNING_TYPE = "foo"

        def compute_mask(self, t, default_mask):
            return default_mask

    m = nn.Linear(2, 2)
    Bad.apply(m, "weight")
    said(lambda: P.l1_unstructured(m, "weight", 1) and 0)
    m = nn.Linear(4, 3)
    P.l1_unstructured(m, "weight", amount=2)
