"""Programs about checkpoints, the modes of recording, Functions, and the checks of gradients.

Each takes the library as `torch` and returns what JSON can hold.
"""

from __future__ import annotations

from tests.engine.programs import Programs, listed, part, tried, warned

PROGRAMS = Programs()
program, answers_of = PROGRAMS.add, PROGRAMS.answers_of


@program
def checkpoints(torch):
    module = part(torch, "utils.checkpoint")
    checkpoint = module.checkpoint

    def plain(**options):
        a, w, calls = torch.tensor([1.0, 2.0], requires_grad=True), torch.tensor([3.0, 4.0], requires_grad=True), []

        def f(v, factor=1):
            calls.append(1)
            return (v * w * factor).sin()

        checkpoint(f, a, **options).sum().backward()
        return [listed(a.grad), listed(w.grad), len(calls)]

    def by_grad(reentrant):
        a = torch.tensor([1.0, 2.0], requires_grad=True)
        return listed(torch.autograd.grad(checkpoint(lambda v: v * v, a, use_reentrant=reentrant).sum(), a))

    def dropping(reentrant):
        torch.manual_seed(1)
        a = torch.ones(8, requires_grad=True)
        y = checkpoint(lambda v: torch.nn.functional.dropout(v * 2), a, use_reentrant=reentrant)
        y.sum().backward()
        return listed([a.grad, y])

    def chain(reentrant):
        torch.manual_seed(2)
        layers = torch.nn.Sequential(*[torch.nn.Linear(2, 2) for _ in range(4)])
        x = torch.ones(1, 2, requires_grad=True)
        module.checkpoint_sequential(layers, 2, x, use_reentrant=reentrant).sum().backward()
        return listed([x.grad, layers[0].weight.grad, layers[3].bias.grad])

    def nested():
        a = torch.tensor([1.0, 2.0], requires_grad=True)

        def inner(v):
            return checkpoint(lambda u: u.sin().exp(), v, use_reentrant=False) * v

        checkpoint(inner, a, use_reentrant=False).sum().backward()
        return listed(a.grad)

    def different(second):
        a, calls = torch.tensor([1.0, 2.0], requires_grad=True), []

        def f(v):
            calls.append(1)
            return v.sin().exp() if len(calls) == 1 else second(v)

        checkpoint(f, a, use_reentrant=False).sum().backward()

    def twice(reentrant):
        a = torch.tensor([1.0, 2.0], requires_grad=True)
        y = checkpoint(lambda v: v.sin(), a, use_reentrant=reentrant).sum()
        y.backward()
        y.backward()

    calls = [
        lambda: plain(), lambda: plain(use_reentrant=True), lambda: plain(use_reentrant=False),
        lambda: plain(use_reentrant=False, factor=2), lambda: plain(use_reentrant=True, factor=2),
        lambda: by_grad(True), lambda: by_grad(False), lambda: dropping(True), lambda: dropping(False),
        lambda: chain(True), lambda: chain(False), nested, lambda: different(lambda v: v.sin()),
        lambda: different(lambda v: v[:1].sin().exp()), lambda: twice(True), lambda: twice(False),
    ]  # fmt: skip
    return [tried(call) for call in calls]


@program
def modes(torch):
    def leaf(*values):
        return torch.tensor(values, requires_grad=True)

    def inferred():
        with torch.inference_mode():
            a = torch.ones(2)
            return a * 2

    def states():
        found = [torch.is_grad_enabled()]
        torch.set_grad_enabled(False)
        found.append(torch.is_grad_enabled())
        torch.set_grad_enabled(True)
        with torch.set_grad_enabled(False):
            found.append(torch.is_grad_enabled())

        @torch.set_grad_enabled(False)
        def f():
            return torch.is_grad_enabled()

        return [*found, f(), torch.is_grad_enabled()]

    def within():
        a = leaf(1.0, 2.0)
        with torch.inference_mode():
            found = [a.view(2).is_inference(), a.detach().is_inference(), a.is_inference(), (a * 2).is_inference()]
            with torch.inference_mode(False):
                inner = a * 2
            found += [inner.is_inference(), inner.requires_grad]
            with torch.enable_grad():
                found.append((a * 2).requires_grad)
        return [*found, torch.is_inference_mode_enabled()]

    def changed():
        b = inferred()
        with torch.inference_mode():
            b.add_(1)
        return listed(b)

    calls = [
        states, within, changed, lambda: inferred().is_inference(), lambda: inferred().requires_grad_(),
        lambda: listed(inferred() * 2), lambda: listed(inferred() + leaf(1.0, 2.0)), lambda: inferred().add_(1),
        lambda: inferred().view(2, 1).is_inference(), lambda: inferred().clone().is_inference(),
        lambda: inferred()._version, lambda: (inferred() * leaf(1.0, 2.0)).sum().backward(),
    ]  # fmt: skip
    return [tried(call) for call in calls]


