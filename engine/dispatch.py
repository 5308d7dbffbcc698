"""What the generated calls do off their straight line: odd operands, promotion, `out=`, the sentences of errors."""

from __future__ import annotations

import math
import sys
import warnings
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
from numpy.lib.array_utils import byte_bounds

from engine import array, errors, fitting, graph, memory, outs, switches
from engine.array import NUMBERS, Defaults
from engine.family import family_of, join, own, view_of
from engine.graph import edge_of
from engine.modified import modified
from engine.numeric.choice import kept
from engine.tensor import Tensor, wrap


class Names:
    """What the name `k` in a slope stands for: every kernel, or every op on tensors, under one name."""

    missing: ClassVar[Callable[[Names, str], Any]]  # finds what is not declared yet

    def __getattr__(self, name: str) -> Any:
        try:
            return Names.missing(self, name)
        except KeyError:
            raise AttributeError(f"no op is named {name!r}") from None


raw: Any = Names()
tensors: Any = Names()

# A Python number in a ufunc on float32 costs twice what a ready-made array of the right dtype does. No zeros: 0.0 and
# -0.0 are one key.
constants: dict[float, np.ndarray] = {}
_MOST_CONSTANTS = 1024
_SINGLE = np.dtype(np.float32)


def constant(number: float) -> Any:
    """A Python number as a float32 array without axes, kept for the next time."""
    if not number or not math.isfinite(number):
        return number
    if len(constants) >= _MOST_CONSTANTS:
        constants.clear()
    made = np.array(number, np.float32)
    made.setflags(write=False)
    if not made:  # too small for float32
        return made
    constants[number] = made
    return made


def ready(number: Any, x: Any) -> Any:
    """A Python number as what costs least in a ufunc with a raw array."""
    if x.__class__ is np.ndarray and x.dtype is _SINGLE and (number.__class__ is float or number.__class__ is int):
        return constants.get(number) or constant(number)
    return number


def names() -> dict[str, Any]:
    """The names that generated code uses."""
    return {
        "Defaults": Defaults, "FREED": graph.FREED, "Gone": graph.Gone, "Tensor": Tensor, "as_operand": as_operand,
        "agreed_dtype": outs.agreed_dtype, "asked_in": asked_in, "asks": asks, "settle_arrays": settle_arrays,
        "cast": cast, "constant": constant, "constants": constants, "edge_of": edge_of, "explain": explain,
        "float32": np.dtype(np.float32), "graph": graph, "into": into,
        "is_casting": switches.casting, "is_recording": graph.recording,
        "join": join, "k_raw": raw, "k_tensors": tensors,
        "modified": modified, "ndarray": np.ndarray, "new": object.__new__, "no_dim": no_dim, "numbers": graph.numbers,
        "option": fitting.option,
        "own": own, "requires_any": requires_any, "results": results, "revive": revive, "scalar32": np.float32,
        "several": several, "settle": settle, "strange": strange,
        "settle_many": settle_many, "shape_of": shape_of, "sum_to": sum_to, "view_of": view_of, "wrap": wrap,
        "no_complex": no_complex, "undifferentiated": undifferentiated,
    }  # fmt: skip


def shape_of(x: Any) -> tuple[int, ...]:
    """The shape of a raw operand, () for a Python number."""
    return () if x.__class__ in NUMBERS else x.shape


def undifferentiated(result: Any) -> RuntimeError:
    """PyTorch's error for a dtype without derivatives that is asked for where a gradient is needed."""
    return RuntimeError(f"Autograd not support dtype: {array.TITLES[array.OF_NUMPY[result.dtype]]}")


def requires_any(operands: Sequence[Any]) -> bool:
    """Whether one of the operands needs a gradient."""
    for t in operands:  # noqa: SIM110 - `any` costs three times as much
        if isinstance(t, Tensor) and t._requires_grad:
            return True
    return False


def as_operand(op: Any, name: str, position: int, value: Any) -> Tensor:
    """PyTorch's TypeError for an operand that is no tensor."""
    raise errors.not_a_tensor(op.name if op.homes else _called(op), name, position, value)


def _called(op: Any) -> str:
    """The name under which the program called what led to an op that has no name of its own there."""
    from engine.op import registry

    name: str = op.name
    frame: Any = sys._getframe(1)
    while frame is not None and frame.f_globals.get("__name__", "engine").partition(".")[0] == "engine":
        name = frame.f_code.co_name if frame.f_code.co_name in registry else name
        frame = frame.f_back
    return name


