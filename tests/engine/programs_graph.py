"""Programs about the graph: what gradients refuse, hooks, saved tensors, changed values.

Each takes the library as `torch` and returns what JSON can hold.
"""

from __future__ import annotations

from tests.engine.programs import Programs, listed, part, tried, warned

PROGRAMS = Programs()
program, answers_of = PROGRAMS.add, PROGRAMS.answers_of


@program
def asked_of_gradients(torch):
    grad, backward = torch.autograd.grad, torch.autograd.backward

    def leaf(*values):
        return torch.tensor(values, requires_grad=True)

    def with_inputs():
        a, b = leaf(1.0), leaf(2.0)
        (a * b).backward(inputs=[a])
        return [listed(a.grad), b.grad]

    def with_inner_input():
        b = leaf(1.0) * 2
        (b * 3).backward(inputs=[b])
        return listed(b.grad)

    def several():
        a = leaf(1.0, 2.0)
        backward([a.sum(), (a * 2).sum()])
        return listed(a.grad)

    def batched(weights):
        a = leaf(1.0, 2.0, 3.0)
        return listed(grad(a**2, a, weights, is_grads_batched=True))

    def of_the_same():
        a = leaf(1.0, 2.0)
        return listed([*grad(a, a, torch.ones(2)), *grad((a * 2).sum(), [a, a])])

    def not_shared():
        a, g = leaf(1.0, 2.0), torch.ones(2)
        (a * 1).backward(g)
        a.grad.add_(5)
        b, c = leaf(1.0, 2.0), leaf(1.0, 2.0)
        (b + c).sum().backward()
        return [g.tolist(), b.grad is c.grad, b.grad.data_ptr() == c.grad.data_ptr()]

    def again():
        a = leaf(2.0)
        (a**3).backward(create_graph=True)
        g = a.grad
        a.grad = None
        g.sum().backward()
        return listed([g, a.grad])

    def assign(value):
        a = leaf(1.0)
        a.grad = a if value is None else value

    calls = [
        with_inputs, with_inner_input, several, of_the_same, not_shared, again,
        lambda: batched(torch.eye(3)), lambda: batched(torch.ones(2, 2)),
        lambda: torch.ones(1).backward(), lambda: (leaf(1.0, 2.0) * 2).backward(),
        lambda: (leaf(1.0, 2.0) * 2).backward(torch.ones(3)), lambda: (leaf(1.0, 2.0) * 2).backward(3),
        lambda: [z.backward() for z in [leaf(1.0).exp()] * 2], lambda: leaf(1.0).sum().backward(inputs=[]),
        lambda: grad(leaf(1.0).sum(), leaf(2.0)), lambda: grad(leaf(1.0).sum(), leaf(2.0), allow_unused=True),
        lambda: listed(grad(leaf(1.0).sum(), leaf(2.0), materialize_grads=True)),
        lambda: grad(leaf(1.0).sum(), leaf(2.0), materialize_grads=True, allow_unused=False),
        lambda: grad(leaf(1.0).sum(), torch.ones(1)), lambda: grad(leaf(1.0).sum(), []),
        lambda: assign(torch.ones(2)), lambda: assign(3), lambda: assign(None),
        lambda: torch.ones(2, dtype=torch.int64).requires_grad_(),
        lambda: torch.ones(2, dtype=torch.int64, requires_grad=True),
        lambda: (leaf(1.0) * 2).requires_grad_(False), lambda: leaf(1.0, 2.0).view(2, 1).detach_(),
        lambda: listed(leaf(1.0).detach_()), lambda: leaf(1.0).add_(1), lambda: leaf(1.0, 2.0)[0].add_(1),
        lambda: leaf(1.0).numpy(), lambda: torch.ones(1).retain_grad(),
    ]  # fmt: skip
    answers = [tried(call) for call in calls]
    answers.append(warned(lambda: (leaf(1.0) * 2).grad))
    return answers


