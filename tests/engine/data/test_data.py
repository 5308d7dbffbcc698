"""The data that ships: its shapes, its truth, and that a seed decides it."""

import gzip
from pathlib import Path

import numpy as np
import pytest

import engine
from engine.data import NAMES, dataset, digits, mnist_folder, read_idx
from engine.data.planar import PLANAR


@pytest.mark.parametrize("name", PLANAR)
def test_planar_sets_are_decided_by_the_seed(name):
    x, y = dataset(name, n=101, seed=3)
    assert (tuple(x.shape), x.dtype, tuple(y.shape), y.dtype) == ((101, 2), engine.float32, (101,), engine.int64)
    again, labels = dataset(name, n=101, seed=3)
    assert (again == x).all() and (labels == y).all()
    for other in (dataset(name, n=101, seed=4)[0], dataset(name, n=101, seed=3, train=False)[0]):
        assert (other != x).any()
    assert x.abs().max() < 4
    counts = np.bincount(y.numpy())
    assert counts.min() > 101 / len(counts) * 0.6


@pytest.mark.parametrize(("name", "least"), [("moons", 0.97), ("circles", 0.99), ("spiral", 0.97), ("blobs", 0.97)])
def test_a_point_is_of_the_class_of_its_nearest_neighbour(name, least):
    x, y = (part.numpy() for part in dataset(name, n=400))
    away = ((x[:, None] - x[None]) ** 2).sum(-1)
    np.fill_diagonal(away, np.inf)
    assert (y[away.argmin(1)] == y).mean() > least


def test_xor_is_the_sign_of_the_product():
    x, y = (part.numpy() for part in dataset("xor", n=300, noise=0.0))
    np.testing.assert_array_equal(y, x[:, 0] * x[:, 1] < 0)


def test_classes_and_noise_can_be_chosen():
    assert dataset("spiral", n=30, classes=5)[1].max().item() == 4
    x, y = (part.numpy() for part in dataset("circles", n=50, noise=0.0, classes=2))
    np.testing.assert_allclose(np.hypot(*x.T), np.where(y == 0, 1.0, 0.5), rtol=1e-6)


def test_mnist_is_split_into_learning_and_held_out():
    x, y = dataset("mnist")
    held, labels = dataset("mnist", train=False)
    assert (tuple(x.shape), tuple(held.shape)) == ((9000, 1, 28, 28), (1000, 1, 28, 28))
    assert (x.min().item(), x.max().item()) == (0.0, 1.0)
    # The first labels of MNIST's training set and every tenth of its test set.
    assert y[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert labels[0].item() == 7
    assert x.mean().item() == pytest.approx(0.1307, abs=0.003)


def test_some_digits_are_picked_by_the_seed():
    x, y = dataset("mnist", n=50, seed=1)
    again, _ = dataset("mnist", n=50, seed=1)
    assert (x == again).all() and len(set(y.tolist())) > 5
    assert (dataset("mnist", n=50, seed=2)[0] != x).any()


def test_small_digits_are_means_of_the_large_ones():
    large, _ = dataset("mnist", train=False)
    small, _ = dataset("digits", train=False)
    assert tuple(small.shape) == (1000, 64)
    np.testing.assert_allclose(small.numpy().sum(1) * 16, large.numpy().sum((1, 2, 3)), rtol=1e-4)
    # The pixel in row 3, column 4 covers rows 12 to 15 and columns 16 to 19 of the padded image.
    assert small[0, 3 * 8 + 4].item() == pytest.approx(large[0, 0, 10:14, 14:18].mean().item())


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: dataset("letters"), f"there is no dataset 'letters'; there are {', '.join(NAMES)}"),
        (lambda: dataset("moons", n=0), "n must be at least 1, not 0"),
        (lambda: dataset("mnist", n=9001), "there are 9,000 to choose from, fewer than n=9,001"),
        (lambda: dataset("moons", classes=3), "classes must be from 2 to 2, not 3"),
    ],
)
def test_a_wrong_request_gets_a_sentence(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def idx(array, code):
    header = bytes([0, 0, code, array.ndim]) + np.array(array.shape, ">u4").tobytes()
    return header + array.astype(array.dtype.newbyteorder(">")).tobytes()


def test_idx_files_are_read(tmp_path):
    for kind, code in (("u1", 0x08), ("i1", 0x09), ("i2", 0x0B), ("i4", 0x0C), ("f4", 0x0D), ("f8", 0x0E)):
        array = np.arange(-3 if kind[0] != "u" else 0, 9)[:6].astype(kind).reshape(2, 3)
        (tmp_path / "file").write_bytes(idx(array, code))
        found = read_idx(tmp_path / "file")
        np.testing.assert_array_equal(found, array)
        assert found.dtype == array.dtype
    (tmp_path / "file").write_bytes(b"\0\0\x08\x01\0\0\0\x05ab")
    with pytest.raises(ValueError, match=r"shape \(5,\), but has 2 elements"):
        read_idx(tmp_path / "file")
    (tmp_path / "file").write_bytes(b"PNG")
    with pytest.raises(ValueError, match="is no idx file"):
        read_idx(tmp_path / "file")


def test_a_folder_of_idx_files_is_read(tmp_path):
    images, labels = digits.mnist(train=False)
    pixels = np.round(images[:5, 0] * 255).astype(np.uint8)
    (tmp_path / "train-images-idx3-ubyte").write_bytes(idx(pixels, 0x08))
    (tmp_path / "train-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx(labels[:5].astype(np.uint8), 0x08)))
    x, y = mnist_folder(tmp_path)
    np.testing.assert_array_equal(x, images[:5])
    np.testing.assert_array_equal(y, labels[:5])
    with pytest.raises(FileNotFoundError, match="t10k-images"):
        mnist_folder(tmp_path, train=False)


def test_reviews_are_numbers_of_words():
    x, y = dataset("reviews", n=30, seed=2, train=False)
    again, _ = dataset("reviews", n=30, seed=2, train=False)
    assert (tuple(x.shape), x.dtype, tuple(y.shape), y.dtype) == ((30, 51), engine.int64, (30,), engine.int64)
    assert (x == again).all() and set(y.tolist()) <= set(range(5))
    assert (dataset("reviews", n=30, seed=3, train=False)[0] != x).any()


def test_all_data_together_is_small():
    folder = Path(digits.__file__).parent
    assert sum(path.stat().st_size for path in folder.iterdir() if path.is_file()) < 6e6
