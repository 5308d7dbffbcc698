"""From the registry of ops to where people find them: methods, operators, in-place twins, names, and the stub files.

What type checkers see of this stands in stub files that `engine/stubs.py` generates.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from engine import (
    deprecated,
    dispatch,
    expanded,
    family,
    given_tensors,
    memory,
    overloads,
    places,
    reshaped,
    template,
    titles,
)  # fmt: skip
from engine.array import NUMBERS
from engine.errors import ONE_BOOL
from engine.op import Composite, Op, registry
from engine.tensor import Tensor, wrap

names: dict[str, Callable[..., Any]] = {}  # what `engine` offers
functional: dict[str, Callable[..., Any]] = {}  # what `engine.nn.functional` offers
# Where two homes have different functions of one name, the name in one of them is declared with that home before it:
# "engine_kl_div" is `engine.kl_div`, "functional_unfold" is `engine.nn.functional.unfold`.
# What `engine.linalg` and so on offer: of an op named as in PyTorch's own tables, "linalg_solve", there "solve".
spaces: dict[str, dict[str, Callable[..., Any]]] = {"linalg": {}, "fft": {}, "special": {}, "signal_windows": {}}

# Operator -> op; the reflected forms follow.
_BINARY = {
    "add": "add", "sub": "sub", "mul": "mul", "truediv": "true_divide", "floordiv": "floor_divide", "mod": "remainder",
    "pow": "pow", "matmul": "matmul", "and": "bitwise_and", "or": "bitwise_or", "xor": "bitwise_xor",
    "lshift": "bitwise_left_shift", "rshift": "bitwise_right_shift",
}  # fmt: skip
_COMMUTING = ("add", "mul", "and", "or", "xor")
_COMPARISONS = {"eq": "eq", "ne": "ne", "lt": "lt", "le": "le", "gt": "gt", "ge": "ge"}
_UNARY = {"neg": "neg", "pos": "positive", "abs": "abs"}
# Second names of the same function.
ALIASES = {
    "absolute": "abs", "arccos": "acos", "arccosh": "acosh", "arcsin": "asin", "arcsinh": "asinh", "arctan": "atan",
    "arctan2": "atan2", "arctanh": "atanh", "greater": "gt", "greater_equal": "ge", "less": "lt", "less_equal": "le",
    "not_equal": "ne", "fix": "trunc", "moveaxis": "movedim", "swapdims": "swapaxes",
}  # fmt: skip
# Methods that PyTorch has and this engine means not to have.
LEFT_OUT = {
    **dict.fromkeys(("to_sparse_coo", "to_sparse_csr", "to_sparse_csc", "to_sparse_bsr", "to_sparse_bsc", "indices",
                     "values", "crow_indices", "col_indices", "ccol_indices", "row_indices", "sparse_dim", "dense_dim",
                     "sparse_mask", "sparse_resize_", "sparse_resize_and_clear_", "resize_as_sparse_", "smm",
                     "sspaddmm", "to_padded_tensor"), "sparse tensors"),
    **dict.fromkeys(("qscheme", "q_scale", "q_zero_point", "q_per_channel_axis", "q_per_channel_scales",
                     "q_per_channel_zero_points", "int_repr"), "quantized tensors"),
    "chalf": "half-precision complex numbers",
    "to_sparse": "sparse tensors", "to_dense": "sparse tensors", "coalesce": "sparse tensors",
    "dequantize": "quantized tensors", "to_mkldnn": "MKL-DNN layouts",
}  # fmt: skip
# In-place twins of composites and of ops whose rule does not imply one.
_ALSO_IN_PLACE = ("unsqueeze", "squeeze", "transpose", "t", "cumsum", "cumprod")
# Activations that take `inplace=` in nn.functional.
_INPLACE_OPTION = ("relu", "leaky_relu", "silu", "mish")
# Activations made of others whose in-place twin nn.functional has, and `torch` too.
_IN_PLACE_IN_BOTH = ("selu", "celu", "rrelu", "threshold")
_FUNCTIONAL_IN_PLACE = (*_IN_PLACE_IN_BOTH, "elu", "hardtanh")


_NAMED_DIM = frozenset(("softmax", "log_softmax"))  # whose axis only `nn.functional` chooses
# Changes in place whose operands may not be the changed tensor itself.
_APART = frozenset((
    "index_add", "index_copy", "index_fill", "index_reduce", "scatter", "scatter_add", "scatter_reduce",
    "masked_scatter",
))  # fmt: skip


def twin(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
    """The in-place form `name` + "_" of an op: its result copied into the first operand, history included."""

    declared = registry.get(name)
    keeps_first = not isinstance(declared, Op) or declared.keeps_first
    exactly, may_repeat = name in _APART, name == "threshold"  # which PyTorch does not look at
    title = name + "_"
    call = titles.changing(call, title)

    def in_place(self: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        keeps = keeps_first and (self._requires_grad or bool(kwargs))
        for each in args:
            if isinstance(each, Tensor):
                keeps = keeps or (keeps_first and each._requires_grad)
                if memory.related(self._array, each._array):
                    family.check_in_place(self, may_repeat=may_repeat)  # of which PyTorch tells first
                    memory.apart(self._array, (each._array,), exactly)
            elif keeps_first and each.__class__ not in NUMBERS:
                keeps = True  # a list, perhaps, with tensors in it
        if name == "abs" and self.is_complex():
            raise RuntimeError("In-place abs is not supported for complex tensors.")
        return family.in_place(self, lambda old: call(old, *args, **kwargs), title, keeps, may_repeat)

    in_place.__name__ = in_place.__qualname__ = title
    in_place.__doc__ = f"`{name}`, in place."
    return in_place


def reshaping_twin(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
    """The in-place form of a view: the same memory under the new shape."""

    def in_place(self: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        return reshaped.reshape_in_place(self, lambda old: call(old, *args, **kwargs), name + "_")

    in_place.__name__ = in_place.__qualname__ = name + "_"
    in_place.__doc__ = f"`{name}`, in place."
    return in_place


def _with_inplace(call: Callable[..., Any], in_place: Callable[..., Any]) -> Callable[..., Any]:
    def activation(input: Any, *args: Any, inplace: bool = False, **kwargs: Any) -> Any:
        if args and isinstance(args[-1], bool):
            *args, inplace = args  # type: ignore[assignment]
        return in_place(input, *args, **kwargs) if inplace else call(input, *args, **kwargs)

    activation.__name__ = activation.__qualname__ = call.__name__
    activation.__module__ = "engine.nn.functional"  # where it is found, as when a module that holds it is pickled
    activation.__doc__ = call.__doc__
    return activation


def _comparison(call: Callable[..., Any]) -> Callable[..., Any]:
    """A comparison, which leaves what it does not know to the other operand; an array can but be equal."""

    def operate(self: Tensor, other: Any) -> Any:
        if not dispatch.strange(other):
            return call(self, other)
        if isinstance(other, np.ndarray) and call.__name__ == "eq":
            return call(self, wrap(other))
        return NotImplemented

    return operate


def _arithmetic(call: Callable[..., Any], numbers: Any = NUMBERS) -> Callable[..., Any]:
    """An operator that leaves to Python what is no number and no tensor: its sentence names both types."""
    quick = template.operator_of(call) if numbers else None
    if quick is not None:
        return quick
    classes = (Tensor, np.generic) if numbers else Tensor

    def operate(self: Tensor, other: Any) -> Any:
        kind = other.__class__
        if kind is Tensor or kind in numbers or isinstance(other, classes):
            return call(self, other)
        return NotImplemented

    return operate


def _in_place(change: Callable[..., Any]) -> Callable[..., Any]:
    """An in-place operator, which leaves what it does not know to the one that is not in place."""

    @functools.wraps(change)
    def operate(self: Tensor, other: Any) -> Any:
        return NotImplemented if dispatch.strange(other) else change(self, other)

    return operate


def _divided(self: Tensor, other: Any) -> Any:
    """What is no tensor, divided by one."""
    if dispatch.strange(other) and not isinstance(other, np.ndarray):
        return NotImplemented
    return dispatch.tensors.reciprocal(self) * other


def _reflected(sign: str, call: Callable[..., Any]) -> Callable[..., Any]:
    """The operator with a tensor on the right and something else on the left, computed as PyTorch does."""
    if sign == "sub":

        def less(self: Tensor, other: Any) -> Any:
            if other.__class__ is bool:
                raise RuntimeError(ONE_BOOL)
            return NotImplemented if dispatch.strange(other) else dispatch.tensors.rsub(self, other)

        return less
    if sign == "truediv":
        return _divided

    if sign in _COMMUTING:

        def exchanged(self: Tensor, other: Any) -> Any:
            if not isinstance(self, Tensor):
                raise TypeError(
                    f"descriptor '__r{sign}__' for 'torch._C.TensorBase' objects doesn't apply to a "
                    f"'{type(self).__name__}' object"
                )
            return call(self, other)

        return exchanged

    left_alone = dispatch.strange if sign != "matmul" else lambda other: not isinstance(other, Tensor)

    def reflected(self: Tensor, other: Any) -> Any:
        return NotImplemented if left_alone(other) else call(other, self)

    return reflected


def _left_out(name: str, why: str) -> Callable[..., Any]:
    def refuse(*_: Any, **__: Any) -> Any:
        raise NotImplementedError(f"{name} is left out of this engine on purpose: {why}")

    refuse.__name__ = refuse.__qualname__ = name
    return refuse


def _bind_entry(name: str, entry: Op | Composite) -> None:
    call = deprecated.warned(name, entry.call)
    in_place = expanded.filling(name, call, twin(name, call)) if entry.in_place else None
    if name in _ALSO_IN_PLACE:
        in_place = (reshaping_twin if name not in ("cumsum", "cumprod") else twin)(name, call)
    if "method" in entry.homes:
        setattr(Tensor, name, call)
        if in_place is not None:
            setattr(Tensor, name + "_", in_place)
    if "engine" in entry.homes:
        offered = name.removeprefix("engine_")
        names[offered] = given_tensors.telling(offered, call) if isinstance(entry, Composite) else call
        if in_place is not None and entry.in_place:
            names[offered + "_"] = in_place
    for space, offers in spaces.items():
        if space in entry.homes:
            offers[name.removeprefix(f"{space}_")] = call
    if "functional" in entry.homes:
        call = given_tensors.telling(name, call, functional=True) if isinstance(entry, Composite) else call
        option = name in _INPLACE_OPTION
        offered = name.removeprefix("functional_")
        functional[offered] = _with_inplace(call, in_place or twin(name, call)) if option else call
        if in_place is not None or name in _FUNCTIONAL_IN_PLACE:
            functional[offered + "_"] = in_place or twin(name, call)
        if name in _IN_PLACE_IN_BOTH:
            names[offered + "_"] = functional[offered + "_"]


def _bind_operators() -> None:
    for sign, name in _BINARY.items():
        call = getattr(dispatch.tensors, name)
        setattr(Tensor, f"__{sign}__", operator := _arithmetic(call, () if sign == "matmul" else NUMBERS))
        reflected = _reflected(sign, operator if sign in _COMMUTING else call)
        reflected.__name__ = "__rdiv__" if sign == "truediv" else f"__r{sign}__"  # as PyTorch calls it
        setattr(Tensor, f"__r{sign}__", reflected)
        if sign != "matmul":
            setattr(Tensor, f"__i{sign}__", _in_place(twin(name, call)))
    for sign, name in _COMPARISONS.items():
        compared = _comparison(getattr(dispatch.tensors, name))
        compared.__name__ = f"__{sign}__"
        setattr(Tensor, f"__{sign}__", compared)
    _put("__hash__", object.__hash__)
    for way in ("", "r", "i"):  # Python 2's names, which PyTorch still has
        _put(f"__{way}div__", getattr(Tensor, f"__{way}truediv__"))
    for sign, name in _UNARY.items():
        setattr(Tensor, f"__{sign}__", getattr(dispatch.tensors, name))
    _put("__invert__", _inverted)


def _inverted(self: Tensor) -> Any:
    """The operator `~`."""
    if self._array.dtype.kind in "fcV":
        raise TypeError("~ (operator.invert) is only implemented on integer and Boolean-type tensors")
    return dispatch.tensors.bitwise_not(self)


def _part(part_of: Callable[..., Any]) -> property:
    """The real or the imaginary part as an attribute that can be set."""

    def put(self: Tensor, value: Any) -> None:
        part_of(self).copy_(value)

    return property(part_of, put)


def _put(name: str, value: Any) -> None:
    """Make it an attribute of the class, unseen by type checkers, which read the stubs."""
    setattr(Tensor, name, value)


def _bind_rest() -> None:
    from engine.autograd.backward import tensor_backward
    from engine.ops import index
    from engine.ops.complex import adjoint, conj
    from engine.ops.shape import permute_axes, transpose

    _put("backward", tensor_backward)
    _put("__getitem__", index.getitem)
    index.getitem.__name__, index.setitem.__name__ = "__getitem__", "__setitem__"
    _put("__setitem__", index.setitem)

    def turned(self: Tensor) -> Any:
        """The axes in reverse order."""
        if self._array.ndim != 2:
            text = deprecated.TURNED if self._array.ndim else deprecated.TURNED_NUMBER
            deprecated.tell_once(text)
        return permute_axes(self, tuple(range(self._array.ndim))[::-1])

    def matrices_turned(self: Tensor) -> Any:
        """The last two axes exchanged."""
        if not self._array.ndim:
            deprecated.tell_once(deprecated.MATRIX_OF_NUMBER)
            return self
        if self._array.ndim < 2:
            raise RuntimeError(
                f"tensor.mT is only supported on matrices or batches of matrices. Got {self._array.ndim}-D tensor."
            )
        return transpose(self, -2, -1)

    _put("T", property(turned))
    _put("mT", property(matrices_turned))

    def matrix_adjoint(self: Tensor) -> Any:
        """The conjugate of a matrix, turned."""
        if self._array.ndim not in (0, 2):
            raise RuntimeError(
                f"tensor.H is only supported on matrices (2-D tensors). Got {self._array.ndim}-D tensor."
                + " For batches of matrices, consider using tensor.mH" * (self._array.ndim > 2)
            )
        if self._array.ndim == 0:
            deprecated.tell_once(deprecated.ADJOINT_OF_NUMBER.format("H"))
        return adjoint(self)

    def matrices_adjoint(self: Tensor) -> Any:
        """The conjugates of matrices, turned."""
        if self._array.ndim == 0:
            deprecated.tell_once(deprecated.ADJOINT_OF_NUMBER.format("mH"))
            return adjoint(self)
        if self._array.ndim < 2:
            raise RuntimeError(
                f"tensor.mH is only supported on matrices or batches of matrices. Got {self._array.ndim}-D tensor."
            )
        return conj(matrices_turned(self))

    _put("H", property(matrix_adjoint))
    _put("mH", property(matrices_adjoint))
    for part in ("real", "imag"):
        _put(part, _part(getattr(dispatch.tensors, part)))
    for name, why in LEFT_OUT.items():
        _put(name, _left_out(f"Tensor.{name}", why))
    for name in ("sparse_coo_tensor", "quantize_per_tensor"):
        names[name] = _left_out(f"torch.{name}", "sparse and quantized tensors")


_bound: set[str] = set()
and_then: Callable[[], None] | None = None  # what is to be done when new ops have been put where they are found


def bind_new() -> None:
    """Put the ops that have been registered since the last time where they are found."""
    new = [name for name in registry if name not in _bound]
    for name in new:
        _bound.add(name)
        _bind_entry(name, registry[name])
        if name in _NAMED_DIM:
            _put(name, overloads.with_dim(names[name]))
            names[name] = overloads.with_dim(names[name])
        if name in overloads.NUMBER_FIRST:
            for method in (name, name + "_"):
                _put(method, overloads.number_first(getattr(Tensor, method), method))
            names[name] = overloads.number_first(names[name], name, method=False)
        if name in overloads.PRODUCTS:
            for method in (name, name + "_"):
                _put(method, overloads.factors_first(getattr(Tensor, method), True))
            names[name] = overloads.factors_first(names[name], False)
        if name in overloads.LISTS:
            names[name] = overloads.listing(names[name], overloads.LISTS[name])
    for alias, name in ALIASES.items():
        if name in new and name in names:
            names[alias] = names[name]
            if name + "_" in names:
                names[alias + "_"] = names[name + "_"]
            setattr(Tensor, alias, getattr(Tensor, name))
            if hasattr(Tensor, name + "_"):
                setattr(Tensor, alias + "_", getattr(Tensor, name + "_"))
    places.tell_homes("engine", names)
    places.tell_homes("engine.nn.functional", functional)
    for space, offers in spaces.items():
        places.tell_homes(f"engine.{space.replace('_', '.')}", offers)
    if and_then is not None:
        and_then()


def bind() -> None:
    """Put every registered op, the operators and the attributes where they are found."""
    bind_new()
    _bind_operators()
    _bind_rest()