@program
def functions(torch):
    Function = torch.autograd.Function

    def leaf(*values):
        return torch.tensor(values, requires_grad=True)

    class Product(Function):
        @staticmethod
        def forward(ctx, a, b, factor=1):
            ctx.save_for_backward(a, b)
            ctx.factor = factor
            return a * b * factor

        @staticmethod
        def backward(ctx, g):
            a, b = ctx.saved_tensors
            return g * b * ctx.factor, g * a * ctx.factor, None

    def returning(answer):
        class Odd(Product):
            @staticmethod
            def backward(ctx, g):
                return answer(g)

        a, b = leaf(1.0, 2.0), leaf(2.0, 3.0)
        Odd.apply(a, b).sum().backward()
        return listed([a.grad, b.grad])

    def by_keyword():
        a, b = leaf(1.0), leaf(2.0)
        Product.apply(a, b, factor=3).backward()
        return listed([a.grad, b.grad])

    class Sorted(Function):
        generate_vmap_rule = True

        @staticmethod
        def forward(x):
            order = x.argsort()
            return x[order], order

        @staticmethod
        def setup_context(ctx, inputs, output):
            ctx.mark_non_differentiable(output[1])
            ctx.save_for_backward(output[1])
            ctx.save_for_forward(output[1])

        @staticmethod
        def backward(ctx, g, _):
            (order,) = ctx.saved_tensors
            return torch.zeros_like(g).scatter(0, order, g)

        @staticmethod
        def jvp(ctx, t):
            (order,) = ctx.saved_tensors
            return t[order], None

    def transformed():
        func = part(torch, "func")
        x, w = torch.tensor([3.0, 1.0, 2.0]), torch.tensor([1.0, 10.0, 100.0])

        def f(x):
            return (Sorted.apply(x)[0] * w).sum()

        return listed([func.grad(f)(x), func.jvp(f, (x,), (w,))[1], func.vmap(func.grad(f))(torch.stack([x, -x]))])

    class Cube(Function):
        @staticmethod
        def forward(x):
            return torch.tensor(x.numpy() ** 3)

        @staticmethod
        def setup_context(ctx, inputs, output):
            ctx.save_for_backward(*inputs)

        @staticmethod
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            return g * 3 * x**2

        @staticmethod
        def vmap(info, in_dims, x):
            return Cube.apply(x), in_dims[0]

    def mapped():
        func = part(torch, "func")
        return listed(func.vmap(Cube.apply)(torch.tensor([[1.0, 2.0], [3.0, 4.0]])))

    def no_rule():
        func = part(torch, "func")
        return func.vmap(type("Bare", (Cube,), {"vmap": staticmethod(Function.vmap)}).apply)(torch.ones(2))

    def old_style():
        func = part(torch, "func")
        return func.grad(lambda x: Product.apply(x, x).sum())(torch.ones(2))

    class Dirty(Function):
        @staticmethod
        def forward(ctx, a):
            a.mul_(2)
            ctx.mark_dirty(a)
            return a

        @staticmethod
        def backward(ctx, g):
            return g * 2

    def dirty():
        a = leaf(1.0)
        b = a.clone()
        c = Dirty.apply(b)
        c.sum().backward()
        return [c is b, listed(a.grad), b._version]

    class Pair(Function):
        @staticmethod
        def forward(ctx, a):
            ctx.set_materialize_grads(False)
            return a * 2, a * 3

        @staticmethod
        def backward(ctx, g, h):
            return g * 2 if h is None else g + h

    def not_filled():
        a = leaf(1.0)
        Pair.apply(a)[0].backward()
        return listed(a.grad)

    class Once(Function):
        @staticmethod
        def forward(ctx, a):
            ctx.save_for_backward(a)
            return a * a

        @staticmethod
        @torch.autograd.function.once_differentiable
        def backward(ctx, g):
            return g * 2 * ctx.saved_tensors[0]

    def once():
        a = leaf(1.0)
        (g,) = torch.autograd.grad(Once.apply(a), a, create_graph=True)
        return [g.requires_grad, tried(lambda: g.backward())]

    calls = [
        by_keyword, transformed, mapped, no_rule, old_style, dirty, not_filled, once,
        lambda: Dirty.apply(leaf(1.0)), lambda: returning(lambda g: (g, g, None, None)), lambda: returning(lambda g: g),
        lambda: returning(lambda g: (3, 4, None)), lambda: returning(lambda g: (g[0], None, None)),
        lambda: returning(lambda g: (g[None].expand(2, 2), None, None)),
        lambda: returning(lambda g: (None, None, None)),
        lambda: Product.apply(leaf(1.0), leaf(2.0)).grad_fn.name(),
        lambda: type(Product.apply(leaf(1.0), leaf(2.0)).grad_fn).__name__,
    ]  # fmt: skip
    return [tried(call) for call in calls]


