"""Programs about recurrent layers, packed sequences and transformers; see `programs_nn.py`.

A tensor is told by a few numbers that all of its elements go into, so that the recorded answers stay small.
"""

from __future__ import annotations

import warnings
from itertools import product
from typing import Any

from tests.engine.programs import Programs, said

PROGRAMS = Programs()
program, answers_of = PROGRAMS.add, PROGRAMS.answers_of
DIGITS = 13


def told(torch, *tensors) -> list[Any]:
    """Tensors in a few numbers."""
    flat = torch.cat([each.detach().double().reshape(-1) for each in tensors if each is not None])
    at = torch.arange(flat.numel(), dtype=torch.float64)
    shapes = [list(tensors[0].shape)] if len(tensors) == 1 else []
    return [*shapes, (flat * at.cos()).sum().item(), (flat * (2 * at).sin()).sum().item()]


def each_of(torch, result) -> list[Any]:
    """The tensors in a result."""
    if isinstance(result, torch.nn.utils.rnn.PackedSequence):
        return [result.data]
    if isinstance(result, (tuple, list)):
        return [tensor for part in result for tensor in each_of(torch, part)]
    return [result]


def ran(torch, module, *args, **kwargs) -> dict[str, Any]:
    """What a module gives, and all gradients of a number made of it."""
    torch.manual_seed(6)
    results = [each for each in each_of(torch, module(*args, **kwargs)) if each is not None]
    total = sum((r * r * torch.arange(r.numel(), dtype=r.dtype).reshape(r.shape).cos()).sum() for r in results)
    total.backward()
    leaves = [a for part in args for a in each_of(torch, part) if hasattr(a, "requires_grad") and a.requires_grad]
    return {
        "results": [told(torch, r) for r in results],
        "first": told(torch, *module.parameters()),
        "parameters": told(torch, *[p.grad for p in module.parameters()]),
        "inputs": [told(torch, a.grad) for a in leaves if a.is_leaf],
        "node": results[0].grad_fn.name().rstrip("01"),
    }


def leaf(torch, *shape, dtype, seed=8):
    """Numbers to differentiate by."""
    torch.manual_seed(seed)
    return torch.randn(*shape, dtype=dtype).requires_grad_()


def recurrent(torch, dtype) -> dict[str, Any]:
    """Layers of each kind in their options, on padded, single and packed sequences."""
    nn, answers = torch.nn, {}
    options = [
        {}, {"num_layers": 2, "bidirectional": True, "dropout": 0.4}, {"batch_first": True, "bias": False},
        {"num_layers": 2, "batch_first": True, "special": True}, {"bidirectional": True, "special": True},
    ]  # fmt: skip
    special = {"LSTM": {"proj_size": 2}, "GRU": {"num_layers": 3}, "RNN": {"nonlinearity": "relu"}}
    for kind, option, form in product(special, options, ("padded", "single", "packed", "with states")):
        option = dict(option)
        if option.pop("special", False):
            option |= special[kind]
        torch.manual_seed(3)
        module = getattr(nn, kind)(4, 3, dtype=dtype, **option)
        first = option.get("batch_first", False)
        x = leaf(torch, *((3, 4) if form == "single" else (2, 3, 4) if first else (3, 2, 4)), dtype=dtype)
        args: list[Any] = [x]
        if form == "packed":
            args = [nn.utils.rnn.pack_padded_sequence(x, [2, 3], first, enforce_sorted=False)]
        if form == "with states":
            count = module.num_layers * (2 if module.bidirectional else 1)
            h = leaf(torch, count, 2, module.proj_size or 3, dtype=dtype, seed=9)
            args.append((h, leaf(torch, count, 2, 3, dtype=dtype, seed=10)) if kind == "LSTM" else h)
        name = f"{kind} {form} {option}"
        answers[name] = ran(torch, module, *args)
        answers[name]["back"] = None if x.grad is None else told(torch, x.grad)
        if "dropout" in option:
            args = [each.detach() if hasattr(each, "detach") else each for each in args[:1]]
            answers[name + " eval"] = each_of(torch, module.eval()(*args))[0].detach().double().sum().item()
    for kind, batched, bias in product(("LSTMCell", "GRUCell", "RNNCell"), (True, False), (True, False)):
        torch.manual_seed(3)
        module = getattr(nn, kind)(4, 3, bias=bias, dtype=dtype)
        x, h, c = (
            leaf(torch, *((2, n) if batched else (n,)), dtype=dtype, seed=n + i) for i, n in enumerate((4, 3, 3))
        )
        answers[f"{kind} {batched} {bias}"] = ran(torch, module, x, (h, c) if kind == "LSTMCell" else h)
        answers[f"{kind} {batched} {bias} at first"] = ran(torch, module, x)
    torch.manual_seed(3)
    answers["RNNCell relu"] = ran(torch, nn.RNNCell(4, 3, nonlinearity="relu", dtype=dtype), x)
    return answers


