"""What PyTorch says of a tensor given as `out=` whose dtype is not that of the result: which ops take another one."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine import array
from engine.errors import class_name

# The names that C++ has for dtypes, which some sentences use.
_SPOKEN = {
    "float16": "c10::Half", "bfloat16": "c10::BFloat16", "float32": "float", "float64": "double",
    "complex64": "c10::complex<float>", "complex128": "c10::complex<double>", "uint8": "unsigned char",
    "int8": "signed char", "int16": "short int", "int32": "int", "int64": "long int", "bool": "bool",
}  # fmt: skip
# The sentences of ops that take no other dtype. In them {want} is the result's dtype and {got} that of `out`; with
# small letters in front C++'s name for them.
_EXACT = {
    "Expected out tensor to have dtype {c_want}, but got {c_got} instead": (
        "addmm addmv alias_copy aminmax smallest_and_largest argmax argmin as_strided_copy baddbmm bmm cross diag "
        "diagonal_copy expand_copy gather index_add index_copy index_reduce isin linear log_softmax lu_solve lu_unpack "
        "max_along min_along mm norm permute_copy qr renorm scatter scatter_add scatter_reduce slice_scatter "
        "softmax sort split_with_sizes_copy squeeze_copy svd t_copy take_along_dim topk transpose_copy "
        "triangular_solve tril triu unbind_copy unfold_copy unsqueeze_copy view_copy window_sum msort split_copy"
    ),
    "Found dtype {got} but expected {want}": (
        "abs bitwise_not ceil conj_physical conjugated_at_once floor frac gelu hardshrink neg round sgn sign softplus "
        "softshrink trunc"
    ),
    "expected scalar_type {want} but found {got}": "cummax cummin diff logcumsumexp",
    "expected scalar type {want} but found {got}": "logsigmoid linalg_solve_triangular",
    "result dtype {got} does not match input dtype {want}": "dot vdot",
    "tensordot: Expected the output tensor to have dtype {want}, but got an output tensor with dtype {got}": (
        "inner tensordot"
    ),
    "Expected the dtype for input and out to match, but got {want} for input's dtype and {got} for out's dtype.": (
        "amax amin"
    ),
    "torch.histogram: input tensor and hist tensor should have the same dtype, but got input {c_want} and hist "
    "{c_got}": "histc histogram",
    "addmv input tensors must have the same dtype, but got {got}, {want}, and {want}": "mv",
    "self and mat2 must have the same dtype, but got {got} and {want}": "addbmm",
    "{name}() out tensor must be same dtype as the input tensor": "quantile",
    "quantile() out tensor must be same dtype as the input tensor": "nanquantile",
    "output values must be of same type as input": "kthvalue",
    "expected scalar type '{want}' but got '{got}' for values output": "mode",
    "{name}(): self and result must have the same scalar type": "masked_select index_select",
    "{name} does not support non-boolean outputs.": "signbit isposinf isneginf",
    "{name} only supports bool tensor for result, got: {got}": "all any",
    "heaviside is not yet implemented for tensors with different dtypes.": "heaviside",
    "nan_to_num: dtype of out: {got} should be same as input: {want}": "nan_to_num",
    "take(): self and out expected to have the same dtype, but got self.dtype = {want} and out.dtype = {got}": "take",
    "torch.frexp() expects mantissa to have dtype {want} but got {got}": "frexp",
    "torch.ormqr: Expected input and result to have the same dtype, but input has dtype{want} and result has dtype "
    "{got}": "ormqr",
    "Expected out type to be {want} but got {got}": "select_where",
    "Expected self.dtype() == output.dtype() to be true, but got false.  (Could this error message be improved?  If "
    "so, please report an enhancement request to PyTorch.)": "narrow_copy",
}
# Of ops that store their result in every dtype that can hold it.
_CAST = {
    "torch.cat(): input types can't be cast to the desired output type {got}": (
        "cat column_stack dstack hstack stack vstack"
    ),
    "{name}: Expected result to be safely castable from {want} dtype, but got result with dtype {got}": (
        "cholesky cholesky_inverse cholesky_solve"
    ),
    "linalg.cond: Expected result to be safely castable from {want} dtype, but got result with dtype {got}": (
        "linalg_cond"
    ),
    "linalg.pinv: Expected result to be safely castable from {want} dtype, but got result with dtype {got}": (
        "linalg_pinv"
    ),
    "torch.{space}.{name}: Expected result to be safely castable from {want} dtype, but got result with dtype {got}": (
        "linalg_householder_product linalg_matrix_rank"
    ),
    "{name}: Expected result to be safely castable from {want} dtype, but got result with dtype {got} ": (
        "linalg_matrix_power linalg_tensorinv linalg_tensorsolve"
    ),
    "ldexp can't be cast to the desired output type {got}": "ldexp",
    "mvlgamma: result type {want} can't be cast to the desired output type {got}": "mvlgamma",
    "logsumexp(): Expected floating point type for result tensor, but got: {got}": "logsumexp",
}
_OF = {name: sentence for table in (_EXACT, _CAST) for sentence, names in table.items() for name in names.split()}
_STRICT = frozenset(name for names in _EXACT.values() for name in names.split())


def spoken(kind: np.dtype) -> str:
    """A NumPy dtype's name in C++."""
    name = str(array.OF_NUMPY[kind]).removeprefix("torch.")
    return _SPOKEN.get(name, name)


