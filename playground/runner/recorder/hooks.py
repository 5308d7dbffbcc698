"""Where the recorder learns of every training step, watched or not: around the engine's ways to go back."""

from __future__ import annotations

import functools
import sys
from time import monotonic
from typing import Any

from engine import autograd
from engine.tensor import Tensor
from playground.runner.recorder.between import gradient_of
from playground.runner.recorder.recorder import Recorder


def install(recorder: Recorder) -> None:
    """Let the recorder hear of each `Tensor.backward()` and `autograd.backward()`.

    The engine's own point of observation is silent between frames, so that it costs nothing; this is one call a step.
    """
    of_tensor: Any = Tensor
    method, function = of_tensor.backward, autograd.backward
    frame_of, between = sys._getframe, recorder.between
    note = between.losses.append
    inner = False  # within one: a function that goes back on the way back, or one of the two by way of the other

    @functools.wraps(method)
    def backward(self: Tensor, *args: Any, **kwargs: Any) -> None:
        nonlocal inner
        if inner:
            method(self, *args, **kwargs)
            return
        inner = True
        try:
            if not between.horizon:
                recorder.walking()
            method(self, *args, **kwargs)
        finally:
            inner = False
        frame, array = frame_of(1), self._array
        if (
            monotonic() < between.horizon
            and frame.f_lasti == between.at
            and frame.f_code is between.code
            and array.size == 1
        ):
            loss = float(array)
            if loss - loss == 0.0:  # finite
                note(loss)
                between.gradients = [*map(gradient_of, between.leaves)]
                return
        recorder.walked(self, frame)

    @functools.wraps(function)
    def of_several(tensors: Any, *args: Any, **kwargs: Any) -> None:
        nonlocal inner
        root = tensors if isinstance(tensors, Tensor) else next(iter(tensors), None)
        if inner or not isinstance(root, Tensor):
            function(tensors, *args, **kwargs)
            return
        inner = True
        try:
            recorder.walking()
            function(tensors, *args, **kwargs)
        finally:
            inner = False
        recorder.walked(root, frame_of(1))

    of_tensor.backward = backward
    autograd.backward = of_several
