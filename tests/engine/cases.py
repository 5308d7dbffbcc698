"""What is compared with PyTorch: expressions, each evaluated once with `torch` as PyTorch and once as the engine.

An expression sees `torch`, `F` and the inputs below by name; the float inputs that it names are differentiated. A case
is one line, so a new op needs one line here.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np

_draw = np.random.RandomState(7)

# Values stand away from each other and from the kinks of |x|, clamp and so on, so that finite differences hold.
INPUTS: dict[str, np.ndarray] = {
    "a": _draw.randn(3, 4) * 1.5,
    "b": _draw.randn(3, 4) + 0.1,
    "p": _draw.rand(3, 4) + 0.5,
    "u": _draw.rand(3, 4) * 0.8 + 0.1,
    "row": _draw.randn(4),
    "col": _draw.randn(3, 1),
    "s": np.array(0.7),
    "m": _draw.randn(4, 5),
    "sq": _draw.randn(4, 4),
    "v": _draw.randn(4),
    "t3": _draw.randn(2, 3, 4),
    "w3": _draw.randn(2, 4, 5),
    "t4": _draw.randn(2, 3, 2, 4),
    "zeros_in": np.array([[1.5, 0.0, 2.0], [0.0, 0.0, 3.0], [0.5, -2.0, 1.0]]),
    "ties": np.array([[1.0, 3.0, 3.0], [2.0, 2.0, 1.0]]),
    "far": np.array([-30.0, -8.0, -1.0, -0.3, 0.2, 0.6, 4.0, 25.0]),
    "weight": _draw.rand(4) + 0.2,
}
FIXED: dict[str, np.ndarray] = {
    "i": np.array([[3, 1, 2], [0, 2, -4]]),
    "j": np.array([[5, -2, 7], [2, 3, 3]]),
    "k": np.array([2, 0, 1]),
    "ks": np.array([[0, 2, 1, 0], [1, 1, 2, 0]]),
    "mask": np.array([[True, False, True, True], [False, False, True, False], [True, True, False, False]]),
    "target": np.array([1, 3, 0]),
    "ignored": np.array([1, -100, 0]),
    "t34": np.array([[0, 2, 1, 1], [2, 0, 0, 1]]),
    "words": np.array([[1, 3, 1], [0, 2, 1]]),
    "i8": np.array([[1, -2, 3]], np.int8),
    "u8": np.array([[1, 2, 250]], np.uint8),
    "f64": np.array([[0.1, 0.2, 0.3]], np.float64),
    "f16": np.array([[0.5, 1.5, -2.0]], np.float16),
    "z": np.array([1 + 2j, -0.5 + 0.3j], np.complex64),
    "z0": np.array(5),
    "d0": np.array(0.3, np.float64),
    "odd": np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0], np.float32),
}

UNARY = [f"torch.{name}(a)" for name in (
    "exp exp2 expm1 sin cos tan tanh sigmoid sinh cosh abs neg square floor ceil round trunc frac sign sgn asinh atan erf erfc "
    "relu positive clone t").split()]  # fmt: skip
UNARY += [f"torch.{name}(p)" for name in "log log2 log10 log1p sqrt rsqrt reciprocal acosh".split() if name != "acosh"]
UNARY += [f"torch.{name}(u)" for name in "asin acos atanh logit".split()]
UNARY += ["torch.acosh(p + 1)", "torch.round(a, decimals=1)", "torch.clamp(a, -0.5, 0.7)", "torch.clamp(a, min=0.2)",
          "torch.clamp(a, max=0.2)", "a.clip(-1, 1)", "torch.clamp(a, b, b + 1)", "torch.nan_to_num(odd)", "torch.erf(far)",
          "torch.erfc(far)", "torch.clamp_min(a, 0)", "torch.logit(u, eps=0.2)", "torch.isnan(odd)", "torch.isinf(odd)",
          "torch.isfinite(odd)", "torch.exp(i)", "torch.sqrt(j)", "torch.abs(i)", "torch.floor(i)", "torch.sin(f16)",
          "torch.exp(f64)"]  # fmt: skip
ARITHMETIC = [
    "a + b", "a - b", "a * b", "a / p", "a + row", "a * col", "col - row", "row / p", "a + s", "s * a", "s * s", "2 * a", "a + 1",
    "3 - a", "2 / p", "a / 4", "-a", "p ** 2", "p ** 0.5", "p ** 3", "p ** -1.5", "p ** b", "2 ** a", "p ** s", "a ** 2", "a ** 0",
    "torch.add(a, b, alpha=2)", "torch.sub(a, row, alpha=0.5)", "torch.rsub(a, b)", "torch.maximum(a, b)",
    "torch.minimum(a, row)", "torch.maximum(ties, ties.flip(1))", "torch.remainder(a, p)", "torch.fmod(a, p)", "a % 0.7",
    "torch.atan2(a, p)", "torch.lerp(a, b, 0.3)", "torch.lerp(a, b, u)", "torch.addcmul(a, b, p, value=0.5)",
    "torch.addcdiv(a, b, p, value=2)", "torch.div(a, p, rounding_mode='floor')", "torch.div(a, p, rounding_mode='trunc')",
    "torch.div(i, 2, rounding_mode='trunc')", "torch.div(j, i + 7, rounding_mode='floor')", "torch.float_power(p, 2)",
    "i + j", "i * 2", "i + 1.5", "i / j", "i // 2", "j % 3", "i ** 2", "i + a[:2, :3]", "i8 + u8", "i8 + i", "f16 + f64", "f16 * 2.0",
    "f64 + torch.tensor(2.0)", "i + z0", "i8 + z0", "i + d0", "f16 + d0", "u8 + 1", "u8 - 2", "i8 * 2.5", "mask + mask", "mask * 3",
    "mask + 0.5", "z * z", "z + 1", "z.abs()", "z.real", "torch.tensor(3) / 2", "True + i", "torch.tensor([True]) + torch.tensor([1.5])",
    "torch.xlogy(u, p)",
]  # fmt: skip
COMPARE = [
    "a > b", "a <= row", "i == j", "i != 2", "a >= 0", "i < 1.5", "mask & (a > 0)", "mask | ~mask", "mask ^ mask", "~mask", "~i", "i & j",
    "i | 8", "i ^ j", "i << 2", "j >> 1", "torch.logical_not(i)", "torch.logical_and(mask, a > 0)", "torch.where(mask, a, b)",
    "torch.where(mask, a, 0.0)", "torch.where(a > 0, a, row)", "torch.where(mask, 1, 0)", "torch.where(mask)", "torch.isclose(a, a + 1e-9)",
    "torch.allclose(a, a)", "torch.equal(a, b)", "torch.where(mask, i[0, 0], a)", "torch.result_type(i, 1.5)",
]  # fmt: skip
REDUCE = [
    "a.sum()", "a.sum(0)", "a.sum(-1, keepdim=True)", "t3.sum((0, 2))", "i.sum()", "mask.sum()", "i8.sum(1)", "a.sum(axis=1, keepdims=True)",
    "a.mean()", "a.mean(1)", "t3.mean((0, 1), keepdim=True)", "i.float().mean()", "a.var()", "a.var(0)", "a.var(1, unbiased=False)",
    "a.std()", "a.std(0, keepdim=True)", "torch.std(a, dim=1, correction=0)", "torch.var_mean(a, 1)", "a.prod()", "a.prod(1)", "zeros_in.prod()",
    "zeros_in.prod(1)", "zeros_in.prod(0, keepdim=True)", "i.prod()", "a.max()", "a.min()", "a.max(1)", "a.min(0, keepdim=True)",
    "ties.max()", "ties.max(1)", "ties.amax(1)", "ties.amin(0)", "a.amax((0, 1))", "a.argmax()", "a.argmax(1)", "a.argmin(0, keepdim=True)",
    "torch.any(mask)", "mask.all(1)", "mask.any(0, keepdim=True)", "torch.max(a, b)", "a.norm()", "a.norm(1)", "a.norm(p=3, dim=1)",
    "a.norm(float('inf'))", "a.norm(dim=0, keepdim=True)", "torch.logsumexp(a, 1)", "torch.logsumexp(t3, (0, 2), keepdim=True)",
    "a.cumsum(0)", "a.cumsum(1)", "i.cumsum(1)", "a.cumprod(1)", "zeros_in.cumprod(1)", "torch.count_nonzero(zeros_in)", "s.sum()",
    "s.mean()", "s.max()", "a.median()", "a.median(1)", "torch.zeros(0).sum()", "torch.zeros(3, 0).sum(1)", "torch.aminmax(a)",
    "a.sum(dtype=torch.float64)", "f16.sum()",
]  # fmt: skip
SHAPE = [
    "a.view(2, 6)", "a.view(-1)", "a.reshape(4, 3)", "a.t().reshape(2, 6)", "a.T", "t3.mT", "t3.transpose(0, 2)", "t3.permute(2, 0, 1)",
    "torch.permute(t3, (1, 0, 2))", "col.squeeze()", "col.squeeze(1)", "a.unsqueeze(0)", "a.unsqueeze(-1)", "row.expand(3, 4)",
    "col.expand(-1, 4)", "col.expand(2, 3, 5)", "t3.flatten()", "t3.flatten(1)", "torch.flatten(t4, 1, 2)", "t3.unflatten(2, (2, 2))",
    "a.narrow(1, 1, 2)", "a.select(1, 2)", "torch.cat([a, b])", "torch.cat((a, col), dim=1)", "torch.stack([a, b], 1)", "torch.stack((row, v))",
    "a.split(2)[0]", "a.split(2, 1)", "a.split([1, 3], dim=1)[1]", "t3.chunk(2, -1)", "t3.unbind()", "torch.unbind(a, 1)[2]",
    "torch.tensor_split(row, 3)", "a.flip(0)", "a.flip((0, 1))", "a.roll(1, 0)", "a.roll((1, -1), (0, 1))", "a.roll(2)", "a.repeat(2, 1)",
    "row.repeat(2, 3)", "row.tile(2)", "row.repeat_interleave(2)", "a.repeat_interleave(2, dim=0)", "torch.movedim(t3, 0, 2)", "t3.swapaxes(0, 1)",
    "sq.diagonal()", "sq.diagonal(1)", "torch.diag(row)", "torch.diag(sq)", "sq.trace()", "torch.diag_embed(a)", "torch.tril(sq)", "torch.triu(sq, 1)",
    "torch.meshgrid(row, v, indexing='ij')", "torch.hstack((a, b))", "torch.vstack((row, v))", "torch.broadcast_to(row, (2, 4))",
    "a.contiguous()", "torch.atleast_1d(s)", "torch.cat([a, torch.zeros(0)])", "torch.cat([i, f16])", "a.view_as(b)", "t3.size()", "t3.size(-1)",
    "a.expand_as(t3)", "a.sum_to_size(1, 4)",
]  # fmt: skip
INDEX = [
    "a[0]", "a[-1]", "a[0, 1]", "a[:, 1]", "a[1:, ::2]", "a[..., 0]", "a[None]", "a[:, None, 1:3]", "a[[0, 2]]", "a[k]", "a[k, k]", "a[:, k]",
    "a[mask]", "a[a > 0]", "a[k, 1:]", "t3[0, :, k]", "t3[:, [0, 2], 1]", "t3[..., k]", "t4[:, k, :, k]", "t4[0, :, k[1:], 1]", "a[torch.tensor(1)]",
    "a[k[0]]", "row[torch.tensor([True, False, True, True])]", "a[()]", "a[True]", "i[0]", "a[[True, False, True]]", "a[k.unsqueeze(1), k]",
    "torch.gather(a, 1, ks)", "a.gather(0, ks[:, :2])", "torch.index_select(a, 0, k)", "a.index_select(1, k)", "a.masked_fill(mask, 0.5)",
    "a.masked_fill(mask[0], -1e9)", "torch.masked_select(a, mask)", "a.take(k)", "torch.take_along_dim(a, ks[:1], 1)", "a.scatter(1, ks, 1.5)",
    "a.scatter(1, ks, b[:2])", "a.scatter_add(1, ks, b[:2])", "a.index_add(0, k, b)", "a.index_fill(0, k[:2], 3)", "torch.topk(a, 2)", "a.topk(2, dim=0, largest=False)",
    "a.sort()", "a.sort(0, descending=True)", "a.argsort(1)", "ties.sort(stable=True, dim=1)", "a.kthvalue(2)", "torch.nonzero(mask)", "torch.unique(i)",
    "torch.bincount(target)", "torch.searchsorted(torch.arange(5.0), 2.5)", "F.one_hot(target)", "F.one_hot(target, 6)", "a.index_put((k, k), row[:3])",
    "torch.argwhere(mask)", "i.max(1)",
]  # fmt: skip
LINALG = [
    "a @ m", "t3 @ w3", "t3 @ m", "row @ v", "a @ v", "row @ m", "v @ w3", "t4 @ m[:, :2]", "torch.mm(a, m)", "torch.bmm(t3, w3)", "torch.dot(row, v)",
    "torch.outer(row, v)", "torch.mv(a, v)", "torch.addmm(col, a, m, beta=0.5, alpha=2)", "torch.einsum('ij,jk->ik', a, m)", "torch.einsum('bij,bjk', t3, w3)",
    "torch.einsum('ii', sq)", "torch.einsum('ii->i', sq)", "torch.einsum('i,j->ij', row, v)", "torch.einsum('...ij,jk->...ik', t3, m)", "torch.einsum('ij->j', a)",
    "torch.einsum('ij->', a)", "torch.einsum('bi,bj,bk->ijk', a, b, p)", "torch.tensordot(t3, m, 1)", "torch.tensordot(a, b, ([0, 1], [0, 1]))",
    "torch.inner(a, b)", "i @ j.T", "torch.baddbmm(t3[:, :, :1], t3, w3)",
]  # fmt: skip
NN = [
    "F.relu(a)", "F.gelu(a)", "F.gelu(a, approximate='tanh')", "F.gelu(far)", "F.silu(a)", "F.softplus(a)", "F.softplus(far)", "F.softplus(a, beta=2.0)",
    "F.leaky_relu(a, 0.1)", "F.elu(a)", "F.elu(a, 0.5)", "F.selu(a)", "F.celu(a, 2.0)", "F.mish(a)", "F.hardtanh(a)", "F.relu6(a * 5)", "F.hardsigmoid(a)",
    "F.hardswish(a)", "F.softsign(a)", "F.logsigmoid(far)", "F.tanhshrink(a)", "F.glu(a)", "F.prelu(a, weight)", "F.softmax(a, 1)", "a.softmax(0)", "F.softmax(t3, dim=-2)",
    "F.log_softmax(a, dim=-1)", "F.softmin(a, dim=1)", "torch.softmax(a, 1, dtype=torch.float64)", "F.linear(a, m.t())", "F.linear(a, m.t(), torch.ones(5))",
    "F.linear(t3, m.t(), m[0])", "F.linear(row, m.t(), m[0])", "F.layer_norm(a, (4,))", "F.layer_norm(t3, (4,), weight, row)", "F.layer_norm(t3, (3, 4), a, b, 1e-3)",
    "F.embedding(words, sq)", "F.embedding(words, sq, padding_idx=1)", "F.embedding(words, sq, scale_grad_by_freq=True)", "F.cross_entropy(a, target)",
    "F.cross_entropy(a, target, reduction='sum')", "F.cross_entropy(a, target, reduction='none')", "F.cross_entropy(a, target, weight=weight.detach())",
    "F.cross_entropy(a, ignored)", "F.cross_entropy(a, target, ignore_index=3)", "F.cross_entropy(a, target, label_smoothing=0.1)",
    "F.cross_entropy(a, ignored, weight=weight.detach(), label_smoothing=0.2)", "F.cross_entropy(a, F.softmax(b, 1))", "F.cross_entropy(a, u, label_smoothing=0.1, reduction='sum')",
    "F.cross_entropy(t3, t34)", "F.cross_entropy(row, torch.tensor(2))", "F.nll_loss(a, target)", "F.nll_loss(a, target, weight=weight.detach(), reduction='none')",
    "F.nll_loss(t3, t34)", "F.nll_loss(a, ignored)", "F.mse_loss(a, b)", "F.mse_loss(a, b, reduction='sum')", "F.mse_loss(a, b, reduction='none')", "F.l1_loss(a, b)",
    "F.smooth_l1_loss(a, b)", "F.smooth_l1_loss(a, b, beta=0.4, reduction='sum')", "F.huber_loss(a, b, delta=0.7)", "F.binary_cross_entropy(u, p - 0.5)",
    "F.binary_cross_entropy(u, u.detach().round(), reduction='sum')", "F.binary_cross_entropy_with_logits(a, u)",
    "F.binary_cross_entropy_with_logits(far, torch.ones(8))", "F.binary_cross_entropy_with_logits(a, u, pos_weight=weight.detach())",
    "F.binary_cross_entropy_with_logits(a, u, weight=p.detach(), reduction='none')", "F.kl_div(a, u)", "F.kl_div(a, u, reduction='batchmean')", "F.kl_div(a, b, log_target=True, reduction='sum')",
    "F.normalize(a)", "F.cosine_similarity(a, b)", "F.dropout(a, 0.5, training=False)",
]  # fmt: skip
CREATE = [
    "torch.tensor([1, 2])", "torch.tensor([1.0, 2])", "torch.tensor([[True], [False]])", "torch.tensor(3.5)", "torch.tensor([])", "torch.zeros(2, 3)", "torch.ones((2,), dtype=torch.int32)",
    "torch.full((2, 2), 7)", "torch.full((2,), 1.5)", "torch.arange(5)", "torch.arange(1, 2, 0.25)", "torch.arange(5, 0, -2)", "torch.arange(3.0)", "torch.linspace(0, 1, 7)", "torch.linspace(-2, 5, 4)",
    "torch.logspace(0, 2, 5)", "torch.eye(3)", "torch.eye(2, 4)", "torch.zeros_like(i)", "torch.ones_like(a)", "torch.full_like(a, 2)", "a.new_zeros(2)", "i.new_ones((2, 2))", "torch.tril_indices(3, 3)",
    "torch.as_tensor([1.5])", "torch.tensor([1, 2], dtype=torch.float16)", "i.double()", "a.long()", "i.to(torch.float32)", "a.type(torch.float64)", "i.bool()", "a.half()", "torch.tensor([1 + 2j])",
    "torch.empty(2, 0)", "torch.tensor([[1.0, 2.0]]).dtype", "torch.from_numpy(__import__('numpy').arange(3))", "a.to(i.device).dtype", "torch.Tensor([1, 2])", "torch.LongTensor([1, 2])",
]  # fmt: skip
ERRORS = [
    "a + row[:3]", "a @ b", "torch.mm(row, a)", "t3 @ w3[:, :3]", "torch.bmm(t3, t3)", "row @ v[:2]", "a @ row[:3]", "a.view(5, 2)", "a.view(-1, -1)", "a.t().view(-1)", "a.sum(2)", "a.squeeze(5)",
    "torch.cat([a, m])", "torch.cat([])", "torch.stack([a, m])", "a[5]", "a[0, 0, 0]", "a[:, 7]", "a[[3]]", "a[::-1]", "a.item()", "bool(a)", "len(s)", "list(s)", "s[0]", "a.expand(2, 4)", "a.add('x')",
    "torch.mean(i)", "F.linear(a, m)", "F.cross_entropy(a, torch.tensor([1, 9, 0]))", "F.cross_entropy(a, torch.tensor([1, 0]))", "F.nll_loss(a, torch.tensor([1, 0]))", "i.requires_grad_()", "a.clone().backward()",
    "torch.ones(2).backward()", "a.numpy()", "a.add_(1)", "a[0].mul_(2)", "torch.exp([1.0])", "a.permute(0, 0)", "a.permute(0)", "i @ a.T[:3]", "mask - mask", "-mask", "i.add_(1.5)", "torch.zeros(3).add_(torch.ones(2, 3))",
    "torch.gather(a, 1, ks.float())", "torch.tensor('x')", "torch.tensor([[1], [1, 2]])", "torch.arange(1, 5, 0)", "F.layer_norm(a, (3,))", "F.embedding(torch.tensor([9]), sq)", "torch.einsum('ij,jk', a, b)",
    "torch.clamp(a)", "a.unsqueeze(4)", "a.narrow(1, 2, 4)", "a.split([1, 1], 1)", "torch.dot(a, a)", "a.transpose(0, 3)", "torch.topk(a, 9)", "a.masked_fill(a.long(), 0)", "float(a)", "a.softmax(3)",
    "torch.ones(2, 3).matmul(torch.ones(2))", "torch.outer(a, a)", "F.binary_cross_entropy(a * 9, u)", "F.binary_cross_entropy_with_logits(a, row)", "torch.zeros(-1)", "torch.ones(2, requires_grad=True).numpy()",
]  # fmt: skip
# Statements run for what they leave in `r` (and in the inputs' .grad after `r.sum().backward()`).
IN_PLACE = [
    "r = a * 1; r.add_(b)", "r = a * 1; r.mul_(r)", "r = a * 1; r += b; r *= 2", "r = a * 1; r[0] = row", "r = a * 1; r[0] *= 3", "r = a * 1; r[:, 1] = 0", "r = a * 1; r[mask] = s", "r = a * 1; r[k, k] += row[:3]",
    "r = torch.zeros(3, 4); r[1] = row; r[2, :2] = a[0, :2]", "r = a * 1; q = r.view(-1); q.mul_(2)", "r = a * 1; q = r[0]; r.mul_(2); r = q", "r = a * 1; q = r.t(); q[0] = 1.5", "r = a * 1; r.relu_()", "r = a * 1; r.exp_()",
    "r = a * 1; r.clamp_(-0.5, 0.5)", "r = a * 1; r.zero_()", "r = a * 1; r.fill_(2)", "r = a * 1; r.copy_(b)", "r = a * 1; r.copy_(row)", "r = a * 1; r.masked_fill_(mask, 0.5)", "r = a * 1; r.sub_(b, alpha=2).div_(p)",
    "r = a * 1; r.t_()", "r = a * 1; r.unsqueeze_(0)", "r = a * 1; r[1:].add_(r[:-1].clone())", "r = a * 1; r.index_add_(0, k, b)", "r = a * 1; r.scatter_(1, ks, b[:2])", "r = a * 1; r.fill_diagonal_(0)", "r = a * 1; r[...] = 1; r = r * a",
    "r = torch.empty(3, 4); torch.add(a.detach(), b.detach(), out=r)", "r = a.detach().clone(); r -= 1", "r = a * 1; r.transpose(0, 1)[1, 2] = s", "r = a * 1; r.sigmoid_()", "r = a * 1; q = r[1]; q[2] = s; q += 1", "r = a * 1; r.pow_(2)",
    "r = a * 1; r.lerp_(b, 0.25)", "r = a * 1; r.addcmul_(b, p)", "r = a.exp(); r.add_(1); r = r * 2", "r = a * 1; q = r * 2; r.add_(1); r = r + q", "r = (a * 1).detach_(); r.add_(1)",
]  # fmt: skip
# In-place changes of what backward() needs: the same error as in PyTorch.
STALE = [
    "r = a.exp(); r.add_(1)", "r = a * b; q = a * 1; r = q * q; q.add_(1)", "q = a.sigmoid(); r = q * 2; q.mul_(2)", "q = b * 1; r = a * q; q[0] = 1", "q = b * 1; r = a * q; q.view(-1).add_(1)", "q = b * 1; r = a * q; q.detach().add_(1)",
    "q = a.tanh(); q[0] = 0; r = q",
]  # fmt: skip

VALUES = [*UNARY, *ARITHMETIC, *COMPARE, *REDUCE, *SHAPE, *INDEX, *LINALG, *NN, *CREATE]
STATEMENTS = IN_PLACE


def named(expression: str) -> tuple[list[str], list[str]]:
    """The float inputs and the fixed ones that an expression names."""
    words = set(re.findall(r"[a-z][a-z0-9_]*", re.sub(r"'[^']*'|\.[a-z_]+", " ", expression)))
    return [n for n in INPUTS if n in words], [n for n in FIXED if n in words]


def bench(torch: Any, functional: Any, expression: str, dtype: Any) -> dict[str, Any]:
    """The names an expression sees: fresh leaves of the dtype for the float inputs."""
    floats, fixed = named(expression)
    scope: dict[str, Any] = {"torch": torch, "F": functional}
    for n in floats:
        scope[n] = torch.tensor(INPUTS[n].tolist(), dtype=dtype, requires_grad=True)
    for n in fixed:
        scope[n] = (
            torch.from_numpy(FIXED[n].copy())
            if FIXED[n].ndim
            else torch.tensor(FIXED[n].item(), dtype=getattr(torch, str(FIXED[n].dtype)))
        )
    return scope


def flat(result: Any) -> list[Any]:
    """The tensors, or other values, in a result."""
    return list(result) if isinstance(result, (tuple, list)) and type(result).__name__ != "Size" else [result]


def described(value: Any) -> Any:
    """A value as plain data: a tensor's dtype, shape and numbers; anything else as text."""
    if not hasattr(value, "detach"):
        return str(value)
    host = np.asarray(value.detach().numpy(force=True))
    numbers = [host.real.tolist(), host.imag.tolist()] if host.dtype.kind == "c" else host.tolist()
    return [
        str(value.dtype),
        list(host.shape),
        numbers,
        str(value.grad_fn.name()) if value.grad_fn is not None else None,
    ]


