"""Functions of functions: gradients and products with Jacobians."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from engine import graph
from engine.autograd.forward_ad import dual, unpacked
from engine.autograd.graph import disable_saved_tensors_hooks
from engine.dispatch import tensors as ops
from engine.duals import DUALS
from engine.func import tree
from engine.func.levels import Inside, Recording, entered, gradients, left, own_leaves
from engine.tensor import Tensor

_NO_HOOKS = (
    "torch.func.{grad, vjp, jacrev, hessian} don't yet support saved tensor hooks. Please open an issue with your use "
    "case."
)


def pick(argnums: Any, args: tuple[Any, ...]) -> Any:
    """The arguments that `argnums`, an index or a tuple of them, names."""
    if not isinstance(argnums, (int, tuple)):
        raise RuntimeError(f"argnums must be int or Tuple[int, ...], got: {type(argnums)}")
    if isinstance(argnums, tuple):
        if not argnums:
            raise RuntimeError("argnums must be non-empty")
        for each in argnums:
            if not isinstance(each, int):
                raise RuntimeError(f"argnum must be int, got: {type(each)}")
    positions = [_position(n, len(args)) for n in ((argnums,) if isinstance(argnums, int) else argnums)]
    if len(set(positions)) != len(positions):
        raise RuntimeError(f"argnums elements must be unique, got {tuple(positions)}")
    return args[positions[0]] if isinstance(argnums, int) else tuple(args[n] for n in positions)


def _position(n: int, count: int) -> int:
    if not -count <= n < count:
        raise RuntimeError(f"Got argnum={n}, but only {count} positional inputs")
    return n + count if n < 0 else n


def replaced(args: tuple[Any, ...], argnums: Any, new: Any) -> tuple[Any, ...]:
    """The arguments with others in the place of those that `argnums` names."""
    given = list(args)
    for n, value in [(argnums, new)] if isinstance(argnums, int) else zip(argnums, new, strict=True):
        given[n] = value
    return tuple(given)


def stand_ins(picked: Any, outer: bool) -> tuple[list[Tensor], Any]:
    """Stand-ins for the tensors in a structure, flat and in that structure."""
    leaves, spec = tree.flatten(picked)
    for leaf in leaves:
        if not isinstance(leaf, Tensor):
            raise ValueError(f"Thing passed to transform API must be Tensor, got {type(leaf)}")
    inside = [entered(leaf, outer) for leaf in leaves]
    return inside, tree.unflatten(inside, spec)


def _outward(value: Any, inside: list[Tensor], outer: bool) -> Any:
    own = own_leaves(inside)
    return tree.mapped(lambda leaf: left(leaf, own, outer), value)


def grad_and_value(func: Callable[..., Any], argnums: Any = 0, has_aux: bool = False) -> Callable[..., Any]:
    """The function that returns the gradient of `func`'s scalar result by its arguments `argnums`, and the result."""

    @functools.wraps(func)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        outer = graph.recording()
        inside, given = stand_ins(pick(argnums, args), outer)
        with disable_saved_tensors_hooks(_NO_HOOKS), Inside(), Recording():
            output = func(*replaced(args, argnums, given), **kwargs)
        aux = None
        if has_aux:
            if not (isinstance(output, tuple) and len(output) == 2):
                raise RuntimeError(
                    "grad_and_value(f)(*args): output of function f should be a tuple: (output, aux) if has_aux is True"
                )
            output, aux = output
            _check_aux(aux)
        if not isinstance(output, Tensor):
            raise RuntimeError(f"grad_and_value(f)(*args): Expected f(*args) to return a Tensor, got {type(output)}")
        if output._array.ndim:
            raise RuntimeError(
                "grad_and_value(f)(*args): Expected f(*args) to return a scalar Tensor, got tensor with "
                f"{output.dim()} dims. Maybe you wanted to use the vjp or jacrev APIs instead?"
            )
        if output._array.dtype.kind == "c":
            raise RuntimeError(f"grad can be implicitly created only for real scalar outputs but got {output.dtype}")
        found = gradients([output], [ops.ones_like(output.detach())], inside, outer)
        _, spec = tree.flatten(given)
        answer = tree.unflatten(found, spec)
        output = _outward(output, inside, outer)
        if has_aux:
            return answer, (output, _outward(aux, inside, outer))
        return answer, output

    return wrapper


