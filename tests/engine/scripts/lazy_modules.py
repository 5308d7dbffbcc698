"""Lazy modules, rare layers, PyTorch's places of layers."""

import copy
import pickle


def run(torch, page):
    show, said = page.show, page.said
    nn = torch.nn
    torch.manual_seed(0)
    layer = nn.LazyLinear(4)
    show(layer, layer.weight, repr(layer.weight), layer.state_dict(), layer.has_uninitialized_params())
    for f in [
        lambda: layer.weight.shape,
        lambda: layer.weight + 1,
        lambda: layer.weight.data,
        lambda: layer.weight.requires_grad,
        lambda: layer.weight.device,
        lambda: layer.weight.dtype,
        lambda: layer.weight.numel(),
        lambda: layer.weight.is_leaf,
        lambda: layer.weight.grad,
        lambda: layer.weight.share_memory_(),
        lambda: layer.weight.foo,
        lambda: list(layer.named_parameters()),
        lambda: torch.optim.SGD(layer.parameters(), 0.1),
        lambda: sum(p.numel() for p in layer.parameters()),
        lambda: layer.double().weight.dtype,
        lambda: layer.half().float(),
    ]:
        said(f)
    m = nn.LazyLinear(4)
    sd = nn.Linear(3, 4).state_dict()
    said(lambda: m.load_state_dict(sd))
    show(m, m.weight.shape, hasattr(m, "_load_hook"), m.has_uninitialized_params())
    m(torch.ones(2, 3))
    show(type(m).__name__, m)
    u = nn.LazyLinear(4)
    said(lambda: nn.Linear(3, 4).load_state_dict(u.state_dict()))
    said(lambda: u.load_state_dict(nn.LazyLinear(4).state_dict()))
    c = copy.deepcopy(u)
    show(c, c(torch.ones(1, 5)), u)
    c = pickle.loads(pickle.dumps(u))
    show(c)
    said(lambda: c(torch.ones(1, 5)).shape)
    for f in [
        lambda: nn.LazyConv2d(3, 3),
        lambda: nn.LazyConv2d(4, 3, groups=2, bias=False, padding_mode="circular"),
        lambda: nn.LazyConvTranspose1d(3, 2, stride=2),
        lambda: nn.LazyBatchNorm1d(),
        lambda: nn.LazyBatchNorm2d(affine=False),
        lambda: nn.LazyInstanceNorm2d(),
        lambda: nn.LazyInstanceNorm3d(affine=True, track_running_stats=True),
        lambda: nn.LazyBatchNorm1d(bias=False),
    ]:
        q = f()
        show(q, list(q.state_dict()), q.cls_to_become.__name__)
    said(lambda: nn.LazyConv2d(4, 3)(torch.ones(3)))
    said(lambda: nn.LazyConv1d(4, 3)(torch.ones(2, 3, 4, 5)))
    said(lambda: nn.LazyConv1d(4, 3)(torch.ones(3, 5)))
    said(lambda: nn.LazyConvTranspose2d(4, 3)(torch.ones(3, 5, 5)).sum())
    said(lambda: nn.LazyBatchNorm2d()(torch.ones(3)))
    said(lambda: nn.LazyBatchNorm1d()(torch.ones(3, 4)))
    b = nn.LazyBatchNorm1d()
    show(b.running_mean, b.num_batches_tracked, type(b.running_mean).__name__)
    b(torch.ones(3, 4))
    show(b, b.running_mean, type(b.running_mean).__name__, b.weight)
    x = nn.Sequential(nn.LazyLinear(3))
    said(lambda: x.apply(lambda m: None))
    P = page.part("nn.parameter")
    p = P.UninitializedParameter()
    show(p, P.is_lazy(p))
    p.materialize((2, 2))
    show(type(p).__name__, p.shape, p.requires_grad)
    b = P.UninitializedBuffer(requires_grad=False)
    show(b)
    b.materialize((2,))
    show(type(b).__name__, b.shape)
    said(lambda: P.UninitializedParameter(requires_grad=False, dtype=torch.float64).dtype)
    said(lambda: nn.LazyConv2d(3, 3).reset_parameters())

    class My(nn.modules.lazy.LazyModuleMixin, nn.Module):
        def __init__(self):
            super().__init__()
            self.w = P.UninitializedParameter()

        def forward(self, x):
            return x @ self.w

    m = My()
    said(lambda: m(torch.ones(2)))

    class My2(My):
        def initialize_parameters(self, x):
            pass

    said(lambda: My2()(torch.ones(2)))

    class My4(My):
        def initialize_parameters(self, x):
            self.w.materialize((x.shape[-1], 2))
            self.w.data.fill_(1)

    m = My4()
    said(lambda: m(torch.ones(2)))
    show(type(m).__name__, m)
    s = nn.SyncBatchNorm(3)
    show(s, list(s.state_dict()))
    said(lambda: s(torch.randn(2, 3)))
    said(lambda: s.eval()(torch.randn(2, 3, 4)).shape)
    said(lambda: nn.SyncBatchNorm(3, affine=False, track_running_stats=False).eval()(torch.randn(2, 3)))
    said(lambda: nn.SyncBatchNorm(3)(torch.randn(3)))
    m = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2))
    m2 = nn.SyncBatchNorm.convert_sync_batchnorm(m)
    show(m2, m2 is m)
    said(lambda: m2(torch.randn(2, 1, 4, 4)))
    p = nn.PairwiseDistance(p=1, keepdim=True)
    show(p, p(torch.ones(2, 3), torch.zeros(2, 3)))
    c = nn.CrossMapLRN2d(3)
    show(c)
    for size in (2, 3, 4, 5):
        c = nn.CrossMapLRN2d(size, 0.3, 0.7, 2)
        x = torch.randn(2, 5, 3, 3, dtype=torch.float64, requires_grad=True)
        y = c(x)
        show(y.sum().item().__round__(9))
        (y * torch.arange(90).reshape(y.shape)).sum().backward()
        show(round(x.grad.abs().sum().item(), 8))
    said(lambda: c(torch.ones(2, 3)))
    d = nn.DataParallel(nn.Linear(2, 3))
    show(d, d(torch.ones(1, 2)), d.device_ids, list(d.state_dict()))
    show(d.module)
    c = nn.Container(a=nn.Linear(1, 2))
    show(c)
    said(lambda: nn.factory_kwargs({"device": None, "foo": 1}))
    g = nn.grad
    x = torch.randn(1, 2, 5)
    w = torch.randn(4, 1, 3)
    go = torch.randn(1, 4, 3)
    show(g.conv1d_input(x.shape, w, go, groups=2).sum(), g.conv1d_weight(x, w.shape, go, groups=2).sum())
    nn.init.eye(torch.empty(2, 2))
    show(
        nn.modules.linear.Linear is nn.Linear,
        nn.modules.batchnorm._BatchNorm.__name__,
        nn.modules.Module is nn.Module,
        isinstance(nn.BatchNorm2d(2), nn.modules.batchnorm._BatchNorm),
    )
    show(isinstance(nn.Conv2d(1, 1, 1), nn.modules.conv._ConvNd))
    show(nn.modules.utils._pair(3))