def weights(shape: Any) -> np.ndarray:
    """Different weights for the elements of a result, so that a gradient cannot be right by symmetry."""
    count = int(np.prod(shape, dtype=int))
    return (np.cos(np.arange(count)) + 0.3).reshape(shape)


def evaluate(torch: Any, functional: Any, expression: str, dtype: str = "float32") -> dict[str, Any]:
    """What an expression or statement gives: values, the gradients of the inputs it names, or the error."""
    kind = getattr(torch, dtype)
    scope = bench(torch, functional, expression, kind)
    leaves = {n: scope[n] for n in named(expression)[0]}
    try:
        if "r = " in expression:
            exec(expression, scope)
            result = scope["r"]
        else:
            result = eval(expression, scope)
        loss = 0
        for each in flat(result):
            if hasattr(each, "requires_grad") and each.requires_grad:
                loss = loss + (each * torch.tensor(weights(each.shape).tolist(), dtype=each.dtype)).sum()
        if hasattr(loss, "backward"):
            loss.backward()
    except Exception as error:
        return {"error": [_public(error), str(error).splitlines()[0]]}
    grads = {n: None if t.grad is None else described(t.grad)[:3] for n, t in leaves.items()}
    return {"values": [described(each) for each in flat(result)], "grads": grads}


def _public(error: Exception) -> str:
    """The builtin class of an error, since ours may be subclasses."""
    return next(c.__name__ for c in type(error).__mro__ if c.__module__ == "builtins")