def split_aux(where: str, given: Any) -> tuple[Any, Any]:
    """The result and the tensors beside it, of a function said to return such a pair."""
    if not (isinstance(given, tuple) and len(given) == 2):
        raise RuntimeError(f"{where}: output of function f should be a tuple: (output, aux) if has_aux is True")
    _check_aux(given[1])
    return given


def _check_aux(aux: Any) -> None:
    for leaf in tree.flatten(aux)[0]:
        if not isinstance(leaf, Tensor):
            raise RuntimeError(f"Expected tensors, got unsupported type {type(leaf)}")


def check_some(where: str, outputs: list[Any]) -> None:
    """PyTorch's error for a function that gives nothing."""
    if not outputs or outputs == [None]:
        raise RuntimeError(f"{where}: Expected f to be a function that has non-empty output (got output = {outputs})")


def grad(func: Callable[..., Any], argnums: Any = 0, has_aux: bool = False) -> Callable[..., Any]:
    """The function that returns the gradient of `func`'s scalar result by its arguments `argnums`."""
    both = grad_and_value(func, argnums, has_aux)

    @functools.wraps(func)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        gradient, value = both(*args, **kwargs)
        return (gradient, value[1]) if has_aux else gradient

    return wrapper


def vjp(func: Callable[..., Any], *primals: Any, has_aux: bool = False) -> tuple[Any, ...]:
    """`func(*primals)`, the function from cotangents of that to those of the primals, and aux if there is one."""
    output, pull, aux = pulling(func, primals, has_aux)
    return (output, pull, aux) if has_aux else (output, pull)


def pulling(func: Callable[..., Any], primals: tuple[Any, ...], has_aux: bool) -> tuple[Any, Callable[..., Any], Any]:
    """The parts of `vjp`."""
    outer = graph.recording()
    inside, arguments = stand_ins(primals, outer)
    _, in_spec = tree.flatten(arguments)
    with disable_saved_tensors_hooks(_NO_HOOKS), Inside(), Recording():
        given = func(*arguments)
    aux = None
    if has_aux:
        given, aux = split_aux("vjp(f, *primals)", given)
        aux = _outward(aux, inside, outer)
    outputs, out_spec = tree.flatten(given)
    check_some("vjp(f, *primals)", outputs)
    for each in outputs:
        if not isinstance(each, Tensor):
            raise RuntimeError(
                f"vjp(f, *primals): expected f(*primals) to return only tensors, got unsupported type {type(each)}"
            )
        if each._array.dtype.kind not in "fcV":
            raise RuntimeError(
                "vjp(f, ...): All outputs of f must be floating-point or complex Tensors, got Tensor with dtype "
                f"{each.dtype}"
            )

    def pull(cotangents: Any, retain_graph: bool = True, create_graph: bool | None = None) -> Any:
        weights, spec = tree.flatten(cotangents)
        if spec != out_spec:
            raise RuntimeError(
                "Expected pytree structure of cotangents to be the same as pytree structure of outputs to the "
                f"function. cotangents: {spec.brief()}, primal output: {out_spec.brief()}"
            )
        for i, (weight, each) in enumerate(zip(weights, outputs, strict=True)):
            if not isinstance(weight, Tensor):
                raise TypeError(f"gradients can be either Tensors or None, but got {type(weight).__name__}")
            if weight._array.shape != each._array.shape:
                raise RuntimeError(
                    f"Mismatch in shape: grad_output[{i}] has a shape of {weight.shape} and output[{i}] has a shape of "
                    f"{each.shape}."
                )
        found = gradients(outputs, weights, inside, graph.recording(), keep=retain_graph)
        return tree.unflatten(found, in_spec)

    return _outward(given, inside, outer), pull, aux


def check_real(name: str, what: str, values: list[Any]) -> None:
    """PyTorch's error for complex tensors, the Jacobians of which are not defined here."""
    for i, each in enumerate(values):
        if isinstance(each, Tensor) and each._array.dtype.kind == "c":
            raise RuntimeError(
                f"{name}: Expected all {what} to be real but received complex tensor at flattened input idx: {i}"
            )


def check_inexact(name: str, tensor: Any) -> None:
    """PyTorch's error for integers, which have no derivative."""
    if isinstance(tensor, Tensor) and tensor._array.dtype.kind not in "fcV":
        raise ValueError(f"Expected {name} to be floating point or complex, but got: {tensor.dtype}")