def attending(torch, dtype) -> dict[str, Any]:
    """Transformers and attention in their options, in training and out of it."""
    nn, answers = torch.nn, {}
    causal = nn.Transformer.generate_square_subsequent_mask(3, dtype=dtype)
    padded = torch.tensor([[False, False, True], [False, False, False]])
    masks: list[Any] = [(None, None), (causal, None), (None, padded), (causal != 0, padded)]
    options = [
        {"batch_first": True}, {"norm_first": True, "activation": "gelu"}, {"bias": False, "activation": torch.tanh},
        {"batch_first": True, "activation": nn.GELU(), "layer_norm_eps": 1e-3},
    ]  # fmt: skip
    for option, (mask, padding), train in product(options, masks, (True, False)):
        shape = (2, 3, 4) if option.get("batch_first") else (3, 2, 4)
        x, memory = leaf(torch, *shape, dtype=dtype), leaf(torch, *shape, dtype=dtype, seed=9)
        names = [*sorted(option), mask is not None, padding is not None, train]
        torch.manual_seed(3)
        encoder = nn.TransformerEncoderLayer(4, 2, 6, dtype=dtype, **option)
        kept = {"src_key_padding_mask": padding}
        answers[f"layer {names}"] = ran(torch, encoder.train(train), x, src_mask=mask, **kept)
        stack = nn.TransformerEncoder(encoder, 2, nn.LayerNorm(4, dtype=dtype)).train(train)
        answers[f"encoder {names}"] = ran(torch, stack, x, mask=mask, **kept)
        with torch.no_grad():
            torch.manual_seed(2)
            answers[f"encoder {names} without gradients"] = told(torch, stack(x, mask=mask, **kept))
        decoder = nn.TransformerDecoder(nn.TransformerDecoderLayer(4, 2, 6, dtype=dtype, **option), 1).train(train)
        kept = {"tgt_mask": mask, "memory_key_padding_mask": padding}
        answers[f"decoder {names}"] = ran(torch, decoder, x, memory, **kept)
        whole = nn.Transformer(4, 2, 1, 1, 6, dtype=dtype, **option).train(train)
        answers[f"transformer {names}"] = ran(torch, whole, memory, x, tgt_mask=mask, src_key_padding_mask=padding)
    for form, weights, bias, extra in product((3, 2), (True, False), (True, False), (True, False)):
        torch.manual_seed(3)
        kept = {"kdim": 5, "vdim": 6} if extra and bias else {}
        attention = nn.MultiheadAttention(
            4, 2, 0.2, bias=bias, add_bias_kv=extra, add_zero_attn=not bias, dtype=dtype, **kept
        )
        q, k, v = (
            leaf(torch, *shape[:form], dtype=dtype, seed=n)
            for n, shape in enumerate([(3, 2, 4), (3, 2, kept.get("kdim", 4)), (3, 2, kept.get("vdim", 4))])
        )
        if form == 2:
            q, k, v = (each.detach()[:, :1].expand(-1, n).clone().requires_grad_() for each, n in zip(
                (q, k, v), (4, kept.get("kdim", 4), kept.get("vdim", 4)), strict=True))  # fmt: skip
        name = f"attention {form} {weights} {bias} {extra}"
        padding = padded if form == 3 else padded[0]
        answers[name] = ran(
            torch, attention, q, k, v, key_padding_mask=padding, need_weights=weights, attn_mask=causal != 0,
            average_attn_weights=extra,
        )  # fmt: skip
    return answers


for _kind, _dtype in product((recurrent, attending), ("float32", "float64")):
    PROGRAMS[f"{_kind.__name__}_{_dtype}"] = lambda torch, kind=_kind, dtype=_dtype: kind(torch, getattr(torch, dtype))


@program
def texts(torch):
    """What is printed, and warned of."""
    nn, rnn = torch.nn, torch.nn.utils.rnn
    found = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        layer = nn.TransformerEncoderLayer(4, 2, 8, batch_first=True)
        found += [
            nn.LSTM(4, 5, 2, False, True, 0.1, True, 3), nn.LSTM(4, 5, dropout=0.5), nn.RNN(4, 5, 2, "relu", False),
            nn.RNNCell(4, 5, nonlinearity="relu"), nn.LSTMCell(4, 5, bias=False), nn.GRUCell(4, 5),
            nn.RNNBase("GRU", 2, 3), nn.Transformer(4, 2, 1, 2, 8), nn.TransformerEncoder(layer, 2),
            nn.TransformerEncoderLayer(4, 2, 8, activation=nn.GELU()), nn.TransformerEncoder(nn.Linear(2, 2), 2),
            nn.TransformerEncoder(nn.TransformerEncoderLayer(3, 1, 8, batch_first=True), 1),
            nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, 8, batch_first=True, norm_first=True), 1),
            nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, 8, batch_first=True, bias=False), 1),
            rnn.pack_padded_sequence(torch.arange(6).reshape(3, 2), [2, 3], enforce_sorted=False),
            rnn.pack_sequence([torch.ones(2, 1), torch.zeros(1, 1)]).double(),
            nn.Transformer.generate_square_subsequent_mask(3), nn.LSTM(2, 3, 2).all_weights[1][0].shape,
            list(nn.Transformer(4, 2, 1, 1, 8).state_dict()), list(nn.MultiheadAttention(4, 2, kdim=3).state_dict()),
            list(nn.LSTM(2, 3, bidirectional=True).state_dict()), list(nn.GRUCell(2, 3).state_dict()),
            layer.activation_relu_or_gelu,
        ]  # fmt: skip
        layer(torch.ones(2, 3, 4), torch.zeros(3, 3), torch.zeros(2, 3, dtype=torch.bool))
        nn.TransformerEncoder(layer, 1)(torch.ones(2, 3, 4), torch.zeros(3, 3), torch.zeros(2, 3, dtype=torch.bool))
    with torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH):
        found.append([torch.nn.attention.SDPBackend.MATH])
    return [str(each) for each in found], [str(each.message) for each in caught]


