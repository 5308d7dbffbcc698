"""Structures of cotangents, hooks on leaves and saved tensors, schedules of profiles, even grids, lines of warnings."""

import os
import tempfile
import warnings


def run(torch, page):
    show, said = page.show, page.said
    F = torch.nn.functional
    vjp = torch.func.vjp
    ones = torch.ones(2)
    said(lambda: vjp(lambda x: (x.sin(), x.cos()), ones)[1](ones))
    said(lambda: vjp(lambda x: (x.sin(), x.cos()), ones)[1](ones, ones))
    said(lambda: vjp(lambda x: (x.sin(), x.cos()), ones)[1]((ones, ones)))
    said(lambda: vjp(lambda x: {"a": x, "b": [x, (x,)]}, ones)[1]((ones,)))
    said(lambda: F.linear(torch.ones(8, 4), torch.ones(10, 4), torch.ones(3)))
    said(lambda: F.linear(torch.ones(2, 8, 4), torch.ones(10, 4), torch.ones(3)))

    forward = page.part("autograd.forward_ad")

    class Scaled(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, factor):
            ctx.save_for_forward(x)
            ctx.factor = factor
            return x * factor

        @staticmethod
        def jvp(ctx, tangent, _):
            show("within", *ctx.saved_tensors)
            return tangent * ctx.factor

    with forward.dual_level():
        show(Scaled.apply(forward.make_dual(ones, ones), 3))

    x = torch.tensor([1.0, 2.0], requires_grad=True)
    handle = x.register_post_accumulate_grad_hook(lambda leaf: 3)
    said(lambda: (x * 2).sum().backward())
    handle.remove()
    x.register_post_accumulate_grad_hook(lambda leaf: leaf)
    said(lambda: (x * 2).sum().backward())
    x.grad = None

    with torch.autograd.graph.saved_tensors_hooks(lambda t: t * 2, lambda t: t):
        y, z, w = x * x, (x * 3) * x, x.exp()
    show(y.grad_fn._saved_self.requires_grad, z.grad_fn._saved_self, w.grad_fn._saved_result)
    for result in (y, z):
        (g,) = torch.autograd.grad(result.sum(), x, create_graph=True)
        show(g, torch.autograd.grad(g.sum(), x))

    profiler = page.part("profiler")
    said(lambda: profiler.schedule(wait=-1, warmup=0, active=1))
    said(lambda: profiler.schedule(wait=0, warmup=0, active=0))
    said(lambda: [profiler.schedule(wait=1, warmup=0, active=2)(n).name for n in range(4)])
    said(lambda: profiler.profile(activities=[]))
    with profiler.profile() as plain, profiler.record_function("outer"):
        x.detach() * 2
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "stacks.txt")
        said(lambda: plain.export_stacks(path))

    # What lies on the border of two cells is in PyTorch's, which the gradients by the map tell.
    for n in (7, 16, 28):
        for corners in (False, True):
            theta = torch.tensor([[[1.0, 0, 0], [0, 1, 0]]], requires_grad=True)
            grid = F.affine_grid(theta, (1, 1, n, n), align_corners=corners)
            image = torch.arange(n * n).sin().reshape(1, 1, n, n)
            (F.grid_sample(image, grid, align_corners=corners) * image.cos()).sum().backward()
            show(n, corners, [f"{g:.2f}" for g in theta.grad.flatten().tolist()])
    for a, b, n in ((-1, 1, 28), (0.3, 7.7, 31), (3, -8, 100)):
        show(torch.linspace(a, b, n).view(torch.int32).tolist())
        show(torch.linspace(a, b, n, dtype=torch.float64).view(torch.int64).tolist())

    def where(call):
        with warnings.catch_warnings(record=True) as found:
            warnings.simplefilter("always")
            call()
        show([(each.filename == __file__, each.lineno - call.__code__.co_firstlineno) for each in found])

    where(lambda: torch.tensor(ones))
    where(lambda: F.affine_grid(torch.ones(1, 2, 3), (1, 1, 2, 2)))
    where(lambda: F.grid_sample(torch.ones(1, 1, 2, 2), torch.ones(1, 2, 2, 2)))
    where(lambda: F.softmax(ones))
    where(lambda: F.mse_loss(ones, torch.ones(2, 1)))
    where(lambda: torch.var(torch.ones(1)))
    where(lambda: F.dropout2d(torch.ones(2, 2)))

    # What a node is asked, and gives to its hooks: the operands that PyTorch's node has.
    x = torch.ones(3, requires_grad=True)

    def shapes(*given):
        show(*[[None if g is None else tuple(g.shape) for g in each] for each in given])

    for call in (
        lambda: x.pow(2), lambda: x**x, lambda: x * 2, lambda: x + 1, lambda: 2**x, lambda: 1 - x, lambda: x.fmod(2),
        lambda: torch.lerp(x, x, 0.5), lambda: x.remainder(2), lambda: x.masked_fill(x > 0, 1.0), lambda: x.max(0)[0],
    ):  # fmt: skip
        y = call()
        show(y.grad_fn.name(), [None if each is None else each.name() for each, _ in y.grad_fn.next_functions])
        with torch.no_grad():
            said(lambda y=y: y.grad_fn(torch.ones_like(y)))
        y.grad_fn.register_hook(shapes)
        y.sum().backward()
    said(lambda: (x * 2).grad_fn())
    x.grad = None
    said(lambda: [(x * 2).grad_fn.next_functions[0][0](torch.ones(3)) for _ in range(2)])
    show(x.grad)
    y = x * x
    y.grad_fn.register_hook(lambda given, _: (None, given[1] * 10))
    y.sum().backward()
    show(x.grad)
    said(lambda: torch.autograd.backward([x.sum(), x.sum()], [None]))
    said(lambda: torch.autograd.grad([x.sum()], [x], [None, None]))
    said(lambda: (x * 2).unbind()[0].add_(1))
    said(lambda: hasattr(x, "names"))
    said(lambda: torch.zeros(2, 3, names=("N", "C")))
    said(lambda: torch.ones(1, names=("a",)))
