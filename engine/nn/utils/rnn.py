"""Batches of sequences of different lengths: packed for recurrent layers, padded, and back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import engine
from engine.dispatch import tensors
from engine.errors import ShapeError, not_a_tensor, unlike_target
from engine.fitting import as_number
from engine.places import Placed
from engine.tensor import Tensor


class PackedSequence_(NamedTuple):
    """The fields of a packed batch."""

    data: Tensor
    batch_sizes: Tensor
    sorted_indices: Tensor | None
    unsorted_indices: Tensor | None


def invert_permutation(permutation: Tensor | None) -> Tensor | None:
    """The permutation that undoes another."""
    return None if permutation is None else permutation.argsort()


class PackedSequence(Placed, PackedSequence_):
    """Sequences of different lengths in one tensor: the rows of the first step, then of the second, ...

    `batch_sizes` says how many sequences reach each step. They are sorted by length, the longest first;
    `sorted_indices` leads from the batch as it was to that order, `unsorted_indices` back.
    """

    __slots__ = ()

    def __new__(
        cls,
        data: Any,
        batch_sizes: Any = None,
        sorted_indices: Tensor | None = None,
        unsorted_indices: Tensor | None = None,
    ) -> PackedSequence:
        if batch_sizes is None:
            if not isinstance(data, (list, tuple)) or len(data) != 2:
                raise AssertionError("Expected data to be a list or tuple of length 2")
            data, batch_sizes = data
        elif batch_sizes.device.type != "cpu":
            raise ValueError(
                "batch_sizes should always be on CPU. Instances of PackedSequence should never be created manually. "
                "They should be instantiated by functions like pack_sequence and pack_padded_sequences in "
                "nn.utils.rnn. https://pytorch.org/docs/stable/nn.html#torch.nn.utils.rnn.pack_sequence"
            )
        if unsorted_indices is None:
            unsorted_indices = invert_permutation(sorted_indices)
        return super().__new__(cls, data, batch_sizes, sorted_indices, unsorted_indices)

    def to(self, *args: Any, **kwargs: Any) -> PackedSequence:
        """The batch on another device or of another dtype; itself where nothing changes."""
        data = self.data.to(*args, **kwargs)
        if data is self.data:
            return self
        order = [None if each is None else each.to(data.device) for each in self[2:]]
        return type(self)(data, self.batch_sizes, *order)

    def cpu(self) -> PackedSequence:
        """The batch on the CPU."""
        return self.to("cpu")

    def cuda(self, *args: Any, **kwargs: Any) -> PackedSequence:
        """The batch on a GPU."""
        return self.to(*args, **kwargs) if args or kwargs.get("device") is not None else self.to("cuda")

    def pin_memory(self) -> PackedSequence:
        """The batch in memory that a GPU reaches quickly: here the batch itself."""
        return type(self)(self.data.pin_memory(), *self[1:])

    def double(self) -> PackedSequence:
        """The batch as float64."""
        return self.to(engine.float64)

    def float(self) -> PackedSequence:
        """The batch as float32."""
        return self.to(engine.float32)

    def half(self) -> PackedSequence:
        """The batch as float16."""
        return self.to(engine.float16)

    def long(self) -> PackedSequence:
        """The batch as int64."""
        return self.to(engine.int64)

    def int(self) -> PackedSequence:
        """The batch as int32."""
        return self.to(engine.int32)

    def short(self) -> PackedSequence:
        """The batch as int16."""
        return self.to(engine.int16)

    def char(self) -> PackedSequence:
        """The batch as int8."""
        return self.to(engine.int8)

    def byte(self) -> PackedSequence:
        """The batch as uint8."""
        return self.to(engine.uint8)

    @property
    def is_cuda(self) -> bool:
        """Whether the batch is on a GPU."""
        return bool(self.data.is_cuda)

    def is_pinned(self) -> bool:
        """Whether the batch is in pinned memory."""
        return bool(self.data.is_pinned())


def pack_padded_sequence(
    input: Tensor, lengths: Any, batch_first: bool = False, enforce_sorted: bool = True
) -> PackedSequence:
    """A padded batch (time, batch, ...), of which each sequence has its length, packed.

    With `enforce_sorted` the lengths must fall; else the sequences are sorted, and unsorted after a recurrent layer.
    """
    if not isinstance(input, Tensor):
        raise not_a_tensor("_pack_padded_sequence", "input", 0, input)
    known = lengths if isinstance(lengths, Tensor) else engine.as_tensor(lengths)
    known = known.to("cpu", engine.int64)
    if not input._array.size:
        raise RuntimeError("Cannot pack empty tensors.")
    if known.ndim != 1:
        raise RuntimeError(f"'lengths' argument should be a 1D CPU int64 tensor, but got {known.ndim}D cpu Long tensor")
    order = None
    if not enforce_sorted:
        known, order = engine.sort(known, descending=True)
        order = order.to(input.device)
        input = input.index_select(0 if batch_first else 1, order)
    if batch_first:
        input = input.transpose(0, 1)
    if input.ndim < 2:
        raise IndexError("Dimension specified as 1 but tensor has no dimensions")
    if not input.numel():
        raise RuntimeError("Cannot pack empty tensors.")
    counts = known.tolist()
    if len(counts) != input.shape[1]:
        raise RuntimeError(
            f"Expected `len(lengths)` to be equal to batch_size, but got {len(counts)} (batch_size={input.shape[1]})"
        )
    if min(counts) <= 0:
        raise RuntimeError(
            "Length of all samples has to be greater than 0, but found an element in 'lengths' that is <= 0"
        )
    if sorted(counts, reverse=True) != counts:
        raise RuntimeError(
            "`lengths` array must be sorted in decreasing order when `enforce_sorted` is True. You can pass "
            "`enforce_sorted=False` to pack_padded_sequence and/or pack_sequence to sidestep this requirement if you "
            "do not need ONNX exportability."
        )
    if counts[0] > input.shape[0]:
        raise ShapeError(
            f"a sequence cannot have {counts[0]} steps where the padded batch has {input.shape[0]}",
            "pack_padded_sequence", (tuple(input.shape),), (0,),
        )  # fmt: skip
    sizes = [sum(count > step for count in counts) for step in range(counts[0])]
    data = tensors.pack_rows(input, tuple(sizes))
    return PackedSequence(data, engine.tensor(sizes), order, None)


def pad_packed_sequence(
    sequence: PackedSequence, batch_first: bool = False, padding_value: float = 0.0, total_length: int | None = None
) -> tuple[Tensor, Tensor]:
    """A packed batch as a padded one (time, batch, ...), and the lengths of its sequences."""
    sizes = sequence.batch_sizes.tolist()
    steps = len(sizes)
    if total_length is not None:
        if total_length < steps:
            raise ValueError(
                "Expected total_length to be at least the length of the longest sequence in input, but got "
                f"total_length={total_length} and max sequence length being {steps}"
            )
        steps = total_length
    padded = tensors.pad_rows(sequence.data, tuple(sizes), steps, padding_value)
    lengths = engine.tensor([sum(size > at for size in sizes) for at in range(sizes[0])])
    if batch_first:
        padded = padded.transpose(0, 1)
    order = sequence.unsorted_indices
    if order is None:
        return padded, lengths
    return padded.index_select(0 if batch_first else 1, order), lengths[order.cpu()]


def pad_sequence(
    sequences: Tensor | Iterable[Tensor],
    batch_first: bool = False,
    padding_value: float = 0.0,
    padding_side: str = "right",
) -> Tensor:
    """Sequences (length, ...) as one batch (longest, batch, ...), each filled up with a value."""
    if not isinstance(sequences, Iterable):
        raise RuntimeError(
            f"pad_sequence: Expected iterable for input sequences, but got arg of type: {type(sequences)}"
        )
    each = list(sequences.unbind(0) if isinstance(sequences, Tensor) else sequences)
    if not each:
        raise RuntimeError("received an empty list of sequences")
    if padding_side not in ("left", "right"):
        raise RuntimeError(f"Expected padding_side to be one of left or right, but got {padding_side}.")
    for i, one in enumerate(each):
        if not isinstance(one, Tensor):
            raise TypeError(f"expected Tensor as element {i} in argument 0, but got {type(one).__name__}")
    padding_value = as_number("pad_sequence", "padding_value", 3, padding_value, "float")
    rest = each[0].shape[1:]
    for other in each[1:]:
        place, shape = (other.shape[0], *rest), tuple(other.shape)
        short = len(place) - len(shape)
        if short < 0 or any(m not in (1, n) for n, m in zip(place[short:], shape, strict=True)):
            raise unlike_target("pad_sequence", place, shape)
    padded: Tensor = tensors.pad_sequences(each, batch_first, padding_value, padding_side == "left")
    return padded


def unpad_sequence(padded_sequences: Tensor, lengths: Tensor, batch_first: bool = False) -> list[Tensor]:
    """The sequences of a padded batch without what they were filled up with."""
    by_sequence = padded_sequences if batch_first else padded_sequences.transpose(0, 1)
    steps = engine.arange(by_sequence.shape[1], device=lengths.device)
    return [each[steps < length] for each, length in zip(by_sequence, lengths, strict=True)]


def pack_sequence(sequences: Sequence[Tensor], enforce_sorted: bool = True) -> PackedSequence:
    """Sequences (length, ...) packed."""
    lengths = engine.as_tensor([each.shape[0] for each in sequences])
    return pack_padded_sequence(pad_sequence(sequences), lengths, enforce_sorted=enforce_sorted)


def unpack_sequence(packed_sequences: PackedSequence) -> list[Tensor]:
    """The sequences of a packed batch."""
    return unpad_sequence(*pad_packed_sequence(packed_sequences, batch_first=True), batch_first=True)
