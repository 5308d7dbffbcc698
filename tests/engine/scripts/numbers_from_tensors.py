"""Tensors without axes where numbers belong, names of reductions and of pieces, and what copies keep."""

import copy


def run(torch, page):
    nn, F, said = torch.nn, torch.nn.functional, page.said
    half, two, learned = torch.tensor(0.5), torch.tensor(2), torch.tensor(2.0, requires_grad=True)
    for call in (
        lambda x: x.normal_(half, two), lambda x: x.normal_(std=half), lambda x: x.uniform_(-half, half),
        lambda x: x.exponential_(two), lambda x: x.geometric_(half), lambda x: x.cauchy_(half, two),
        lambda x: x.log_normal_(half, half), lambda x: x.random_(two), lambda x: x.bernoulli_(half),
        lambda x: x.normal_(0, learned), lambda x: x.normal_(std=learned), lambda x: x.normal_(std=torch.ones(1)),
        lambda x: x.uniform_(to=learned), lambda x: nn.init.normal_(x, mean=half, std=half),
        lambda x: nn.init.trunc_normal_(x, std=half), lambda x: nn.init.xavier_normal_(x[:, None], gain=half),
        lambda x: torch.normal(half, half, (2,)), lambda x: torch.ones(two), lambda x: x.fill_(1).repeat(two),
        lambda x: torch.arange(4).roll(two), lambda x: torch.randperm(two), lambda x: torch.arange(4).view(two, two),
    ):  # fmt: skip
        said(lambda call=call: call(torch.empty(3)))

    scores, classes = torch.arange(6.0).view(2, 3), torch.tensor([0, 2])
    for name in ("x", None, "Mean", "elementwise_mean"):
        said(lambda name=name: F.cross_entropy(scores, classes, reduction=name))
        said(lambda name=name: F.nll_loss(scores, classes, reduction=name))
        for loss in (F.mse_loss, F.l1_loss, F.smooth_l1_loss, F.huber_loss):
            said(lambda name=name, loss=loss: loss(scores, scores + 1, reduction=name))
        said(lambda name=name: nn.CrossEntropyLoss(reduction=name))
    said(lambda: nn.MSELoss(reduction="x")(scores, scores))
    said(lambda: F.multilabel_soft_margin_loss(scores, scores, reduction="x"))

    x = torch.arange(6)
    for call in (
        lambda: x.split(split_size=[2, 4], dim=0), lambda: x.split(split_size=4), lambda: x.split([1.5, 2]),
        lambda: torch.split(x, split_size_or_sections=4), lambda: x.split("a"), lambda: x.split(0), lambda: x.split(-1),
        lambda: x.split([2, 2]), lambda: x.tensor_split(sections=4), lambda: x.tensor_split(indices=(1, 2)),
    ):  # fmt: skip
        said(call)

    layer = nn.Linear(1, 1)
    layer.weight.mark = 1
    plain = torch.ones(2)
    plain.mark = [1]
    page.show(copy.deepcopy(layer.weight).__dict__, copy.deepcopy(layer).weight.__dict__, copy.copy(layer.weight).mark)
    page.show(copy.deepcopy(plain).mark, plain.clone().__dict__)
