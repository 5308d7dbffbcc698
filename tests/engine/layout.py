"""How the results of the expressions of `cases/` lie in memory, and with which inputs they share it."""

from __future__ import annotations

from typing import Any

from tests.engine import cases


def facts(torch: Any, functional: Any, expression: str) -> list[Any]:
    """[steps along axes of more than one element, places of the inputs whose memory it shows] of each result.

    What PyTorch refuses, or gives no tensor for, has none.
    """
    scope = cases.bench(torch, functional, expression, torch.float32)
    inputs = [scope[name] for names in cases.named(expression) for name in names]
    if "r = " in expression:
        exec(expression, scope)
        result = scope["r"]
    else:
        result = eval(expression, scope)
    return [_fact(each, inputs) for each in cases.flat(result) if hasattr(each, "untyped_storage")]


def _fact(result: Any, inputs: list[Any]) -> list[Any]:
    if not result.numel():
        return [[], []]
    steps = [step for step, size in zip(result.stride(), result.shape, strict=True) if size > 1]
    place = result.untyped_storage().data_ptr()
    shared = [i for i, x in enumerate(inputs) if x.numel() and x.untyped_storage().data_ptr() == place]
    return [steps, shared]
