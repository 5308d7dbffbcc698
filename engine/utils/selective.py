"""Policies of checkpoints: a function that is told of each op, and says whether its result is to be kept.

Here the second call of the function computes everything again, which gives the same: what a policy says has a bearing
on memory alone.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

from engine import graph
from engine.aten import OpOverload, OpOverloadPacket, overload_of


class CheckpointPolicy(enum.Enum):
    """What becomes of a result: kept or computed again, and whether others may decide otherwise."""

    MUST_SAVE = 0
    PREFER_SAVE = 1
    MUST_RECOMPUTE = 2
    PREFER_RECOMPUTE = 3
    MUST_CPU_OFFLOAD = 4
    PREFER_CPU_OFFLOAD = 5


class SelectiveCheckpointContext:
    """What a policy is told besides the op: its result. Policies are asked in the first call only."""

    def __init__(self, *, is_recompute: bool, op_output: Any = None) -> None:
        self.is_recompute = is_recompute
        self.op_output = op_output


class _Asking:
    """The block in which the policy is told of each op."""

    def __init__(self, policy: Callable[..., Any]) -> None:
        self.policy = policy
        self.saves = False  # whether some result is to be kept

    def __enter__(self) -> None:
        graph.also(self)

    def __exit__(self, *_: Any) -> None:
        graph.no_longer(self)

    def called(self, op: Any, args: Sequence[Any], options: Any, out: Any) -> None:
        """Ask; what the policy itself computes is not told."""
        if not hasattr(op, "operands"):
            return
        graph.no_longer(self)
        try:
            told = SelectiveCheckpointContext(is_recompute=False, op_output=out)
            answer = self.policy(told, overload_of(op.name, args), *args)
            self.saves = self.saves or answer in (True, CheckpointPolicy.MUST_SAVE, CheckpointPolicy.PREFER_SAVE)
        finally:
            graph.also(self)


class _Again:
    """The block of the second call, which there is once where results are kept: they are handed out then."""

    def __init__(self, asked: _Asking) -> None:
        self.asked = asked
        self.entered = False

    def __enter__(self) -> None:
        if self.entered and self.asked.saves:
            raise RuntimeError(
                "Trying to backward an extra time. You are only allowed to backward once on any region computed under "
                "selective activation checkpoint."
            )
        self.entered = True

    def __exit__(self, *_: Any) -> None:
        pass


def create_selective_checkpoint_contexts(
    policy_fn_or_list: Any, allow_cache_entry_mutation: bool = False
) -> tuple[AbstractContextManager[Any], AbstractContextManager[Any]]:
    """The two contexts of a checkpoint (for its `context_fn`) by a policy, or by a list of the ops to keep."""
    if isinstance(policy_fn_or_list, list):
        for op in policy_fn_or_list:
            if not isinstance(op, OpOverload):
                more = (
                    "Please update the OpOverloadPacket to a specific OpOverload.For example, if you have "
                    "`torch.ops.aten.mm`, change it to `torch.ops.aten.mm.default`."
                )
                raise ValueError(
                    f"Expected op in `op_list` to be an OpOverload but got: {op} of type {type(op)}. "
                    f"{more if isinstance(op, OpOverloadPacket) else ''}"
                )
        listed = set(policy_fn_or_list)
        asking = _Asking(lambda ctx, op, *_, **__: CheckpointPolicy(0 if op in listed else 3))
        return asking, _Again(asking)
    if not callable(policy_fn_or_list):
        raise TypeError("policy_fn_or_list must be either a function or a list of ops.")
    asking = _Asking(policy_fn_or_list)
    return asking, _Again(asking)


__all__ = ["CheckpointPolicy", "SelectiveCheckpointContext", "create_selective_checkpoint_contexts"]
