"""What the comparison with PyTorch (`programs_nn.py`) does not reach of convolutions and poolings."""

import numpy as np
import pytest

import engine
from engine import nn
from engine.nn import functional as F
from engine.ops import conv


def gradients(x, weight):
    y = F.conv2d(x, weight, stride=2, padding=1)
    return [each.numpy() for each in engine.autograd.grad((y * y).sum(), [x, weight])]


def test_columns_that_are_not_kept_are_made_again(monkeypatch):
    engine.manual_seed(0)
    x = engine.randn(2, 3, 6, 5, requires_grad=True)
    weight = engine.randn(4, 3, 3, 2, requires_grad=True)
    kept = gradients(x, weight)
    monkeypatch.setattr(conv, "_KEEP", 0)
    for a, b in zip(kept, gradients(x, weight), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-5)


def test_a_convolution_is_the_sum_that_it_says():
    engine.manual_seed(1)
    x, weight = engine.randn(1, 2, 4, 5), engine.randn(3, 2, 2, 3)
    y = F.conv2d(x, weight).numpy()
    for o in range(3):
        for i in range(3):
            for j in range(3):
                window = x.numpy()[0, :, i : i + 2, j : j + 3]
                assert y[0, o, i, j] == pytest.approx((window * weight.numpy()[o]).sum(), rel=1e-5, abs=1e-6)


def test_a_transposed_convolution_can_be_told_its_size():
    layer = nn.ConvTranspose2d(2, 3, 3, stride=2)
    x = engine.zeros(1, 2, 4, 4)
    assert tuple(layer(x, output_size=(10, 9)).shape) == (1, 3, 10, 9)
    with pytest.raises(ValueError, match=r"requested an output size of \(12, 9\), but valid sizes range from \[9, 9\]"):
        layer(x, output_size=(12, 9))


def test_a_shape_error_carries_the_shapes():
    with pytest.raises(RuntimeError, match="to have 1 channels, but got 3") as caught:
        nn.Conv2d(1, 2, 3)(engine.zeros(5, 3, 8, 8))
    assert caught.value.shapes == ((5, 3, 8, 8), (2, 1, 3, 3))
    assert caught.value.axes == (1, 1)


def test_the_largest_of_integers():
    x = engine.tensor([[[[-5, -7], [-6, -9]]]])
    assert F.max_pool2d(x, 2).tolist() == [[[[-5]]]]
    assert F.max_pool2d(x, 2, padding=1).tolist() == [[[[-5, -7], [-6, -9]]]]


def test_a_channel_without_spread_gives_zeros():
    layer = nn.BatchNorm1d(2)
    x = engine.ones(3, 2, requires_grad=True)
    layer(x).sum().backward()
    assert (layer(x) == 0).all() and engine.isfinite(x.grad).all()
    with pytest.raises(RuntimeError, match="should contain 3 elements not 2"):
        layer(engine.ones(4, 3))
