"""Jacobians, Hessians and products with them, of functions of one or several tensors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from engine import modes
from engine.autograd.backward import grad
from engine.dispatch import tensors as ops
from engine.func.jacobian import jacfwd, unit
from engine.func.levels import entered
from engine.tensor import Tensor

_LINEAR = (
    "While computing the hessian, found that the jacobian of the user-provided function with respect to input {} is "
    "independent of the input. This is not allowed in strict mode. You should ensure that your function is twice "
    "differentiable and that the jacobian depends on the inputs (this would be violated by a linear function for "
    "example)."
)
_CONSTANT = (
    "Output {} of the user-provided function does not require gradients. The outputs must be computed in a "
    "differentiable manner from the input when running in strict mode."
)
_UNUSED = {
    "back": "The output of the user-provided function is independent of input {}. This is not allowed in strict mode.",
    "back_trick": "The gradient with respect to the input is independent of entry {} in the grad_outputs when using "
    "the double backward trick to compute forward mode gradients. This is not allowed in strict mode.",
    "double_back": "The jacobian of the user-provided function is independent of input {}. This is not allowed in "
    "strict mode.",
    "double_back_trick": "The hessian of the user-provided function is independent of entry {} in the grad_jacobian. "
    "This is not allowed in strict mode as it prevents from using the double backward trick to replace forward mode "
    "AD.",
}
_NOT_SCALAR = "The Tensor returned by the function given to {} should contain a single element"
_NO_V = (
    "The vector v can only be None if the input to the user-provided function is a single Tensor with a single element."
)


def _listed(given: Any, what: str, where: str) -> tuple[bool, tuple[Tensor, ...]]:
    """Whether it is a tuple, and it as one."""
    several = isinstance(given, tuple)
    values = given if several else (given,)
    start = f"The {what} given to {where} must be either a Tensor or a tuple of Tensors but the "
    for i, value in enumerate(values):
        if not isinstance(value, Tensor):
            raise TypeError(f"{start}{f'value at index {i}' if several else f'given {what}'} has type {type(value)}.")
    return several, values


def _like(several: bool, values: Sequence[Any]) -> Any:
    return tuple(values) if several else values[0]


def _leaves(inputs: Sequence[Tensor], connected: bool) -> tuple[Tensor, ...]:
    """Stand-ins to differentiate by: connected to the inputs' history, or new leaves."""
    if connected:
        return tuple(entered(t, True) for t in inputs)
    return tuple(t.detach().requires_grad_() for t in inputs)


def _plain(several: bool, values: Sequence[Any], keep: bool) -> Any:
    return _like(several, [value if keep else value.detach() for value in values])


def _same_sizes(v: Sequence[Tensor], others: Sequence[Tensor], several: bool) -> None:
    if len(v) != len(others):
        if several:
            raise RuntimeError(f"v is a tuple of invalid length: should be {len(others)} but got {len(v)}.")
        raise RuntimeError("The given v should contain a single Tensor.")
    for i, (mine, theirs) in enumerate(zip(v, others, strict=True)):
        if mine.shape != theirs.shape:
            entry = f"Entry {i} in " if several else ""
            raise RuntimeError(f"{entry}v has invalid size: should be {theirs.shape} but got {mine.shape}.")


def _vector(v: Any, where: str, others: Sequence[Tensor], several: bool, missing: str) -> tuple[Tensor, ...]:
    """The given vectors, outside of any graph that we do not need; a one where none is given."""
    if v is None:
        if len(others) != 1 or others[0].numel() != 1:
            raise RuntimeError(missing)
        return (ops.ones_like(others[0].detach()),)
    _, vectors = _listed(v, "v", where)
    _same_sizes(vectors, others, several)
    return vectors


def _demand(tensors: Sequence[Tensor], sentence: str, strict: bool) -> None:
    if strict:
        for i, tensor in enumerate(tensors):
            if not tensor._requires_grad:
                raise RuntimeError(sentence.format(i))


def _gradients(
    outputs: Sequence[Tensor], inputs: Sequence[Tensor], weights: Sequence[Any] | None, create: bool, keep: bool = False
) -> list[Any]:
    """The gradients, None where there is none; outputs that need none are left aside."""
    given = [None] * len(outputs) if weights is None else weights
    pairs = [(o, w) for o, w in zip(outputs, given, strict=True) if o._requires_grad]
    if not pairs:
        return [None] * len(inputs)
    return list(
        grad(
            [o for o, _ in pairs], inputs, [w for _, w in pairs],
            retain_graph=keep or create, create_graph=create, allow_unused=True,
        )
    )  # fmt: skip


