"""Programs about the order and the say of hooks, and about edges of the graph, as `programs_autograd` has them."""

from __future__ import annotations

import warnings

from tests.engine.programs import Programs, listed, part, tried

PROGRAMS = Programs()
program, answers_of = PROGRAMS.add, PROGRAMS.answers_of


def leaf(torch, *values):
    return torch.tensor(values, requires_grad=True)


def telling(out, name):
    """A hook that notes that it was called."""
    return lambda *_: out.append(name)


@program
def order_of_leaves(torch):
    out = []
    torch.manual_seed(0)
    nn = part(torch, "nn")
    model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 2))
    for name, p in model.named_parameters():
        p.register_hook(telling(out, f"hook {name}"))
        p.register_post_accumulate_grad_hook(telling(out, f"post {name}"))
    for i, module in enumerate(model):
        module.register_full_backward_hook(telling(out, f"module {i}"))
        module.register_full_backward_pre_hook(telling(out, f"before module {i}"))
    model(torch.ones(1, 2)).sum().backward()
    shared, other = leaf(torch, 1.0), leaf(torch, 2.0)
    a = shared * 2
    b = a * other
    c = b * shared
    for name, tensor in {"shared": shared, "other": other, "a": a, "b": b, "c": c}.items():
        tensor.register_hook(telling(out, name))
    c.backward()
    return out


@program
def a_step_within_the_way_back(torch):
    out = []
    model = part(torch, "nn").Linear(2, 1)
    with torch.no_grad():
        for p in model.parameters():
            p.fill_(1.0)

    def step(p):
        p.sub_(p.grad, alpha=0.5)  # nothing is recorded here
        p.grad = None

    for p in model.parameters():
        p.register_post_accumulate_grad_hook(step)
    for _ in range(2):
        model(torch.tensor([[1.0, 2.0]])).sum().backward()
        out.append([listed(p) for p in model.parameters()])
    for answer in (lambda p: p.grad, lambda p: p, lambda p: 3):
        x = leaf(torch, 1.0, 2.0)
        x.register_post_accumulate_grad_hook(answer)
        out.append(tried(lambda x=x: x.sum().backward()))
    return out


@program
def hooks_of_the_end(torch):
    out = []
    x = leaf(torch, 1.0)
    end = x.view_as(x).grad_fn.next_functions[0][0]
    x.register_hook(lambda g: g - 2)
    end.register_prehook(lambda g: (g[0] / 5,))
    x.register_hook(lambda g: g * 3)
    x.register_post_accumulate_grad_hook(lambda p: (out.append(p.grad.tolist()), None)[1])
    end.register_hook(lambda gi, go: out.append([listed(gi), listed(go)]))
    x.sum().backward()
    out.append(listed(x.grad))
    out.append(listed(torch.autograd.grad(x.sum(), x)))
    return out


@program
def hooks_of_what_is_only_asked_for(torch):
    def counts(run):
        a = leaf(torch, 1.0)
        b = a * 2
        c = b * 2
        seen = []
        for tensor in (a, b):
            tensor.register_hook(telling(seen, "tensor"))
        for node in (b.grad_fn, b.grad_fn.next_functions[0][0]):
            node.register_prehook(telling(seen, "before"))
            node.register_hook(telling(seen, "after"))
        run(a, b, c)
        return seen

    grad = torch.autograd.grad
    return [
        counts(lambda a, b, c: grad(c, b)), counts(lambda a, b, c: grad(c, (a, b))),
        counts(lambda a, b, c: c.backward()), counts(lambda a, b, c: c.backward(inputs=(a, b))),
        counts(lambda a, b, c: c.backward(inputs=[b])),
    ]  # fmt: skip


@program
def answers_that_do_not_fit(torch):
    def told(hook, before=False):
        b = leaf(torch, 1.0) * 2
        b.grad_fn.register_prehook(hook) if before else b.grad_fn.register_hook(hook)
        return tried(lambda: b.backward())

    def none(hook):
        x = leaf(torch, 1.0, 2.0)
        first, second = x.split(1)
        second.register_hook(hook)
        return tried(lambda: first.backward())

    return [
        told(lambda gi, go: gi[0]), told(lambda g: g[0], True), told(lambda g: 3, True), told(lambda g: (1, 2), True),
        told(lambda g: ("a",), True), none(lambda g: g), none(lambda g: g * 2), none(lambda g: torch.ones(1)),
    ]  # fmt: skip


@program
def kept_gradients_after_changes(torch):
    out = []
    for changes in (1, 2):
        a = leaf(torch, 1.0).clone()
        a.retain_grad()
        for _ in range(changes):
            a.mul_(2)
        a.sum().backward()
        out.append(listed(a.grad))
    base = leaf(torch, 1.0).clone()
    one, two = base[:], base[:]
    one.retain_grad()
    two.retain_grad()
    one.register_hook(telling(out, "never"))
    one.mul_(2)
    (one + two).sum().backward()
    out += [listed(one.grad), listed(two.grad)]
    x = leaf(torch, 1.0)
    y = x * 2
    (y * y).sum().backward(inputs=[x, y], create_graph=True)
    out += [x.grad.grad_fn.name(), y.grad.grad_fn.name(), y.retains_grad]
    out.append(tried(lambda: (y * 1).backward(inputs=[torch.ones(1)])))
    return out


