"""Loaders, samplers, datasets, collating: every option and refusal."""

from collections import OrderedDict, namedtuple

import numpy as np


def run(torch, page):
    show, said = page.show, page.said
    D = torch.utils.data
    torch.manual_seed(0)

    class Ds(D.Dataset):
        def __init__(s, n=10):
            s.n = n

        def __len__(s):
            return s.n

        def __getitem__(s, i):
            if i >= s.n:
                raise IndexError
            return torch.tensor(i), i * 0.5, f"s{i}"

    class It(D.IterableDataset):
        def __init__(s, n=7):
            s.n = n

        def __iter__(s):
            return iter(range(s.n))

    class ItL(It):
        def __len__(s):
            return 4

    class Bare(D.Dataset):
        pass

    T = D.TensorDataset(torch.arange(10), torch.arange(10.0) * 2)

    def run(dl):
        return [b if not isinstance(b, (list, tuple)) else list(b) for b in dl]

    def L(*a, **k):
        return lambda: run(D.DataLoader(*a, **k))

    def G(s):
        return torch.Generator().manual_seed(s)

    for f in [
        L(T),
        L(T, 4),
        L(T, 4, True),
        L(T, 4, shuffle=True, drop_last=True),
        L(T, 4, shuffle=True, generator=G(3)),
        L(Ds(), 3),
        L(Ds(), batch_size=None),
        L(Ds(), batch_size=None, shuffle=True),
        L(T, batch_size=None),
        L(It(), 3),
        L(It(), 3, drop_last=True),
        L(It(), batch_size=None),
        L(ItL(), 2),
        L(T, sampler=[3, 1, 2], batch_size=2),
        L(T, batch_sampler=[[1, 2], [3]]),
        L(T, sampler=D.SubsetRandomSampler([5, 6, 7])),
        L(T, batch_size=None, sampler=[[1, 2], [3]]),
        L(T, 2, collate_fn=lambda b: len(b)),
        L(list(range(5)), 2),
        L([{"a": 1, "b": [1, 2]}, {"a": 2, "b": [3, 4]}], 2),
        L(np.arange(6.0).reshape(3, 2), 2),
        L(T, 5, True, num_workers=0, pin_memory=False),
        L(T, sampler=D.WeightedRandomSampler([1.0, 2.0, 3.0], 5)),
        L(T, sampler=D.RandomSampler(T, replacement=True, num_samples=4)),
        L(range(4), 4, shuffle=False),
    ]:
        said(f)
    show(torch.rand(1))
    for k in [
        {"batch_size": 0},
        {"batch_size": -1},
        {"batch_size": 2.0},
        {"batch_size": True},
        {"drop_last": 1},
        {"num_workers": -1},
        {"timeout": -1},
        {"timeout": 3},
        {"prefetch_factor": 2},
        {"prefetch_factor": -1, "num_workers": 1},
        {"persistent_workers": True},
        {"sampler": [1], "shuffle": True},
        {"sampler": [1], "shuffle": False},
        {"batch_sampler": [[1]], "batch_size": 2},
        {"batch_sampler": [[1]], "shuffle": True},
        {"batch_sampler": [[1]], "drop_last": True},
        {"batch_sampler": [[1]], "sampler": [1]},
        {"batch_size": None, "drop_last": True},
        {"shuffle": "a"},
        {"shuffle": 1},
        {"multiprocessing_context": "spawn"},
        {"multiprocessing_context": "foo", "num_workers": 1},
        {"multiprocessing_context": 3, "num_workers": 1},
        {"generator": 3},
        {"collate_fn": 3},
        {"in_order": False},
        {"pin_memory_device": "cuda"},
    ]:
        show(k)
        said(lambda k=k: type(D.DataLoader(T, **k)).__name__)
    for k in [
        {"shuffle": True},
        {"shuffle": False},
        {"sampler": [1]},
        {"batch_sampler": [[1]]},
        {"drop_last": True, "batch_size": 3},
    ]:
        show(k)
        said(lambda k=k: type(D.DataLoader(It(), **k)).__name__)
    dl = D.DataLoader(T, 3)
    for f in [
        lambda: len(dl),
        lambda: dl.batch_size,
        lambda: dl.drop_last,
        lambda: type(dl.sampler).__name__,
        lambda: type(dl.batch_sampler).__name__,
        lambda: dl.collate_fn.__name__,
        lambda: setattr(dl, "batch_size", 4),
        lambda: setattr(dl, "dataset", 4),
        lambda: setattr(dl, "foo", 4),
        lambda: setattr(dl, "sampler", 4),
        lambda: dl.multiprocessing_context,
        lambda: dl.prefetch_factor,
        lambda: dl.timeout,
        lambda: dl.worker_init_fn,
        lambda: dl.persistent_workers,
        lambda: dl.pin_memory,
        lambda: dl.num_workers,
        lambda: dl.generator,
        lambda: dl.pin_memory_device,
        lambda: dl.in_order,
        lambda: len(D.DataLoader(It(), 2)),
        lambda: len(D.DataLoader(ItL(), 2)),
        lambda: len(D.DataLoader(ItL(), 3, drop_last=True)),
        lambda: len(D.DataLoader(T, batch_size=None)),
        lambda: len(D.DataLoader(T, batch_sampler=[[1, 2], [3]])),
        lambda: len(D.DataLoader(T, sampler=iter([1]))),
        lambda: len(D.DataLoader(Bare())),
        lambda: D.DataLoader(Bare(), shuffle=True),
        lambda: next(iter(D.DataLoader(Ds(0)))),
        lambda: D.DataLoader(Ds(0), shuffle=True),
        lambda: run(D.DataLoader([], 2)),
        lambda: next(iter(D.DataLoader(Bare(), sampler=[1]))),
    ]:
        said(f)
    it = iter(dl)
    show(type(it).__name__, len(it), next(it), type(it).__mro__[1].__name__)
    it2 = iter(dl)
    show(next(it2)[0], next(it)[0])
    show(iter(it) is it)
    said(lambda: list(D.DataLoader(It(5), 2)))
    dl = D.DataLoader(ItL(7), 1)
    said(lambda: list(dl))
    # collate
    P = namedtuple("P", "x y")
    C = D.default_collate
    for b in [
        [1, 2],
        [1.5, 2.5],
        [True, False],
        ["a", "b"],
        [b"a"],
        [(1, 2.0), (3, 4.0)],
        [[1, 2], [3, 4]],
        [{"x": 1}, {"x": 2}],
        [P(1, 2.0), P(3, 4.0)],
        [np.float32(1), np.float32(2)],
        [np.int64(1), np.int64(2)],
        [np.array([1, 2]), np.array([3, 4])],
        [torch.ones(2), torch.zeros(2)],
        [object()],
        [np.array(["a"])],
        [[1, 2], [1]],
        [None],
        [torch.ones(2), torch.ones(3)],
        [OrderedDict(a=1), OrderedDict(a=2)],
        [[], []],
        [()],
        [complex(1, 2)],
        [np.array(1.5), np.array(2.0)],
        [{"x": 1}, {"y": 2}],
        [1, 2.5],
        [range(2), range(2)],
    ]:
        said(lambda b=b: C(b))
    for b in [
        np.array([1.0, 2]),
        [1, np.array(2)],
        {"a": np.float32(1)},
        P(np.ones(1), 2),
        "s",
        ("a", np.ones(1)),
        np.array(["a"]),
        [np.bool_(True)],
        torch.ones(1),
        3,
    ]:
        said(lambda b=b: D.default_convert(b))
    # datasets
    said(lambda: D.TensorDataset(torch.ones(2), torch.ones(3)))
    said(lambda: D.StackDataset())
    said(lambda: D.StackDataset(T, a=T))
    said(lambda: D.StackDataset(T, [1]))
    s = D.StackDataset(a=T, b=Ds())
    said(lambda: s[1])
    said(lambda: len(s))
    said(lambda: D.StackDataset(T, Ds())[2])
    said(lambda: D.StackDataset(a=T, b=[1]))
    said(lambda: D.StackDataset(T, Ds()).__getitems__([1, 2]))
    said(lambda: D.StackDataset(a=T).__getitems__([1, 2]))
    c = D.ConcatDataset([T, Ds()])
    said(lambda: (len(c), c[12], c[-1], c.cumulative_sizes, c.cummulative_sizes))
    said(lambda: c[20])
    said(lambda: c[-21])
    said(lambda: D.ConcatDataset([]))
    said(lambda: D.ConcatDataset([It()]))
    said(lambda: (T + T)[11])
    h = D.ChainDataset([It(2), It(3)])
    said(lambda: list(h))
    said(lambda: len(h))
    said(lambda: len(D.ChainDataset([ItL(), ItL()])))
    said(lambda: list(D.ChainDataset([T])))
    said(lambda: list(It(1) + It(2)))
    b = D.Subset(T, [1, 3])
    said(lambda: (len(b), b[1], b[[0, 1]], b.__getitems__([0, 1])))
    said(lambda: Bare()[0])
    said(lambda: len(Bare()))
    said(lambda: len(It()))
    for a in [
        ([7, 3],),
        ([0.5, 0.5],),
        ([0.3, 0.3, 0.4],),
        ([0.99, 0.01],),
        ([1.5, -0.5],),
        ([3, 3],),
        ([0.5, 0.4],),
        ([10],),
        ([0.33, 0.33, 0.33],),
    ]:
        said(lambda a=a: [list(x.indices) for x in D.random_split(range(10), *a, generator=G(1))])
    said(lambda: [len(x) for x in D.random_split(T, [5, 5])])
    # samplers
    for f in [
        lambda: list(D.RandomSampler(range(5), generator=G(1))),
        lambda: list(D.RandomSampler(range(5), num_samples=12, generator=G(1))),
        lambda: list(D.RandomSampler(range(50), True, 40, generator=G(1))),
        lambda: list(D.RandomSampler(range(5), num_samples=3)),
        lambda: D.RandomSampler([]),
        lambda: D.RandomSampler([1], replacement=3),
        lambda: D.RandomSampler([1], num_samples=0),
        lambda: D.RandomSampler([1], num_samples=True),
        lambda: D.RandomSampler([1], num_samples=1.5),
        lambda: len(D.RandomSampler(range(5), num_samples=12)),
        lambda: list(D.WeightedRandomSampler([0.1, 0.9, 0.5], 3, False, generator=G(2))),
        lambda: list(D.WeightedRandomSampler(torch.tensor([0.1, 0.9, 0.5]), 7, generator=G(2))),
        lambda: D.WeightedRandomSampler([[1.0]], 3),
        lambda: D.WeightedRandomSampler([1.0], 0),
        lambda: D.WeightedRandomSampler([1.0], 1, 1),
        lambda: list(D.WeightedRandomSampler([1.0], 3, False)),
        lambda: D.WeightedRandomSampler([1.0], 3).weights,
        lambda: list(D.BatchSampler(range(7), 3, False)),
        lambda: list(D.BatchSampler(D.RandomSampler(range(7), generator=G(5)), 3, True)),
        lambda: D.BatchSampler(range(3), 0, False),
        lambda: D.BatchSampler(range(3), 2, 1),
        lambda: len(D.BatchSampler(range(7), 3, False)),
        lambda: len(D.BatchSampler(range(7), 3, True)),
        lambda: list(D.SubsetRandomSampler([9, 8, 7], G(3))),
        lambda: list(D.SequentialSampler(range(3))),
        lambda: D.Sampler() if 0 else 0,
        lambda: list(iter(D.Sampler())),
        lambda: str(D.Sampler[int])[-30:],
    ]:
        said(f)
    S = D.DistributedSampler
    for k in [
        {"num_replicas": 3, "rank": 1},
        {"num_replicas": 3, "rank": 2, "shuffle": False},
        {"num_replicas": 3, "rank": 0, "drop_last": True},
        {"num_replicas": 4, "rank": 3, "seed": 5},
        {"num_replicas": 3, "rank": 3},
        {},
        {"num_replicas": 20, "rank": 13, "shuffle": False},
    ]:
        said(lambda k=k: (list(S(range(10), **k)), len(S(range(10), **k))))
    s = S(range(10), num_replicas=2, rank=0)
    s.set_epoch(3)
    show(list(s), s.num_samples, s.total_size, s.epoch)
    show(D.get_worker_info())
