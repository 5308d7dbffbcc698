"""LBFGS."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

import engine
from engine.modes import enable_grad, no_grad
from engine.optim.optimizer import Optimizer
from engine.optim.options import check_lr, plain
from engine.optim.wolfe import Point, strong_wolfe


class LBFGS(Optimizer):
    r"""Quasi-Newton steps: the inverse Hessian from the last changes of the weights and of the gradient.

        s = the last change of w, y = that of g, ρ = 1/(y·s), H₀ = (y·s)/(y·y)
        d ← −H·g, by two loops over the `history_size` last (s, y)
        w ← w + t·d, where t is lr (at first min(1, 1/|g|₁)·lr) or what the line search finds

    One `step` does up to `max_iter` of these, for which it calls the closure again and again; it ends early when the
    gradient (`tolerance_grad`) or the change (`tolerance_change`) is small, or after `max_eval` calls.
    Liu and Nocedal, 1989; the loops: Nocedal and Wright, Numerical Optimization, algorithm 7.4.
    """

    def __init__(
        self,
        params: Any,
        lr: float = 1,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search_fn: str | None = None,
    ) -> None:
        check_lr(lr)
        if not 0.0 <= lr <= math.inf:
            raise ValueError(f"Invalid learning rate: {lr}")
        defaults = {
            "lr": lr,
            "max_iter": max_iter,
            "max_eval": max_iter * 5 // 4 if max_eval is None else max_eval,
            "tolerance_grad": tolerance_grad,
            "tolerance_change": tolerance_change,
            "history_size": history_size,
            "line_search_fn": line_search_fn,
        }
        super().__init__(params, defaults)
        if len(self.param_groups) != 1:
            raise ValueError("LBFGS doesn't support per-parameter options (parameter groups)")
        self._params = self.param_groups[0]["params"]

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        self._params = self.param_groups[0]["params"]

    @no_grad()
    def step(self, closure: Callable[[], Any]) -> Any:
        """Up to `max_iter` iterations; `closure` computes the loss and its gradients. The loss before the first."""
        if len(self.param_groups) != 1:
            raise AssertionError(f"Expected exactly one param_group, but got {len(self.param_groups)}")
        closure = enable_grad()(closure)
        group = self.param_groups[0]
        lr, limit = plain(group)["lr"], group["tolerance_change"]
        state = self.state[self._params[0]]
        state.setdefault("func_evals", 0)
        state.setdefault("n_iter", 0)
        first = closure()
        loss, evaluations = float(first), 1
        state["func_evals"] += 1
        g = self._gradient()
        if _largest(g) <= group["tolerance_grad"]:
            return first
        d, t = state.get("d"), state.get("t")
        iteration = 0
        while iteration < group["max_iter"]:
            iteration += 1
            state["n_iter"] += 1
            d = self._direction(state, g, d, t, group["history_size"])
            state["prev_flat_grad"], before = g.clone(), loss
            t = lr
            if state["n_iter"] == 1:
                total = g.abs().sum().item()
                t = min(1.0, 1.0 / total if total else math.inf) * lr
            slope = _slope(g, d)
            if slope > -limit:
                break
            calls = 0
            if group["line_search_fn"] is not None:
                if group["line_search_fn"] != "strong_wolfe":
                    raise RuntimeError("only 'strong_wolfe' is supported")
                start, left = Point(0.0, loss, g, slope), group["max_eval"] - evaluations
                found, calls = strong_wolfe(self._along(closure, d), t, start, _largest(d), limit, left)
                t, loss, g = found.t, found.f, found.g
                t = t.item() if isinstance(t, np.generic) else t
                self._add(t, d)
            else:
                self._add(t, d)
                if iteration != group["max_iter"]:  # after the last one nobody asks
                    loss, g, calls = float(closure()), self._gradient(), 1
            evaluations += calls
            state["func_evals"] += calls
            if (
                evaluations >= group["max_eval"]
                or _largest(g) <= group["tolerance_grad"]
                or _largest(d * t) <= limit
                or abs(loss - before) < limit
            ):
                break
        begins = "d" not in state
        state.update(d=d, t=t, prev_loss=before)
        if begins:
            for name in ("old_dirs", "old_stps", "ro", "H_diag", "prev_flat_grad", "prev_loss"):
                state[name] = state.pop(name)  # in PyTorch's order
        return first

    def _direction(self, state: dict[str, Any], g: Any, d: Any, t: Any, most: int) -> Any:
        """Where to go: −H·g, after the last step has been added to what H is made of."""
        if state["n_iter"] == 1:
            state.update(old_dirs=[], old_stps=[], ro=[], H_diag=1)
            return g.neg()
        changes, steps, ro = state["old_dirs"], state["old_stps"], state["ro"]
        y, s = g - state["prev_flat_grad"], d * t
        ys = y.dot(s)
        if ys > 1e-10:
            if len(changes) == most:
                for each in (changes, steps, ro):
                    each.pop(0)
            changes.append(y)
            steps.append(s)
            ro.append(1.0 / ys)
            state["H_diag"] = ys / y.dot(y)
        parts = state.setdefault("al", [None] * most)
        q = g.neg()
        for i in range(len(changes) - 1, -1, -1):
            parts[i] = steps[i].dot(q) * ro[i]
            q = q - changes[i] * parts[i]
        r = q * state["H_diag"]
        for i in range(len(changes)):
            r = r + steps[i] * (parts[i] - changes[i].dot(r) * ro[i])
        return r

    def _along(self, closure: Callable[[], Any], d: Any) -> Callable[[float], Point]:
        """The loss at t along d from the weights as they are now, which are left so."""
        start = [p.clone() for p in self._params]

        def at(t: float) -> Point:
            self._add(t, d)
            f, g = float(closure()), self._gradient()
            for p, before in zip(self._params, start, strict=True):
                p.copy_(before)
            return Point(t, f, g, _slope(g, d))

        return at

    def _gradient(self) -> Any:
        """The gradients of all parameters, one after the other."""
        parts = []
        for p in self._params:
            g = engine.zeros_like(p) if p.grad is None else p.grad
            parts.append((engine.view_as_real(g) if g.is_complex() else g).reshape(-1))
        return engine.cat(parts, 0)

    def _add(self, t: float, d: Any) -> None:
        place = 0
        for p in self._params:
            flat = engine.view_as_real(p) if p.is_complex() else p
            size = flat.numel()
            flat.add_(d[place : place + size].view(flat.shape), alpha=t)
            place += size


def _largest(tensor: Any) -> float:
    return tensor.abs().max().item()


def _slope(g: Any, d: Any) -> Any:
    """How steep a gradient is along a direction: a NumPy number of its type."""
    return g._array.dtype.type(g.dot(d).item())
