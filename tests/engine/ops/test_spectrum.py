"""Transforms that undo each other, and the laws that they obey."""

from __future__ import annotations

import numpy as np
import pytest

import engine as torch
from engine import fft

rng = np.random.RandomState(3)


def drawn(*shape: int) -> torch.Tensor:
    return torch.tensor(rng.randn(*shape) + 1j * rng.randn(*shape))


@pytest.mark.parametrize("norm", ["backward", "ortho", "forward", None])
@pytest.mark.parametrize("n", [1, 2, 7, 8])
def test_each_transform_has_its_inverse(norm: str | None, n: int) -> None:
    z, x = drawn(3, n), drawn(3, n).real
    np.testing.assert_allclose(fft.ifft(fft.fft(z, norm=norm), norm=norm), z, atol=1e-12)
    np.testing.assert_allclose(fft.irfft(fft.rfft(x, norm=norm), n, norm=norm), x, atol=1e-12)
    np.testing.assert_allclose(fft.hfft(fft.ihfft(x, norm=norm), n, norm=norm), x, atol=1e-12)
    np.testing.assert_allclose(fft.irfftn(fft.rfftn(x, norm=norm), (3, n), norm=norm), x, atol=1e-12)
    np.testing.assert_allclose(fft.hfftn(fft.ihfftn(x, norm=norm), (3, n), norm=norm), x, atol=1e-12)
    np.testing.assert_allclose(fft.ifft2(fft.fft2(z, norm=norm), norm=norm), z, atol=1e-12)


def test_a_product_of_spectra_is_a_convolution() -> None:
    a, b = drawn(6), drawn(6)
    circular = [sum(a[k] * b[(n - k) % 6] for k in range(6)).item() for n in range(6)]
    np.testing.assert_allclose(fft.ifft(fft.fft(a) * fft.fft(b)), circular, atol=1e-12)


def test_the_orthonormal_transform_keeps_length_and_gradient() -> None:
    z = drawn(4, 5).requires_grad_()
    energy = fft.fftn(z, norm="ortho").abs().square().sum()
    energy.backward()
    assert energy.item() == pytest.approx(z.detach().abs().square().sum().item())
    np.testing.assert_allclose(z.grad, 2 * z.detach(), atol=1e-12)


def test_single_precision_stays_so() -> None:
    x = torch.ones(8)
    assert fft.fft(x).dtype is fft.rfft(x).dtype is fft.fftn(x).dtype is torch.complex64
    assert fft.irfft(fft.rfft(x)).dtype is torch.float32


def test_shifts_undo_each_other() -> None:
    z = drawn(5, 4)
    assert torch.equal(fft.ifftshift(fft.fftshift(z)), z)
    assert fft.fftshift(fft.fftfreq(4, 0.25)).tolist() == [-2.0, -1.0, 0.0, 1.0]
