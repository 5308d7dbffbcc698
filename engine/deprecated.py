"""Names that PyTorch means to drop: what it warns of where they are used."""

from __future__ import annotations

import functools
import sys
import warnings
from collections.abc import Callable
from typing import Any

_SOON = "will be removed in a future PyTorch release."
# Function -> what is said whenever it is called.
TEXTS = {
    "qr": (
        f"torch.qr is deprecated in favor of torch.linalg.qr and {_SOON}\n"
        "The boolean parameter 'some' has been replaced with a string parameter 'mode'.\n"
        "Q, R = torch.qr(A, some)\nshould be replaced with\n"
        "Q, R = torch.linalg.qr(A, 'reduced' if some else 'complete')"
    ),
    "cholesky": (
        f"torch.cholesky is deprecated in favor of torch.linalg.cholesky and {_SOON}\n"
        "L = torch.cholesky(A)\nshould be replaced with\nL = torch.linalg.cholesky(A)\nand\n"
        "U = torch.cholesky(A, upper=True)\nshould be replaced with\nU = torch.linalg.cholesky(A).mH\n"
        "This transform will produce equivalent results for all valid (symmetric positive definite) inputs."
    ),
    "lu": (
        f"torch.lu is deprecated in favor of torch.linalg.lu_factor / torch.linalg.lu_factor_ex and {_SOON}\n"
        "LU, pivots = torch.lu(A, compute_pivots)\nshould be replaced with\n"
        "LU, pivots = torch.linalg.lu_factor(A, compute_pivots)\nand\n"
        "LU, pivots, info = torch.lu(A, compute_pivots, get_infos=True)\nshould be replaced with\n"
        "LU, pivots, info = torch.linalg.lu_factor_ex(A, compute_pivots)"
    ),
    "lu_solve": (
        f"torch.lu_solve is deprecated in favor of torch.linalg.lu_solveand {_SOON}\n"
        "Note that torch.linalg.lu_solve has its arguments reversed.\n"
        "X = torch.lu_solve(B, LU, pivots)\nshould be replaced with\nX = torch.linalg.lu_solve(LU, pivots, B)"
    ),
    "triangular_solve": (
        f"torch.triangular_solve is deprecated in favor of torch.linalg.solve_triangularand {_SOON}\n"
        "torch.linalg.solve_triangular has its arguments reversed and does not return a copy of one of the inputs.\n"
        "X = torch.triangular_solve(B, A).solution\nshould be replaced with\nX = torch.linalg.solve_triangular(A, B)."
    ),
    "chain_matmul": (
        f"torch.chain_matmul is deprecated and {_SOON} Use torch.linalg.multi_dot instead, which accepts a list of two "
        "or more tensors rather than multiple parameters."
    ),
    "nuclear_norm": (
        "at::nuclear_norm is deprecated and it is just left for JIT compatibility. It will be removed in a future "
        "PyTorch release. Please use `linalg.matrix_norm(A, 'nuc', dim, keepdim)` instead"
    ),
    "range": (
        "torch.range is deprecated and will be removed in a future release because its behavior is inconsistent with "
        "Python's range builtin. Instead, use torch.arange, which produces values in [start, end)."
    ),
}
READ_ONLY_BUFFER = (
    "The given buffer is not writable, and PyTorch does not support non-writable tensors. This means you can write to "
    "the underlying (supposedly non-writable) buffer using the tensor. You may want to copy the buffer to protect its "
    "data or make it writable before converting it to a tensor. This type of warning will be suppressed for the rest "
    "of this program."
)
NO_INDEXING = "torch.meshgrid: in an upcoming release, it will be required to pass the indexing argument."
DEFAULT_TYPE = (
    "torch.set_default_tensor_type() is deprecated as of PyTorch 2.1, please use torch.set_default_dtype() and "
    "torch.set_default_device() as alternatives."
)
NO_DIM = (
    "Using torch.cross without specifying the dim arg is deprecated.\nPlease either pass the dim explicitly or simply "
    "use torch.linalg.cross.\nThe default value of dim will change to agree with that of linalg.cross in a future "
    "release."
)
TURNED = (
    "The use of `x.T` on tensors of dimension other than 2 to reverse their shape is deprecated and it will throw an "
    "error in a future release. Consider `x.mT` to transpose batches of matrices or `x.permute(*torch.arange(x.ndim - "
    "1, -1, -1))` to reverse the dimensions of a tensor."
)
TURNED_NUMBER = "Tensor.T is deprecated on 0-D tensors. This function is the identity in these cases."
MATRIX_OF_NUMBER = "Tensor.mT is deprecated on 0-D tensors. This function is the identity in these cases."
ADJOINT_OF_NUMBER = "Tensor.{} is deprecated on 0-D tensors. Consider using x.conj()."
BYTES = "indexing with dtype torch.uint8 is now deprecated, please use a dtype torch.bool instead."
BYTES_CHOOSE = (
    "where received a uint8 condition tensor. This behavior is deprecated and will be removed in a future version of "
    "PyTorch. Use a boolean condition instead."
)
PUT_IN_EXPANDED = (
    "Use of index_put_ on expanded tensors is deprecated. Please clone() the tensor before performing this operation. "
    "This also applies to advanced indexing e.g. tensor[indices] = tensor"
)
FILL_EXPANDED = (
    "Use of {} on expanded tensors is deprecated. Please clone() the tensor before performing this operation. This "
    "also applies to advanced indexing e.g. tensor[mask] = scalar"
)
NO_TUPLE = (
    "Using a non-tuple sequence for multidimensional indexing is deprecated and will be changed in pytorch 2.9; use "
    "x[tuple(seq)] instead of x[seq]. In pytorch 2.9 this will be interpreted as tensor index, x[torch.tensor(seq)], "
    "which will result either in an error or a different result"
)
TOO_FEW = (
    "{}(): degrees of freedom is <= 0. Correction should be strictly less than the reduction factor (input numel "
    "divided by output numel)."
)
SCALAR = (
    "Converting a tensor with requires_grad=True to a scalar may lead to unexpected behavior.\nConsider using "
    "tensor.detach() first."
)
NO_ORDER = (
    "torch.searchsorted(): {0} tensor is non-contiguous, this will lower the performance due to extra data copy when "
    "converting non-contiguous tensor to contiguous, please use contiguous {0} tensor if possible. This message will "
    "only appear once per program."
)
IMAGINARY = "Casting complex values to real discards the imaginary part"


