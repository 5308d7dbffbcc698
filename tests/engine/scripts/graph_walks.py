"""The graph as programs that draw it walk through it: nodes below nodes, what they save, hooks on them."""


def run(torch, page):
    nn, F = torch.nn, torch.nn.functional

    def t(*shape):
        return torch.ones(*shape, requires_grad=True)

    def walked(root):
        seen, lines = {}, []

        def visit(node):
            if node is None:
                return None
            if node not in seen:
                seen[node] = len(seen)
                place = len(lines)
                lines.append("")
                below = [(visit(other), index) for other, index in node.next_functions]
                lines[place] = f"{seen[node]} {type(node).__name__} {below}"
            return seen[node]

        visit(root)
        return lines

    def kept(node):
        found = []
        for name in dir(node):
            if name.startswith("_saved_"):
                value = getattr(node, name)
                shown = f"{value.dtype} {list(value.shape)}" if isinstance(value, torch.Tensor) else value
                found.append(f"{name}={shown}")
        return found

    x, y, v, m, t3, image = t(3, 4), t(3, 4), t(4), t(4, 5), t(2, 3, 4), t(2, 3, 8, 8)
    k = torch.tensor([0, 2, 1])
    for result in (
        v @ m, t3 @ m, t3 @ v, x @ v, t3 @ t3.transpose(1, 2), 2**x, x**2, x.repeat(2, 1), F.cross_entropy(x, k),
        F.dropout(x, 0.5), F.avg_pool2d(image, 2), F.adaptive_avg_pool2d(image, 1), F.normalize(x), x.trace(),
        torch.lerp(x, y, 0.5), torch.addcmul(x, x, y), x.index_add(0, k, y), x.scatter_add(1, k[:, None], y), F.glu(x),
        nn.BatchNorm1d(4).eval()(x),
    ):  # fmt: skip
        page.show(*walked(result.grad_fn))
    page.show(type(nn.InstanceNorm1d(3, affine=True)(t3).grad_fn).__name__, type(nn.RMSNorm(4)(x).grad_fn).__name__)
    for kind in (nn.RNN, nn.LSTM, nn.GRU):
        page.show(type(kind(4, 2, batch_first=True, bidirectional=True)(t3)[0].grad_fn).__name__)
    for result in (
        x * 2, x * 2.5, x * y, x + y, x / 3, x**2.5, x @ v, v @ v, x.sum(), x.sum(-1), x.mean(), x.mean(0), x.var(1),
        x.exp(), x.log(), x.softmax(-1), x.log_softmax(1), x.view(12), x.T, x.transpose(0, 1), x.expand(2, 3, 4),
        F.leaky_relu(x), F.softplus(x), F.hardtanh(x), F.mse_loss(x, y), x.amax(1), x.logsumexp(1), x.cumsum(0),
        torch.cat([x, y]), x.masked_fill(x > 0, 1.0), torch.bmm(t3, t3.transpose(1, 2)), torch.maximum(x, y),
    ):  # fmt: skip
        page.show(type(result.grad_fn).__name__, *kept(result.grad_fn))
    page.show((x * 2.5).grad_fn._saved_other, (x * 0.1).grad_fn._saved_other, (x**0.1).grad_fn._saved_exponent)
    page.show("_raw_saved_self" in dir((x * y).grad_fn), "_raw_saved_result" in dir(x.exp().grad_fn))

    leaf = t(2)
    result = (leaf * 2).exp()
    node, log = result.grad_fn, []
    end = node.next_functions[0][0].next_functions[0][0]
    page.show(end is node.next_functions[0][0].next_functions[0][0], end.variable is leaf, node.requires_grad)
    node.register_hook(lambda inputs, outputs: log.append(("after", inputs, outputs)))
    node.register_prehook(lambda outputs: log.append(("before", outputs)))
    end.register_hook(lambda inputs, outputs: log.append(("accumulated", inputs, outputs)))
    node.metadata["note"] = 1
    result.sum().backward()
    page.show(log, leaf.grad, node.metadata)

    def twice(outputs):
        return outputs[0], outputs[0]

    result = (leaf * 2).exp()
    result.grad_fn.register_prehook(twice)
    page.said(result.sum().backward)
    for change in (
        lambda b: b.zero_(), lambda b: b.fill_(1), lambda b: b.copy_(torch.zeros(2)), lambda b: b.clamp_(0),
        lambda b: b.add_(1), lambda b: b.__setitem__(0, 5.0), lambda b: b.detach().zero_(), lambda b: b.exp_(),
    ):  # fmt: skip
        b = leaf * 1
        c = b * b
        change(b)
        try:
            c.sum().backward()
        except RuntimeError as error:
            page.show(str(error).split(" Hint")[0])

    class Mixed(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, number, y, word):
            return x * number + y

        @staticmethod
        def backward(ctx, g):
            return g, None, g, None

    for second in (t(2), torch.ones(2)):
        node = Mixed.apply(leaf, 2, second, "word").grad_fn
        page.show([below and below.name() for below, _ in node.next_functions])
    node = Mixed.apply(leaf, 2, t(2), "word").grad_fn
    node.register_hook(lambda inputs, outputs: page.show(inputs, outputs))
    torch.autograd.backward(torch.autograd.graph.GradientEdge(node, 0), torch.ones(2))
