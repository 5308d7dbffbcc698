"""A check of derivatives against differences: `gradcheck` of the first, `gradgradcheck` of the second."""

from __future__ import annotations

import functools
import math
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from engine import modes
from engine.array import OF_NUMPY
from engine.autograd import forward_ad
from engine.autograd.backward import grad
from engine.dispatch import tensors as ops
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


def _listed(given: Any) -> tuple[Any, ...]:
    return tuple(given) if isinstance(given, (tuple, list)) else (given,)


def _floats(values: Sequence[Any]) -> list[Tensor]:
    return [v for v in values if isinstance(v, Tensor) and v._array.dtype.kind in "fcV"]


class _Check:
    """One call of `gradcheck`: the function, its inputs, and the limits."""

    def __init__(
        self, func: Callable[..., Any], inputs: tuple[Any, ...], eps: float, atol: float, rtol: float, nondet: float
    ) -> None:
        self.func = func
        self.inputs = inputs
        self.eps, self.atol, self.rtol, self.nondet = eps, atol, rtol, nondet
        self.places = [i for i, v in enumerate(inputs) if isinstance(v, Tensor) and v._requires_grad]

    def outputs(self) -> list[Tensor]:
        """The results that can have a gradient."""
        return [o for o in _listed(self.func(*self.inputs)) if o.requires_grad]

    # ---- differences

    def numerical(self, place: int, count: int, part: Callable[[Any], Any]) -> list[np.ndarray]:
        """For each of the results its Jacobian by an input, (elements of that, elements of the result)."""
        source = self.inputs[place]
        flat = source.detach()._array
        columns: list[list[Any]] = [[] for _ in range(count)]
        steps = [self.eps, 1j * self.eps] if flat.dtype.kind == "c" else [self.eps]
        for index in range(flat.size):
            sides = []
            for step in steps:
                ahead, behind = self._moved(place, index, step), self._moved(place, index, -step)
                self._check_alike(ahead, behind, f"on index {tuple(map(int, np.unravel_index(index, flat.shape)))} ")
                sides.append([(a - b) / (2 * self.eps) for a, b in zip(ahead, behind, strict=True)])
            for n in range(count):
                slopes = [part(side[n]).reshape(-1) for side in sides]
                columns[n].append(slopes[0] if len(slopes) == 1 else slopes[0] + 1j * slopes[1])
        kind = flat.dtype
        return [np.array(c).astype(kind, copy=False) if c else np.zeros((0, 0), kind) for c in columns]

    def _moved(self, place: int, index: Any, step: Any) -> list[np.ndarray]:
        """The results with one element of an input, or those of a mask, moved by a step."""
        given = list(self.inputs)
        away = np.array(given[place]._array)
        away.reshape(-1)[index] += step
        given[place] = wrap(away)
        given[place]._requires_grad = True
        with modes.enable_grad():
            results = _listed(self.func(*given))
        found = [r for r in results if isinstance(r, Tensor) and r._requires_grad]
        return [np.array(r._array) for r in (found or _floats(results))]

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

    def analytical(self, n: int, output: Tensor, factor: complex) -> list[np.ndarray]:
        """The Jacobian of a result by each of the inputs, by the way back, each row twice to see it repeat."""
        leaves = [self.inputs[i] for i in self.places]
        first: list[list[Any]] = [[] for _ in leaves]
        again: list[list[Any]] = [[] for _ in leaves]
        for index in range(output.numel()):
            for rows in (first, again):
                weight = unit(output, index)
                if factor != 1:
                    weight._array[...] *= factor
                found = grad(output, leaves, weight, retain_graph=True, allow_unused=True)
                for row, g, leaf in zip(rows, found, leaves, strict=True):
                    row.append(np.zeros(leaf._array.size, leaf._array.dtype) if g is None else self._row(g, leaf))
        for one, two in zip(first, again, strict=True):
            self._check_repeated(np.array(one), np.array(two))
        return [np.array(rows).reshape(len(rows), -1).T for rows in first]

    def _check_repeated(self, one: Any, two: Any) -> None:
        if np.abs(one - two).max(initial=0) > self.nondet:
            raise GradcheckError(
                "Backward is not reentrant, i.e., running backward with same input and grad_output multiple times "
                "gives different values, although analytical gradient matches numerical gradient.The tolerance "
                f"for nondeterminism was {self.nondet}.{_NONDETERMINISTIC}"
            )

    def without_weights(self) -> None:
        """GradcheckError where gradients are not zero though those of all the outputs are."""
        outputs, leaves = self.outputs(), [self.inputs[i] for i in self.places]
        if not outputs:
            return
        zeros = [ops.zeros_like(o.detach()) for o in outputs]
        for g in grad(outputs, leaves, zeros, allow_unused=True):
            if g is not None and bool((g._array != 0).any()):
                raise GradcheckError("backward not multiplied by grad_output")

    def _row(self, g: Tensor, leaf: Tensor) -> np.ndarray:
        if g._array.shape != leaf._array.shape:
            raise GradcheckError("Analytical gradient has incorrect size")
        if g._array.dtype != leaf._array.dtype:
            raise GradcheckError("Analytical gradient has incorrect type")
        return np.array(g._array).reshape(-1)

    def forward(self, place: int, count: int) -> list[np.ndarray]:
        """The Jacobians of the results by an input, by forward mode."""
        source = self.inputs[place].detach()
        columns: list[list[Any]] = [[] for _ in range(count)]

        def of_one(x: Tensor) -> tuple[Any, ...]:
            given = list(self.inputs)
            given[place] = x
            return tuple(o for o in _listed(self.func(*given)) if isinstance(o, Tensor) and o._requires_grad)

        for index in range(source.numel()):
            with forward_ad.dual_level():
                results = of_one(forward_ad.make_dual(source.requires_grad_(), unit(source, index)))
                for n, (value, tangent) in enumerate(map(forward_ad.unpack_dual, results)):
                    moved = np.zeros_like(value._array) if tangent is None else tangent._array
                    columns[n].append(np.array(moved).reshape(-1))
        return [np.array(c) for c in columns]

    # ---- the comparison

    def along_one_direction(self, outputs: list[Tensor]) -> bool:
        """Whether the derivatives agree along a direction in each input, weighted at random over each result.

        That takes two calls and one way back an input, whatever their sizes; it is for real numbers alone.
        """
        if any(t._array.dtype.kind != "f" for t in (*outputs, *(self.inputs[i] for i in self.places))):
            return False
        draw = np.random.RandomState(0)
        weights = [np.asarray(draw.rand(*o.shape)) for o in outputs]
        for place in self.places:
            leaf = self.inputs[place]
            direction = draw.rand(leaf._array.size)
            direction /= max(float(np.linalg.norm(direction)), 1e-300)
            sides = [self._moved(place, slice(None), sign * self.eps * direction) for sign in (1, -1)]
            self._check_alike(sides[0], sides[1], "")
            for ahead, behind, output, weight in zip(*sides, outputs, weights, strict=True):
                numerical = float(((ahead - behind) / (2 * self.eps) * weight).sum())
                pulled = wrap(np.asarray(weight, output._array.dtype))
                twice = [grad(output, [leaf], pulled, retain_graph=True, allow_unused=True)[0] for _ in range(2)]
                rows = [np.zeros(direction.size) if g is None else self._row(g, leaf) for g in twice]
                self._check_repeated((rows[0] * direction).sum(), (rows[1] * direction).sum())
                analytical = float((rows[0] * direction).sum())
                # The tolerance of the sum of as many elements as the weights add up.
                if not np.isclose(analytical, numerical, self.rtol, self.atol * max(float(weight.sum()), 1.0)):
                    return False
        return True

    def compare(self, fast: bool, backward: bool, forward: bool) -> None:
        """GradcheckError where the Jacobians differ."""
        outputs = self.outputs()
        if not outputs:
            count = len(_floats(_listed(self.func(*self.inputs))))
            for place in self.places:
                if any(np.any(j != 0) for j in self.numerical(place, count, lambda s: s)):
                    raise GradcheckError("Numerical gradient for function expected to be zero")
            return
        if fast and backward and not forward and self.along_one_direction(outputs):
            return
        with_complex = any(o._array.dtype.kind == "c" for o in outputs)
        parts: list[tuple[str, Any, Any]] = [("", np.real if with_complex else lambda s: s, 1)]
        if with_complex:
            parts = [("imaginary", np.imag, 1j), ("real", np.real, 1)]
        for name, part, factor in parts if backward else ():
            prefix = f"While considering the {name} part of complex outputs only, " if name else ""
            numerical = [self.numerical(place, len(outputs), part) for place in self.places]
            for n, output in enumerate(outputs):
                if name == "imaginary" and output._array.dtype.kind != "c":
                    continue
                analytical = self.analytical(n, output, factor)
                for i in range(len(self.places)):
                    self._agree(analytical[i], numerical[i][n], n, i, prefix, fast)
        if forward:
            for i, place in enumerate(self.places):
                wanted = self.numerical(place, len(outputs), lambda s: s)
                for n, found in enumerate(self.forward(place, len(outputs))):
                    self._agree(found, wanted[n], n, i, "", fast)

    def _agree(self, found: Any, wanted: Any, n: int, i: int, prefix: str, fast: bool) -> None:
        if np.allclose(found, wanted, self.rtol, self.atol, equal_nan=True):
            return
        shown = f"{prefix}Jacobian mismatch for output {n} with respect to input {i},\n"
        if not fast:
            raise GradcheckError(f"{shown}numerical:{wrap(wanted)}\nanalytical:{wrap(found)}\n")
        along = [np.random.RandomState(0).rand(m) for m in wanted.shape]
        u, v = (each / max(float(np.linalg.norm(each)), 1e-300) for each in along)
        a, b = (u @ jacobian @ v for jacobian in (wanted, found))
        raise GradcheckError(
            f"{shown}numerical:{a}\nanalytical:{b}\n\nThe above quantities relating the numerical and analytical "
            "jacobians are computed \nin fast mode. See: https://github.com/pytorch/pytorch/issues/53876 for more "
            "background \nabout fast mode. Below, we recompute numerical and analytical jacobians in slow mode:\n\n"
            f"Numerical:\n {wrap(wanted)}\nAnalytical:\n{wrap(found)}\n\nThe max per-element difference (slow mode) "
            f"is: {float(np.abs(wanted - found).max())}.\n"
        )

    def batched(self) -> None:
        """GradcheckError where a batch of output gradients gives other results than one after the other."""
        for n, output in enumerate(self.outputs()):
            leaves = [self.inputs[i] for i in self.places]
            rows = [np.asarray(np.random.RandomState(k).randn(*output.shape), output._array.dtype) for k in range(2)]
            each = [grad(output, leaves, wrap(np.asarray(r)), retain_graph=True, allow_unused=True) for r in rows]
            both = grad(
                output, leaves, wrap(np.stack(rows)), retain_graph=True, allow_unused=True, is_grads_batched=True
            )
            for i, got in enumerate(both):
                if got is not None and not np.allclose(got._array, np.stack([e[i]._array for e in each])):
                    raise GradcheckError(f"For output {n} and input {i}: batched gradients differ")


