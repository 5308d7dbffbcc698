"""What `gradcheck` finds: wrong formulas of either mode, batches, gradients that are missing, kinds that differ."""


def run(torch, page):
    gradcheck, gradgradcheck = torch.autograd.gradcheck, torch.autograd.gradgradcheck
    numerical, analytical = (
        getattr(page.part("autograd.gradient_check" if torch.__name__ == "engine" else "autograd.gradcheck"), name)
        for name in ("get_numerical_jacobian", "get_analytical_jacobian")
    )

    def first_line(call):
        try:
            return call()
        except Exception as error:
            return f"{type(error).__name__}: {str(error).splitlines()[0]}"

    def checked(*args, **options):
        page.said(lambda: first_line(lambda: gradcheck(*args, **options)))

    def leaf(*values, dtype=torch.double):
        return torch.tensor(values, dtype=dtype, requires_grad=True)

    class Scaled(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, ahead, back):
            ctx.ahead, ctx.back = ahead, back
            return x * 2

        @staticmethod
        def backward(ctx, g):
            return g * ctx.back, None, None

        @staticmethod
        def jvp(ctx, tangent, *_):
            return tangent * ctx.ahead

    class Drawing(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, g):
            return g * 2

        @staticmethod
        def jvp(ctx, tangent):
            torch.randn_like(tangent)
            return tangent * 2

    def with_hook(x):
        def hook(g):
            if g is None:
                raise RuntimeError("nothing")

        y = x.clone()
        y.register_hook(hook)
        return y

    scalar = torch.tensor(1.5, dtype=torch.double, requires_grad=True)
    x, c = leaf(0.5, 1.5, 2.5), leaf(0.5 + 1j, 1 - 2j, dtype=torch.cdouble)
    for ahead, back in ((2, 2), (3, 2), (2, 3)):
        for value in (x, scalar, c):
            checked(Scaled.apply, (value, ahead, back), check_forward_ad=True)
            checked(Scaled.apply, (value, ahead, back), check_forward_ad=True, check_backward_ad=False)
    for fast in (False, True):
        checked(lambda v: v * 2, scalar, check_batched_grad=True, fast_mode=fast)
        checked(with_hook, x, fast_mode=fast)
        checked(with_hook, x, fast_mode=fast, check_undefined_grad=False)
        checked(
            lambda v: (v.clone(), v.sum()), x, check_forward_ad=True, check_batched_forward_grad=True, fast_mode=fast
        )
        checked(Drawing.apply, x, check_forward_ad=True, check_batched_forward_grad=True, fast_mode=fast)
        page.show(gradgradcheck(lambda v: v.sum() ** 3, x, check_fwd_over_rev=True, fast_mode=fast))
    page.said(lambda: numerical(lambda given: given[0] * given[1], (leaf(1.0, 2.0), leaf(3.0, 4.0))))
    page.said(lambda: numerical(lambda given: given[0], (x,), grad_out=2.0))
    page.said(lambda: analytical((leaf(1.0, 2.0),), leaf(1.0, 2.0).sum()))
    page.said(lambda: analytical((x, scalar), x * scalar))
    page.said(lambda: analytical((c,), c * 2))
