"""What functions on matrices share: the checks with PyTorch's sentences, `out=`, transposes, triangles of results."""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

from engine import array, dispatch, graph, outs
from engine.array import module
from engine.dispatch import raw, tensors
from engine.errors import not_a_tensor, not_implemented
from engine.meta import MetaArray
from engine.op import composite, with_keywords
from engine.return_types import named
from engine.tensor import Tensor, wrap


class LinAlgError(RuntimeError):
    """What a matrix raises that has no inverse, no Cholesky factor, no converging decomposition."""

    __module__ = "torch._C"


LinAlgError.__name__ = LinAlgError.__qualname__ = "_LinAlgError"  # as tracebacks show it


# ---- declaring


BOOL = np.dtype(bool)
_NUMPY_NAMES = {"x", "a", "x1", "x2"}  # what PyTorch takes for `input` and `other` too


def function(*homes: str, in_place: bool = False, out: bool = True) -> Callable[..., Callable[..., Any]]:
    """Declare a composite whose parameters annotated `Tensor` are checked, with `out=` unless told not to."""

    def declare(call: Callable[..., Any]) -> Callable[..., Any]:
        name, code = call.__name__, call.__code__
        names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        checked = [
            (i, parameter, call.__annotations__[parameter])
            for i, parameter in enumerate(names)
            if call.__annotations__.get(parameter) in ("Tensor", "Tensor | None")
        ]
        inner = with_keywords(call) if "dim" in names else call

        @functools.wraps(call)
        def checking(*args: Any, **kwargs: Any) -> Any:
            target = kwargs.pop("out", None) if out else None
            for other_name in _NUMPY_NAMES & kwargs.keys() if kwargs else ():
                if other_name not in names:
                    kwargs["other" if other_name == "x2" else "input"] = kwargs.pop(other_name)
            for i, parameter, annotation in checked:
                value = args[i] if i < len(args) else kwargs.get(parameter, wrap)
                if not (isinstance(value, Tensor) or value is wrap or (value is None and "None" in annotation)):
                    raise not_a_tensor(name, parameter, i, value)
            result = inner(*args, **kwargs)
            return result if target is None else stored(name, target, result)

        checking.__dict__["writes_out"] = out
        return composite(*homes, in_place=in_place)(checking)

    return declare


def stored(name: str, out: Any, result: Any) -> Any:
    """The results of a function put into the tensors given as `out=`."""
    outs.refuse(name, out, isinstance(result, tuple))
    if isinstance(result, tuple):
        fields = " ".join(result._fields)  # type: ignore[attr-defined]
        kind = named(f"{type(result).__name__}_out", fields)
        return kind(*[stored(name, target, each) for target, each in zip(out, result, strict=True)])
    if name.startswith("linalg_"):
        outs.check(name, result._array.dtype, out._array.dtype)
    return dispatch.into(SimpleNamespace(name=name), out, result, ())


# ---- checks


def matrices(A: Any, name: str, what: str = "A") -> None:
    """PyTorch's error for what has less than two axes."""
    if A._array.ndim < 2:
        raise RuntimeError(f"{name}: The input tensor {what} must have at least 2 dimensions.")


def square(A: Any, name: str, what: str = "A") -> None:
    """PyTorch's error for what is no batch of square matrices."""
    matrices(A, name, what)
    rows, columns = A._array.shape[-2:]
    if rows != columns:
        raise RuntimeError(
            f"{name}: {what} must be batches of square matrices, but they are {rows} by {columns} matrices"
        )


def floating(A: Any) -> bool:
    """Whether a tensor holds floats or complex numbers."""
    return A.dtype.is_floating_point or A.dtype.is_complex


def inexact(A: Any, name: str, kernel: str | None = None) -> None:
    """PyTorch's error for integers, and for halves, which its routine `kernel` (None: the check before it) refuses."""
    if not floating(A):
        raise RuntimeError(f"{name}: Expected a floating point or complex tensor as input. Got {array.TITLES[A.dtype]}")
    no_half(A, name, kernel)


def no_half(A: Any, name: str, kernel: str | None) -> None:
    """PyTorch's error for dtypes that LAPACK does not have."""
    title = array.TITLES[A.dtype]
    if floating(A) and A.dtype.itemsize >= 4:
        return
    if kernel is None:
        raise RuntimeError(f"{name}: Low precision dtypes not supported. Got {title}")
    raise NotImplementedError(f"\"{kernel}\" not implemented for '{title}'")


