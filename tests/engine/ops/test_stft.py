"""Frames and their overlap, and a signal that comes back from its spectra."""

from __future__ import annotations

import numpy as np
import pytest

import engine as torch
from engine.ops.stft import framed, overlap_added

rng = np.random.RandomState(5)


@pytest.mark.parametrize(("size", "step", "length"), [(4, 1, 9), (4, 3, 13), (3, 4, 12), (5, 5, 10), (4, 2, 4)])
def test_frames_and_overlap_are_each_others_adjoint(size: int, step: int, length: int) -> None:
    x = torch.tensor(rng.randn(2, length), requires_grad=True)
    frames = framed(x, size, step)
    for i in range(frames.shape[1]):
        assert torch.equal(frames[:, i], x[:, i * step : i * step + size])
    weight = torch.tensor(rng.randn(*frames.shape))
    (frames * weight).sum().backward()
    np.testing.assert_allclose(x.grad, overlap_added(weight, length, step), atol=1e-12)


@pytest.mark.parametrize("center", [True, False])
@pytest.mark.parametrize("onesided", [True, False])
def test_a_signal_comes_back(center: bool, onesided: bool) -> None:
    x = torch.tensor(rng.randn(3, 40))
    window = torch.signal.windows.hamming(8, dtype=torch.float64)
    spectra = torch.stft(x, 8, 4, window=window, center=center, onesided=onesided, return_complex=True)
    assert spectra.shape == (3, 5 if onesided else 8, 11 if center else 9)
    back = torch.istft(spectra, 8, 4, window=window, center=center, onesided=onesided, length=40)
    np.testing.assert_allclose(back, x, atol=1e-12)


def test_a_longer_signal_than_the_spectra_hold_is_filled_up_with_a_warning() -> None:
    spectra = torch.stft(torch.ones(16), 8, window=torch.ones(8), return_complex=True)
    with pytest.warns(UserWarning, match="shorter than the length parameter"):
        assert torch.istft(spectra, 8, window=torch.ones(8), length=30)[-1].item() == 0.0