def gradcheck(
    func: Callable[..., Any],
    inputs: Any,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_batched_forward_grad: bool = False,
    check_forward_ad: bool = False,
    check_backward_ad: bool = True,
    fast_mode: bool = False,
    masked: bool | None = None,
) -> bool:
    """Whether the derivatives of `func` at the inputs that need gradients agree with central differences."""
    if not (check_forward_ad or check_backward_ad):
        raise AssertionError("Expected at least one of check_forward_ad or check_backward_ad to be True")
    if check_batched_grad and not check_backward_ad:
        raise AssertionError("Setting check_batched_grad=True requires check_backward_ad to be True")
    if check_batched_forward_grad and not check_forward_ad:
        raise AssertionError("Setting check_batched_forward_grad=True requires check_forward_ad to be True")
    check = _Check(func, _listed(inputs), eps, atol, rtol, nondet_tol)
    try:
        _check_inputs(check)
        check.compare(fast_mode, check_backward_ad, check_forward_ad)
        if check_batched_grad:
            check.batched()
        if check_backward_ad:
            check.without_weights()
    except GradcheckError:
        if raise_exception:
            raise
        return False
    return True


def _check_inputs(check: _Check) -> None:
    if not check.places:
        raise ValueError(
            "gradcheck expects at least one input tensor to require gradient, but none of them have requires_grad=True."
        )
    for i in check.places:
        tensor = check.inputs[i]
        if tensor._array.dtype not in (np.float64, np.complex128):
            warnings.warn(
                f"Input #{i} requires gradient and is not a double precision floating point or complex. This check "
                "will likely fail if all the inputs are not of double precision floating point or complex. ",
                UserWarning,
                stacklevel=3,
            )
        if any(step == 0 and size > 1 for step, size in zip(tensor.stride(), tensor.shape, strict=True)):
            raise RuntimeError(
                f"The {i}th input has a dimension with stride 0. gradcheck only supports inputs that are "
                "non-overlapping to be able to compute the numerical gradients correctly. You should call .contiguous "
                "on the input before passing it to gradcheck."
            )