@program
def hooks(torch):
    def leaf(*values):
        return torch.tensor(values, requires_grad=True)

    def order():
        out = []
        a = leaf(1.0, 2.0)
        b = a * 2
        b.register_hook(lambda g: (out.append("b1"), g * 2)[1])
        b.register_hook(lambda g: out.append(["b2", g.tolist()]))
        b.retain_grad()
        b.register_hook(lambda g: (out.append("b3"), g * 10)[1])
        a.register_hook(lambda g: out.append(["a", g.tolist()]))
        a.register_post_accumulate_grad_hook(lambda p: out.append(["post", p.grad.tolist()]))
        b.grad_fn.register_prehook(lambda gs: out.append(["pre", listed(gs)]))
        b.grad_fn.register_hook(lambda gi, go: out.append(["node", listed(gi), listed(go)]))
        (b * 3).sum().backward()
        return [out, listed(b.grad), listed(a.grad)]

    def removed():
        a = leaf(1.0)
        handle = a.register_hook(lambda g: g * 2)
        a.sum().backward()
        handle.remove()
        a.sum().backward()
        return listed(a.grad)

    def bad(hook, on_node=False):
        a = leaf(1.0, 2.0)
        b = a * 2
        b.grad_fn.register_hook(hook) if on_node else a.register_hook(hook)
        b.sum().backward()
        return listed(a.grad)

    def accumulating():
        a, out = leaf(1.0, 2.0), []
        node = (a * 2).grad_fn.next_functions[0][0]
        node.register_hook(lambda gi, go: out.append(["after", listed(gi), listed(go)]))
        node.register_prehook(lambda go: out.append(["before", listed(go)]))
        (a * 3).sum().backward()
        return [out, node.variable is a, node.name(), list(node.next_functions)]

    def several(mode):
        graph = part(torch, "autograd.graph")
        a, b, c, out = leaf(1.0), leaf(1.0), leaf(1.0), []
        handle = graph.register_multi_grad_hook((a, b, c), lambda g: out.append(listed(g)), mode=mode)
        (a * b * 2).sum().backward()
        (c * 3).sum().backward()
        (a * b * c).sum().backward()
        handle.remove()
        (a * b * c).sum().backward()
        return out

    def of_modules():
        module, out = torch.nn.Linear(2, 1, bias=False), []
        shapes = lambda gs: [None if g is None else list(g.shape) for g in gs]  # noqa: E731
        module.register_full_backward_hook(lambda m, gi, go: out.append(["back", shapes(gi), shapes(go)]))
        module.register_full_backward_pre_hook(lambda m, go: out.append("before back"))
        module.register_forward_hook(lambda m, i, o: out.append("forward"))
        module(torch.ones(3, 2)).sum().backward()
        module(torch.ones(3, 2, requires_grad=True)).sum().backward()
        return out

    calls = [
        order, removed, accumulating, of_modules, lambda: several("all"), lambda: several("any"),
        lambda: several("no"), lambda: bad(lambda g: 3), lambda: bad(lambda g: g[0]), lambda: bad(lambda g: g.double()),
        lambda: bad(lambda gi, go: (gi[0] * 100, None), True), lambda: bad(lambda gi, go: (gi[0],), True),
        lambda: torch.ones(1).register_hook(lambda g: g),
        lambda: (leaf(1.0) * 2).register_post_accumulate_grad_hook(lambda g: g),
    ]  # fmt: skip
    return [tried(call) for call in calls]


