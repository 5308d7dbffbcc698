"""What `jvp` of a Function may return, saved tensors of a Function, callbacks, and small things of the way back."""


def run(torch, page):
    forward_ad = page.part("autograd.forward_ad")
    Function, Variable = torch.autograd.Function, torch.autograd.Variable

    class Base(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x.clone()

        @staticmethod
        def backward(ctx, g):
            page.show("back", ctx.saved_tensors)
            return g

        @staticmethod
        def jvp(ctx, tangent):
            page.show("ahead", ctx.saved_tensors)
            return tangent

    def with_forward(forward, jvp):
        return type("Own", (Base,), {"forward": staticmethod(forward), "jvp": staticmethod(jvp)}).apply

    def moved(call, *values):
        def within():
            with forward_ad.dual_level():
                given = [forward_ad.make_dual(each, torch.ones_like(each)) for each in values]
                results = call(*given)
                results = results if isinstance(results, tuple) else (results,)
                return [
                    forward_ad.unpack_dual(each).tangent if isinstance(each, torch.Tensor) else each for each in results
                ]

        page.said(within)

    # What is saved for forward mode.
    def saves_both(ctx, x):
        ctx.save_for_backward(x)
        ctx.save_for_forward(x, x)
        return x.clone()

    moved(Base.apply, torch.ones(2))
    moved(with_forward(saves_both, Base.jvp), torch.ones(2))
    with forward_ad.dual_level():
        leaf = torch.ones(2, requires_grad=True)
        Base.apply(forward_ad.make_dual(leaf, torch.ones(2))).sum().backward()

    # Changes in place.
    def doubled(ctx, x):
        ctx.mark_dirty(x)
        return x.mul_(2)

    for jvp in (lambda ctx, t: t.mul_(2), lambda ctx, t: t * 2, lambda ctx, t: t):
        moved(with_forward(doubled, jvp), torch.ones(2))
        moved(lambda x, jvp=jvp: with_forward(doubled, jvp)(x.clone()), torch.ones(2))
    with forward_ad.dual_level():
        x, t = torch.ones(2), torch.ones(2)
        dual = forward_ad.make_dual(x, t)
        result = with_forward(doubled, lambda ctx, t: t.mul_(2))(dual)
        page.show(result is dual, forward_ad.unpack_dual(result).tangent is t, t)
        dual *= 3
        page.show(t, forward_ad.unpack_dual(x).tangent)
        primal = forward_ad.unpack_dual(dual).primal
        primal += 1
        page.show(forward_ad.unpack_dual(dual), forward_ad.unpack_dual(primal).tangent)
        again = dual.clone()
        again.detach_()
        page.show(forward_ad.unpack_dual(again * 2).tangent)

    # Views.
    def first_two(ctx, x):
        return x.narrow(0, 0, 2)

    for jvp in (
        lambda ctx, t: t.narrow(0, 0, 2), lambda ctx, t: t.narrow(0, 0, 2).clone(),
        lambda ctx, t: t.narrow(0, 0, 2).clone().view(2),
    ):  # fmt: skip
        moved(with_forward(first_two, jvp), torch.ones(4))
        moved(lambda x, jvp=jvp: with_forward(first_two, jvp)(x.view(4)), torch.ones(4))
    for jvp in (lambda ctx, t: (t, t), lambda ctx, t: (t, t.view_as(t)), lambda ctx, t: (t * 1, t * 2)):
        moved(with_forward(lambda ctx, x: (x.clone(), x), jvp), torch.ones(2))

    # Results without a derivative, and what is no gradient.
    def with_plain(ctx, x):
        plain = x.clone()
        ctx.mark_non_differentiable(plain)
        return x.clone(), plain

    for jvp in (lambda ctx, t: (t, None), lambda ctx, t: (t, t.clone())):
        moved(with_forward(with_plain, jvp), torch.ones(2))
        moved(with_forward(lambda ctx, x: (x.clone(), torch.tensor(1)), jvp), torch.ones(2))
        moved(with_forward(lambda ctx, x: (x.clone(), "word"), jvp), torch.ones(2))
    moved(with_forward(Base.forward, lambda ctx, t: 3), torch.ones(2))
    moved(lambda x: torch.igamma(x, x), torch.ones(2))

    # Both names of the way back; gradients that are not filled in.
    both = type("Both", (Base,), {"vjp": staticmethod(lambda ctx, g: g)})
    page.said(lambda: both.apply(torch.ones(1, requires_grad=True)).backward())

    def unfilled(ctx, x):
        ctx._materialize_non_diff_grads = False
        return with_plain(ctx, x)

    def shows(ctx, *gradients):
        page.show(gradients)
        return gradients[0]

    for forward in (with_plain, unfilled):
        kind = type("Own", (Function,), {"forward": staticmethod(forward), "backward": staticmethod(shows)})
        kind.apply(torch.ones(1, requires_grad=True))[0].backward()

    # Saved tensors one by one.
    def keeps(ctx, x):
        y = x * 2
        ctx.save_for_backward(x, y, None)
        return y

    leaf = torch.ones(2, requires_grad=True)
    plainly = staticmethod(lambda ctx, g: g)
    result = type("Own", (Base,), {"forward": staticmethod(keeps), "backward": plainly}).apply(leaf)
    node = result.grad_fn
    page.show(len(node._raw_saved_tensors), isinstance(node._raw_saved_tensors[0], torch.autograd.SavedTensor))
    page.show(type(node._raw_saved_tensors[0]), type((leaf * leaf).grad_fn._raw_saved_self))
    for place in (0, 0, 1, 2):
        page.said(lambda place=place: node._raw_saved_tensors[place].register_hooks(lambda x: x, lambda x: x + 1))
    page.show([each if each is None else each.tolist() for each in node.saved_tensors])
    result.sum().backward()
    page.said(lambda: node._raw_saved_tensors)
    page.said(torch.autograd.SavedTensor)

    # Callbacks at the end of the way back.
    log = []

    class Calling(Function):
        @staticmethod
        def forward(ctx, x, again):
            ctx.again = again
            return x * 1

        @staticmethod
        def backward(ctx, g):
            Variable._execution_engine.queue_callback(lambda: log.append("called back"))
            if ctx.again:
                with torch.enable_grad():
                    Calling.apply(torch.ones(2, requires_grad=True), False).sum().backward()
            log.append("back")
            return g, None

    leaf.register_post_accumulate_grad_hook(lambda p: log.append("accumulated"))
    Calling.apply(Calling.apply(leaf, False), True).sum().backward()
    page.show(log)
    page.said(lambda: Variable._execution_engine.queue_callback(print))

    x, y = (torch.tensor(0.5, requires_grad=True) for _ in range(2))
    for create in (False, True):
        page.show(torch.autograd.grad(x * 2, (x, y), create_graph=create, materialize_grads=True))
    with torch.autograd.set_multithreading_enabled(False):
        page.show(torch.autograd.is_multithreading_enabled())
        torch.autograd.set_multithreading_enabled(True)
        page.show(torch.autograd.is_multithreading_enabled())
    page.show(torch.autograd.is_multithreading_enabled())
    torch.set_warn_always(True)
    for _ in range(2):
        page.said(lambda: (leaf * leaf).sum().backward(create_graph=True))
    torch.set_warn_always(False)
