"""Programs about derivatives, run with PyTorch to record their answers and with the engine to compare.

Each takes the library as `torch` and returns what JSON can hold.
"""

from __future__ import annotations

from tests.engine.programs import Programs, listed, part, tried

PROGRAMS = Programs()
program, answers_of = PROGRAMS.add, PROGRAMS.answers_of


def seen(value):
    """Numbers, and whether the tensors are part of a graph."""
    if hasattr(value, "detach"):
        return [value.detach().tolist(), value.requires_grad]
    return [seen(v) for v in value] if isinstance(value, (tuple, list)) else value


@program
def per_sample_gradients(torch):
    func, F = part(torch, "func"), part(torch, "nn.functional")
    torch.manual_seed(0)

    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = torch.nn.Conv2d(1, 3, 3)
            self.fc = torch.nn.Linear(27, 4)

        def forward(self, x):
            x = F.max_pool2d(F.relu(self.conv(x)), 2)
            return F.log_softmax(self.fc(torch.flatten(x, 1)), dim=1)

    data, targets, model = torch.randn(5, 1, 8, 8), torch.randint(0, 4, (5,)), Net()
    params = {k: v.detach() for k, v in model.named_parameters()}
    buffers = {k: v.detach() for k, v in model.named_buffers()}

    def loss(params, buffers, sample, target):
        out = func.functional_call(model, (params, buffers), (sample.unsqueeze(0),))
        return F.nll_loss(out, target.unsqueeze(0))

    each = func.vmap(func.grad(loss), in_dims=(None, None, 0, 0))(params, buffers, data, targets)
    return {k: listed(v.flatten(1)[:, :5]) for k, v in each.items()}


@program
def jacobians_and_hessians(torch):
    func, F = part(torch, "func"), part(torch, "nn.functional")
    torch.manual_seed(0)
    weight, bias, x = torch.randn(4, 4), torch.randn(4), torch.randn(4)
    many = torch.randn(3, 4)

    def predict(weight, bias, x):
        return F.linear(x, weight, bias).tanh()

    answers = [func.jacrev(predict, argnums=n)(weight, bias, x) for n in (0, 1, 2)]
    answers += [func.jacfwd(predict, argnums=n)(weight, bias, x) for n in (0, 1, 2)]
    answers.append(func.jacrev(predict, argnums=(0, 2))(weight, bias, x))
    answers.append(func.hessian(predict, argnums=2)(weight, bias, x))
    answers.append(func.jacfwd(func.jacfwd(predict, argnums=2), argnums=2)(weight, bias, x))
    answers.append(func.vmap(func.hessian(predict, argnums=2), in_dims=(None, None, 0))(weight, bias, many))

    def hvp(f, primals, tangents):
        return func.jvp(func.grad(f), primals, tangents)[1]

    def hvp_revrev(f, primals, tangents):
        _, pull = func.vjp(func.grad(f), *primals)
        return pull(*tangents)

    answers.append(hvp(lambda v: v.sin().sum(), (x,), (bias,)))
    answers.append(hvp_revrev(lambda v: v.sin().sum(), (x,), (bias,)))
    return listed(answers)


@program
def ensembles(torch):
    func = part(torch, "func")
    torch.manual_seed(1)
    models = [torch.nn.Sequential(torch.nn.Linear(3, 5), torch.nn.ReLU(), torch.nn.Linear(5, 2)) for _ in range(3)]
    params, buffers = func.stack_module_state(models)
    data = torch.randn(3, 4, 3)

    def call(params, buffers, x):
        return func.functional_call(models[0], (params, buffers), (x,))

    own = func.vmap(call)(params, buffers, data)
    same = func.vmap(call, in_dims=(0, 0, None))(params, buffers, data[0])
    same.sum().backward()
    return listed([own, same, params["0.weight"].grad])


@program
def tangent_kernels(torch):
    func = part(torch, "func")
    torch.manual_seed(2)
    net = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 2))
    params = {k: v.detach() for k, v in net.named_parameters()}
    x1, x2 = torch.randn(3, 3), torch.randn(2, 3)

    def single(params, x):
        return func.functional_call(net, params, (x.unsqueeze(0),)).squeeze(0)

    def contraction():
        j1 = func.vmap(func.jacrev(single), (None, 0))(params, x1)
        j2 = func.vmap(func.jacrev(single), (None, 0))(params, x2)
        pairs = zip([j.flatten(2) for j in j1.values()], [j.flatten(2) for j in j2.values()], strict=True)
        return torch.stack([torch.einsum("Naf,Mbf->NMab", a, b) for a, b in pairs]).sum(0)

    def products():
        def kernel(a, b):
            out, pull = func.vjp(lambda p: single(p, a), params)

            def row(vec):
                return func.jvp(lambda p: single(p, b), (params,), pull(vec))[1]

            return func.vmap(row)(torch.eye(out.numel()))

        return func.vmap(func.vmap(kernel, (None, 0)), (0, None))(x1, x2)

    return listed([contraction(), products()])