@program
def sentences(torch):
    """Errors of what does not fit."""
    nn, rnn, x = torch.nn, torch.nn.utils.rnn, torch.ones(3, 2, 4)
    lstm, gru, plain = nn.LSTM(4, 5), nn.GRU(4, 5, 2, bidirectional=True), nn.RNN(4, 5)
    layer, attention = nn.TransformerEncoderLayer(4, 2, 8), nn.MultiheadAttention(4, 2)
    none = torch.zeros
    calls = [
        lambda: lstm(x[..., :3]), lambda: lstm(x[0, 0]), lambda: gru(x[0, 0]), lambda: plain(x[0, 0]),
        lambda: lstm(x.double()), lambda: lstm(x.long()), lambda: lstm(x, (none(1, 3, 5), none(1, 2, 5))),
        lambda: lstm(x, (none(1, 2, 5), none(1, 2, 4))), lambda: lstm(x, (none(2, 5), none(2, 5))),
        lambda: lstm(x[:, 0], (none(1, 2, 5), none(1, 2, 5))), lambda: gru(x, none(2, 5)),
        lambda: gru(x[:, 0], none(4, 1, 5)), lambda: gru(x, none(4, 3, 5)), lambda: lstm(x[:0]),
        lambda: gru(x, none(4, 2, 5).double()),
        lambda: plain(x, (none(1, 2, 5), none(1, 2, 5))), lambda: nn.GRUCell(4, 5)(x[0], none(2, 5).double()),
        lambda: nn.RNN(4, 5, nonlinearity="foo"), lambda: nn.RNN(4, 5, proj_size=2), lambda: nn.GRU(4, 5, proj_size=2),
        lambda: nn.LSTM(4, 5, proj_size=5), lambda: nn.LSTM(4, 5, proj_size=-1), lambda: nn.LSTM(4, 0),
        lambda: nn.LSTM(4, 5, 0), lambda: nn.LSTM(4, 5.0), lambda: nn.LSTM(4.0, 5), lambda: nn.LSTM(4, 5, dropout=2),
        lambda: nn.LSTM(4, 5, foo=1), lambda: nn.LSTM(4), lambda: nn.RNNBase("FOO", 4, 5),
        lambda: nn.RNNBase("GRU", 4, 5)(x), lambda: nn.LSTMCell(4, 5)(x), lambda: nn.LSTMCell(4, 5)(x[0, :, :3]),
        lambda: nn.LSTMCell(4, 5)(x[0], (none(3, 5), none(3, 5))), lambda: nn.GRUCell(4, 5)(x[0], none(2, 4)),
        lambda: nn.RNNCell(4, 5)(x[0], none(1, 2, 5)), lambda: nn.RNNCell(4, 5, nonlinearity="foo")(x[0]),
        lambda: nn.GRUCell(4, 5)(x[0].double()), lambda: lstm(rnn.pack_padded_sequence(x[..., :3], [3, 2])),
        lambda: layer(x, is_causal=True), lambda: layer(x, none(2, 2)), lambda: layer(x, none(3, 3).long()),
        lambda: layer(x, src_key_padding_mask=none(3, 2).bool()), lambda: layer(x[None]), lambda: layer(x[..., :3]),
        lambda: nn.TransformerEncoderLayer(5, 2), lambda: nn.TransformerEncoderLayer(4, 2, activation="tanh"),
        lambda: nn.Transformer(4, 2, 1, 1)(x, x[:, :1]), lambda: nn.Transformer(4, 2, 1, 1)(x, x[..., :3]),
        lambda: attention(x, x, x[:2]), lambda: attention(x, x[0], x), lambda: attention(x, x, x, none(2, 4).bool()),
        lambda: nn.MultiheadAttention(4, 2, kdim=3)(x, x, x), lambda: nn.MultiheadAttention(4, 3),
        lambda: attention(x, x, x, attn_mask=none(2, 3, 3).bool()),
        lambda: nn.functional.scaled_dot_product_attention(x, x, x, dropout_p=1.5),
        lambda: torch.nn.attention.sdpa_kernel("math").__enter__(),
    ]  # fmt: skip
    return [said(call) for call in calls]
