"""A check of derivatives against differences: `gradcheck` of the first, `gradgradcheck` of the second."""

from __future__ import annotations

import functools
import math
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from engine.autograd import further_checks
from engine.autograd.backward import grad
from engine.autograd.jacobians import GradcheckError, Jacobians, floats, listed
from engine.dispatch import tensors as ops
from engine.tensor import Tensor, wrap


class _Check(Jacobians):
    """One call of `gradcheck`: the comparison of the Jacobians."""

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
                rows = [self._row(g, leaf) for g in twice]
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
            count = len(floats(listed(self.func(*self.inputs))))
            for place in self.places:
                if any(np.any(j != 0) for j in self.numerical(place, count, lambda s: s)):
                    raise GradcheckError("Numerical gradient for function expected to be zero")
            return
        if backward and not (fast and self.along_one_direction(outputs)):
            self.compare_backward(outputs, fast)
        if forward:
            self.compare_forward(len(outputs), fast)

    def compare_backward(self, outputs: list[Tensor], fast: bool) -> None:
        """GradcheckError where the way back differs, for complex results by one part of them and then the other."""
        with_complex = any(o._array.dtype.kind == "c" for o in outputs)
        parts: list[tuple[str, Any, Any]] = [("", lambda s: s, 1)]
        if with_complex:
            parts = [("imaginary", np.imag, 1j), ("real", np.real, 1)]
        for name, part, factor in parts:
            numerical = [self.numerical(place, len(outputs), part) for place in self.places]
            for n, output in enumerate(outputs):
                is_complex = output._array.dtype.kind == "c"
                if name == "imaginary" and not is_complex:
                    continue
                where = f"While considering the {name} part of complex outputs only, Jacobian" if is_complex else ""
                analytical = self.analytical(output, factor)
                for i in range(len(self.places)):
                    self._agree(analytical[i], numerical[i][n], n, i, where or "Jacobian", fast)

    def compare_forward(self, count: int, fast: bool) -> None:
        """GradcheckError where forward mode differs, from complex inputs by one part of them and then the other."""
        kinds = [self.inputs[place]._array.dtype.kind for place in self.places]
        for name, direction in (("imaginary", 1j), ("real", 1)) if "c" in kinds else (("", 1),):
            for i, place in enumerate(self.places):
                is_complex = kinds[i] == "c"
                if name == "imaginary" and not is_complex:
                    continue
                where = f"While considering the {name} part of complex inputs only, Jacobian" if is_complex else ""
                size = self.inputs[place]._array.size
                rows = [self.along(place, index, direction) for index in range(size)]
                wanted = [np.array([row[n].reshape(-1) for row in rows]) for n in range(count)]
                what = f"{where or 'Jacobian'} computed with forward mode"
                for n, found in enumerate(self.forward(place, direction)):
                    self._agree(found, wanted[n], n, i, what, fast)

    def _agree(self, found: Any, wanted: Any, n: int, i: int, what: str, fast: bool) -> None:
        if np.allclose(found, wanted, self.rtol, self.atol, equal_nan=True):
            return
        shown = f"{what} mismatch for output {n} with respect to input {i},\n"
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
    check = _Check(func, listed(inputs), eps, atol, rtol, nondet_tol, check_grad_dtypes)
    try:
        _check_inputs(check)
        check.compare(fast_mode, check_backward_ad, check_forward_ad)
        if check_forward_ad and check_undefined_grad:
            further_checks.undefined_tangents(check)
        if check_batched_forward_grad:
            further_checks.batched_tangents(check)
        if check_backward_ad:
            if check_batched_grad:
                further_checks.batched_gradients(check)
            further_checks.without_weights(check)
            if check_undefined_grad:
                further_checks.undefined_gradients(check)
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
    given = listed(inputs)
    if grad_outputs is None:
        outputs = [o for o in listed(func(*given)) if isinstance(o, Tensor) and o._requires_grad]
        weights = tuple(_weight(o, gen_non_contig_grad_outputs) for o in outputs)
    else:
        weights = listed(grad_outputs)

    needs = [[isinstance(each, Tensor) and each._requires_grad for each in group] for group in (given, weights)]

    def needing(group: Sequence[Any], which: Sequence[bool]) -> list[Any]:
        # What forward mode is asked of has lost it.
        return [each.requires_grad_() if need else each for each, need in zip(group, which, strict=True)]

    @functools.wraps(func)
    def first(*args: Any) -> Any:
        sources, ups = needing(args[: len(given)], needs[0]), needing(args[len(given) :], needs[1])
        outputs = [o for o in listed(func(*sources)) if isinstance(o, Tensor) and o._requires_grad]
        leaves = tuple(s for s, need in zip(sources, needs[0], strict=True) if need)
        found = grad(outputs, leaves, ups, create_graph=True, allow_unused=True)
        return tuple(g for g in found if g is not None)

    return gradcheck(
        first, (*given, *weights), eps=eps, atol=atol, rtol=rtol, raise_exception=raise_exception,
        nondet_tol=nondet_tol, check_forward_ad=check_fwd_over_rev, check_backward_ad=check_rev_over_rev,
        check_undefined_grad=check_undefined_grad, check_grad_dtypes=check_grad_dtypes,
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


_NOT_PUBLIC = (
    "was part of PyTorch's private API and not meant to be exposed. We are deprecating it and it will be removed in a "
    "future version of PyTorch. If you have a specific use for this or feature request for this to be a stable API, "
    "please file us an issue at https://github.com/pytorch/pytorch/issues/new"
)


def get_numerical_jacobian(
    fn: Callable[..., Any], inputs: Any, target: Any = None, eps: float = 1e-3, grad_out: float = 1.0
) -> Any:
    """The Jacobians of `fn(inputs)` by differences, one an input that needs a gradient."""
    warnings.warn(f"`get_numerical_jacobian` {_NOT_PUBLIC}", FutureWarning, stacklevel=2)
    if grad_out != 1.0:
        raise ValueError(
            "Expected grad_out to be 1.0. get_numerical_jacobian no longer supports values of grad_out != 1.0."
        )
    check = Jacobians(lambda *args: fn(args), listed(inputs), eps, 0.0, 0.0, math.inf)
    return tuple(wrap(check.numerical(i, 1, lambda s: s)[0]) for i in check.places)


def get_analytical_jacobian(
    inputs: Any, output: Tensor, nondet_tol: float = 0.0, grad_out: float = 1.0
) -> tuple[tuple[Tensor, ...], bool, bool, bool]:
    """The Jacobians of `output` by the way back; whether it repeats itself, in the inputs' shapes and dtypes."""
    warnings.warn(f"`get_analytical_jacobian` {_NOT_PUBLIC}", FutureWarning, stacklevel=2)
    if grad_out != 1.0:
        raise ValueError(
            "Expected grad_out to be 1.0. get_analytical_jacobian no longer supports values of grad_out != 1.0."
        )
    if output.is_complex():
        raise ValueError(
            "Expected output to be non-complex. get_analytical_jacobian no longer supports functions that return "
            "complex outputs."
        )
    check = Jacobians(lambda *_: output, listed(inputs), 0.0, 0.0, 0.0, nondet_tol)
    once, again = check.rows(output, 1), check.rows(output, 1)
    leaves = [check.inputs[place] for place in check.places]
    given = [(g, leaf) for row in once for g, leaf in zip(row, leaves, strict=True) if g is not None]
    sizes, types = (all(getattr(g, of) == getattr(leaf, of) for g, leaf in given) for of in ("shape", "dtype"))
    found, other = (
        [
            np.array([np.zeros(leaf._array.size) if g is None else np.array(g._array).reshape(-1) for g in column]).T
            for column, leaf in zip(zip(*rows, strict=True), leaves, strict=True)
        ]
        for rows in (once, again)
    )
    repeats = all(np.abs(a - b).max(initial=0) <= nondet_tol for a, b in zip(found, other, strict=True))
    return tuple(map(wrap, found)), repeats, sizes, types


__all__ = ["GradcheckError", "get_analytical_jacobian", "get_numerical_jacobian", "gradcheck", "gradgradcheck"]