@program
def mapped(torch):
    func = part(torch, "func")
    vmap = torch.vmap
    torch.manual_seed(3)
    a, b = torch.randn(4, 3), torch.randn(3, 4)
    answers = [vmap(torch.dot, in_dims=(0, 1))(a, b), vmap(torch.mul, (0, None))(a, a[0])]
    answers.append(vmap(vmap(lambda x, y: x * y, (0, None)), (None, 0))(a[0], b[:, 0]))
    answers.append(vmap(lambda x: {"s": x.sum(), "p": (x, x[0])}, out_dims={"s": 0, "p": (1, 0)})(a))
    answers.append(vmap(lambda x: torch.ones(2))(a))
    answers.append(vmap(lambda d: d["x"] + d["y"], in_dims=({"x": 0, "y": None},))({"x": a, "y": a[0]}))
    answers.append(vmap(lambda x: x + torch.rand(2, 1), randomness="different")(a))
    answers.append(vmap(lambda x: x[:2] + torch.rand(2), randomness="same")(a))
    leaf = a.clone().requires_grad_()
    vmap(lambda x: (x * x).cumsum(0))(leaf).sum().backward()
    answers.append(leaf.grad)
    changed = a.clone()
    vmap(lambda x: x.mul_(2))(changed)
    answers.append(changed)
    answers.append(vmap(lambda x: func.grad(lambda y: (y**3).sum())(x))(a))
    answers.append(vmap(lambda x: func.jvp(torch.sin, (x,), (x,))[1])(a))
    answers.append(func.grad(lambda x: vmap(lambda y: y.prod())(x).sum())(a))
    answers.append(vmap(lambda x: x.max(0).values, chunk_size=2)(a))
    answers.append(vmap(lambda x, i: x[i])(a, torch.tensor([0, 2, 1, 1])))
    answers.append(vmap(lambda x: x * 2)(torch.ones(0, 3)))
    return listed(answers)


@program
def refused_by_vmap(torch):
    vmap = torch.vmap
    a = torch.ones(2, 3)
    calls = [
        lambda: vmap(lambda x: x.sum().item())(a),
        lambda: vmap(lambda x: x if x.sum() > 0 else -x)(a),
        lambda: vmap(lambda x: float(x.sum()))(a),
        lambda: vmap(lambda x: x[x > 0])(a),
        lambda: vmap(lambda x: x.nonzero())(a),
        lambda: vmap(lambda x: torch.ones(3).mul_(x))(a),
        lambda: vmap(lambda x: torch.ones(3).copy_(x))(a),
        lambda: vmap(lambda x: x + torch.rand(3))(a),
        lambda: vmap(lambda x: 3)(a),
        lambda: vmap(lambda x: x, out_dims=None)(a),
        lambda: vmap(lambda x: x, in_dims=2)(a),
        lambda: vmap(lambda x: x, in_dims=(0, 0))(a),
        lambda: vmap(lambda x: x, in_dims=None)(a),
        lambda: vmap(lambda x: x)(2),
        lambda: vmap(lambda x, y: x)(a, a[0]),
        lambda: vmap(lambda: a)(),
        lambda: vmap(lambda x: x, randomness="no")(a),
        lambda: vmap(lambda x: x, chunk_size=0)(a),
        lambda: vmap(lambda x: (x.sum().backward(), x)[1])(a.clone().requires_grad_()),
        lambda: vmap(torch.nn.BatchNorm1d(3))(torch.ones(2, 4, 3)),
    ]
    return [tried(call) for call in calls]