def same_dtype(A: Any, B: Any, name: str, a: str = "A", b: str = "B") -> None:
    """PyTorch's error for two operands of different dtypes."""
    if A.dtype != B.dtype:
        raise RuntimeError(
            f"{name}: Expected {a} and {b} to have the same dtype, but found {a} of type {array.TITLES[A.dtype]} and "
            f"{b} of type {array.TITLES[B.dtype]} instead"
        )


def by_columns(x: Any) -> Any:
    """Raw matrices laid out in memory column by column, as LAPACK leaves its results."""
    return module(x).ascontiguousarray(x.swapaxes(-1, -2)).swapaxes(-1, -2)


def no_bools(a: int, b: int) -> NotImplementedError:
    """PyTorch's error for a product of bools with so many axes, by the kernel that there is none of."""
    name = "dot" if a == b == 1 else "addmv_impl_cpu" if min(a, b) == 1 else "addmm_impl_cpu_" if b == 2 else "bmm"
    return not_implemented(name, BOOL)


def in_columns(fresh: Any) -> Any:
    """A tensor that has just been computed, laid out in memory column by column."""
    fresh._array = by_columns(fresh._array)
    return fresh


def which_failed(info: Any) -> tuple[str, int]:
    """The words for the first matrix of a batch whose `info` is not zero, and that info; ("", 0) if there is none."""
    if info.__class__ is MetaArray:
        return "", 0  # nobody knows
    flat = np.asarray(array.moved(info, "cpu")).reshape(-1)
    failed = np.flatnonzero(flat)
    if not len(failed):
        return "", 0
    return (f"(Batch element {failed[0]}): " if info.ndim else ""), int(flat[failed[0]])


def no_derivative(sentence: str, kind: type[Exception] = RuntimeError) -> Callable[[Any], Any]:
    """The slope of what has none: it raises."""

    def slope(g: Any) -> Any:
        raise kind(sentence)

    return slope


# ---- what slopes use, on raw arrays and on tensors


def _turned(x: Any) -> Any:
    return x.swapaxes(-1, -2)


def _adjoint(x: Any) -> Any:
    turned = x.swapaxes(-1, -2)
    return turned.conj() if x.dtype.kind == "c" else turned


def _adjoint_tensor(x: Any) -> Any:
    turned = tensors.transpose(x, -2, -1)
    return tensors.conj(turned) if x._array.dtype.kind == "c" else turned


raw.mT, raw.mH = _turned, _adjoint
tensors.mT = lambda x: tensors.transpose(x, -2, -1)
tensors.mH = _adjoint_tensor
raw.conjugate = lambda x: x.conj() if x.dtype.kind == "c" else x
tensors.conjugate = lambda x: tensors.conj(x) if x._array.dtype.kind == "c" else x
raw.real_part = lambda x: x.real if x.dtype.kind == "c" else x
tensors.real_part = lambda x: tensors.real(x) if x._array.dtype.kind == "c" else x
# The imaginary part as a real number, also where there is no op that takes it.
raw.imaginary_part = lambda x: x.imag
tensors.imaginary_part = lambda x: tensors.real_part(x * -1j)
raw.imaginary = lambda x: x * 1j
tensors.imaginary = lambda x: x * 1j


def of_a_loss() -> bool:
    """Whether the gradients that a slope is given are those of a loss, and not any, as forward mode gives them."""
    return graph.duals is None or graph.duals.remade is None


def like(x: Any, constant: Any) -> Any:
    """A raw array made for `x`, as what `x` is: raw or a tensor."""
    return wrap(constant) if isinstance(x, Tensor) else constant


def identity(x: Any, n: int | None = None) -> Any:
    """The identity matrix of the dtype of `x` and as wide as it, or n wide."""
    x_raw = getattr(x, "_array", x)
    return like(x, module(x_raw).eye(x_raw.shape[-1] if n is None else n, dtype=x_raw.dtype))


def is_complex(x: Any) -> bool:
    """Whether a raw array or a tensor holds complex numbers."""
    return getattr(x, "_array", x).dtype.kind == "c"


def diagonal_of(x: Any, k: Any) -> Any:
    """The diagonals of matrices."""
    return k.diagonal(x, 0, -2, -1)


def diagonal_matrix(x: Any, k: Any) -> Any:
    """Matrices with the given diagonals."""
    n = x.shape[-1]
    return k.put_diagonal(x, (*x.shape, n), 0, -2, -1)


def column(x: Any) -> Any:
    """Vectors as matrices of one column, or numbers as such of one element when asked twice."""
    return x[..., None]
