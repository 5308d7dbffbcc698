"""What layers, files, datasets and distributions say of calls that are mistaken."""

from __future__ import annotations

import io
import operator

import numpy as np

from tests.engine.scripts.wrong_arguments import first_line

LINES = """
F.embedding(t([True]), w)
F.embedding(t([1], dtype=torch.uint8), w)
F.embedding(t([1], dtype=torch.int16), w)
F.embedding(t([1.0], dtype=torch.complex64), w)
F.embedding_bag(t([0.0, 1.0]), w, t([0]))
F.embedding_bag(t([0, 1]), w, t([0.0]))
F.embedding_bag(t([0, 1], dtype=torch.int16), w, t([0]))
F.embedding_bag(t([0, 1]), w.int(), t([0]))
torch.conv1d(torch.ones(4, 5), torch.ones(4, 3, 3))
F.conv1d(torch.ones(1, 4, 5), torch.ones(4, 4, 3, 3))
F.conv2d(torch.ones(1, 4, 5, 5), torch.ones(4, 4, 3, 3, 3))
F.conv2d(torch.ones(4, 5, 5), torch.ones(4, 3, 3, 3))
F.conv2d(torch.ones(4, 5, 5), torch.ones(4, 4, 3))
nn.Conv3d(3, 4, 3)(torch.ones(1, 3, 5, 5))
F.conv_transpose2d(torch.ones(4, 5, 5), torch.ones(3, 3, 3, 3))
nn.ConvTranspose1d(3, 4, 3, stride=2)(torch.ones(1, 3, 5), output_size=[20])
nn.ConvTranspose1d(3, 4, 3, stride=2)(torch.ones(1, 3, 5), output_size=[1, 4, 12]).shape
nn.ConvTranspose2d(3, 4, 3, stride=2)(torch.ones(1, 3, 5, 5), output_size=(20, 20))
nn.ConvTranspose2d(3, 4, 3, stride=2)(torch.ones(1, 3, 5, 5), output_size=(20,))
nn.ConvTranspose2d(3, 4, 3, stride=2)(torch.ones(3, 5, 5), output_size=torch.Size([12]))
nn.ConvTranspose2d(3, 4, 3, stride=2)(torch.ones(3, 5, 5), output_size=12)
F.max_pool1d(torch.ones(1, 1, 4), 2, padding=2)
F.max_pool1d(torch.ones(1, 1, 4), 2, padding=-1)
F.scaled_dot_product_attention(torch.ones(2, 3, 4), torch.ones(2, 3, 4), torch.ones(2, 3, 4), dropout_p=2.0)
nn.LSTMCell(2, 3)(torch.ones(2, 2), torch.ones(2, 3))
nn.LSTMCell(2, 3)(torch.ones(2, 2), (torch.ones(2, 3),))
nn.LSTMCell(2, 3)(torch.ones(2, 2), 3)
torch.lstm_cell(torch.ones(1, 2), torch.ones(1, 3), torch.ones(12, 2), torch.ones(12, 3))
U.rnn.pad_sequence([torch.ones(2), torch.ones(2, 2)])
prune.L1Unstructured(0.5).prune(torch.ones(4), importance_scores=torch.ones(3))
w.clone().requires_grad_('a')
w.clone().requires_grad_(1)
nn.LazyLinear(3).requires_grad_(False)
nn.LazyLinear(3).weight.detach()
nn.LazyLinear(3).weight + 1
bare.register_buffer('x', None)
setattr(bare, 'x', nn.Buffer(w))
torch.func.functional_call(nn.Linear(2, 2), {'weight': 3}, (w,))
torch.func.functional_call(nn.Linear(2, 2), {'foo.bar': w}, (w,))
t(1.0).size(0)
t(1.0).size(-1)
t(1.0).size(3)
t(1.0).size('a')
t(1.0).stride(0)
torch.broadcast_shapes((2,), (3,))
torch.broadcast_shapes(torch.Size([2]), torch.Size([3]))
D.constraints.corr_cholesky.check(t(1.0))
D.Gumbel(t([0.0, 1.0]), t([1.0, 2.0])).expand((7,))
D.Weibull(t([0.5, 1.0]), t([1.0, 2.0])).expand((7,))
data.TensorDataset(t(1.0))
data.Sampler(3)
torch.exp(np.ones(2))
torch.exp(np.float32(2))
torch.sum(np.ones(2))
torch.max(np.ones(2))
torch.squeeze(np.ones(2))
torch.add(torch.ones(2), np.ones(2))
torch.maximum(torch.ones(2), np.ones(2))
torch.cat([torch.ones(2), np.ones(2)])
torch.stack([np.ones(2), np.ones(2)])
torch.dot(torch.ones(2), np.ones(2, np.float32))
torch.mm(torch.ones(2, 2), np.ones((2, 2), np.float32))
torch.equal(torch.ones(2), np.ones(2))
F.relu(np.ones(2))
nn.Linear(2, 2)(np.ones((1, 2)))
nn.ReLU()(np.ones(2))
nn.Embedding(2, 2)(np.array([0]))
data.default_collate([torch.ones(2), np.ones(2)])
operator.imul(torch.ones(2), np.float32(3))
torch.ones(2) * np.float32(3)
torch.add(torch.ones(2), np.int64(2))
torch.pow(2, torch.ones(2, requires_grad=True)).grad_fn(torch.ones(2)).detach()
torch.save(lambda: 1, io.BytesIO())
again(Ellipsis)
again(Ellipsis, weights_only=False)
again([torch.strided, torch.sparse_coo])
again(slice(1, 2))
again(slice(1, 2), weights_only=False)
torch.load(io.BytesIO(b'<html>hello'))
torch.load(io.BytesIO(b'<html>hello'), weights_only=False)
torch.load(io.BytesIO(bytes(9)), weights_only=False)
"""


def run(torch, page):
    def again(value, **options):
        file = io.BytesIO()
        torch.save(value, file)
        file.seek(0)
        return torch.load(file, **options)

    names = {
        "torch": torch, "nn": torch.nn, "F": torch.nn.functional, "U": torch.nn.utils, "D": torch.distributions,
        "data": torch.utils.data, "t": torch.tensor, "w": torch.ones(3, 2), "io": io, "again": again,
        "prune": page.part("nn.utils.prune"),
        "np": np, "operator": operator, "bare": torch.nn.Module.__new__(torch.nn.Linear),
    }  # fmt: skip
    for line in LINES.split("\n")[1:-1]:
        page.show(line)
        page.said(lambda line=line: first_line(eval, line, dict(names)))
