"""The softmax of many classes by clusters, and the options of a fused loss."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import engine
from engine.nn import functional as F
from engine.nn.containers import ModuleList, Sequential
from engine.nn.linear import Linear
from engine.nn.module import Module
from engine.tensor import Tensor


class _ASMoutput(NamedTuple):
    """The log-probability of each target, and the mean loss."""

    output: Tensor
    loss: Tensor


class AdaptiveLogSoftmaxWithLoss(Module):
    """The log-softmax of classes by falling frequency: the rare ones in clusters of ever smaller projections.

    The head scores the classes under the first cutoff and each cluster; a cluster's tail scores its classes. Grave and
    others, 2016.
    """

    def __init__(
        self,
        in_features: int,
        n_classes: int,
        cutoffs: Sequence[int],
        div_value: float = 4.0,
        head_bias: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        ends = list(cutoffs)
        if not ends:
            raise ValueError("cutoffs should be a sequence of length larger than 0")
        sound = ends == sorted(set(ends)) and min(ends) > 0 and max(ends) < n_classes
        if not sound or any(int(end) != end for end in ends):
            raise ValueError(
                "cutoffs should be a sequence of unique, positive integers sorted in an increasing order, where each "
                "value is between 1 and n_classes-1"
            )
        self.in_features = in_features
        self.n_classes = n_classes
        self.cutoffs = [*ends, n_classes]
        self.div_value = div_value
        self.head_bias = head_bias
        self.shortlist_size = self.cutoffs[0]
        self.n_clusters = len(self.cutoffs) - 1
        self.head_size = self.shortlist_size + self.n_clusters
        kind = {"device": device, "dtype": dtype}
        self.head = Linear(in_features, self.head_size, bias=head_bias, **kind)
        self.tail = ModuleList()
        for number, (begin, end) in enumerate(self._clusters(), 1):
            width = int(in_features // div_value**number)
            into = Linear(in_features, width, bias=False, **kind)
            self.tail.append(Sequential(into, Linear(width, end - begin, bias=False, **kind)))

    def _clusters(self) -> list[tuple[int, int]]:
        return list(zip(self.cutoffs[:-1], self.cutoffs[1:], strict=True))

    def reset_parameters(self) -> None:
        """Draw the weights anew."""
        self.head.reset_parameters()
        for into, out in self.tail:
            into.reset_parameters()
            out.reset_parameters()

    def forward(self, input_: Tensor, target_: Tensor) -> _ASMoutput:
        """Features (N, in_features) and classes (N), or one of each, to log-probabilities (N) and the loss."""
        if target_.ndim > 1:
            raise RuntimeError("0D or 1D target tensor expected, multi-target not supported")
        batched = target_.ndim == 1
        if batched and input_.shape[0] != target_.shape[0]:
            raise RuntimeError("Input and target should have the same size in the batch dimension.")
        if input_.ndim != target_.ndim + 1:
            raise RuntimeError(
                f"{target_.ndim}D target tensor expects {target_.ndim + 1}D input tensors, but found inputs with size "
                f"{input_.shape}"
            )
        x, target = (input_, target_) if batched else (input_.unsqueeze(0), target_.unsqueeze(0))
        low, high = (int(target.min()), int(target.max())) if target.numel() else (0, 0)
        if low < 0 or high >= self.n_classes:
            raise RuntimeError(
                f"Target values should be in [0, {self.n_classes - 1}], but values in range [{low}, {high}] were "
                "found. "
            )
        # The place of each target in the head: its own, or its cluster's.
        place, rest = target.clone(), []
        for number, (begin, end) in enumerate(self._clusters()):
            rows = ((target >= begin) & (target < end)).nonzero().reshape(-1)
            if rows.numel():
                place[rows] = self.shortlist_size + number
                scores = F.log_softmax(self.tail[number](x[rows]), 1)
                rest.append((rows, scores.gather(1, (target[rows] - begin).unsqueeze(1)).squeeze(1)))
        output = F.log_softmax(self.head(x), 1).gather(1, place.unsqueeze(1)).squeeze(1)
        for rows, share in rest:
            output = output.index_add(0, rows, share)
        loss = (-output).mean()
        return _ASMoutput(output if batched else output.squeeze(0), loss)

    def log_prob(self, input: Tensor) -> Tensor:
        """Features (N, in_features) to the log-probabilities of all classes (N, n_classes)."""
        head = F.log_softmax(self.head(input), 1)
        parts = [head[:, : self.shortlist_size]]
        for number, tail in enumerate(self.tail):
            at = self.shortlist_size + number
            parts.append(F.log_softmax(tail(input), 1) + head[:, at : at + 1])
        return engine.cat(parts, 1)

    def predict(self, input: Tensor) -> Tensor:
        """Features (N, in_features) to the likeliest class of each (N)."""
        best = self.head(input).argmax(1)
        return engine.where(best >= self.shortlist_size, self.log_prob(input).argmax(1), best)


@dataclass(frozen=True)
class LinearCrossEntropyOptions:
    """How PyTorch cuts `linear_cross_entropy` into chunks; taken, and without effect here."""

    allow_retain_graph: bool = False
    batch_chunk_size: int | None = None
    chunking_method: str | None = "auto"
    acc_policy: str = "auto"
    acc_dtype: Any = None
