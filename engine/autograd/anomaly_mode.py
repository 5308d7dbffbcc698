"""Anomaly mode: where in the program the op was called whose gradient went wrong."""

from __future__ import annotations

import traceback
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from engine import graph
from engine.tensor import Tensor

_HERE = str(Path(graph.__file__).parent)


class Anomaly:
    """Notes the calls that make nodes, and looks at what comes out of these on the way back."""

    def __init__(self) -> None:
        self.check_nan = True
        self.on = False
        self.lines: WeakKeyDictionary[Any, list[str]] = WeakKeyDictionary()

    def switch(self, on: bool, check_nan: bool) -> None:
        """Begin or end."""
        if on and not self.on:
            graph.also(self)
            graph.check = self
        elif self.on and not on:
            graph.no_longer(self)
            graph.check = None
        self.on, self.check_nan = on, check_nan

    def called(self, op: Any, args: Sequence[Any], options: Any, out: Any) -> None:
        """Note from where in the program a node was made."""
        first = out[0] if isinstance(out, tuple) and out else out
        if isinstance(first, Tensor) and first._node is not None:
            node = graph.function_of(first._node)[0]
            if node not in self.lines:
                # The frames of the engine itself say nothing to the reader of the program.
                stack = [f for f in traceback.extract_stack()[:-1] if not f.filename.startswith("<engine ")]
                while len(stack) > 1 and stack[-1].filename.startswith(_HERE):
                    stack.pop()
                self.lines[node] = traceback.format_list(stack)

    def pull(self, node: Any, g: Any, create: bool) -> Any:
        """What the node's pull gives, with a warning about the forward call if that raises or is NaN."""
        try:
            found = node.pull_tensors(g) if create else node.pull(g)
        except Exception:
            self._warn(node)
            raise
        if self.check_nan:
            for i, each in enumerate(found):
                raw = getattr(each, "_array", each)
                if raw is not None and raw.dtype.kind in "fc" and bool(np.isnan(raw).any()):
                    self._warn(node)
                    raise RuntimeError(f"Function '{node.name()}' returned nan values in its {i}th output.")
        return found

    def _warn(self, node: Any) -> None:
        lines = self.lines.get(node)
        if lines is None:
            text = (
                f"Error detected in {node.name()}. No forward pass information available. Enable detect anomaly during "
                "forward pass for more information."
            )
        else:
            text = (
                f"Error detected in {node.name()}. Traceback of forward call that caused the error:\n{''.join(lines)}"
            )
        warnings.warn(text, UserWarning, stacklevel=2)


ANOMALY = Anomaly()


class set_detect_anomaly:
    """Anomaly mode on or off, from the call on or within a `with` block."""

    def __init__(self, mode: bool, check_nan: bool = True) -> None:
        self.before = ANOMALY.on, ANOMALY.check_nan
        ANOMALY.switch(bool(mode), check_nan)

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: Any) -> None:
        ANOMALY.switch(*self.before)


class detect_anomaly:
    """The block in which a NaN on the way back, or an error there, tells the forward call that it comes from."""

    def __init__(self, check_nan: bool = True) -> None:
        self.check_nan = check_nan
        self.before = ANOMALY.on, ANOMALY.check_nan
        warnings.warn(
            "Anomaly Detection has been enabled. This mode will increase the runtime and should only be enabled for "
            "debugging.",
            UserWarning,
            stacklevel=2,
        )

    def __enter__(self) -> None:
        self.before = ANOMALY.on, ANOMALY.check_nan
        ANOMALY.switch(True, self.check_nan)

    def __exit__(self, *_: Any) -> None:
        ANOMALY.switch(*self.before)


def set_anomaly_enabled(mode: bool, check_nan: bool = True) -> None:
    """Anomaly mode on or off."""
    ANOMALY.switch(bool(mode), check_nan)


def is_anomaly_enabled() -> bool:
    """Whether anomaly mode is on."""
    return ANOMALY.on


def is_anomaly_check_nan_enabled() -> bool:
    """Whether anomaly mode looks for NaN."""
    return ANOMALY.check_nan
