"""Programs about trees, counters, policies and what `vmap` refuses, as `programs_autograd` has them."""

from __future__ import annotations

import collections
import functools

from tests.engine.programs import Programs, listed, part, tried

PROGRAMS = Programs()
program, answers_of = PROGRAMS.add, PROGRAMS.answers_of
Point = collections.namedtuple("Point", "x y")


@program
def ways_in_trees(torch):
    trees = part(torch, "utils._pytree")
    tree = {"a": [1, 2], "b": (3, {"c": 4}), "d": Point(5, collections.deque([6]))}
    found, spec = trees.tree_flatten_with_path(tree)
    out = [[trees.keystr(way), leaf] for way, leaf in found]
    out += [trees.key_get(tree, found[3][0]), spec.num_leaves, spec.num_nodes, spec.num_children]
    out += [str(spec), spec.type.__name__, spec.child(1).context, spec.is_leaf(), str(trees.LeafSpec())]
    out.append(trees.tree_map_with_path(lambda way, leaf: trees.keystr(way) + str(leaf), [1, (2,)]))
    out.append(hash(spec) == hash(trees.tree_structure(tree)))
    pair = trees.tree_structure([1, (2,)])
    for other in ([1, (2,)], [1, 2], [1], [1, (2, 3)], (1, (2,))):
        out.append(tried(lambda other=other: pair.flatten_up_to(other)))
    keys = trees.tree_structure({"a": 1, "b": 2})
    out += [tried(lambda: keys.flatten_up_to({"b": 1, "a": 2})), tried(lambda: keys.flatten_up_to({"a": 1, "c": 2}))]
    out += [tried(lambda: trees.tree_map(lambda a, b: a + b, [1, 2], (1, 2))), tried(lambda: pair.unflatten([1]))]
    out += [trees.tree_any_only(int, lambda n: n > 5, tree), trees.tree_all_only(int, lambda n: n > 5, tree)]
    return out


@program
def own_containers(torch):
    trees = part(torch, "utils._pytree")

    class Pair:
        def __init__(self, a, b):
            self.a, self.b = a, b

    def apart(pair):
        return [pair.a, pair.b], None

    trees.register_pytree_node(Pair, apart, lambda parts, _: Pair(*parts))
    doubled = trees.tree_map(lambda n: n * 2, [Pair(1, 2), 3])
    out = [doubled[0].a, doubled[0].b, doubled[1], trees.tree_leaves(Pair(1, [2, 3]))]
    out.append(str(tried(lambda: trees.register_pytree_node(Pair, apart, Pair))).replace(Pair.__qualname__, "Pair"))
    mapped = part(torch, "func").vmap(lambda pair: pair.a + pair.b)
    return [*out[:4], listed(mapped(Pair(torch.ones(2), torch.ones(2))))]


@program
def operations_counted(torch):
    nn, F = part(torch, "nn"), part(torch, "nn.functional")
    counter = part(torch, "utils.flop_counter").FlopCounterMode
    out = []

    def counted(run):
        with counter(display=False) as found:
            run()
        counts = found.get_flop_counts()
        out.append([found.get_total_flops(), {str(k): v for k, v in counts.get("Global", {}).items()}])
        return counts

    def ones(*sizes):
        return torch.ones(*sizes, requires_grad=True)

    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
    counts = counted(lambda: model(torch.ones(5, 3)).sum().backward())
    out.append([[name, {str(k): v for k, v in each.items()}] for name, each in sorted(counts.items())])
    counted(lambda: F.conv2d(ones(2, 4, 8, 8), ones(4, 2, 3, 3), groups=2).sum().backward())
    counted(lambda: F.conv_transpose2d(torch.ones(2, 3, 8, 8), torch.ones(3, 4, 3, 3)))
    counted(lambda: (ones(2, 3, 4) @ ones(4, 5)).sum().backward())
    counted(lambda: torch.bmm(ones(2, 3, 4), ones(2, 4, 5)).sum().backward())
    counted(lambda: torch.baddbmm(ones(2, 3, 5), ones(2, 3, 4), torch.ones(2, 4, 5)).sum().backward())
    counted(lambda: torch.einsum("bij,bjk->bik", torch.ones(2, 2, 3), torch.ones(2, 3, 4)))
    counted(lambda: (torch.ones(3, 4) @ torch.ones(4), torch.outer(torch.ones(2), torch.ones(3))))
    counted(lambda: nn.GRU(3, 4)(torch.ones(2, 1, 3)))
    counted(lambda: nn.MultiheadAttention(8, 2, batch_first=True)(*[torch.ones(2, 3, 8)] * 3))
    return out


@program
def policies_of_checkpoints(torch):
    tools = part(torch, "utils.checkpoint")
    aten = torch.ops.aten
    out = []
    x = torch.ones(2, 2, requires_grad=True)

    def policy(told, op, *args, **kwargs):
        out.append([str(op), told.is_recompute, list(told.op_output.shape), len(args), op is aten.mm.default])
        return tools.CheckpointPolicy.MUST_SAVE

    for given in (policy, [aten.mm.default], [aten.mm], 3):
        make = functools.partial(tools.create_selective_checkpoint_contexts, given)

        def run(make=make):
            x.grad = None
            result = tools.checkpoint(lambda x: (x @ x).sin(), x, use_reentrant=False, context_fn=make)
            result.sum().backward()
            return listed(x.grad)

        if given is policy or (isinstance(given, list) and str(given[0]) == "aten.mm.default"):
            out.append(run())
        else:
            out.append(tried(run)[0])
    return [*out, [each.name for each in tools.CheckpointPolicy], listed(aten.mul.Tensor(x, 3))]


