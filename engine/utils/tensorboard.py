"""TensorBoard: left out, and its writer says what to do instead."""

from __future__ import annotations

from typing import Any


class SummaryWriter:
    """NotImplementedError: a program here writes no files for TensorBoard."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise NotImplementedError(
            "torch.utils.tensorboard is left out of this engine on purpose: nothing reads its files here. Print the "
            "values, or draw them with matplotlib"
        )


FileWriter = SummaryWriter
