"""Where the recorder learns of every training step, watched or not: around the engine's ways to go back."""

from __future__ import annotations

import functools
from typing import Any

from engine import autograd
from engine.tensor import Tensor
from playground.runner.recorder.recorder import Recorder


def install(recorder: Recorder) -> None:
    """Let the recorder hear of each `Tensor.backward()` and `autograd.backward()`.

    The engine's own point of observation is silent between frames, so that it costs nothing; this is one call a step.
    """
    of_tensor: Any = Tensor
    method, function = of_tensor.backward, autograd.backward
    inner = False

    def around(call: Any, root: Any, args: Any, kwargs: Any) -> None:
        nonlocal inner
        if inner:  # a function that goes back on the way back, or one of the two by way of the other
            call(*args, **kwargs)
            return
        inner = True
        try:
            recorder.walking()
            call(*args, **kwargs)
        finally:
            inner = False
        recorder.walked(root)

    @functools.wraps(method)
    def backward(self: Tensor, *args: Any, **kwargs: Any) -> None:
        around(method, self, (self, *args), kwargs)

    @functools.wraps(function)
    def of_several(tensors: Any, *args: Any, **kwargs: Any) -> None:
        root = tensors if isinstance(tensors, Tensor) else next(iter(tensors), None)
        if isinstance(root, Tensor):
            around(function, root, (tensors, *args), kwargs)
        else:
            function(tensors, *args, **kwargs)

    of_tensor.backward = backward
    autograd.backward = of_several