@program
def saved_tensors(torch):
    graph = part(torch, "autograd.graph")

    def leaf(*values):
        return torch.tensor(values, requires_grad=True)

    def packed():
        out = []
        a, b = leaf(1.0, 2.0), leaf(3.0, 4.0)

        def pack(t):
            out.append(["pack", t.tolist(), t.requires_grad, t.grad_fn is None])
            return t

        def unpack(t):
            out.append(["unpack", t.tolist()])
            return t

        with graph.saved_tensors_hooks(pack, unpack):
            total = (a * b).exp().sum()
        total.backward()
        return [out, listed([a.grad, b.grad])]

    def as_numbers():
        a = leaf(1.0, 2.0)
        with graph.saved_tensors_hooks(lambda t: t.tolist(), lambda n: torch.tensor(n)):
            y = (a.sin() * a).sum()
        (g,) = torch.autograd.grad(y, a, create_graph=True)
        return listed([g, *torch.autograd.grad(g.sum(), a)])

    def in_a_function():
        class Square(torch.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                ctx.save_for_backward(x)
                return x * x

            @staticmethod
            def backward(ctx, g):
                (x,) = ctx.saved_tensors
                return 2 * x * g

        a, out = leaf(1.0, 3.0), []
        with graph.saved_tensors_hooks(lambda t: (out.append(t.tolist()), t * 2)[1], lambda t: t / 2):
            y = Square.apply(a)
        y.sum().backward()
        return [out, listed(a.grad)]

    def on_cpu():
        a = leaf(1.0, 2.0)
        with graph.save_on_cpu(pin_memory=False):
            y = a.exp() * a
        y.sum().backward()
        return listed(a.grad)

    def attributes():
        x = leaf(1.0, 2.0)
        square, exp = x.pow(2).grad_fn, x.exp().grad_fn
        return listed([square._saved_self, square._saved_exponent, exp._saved_result, square._saved_self is x])

    def freed():
        y = leaf(1.0).exp()
        y.backward()
        return y.grad_fn._saved_result

    def raw():
        out = []
        y = leaf(2.0).pow(2)
        y.grad_fn._raw_saved_self.register_hooks(lambda t: (out.append("pack"), t)[1],
                                                 lambda t: (out.append("unpack"), t)[1])  # fmt: skip
        y.backward()
        return [out, tried(lambda: y.grad_fn._raw_saved_self.register_hooks(lambda t: t, lambda t: t))]

    def refused(pack, unpack):
        with graph.saved_tensors_hooks(pack, unpack):
            y = leaf(1.0).exp()
        y.backward()

    def disabled():
        with graph.disable_saved_tensors_hooks("not here"), graph.saved_tensors_hooks(lambda t: t, lambda t: t):
            pass

    def changed(inside):
        with graph.allow_mutation_on_saved_tensors():
            a = torch.ones(2, 3, requires_grad=True)
            b = a.clone()
            out = (b**2).sum()
            b.sin_()
            if inside:
                out.backward()
        if not inside:
            out.backward()
        return listed(a.grad)

    def edges():
        a = leaf(1.0, 1.0)
        b = a * 2
        edge = graph.get_gradient_edge(b)
        by_edge = torch.autograd.grad((b * 3).sum(), edge)
        total = (a * 5).sum()
        torch.autograd.backward(graph.get_gradient_edge(total))
        return [edge.node.name(), edge.output_nr, listed(by_edge), listed(a.grad), isinstance(edge.node, graph.Node)]

    def counted():
        b = leaf(1.0) * 2
        c = b**2
        before = b._version
        graph.increment_version(b)
        return [before, b._version, tried(lambda: c.sum().backward())[1][:60]]

    def in_place(t):
        t.add_(1)
        return t

    calls = [
        packed, as_numbers, in_a_function, on_cpu, attributes, freed, raw, disabled, edges, counted,
        lambda: refused(lambda t: t, lambda t: 3), lambda: refused(in_place, lambda t: t),
        lambda: changed(True), lambda: changed(False), lambda: graph.get_gradient_edge(torch.ones(2)),
    ]  # fmt: skip
    return [tried(call) for call in calls]


@program
def changed_values(torch):
    def run(change):
        x = torch.ones(2, requires_grad=True)
        w, inner = torch.ones(2), x.clone()
        y = change(x, w, inner)
        try:
            y.sum().backward()
        except RuntimeError as error:
            return str(error).split("Hint")[0]
        return listed(x.grad)

    def twice(x, w, inner):
        y = x * w
        w.add_(1)
        w.add_(1)
        return y

    def before_and_after(x, w, inner):
        w.add_(1)
        y = x * w
        w.mul_(2)
        return y

    def by_index(x, w, inner):
        y = inner * inner
        inner[0] = 3
        return y

    def result(x, w, inner):
        y = inner.add_(1).sigmoid()
        y.mul_(2)
        return y

    def leaf(x, w, inner):
        y = x * x
        with torch.no_grad():
            x.add_(1)
        return y

    def harmless(x, w, inner):
        y = x + inner
        inner.mul_(3)
        return y

    def by_alias(x, w, inner):
        y = inner * inner
        inner.detach().zero_()
        return y

    return [run(each) for each in (twice, before_and_after, by_index, result, leaf, harmless, by_alias)]
