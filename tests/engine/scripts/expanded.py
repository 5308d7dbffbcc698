"""Changes in place of tensors that show one element several times: refused, or made with a warning."""


def run(torch, page):
    said, F = page.said, torch.nn.functional
    mask, first = torch.tensor([True, False, True]), torch.tensor([0])

    def row(*shape):
        return torch.zeros(1).expand(*(shape or (3,)))

    def column():
        return torch.zeros(2, 1).expand(2, 3)

    def put(x, key, value):
        x[key] = value
        return x

    one = torch.tensor([[True, False, False], [False, False, False]])
    for value in (1.0, torch.tensor(2.0)):
        said(lambda value=value: row().masked_fill_(mask, value))
        said(lambda value=value: row().index_fill_(0, first, value))
        said(lambda value=value: column().masked_fill_(one, value))
        said(lambda value=value: put(row(), mask, value))
    for call in (
        lambda: row().masked_fill_(~mask & mask, 1.0), lambda: row().masked_fill(mask, 1.0),
        lambda: column().masked_fill_(mask, 1.0), lambda: row(1).masked_fill_(mask[:1], 1.0),
        lambda: column().index_fill_(0, first, 1.0), lambda: column().index_fill_(dim=1, index=first, value=1.0),
        lambda: row().index_fill_(0, first[:0], 1.0), lambda: row().index_fill_(0, torch.tensor([5]), 1.0),
        lambda: row().masked_fill_(mask, 1j), lambda: row().masked_fill_(first, 1.0),
        lambda: put(row(), mask, torch.tensor([1.0, 2.0])), lambda: put(row(), [0, 1], torch.tensor([1.0, 2.0])),
        lambda: put(row(2, 3), (slice(None), first), 1.0), lambda: put(column(), one, 5.0), lambda: put(row(), 0, 1.0),
        lambda: row().index_put_((first,), torch.tensor(1.0), accumulate=True), lambda: row().fill_(1.0),
        lambda: torch.ones(1).expand(3, 3).tril_(), lambda: torch.ones(1).expand(3, 3).triu_(3),
        lambda: F.threshold_(row(), 1.0, 2.0), lambda: row().relu_(), lambda: row().copy_(torch.ones(3)),
        lambda: torch.zeros(4).as_strided((3, 2), (1, 1)).masked_fill_(torch.eye(3)[:, :2].bool(), 1.0),
        lambda: torch.zeros(4).as_strided((3, 2), (1, 1)).index_fill_(0, torch.tensor([1]), 1.0),
    ):  # fmt: skip
        said(call)
    leaf = torch.ones(2, requires_grad=True)
    for change in (lambda x: x.masked_fill_(one, 5.0), lambda x: x.index_fill_(1, first, 5.0), lambda x: x.tril_()):
        changed = (leaf * 1).unsqueeze(1).expand(2, 3)
        said(lambda change=change, changed=changed: change(changed))
        said(changed.sum().backward)
