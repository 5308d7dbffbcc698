"""What `gradcheck` tries beyond the Jacobians: batches, gradients of zero, gradients that are missing."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

from engine.autograd.backward import grad
from engine.autograd.function import Function
from engine.autograd.jacobians import GradcheckError, Jacobians
from engine.dispatch import tensors as ops
from engine.func.vmapping import batch_of_gradients
from engine.tensor import Tensor


def _batched(of_one: Callable[[Any], Any], like: Tensor, place: Callable[[int], tuple[int, int]]) -> None:
    """GradcheckError where a batch of two gives something else than one after the other."""
    samples = [ops.randn_like(like) for _ in range(2)]
    expected = [ops.stack(list(shards)) for shards in zip(*map(of_one, samples), strict=True)]
    try:
        results = batch_of_gradients(of_one)(ops.stack(samples))
    except RuntimeError as error:
        raise GradcheckError(f"While computing batched gradients, got: {error}") from error
    for i, (found, wanted) in enumerate(zip(results, expected, strict=True)):
        if not ops.allclose(found, wanted):
            output, source = place(i)
            raise GradcheckError(f"For output {output} and input {source}:\n\nGot:\n{found}\n\nExpected:\n{wanted}")


def _filled(found: Sequence[Any], likes: Sequence[Tensor]) -> tuple[Tensor, ...]:
    return tuple(ops.zeros_like(like.detach()) if g is None else g for g, like in zip(found, likes, strict=True))


def batched_gradients(check: Jacobians) -> None:
    """GradcheckError where the way back does not take a batch of gradients as it takes each."""
    leaves = [check.inputs[place] for place in check.places]
    for n, output in enumerate(check.outputs()):

        def of_one(weight: Tensor, output: Tensor = output) -> tuple[Tensor, ...]:
            return _filled(grad(output, leaves, weight, retain_graph=True, allow_unused=True), leaves)

        _batched(of_one, output.detach(), lambda i, n=n: (n, i))  # type: ignore[misc]


def batched_tangents(check: Jacobians) -> None:
    """GradcheckError where forward mode does not take a batch of tangents as it takes each."""
    for place in check.places:

        def of_one(tangent: Tensor, place: int = place) -> tuple[Tensor, ...]:
            others = dict.fromkeys(check.places)
            pairs = check.tangents({**others, place: tangent})
            return _filled([moved for _, moved in pairs], [value for value, _ in pairs])

        _batched(of_one, check.inputs[place].detach(), lambda i: (i, i))


def without_weights(check: Jacobians) -> None:
    """GradcheckError where gradients are not zero though those of all the outputs are."""
    outputs, leaves = check.outputs(), [check.inputs[i] for i in check.places]
    if not outputs:
        return
    zeros = [ops.zeros_like(o.detach()) for o in outputs]
    for g, leaf in zip(grad(outputs, leaves, zeros, allow_unused=True), leaves, strict=True):
        if g is None:
            continue
        if bool((g._array != 0).any()):
            raise GradcheckError("backward not multiplied by grad_output")
        if g.dtype != leaf.dtype:
            raise GradcheckError("grad is incorrect type")
        if g.shape != leaf.shape:
            raise GradcheckError("grad is incorrect size")


class _Undefined(Function):
    """The identity whose gradient is missing."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        return x.view_as(x)

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        return None


_NOTES = 'Please look at "Notes about undefined output gradients" in "tools/autograd/derivatives.yaml"'


def undefined_gradients(check: Jacobians) -> None:
    """GradcheckError where the way back cannot do without the gradients of the outputs, of all or of one."""
    leaves = [check.inputs[place] for place in check.places]
    count = len(check.outputs())
    for missing in ((*range(count),), *([(n,) for n in range(count)] if count > 1 else [])):
        outputs = [_Undefined.apply(o) if n in missing else o for n, o in enumerate(check.outputs())]
        if not outputs:
            return
        try:
            found = grad(outputs, leaves, [ops.zeros_like(o.detach()) for o in outputs], allow_unused=True)
        except RuntimeError as error:
            _warn()
            raise GradcheckError(f"Expected backward function to handle undefined output grads. {_NOTES}") from error
        if any(g is not None and bool((g._array != 0).any()) for g in found):
            _warn()
            raise GradcheckError(
                "Expected all input grads to be undefined or zero when all output grads are undefined or zero. "
                f"{_NOTES}"
            )


def _warn() -> None:
    warnings.warn(
        "Backwards compatibility: New undefined gradient support checking feature is enabled by default, but it may "
        "break existing callers of this function. If this is true for you, you can call this function with "
        '"check_undefined_grad=False" to disable the feature', UserWarning, stacklevel=2,
    )  # fmt: skip


def undefined_tangents(check: Jacobians) -> None:
    """GradcheckError where a tangent of zeros gives something else than none."""
    ones = {place: ops.ones_like(check.inputs[place].detach()) for place in check.places}
    for place in check.places:
        zeros = ops.zeros_like(ones[place])
        given, without = (check.tangents({**ones, place: each}) for each in (zeros, None))
        for n, ((_, one), (_, other)) in enumerate(zip(given, without, strict=True)):
            if one is not None and other is not None and not ops.allclose(one, other):
                raise GradcheckError(
                    "Mismatch in tangent values for output with index: ", n, " when input: ", check.inputs[place],
                    " has an undefined tangent value. ", " Got: ", one, " but expected: ", other,
                )  # fmt: skip


__all__ = ["batched_gradients", "batched_tangents", "undefined_gradients", "undefined_tangents", "without_weights"]