def no_dim(op: Any) -> TypeError:
    """PyTorch's error for an axis that has to be named and is not."""
    return TypeError(f'{op.name}() missing 1 required positional arguments: "dim"')


def cast(tensor: Tensor, dtype: np.dtype) -> Tensor:
    """The tensor in another NumPy dtype, recorded."""
    return tensors.to_dtype(tensor, dtype)


def settle(op: Any, operands: Sequence[Any]) -> tuple[Any, ...]:
    """The operands of a promoting op in their common dtype, then their raw arrays (numbers stay numbers)."""
    given: list[Any] = list(operands)
    positions = [op.operands.index(name) for name in op.promoted]
    for i, value in enumerate(given):
        if isinstance(value, np.generic) and op.numbers and i in positions:
            given[i] = value = value.item()
        number = op.numbers and value.__class__ in NUMBERS and i in positions
        if number and (
            i == 0 if op.numbers == "second" else op.numbers == "either" and given[1 - i].__class__ in NUMBERS
        ):
            raise errors.wrong_pair(op.name, op.operands, given, op.numbers)
        if not number and not isinstance(value, Tensor):
            given[i] = as_operand(op, op.operands[i], i, value)
    values = [given[i]._array if isinstance(given[i], Tensor) else given[i] for i in positions]
    if op.unmixed is not None and (error := op.unmixed(*values)) is not None:
        raise error
    dtype = array.promoted(values, op.rule == "float")
    if op.refused and dtype.kind in op.refused:
        raise no_complex(op, dtype)
    for i in positions:
        if isinstance(given[i], Tensor):
            if given[i]._array.dtype != dtype:
                given[i] = cast(given[i], dtype)
        elif not any(isinstance(given[j], Tensor) for j in positions) or dtype.kind in "ui":
            number = np.asarray(given[i]).astype(dtype)
            number.setflags(write=False)  # by which kernels know it from a tensor without axes
            given[i] = wrap(number)
    return (*given, *(t._array if isinstance(t, Tensor) else t for t in given))


def settle_arrays(op: Any, operands: Sequence[Any]) -> tuple[Any, ...]:
    """The same for an operator, which takes arrays as tensors."""
    return settle(op, [wrap(each) if isinstance(each, np.ndarray) else each for each in operands])


def settle_many(op: Any, given: Sequence[Any]) -> tuple[tuple[Any, ...], list[Any]]:
    """A sequence of operands and their raw arrays; with the rule "promote", in their common dtype."""
    if not isinstance(given, (list, tuple)):
        raise TypeError(
            f"{op.name}(): argument '{op.operands[0]}' (position 1) must be tuple of Tensors, not "
            f"{errors.class_name(given)}"
        )
    for i, value in enumerate(given):
        if not isinstance(value, Tensor):
            raise TypeError(f"expected Tensor as element {i} in argument 0, but got {errors.class_name(value)}")
    arrays = [t._array for t in given]
    if not op.rule or not arrays or len({a.dtype for a in arrays}) == 1:
        return tuple(given), arrays
    dtype = array.promoted(arrays)
    operands = tuple([t if t._array.dtype == dtype else cast(t, dtype) for t in given])
    return operands, [t._array for t in operands]


def no_complex(op: Any, dtype: np.dtype) -> Exception:
    """The error of an op that does not take complex numbers."""
    known = op.real_only
    return type(known)(*known.args) if isinstance(known, Exception) else errors.not_implemented(known, dtype)


def sum_to(g: Any, shape: tuple[int, ...]) -> Any:
    """The raw gradient of an operand that was broadcast: summed over the axes that it does not have."""
    if g.shape == shape:
        return g
    lead = g.ndim - len(shape)
    axes = tuple(range(lead)) + tuple(i + lead for i, n in enumerate(shape) if n == 1 and g.shape[i + lead] != 1)
    if not axes:  # it is the gradient that is short: the op's own result was not broadcast
        return np.broadcast_to(g, shape)
    brain = g.dtype.kind == "V"  # bfloat16 is added up in float32
    total = array.summed(g.astype(np.float32), axes).astype(g.dtype) if brain else array.summed(g, axes)
    return total if total.shape == shape else total.reshape(shape)


