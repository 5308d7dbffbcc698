"""Parameters of a program's own classes, parameters that stay who they are, and paths in nested containers."""

import collections
import pickle


def run(torch, page):
    show, said = page.show, page.said
    nn = torch.nn

    class Sub(torch.Tensor):
        pass

    p = nn.Parameter(torch.ones(2).as_subclass(Sub))
    show(type(p) is Sub, isinstance(p, nn.Parameter), p.requires_grad, p.is_leaf, type(nn.Parameter(p)) is Sub)
    show(isinstance(torch.ones(1), nn.Parameter), isinstance(nn.Parameter(torch.ones(1)), nn.Parameter))
    linear = nn.Linear(2, 2)
    linear.weight = nn.Parameter(linear.weight.detach().as_subclass(Sub))
    show(type(linear.weight) is Sub, type(linear(torch.ones(1, 2))) is Sub, list(linear.state_dict()))
    show([name for name, _ in linear.named_parameters()])

    class Loses(torch.Tensor):
        def detach(self):
            return torch.ones(2)

    said(lambda: nn.Parameter(torch.ones(2).as_subclass(Loses)))
    said(lambda: nn.Parameter(3))
    # parameters that stay who they are
    future = page.part("__future__")
    future.set_swap_module_params_on_conversion(True)
    try:
        module, other = nn.BatchNorm1d(2), nn.BatchNorm1d(2)
        before = [*module.parameters(), *module.buffers()]
        other.weight.data.fill_(3.0)
        module.load_state_dict(other.state_dict(), assign=True)
        show([a is b for a, b in zip(before, [*module.parameters(), *module.buffers()], strict=True)], module.weight)
        with torch.device("meta"):
            module = nn.Linear(2, 2)
        module.load_state_dict(nn.Linear(2, 2).state_dict(), assign=True)
        show(module.weight.device, module(torch.ones(1, 2)).shape, future.get_swap_module_params_on_conversion())
    finally:
        future.set_swap_module_params_on_conversion(False)
    show(future.get_overwrite_module_params_on_conversion())
    # paths
    trees = page.part("utils._pytree")
    pair = collections.namedtuple("Pair", "x y")
    tree = {"a": [1, (2, 3)], "b": pair(4, None)}
    for path, leaf in trees.tree_flatten_with_path(tree)[0]:
        show(trees.keystr(path), leaf, path)
    show(trees.tree_map_with_path(lambda path, leaf: trees.keystr(path), tree))
    seen = []
    show(trees.tree_map_(seen.append, tree) is tree, seen)
    said(lambda: trees.tree_unflatten([1], trees.tree_structure(tree)))
    show(pickle.loads(pickle.dumps(nn.Buffer(torch.ones(1)))), torch.autocast("cpu"))