def other_dtype(wanted: np.dtype, given: np.dtype) -> RuntimeError:
    """The most common of the sentences."""
    return RuntimeError(f"Expected out tensor to have dtype {spoken(wanted)}, but got {spoken(given)} instead")


def resized(had: tuple[int, ...], wanted: tuple[int, ...]) -> str:
    """What PyTorch warns of where the result has another shape."""
    return (
        f"An output with one or more elements was resized since it had shape {list(had)}, which does not match the "
        f"required output shape {list(wanted)}. This behavior is deprecated, and in a future PyTorch release outputs "
        "will not be resized unless they have zero elements. You can explicitly reuse an out tensor t by resizing it, "
        "inplace, to zero elements with t.resize_(0)."
    )


def check(name: str, wanted: np.dtype, given: np.dtype) -> None:
    """Raise PyTorch's error if the op of this name does not store a result of the one dtype in the other."""
    space, _, last = name.partition("_") if name.startswith("linalg_") else ("", "", name)
    strict = name in _STRICT or (space and name not in _OF)
    if wanted == given or (not strict and array.category(wanted) <= array.category(given)):
        return
    if space and name not in _OF:
        raise other_dtype(wanted, given)
    want, got = (array.TITLES[array.OF_NUMPY[kind]] for kind in (wanted, given))
    sentence = _OF.get(name, "result type {want} can't be cast to the desired output type {got}")
    raise RuntimeError(
        sentence.rstrip().format(name=last, space=space, want=want, got=got, c_want=spoken(wanted), c_got=spoken(given))
    )


# The functions of several signatures, whose sentence names all arguments.
_WAYS = frozenset("all any max mean median min nanmedian norm prod sort std sum var".split())  # noqa: SIM905


def refuse(name: str, out: Any, several: bool) -> None:
    """Raise PyTorch's error if what was given as `out=` is no tensor, or no several where there are `several` results.

    The arguments that its longer sentence lists are those of a call with the tensor alone.
    """
    fits = isinstance(out, (tuple, list)) if several else hasattr(out, "_array")
    if fits:
        return
    kind = class_name(out)
    if name not in _WAYS:
        what = "tuple of Tensors" if several else "Tensor"
        raise TypeError(f"{name.removesuffix('_along')}(): argument 'out' must be {what}, not {kind}")
    if name.endswith("median"):
        raise TypeError(f'{name}() missing 1 required positional arguments: "dim"')
    raise TypeError(
        f"{name}() received an invalid combination of arguments - got (Tensor, out={kind}), but expected one of:\n"
        f" * (Tensor input, *, {'tuple of Tensors' if several else 'Tensor'} out = None)\n"
    )


def agreed_dtype(op: Any, dtype: Any, out: Any) -> Any:
    """The dtype that is asked for, else that of `out`; PyTorch's error where the two differ."""
    refuse(op.name, out, False)
    kind = array.numpy_dtype(dtype)
    if kind is None:
        return out.dtype
    if kind == out._array.dtype:
        return dtype
    if op.name == "nansum":
        got, wanted = array.TITLES[out.dtype], array.TITLES[array.OF_NUMPY[kind]]
        raise RuntimeError(f"nansum: provided dtype must match dtype of result. Got {got} and {wanted}.")
    raise other_dtype(kind, out._array.dtype)