@program
def levels(torch):
    func = part(torch, "func")
    grad, jvp = func.grad, func.jvp
    x = torch.tensor(2.0)
    answers = [
        # Perturbations of different levels do not mix.
        grad(lambda x: x * grad(lambda y: x + y)(torch.tensor(1.0)))(x),
        jvp(lambda x: x * jvp(lambda y: x + y, (torch.tensor(1.0),), (torch.tensor(1.0),))[1], (x,), (x * 0 + 1,)),
        grad(grad(grad(lambda v: v**5)))(x),
        grad(lambda x: jvp(lambda y: y * x * x, (x,), (torch.ones(()),))[1])(x),
    ]
    leaf = torch.tensor(3.0, requires_grad=True)
    inner = grad(lambda v: v * v * leaf)(x)
    inner.backward()
    answers += [seen(inner), leaf.grad]
    answers.append(seen(grad(lambda v: v**3)(leaf)))
    answers.append(seen(grad(lambda v: v**3)(x)))
    with torch.no_grad():
        answers.append(seen(grad(lambda v: v**3)(leaf)))
    answers.append(seen(grad(lambda v: (v * v.detach()).sum())(x)))
    value = func.grad_and_value(lambda v: (v**2, (v, v * 3)), has_aux=True)(leaf)
    answers.append(seen(value))
    out, pull = func.vjp(lambda v: (v.sin(), v * leaf), x)
    answers += [seen(out), seen(pull((x, x)))]
    answers.append(seen(func.jacrev(lambda v: {"a": v * 2, "b": v**2})(leaf)["b"]))
    answers.append(seen(func.linearize(torch.sin, x)[1](x)))
    return listed(answers)


@program
def refused_by_transforms(torch):
    func = part(torch, "func")
    x = torch.ones(3)
    calls = [
        lambda: func.grad(lambda v: v * 2)(x),
        lambda: func.grad(lambda v: 2.0)(x),
        lambda: func.grad(lambda v: v)(2.0),
        lambda: func.grad(lambda v: v.sum())(torch.arange(3)),
        lambda: func.grad(lambda v: v.sum(), argnums=3)(x),
        lambda: func.grad(lambda v: v.sum(), argnums=())(x),
        lambda: func.grad(lambda v: v.sum(), has_aux=True)(x),
        lambda: func.grad(lambda v: v.requires_grad_().sum())(x),
        lambda: func.grad(lambda v: (v.sum().backward(), v.sum())[1])(x),
        lambda: func.grad(lambda v: v.add_(1).sum())(x.clone()),
        lambda: func.vjp(lambda v: v, x)[1](torch.ones(2)),
        lambda: func.vjp(lambda v: 3, x),
        lambda: func.jvp(lambda v: v, x, x),
        lambda: func.jvp(lambda v: v, (x,), (torch.ones(2),)),
        lambda: func.jvp(lambda v: v, (), ()),
        lambda: func.jvp(lambda v: 3, (x,), (x,)),
        lambda: func.jacrev(lambda v: v, chunk_size=-1)(x),
        lambda: func.functional_call(torch.nn.Linear(3, 1), 3, x),
        lambda: func.functional_call(torch.nn.Linear(3, 1), {"weight": x}, x, strict=True),
        lambda: func.functional_call(torch.nn.Linear(3, 1), ({"bias": x}, {"bias": x}), x),
        lambda: func.stack_module_state([]),
        lambda: func.stack_module_state([torch.nn.Linear(1, 1), torch.nn.ReLU()]),
    ]
    return [tried(call) for call in calls]


@program
def products_with_jacobians(torch):
    A = part(torch, "autograd.functional")
    torch.manual_seed(4)
    x, y = torch.randn(2), torch.randn(2, 2)

    def f(a, b):
        return (a * b).sum(1)

    def cube(a):
        return (a**3).sum()

    def square(a, b):
        return (a * b).sum() ** 2

    calls = [
        lambda: A.jacobian(f, (x, y)),
        lambda: A.jacobian(lambda a: (a**2, a.sum()), x),
        lambda: A.jacobian(lambda a: a**2, x.clone().requires_grad_(), create_graph=True),
        lambda: A.jacobian(f, (x, y), vectorize=True),
        lambda: A.jacobian(f, (x, y), vectorize=True, strategy="forward-mode"),
        lambda: A.jacobian(lambda a: torch.ones(2), x),
        lambda: A.jacobian(lambda a: torch.ones(2), x, strict=True),
        lambda: A.jacobian(lambda a, b: a * 2, (x, x), strict=True),
        lambda: A.jacobian(lambda a: a * 2, x, strict=True, create_graph=True),
        lambda: A.jacobian(f, (x, y), strict=True, vectorize=True),
        lambda: A.jacobian(f, (x, y), strategy="forward-mode"),
        lambda: A.jacobian(lambda a: 3, x),
        lambda: A.jacobian(lambda a: a, 3.0),
        lambda: A.hessian(cube, x),
        lambda: A.hessian(square, (x, y)),
        lambda: A.hessian(lambda a: a, x),
        lambda: A.hessian(lambda a: a.sum(), x, strict=True),
        lambda: A.hessian(lambda a: a.sum(), x),
        lambda: A.hessian(cube, x, vectorize=True, outer_jacobian_strategy="forward-mode")[0],
        lambda: A.vjp(f, (x, y), torch.ones(2)),
        lambda: A.vjp(cube, x),
        lambda: A.vjp(lambda a: a**2, x),
        lambda: A.vjp(lambda a: a**2, x, torch.ones(3)),
        lambda: A.vjp(lambda a: a**2, x, torch.ones(2), create_graph=True),
        lambda: A.vjp(lambda a: torch.ones(2), x, torch.ones(2), strict=True),
        lambda: A.jvp(f, (x, y), (x, y)),
        lambda: A.jvp(lambda a: a**2, x),
        lambda: A.jvp(lambda a: a**2, x, y),
        lambda: A.jvp(lambda a: torch.ones(2), x, x),
        lambda: A.vhp(square, (x, y), (x, y)),
        lambda: A.hvp(square, (x, y), (x, y)),
        lambda: A.hvp(cube, x, x, create_graph=True),
        lambda: A.hvp(lambda a: a, x, x),
        lambda: A.vhp(lambda a: a.sum(), x, x, strict=True),
        lambda: A.hvp(lambda a: (a.sum(), a.sum()), x, x),
    ]
    return [listed(tried(call)) for call in calls]