_RECTANGULAR = (
    "To suppress this warning and use a rectangular window, explicitly set `window=torch.ones(n_fft, device=<device>)`."
)
NO_WINDOW = (
    "A window was not provided. A rectangular window will be applied,which is known to cause spectral leakage. Other "
    "windows such as torch.hann_window or torch.hamming_window are recommended to reduce spectral leakage."
    + _RECTANGULAR
)
NO_WINDOW_BACK = (
    "A window was not provided. A rectangular window will be applied.Please provide the same window used by stft to "
    "make the inversion lossless." + _RECTANGULAR
)
NOT_COMPLEX = (
    "stft with return_complex=False is deprecated. In a future pytorch release, stft will return complex tensors for "
    "all inputs, and return_complex=False will raise an error.\nNote: you can still call torch.view_as_real on the "
    "complex output to recover the old return format."
)
MANY_ARRAYS = (
    "Creating a tensor from a list of numpy.ndarrays is extremely slow. Please consider converting the list to a "
    "single numpy.ndarray with numpy.array() before converting to a tensor."
)


def tell(text: str, category: type[Warning] = UserWarning) -> None:
    """Warn at the line of the program: that of the nearest caller which is no part of the engine."""
    frame, level = sys._getframe(1), 2
    while frame.f_back is not None and frame.f_globals.get("__name__", "engine").partition(".")[0] == "engine":
        frame, level = frame.f_back, level + 1
    warnings.warn(text, category, stacklevel=level)


_told: set[str] = set()


class Always:
    """Whether what is told once is to be told each time: `set_warn_always`."""

    on = False


def tell_once(text: str) -> None:
    """Warn the first time that a program gives occasion to."""
    if text not in _told or Always.on:
        _told.add(text)
        tell(text)


def real_of(source: Any) -> Any:
    """The real part of an array of complex numbers, with PyTorch's warning; anything else as it is."""
    if getattr(source, "dtype", None) is None or source.dtype.kind != "c":
        return source
    tell_once(IMAGINARY)
    return source.real


def warned(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
    """The function, with its warning where it has one: what programs call, while the engine's own parts do not."""
    text = TEXTS.get(name)
    if text is None:
        return call

    @functools.wraps(call)
    def warning(*args: Any, **kwargs: Any) -> Any:
        tell(text)
        return call(*args, **kwargs)

    return warning