raw.sum_to_size = sum_to


def several(node: graph.Node, kept: tuple[Tensor, ...], as_arrays: bool) -> Sequence[Any]:
    """The saved operands of an op that takes a sequence, checked for changes."""
    for tensor in kept:
        if tensor._family is not None and tensor._family.changed > node.number:
            raise modified(tensor, node)
    return [tensor._array for tensor in kept] if as_arrays else kept


def back(g: Any, kind: np.dtype) -> Any:
    """A raw gradient in the dtype of the operand that it is for."""
    return g if g.dtype == kind else g.astype(kind)


raw.back = back
tensors.back = lambda g, kind: g if g._array.dtype == kind else cast(g, kind)


raw.kept = kept
tensors.kept = lambda g, mask: tensors.where(mask, g, 0.0)


def asks(value: Any) -> bool:
    """Whether an operand is no tensor and of a type that may do in our place what it is given to."""
    return not isinstance(value, Tensor) and hasattr(type(value), "__torch_function__")


def asked_in(call: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """What such an operand makes of the call of an op."""
    from engine import overriding

    return overriding.asked_in(call, args, kwargs)


def strange(other: Any) -> bool:
    """Whether the other operand of an operator is neither a number nor a tensor.

    NumPy's arrays are such: they compute with a tensor as with an array, and make the result a tensor.
    """
    return other.__class__ not in NUMBERS and not isinstance(other, (Tensor, np.generic))


def results(arrays: Sequence[Any], node: Any, joined: Callable[[Tensor, int], None] | None) -> tuple[Tensor, ...]:
    """The tensors of an op with several results, each an `Output` of its node."""
    made = tuple([wrap(each) for each in arrays])
    if node is not None or joined is not None:
        for index, tensor in enumerate(made):
            if node is not None:
                tensor._requires_grad = True
                tensor._node = graph.Output(node, index)
            if joined is not None:
                joined(tensor, index)
    return made


def revive(node: graph.Node, y: Any) -> Any:
    """The result of a node (a tuple: its results) as a tensor again, for slopes that ask for it on tensors."""
    if graph.duals is not None and (given := graph.duals.result_of(node)) is not None:
        return given
    if y.__class__ is tuple:
        several = results(y, node, None)
        if graph.duals is not None:
            graph.duals.revived(node, several)
        return several
    result = wrap(y)
    result._requires_grad = True
    result._node = node
    if graph.duals is not None:
        graph.duals.revived(node, (result,))
    return result


def into(op: Any, out: Any, result: Any, operands: Sequence[Any]) -> Any:
    """Put the result of an op into the tensor given as `out=`, resized if need be; several into several."""
    if isinstance(result, tuple) or not isinstance(out, Tensor):
        outs.refuse(op.name, out, isinstance(result, tuple))
        if op.name in ("max", "min"):  # which have rules of their own where they give two results
            op = SimpleNamespace(name=f"{op.name}_along")
        placed = [into(op, *pair, operands) for pair in zip(out, result, strict=True)]
        return type(result)(*placed) if hasattr(result, "_fields") else tuple(placed)
    if result._requires_grad or (out._requires_grad and graph.recording()):
        raise RuntimeError(
            f"{op.name}(): functions with out=... arguments don't support automatic differentiation, but one of the "
            "arguments requires grad."
        )
    source, target = result._array, out._array
    check_memory(op, target, operands, source)
    made_real = source.dtype.kind != "c" and any(isinstance(x, Tensor) and x._array.dtype.kind == "c" for x in operands)
    outs.check(op.name if not made_real else "", source.dtype, target.dtype)
    if source.shape != target.shape:
        if getattr(op, "rule", None) and any(each is out for each in operands):
            raise errors.unlike_target(op.name, target.shape, source.shape)
        if not target.size:  # it gets memory of its own, laid out as the result is
            out._array = np.array(source, target.dtype)
            family_of(out).stamp(f"{op.name}(out=...)")
            return out
        warnings.warn(outs.resized(target.shape, source.shape), UserWarning, stacklevel=3)
        from engine.laid import lay_over

        lay_over(out, source.shape, memory.plain_steps(source.shape))
    own(out)[...] = source
    family_of(out).stamp(f"{op.name}(out=...)")
    return out


def check_memory(op: Any, target: Any, operands: Sequence[Any], result: Any = None) -> None:
    """PyTorch's errors if the tensor given as `out=` repeats elements, or shares some with an operand."""
    what = "unsupported operation: "
    rest = " refer to a single memory location. Please clone() the tensor before performing the operation."
    if (
        0 in target.strides
        and target.size > 1
        and any(n > 1 and not step for n, step in zip(target.shape, target.strides, strict=True))
    ):
        raise RuntimeError(what + "more than one element of the written-to tensor refers" + rest[6:])
    if not isinstance(target, np.ndarray):
        return
    begin, end = byte_bounds(target)
    base: Any = target.base
    while base is not None and not isinstance(base, np.ndarray):
        base = getattr(base, "base", None)
    if result is not None and result.shape != target.shape and base is not None:
        end = min(begin + result.nbytes, byte_bounds(base)[1])  # it grows within its memory
    for each in operands:
        for x in each if isinstance(each, (list, tuple)) else (each,):
            given = getattr(x, "_array", None)
            if (
                given is None
                or not given.size
                or not isinstance(given, np.ndarray)
                or byte_bounds(given)[0] >= end
                or byte_bounds(given)[1] <= begin
            ):
                continue
            if (result is None or result.shape == target.shape) and not memory.overlap(given, target):
                continue  # between others, of which one has gaps
            same = given.ctypes.data == target.ctypes.data and given.strides == target.strides
            if not (same and getattr(op, "overlaps", False)):
                raise RuntimeError(what + "some elements of the input tensor and the written-to tensor" + rest)


def delivered(name: str, out: Any, result: Any, *operands: Any) -> Any:
    """The result of the composite `name`, put into `out` where one is given."""
    return result if out is None else into(SimpleNamespace(name=name), out, result, operands)


def check_cast(source: np.dtype, target: np.dtype, name: str = "") -> None:
    """PyTorch's error if a result of one dtype must not be stored in a tensor of another, by the op of that name."""
    if array.category(source) > array.category(target):
        wanted = outs.spoken(target) if name.startswith("clamp") else array.TITLES[array.OF_NUMPY[target]]
        raise RuntimeError(
            f"result type {array.TITLES[array.OF_NUMPY[source]]} can't be cast to the desired output type {wanted}"
        )


def explain(op: Any, operands: Sequence[Any], error: Exception, options: dict[str, Any] | None = None) -> Exception:
    """The exception to raise for what a kernel raised: PyTorch's class and sentence where the cause is known."""
    if isinstance(error, errors.WithShapes):
        return error
    arrays = operands[0] if op.many else [x for x in operands if x is not None and x.__class__ not in NUMBERS]
    devices = {str(array.device_of(x)) for x in arrays}
    if len(devices) > 1:
        first, second = sorted(devices)[:2]
        return RuntimeError(
            f"Expected all tensors to be on the same device, but found at least two devices, {first} and {second}! "
            f"(when checking arguments of {op.name}())"
        )
    if isinstance(error, errors.NoDim):
        names = list(op.signature.parameters)
        return errors.wrong_dim(op.name, error.dim, names.index("dim") if "dim" in names else 1)
    if isinstance(error, errors.NotBool):
        return errors.wrong_bool(op.name, error, list(op.signature.parameters).index(error.option))
    if op.error is not None:
        known = op.error(*operands)
        if known is not None:
            return known
    if isinstance(error, TypeError) and any(x.dtype.kind == "c" for x in arrays):
        return errors.not_implemented(f"{op.name}_cpu", np.result_type(*arrays))
    if isinstance(error, TypeError) and "not supported for the input types" in str(error):  # what a ufunc says
        return errors.not_implemented(f"{op.name}_cpu", array.promoted([x for x in operands if x is not None]))
    if isinstance(error, np.exceptions.AxisError) and error.axis is not None and error.ndim is not None:
        return errors.dim_error(error.axis, error.ndim)
    if isinstance(error, ValueError) and op.rule and not op.many and len(arrays) > 1:
        return errors.broadcast_error(op.name, [x.shape for x in arrays])
    if isinstance(error, ValueError):
        shapes = [x.shape for x in arrays]
        return errors.ShapeError(f"{op.name}(): {error}", op.name, shapes)
    wrong = fitting.no_integer(op, options) if isinstance(error, TypeError) and options else None
    return error if wrong is None else wrong