@program
def duals(torch):
    fw = part(torch, "autograd.forward_ad")
    torch.manual_seed(5)
    x, v = torch.randn(3), torch.randn(3)
    answers = []
    with fw.dual_level():
        dual = fw.make_dual(x, v)
        answers.append(listed(list(fw.unpack_dual(dual))))
        answers.append(listed(fw.unpack_dual(dual.sin() * dual.sum()).tangent))
        answers.append(fw.unpack_dual(dual.detach()).tangent)
        changed = x.clone()
        changed = fw.make_dual(changed, v.clone())
        changed.mul_(3)
        changed[0] = 5
        whole = torch.zeros(4)
        whole[1:] = changed
        answers.append(listed(fw.unpack_dual(whole).tangent))
        answers.append(listed(fw.unpack_dual(whole[2:].exp()).tangent))
        answers.append(str(fw.make_dual(torch.ones(2), torch.ones(2) * 2)))
        net = torch.nn.Linear(3, 2)
        for name, p in list(net.named_parameters()):
            delattr(net, name)
            setattr(net, name, fw.make_dual(p.detach(), torch.ones_like(p)))
        answers.append(listed(fw.unpack_dual(net(x)).tangent))
        for call in (
            lambda: fw.make_dual(dual, v),
            lambda: fw.make_dual(x, torch.ones(2)),
            lambda: fw.make_dual(torch.arange(3), v),
            lambda: fw.enter_dual_level(),
        ):
            answers.append(tried(call))
    answers.append(tried(lambda: fw.make_dual(x, v)))
    answers.append(fw.unpack_dual(dual).tangent)
    answers.append(tried(lambda: fw.exit_dual_level()))
    return answers


@program
def at_kinks(torch):
    F = part(torch, "nn.functional")
    zero = torch.zeros(5, dtype=torch.float64)
    calls = {
        "elu": F.elu, "selu": F.selu, "celu": F.celu, "relu": F.relu, "leaky_relu": F.leaky_relu, "silu": F.silu,
        "softshrink": lambda x: F.softshrink(x, 1.0), "hardtanh": F.hardtanh, "abs": lambda x: x.abs() * x,
        "smooth_l1": lambda x: F.smooth_l1_loss(x, zero, reduction="none"), "softplus": F.softplus,
        "huber": lambda x: F.huber_loss(x, zero, reduction="none"), "clamp": lambda x: x.clamp(-1, 1) * x,
        "power": lambda x: x**1.0, "square": torch.square, "max": lambda x: x.max() * x, "sinh": torch.sinh,
        "bce": lambda x: F.binary_cross_entropy(x * x / 4, zero + 1, reduction="none"),
    }  # fmt: skip
    out = {}
    for name, call in calls.items():
        x = torch.tensor([-2.0, -1.0, 0.0, 1.0, 0.5], dtype=torch.float64, requires_grad=True)
        (slope,) = torch.autograd.grad(call(x).sum(), x, create_graph=True)
        again = torch.autograd.grad(slope.sum(), x)[0] if slope.requires_grad and name != "bce" else None
        out[name] = [listed(slope), listed(again)]
    return out
