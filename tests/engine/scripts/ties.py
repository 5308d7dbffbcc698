"""Which of equal elements is the largest, the k-th, the most frequent: of few and of many, along any axis."""


def run(torch, page):
    torch.manual_seed(3)
    for shape in ((7,), (3, 50), (40, 6), (2, 4, 30), (200, 3)):
        for high in (2, 5, 1000):
            whole = torch.randint(0, high, shape)
            for x in (whole, torch.where(whole == 0, float("nan"), whole.float())):
                for dim, n in enumerate(shape):
                    for k in sorted({1, 2, n // 2, n}):
                        found = [
                            torch.topk(x, k, dim, large, order) for large in (True, False) for order in (True, False)
                        ]
                        page.show([each.indices.flatten().tolist()[:12] for each in found])
                        page.show(torch.kthvalue(x, k, dim).indices.flatten().tolist()[:12])
                    page.show(torch.median(x, dim).indices.flatten().tolist()[:12])
                    page.show(torch.nanmedian(x, dim).indices.flatten().tolist()[:12])
            page.show(torch.mode(whole, -1).indices, torch.mode(whole, 0).indices)
    x = torch.tensor([1.0, 2.0, 2.0, 1.0, 2.0], requires_grad=True)
    for pick in (lambda x: x.topk(2).values, lambda x: x.kthvalue(3).values, lambda x: x.mode().values):
        page.show(torch.autograd.grad(pick(x).sum(), x)[0])
    order = torch.arange(100)
    for falls in (order, 99 - order, order // 7, (order * 37 % 100) // 3):  # of 100 the 1 comes by the heap
        page.show([torch.topk(falls, k)[1] for k in (1, 2, 60)])
