"""Checkpoints whose second call saves less, more or other tensors; gradients within them; saved tensors asked twice."""


def run(torch, page):
    tools = page.part("utils.checkpoint")
    checkpoint, stop_early = tools.checkpoint, tools.set_checkpoint_early_stop
    x, y = (torch.tensor(value, requires_grad=True) for value in (1.0, 2.0))

    def shown(call):
        x.grad = None
        try:
            result = call()
            page.show("gives", result, x.grad)
        except Exception as error:
            page.show(type(error).__name__, *[line for line in str(error).split("\nTip")[0].splitlines() if line])

    def three(x):
        return x.sin().exp().sin()

    def two(x):
        return x.sin().exp()

    def wider(x):
        return (x.sin() * torch.tensor([1.0, 2.0])).sum()

    def changing(first, later):
        calls = []

        def function(x):
            calls.append(1)
            return (first if len(calls) == 1 else later)(x)

        return lambda: checkpoint(function, x, use_reentrant=False).backward()

    def asking(x):
        first, second = x.sin().exp().sin(), x.sin().exp().sin()
        torch.autograd.grad(first, x)
        torch.autograd.grad(second, x)
        return x.sin()

    def nested(function):
        return lambda x: checkpoint(function, x, use_reentrant=False).sin()

    for stop in (True, False):
        with stop_early(stop):
            for first, later in ((three, two), (two, three), (two, wider)):
                shown(changing(first, later))
            for function in (three, asking, nested(three), nested(asking), nested(nested(asking))):
                shown(lambda function=function: checkpoint(function, x, use_reentrant=False).backward())

    class Twice(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, y):
            product = x * y
            ctx.save_for_backward(x, y, product)
            return product * 2

        @staticmethod
        def backward(ctx, g):
            page.show([each.tolist() for each in ctx.saved_tensors])
            shown(lambda: ctx.saved_tensors)
            return g, g

    shown(lambda: checkpoint(lambda x, y: Twice.apply(x * x, y * y), x, y, use_reentrant=False).backward())
    constant = torch.ones(())

    class Holding(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, y):
            ctx.save_for_backward(y)
            return x * 1

        @staticmethod
        def backward(ctx, g):
            page.show(ctx.saved_tensors[0] is constant)
            return g, None

    checkpoint(Holding.apply, x, constant, use_reentrant=False).backward()
    result = checkpoint(three, x, use_reentrant=False)
    shown(lambda: result.backward(retain_graph=True))
    shown(lambda: result.backward(retain_graph=True))
    inner, outer = checkpoint(lambda x: (x.sin().cos(), x.sin().cos().sin()), x, use_reentrant=False)
    outer.grad_fn.register_hook(lambda *_: inner.backward(retain_graph=True))
    shown(lambda: outer.backward(retain_graph=True))

    sin = torch.ops.aten.sin.default
    policy = tools.CheckpointPolicy
    for keeping in (
        [sin], lambda ctx, op, *_, **__: policy.MUST_SAVE if op is sin else policy.PREFER_RECOMPUTE,
        lambda ctx, op, *_, **__: policy.PREFER_RECOMPUTE,
    ):  # fmt: skip
        contexts = tools.create_selective_checkpoint_contexts
        result = checkpoint(
            three, x, use_reentrant=False, context_fn=lambda keeping=keeping, contexts=contexts: contexts(keeping)
        )
        for _ in range(2):
            shown(lambda result=result: result.backward(retain_graph=True))