def gradgradcheck(
    func: Callable[..., Any],
    inputs: Any,
    grad_outputs: Any = None,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    gen_non_contig_grad_outputs: bool = False,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_fwd_over_rev: bool = False,
    check_rev_over_rev: bool = True,
    fast_mode: bool = False,
    masked: bool = False,
) -> bool:
    """Whether the second derivatives of `func` agree with differences of the first."""
    if not (check_fwd_over_rev or check_rev_over_rev):
        raise AssertionError("Expected at least one of check_fwd_over_rev or check_rev_over_rev to be True")
    given = _listed(inputs)
    if grad_outputs is None:
        outputs = [o for o in _listed(func(*given)) if isinstance(o, Tensor) and o._requires_grad]
        weights = tuple(_weight(o, gen_non_contig_grad_outputs) for o in outputs)
    else:
        weights = _listed(grad_outputs)

    @functools.wraps(func)
    def first(*args: Any) -> Any:
        sources, ups = args[: len(given)], args[len(given) :]
        outputs = [o for o in _listed(func(*sources)) if isinstance(o, Tensor) and o._requires_grad]
        leaves = tuple(s for s in sources if isinstance(s, Tensor) and s._requires_grad)
        found = grad(outputs, leaves, ups, create_graph=True, allow_unused=True)
        return tuple(g for g in found if g is not None)

    return gradcheck(
        first, (*given, *weights), eps=eps, atol=atol, rtol=rtol, raise_exception=raise_exception,
        nondet_tol=nondet_tol, check_forward_ad=check_fwd_over_rev, check_backward_ad=check_rev_over_rev,
        check_batched_grad=check_batched_grad, fast_mode=fast_mode,
    )  # fmt: skip


def _weight(output: Tensor, every_other: bool) -> Tensor:
    """Numbers from -1 to 1 in the shape of an output, from the common generator, as PyTorch draws them."""
    last = 2 if output.is_complex() else 1  # of complex numbers both parts are drawn
    shape = (*output._array.shape, last)
    if every_other and output._array.size > 1:
        shape = (*shape[:-2], 2 * shape[-2], last)
    drawn = wrap(np.empty(shape, output._array.real.dtype)).uniform_(-1, 1)
    weight = ops.view_as_complex(drawn) if last == 2 else drawn[..., 0]
    return weight[(..., slice(1, None, 2)) if weight.shape != output.shape else ...].detach().requires_grad_()


def get_numerical_jacobian(fn: Callable[..., Any], inputs: Any, target: Any = None, eps: float = 1e-3) -> Any:
    """The Jacobians of `fn(inputs)` by differences, one an input that needs a gradient."""
    given = _listed(inputs)
    check = _Check(lambda *args: fn(args), given, eps, 0.0, 0.0, math.inf)
    return tuple(wrap(check.numerical(i, 1, lambda s: s)[0]) for i in check.places)


__all__ = ["GradcheckError", "get_numerical_jacobian", "gradcheck", "gradgradcheck"]
