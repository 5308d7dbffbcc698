"""What autocast does with the operands of each op: the table, and the call that reads it.

Lower precision is for what multiplies matrices, float32 for what needs the digits; the others take what they are given.
The lists are those that PyTorch's documentation gives for CPUs ("Autocast Op Reference"), and hold on a GPU as well.
While no autocast is on, an op of the table pays one test; all others pay nothing.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from engine import graph, switches

_LOWER = """
    addbmm addmm baddbmm bmm conv conv1d conv2d conv3d conv_tbc conv_transpose1d conv_transpose2d conv_transpose3d
    linalg_vecdot linear lstm_layer matmul mm prelu rnn_relu_layer rnn_tanh_layer scaled_dot_product_attention
"""
_FULL = """
    adaptive_avg_pool3d adaptive_max_pool3d avg_pool3d binary_cross_entropy binary_cross_entropy_with_logits cdist
    cholesky cholesky_inverse cholesky_solve cosine_embedding_loss cross_entropy ctc_loss fft_fft fft_fft2 fft_fftn
    fft_hfft fft_ifft fft_ifft2 fft_ifftn fft_ihfft fft_irfft fft_irfft2 fft_irfftn fft_rfft fft_rfft2 fft_rfftn
    fractional_max_pool2d fractional_max_pool3d geqrf grid_sample hinge_embedding_loss huber_loss inverse kl_div
    l1_loss linalg_cholesky linalg_cholesky_ex linalg_cond linalg_eig linalg_eigh linalg_eigvals linalg_eigvalsh
    linalg_householder_product linalg_inv linalg_inv_ex linalg_lstsq linalg_matrix_rank linalg_qr linalg_solve
    linalg_svd linalg_svdvals linalg_tensorinv linalg_tensorsolve lu_solve margin_ranking_loss max_unpool1d
    max_unpool2d max_unpool3d mse_loss multi_margin_loss multilabel_margin_loss nanquantile nll_loss orgqr ormqr
    pinverse poisson_nll_loss polar prod qr quantile smooth_l1_loss soft_margin_loss stft svd trace triangular_solve
    triplet_margin_loss view_as_complex
"""
_WIDEST = "cat index_copy stack"
# What PyTorch computes without a product of matrices, which the engine makes of one.
_PLAIN = "adaptive_avg_pool1d adaptive_avg_pool2d bilinear dot linalg_lu_solve mv vdot"


def _of_einsum(args: Sequence[Any], kwargs: dict[str, Any]) -> str:
    if not isinstance(args[0], str):
        return "lower"
    terms, arrow, result = args[0].replace(" ", "").partition("->")
    places = Counter(letter for term in terms.split(",") for letter in set(term) if letter.isalpha())
    shared = {letter for letter, count in places.items() if count > 1}
    return "lower" if shared - set(result if arrow else "") else "plain"


def _of_inner(args: Sequence[Any], kwargs: dict[str, Any]) -> str:
    return "plain" if all(each.ndim == 1 for each in args) or any(each.ndim == 0 for each in args) else "lower"


def _of_max_pool(args: Sequence[Any], kwargs: dict[str, Any]) -> str:
    return "plain" if kwargs.get("return_indices") or (len(args) > 6 and args[6]) else "full"


def _of_pad(args: Sequence[Any], kwargs: dict[str, Any]) -> str:
    mode = args[2] if len(args) > 2 else kwargs.get("mode", "constant")
    return "full" if mode in ("reflect", "replicate") else "plain"


# What is done with the operands of an op, or the function of the arguments that says so.
POLICY: dict[str, str | Callable[[Sequence[Any], dict[str, Any]], str]] = {
    name: policy
    for policy, names in (("lower", _LOWER), ("full", _FULL), ("widest", _WIDEST), ("plain", _PLAIN))
    for name in names.split()
} | {"einsum": _of_einsum, "inner": _of_inner, "max_pool3d": _of_max_pool, "pad": _of_pad}


def first(call: Callable[..., Any]) -> Callable[..., Any]:
    """The function of ops, with its operands cast where autocast is on and the table has it."""
    name = call.__name__.removeprefix("engine_")
    if name not in POLICY:
        return call

    @functools.wraps(call)
    def cast(*args: Any, **kwargs: Any) -> Any:
        if graph.casting is None or not switches.casting():
            return call(*args, **kwargs)
        return graph.casting(name, call, args, kwargs)

    return cast
