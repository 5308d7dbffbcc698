"""Batches of sequences of different lengths: padded to one length, or packed, the rows of each step side by side.

The sequences of a packed batch are sorted by length, the longest first, so that each step has the first `sizes[t]`.
"""

from __future__ import annotations

from engine.array import module
from engine.op import d, op


@op(
    r"y_n = x_{t_n, b_n}",
    said={"homes": (), "out": False, "moves": True, "title": "PackPaddedSequenceBackward0"},
    input=d(r"\bar x_{t_n, b_n} = \bar y_n", lambda g, sizes, shape, k: k.pad_rows(g, sizes, shape[0], 0)),
)
def pack_rows(input, sizes):
    """The rows (time, batch, ...) of each step that belong to a sequence, laid end to end."""
    return module(input).concatenate([input[t, :size] for t, size in enumerate(sizes)])


@op(
    r"y_{t_n, b_n} = x_n",
    said={"homes": (), "out": False, "moves": True, "title": "torch::autograd::CopySlices"},
    input=d(r"\bar x_n = \bar y_{t_n, b_n}", lambda g, sizes, k: k.pack_rows(g, sizes)),
)
def pad_rows(input, sizes, steps, padding_value):
    """Packed rows as (steps, batch, ...), what no sequence reaches filled with a value."""
    y = module(input).full((steps, sizes[0], *input.shape[1:]), padding_value, input.dtype)
    begin = 0
    for t, size in enumerate(sizes):
        y[t, :size] = input[begin : begin + size]
        begin += size
    return y


def _placed(count: int, length: int, longest: int, left: bool, batch_first: bool, at: int) -> tuple[object, ...]:
    """Where a sequence stands in the padded batch."""
    along = slice(longest - length, None) if left else slice(length)
    return (at, along) if batch_first else (along, at)


@op(
    r"y_{b, t} = x^{(b)}_t",
    said={"homes": (), "many": True, "moves": True, "title": "torch::autograd::CopySlices"},
    sequences=d(
        r"\bar x^{(b)}_t = \bar y_{b, t}",
        lambda g, shapes, batch_first, left: [
            g[_placed(len(shapes), shape[0], max(s[0] for s in shapes), left, batch_first, i)]
            for i, shape in enumerate(shapes)
        ],
    ),
)
def pad_sequences(sequences, batch_first, padding_value, left):
    """Sequences (length, ...) as one array, filled up to the longest with a value."""
    longest = max(len(each) for each in sequences)
    shape = (len(sequences), longest) if batch_first else (longest, len(sequences))
    y = module(sequences[0]).full((*shape, *sequences[0].shape[1:]), padding_value, sequences[0].dtype)
    for i, each in enumerate(sequences):
        y[_placed(len(sequences), len(each), longest, left, batch_first, i)] = each
    return y
