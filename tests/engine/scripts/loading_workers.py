"""Loaders with workers: order, random streams, errors."""

import math
import random

import numpy as np


def run(torch, page):
    show, said = page.show, page.said
    D = torch.utils.data

    class Ds(D.Dataset):
        def __init__(s, n=10):
            s.n = n

        def __len__(s):
            return s.n

        def __getitem__(s, i):
            w = D.get_worker_info()
            return (
                i,
                (w.id if w else -1),
                round(torch.rand(1).item(), 6),
                round(random.random(), 6),
                round(float(np.random.rand()), 6),
            )

    class It(D.IterableDataset):
        def __init__(s, n=11):
            s.n = n
            s.start = 0
            s.end = n

        def __iter__(s):
            return iter(range(s.start, s.end))

    class It2(It):
        def __iter__(s):
            w = D.get_worker_info()
            if w is None:
                return iter(range(s.n))
            per = math.ceil(s.n / w.num_workers)
            return iter(range(w.id * per, min(s.n, (w.id + 1) * per)))

    def init(i):
        w = D.get_worker_info()
        d = w.dataset
        per = math.ceil((d.end - d.start) / w.num_workers)
        st = d.start
        d.start = st + i * per
        d.end = min(st + (i + 1) * per, d.n)

    if True:
        torch.manual_seed(0)
        random.seed(0)
        np.random.seed(0)
        for k in [
            {"batch_size": 3, "num_workers": 2},
            {"batch_size": 2, "num_workers": 3, "shuffle": True},
            {"batch_size": None, "num_workers": 2, "shuffle": True},
            {
                "batch_size": 3,
                "num_workers": 2,
                "shuffle": True,
                "generator": torch.Generator().manual_seed(4),
                "prefetch_factor": 1,
            },
        ]:
            dl = D.DataLoader(Ds(), **k)
            for _ in range(2):
                for b in dl:
                    show([x.tolist() if hasattr(x, "tolist") else x for x in b])
            show(torch.rand(1), random.random(), np.random.rand())
        dl = D.DataLoader(Ds(5), batch_size=2, num_workers=2, persistent_workers=True, shuffle=True)
        for _ in range(3):
            for b in dl:
                show([x.tolist() for x in b])
        show(torch.rand(1))
        said(lambda: [b.tolist() for b in D.DataLoader(It(), batch_size=2, num_workers=2)])
        said(lambda: [b.tolist() for b in D.DataLoader(It(), batch_size=2, num_workers=3, worker_init_fn=init)])
        said(lambda: [b.tolist() for b in D.DataLoader(It2(), batch_size=2, num_workers=3)])
        said(lambda: [b.tolist() for b in D.DataLoader(It2(13), batch_size=2, num_workers=4, drop_last=True)])

        class Bad(Ds):
            def __getitem__(s, i):
                if i == 3:
                    raise KeyError("x")
                if i == 5:
                    raise ValueError("boom")
                return i

        def go(*a, **k):
            out = []
            it = iter(D.DataLoader(Bad(), 2, num_workers=2))
            while True:
                try:
                    out.append(next(it).tolist())
                except StopIteration:
                    break
                except Exception as e:
                    out.append((type(e).__name__, str(e).split("\n")[0]))
            return out

        said(go)
        dl = D.DataLoader(Ds(4), 2, num_workers=2)
        it = iter(dl)
        show(type(it).__name__, len(it))

        class Info(Ds):
            def __getitem__(s, i):
                w = D.get_worker_info()
                try:
                    w.id = 3
                except Exception as e:
                    return str(e) + str(w).split("dataset")[0].split("seed")[0]

        said(lambda: next(iter(D.DataLoader(Info(2), 2, num_workers=1))))
