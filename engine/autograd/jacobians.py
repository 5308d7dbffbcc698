"""Jacobians of a function by differences, by the way back and by forward mode, for `gradcheck` to compare."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from engine import modes
from engine.array import OF_NUMPY
from engine.autograd import forward_ad
from engine.autograd.backward import grad
from engine.func.jacobian import unit
from engine.size import Size
from engine.tensor import Tensor, wrap

_NONDETERMINISTIC = """

NOTE: If your op relies on non-deterministic operations i.e., it is listed here:
https://pytorch.org/docs/stable/generated/torch.use_deterministic_algorithms.html
this failure might be expected.

If you are adding a new operator, please file an issue and then use one of the
workarounds. The workaround depends on how your test invokes gradcheck/gradgradcheck.
If the test
- manually invokes gradcheck/gradgradcheck, then call gradcheck/gradgradcheck
  with `nondet_tol=<tol>` as a keyword argument.
- is OpInfo-based (e.g., in test_ops_gradients.py), then modify the OpInfo for the test
  to have `gradcheck_nondet_tol=<tol>`.
- is a Module test (e.g., in common_nn.py), then modify the corresponding
  module_test entry to have `gradcheck_nondet_tol=<tol>`
"""


class GradcheckError(RuntimeError):
    """A derivative that is not what differences say."""


def listed(given: Any) -> tuple[Any, ...]:
    return tuple(given) if isinstance(given, (tuple, list)) else (given,)


def floats(values: Sequence[Any]) -> list[Tensor]:
    return [v for v in values if isinstance(v, Tensor) and v._array.dtype.kind in "fcV"]


class Jacobians:
    """One call of `gradcheck`: the function, its inputs, and the limits."""

    def __init__(
        self,
        func: Callable[..., Any],
        inputs: tuple[Any, ...],
        eps: float,
        atol: float,
        rtol: float,
        nondet: float,
        dtypes: bool = False,
    ) -> None:
        self.func = func
        self.inputs = inputs
        self.eps, self.atol, self.rtol, self.nondet = eps, atol, rtol, nondet
        self.dtypes = dtypes  # whether gradients must have the dtypes of their inputs
        self.places = [i for i, v in enumerate(inputs) if isinstance(v, Tensor) and v._requires_grad]

    def outputs(self) -> list[Tensor]:
        """The results that can have a gradient."""
        return [o for o in listed(self.func(*self.inputs)) if o.requires_grad]

    # ---- differences

    def numerical(self, place: int, count: int, part: Callable[[Any], Any]) -> list[np.ndarray]:
        """For each of the results its Jacobian by an input, (elements of that, elements of the result)."""
        flat = self.inputs[place].detach()._array
        columns: list[list[Any]] = [[] for _ in range(count)]
        directions = (1, 1j) if flat.dtype.kind == "c" else (1,)
        for index in range(flat.size):
            sides = [self.along(place, index, each) for each in directions]
            for n in range(count):
                slopes = [part(side[n]).reshape(-1) for side in sides]
                columns[n].append(slopes[0] if len(slopes) == 1 else slopes[0] + 1j * slopes[1])
        kind = flat.dtype
        return [np.array(c).astype(kind, copy=False) if c else np.zeros((0, 0), kind) for c in columns]

    def along(self, place: int, index: int, direction: complex) -> list[np.ndarray]:
        """The slopes of the results along one element of an input, its real or its imaginary part."""
        step = self.eps * direction
        ahead, behind = self._moved(place, index, step), self._moved(place, index, -step)
        at = np.unravel_index(index, self.inputs[place]._array.shape)
        self._check_alike(ahead, behind, f"on index {tuple(map(int, at))} ")
        return [(a - b) / (2 * self.eps) for a, b in zip(ahead, behind, strict=True)]

    def _moved(self, place: int, index: Any, step: Any) -> list[np.ndarray]:
        """The results with one element of an input, or those of a mask, moved by a step.

        The input itself is moved, and back: a function may reach it by another way, as a module its parameters.
        """
        array = self.inputs[place]._array
        kept, away = np.array(array), np.array(array, order="C")
        away.reshape(-1)[index] += step
        array[...] = away
        try:
            with modes.enable_grad():
                results = listed(self.func(*self.inputs))
            found = [r for r in results if isinstance(r, Tensor) and r._requires_grad]
            return [np.array(r._array) for r in (found or floats(results))]
        finally:
            array[...] = kept

    def _check_alike(self, ahead: Sequence[np.ndarray], behind: Sequence[np.ndarray], where: str) -> None:
        for a, b in zip(ahead, behind, strict=False):
            said = {
                "shape": (Size(b.shape), Size(a.shape)),
                "dtype": (OF_NUMPY[b.dtype], OF_NUMPY[a.dtype]),
            }
            for what, (one, other) in said.items():
                if one != other:
                    raise AssertionError(
                        f"Expected `func` to return outputs with the same {what} when inputs are perturbed {where}by "
                        f"{self.eps}, but got: {what}s {one} and {other}."
                    )

    # ---- derivatives

    def rows(self, output: Tensor, factor: complex) -> list[tuple[Tensor | None, ...]]:
        """The gradients by the inputs of each element of a result."""
        leaves, found = [self.inputs[i] for i in self.places], []
        for index in range(output.numel()):
            weight = unit(output, index)
            if factor != 1:
                weight._array[...] *= factor
            found.append(grad(output, leaves, weight, retain_graph=True, allow_unused=True))
        return found

    def analytical(self, output: Tensor, factor: complex) -> list[np.ndarray]:
        """The Jacobian of a result by each of the inputs, by the way back, which is gone twice to see it repeat."""
        leaves = [self.inputs[i] for i in self.places]
        first, again = (
            [
                np.array([self._row(g, leaf) for g in column]).reshape(output.numel(), leaf._array.size)
                for column, leaf in zip(zip(*rows, strict=True) if rows else [()] * len(leaves), leaves, strict=True)
            ]
            for rows in (self.rows(output, factor), self.rows(output, factor))
        )
        for one, two in zip(first, again, strict=True):
            self._check_repeated(one, two)
        return [rows.T for rows in first]

    def _check_repeated(self, one: Any, two: Any) -> None:
        if np.abs(one - two).max(initial=0) > self.nondet:
            raise GradcheckError(
                "Backward is not reentrant, i.e., running backward with same input and grad_output multiple times "
                "gives different values, although analytical gradient matches numerical gradient.The tolerance "
                f"for nondeterminism was {self.nondet}.{_NONDETERMINISTIC}"
            )

    def _row(self, g: Tensor | None, leaf: Tensor) -> np.ndarray:
        if g is None:
            return np.zeros(leaf._array.size, leaf._array.dtype)
        if g._array.shape != leaf._array.shape:
            raise GradcheckError("Analytical gradient has incorrect size")
        if self.dtypes and g._array.dtype != leaf._array.dtype:
            raise GradcheckError("Gradient has dtype mismatch")
        return np.array(g._array).reshape(-1)

    def forward(self, place: int, direction: complex) -> list[np.ndarray]:
        """The Jacobians of the results by an input (by its real or its imaginary part), by forward mode."""
        source = self.inputs[place].detach()
        kept = [i for i, each in enumerate(floats(listed(self.func(*self.inputs)))) if each._requires_grad]
        columns: list[list[Any]] = [[] for _ in kept]
        for index in range(source.numel()):
            tangent = unit(source, index)
            tangent._array[...] *= direction
            found = self.tangents({place: tangent})
            for column, (value, moved) in zip(columns, (found[i] for i in kept), strict=True):
                if moved is not None and self.dtypes and moved.is_complex() != value.is_complex():
                    raise GradcheckError("Forward AD gradient has dtype mismatch.")
                column.append(np.zeros(value._array.size) if moved is None else np.array(moved._array).reshape(-1))
        return [np.array(column) for column in columns]

    def tangents(self, given: dict[int, Tensor | None]) -> list[tuple[Tensor, Tensor | None]]:
        """The results with their tangents from those of inputs by their places; None leaves an input without.

        All others that need a gradient have zeros.
        """
        with forward_ad.dual_level():
            moved = list(self.inputs)
            for place in self.places:
                value = self.inputs[place].detach()
                tangent = given.get(place, wrap(np.zeros_like(value._array)))
                moved[place] = value if tangent is None else forward_ad.make_dual(value, tangent)
            return [tuple(forward_ad.unpack_dual(each)) for each in floats(listed(self.func(*moved)))]