@program
def edges(torch):
    out = []
    edge_of = part(torch, "autograd.graph").get_gradient_edge
    x = leaf(torch, 1.0, 2.0)
    for make in (lambda: x, lambda: x * 2, lambda: torch.var_mean(x)[1], lambda: torch.unbind(x)[1]):
        y = make()
        out.append(listed(torch.autograd.grad((y * 3).sum(), edge_of(y))))
    y = x.sin()
    end = edge_of(y)
    given = part(torch, "autograd.graph").GradientEdge(y.grad_fn, y.output_nr)
    for edge in (end, given):
        for weight in (None, torch.ones(3), torch.ones(2) * 1j):
            out.append(tried(lambda e=edge, w=weight: listed(torch.autograd.grad(e, x, w, retain_graph=True))))
    other = leaf(torch, 1.0).clone()
    out.append(tried(lambda: torch.autograd.grad(y.sum(), edge_of(other), materialize_grads=True)))
    metadata = y.grad_fn._input_metadata[0]
    out += [list(metadata.shape), str(metadata.dtype), str(metadata.device)]
    kinds = part(torch, "autograd.graph").Node
    out += [issubclass(type(y.grad_fn), kinds), isinstance(y, kinds)]
    out.append(isinstance(y.grad_fn.next_functions[0][0], part(torch, "_C")._functions.AccumulateGrad))
    return out


@program
def several_gradients(torch):
    out = []
    several = part(torch, "autograd.graph").register_multi_grad_hook
    x, y, z = (leaf(torch, 1.0) for _ in range(3))
    a = x * 2
    several((x, a, y, z), lambda g: out.append(listed(g)))
    for name, tensor in {"x": x, "a": a}.items():
        tensor.register_hook(telling(out, name))
    (a * y).backward()
    out.append(tried(lambda: several((x, torch.ones(1)), print)))
    return out


@program
def dtypes_of_gradients(torch):
    x = leaf(torch, 1.0, 2.0)

    def put(tensor, name, value):
        return tried(lambda: (setattr(tensor, name, value), str(getattr(tensor, name)))[1])

    out = [put(x, "grad_dtype", torch.float16), put(x, "grad", torch.ones(2)), put(x, "grad", torch.ones(2).half())]
    out += [put(x, "grad_dtype", torch.float32), put(x, "grad_dtype", None), put(x * 2, "grad_dtype", None)]
    y = leaf(torch, 1.0)
    y.grad_dtype = torch.float16
    (y * 3).backward()
    out.append(str(y.grad.dtype))
    for name in ("data", "requires_grad"):
        out.append(tried(lambda name=name: delattr(x, name)))
    for name in ("is_leaf", "grad_fn"):
        out += [tried(lambda name=name: delattr(x, name)), put(x, name, None)]
    return out


@program
def generators(torch):
    out = []

    @torch.no_grad()
    def counting():
        try:
            while True:
                try:
                    out.append(torch.is_grad_enabled())
                    yield len(out)
                except ValueError:
                    out.append(["thrown", torch.is_grad_enabled()])
        except GeneratorExit:
            out.append(["closed", torch.is_grad_enabled()])
            raise

    one = counting()
    next(one)
    out.append(torch.is_grad_enabled())
    one.throw(ValueError)
    one.close()
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        kind = torch.no_grad()(type("Plain", (), {"__init__": lambda self: out.append(torch.is_grad_enabled())}))
        kind()
    return [*out, [[w.category.__name__, str(w.message)] for w in told]]


@program
def checks_of_gradients(torch):
    check = part(torch, "autograd").gradcheck
    x = torch.tensor([1.0], dtype=torch.float64, requires_grad=True)

    def moved(x):
        y = x.clone()
        y.register_hook(lambda g: g + 1e-2)
        return y

    class Unsure(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 1

        @staticmethod
        def backward(ctx, g):
            return g * (1 + torch.rand_like(g) * 1e-6)

    out = []
    for fast in (True, False):
        out.append(tried(lambda fast=fast: check(moved, (x,), atol=1e-1, fast_mode=fast)))
        out.append(tried(lambda fast=fast: check(Unsure.apply, (x,), fast_mode=fast)))
        out.append(tried(lambda fast=fast: check(lambda x: torch.cat([x, x]) if x >= 1 else x, (x,), fast_mode=fast)))
        out.append(tried(lambda fast=fast: check(lambda x: x.float() if x >= 1 else x, (x,), fast_mode=fast)))
    return out


@program
def changes_through_pieces(torch):
    x = torch.ones(2, 2, requires_grad=True).clone()
    rows = [f(x)[0] for f in (lambda x: x.unbind(0), lambda x: x.split(1), lambda x: x.chunk(2))]
    return [tried(lambda view=view: view.add_(1)) for row in rows for view in (row, row[0], row.view(-1))]


@program
def changed_values_in_anomaly_mode(torch):
    def sentence():
        a = torch.ones(5, requires_grad=True)
        b = a + 1
        c = b**2
        b += 1
        c.sum().backward()

    with part(torch, "autograd").set_detect_anomaly(True):
        return tried(sentence)
