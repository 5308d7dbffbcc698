"""Copies, deep and not, and pickles: of leaves and results, views, parameters, hooks, optimizers and schedules."""

import copy
import io
import pickle
import warnings


def run(torch, page):
    nn, optim = torch.nn, torch.optim

    def through_file(value):
        file = io.BytesIO()
        torch.save(value, file)
        file.seek(0)
        return torch.load(file, weights_only=False)

    def through_pickle(value):
        return pickle.loads(pickle.dumps(value))

    ways = (copy.deepcopy, copy.copy, through_pickle, through_file)
    leaf = torch.ones(3, requires_grad=True)
    result = leaf * 2
    for way in ways:
        page.said(lambda way=way: page.show(way(result), way(result).is_leaf, way(result).grad_fn))
    leaf.grad, leaf.note = torch.full((3,), 5.0), "kept"
    parameter = nn.Parameter(torch.ones(2))
    parameter.note, parameter.grad = 3, torch.ones(2)
    for way in ways:
        for given in (leaf, parameter):
            made = way(given)
            page.show(made, type(made).__name__, made.grad, getattr(made, "note", None))
    table = torch.arange(12.0).reshape(3, 4)
    for way in (copy.deepcopy, through_pickle, through_file):
        whole, part = way((table, table[1:, ::2]))
        whole[1, 0] = 99.0
        page.show(part, part.stride(), part.storage_offset(), part.untyped_storage().size())
        page.show(way(table.T).stride(), way(table[1]).untyped_storage().size(), way(torch.ones(1).expand(4)).stride())
    page.show(copy.deepcopy(torch.empty(2, device="meta")))
    page.said(lambda: copy.deepcopy(result.grad_fn))
    page.said(lambda: pickle.dumps(result.grad_fn))

    class Own(torch.Tensor):
        pass

    class Whole(torch.Tensor):
        def new_empty(self, *size, **options):
            return torch.empty(*size, **options).as_subclass(Whole)

    page.said(lambda: copy.deepcopy(torch.ones(2).as_subclass(Own)))
    page.show(type(copy.deepcopy(torch.ones(2).as_subclass(Whole))).__name__)

    def doubled(gradient):
        return gradient * 2

    leaf.register_hook(doubled)
    for way in ways:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            way(leaf)
        page.show([str(each.message).split(" at 0x")[0] for each in caught])

    weight = nn.Linear(2, 2, bias=False)
    tied = nn.Sequential(weight, nn.Linear(2, 2, bias=False))
    tied[1].weight = weight.weight
    calls = []
    tied.register_forward_hook(lambda *_: calls.append("forward"))
    twin = copy.deepcopy(copy.deepcopy(tied))
    twin(torch.ones(1, 2)).sum().backward()
    page.show(calls, twin[0].weight is twin[1].weight, weight.weight.grad, twin[0].weight is weight.weight)

    net = nn.Linear(2, 1)
    for kind in (optim.SGD, optim.Adam, optim.Adagrad):
        optimizer = kind(net.parameters(), lr=0.1)
        net(torch.ones(1, 2)).sum().backward()
        optimizer.step()
        for way in (copy.deepcopy, through_pickle, through_file):
            made = way(optimizer)
            first = made.param_groups[0]["params"][0]
            page.show(first is net.weight, torch.equal(first, net.weight), len(made.state), made)
        both = copy.deepcopy((net, optimizer))
        page.show(both[1].param_groups[0]["params"][0] is both[0].weight)
        schedule = optim.lr_scheduler.StepLR(optimizer, 2)
        for way in (copy.deepcopy, through_pickle, through_file):
            made = way(schedule)
            made.optimizer.step()
            made.step()
            page.show(type(made).__name__, made.optimizer is optimizer, made.get_last_lr(), made.last_epoch)
