"""Hooks on the nodes below that of a layer or a product, which this engine has in one."""


def run(torch, page):
    F = torch.nn.functional

    def below(node, path=""):
        for place, (function, _) in enumerate(node.next_functions):
            if function is not None and not function.name().endswith("AccumulateGrad"):
                yield path + str(place), function
                yield from below(function, path + str(place))

    def numbers(*shape, needs=True):
        made = torch.arange(1.0, torch.Size(shape).numel() + 1, dtype=torch.float64).reshape(shape) - 2.5
        return made.requires_grad_(needs)

    def lists(tensors):
        return [None if each is None else [round(n, 9) for n in each.flatten().tolist()] for each in tensors]

    def look(what, make, leaves):
        for create in (False, True):
            result = make()
            met = list(below(result.grad_fn))
            page.show(what, create, [path + function.name() for path, function in met])
            result.grad_fn.register_hook(lambda gi, go: page.show("  top", lists(gi), [g.shape for g in go]))
            for path, step in met:
                step.register_hook(lambda gi, go, path=path: page.show("  after", path, lists(gi), lists(go)))
                step.register_prehook(lambda go, path=path: page.show("  before", path, [g.shape for g in go]))
            if met:
                removed = met[0][1].register_hook(lambda *_: page.show("never"))
                removed.remove()
                met[-1][1].register_prehook(lambda go: tuple(2 * g for g in go))
                met[0][1].register_hook(lambda gi, go: tuple(None if g is None else g + 1 for g in gi))
            needed = [leaf for leaf in leaves if leaf is not None and leaf.requires_grad]
            weights = numbers(*result.shape, needs=False)
            found = torch.autograd.grad(result, needed, weights, create_graph=create)
            page.show("  gives", lists(found))
            total = sum((g * g).sum() for g in found)
            if total.requires_grad:
                page.show("  twice", lists(torch.autograd.grad(total, needed, allow_unused=True)))

    for which in ((True, False), (False, True), (True, True)):
        for shape in ((3,), (2, 3), (2, 2, 3)):
            x, w = numbers(*shape, needs=which[0]), numbers(2, 3, needs=which[1])
            for bias in (None, numbers(2, needs=which[1])):
                look(("linear", shape, which), lambda x=x, w=w, b=bias: F.linear(x, w, b), (x, w, bias))
        for a, b in (
            ((2, 3), (3, 2)), ((3,), (3, 2)), ((2, 2, 3), (3, 2)), ((2, 2, 3), (3,)), ((2, 2, 3), (2, 3, 1)),
        ):  # fmt: skip
            x, y = numbers(*a, needs=which[0]), numbers(*b, needs=which[1])
            look((a, b, which), lambda x=x, y=y: x @ y, (x, y))
    table, row = numbers(2, 3), torch.tensor([0, 2])
    look("cross_entropy", lambda: F.cross_entropy(table, row), (table,))
    changed, fixed = numbers(2, 3), numbers(2, 2, 3, needs=False)
    look("own weight", lambda: F.linear(fixed, changed * 2), (changed,))

    result = F.linear(fixed, changed, fixed[0, 0, :2])
    step = result.grad_fn.next_functions[0][0]
    page.show(
        step, step.name(), step.requires_grad, step._saved_mat1.shape, step == result.grad_fn.next_functions[0][0]
    )
    step.metadata["said"] = 1
    page.show(
        result.grad_fn.next_functions[0][0].metadata,
        [g.shape for g in step(torch.ones(4, 2).double()) if g is not None],
    )
    page.said(lambda: step.nothing)
    step.register_hook(lambda *_: page.show("once"))
    result.sum().backward()
    page.said(result.sum().backward)
