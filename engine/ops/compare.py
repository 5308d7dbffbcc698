"""Comparisons, logic and bits: results without a gradient."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine import array, deprecated, dispatch, errors, graph
from engine.array import NUMBERS
from engine.fitting import fitted
from engine.numeric import choice
from engine.op import composite, op
from engine.ops import elementwise
from engine.tensor import Tensor, wrap

_PAIR: dict[str, Any] = {"rule": "promote", "numbers": "second", "rounds": True}
_BITS: dict[str, Any] = {"rule": "promote", "numbers": "either"}
_TENSORS: dict[str, Any] = {"rule": "promote", "numbers": False}


def _ordered(kernel: Any, title: str) -> dict[str, Any]:
    """The words for a comparison that asks which is larger."""
    return _PAIR | {"kernel": kernel, "real_only": title}


@op(r"y = [a = b]", said=_PAIR | {"kernel": np.equal}, input=None, other=None)
def eq(input, other):
    """Whether the elements are equal."""


@op(r"y = [a \ne b]", said=_PAIR | {"kernel": np.not_equal}, input=None, other=None)
def ne(input, other):
    """Whether the elements differ."""


@op(r"y = [a < b]", said=_ordered(np.less, "lt_cpu"), input=None, other=None)
def lt(input, other):
    """Whether the first is the smaller."""


@op(r"y = [a \le b]", said=_ordered(np.less_equal, "le_cpu"), input=None, other=None)
def le(input, other):
    """Whether the first is not the larger."""


@op(r"y = [a > b]", said=_ordered(np.greater, "gt_cpu"), input=None, other=None)
def gt(input, other):
    """Whether the first is the larger."""


@op(r"y = [a \ge b]", said=_ordered(np.greater_equal, "ge_cpu"), input=None, other=None)
def ge(input, other):
    """Whether the first is not the smaller."""


@op(r"y = a \wedge b", said=_TENSORS | {"kernel": np.logical_and}, input=None, other=None)
def logical_and(input, other):
    """Whether both are nonzero."""


@op(r"y = a \vee b", said=_TENSORS | {"kernel": np.logical_or}, input=None, other=None)
def logical_or(input, other):
    """Whether one is nonzero."""


@op(r"y = a \oplus b", said=_TENSORS | {"kernel": np.logical_xor}, input=None, other=None)
def logical_xor(input, other):
    """Whether exactly one is nonzero."""


@op(r"y = \neg x", said=_TENSORS | {"kernel": np.logical_not}, input=None)
def logical_not(input):
    """Whether each element is zero."""


@op(r"y = a \mathbin{\&} b", said=_BITS | {"kernel": np.bitwise_and}, input=None, other=None)
def bitwise_and(input, other):
    """The bits that both have."""


@op(r"y = a \mid b", said=_BITS | {"kernel": np.bitwise_or}, input=None, other=None)
def bitwise_or(input, other):
    """The bits that one has."""


@op(r"y = a \oplus b", said=_BITS | {"kernel": np.bitwise_xor}, input=None, other=None)
def bitwise_xor(input, other):
    """The bits that exactly one has."""


@op(r"y = \sim x", said=_PAIR | {"kernel": np.invert}, input=None)
def bitwise_not(input):
    """All bits turned over; of booleans the negation."""


@op(
    r"y = a \ll b",
    said=_BITS | {"kernel": np.left_shift, "real_only": "lshift_cpu", "refused": "fcVb"},
    input=None,
    other=None,
)
def bitwise_left_shift(input, other):
    """The bits moved up."""


@op(
    r"y = a \gg b",
    said=_BITS | {"kernel": np.right_shift, "real_only": "rshift_cpu", "refused": "fcVb"},
    input=None,
    other=None,
)
def bitwise_right_shift(input, other):
    """The bits moved down."""


@composite("engine")
def where(condition: Any, input: Any = None, other: Any = None, *, out: Any = None) -> Any:
    """`input` where the condition holds, `other` elsewhere; with the condition alone, the indices where it holds."""
    if input is None and other is None:
        return dispatch.tensors.nonzero(condition, as_tuple=True)
    if not hasattr(condition, "_array") or input is None or other is None:
        given = [each for each in (condition, input, other) if each is not None]
        ways = (f"Tensor condition, {a} input, {b} other" for a in _KINDS for b in _KINDS)
        raise errors.wrong_call("where", given, "(Tensor condition)", *(f"({way})" for way in ways))
    if condition._array.dtype != np.bool_:
        if condition._array.dtype != np.uint8:
            raise RuntimeError(
                "where expected condition to be a boolean tensor, but got a tensor with dtype "
                f"{array.TITLES[condition.dtype]}"
            )
        deprecated.tell_once(deprecated.BYTES_CHOOSE)
        condition = condition.to(bool)
    if (input.__class__ in NUMBERS) is not (other.__class__ in NUMBERS):
        # One number: PyTorch's error where the other's dtype does not hold it.
        kind = array.promoted([getattr(each, "_array", each) for each in (input, other)])
        fitted(other if other.__class__ in NUMBERS else input, kind, short=False)
    return elementwise.select_where(condition, input, other, out=out)


dispatch.raw.where = choice.where


_KINDS = ("Tensor", "Number")


@composite()
def isclose(input: Any, other: Any, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> Any:
    """Whether |input - other| <= atol + rtol |other|."""
    errors.only_tensors("isclose", input=input, other=other)
    _check_close(input, other, rtol, atol)
    try:
        return wrap(np.isclose(input._array, other._array, rtol, atol, equal_nan))
    except ValueError:
        raise errors.broadcast_error("isclose", (input._array.shape, other._array.shape)) from None


@composite()
def allclose(input: Any, other: Any, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> bool:
    """Whether all elements are close."""
    errors.only_tensors("allclose", input=input, other=other)
    _check_close(input, other, rtol, atol)
    if graph.marks is not None:
        sentence = "vmap over torch.allclose isn't supported yet. Please file an issue at "
        graph.marks.compared(sentence + f"{_ISSUES} if you need this feature.", input, other)
    return bool(isclose(input, other, rtol, atol, equal_nan)._array.all())


_ISSUES = "https://github.com/pytorch/pytorch/issues"


def _check_close(input: Any, other: Any, rtol: float, atol: float) -> None:
    if input._array.dtype != other._array.dtype:
        raise RuntimeError(f"{array.TITLES[input.dtype]} did not match {array.TITLES[other.dtype]}")
    for name, bound in (("rtol", rtol), ("atol", atol)):
        if bound < 0:
            raise RuntimeError(f"{name} must be greater than or equal to zero, but got {bound:g}")


@composite()
def equal(input: Any, other: Any) -> bool:
    """Whether shapes and all elements are equal."""
    errors.only_tensors("equal", input=input, other=other)
    if graph.marks is not None:
        sentence = "Batching rule not implemented for aten::equal. We could not generate a fallback."
        graph.marks.compared(sentence, input, other)
    return bool(np.array_equal(input._array, other._array))


@composite("engine")
def result_type(tensor1: Any, tensor2: Any) -> array.dtype:
    """The dtype of an arithmetic result of the two."""
    values = [t._array if isinstance(t, Tensor) else t for t in (tensor1, tensor2)]
    return array.OF_NUMPY[array.promoted(values)]


@composite("engine")
def promote_types(type1: array.dtype, type2: array.dtype) -> array.dtype:
    """The dtype that two tensors of these dtypes have in common."""
    for place, given in enumerate((type1, type2), 1):
        if not isinstance(given, array.dtype):
            raise TypeError(
                f"promote_types(): argument 'type{place}' (position {place}) must be torch.dtype, not "
                f"{errors.class_name(given)}"
            )
    return array.OF_NUMPY[array.promoted([np.empty(1, type1.numpy), np.empty(1, type2.numpy)])]


@composite("engine")
def can_cast(from_: array.dtype, to: array.dtype) -> bool:
    """Whether an in-place op may store the one dtype in the other."""
    return array.category(from_.numpy) <= array.category(to.numpy)


@composite("engine")
def is_tensor(obj: Any) -> bool:
    """Whether it is a tensor."""
    return isinstance(obj, Tensor)


@composite("engine")
def is_floating_point(input: Any) -> bool:
    """Whether the dtype is a floating-point one."""
    return input.is_floating_point()


@composite("engine")
def is_complex(input: Any) -> bool:
    """Whether the dtype is a complex one."""
    return input.is_complex()


@composite("engine")
def is_nonzero(input: Any) -> bool:
    """Whether the one element is not zero."""
    if graph.marks is not None:
        graph.marks.branched(input)
    return bool(input)


@composite("engine")
def numel(input: Any) -> int:
    """The number of elements."""
    errors.only_tensors("numel", input=input)
    return input.numel()


def is_number(value: Any) -> bool:
    """Whether an operand is a Python number."""
    return value.__class__ in NUMBERS