def jvp(
    func: Callable[..., Any], primals: Any, tangents: Any, *, strict: bool = False, has_aux: bool = False
) -> tuple[Any, ...]:
    """`func(*primals)` and its derivative along the tangents, computed forward; then aux if there is one."""
    if not isinstance(primals, tuple):
        raise RuntimeError(
            "jvp(f, primals, tangents): Expected primals to be a tuple. E.g. it should be valid to call f(*primals)."
        )
    flat, spec = tree.flatten(primals)
    flat_tangents, tangents_spec = tree.flatten(tangents)
    if spec != tangents_spec:
        raise RuntimeError(
            "jvp(f, primals, tangents): Expected primals and tangents to have the same python structure. For example, "
            f"if primals is a tuple of 3 tensors, tangents also must be. Got primals with structure {spec} and "
            f"tangents with structure {tangents_spec}"
        )
    for name, given in (("primals", flat), ("tangents", flat_tangents)):
        if not given:
            raise RuntimeError(f"jvp(f, primals, tangents): Expected {name} to contain at least one Tensor.")
        for each in given:
            if not isinstance(each, Tensor):
                raise RuntimeError(
                    f"jvp(f, primals, tangents): Expected {name} to only contain Tensors, got {type(each)}"
                )
    for p, t in zip(flat, flat_tangents, strict=True):
        check_inexact("primal", p)
        check_inexact("tangent", t)
    level = DUALS.open()
    try:
        duals = [dual(p, t, level) for p, t in zip(flat, flat_tangents, strict=True)]
        with Inside():
            output = func(*tree.unflatten(duals, spec))
        aux = None
        if has_aux:
            output, aux = split_aux("jvp(f, primals, tangents)", output)
            aux = tree.mapped(lambda t: unpacked(t, level).primal, aux)
        results, out_spec = tree.flatten(output)
        check_some("jvp(f, primals, tangents)", results)
        values, moved = [], []
        for result in results:
            if not isinstance(result, Tensor):
                raise RuntimeError(
                    "jvp(f, primals, tangents): expected f(*primals) to return only tensors, got unsupported type "
                    f"{type(result)}"
                )
            value, tangent = unpacked(result, level)
            if tangent is None:
                if strict:
                    raise RuntimeError(
                        "jvp(f, primals, tangents, strict=True): The output of f is independent of the inputs. This "
                        "is not allowed with strict=True."
                    )
                tangent = ops.zeros_like(value.detach())
            values.append(value)
            moved.append(tangent)
    finally:
        DUALS.close()
    answer = tree.unflatten(values, out_spec), tree.unflatten(moved, out_spec)
    return (*answer, aux) if has_aux else answer


def linearize(func: Callable[..., Any], *primals: Any) -> tuple[Any, Callable[..., Any]]:
    """`func(*primals)`, and the linear function from tangents of the primals to those of the result."""
    flat, spec = tree.flatten(primals)

    def push(*tangents: Any) -> Any:
        given, given_spec = tree.flatten(tangents)
        if given_spec != spec:
            raise RuntimeError(f"Expected the tangents {given_spec} to have the same argspec as the primals {spec}")
        for i, (p, t) in enumerate(zip(flat, given, strict=True)):
            for name, mine, theirs in (("shape", t.shape, p.shape), ("dtype", t.dtype, p.dtype)):
                if mine != theirs:
                    raise RuntimeError(
                        f"tangent:{i} with {name} {mine} in flattened pytree doesn't match the {name} {theirs} of the "
                        "corresponding primal."
                    )
        return jvp(func, primals, tangents)[1]

    return func(*primals), push


def functionalize(func: Callable[..., Any], *, remove: str = "mutations") -> Callable[..., Any]:
    """The function itself: changes in place need no removing here."""
    if remove not in ("mutations", "mutations_and_views"):
        raise RuntimeError(
            f"functionalize(f, remove='mutations'): received invalid argument for remove={remove}. Valid options are:\n"
            "     remove='mutations': all inplace and out= operators will be removed from the program, and replaced "
            "with their out-of-place equivalents.\n"
            "     remove='mutations_and_views': In addition to the above, all aliasing operators {view} will be "
            "replaced with their non-aliasing counterparts, {view}_copy.\n"
        )

    @functools.wraps(func)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return func(*args, **kwargs)

    return wrapper
