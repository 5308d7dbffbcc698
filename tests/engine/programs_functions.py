"""Programs about views, functions of one's own and transforms, as `programs_autograd` has them."""

from __future__ import annotations

from tests.engine.programs import Programs, listed, part, tried

PROGRAMS = Programs()
program, answers_of = PROGRAMS.add, PROGRAMS.answers_of


@program
def pieces_of_what_was_changed(torch):
    def uses(piece):
        what = [lambda: piece * 2, lambda: piece.grad_fn.name(), lambda: piece.is_leaf, lambda: piece.sum().backward()]
        what += [lambda: piece.add_(1), lambda: piece.detach() * 2, lambda: repr(piece)]
        return [str(tried(each)) for each in what]

    def changed(cut, change):
        base = torch.ones(4, requires_grad=True) * 2
        piece = cut(base)
        change(base)
        return uses(piece)

    def unrecorded(base):
        with torch.no_grad():
            base.add_(1)

    cuts = [lambda x: x.unbind()[1], lambda x: x.split(2)[1], lambda x: x.chunk(2)[0], lambda x: x.unbind()[0].view(1)]
    out = [changed(cut, lambda base: base.mul_(3)) for cut in cuts]
    out.append(changed(cuts[0], unrecorded))
    plain = torch.ones(4)
    piece = plain.unbind()[0]
    plain.mul_(torch.ones(4, requires_grad=True))
    out.append(uses(piece))
    base = torch.ones(4, requires_grad=True) * 2
    parts = base.tensor_split(2)
    parts[0].mul_(3)
    loose = [(torch.ones(4, requires_grad=True) * 2).unsafe_split(2)[0].mul_(3) for _ in range(2)]
    return out, [each.grad_fn.name() for each in (parts[1], *loose)]


@program
def gradients_that_are_none(torch):
    said = []

    class Doubled(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, g):
            said.append(str(g))
            return g * 2

    class Bare(Doubled):
        @staticmethod
        def forward(ctx, x):
            ctx.set_materialize_grads(False)
            return x * 2

        @staticmethod
        def backward(ctx, g):
            said.append(str(g))
            return g

    class Nothing(torch.autograd.Function):
        @staticmethod
        def forward(x):
            return x * 2

        @staticmethod
        def setup_context(ctx, inputs, output):
            pass

        @staticmethod
        def backward(ctx, g):
            return None

    def gradient(make, **how):
        x = torch.tensor([1.0, 2.0], requires_grad=True)
        x.register_hook(lambda g: said.append(f"at the leaf {g}"))
        y = make(x)
        y.register_hook(lambda g: said.append(f"between {g}"))
        y.grad_fn.register_hook(lambda to, come: said.append(f"after {to} {come}"))
        z = Nothing.apply(y).sum() + (y.sum() if how.get("beside") else 0)
        z.backward(create_graph=bool(how.get("create")))
        return None if x.grad is None else x.grad.tolist()

    makes = [Doubled.apply, Bare.apply, lambda x: x * 3, lambda x: Doubled.apply(x) * 3, lambda x: x.unbind()[0]]
    ways = ((False, False), (True, False), (True, True))
    out = [gradient(make, beside=b, create=c) for make in makes for b, c in ways]
    x = torch.ones(2, requires_grad=True)
    pull = part(torch, "func").vjp(lambda x: Nothing.apply(x), torch.ones(2))[1]
    out.append(pull(torch.ones(2))[0].tolist())
    out += [tried(lambda make=make: torch.autograd.grad(Nothing.apply(make(x)).sum(), x)[0].tolist()) for make in makes]
    return out, said


