"""Factors before the tensors, storages made of bytes, copies that share, devices by odd names, pieces of nothing."""

import copy


def run(torch, page):
    said, one, square = page.said, torch.ones(2), torch.ones(2, 2)
    torch.set_warn_always(True)  # whatever was told before
    said(lambda: torch.addcdiv(one, 0.5, one, one))
    torch.set_warn_always(False)
    for call in (
        lambda: torch.addcmul(one, 0.5, one, one), lambda: one.clone().addcdiv_(0.5, one, one),
        lambda: torch.add(one, 2, one), lambda: one.sub(2, one), lambda: torch.sub(one, 2, one),
        lambda: torch.addmm(1, square, 3, square, square), lambda: torch.addmm(2, square, square, square),
        lambda: square.addmm(2, square, square), lambda: square.clone().addmm_(2, 3, square, square),
        lambda: torch.addmv(0.5, one, 2, square, one), lambda: torch.addr(2, square, 3, one, one),
        lambda: torch.baddbmm(2, square[None], 3, square[None], square[None]), lambda: torch.mul(one, 2, one),
        lambda: torch.addbmm(2, square, 3, square[None], square[None]),
    ):  # fmt: skip
        said(lambda call=call: page.show(call()))
    page.show([torch.ShortStorage.from_buffer(bytes(range(8)), order).tolist() for order in ("native", "big")])
    for given in ((bytearray(4),), (bytes(4), "x")):
        said(lambda given=given: torch.ShortStorage.from_buffer(*given))
    said(lambda: torch.ShortStorage.from_buffer(bytes(3), "native"))
    page.show(torch.BoolStorage.from_buffer(bytes([0, 1, 2]), "big").tolist(), torch.Storage)
    whole = torch.arange(3.0)
    part, memory = whole[1:], whole.untyped_storage()
    twins = copy.deepcopy([whole, part, memory, whole])
    twins[0].fill_(7)
    page.show(twins[1], twins[2].tolist(), twins[3] is twins[0], whole)
    page.show([copy.deepcopy(each) is each for each in (torch.bool, torch.float32)])
    for name in ("cuda:", "cuda:-1", "cpu:0", "cuda:0x", "", "cuda:01", " cpu", "cuda:3"):
        said(lambda name=name: page.show(torch.device(name)))
    empty = torch.zeros(0, 1, 3, 0)
    page.show([each.shape for each in torch.chunk(empty, 3, 0)], [each.shape for each in torch.chunk(empty, 2, 3)])
    page.show(torch.nn.functional.glu(torch.zeros(5, 0)).shape, torch.multinomial(torch.zeros(0, 3), 2, True).shape)
    said(lambda: torch.zeros(3, 1).map_(torch.ones(1, 3), lambda a, b: a + b))
    said(lambda: torch.zeros(3).map_(torch.ones(3, 3), lambda a, b: a + b))
    page.show(torch.zeros(3, 3).map_(torch.ones(3), lambda a, b: a + b))
    at, line = torch.tensor([2, 1, 0]), torch.arange(6.0)
    for call in (
        lambda y, i: y.index_put_((i,), y[:3]), lambda y, i: y.index_put_((i,), y[0]),
        lambda y, i: i.index_put_((i,), i), lambda y, i: y.__setitem__(i, y[:3]), lambda y, i: i.index_fill_(0, i, 0),
        lambda y, i: y.put_(i, y[:3]), lambda y, i: y.__setitem__(i, y[i]),
        lambda y, i: y.__setitem__(slice(1, 4), y[:3]),
    ):  # fmt: skip
        y, i = line.clone(), at.clone()
        said(lambda call=call, y=y, i=i: call(y, i))
        page.show(y, i)
