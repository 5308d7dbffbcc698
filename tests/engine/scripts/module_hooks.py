"""Hooks of modules, their state, their parts by name."""

import copy
import pickle


def run(torch, page):
    show, said = page.show, page.said
    nn = torch.nn
    torch.manual_seed(0)
    m = nn.Linear(2, 3)
    x = torch.ones(1, 2)
    log = []
    h1 = m.register_forward_hook(lambda mod, a, o: log.append("f1"))
    h2 = m.register_forward_hook(lambda mod, a, o: log.append("f0"), prepend=True)
    h3 = m.register_forward_hook(lambda mod, a, kw, o: log.append(("kw", sorted(kw))), with_kwargs=True)
    h4 = m.register_forward_pre_hook(lambda mod, a, kw: log.append(("pre", len(a), sorted(kw))), with_kwargs=True)
    h5 = m.register_forward_pre_hook(lambda mod, a: log.append("pre0"), prepend=True)
    m(input=x)
    m(x)
    show(log)
    for h in (h1, h2, h3, h4, h5):
        h.remove()
    m.register_forward_pre_hook(lambda mod, a, kw: 3, with_kwargs=True)
    said(lambda: m(x))
    m = nn.Linear(2, 3)
    m.register_forward_pre_hook(lambda mod, a: a[0] * 2)
    said(lambda: m(x).shape)

    class Bad(nn.Module):
        def forward(self, x):
            raise ValueError("boom")

    b = Bad()
    b.register_forward_hook(lambda m, a, o: log.append(("always", o)), always_call=True)
    b.register_forward_hook(lambda m, a, o: log.append(("no", o)))
    log.clear()
    said(lambda: b(x))
    show(log)
    b = Bad()

    def raiser(m, a, o):
        raise RuntimeError("inner")

    b.register_forward_hook(raiser, always_call=True)
    said(lambda: b(x))
    b = nn.Identity()
    log.clear()
    b.register_forward_hook(lambda m, a, o: log.append("A"))
    b.register_forward_hook(raiser)
    b.register_forward_hook(lambda m, a, o: log.append("B"), always_call=True)
    said(lambda: b(x))
    show(log)
    # backward hooks
    m = nn.Sequential(nn.Linear(2, 3), nn.Tanh())
    log.clear()
    m[0].register_full_backward_hook(
        lambda mod, gi, go: log.append(("fb", [None if g is None else g.shape for g in gi], [g.shape for g in go]))
    )
    m[1].register_full_backward_pre_hook(lambda mod, go: (go[0] * 2,))
    m[1].register_full_backward_hook(lambda mod, gi, go: log.append(float(go[0].sum())))
    xx = x.clone().requires_grad_()
    m(xx).sum().backward()
    show(log)
    m2 = nn.Linear(2, 3)
    said(lambda: (m2.register_backward_hook(lambda *a: None), m2.register_full_backward_hook(lambda *a: None)))
    m2 = nn.Linear(2, 3)
    said(lambda: (m2.register_full_backward_hook(lambda *a: None), m2.register_backward_hook(lambda *a: None)))
    m2 = nn.Linear(2, 3)
    log.clear()
    m2.register_backward_hook(lambda mod, gi, go: log.append((len(gi), len(go))))
    said(lambda: m2(xx).sum().backward())
    show(log)
    m2 = nn.Sequential(nn.Linear(2, 3), nn.Tanh())
    m2.register_backward_hook(lambda mod, gi, go: log.append((len(gi), len(go))))
    said(lambda: m2(xx).sum().backward())
    show(log)

    class Dic(nn.Module):
        def forward(self, x):
            return {"a": x * 2}

    d = Dic()
    d.register_full_backward_hook(lambda mod, gi, go: log.append(("dict", len(gi), len(go))))
    log.clear()
    said(lambda: d(xx)["a"].sum().backward())
    show(log)

    # global hooks
    M = torch.nn.modules.module
    log.clear()
    hs = [
        M.register_module_forward_pre_hook(lambda mod, a: log.append(("gpre", type(mod).__name__))),
        M.register_module_forward_hook(lambda mod, a, o: log.append(("gf", type(mod).__name__))),
        M.register_module_full_backward_hook(lambda mod, gi, go: log.append(("gb", type(mod).__name__))),
        M.register_module_full_backward_pre_hook(lambda mod, go: log.append(("gbp", type(mod).__name__))),
        M.register_module_parameter_registration_hook(
            lambda mod, name, p: log.append(("param", type(mod).__name__, name))
        ),
        M.register_module_module_registration_hook(
            lambda mod, name, p: log.append(("module", type(mod).__name__, name))
        ),
        M.register_module_buffer_registration_hook(
            lambda mod, name, p: log.append(("buffer", type(mod).__name__, name))
        ),
    ]
    s = nn.Sequential(nn.Linear(2, 2))
    s.register_buffer("bb", torch.ones(1))
    s.foo = nn.Parameter(torch.ones(1))
    s.baz = nn.Tanh()
    s(xx).sum().backward()
    for h in hs:
        h.remove()
    show(log)
    hh = M.register_module_forward_hook(lambda mod, a, kw, o: log.append(("gk", sorted(kw))), with_kwargs=True)
    log.clear()
    nn.Linear(2, 2)(input=x)
    show(log)
    hh.remove()
    hh = M.register_module_forward_hook(lambda mod, a, o: log.append("ga"), always_call=True)
    log.clear()
    said(lambda: Bad()(x))
    show(log)
    hh.remove()

    # state dict
    class N(nn.Module):
        def __init__(self):
            super().__init__()
            self.l = nn.Linear(2, 2)
            self.register_buffer("b", torch.zeros(2))
            self.register_buffer("np", torch.zeros(1), persistent=False)
            self.none = None
            self.register_parameter("nonep", None)

    n = N()
    show(list(n.state_dict()), n.state_dict()._metadata, list(n._non_persistent_buffers_set))
    log.clear()
    n.register_state_dict_pre_hook(lambda m, p, k: log.append(("sdpre", p, k)))
    n.register_state_dict_post_hook(lambda m, sd, p, meta: log.append(("sdpost", len(sd), p, dict(meta))))
    n._register_load_state_dict_pre_hook(lambda *a: log.append(("loadpre", len(a), a[1], a[2], a[3])))
    n.register_load_state_dict_pre_hook(lambda *a: log.append(("loadpre2", len(a), type(a[0]).__name__)))
    n._register_load_state_dict_pre_hook(lambda *a: log.append(("loadpre3", len(a))), with_module=True)
    n.register_load_state_dict_post_hook(lambda m, k: log.append(("loadpost", k)))
    sd = n.state_dict(prefix="q.")
    show(list(sd))
    sd = n.state_dict()
    show(n.load_state_dict(sd))
    show(log)
    n = N()
    n.register_state_dict_post_hook(lambda m, sd, p, meta: {})
    said(lambda: n.state_dict())
    n = N()
    n._register_state_dict_hook(lambda m, sd, p, meta: {"x": 1})
    said(lambda: n.state_dict())
    n = N()
    n.register_load_state_dict_post_hook(lambda m, k: 3)
    said(lambda: n.load_state_dict(n.state_dict()))
    n = N()
    n.register_load_state_dict_post_hook(lambda m, k: k.missing_keys.clear())
    said(lambda: n.load_state_dict({}))
    n = N()
    said(lambda: n.load_state_dict({"l.weight": torch.ones(3, 2), "foo": torch.ones(1), "l.bar": torch.ones(1)}))
    said(lambda: n.load_state_dict({"l.weight": torch.ones(2, 2), "foo": torch.ones(1)}, strict=False))
    said(lambda: n.load_state_dict({"l.weight": 3}, strict=False))
    said(lambda: n.load_state_dict([1]))
    said(
        lambda: n.load_state_dict(
            {"l.weight": torch.ones(2, 2), "l.bias": torch.ones(2), "b": torch.ones(2)}, assign=True
        )
    )
    show(type(n.l.weight).__name__, n.l.weight.requires_grad, n.b)
    said(
        lambda: N().load_state_dict(
            {"l.weight": torch.ones(2, 2, dtype=torch.float64), "l.bias": torch.ones(2), "b": torch.ones(2)},
            assign=True,
        )
    )
    said(
        lambda: N().load_state_dict(
            {"l.weight": torch.ones(2), "l.bias": torch.ones(2), "b": torch.ones(2)}, assign=True
        )
    )

    class Ex(nn.Module):
        def __init__(s):
            super().__init__()
            s.v = 1

        def get_extra_state(s):
            return {"v": s.v}

        def set_extra_state(s, st):
            s.v = st["v"]

    e = Ex()
    e.v = 5
    sd = e.state_dict()
    show(sd)
    e2 = Ex()
    e2.load_state_dict(sd)
    show(e2.v)
    said(lambda: Ex().load_state_dict({}))
    said(
        lambda: nn.Linear(1, 1).load_state_dict({"weight": torch.ones(1, 1), "bias": torch.ones(1), "_extra_state": 1})
    )
    q = nn.Sequential(Ex(), nn.Linear(1, 1))
    show(list(q.state_dict()))
    said(lambda: q.load_state_dict({"0.v": 1}))
    # getters
    n = N()
    for f in [
        lambda: n.get_submodule("l"),
        lambda: n.get_submodule(""),
        lambda: n.get_submodule("x.y"),
        lambda: n.get_submodule("l.weight"),
        lambda: n.get_parameter("l.weight").shape,
        lambda: n.get_parameter("l.foo"),
        lambda: n.get_parameter("b"),
        lambda: n.get_buffer("b"),
        lambda: n.get_buffer("l.weight"),
        lambda: n.get_buffer("zz"),
        lambda: n.set_submodule("l", nn.Tanh()),
        lambda: n.set_submodule("", nn.Tanh()),
        lambda: n.set_submodule("zz.a", nn.Tanh()),
        lambda: n.set_submodule("zz", nn.Tanh(), strict=True),
        lambda: n.set_submodule("zz", nn.Tanh()),
        lambda: n.set_submodule("zq", 3),
        lambda: n.set_submodule("b", nn.Tanh()),
        lambda: n,
    ]:
        said(f)
    m = nn.Linear(2, 2)
    p = m.weight
    for f in [
        lambda: m.half().weight.dtype,
        lambda: m.bfloat16().weight.dtype,
        lambda: m.float().double().weight.dtype,
        lambda: m.type(torch.float32).weight.dtype,
        lambda: m.type("torch.DoubleTensor").weight.dtype,
        lambda: m.to_empty(device="cpu").weight.shape,
        lambda: m.share_memory() is m,
        lambda: m.requires_grad_(False).weight.requires_grad,
        lambda: m.compile(),
        lambda: m.to(torch.int32),
        lambda: m.to(torch.float32, non_blocking=True).weight.dtype,
        lambda: m.to("cpu", torch.float64).weight.dtype,
        lambda: m.to(memory_format=torch.channels_last) is m,
        lambda: m.to(torch.zeros(1)).weight.dtype,
        lambda: m.to("foo"),
        lambda: m.to(),
        lambda: m.xpu(),
        lambda: m.train("a"),
        lambda: m.zero_grad(),
        lambda: m.foo,
        lambda: m.add_module("a.b", nn.Tanh()),
        lambda: m.add_module("weight", nn.Tanh()),
        lambda: m.add_module("", nn.Tanh()),
        lambda: m.add_module("a", 3),
        lambda: m.register_buffer("weight", torch.ones(1)),
        lambda: m.register_parameter("x", torch.ones(1)),
        lambda: m.register_parameter("forward", None),
        lambda: setattr(m, "weight", torch.ones(1)),
        lambda: setattr(m, "weight", None),
        lambda: m(x),
        lambda: m.T_destination,
        lambda: m.dump_patches,
        lambda: m.call_super_init,
        lambda: m.register_module("tt", nn.Tanh()),
        lambda: m,
        lambda: delattr(m, "tt"),
        lambda: m,
        lambda: delattr(m, "nothing"),
    ]:
        said(f)
    show(p is m.weight)
    a = nn.Linear(1, 1)
    t = nn.Sequential(a, a)
    t.w = a.weight
    show(
        [k for k, _ in t.named_parameters()],
        [k for k, _ in t.named_parameters(remove_duplicate=False)],
        [k for k, _ in t.named_modules()],
        [k for k, _ in t.named_modules(remove_duplicate=False)],
        [k for k, _ in t.named_children()],
        [k for k, _ in t.named_parameters("pre", recurse=False)],
    )
    show(len(list(t.parameters())), t.state_dict().keys())
    c = copy.deepcopy(t)
    show(c[0] is c[1], c.w is c[0].weight)
    c = pickle.loads(pickle.dumps(t))
    show(c[0] is c[1], c.w is c[0].weight, c)
    u = copy.copy(a)
    show(u.weight is a.weight, u._parameters is a._parameters)
    show(
        [d for d in dir(nn.Linear(1, 1)) if d in ("weight", "bias", "training", "forward", "in_features")],
        [d for d in dir(nn.Sequential(nn.Tanh())) if d == "0"],
    )
    said(lambda: nn.Module(1))
    said(lambda: nn.Module(a=1))
    said(lambda: nn.Module()(1))

    class NoInit(nn.Module):
        def __init__(self):
            self.l = nn.Linear(1, 1)

    said(lambda: NoInit())

    class NoInit2(nn.Module):
        def __init__(self):
            self.p = nn.Parameter(torch.ones(1))

    said(lambda: NoInit2())

    class NoInit3(nn.Module):
        def __init__(self):
            self.a = 1

        def forward(self, x):
            return x

    said(lambda: NoInit3()(1))
    said(lambda: list(NoInit3().parameters()))
    said(lambda: NoInit3())

    class CS(nn.Module):
        call_super_init = True

        def __init__(self, a):
            super().__init__(a)

    class Mix:
        def __init__(self, a):
            self.mix = a

    class CS2(nn.Module, Mix):
        call_super_init = True

        def __init__(self, a):
            super().__init__(a)

    said(lambda: CS2(3).mix)
    said(lambda: nn.Module.__init__.__doc__ is not None)

    m = nn.Linear(1, 1)
    d = dict(m.__dict__)
    m2 = nn.Linear.__new__(nn.Linear)
    m2.__setstate__(d)
    show(m2, m2.weight is m.weight)
    show(m._get_name(), m.extra_repr(), m._version, m._is_full_backward_hook, m.training)

    def through(answer, pre, leaf):
        m = nn.Linear(2, 2)
        if pre:
            m.register_full_backward_pre_hook(lambda module, given: answer)
        else:
            m.register_full_backward_hook(lambda module, given, outer: answer)
        m(leaf).sum().backward()

    leaf = torch.ones(1, 2, requires_grad=True)
    two = (torch.ones(1, 2), torch.ones(1, 2))
    for answer in (3, None, (None,), two[:1], two, "a", (torch.ones(3, 3),)):
        said(lambda answer=answer: through(answer, False, leaf))
        said(lambda answer=answer: through(answer, True, leaf))
        said(lambda answer=answer: through(answer, False, leaf.detach()))

    last = torch.channels_last
    said(
        lambda: [
            p.stride() for p in nn.Sequential(nn.Conv2d(2, 2, 2), nn.Linear(2, 2)).to(memory_format=last).parameters()
        ]
    )
    said(lambda: nn.Conv3d(2, 2, 2).to(memory_format=last))
    said(lambda: nn.Conv3d(2, 2, 2).to(memory_format=torch.channels_last_3d).weight.stride())
    said(lambda: nn.Conv2d(2, 2, 2).to(torch.float64, memory_format=last).weight.stride())
    said(lambda: torch.ones(1, 2).contiguous(memory_format=torch.preserve_format))
    said(lambda: torch.ones(2, 2).t().contiguous(memory_format=torch.preserve_format))

    # The way back of a second derivative comes by the inputs, but not by the outputs: no hook runs.
    calls = []
    layer = nn.Sequential(nn.Linear(2, 2), nn.Tanh())
    layer.register_full_backward_hook(lambda *_: calls.append("hook"))
    layer.register_full_backward_pre_hook(lambda *_: calls.append("before"))
    (first,) = torch.autograd.grad(layer(leaf).sum(), leaf, create_graph=True)
    page.show(calls)
    torch.autograd.grad(first.sum(), leaf)
    page.show(calls)
