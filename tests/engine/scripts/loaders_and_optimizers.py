"""What loaders, data sets, optimizers and schedules refuse and keep."""


def run(torch, page):
    show, said = page.show, page.said
    data, optim = page.part("utils.data"), torch.optim

    class Counted(data.IterableDataset):
        def __init__(self, told):
            self.told = told

        def __iter__(self):
            return iter(range(3))

        def __len__(self):
            return self.told

    class Bare(data.IterableDataset):
        pass

    said(Bare)
    said(lambda: list(data.DataLoader(range(3), timeout=3)))
    loader = data.DataLoader(Counted(2))
    show(len(loader))
    said(lambda: [each.item() for each in loader])
    said(lambda: data.TensorDataset([1, 2]))
    # optimizers
    weight = torch.nn.Parameter(torch.ones(2))
    said(lambda: optim.SparseAdam([weight]))
    said(lambda: optim.SparseAdam([weight], eps=0.0))
    said(lambda: optim.SparseAdam([torch.nn.Parameter(torch.ones(1, dtype=torch.complex64))]))
    said(lambda: optim.SparseAdam([weight]).step(lambda: 5))
    weight.grad = torch.ones(2)
    said(lambda: optim.SparseAdam([weight]).step())
    said(lambda: optim.Adam([weight], betas=0.9))
    # schedules
    schedules = optim.lr_scheduler
    show(schedules.__all__)
    for given in ({}, {"scale_fn": lambda x: 1.0}):
        schedule = schedules.CyclicLR(optim.SGD([weight]), 0.1, 0.5, cycle_momentum=False, **given)
        show(sorted(schedule.state_dict()))
    show(repr(page.part("distributions").Normal(0.0, 1.0)))
    said(lambda: page.part("distributions").Normal(0.0, 1.0).sample_n(2).shape)