@program
def sized_by_data_under_vmap(torch):
    vmap, jacfwd = part(torch, "func").vmap, part(torch, "func").jacfwd
    x = torch.ones(2, 3)
    out = [tried(lambda f=f: vmap(f)(x)) for f in (torch.nonzero, torch.unique, lambda x: torch.unique(x, dim=0))]
    out.append(tried(lambda: vmap(lambda x: x.masked_select(x > 0))(x)))
    out.append(listed(vmap(lambda x: x.masked_select(torch.tensor([True, False, True])))(x)))
    out.append(tried(lambda: jacfwd(lambda x: x * 2)(torch.ones(2, dtype=torch.long))))
    out.append(tried(lambda: jacfwd(lambda x: x * 2, randomness="other")(x)))
    out.append(tried(lambda: part(torch, "func").vjp(lambda x: x.sum(), x)[1](3)))
    return out


@program
def a_profile_that_is_off(torch):
    with part(torch, "autograd.profiler").profile(enabled=False) as found:
        off = torch.autograd._profiler_enabled()
    with part(torch, "autograd.profiler").profile():
        on = torch.autograd._profiler_enabled()
    return [found, off, on, torch.autograd._profiler_enabled()]


@program
def modes_of_functions(torch):
    overrides, F, nn = part(torch, "overrides"), part(torch, "nn.functional"), part(torch, "nn")
    out = []

    class Noting(overrides.TorchFunctionMode):
        def __torch_function__(self, func, types, args=(), kwargs=None):
            out.append([overrides.resolve_name(func), len(args)])
            return func(*args, **(kwargs or {}))

    class Adding(overrides.TorchFunctionMode):
        def __torch_function__(self, func, types, args=(), kwargs=None):
            if func in (torch.add, torch.Tensor.add):
                return 7
            return func(*args, **(kwargs or {}))

    x, layer = torch.ones(2), nn.Linear(2, 2)
    with Noting() as mode:
        out.append(overrides._get_current_function_mode() is mode)
        text = repr((x + 1, -x, x @ x, x[0])[0])
        torch.cat([x, torch.sin(x).sum().view(1)])
        F.relu(layer(x))
        x.add_(1)
        torch.zeros_like(torch.tensor([float(x[0]), len(x)]))
    with Noting(), Adding():
        out += [
            torch.add(x, 1),
            x + 1,
            listed(x.mul(2)),
            len(overrides._get_current_function_mode_stack()),
        ]
    return [*out, text, listed(x.sin() * 0), overrides._get_current_function_mode()]


@program
def functions_that_ask(torch):
    overrides = part(torch, "overrides")

    class Own(torch.Tensor):
        @classmethod
        def __torch_function__(cls, func, types, args=(), kwargs=None):
            seen.append([func.__name__, [kind.__name__ for kind in types]])
            return super().__torch_function__(func, types, args, kwargs or {})

    def double(x):
        if overrides.has_torch_function_unary(x):
            return overrides.handle_torch_function(double, (x,), x)
        return x * 2

    seen = []
    result = double(torch.ones(2).as_subclass(Own))
    return [list(seen), type(result).__name__, overrides.has_torch_function_variadic(torch.ones(1), 3)]


@program
def checkpoints_called_again(torch):
    checkpoint = part(torch, "utils.checkpoint").checkpoint
    calls = []
    x = torch.ones(2, requires_grad=True)
    layer = part(torch, "nn").Linear(2, 2)

    def noted(name, function):
        return lambda x: (calls.append([name, torch.is_autocast_enabled("cpu")]), function(x))[1]

    sine, cosine = checkpoint(noted("two", lambda x: (x.sin(), x.cos())), x, use_reentrant=False)
    sine.sum().backward(retain_graph=True)
    cosine.sum().backward()
    for reentrant in (True, False):
        with torch.autocast("cpu", dtype=torch.bfloat16):
            y = checkpoint(noted("cast", layer), x, use_reentrant=reentrant)
        y.sum().backward()
        z = checkpoint(noted("plain", layer), x, use_reentrant=reentrant)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            z.sum().backward()
        calls.append([str(y.dtype), str(z.dtype)])
    return calls


@program
def names_of_views_made_anew(torch):
    out = []
    views = (
        lambda x: x[0], lambda x: x[:, 1:], lambda x: x.view(-1), lambda x: x.t(), lambda x: x.unsqueeze(0),
        lambda x: x.permute(1, 0), lambda x: x.diagonal(), lambda x: x.flatten(), lambda x: x.expand(2, 2, 3)[0],
    )  # fmt: skip
    for view in views:
        leaf = torch.arange(6.0).view(2, 3).requires_grad_()
        base = leaf * 1
        shown = view(base)
        base.view(-1)[1:3].mul_(2)
        out.append([shown.grad_fn.name(), base.grad_fn.name()])
        shown.mul_(3)
        (base * torch.arange(6.0).view(2, 3)).sum().backward()
        out.append([shown.grad_fn.name(), listed(leaf.grad)])
    x = torch.ones(1, requires_grad=True)
    changes = (
        lambda: x.t_(), lambda: x.squeeze_(), lambda: x.unsqueeze_(0), lambda: x.set_(torch.ones(1)),
    )  # fmt: skip
    out += [tried(change) for change in changes]
    out += [tried(lambda: torch.autograd.grad(x.sum(), [x, 3])), tried(lambda: x.sum().backward(inputs=[3]))]
    torch.autograd.backward(x.sum(), grad_variables=torch.tensor(2.0))
    return [*out, listed(x.grad)]