def _way_back(outputs: Sequence[Tensor], inputs: Sequence[Tensor]) -> tuple[tuple[Tensor, ...], list[Any]]:
    """Leaves that come into the way back, and the gradients that it makes of them, linear in them.

    They are ones, since some slopes take positive and negative gradients apart; where that is refused, zeros.
    """
    for filled in (ops.ones_like, ops.zeros_like):
        into = tuple(filled(each.detach()).requires_grad_() for each in outputs)
        try:
            return into, _gradients(outputs, inputs, into, True)
        except RuntimeError:
            if filled is ops.zeros_like:
                raise
    raise AssertionError


def _filled(found: Sequence[Any], like: Sequence[Tensor], strict: bool, create: bool, stage: str) -> list[Tensor]:
    """The gradients with zeros for those that are not there."""
    answers = []
    for i, (g, tensor) in enumerate(zip(found, like, strict=True)):
        if g is None:
            if strict:
                raise RuntimeError(_UNUSED[stage].format(i))
            g = ops.zeros_like(tensor.detach())
        elif strict and create and not g._requires_grad:
            what = "hessian" if "double" in stage else "jacobian"
            raise RuntimeError(
                f"The {what} of the user-provided function is independent of input {i}. This is not allowed in strict "
                "mode when create_graph=True."
            )
        answers.append(g)
    return answers


def _called(
    func: Callable[..., Any], inputs: Sequence[Tensor], where: str, strict: bool
) -> tuple[bool, tuple[Tensor, ...]]:
    several, outputs = _listed(func(*inputs), "outputs of the user-provided function", where)
    _demand(outputs, _CONSTANT, strict)
    return several, outputs


def _one(func: Callable[..., Any], inputs: Sequence[Tensor], where: str, strict: bool) -> Tensor:
    several, outputs = _called(func, inputs, where, strict)
    if several:
        raise RuntimeError(f"The function given to {where} should return a single Tensor")
    if outputs[0].numel() != 1:
        raise RuntimeError(_NOT_SCALAR.format(where))
    return outputs[0]


