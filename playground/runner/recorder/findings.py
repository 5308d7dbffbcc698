"""Findings: what goes wrong silently. Only what is sure is said, each thing once; a clean program hears nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from engine import nn
from engine.optim import Optimizer
from engine.tensor import Tensor
from playground.protocol.events import FindingEvent
from playground.protocol.values import Node
from playground.runner.recorder.drawing import Drawing
from playground.runner.recorder.names import Models, Variables
from playground.runner.recorder.tape import Trace

_DIFFERENCES = {"sub", "mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss"}
_LOSSES = _DIFFERENCES - {"sub"}
_SIZES = {"pow", "square", "abs", "mul"}
_TOTALS = {"mean", "sum"}
_SAMPLE = 1000  # elements of a parameter by which is told whether it has changed


class Findings:
    """What was found so far, and what is needed to find more."""

    def __init__(self, send: Callable[[FindingEvent], Any]) -> None:
        self._send = send
        self._said: set[str] = set()
        self._after: list[tuple[Any, np.ndarray]] = []
        self._kept_gradients = 0

    def say(
        self,
        code: str,
        severity: str,
        message: str,
        node: str | None = None,
        line: int | None = None,
        fix: str | None = None,
    ) -> None:
        """Send a finding, the first time that it is found."""
        if code not in self._said:
            self._said.add(code)
            self._send(
                FindingEvent(code=code, severity=severity, message=message, node=node, line=line, fix=fix)  # type: ignore[arg-type]
            )

    # ---- gradients that pile up

    def piled_up(self, found: dict[Any, Any], line: int | None) -> None:
        """Look, in the first steps, whether gradients were used for an update and then not taken away.

        `found` are those of the `backward()` that has just ended, in `line`: what is in `.grad` then is more.
        """
        kept = any(
            parameter in found
            and getattr(parameter, "_grad", None) is not None
            and not _equal(parameter._grad._array, getattr(found[parameter], "_array", found[parameter]))
            and not np.array_equal(_sample(parameter), before)
            for parameter, before in self._after
        )
        self._kept_gradients = self._kept_gradients + 1 if kept else 0
        if self._kept_gradients >= 2:
            self.say(
                "missing_zero_grad",
                "warning",
                "The gradients of the step before are still there, so this step's are added to them: every update uses "
                "the sum of all gradients so far.",
                line=line,
                fix="Call optimizer.zero_grad() (or set .grad to None) before backward().",
            )

    def after_backward(self, parameters: list[Any]) -> None:
        """Remember the parameters as they are before the update."""
        self._after = [(parameter, _sample(parameter)) for parameter in parameters[:20]]

    def first_steps_over(self) -> None:
        """Let go of what was remembered."""
        self._after = []

    # ---- structures

    def structure(self, trace: Trace, drawing: Drawing) -> None:
        """Look at a structure that is drawn for the first time."""
        users: dict[int, list[int]] = {}
        for position, links in enumerate(trace.links):
            for link in links:
                if link is not None:
                    users.setdefault(link, []).append(position)
        for position, call in enumerate(trace.calls):
            operands = [link for link in trace.links[position] if link is not None]
            node = drawing.ids[position]
            line = drawing.event.nodes[drawing.places[node]].line if node in drawing.places else None
            if call.name == "cross_entropy" and operands and operands[0] >= 0:
                if trace.calls[operands[0]].name == "softmax":
                    self.say(
                        "softmax_before_cross_entropy",
                        "warning",
                        "cross_entropy takes the scores as they are and applies softmax itself. Applied twice it "
                        "makes gradients small and learning slow.",
                        node,
                        line,
                        "Leave out the softmax before cross_entropy.",
                    )
            elif call.name in _DIFFERENCES and len(operands) == 2:
                a, b = (_shape(trace, link) for link in operands)
                if _crossed(a, b) and (call.name in _LOSSES or _is_loss(trace, users, position)):
                    n = max(*a, *b)
                    self.say(
                        "broadcast_in_loss",
                        "warning",
                        f"The shapes {list(a)} and {list(b)} are spread over a table of {n} × {n}: every prediction is "
                        "compared with every target, not each with its own.",
                        node,
                        line,
                        "Give both the same shape, for example prediction.squeeze(1) or target.unsqueeze(1).",
                    )

    def optimizers(self, variables: Variables, models: Models, trace: Trace) -> None:
        """Look whether some parameters of a graph are held by no optimizer although others are."""
        held = {
            id(each)
            for optimizer in _optimizers(variables)
            for group in optimizer.param_groups
            for each in group["params"]
        }
        here = [leaf for leaf in trace.leaves if isinstance(leaf, nn.Parameter) and leaf._requires_grad]
        left = [models.name(leaf) for leaf in here if id(leaf) not in held]
        if held and left and len(left) < len(here) and all(left):
            names = ", ".join(f"`{name}`" for name in left[:5])
            self.say(
                "parameters_not_in_optimizer",
                "warning",
                f"The optimizer does not hold {names}{' and more' if len(left) > 5 else ''}: these get gradients and "
                "are never updated.",
                fix="Give the optimizer all parameters: model.parameters().",
            )

    # ---- numbers

    def not_finite(self, node: Node | None, step: int) -> None:
        """NaN or infinities since a step; `node` is where they come from, if that was seen."""
        self.say(
            "not_finite",
            "error",
            f"Step {step} has NaN or infinite numbers"
            + (f", which come from `{node.op or node.name}`" if node is not None else "")
            + ": from here on nothing is learned.",
            node.id if node is not None else None,
            node.line if node is not None else None,
            "Look for a learning rate that is too large, a division by zero, or the logarithm of zero.",
        )

    def ended(self, variables: Variables, steps: int) -> None:
        """A program that ended well."""
        if not steps and next(_optimizers(variables), None) is not None:
            self.say(
                "backward_never_called",
                "warning",
                "There is an optimizer, but backward() was never called: without gradients nothing is learned.",
                fix="Call loss.backward() before optimizer.step().",
            )


def _optimizers(variables: Variables) -> Any:
    seen = set()
    for value in variables.values:
        for each in value if isinstance(value, (list, tuple)) else (value,):
            if isinstance(each, Optimizer) and id(each) not in seen:
                seen.add(id(each))
                yield each


def _sample(parameter: Any) -> np.ndarray:
    array = parameter._array.reshape(-1)[:_SAMPLE]
    return array.get() if hasattr(array, "get") else np.array(array)


def _equal(a: Any, b: Any) -> bool:
    return a.shape == b.shape and bool(((a == b) | (a != a)).all())


def _shape(trace: Trace, link: int) -> tuple[int, ...]:
    if link >= 0:
        return trace.calls[link].shape
    leaf = trace.leaves[-1 - link]
    return leaf._array.shape if isinstance(leaf, Tensor) else ()


def _crossed(a: tuple[int, ...], b: tuple[int, ...]) -> bool:
    """Whether the shapes are (N,) and (N, 1), in either order, N over 1."""
    short, long = sorted((a, b), key=len)
    return len(short) == 1 and len(long) == 2 and short[0] > 1 and long == (short[0], 1)


def _is_loss(trace: Trace, users: dict[int, list[int]], position: int) -> bool:
    """Whether a difference goes into nothing but its size, and that into nothing but its mean or sum."""
    for wanted in (_SIZES, _TOTALS):
        after = set(users.get(position, ()))
        if len(after) != 1:
            return False
        position = after.pop()
        if trace.calls[position].name not in wanted:
            return False
    return not trace.calls[position].shape
