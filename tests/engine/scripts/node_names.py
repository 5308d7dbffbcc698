"""The names of nodes, above all of functions that are several ops here, and what a layer's node shows below it."""


def run(torch, page):
    nn, F = torch.nn, torch.nn.functional

    def t(*shape):
        return torch.ones(*shape, requires_grad=True)

    def shown(result):
        page.show(result.grad_fn)

    for equation, *shapes in (
        ("ij,jk->ik", (2, 3), (3, 4)), ("bij,bjk->bik", (2, 3, 4), (2, 4, 5)), ("i,i->", (3,), (3,)),
        ("i,j->ij", (2,), (3,)), ("bd,d->bd", (2, 3), (3,)), ("ij->i", (2, 3)), ("ij->ji", (2, 3)), ("ii->i", (3, 3)),
        ("bn,anm,bm->ba", (2, 3), (4, 3, 5), (2, 5)),
    ):  # fmt: skip
        shown(torch.einsum(equation, *[t(*shape) for shape in shapes]))
    x, y, index = t(2, 4, 6, 6), t(4, 5), torch.tensor([0, 1, 2, 3])
    for layer in (
        nn.AvgPool2d(2), nn.AdaptiveAvgPool2d(1), nn.AdaptiveAvgPool2d(2), nn.ConvTranspose2d(4, 3, 2),
        nn.PixelShuffle(2), nn.PixelUnshuffle(2), nn.ReflectionPad2d(1), nn.ReplicationPad2d(1), nn.ZeroPad2d(1),
        nn.MaxPool2d(2), nn.MaxPool3d(2), nn.AvgPool3d(2),
    ):  # fmt: skip
        shown(layer(x))
    for layer in (nn.MaxPool1d(2), nn.AvgPool1d(2)):
        shown(layer(x[0]))
        shown(layer(x[0, 0]))
    z = torch.full((4, 5), 0.5)
    for result in (
        y.repeat(2, 2), y.tile(2), y[:, :2].trace(), torch.addcmul(y, z, z), torch.addcdiv(y, z, z), y.clamp_min(0.0),
        y.clamp_max(0.0), y.take(index), y.index_fill(0, index, 0.0), y.masked_select(y > 0), y.index_add(0, index, z),
        y.scatter_add(0, index.view(4, 1), z), y.scatter(0, index.view(4, 1), z), y.rot90(), y.narrow(0, 0, 2),
        F.multi_margin_loss(y, index), torch.dist(y, z), torch.block_diag(t(1, 1), t(1, 1)), F.glu(t(4)),
        torch.kron(t(2), t(2)), torch.linalg.solve(torch.eye(2) * t(1), t(2)), F.pairwise_distance(y, z),
        nn.GRU(3, 4, batch_first=True)(t(2, 1, 3))[0], y // 2,
    ):  # fmt: skip
        shown(result)
    kept = y * 1
    page.show(kept.repeat(1, 1).grad_fn, kept.grad_fn)
    for linear, given in (
        (nn.Linear(2, 3), t(4, 2)),
        (nn.Linear(2, 3, bias=False), t(4, 2)),
        (nn.Linear(2, 3), t(1, 4, 2)),
    ):
        node = linear(given).grad_fn
        page.show(node, [below.name() for below, _ in node.next_functions if below is not None])
        page.show([[each.name() for each, _ in below.next_functions] for below, _ in node.next_functions if below])

    class Old(torch.autograd.Function):
        def forward(self, x):
            return x

    page.said(lambda: Old()(t(1)))
    with torch.no_grad():
        page.show(t(2).numpy())
    page.said(lambda: t(2).numpy())

    scores = torch.log_softmax(t(2, 3), 1)
    for result in (t(2, 2) @ t(2, 2), t(3) ** 2, F.linear(t(2, 3), t(4, 3)), F.nll_loss(scores, torch.tensor([0, 1]))):
        below = [type(function).__name__ for function, _ in result.grad_fn.next_functions]
        page.show(type(result.grad_fn).__name__, below, type(result.grad_fn) is type(result.grad_fn))
    heads = t(2, 5, 3, 4).transpose(1, 2)
    joined = F.scaled_dot_product_attention(heads, heads, heads, is_causal=True)
    page.show(joined.stride(), joined.transpose(1, 2).reshape(2, 5, 12)[0, 0])

    # The name stays when the way back has been gone.
    x, c = torch.full((3,), 1.5, requires_grad=True), torch.tensor([1.0, 2.0, 3.0])
    pairs = ((x, c), (c, x), (x, torch.tensor(2.0)), (torch.tensor(2.0), x), (x, 2.5), (2.5, x), (x, torch.tensor(3)))
    for call in (torch.pow, torch.fmod, torch.float_power, torch.xlogy, torch.mul, torch.div):
        for a, b in pairs:
            if call is torch.fmod and not isinstance(a, torch.Tensor):
                continue
            y = call(a, b)
            before = y.grad_fn.name()
            y.sum().backward()
            page.show(call.__name__, before, y.grad_fn.name(), len(y.grad_fn.next_functions))
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    for call in (
        lambda a: a**3, lambda a: 2**a, lambda a: a * 3, lambda a: a / 3, F.relu, F.leaky_relu, torch.sigmoid,
        torch.tanh, torch.exp,
    ):  # fmt: skip
        (slope,) = torch.autograd.grad(call(a).sum(), a, create_graph=True)
        if slope.grad_fn is not None:
            page.show(slope.grad_fn.name(), len(slope.grad_fn.next_functions))
    packed = []
    with torch.autograd.graph.saved_tensors_hooks(lambda t: packed.append(t) or t, lambda t: t):
        (slope,) = torch.autograd.grad((a**3).sum(), a, create_graph=True)
    page.show(packed)