@program
def gradchecks(torch):
    gradcheck, gradgradcheck = torch.autograd.gradcheck, torch.autograd.gradgradcheck
    x = torch.tensor([0.3, -0.8, 1.2], dtype=torch.float64, requires_grad=True)

    class Wrong(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * x

        @staticmethod
        def backward(ctx, g):
            return g * 3

    def message(call):
        try:
            return call()
        except Exception as error:
            return [type(error).__name__, str(error)]

    calls = [
        lambda: gradcheck(torch.sin, (x,)), lambda: gradcheck(torch.sin, x), lambda: gradcheck(Wrong.apply, (x,)),
        lambda: gradcheck(Wrong.apply, (x,), raise_exception=False), lambda: gradcheck(torch.sin, (x.detach(),)),
        lambda: gradcheck(lambda a: a.detach() * 2, (x,)), 
        lambda: gradcheck(torch.sin, (x,), check_forward_ad=True, check_batched_grad=True),
        lambda: gradcheck(torch.sin, (x,), check_backward_ad=False), lambda: gradcheck(torch.sin, (x,), fast_mode=True),
        lambda: gradgradcheck(torch.sin, (x,)), lambda: gradgradcheck(lambda a: a.exp().sum(), (x,)),
        lambda: gradgradcheck(lambda a: a * 2, (x,)), lambda: gradgradcheck(torch.exp, (x,), check_fwd_over_rev=True),
    ]  # fmt: skip
    return [message(call) for call in calls]


@program
def weights_of_gradgradcheck(torch):
    """What gradgradcheck draws from the common generator: programs that draw after it go on from there."""
    drawn = []

    def square(x):
        y = x * x
        y.register_hook(lambda g: drawn.append(listed(torch.view_as_real(g) if g.is_complex() else g)))
        return y

    for kind in (torch.float64, torch.complex128):
        for shape in ((3, 2), (4,), ()):
            for every_other in (False, True):
                torch.manual_seed(3)
                x = torch.randn(shape, dtype=kind, requires_grad=True)
                first = len(drawn)
                torch.autograd.gradgradcheck(square, (x,), gen_non_contig_grad_outputs=every_other)
                drawn[first:] = [drawn[first], torch.rand(1).item()]
    return drawn


@program
def anomalies(torch):
    def run(mode, check_nan=True):
        with torch.autograd.set_detect_anomaly(mode, check_nan):
            z = torch.zeros(2, requires_grad=True)
            (torch.sqrt(z) * 0).sum().backward()
            return len(listed(z.grad))

    class Failing(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, g):
            raise RuntimeError("Some error in backward")

    def failing():
        with torch.autograd.detect_anomaly():
            Failing.apply(torch.ones(1, requires_grad=True)).sum().backward()

    return [
        tried(lambda: run(True)), tried(lambda: run(True, False)), tried(lambda: run(False)), tried(failing),
        warned(lambda: run(True)), warned(failing), torch.is_anomaly_enabled(), torch.is_anomaly_check_nan_enabled(),
    ]  # fmt: skip
