"""Decompositions: what they are made of gives the matrix back, and what cannot be is said as PyTorch says it."""

from __future__ import annotations

import math

import numpy as np
import pytest

import engine as torch
from engine.ops.powers import _split

SHAPES = [(3, 3), (5, 3), (3, 5), (2, 4, 4), (2, 1, 4, 3), (1, 1), (0, 3), (3, 0), (0, 2, 2)]
DRAW = np.random.RandomState(3)


def drawn(*shape: int, kind: str = "f") -> torch.Tensor:
    values = DRAW.randn(*shape)
    return torch.from_numpy(values + 1j * DRAW.randn(*shape) if kind == "c" else values)


def near(a: torch.Tensor, b: torch.Tensor) -> bool:
    return a.shape == b.shape and np.allclose(a.numpy(), b.numpy(), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("kind", ["f", "c"])
@pytest.mark.parametrize("shape", SHAPES)
def test_factors_multiply_to_the_matrix(shape: tuple[int, ...], kind: str) -> None:
    A = drawn(*shape, kind=kind)
    P, L, U = torch.linalg.lu(A)
    assert near(P @ L @ U, A)
    Q, R = torch.linalg.qr(A)
    assert near(Q @ R, A)
    Q, R = torch.linalg.qr(A, mode="complete")
    assert near(Q @ R, A) and Q.shape[-1] == shape[-2]
    left, S, Vh = torch.linalg.svd(A, full_matrices=False)
    assert near((left * S.unsqueeze(-2).to(A.dtype)) @ Vh, A)
    if shape[-2] >= shape[-1]:
        assert near(torch.linalg.householder_product(*torch.geqrf(A)), torch.linalg.qr(A).Q)


@pytest.mark.parametrize("seed", range(20))
def test_ldl_factors_solve_indefinite_systems(seed: int) -> None:
    draw = np.random.RandomState(seed)
    n = draw.randint(1, 8)
    values, hermitian = draw.randn(n, n), seed % 2 == 1
    values = values + 1j * draw.randn(n, n) if seed % 4 > 1 else values
    A = torch.from_numpy(values + (values.conj().T if hermitian else values.T))
    B = torch.from_numpy(draw.randn(n, 2).astype(values.dtype))
    LD, pivots = torch.linalg.ldl_factor(A, hermitian=hermitian)
    assert near(A @ torch.linalg.ldl_solve(LD, pivots, B, hermitian=hermitian), B)


def test_exponentials_of_large_and_of_nilpotent_matrices() -> None:
    A = drawn(4, 4) * 6
    L, V = torch.linalg.eigh(A + A.mT)
    assert np.allclose(torch.matrix_exp(A + A.mT).numpy(), ((V * L.exp()) @ V.mT).numpy(), rtol=1e-9)
    N = torch.tensor([[0.0, 2.0, 5.0], [0.0, 0.0, 3.0], [0.0, 0.0, 0.0]])
    assert torch.equal(torch.matrix_exp(N), torch.eye(3) + N + N @ N / 2)


@pytest.mark.parametrize("rank", [0, 1, 2, 3])
def test_the_slope_of_a_determinant_is_the_adjugate_at_any_rank(rank: int) -> None:
    A = (drawn(3, rank) @ drawn(rank, 3)).requires_grad_()
    (gradient,) = torch.autograd.grad(torch.det(A), A)
    rows = A.detach().numpy()
    for i in range(3):
        for j in range(3):
            minor = np.delete(np.delete(rows, i, 0), j, 1)
            cofactor = (-1) ** (i + j) * (minor[0, 0] * minor[1, 1] - minor[0, 1] * minor[1, 0])
            assert gradient[i, j].item() == pytest.approx(cofactor, abs=1e-9)


def test_a_chain_of_products_is_split_where_it_costs_least() -> None:
    split = _split([30, 35, 15, 5, 10, 20, 25])  # Cormen et al., figure 15.5
    assert (split[0, 5], split[0, 2], split[3, 5]) == (2, 0, 4)


def test_what_cannot_be_is_an_error_of_its_own() -> None:
    with pytest.raises(torch.linalg.LinAlgError, match=r"Batch element 1\): The diagonal element 2 is zero"):
        torch.linalg.inv(torch.stack([torch.eye(2), torch.tensor([[1.0, 2.0], [1.0, 2.0]])]))
    with pytest.raises(RuntimeError, match="leading minor of order 2 is not positive-definite"):
        torch.linalg.cholesky(torch.tensor([[1.0, 2.0], [2.0, 1.0]]))
    assert torch.linalg.LinAlgError.__name__ == "_LinAlgError"


@pytest.mark.parametrize("name", ["eigh", "eig", "svd"])
def test_a_loss_of_arbitrary_phases_is_refused(name: str) -> None:
    Z = drawn(3, 3, kind="c")
    Z = (Z @ Z.mT.conj()).requires_grad_()
    vectors = torch.linalg.eigh(Z)[1] if name == "eigh" else getattr(torch.linalg, name)(Z)[name == "eig"]
    with pytest.raises(RuntimeError, match="ill-defined"):
        vectors.real.sum().backward()


def test_results_have_names_and_print_as_pytorchs() -> None:
    found = torch.linalg.slogdet(torch.eye(2))
    assert repr(found) == "torch.return_types.linalg_slogdet(\nsign=tensor(1.),\nlogabsdet=tensor(0.))"
    assert isinstance(found, torch.return_types.linalg_slogdet)
    into = torch.empty(()), torch.empty(())
    stored = torch.linalg.slogdet(torch.eye(2) * math.e, out=into)
    assert type(stored).__name__ == "linalg_slogdet_out" and stored.logabsdet is into[1]
    assert into[1].item() == pytest.approx(2.0)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = torch.return_types.nothing


def test_low_ranks_are_found_by_projections() -> None:
    torch.manual_seed(0)
    A = drawn(20, 3) @ drawn(3, 9)
    U, S, V = torch.svd_lowrank(A, q=4)
    assert near((U * S) @ V.mT, A)
    U, S, V = torch.pca_lowrank(A, q=4)
    assert near((U * S) @ V.mT, A - A.mean(0))


def test_eigenpairs_of_two_matrices() -> None:
    A, B = drawn(7, 7), drawn(7, 7)
    A, B = A + A.mT, B @ B.mT + torch.eye(7, dtype=torch.float64)
    for largest in (True, False):
        E, X = torch.lobpcg(A, k=2, B=B, largest=largest)
        assert near(A @ X, B @ X * E)
        assert (E[0] > E[1]).item() is largest