def vjp(
    func: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """`func(*inputs)` and v times its Jacobian."""
    with modes.enable_grad():
        several, given = _listed(inputs, "inputs", "vjp")
        leaves = _leaves(given, create_graph)
        many, outputs = _called(func, leaves, "vjp", strict)
        weights = _vector(
            v, "vjp", outputs, many,
            "The vector v can only be None if the user-provided function returns a single Tensor with a single "
            "element.",
        )  # fmt: skip
        found = _gradients(outputs, leaves, weights, create_graph)
        answers = _filled(found, leaves, strict, create_graph, "back")
    return _plain(many, outputs, create_graph), _plain(several, answers, create_graph)


def jvp(
    func: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """`func(*inputs)` and its Jacobian times v, by the derivative of the way back."""
    with modes.enable_grad():
        several, given = _listed(inputs, "inputs", "jvp")
        leaves = _leaves(given, create_graph)
        vectors = _vector(v, "jvp", leaves, several, _NO_V)
        many, outputs = _called(func, leaves, "jvp", strict)
        # The way back is linear in what comes into it, so its derivative by that is the Jacobian.
        into, back = _way_back(outputs, leaves)
        back = _filled(back, leaves, strict, create_graph, "back")
        found = _gradients(back, into, vectors, create_graph)
        answers = _filled(found, outputs, strict, create_graph, "back_trick")
    return _plain(many, outputs, create_graph), _plain(many, answers, create_graph)


def jacobian(
    func: Callable[..., Any],
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    strategy: str = "reverse-mode",
) -> Any:
    """The derivatives of all elements of `func(*inputs)` by all of the inputs, shaped (*output, *input)."""
    if strategy not in ("forward-mode", "reverse-mode"):
        raise AssertionError(
            'Expected strategy to be either "forward-mode" or "reverse-mode". Hint: If your function has more outputs '
            'than inputs, "forward-mode" tends to be more performant. Otherwise, prefer to use "reverse-mode".'
        )
    if strategy == "forward-mode":
        if create_graph:
            raise NotImplementedError(
                'torch.autograd.functional.jacobian: `create_graph=True` and `strategy="forward-mode"` are not '
                'supported together (yet). Please either set `create_graph=False` or `strategy="reverse-mode"`.'
            )
        if strict:
            raise RuntimeError(
                'torch.autograd.functional.jacobian: `strict=True` and `strategy="forward-mode"` are not supported '
                'together (yet). Please either set `strict=False` or `strategy="reverse-mode"`.'
            )
        return _forward(func, inputs, strict, vectorize)
    if strict and vectorize:
        raise RuntimeError(
            "torch.autograd.functional.jacobian: `strict=True` and `vectorized=True` are not supported together. "
            "Please either set `strict=False` or `vectorize=False`."
        )
    with modes.enable_grad():
        several, given = _listed(inputs, "inputs", "jacobian")
        leaves = _leaves(given, create_graph)
        many, outputs = _called(func, leaves, "jacobian", strict)
        answers = [_rows(i, out, leaves, create_graph, strict) for i, out in enumerate(outputs)]
    return _like(many, [_plain(several, row, create_graph) for row in answers])


def _rows(n: int, output: Tensor, leaves: Sequence[Tensor], create: bool, strict: bool) -> list[Tensor]:
    columns: list[list[Tensor]] = [[] for _ in leaves]
    for index in range(output.numel()):
        found = _gradients([output], leaves, [unit(output, index)], create, keep=True)
        for i, (g, leaf) in enumerate(zip(found, leaves, strict=True)):
            if strict and g is None:
                raise RuntimeError(
                    f"Output {n} of the user-provided function is independent of input {i}. This is not allowed in "
                    "strict mode."
                )
            if strict and create and not g._requires_grad:
                raise RuntimeError(
                    f"The jacobian of the user-provided function is independent of input {i}. This is not allowed in "
                    "strict mode when create_graph=True."
                )
            columns[i].append(ops.zeros_like(leaf.detach()) if g is None else g)
    shape = tuple(output.shape)
    return [
        ops.stack(column).view((*shape, *leaf.shape)) if column else ops.zeros(*shape, *leaf.shape, dtype=leaf.dtype)
        for column, leaf in zip(columns, leaves, strict=True)
    ]


def _forward(func: Callable[..., Any], inputs: Any, strict: bool, vectorize: bool) -> Any:
    if not vectorize:
        raise NotImplementedError(
            "Computing Jacobian using forward-AD or forward-over-reverse Hessian is"
            "only implemented for `vectorize=True`."
        )
    if strict:
        raise RuntimeError(
            "torch.autograd.functional.jacobian: `strict=True` and `vectorized=True` are not supported together. "
            "Please either set `strict=False` or `vectorize=False`."
        )
    several, given = _listed(inputs, "inputs", "jacobian")

    def checked(*args: Any) -> Any:
        found = func(*args)
        _listed(found, "outputs of the user-provided function", "jacobian")
        return found

    found = jacfwd(checked, tuple(range(len(given))))(*given)
    if isinstance(found[0], tuple):
        return tuple(list(each) if several else each[0] for each in found)
    return list(found) if several else found[0]


def hessian(
    func: Callable[..., Any],
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    outer_jacobian_strategy: str = "reverse-mode",
) -> Any:
    """The second derivatives of the one number `func(*inputs)`."""
    several, given = _listed(inputs, "inputs", "hessian")
    if outer_jacobian_strategy not in ("forward-mode", "reverse-mode"):
        raise AssertionError('Expected strategy to be either "forward-mode" or "reverse-mode".')

    def scalar(*args: Any) -> Any:
        many, outputs = _listed(func(*args), "outputs of the user-provided function", "hessian")
        _demand(outputs, _CONSTANT, strict)
        if many:
            raise RuntimeError("The function given to hessian should return a single Tensor")
        if outputs[0].numel() != 1:
            raise RuntimeError(_NOT_SCALAR.format("hessian"))
        return outputs[0].squeeze()

    def first(*args: Any) -> Any:
        rows = jacobian(scalar, args, create_graph=True)
        _demand(rows, _LINEAR, strict)
        return rows

    found = jacobian(
        first, given, create_graph=create_graph, strict=strict, vectorize=vectorize, strategy=outer_jacobian_strategy
    )
    found = tuple(tuple(row) for row in found)
    return found if several else found[0][0]


def vhp(
    func: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """The one number `func(*inputs)`, and v times its Hessian."""
    with modes.enable_grad():
        several, given = _listed(inputs, "inputs", "vhp")
        leaves = _leaves(given, create_graph)
        vectors = _vector(v, "vhp", leaves, several, _NO_V)
        output = _one(func, leaves, "vhp", strict)
        first = _filled(_gradients([output], leaves, None, True), leaves, strict, create_graph, "back")
        _demand(first, _LINEAR, strict)
        found = _gradients(first, leaves, vectors, create_graph)
        answers = _filled(found, leaves, strict, create_graph, "double_back")
    return output if create_graph else output.detach(), _plain(several, answers, create_graph)


def hvp(
    func: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """The one number `func(*inputs)`, and its Hessian times v."""
    with modes.enable_grad():
        several, given = _listed(inputs, "inputs", "hvp")
        leaves = _leaves(given, create_graph)
        vectors = _vector(v, "hvp", leaves, several, _NO_V)
        output = _one(func, leaves, "hvp", strict)
        first = _filled(_gradients([output], leaves, None, True), leaves, strict, create_graph, "back")
        _demand(first, _LINEAR, strict)
        into, second = _way_back(first, leaves)
        second = _filled(second, leaves, strict, create_graph, "double_back")
        found = _gradients(second, into, vectors, create_graph)
        answers = _filled(found, leaves, strict, create_graph, "double_back_trick")
    return output if create_graph else output.detach(), _plain(several, answers, create_graph)


__all__ = ["hessian", "hvp", "jacobian", "jvp", "vhp", "vjp"]