@program
def functions_differentiated_once(torch):
    class Square(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        @part(torch, "autograd.function").once_differentiable
        def backward(ctx, g):
            return 2 * ctx.saved_tensors[0] * g

    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = Square.apply(x)
    first = torch.autograd.grad((y * y).sum(), x, create_graph=True)[0]
    other = torch.autograd.grad(Square.apply(x).sum(), x, create_graph=True)[0]
    told = [first.tolist(), first.grad_fn.name(), other.requires_grad]
    return told, [tried(lambda g=g: g.sum().backward()) for g in (first, other)]


@program
def classes_of_functions(torch):
    function = part(torch, "autograd.function")

    class Kept(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 1

    node = Kept.apply(torch.ones(2, requires_grad=True)).grad_fn
    variable = torch.autograd.Variable
    return [
        issubclass(Kept, function.FunctionCtx), type(Kept) is function.FunctionMeta, type(node) is Kept._backward_cls,
        isinstance(node, function.BackwardCFunction), node._forward_cls is Kept, type(node).__mro__[1].__name__,
        issubclass(function.InplaceFunction, torch.autograd.Function),
        [isinstance(x, variable) for x in (torch.ones(2), torch.nn.Parameter(torch.ones(2)), 1)],
    ]  # fmt: skip


@program
def what_transforms_refuse(torch):
    func, x = part(torch, "func"), torch.tensor([1.0, 2.0, 3.0])
    one, two = torch.tensor(1.5), torch.tensor(2.0)
    makes = (func.grad, func.jacrev, func.jacfwd, func.hessian)
    out = [
        str(tried(lambda make=make, argnums=argnums: make(torch.mul, argnums=argnums)(one, two)))
        for argnums in (2, [0], ("0",), (0, -2), (), 1.0, ((0, 1), 2))
        for make in makes
    ]
    for aux in (1, "abc", [x, 1.0]):

        def given(x, aux=aux):
            return x.sum(), aux

        out.append(tried(lambda given=given: func.grad(given, has_aux=True)(x)))
        out.append(tried(lambda given=given: func.vjp(given, x, has_aux=True)))
    for nothing in (None, ()):

        def given(x, nothing=nothing):
            return nothing

        calls = [lambda given=given: func.vjp(given, x), lambda given=given: func.jvp(given, (x,), (x,))]
        calls += [lambda given=given, make=make: make(given)(x) for make in makes]
        out += [tried(call) for call in calls]
    whole = torch.arange(3)
    calls = [lambda: func.grad(lambda x: (x * 2j).sum())(x), lambda: func.jvp(torch.sin, (whole,), (x,))]
    calls += [lambda: func.jvp(torch.sin, (x,), (whole,))]
    with torch.inference_mode():
        inside = func.grad(lambda x: (x * x).sum())(x).tolist()
    return out + [tried(call) for call in calls], inside


@program
def tangents_where_nothing_is_recorded(torch):
    func, x = part(torch, "func"), torch.arange(1.0, 4.0)

    def held(x):
        with torch.no_grad():
            square = (x * x).view(-1)
        return square * x.view(-1)

    def sums(x):
        return held(x).sum(), (x * x.detach()).sum()

    makes = func.jacfwd, func.jacrev
    out = [make(call)(given) for make in makes for call in (held, sums) for given in (x, x[:1])]
    out += [func.jvp(call, (x,), (torch.ones(3),)) for call in (held, sums)]
    out += [make(func.grad(lambda x: held(x).sum()))(x) for make in makes]
    by_forward = {"strategy": "forward-mode", "vectorize": True}
    return listed([*out, torch.autograd.functional.jacobian(held, x, **by_forward)])


@program
def what_vmap_refuses(torch):
    x = torch.arange(6.0).view(2, 3)

    def changed(name):
        def call(x):
            shared = torch.ones(3)
            return getattr(shared, name)(x[0] if name == "fill_" else x)

        return call

    def summed(x):
        total = torch.tensor(0.0)
        total += x.sum()
        return total

    names = "add_ sub_ mul_ div_ pow_ copy_ fill_ atan2_ fmod_ hypot_ clamp_min_ eq_ logical_and_".split()  # noqa: SIM905
    calls = [changed(name) for name in names] + [summed, lambda x: torch.vmap(changed("add_"))(torch.stack([x, x]))]
    calls += [lambda x: torch.equal(x, x), lambda x: torch.allclose(x, x), lambda x: x[0].is_nonzero()]
    calls += [lambda x: torch.is_nonzero(x[0])]
    out = [tried(lambda call=call: torch.vmap(call)(x)) for call in calls]
    out.append(tried(lambda: torch.vmap(lambda x: x, in_dims=[0])(x)))
    return out, torch.vmap(lambda x: x, out_dims=(1,))(x).tolist()


@program
def what_modes_see(torch):
    overrides = part(torch, "overrides")
    said = []

    class Told(overrides.TorchFunctionMode):
        def __torch_function__(self, func, types, args=(), kwargs=None):
            said.append([overrides.resolve_name(func), len(args), kwargs])
            return func(*args, **(kwargs or {}))

    class Minus(overrides.TorchFunctionMode):
        def __torch_function__(self, func, types, args=(), kwargs=None):
            return -1

    x = torch.ones(2, 2, requires_grad=True)
    with Told():
        given = [x.shape, x.T, x.grad, x.dtype, x.device, x.is_leaf, x.data, x.ndim]
        x.grad = None
        x.requires_grad = True
        torch.is_tensor(x + 1)
        torch.add(x, 1, alpha=2).mean()
    with Minus():
        given += [x.shape, x + 1, x.grad]
    return said, [str(each) for each in given], list(x.shape)


@program
def what_nobody_implements(torch):
    class Own:
        @classmethod
        def __torch_function__(cls, func, types, args=(), kwargs=None):
            return NotImplemented

    overrides, F = part(torch, "overrides"), torch.nn.functional
    own, x = Own(), torch.ones(2, 2)
    calls = [lambda: torch.add(own, 1), lambda: x.mm(own), lambda: F.linear(own, x), lambda: F.conv2d(own, x)]
    calls += [lambda: torch.linalg.norm(own), lambda: torch.fft.fft(own), lambda: torch.is_tensor(own)]
    calls += [lambda: x[own]]
    names = [torch.add, torch.Tensor.add, F.relu, torch.Tensor.shape.__get__, torch.split, torch.Tensor.T.__get__, len]
    said = [tried(call) for call in calls]
    said += [tried(call)[1].partition(" on types")[0] for call in (lambda: F.dropout(own), lambda: torch.meshgrid(own))]
    return said, [overrides.resolve_name(each) for each in names]


@program
def what_nodes_show(torch):
    def shown(tensor):
        node = tensor.grad_fn
        found = {name: getattr(node, name) for name in dir(node) if name.startswith("_saved_")}
        return node.name(), {
            name: [list(value.shape), listed(value)] if hasattr(value, "shape") else listed(value)
            for name, value in found.items()
        }

    torch.manual_seed(0)
    x = torch.tensor([[1.0, 3.0, 2.0], [6.0, 5.0, 4.0]], requires_grad=True)
    w, b = torch.ones(4, 3, requires_grad=True), torch.zeros(4, requires_grad=True)
    F, at = torch.nn.functional, torch.tensor([0, 2])
    made = [F.linear(x, w, b), F.linear(x, w), x @ w.t(), torch.addmm(b, x, w.t(), alpha=2), x.max(1)[0], x.square()]
    made += [
        x.min(1, keepdim=True)[0],
        x.sort(1)[0],
        x.topk(2, 1)[0],
        x[0],
        x[0, 1],
        x[:, 1],
        x[1:],
        x[:, 0:2],
        x[0, 1:],
    ]
    made += [
        x.narrow(1, 0, 2),
        x.unbind()[0],
        x.split(1)[0],
        torch.where(x > 2, x, 0 * x),
        F.embedding(at, w),
        x[:, at],
    ]
    return [shown(each) for each in made]


@program
def mutation_of_saved_tensors(torch):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    with part(torch, "autograd.graph").allow_mutation_on_saved_tensors() as context:
        y = x.clone()
        z = (y**2).sum()
        y.sin_()
        z.backward()
        y = x.clone()
        z = (y**2).sum()
        context.clear()
        return x.grad.tolist(), tried(z.backward), type(context).__name__


@program
def what_setup_context_is_told(torch):
    said = []

    class Times(torch.autograd.Function):
        @staticmethod
        def forward(x, k=2):
            return x * k

        @staticmethod
        def setup_context(ctx, inputs, output):
            said.append(inputs[1:])
            ctx.k = inputs[1]

        @staticmethod
        def backward(ctx, g):
            return g * ctx.k, None

    x = torch.ones(2, requires_grad=True)
    for y in (Times.apply(x), Times.apply(x, 3), Times.apply(x, k=4), Times.apply(x=x)):
        y.sum().backward()
    return said, x.grad.tolist()


@program
def leaves_and_prefixes(torch):
    tree = part(torch, "utils._pytree")
    spec = tree.tree_structure({"b": [1, (2, 3)], "a": 4})
    spread = [tree._broadcast_to_and_flatten(each, spec) for each in (1, {"b": 5, "a": 6}, [1])]
    return spread, tree.tree_is_leaf(1), tree.tree_is_leaf([1]), tree.arg_tree_leaves(1, [2], k=3)
