"""The datasets for a `DataLoader`: items, what they say of themselves, and the reviews' words."""

import gzip
import importlib.util
import subprocess
import sys

import numpy as np
import pytest

import engine
from engine.data import MNIST, Digits, Planar, Reviews, dataset, reviews
from engine.utils.data import DataLoader, random_split
from tests.engine.data.test_data import idx

SETS = {
    "MNIST": (lambda train: MNIST(train), 9000, 1000, (1, 28, 28), 10),
    "Digits": (lambda train: Digits(train), 9000, 1000, (64,), 10),
    "Planar": (lambda train: Planar("spiral", 50, train=train, classes=3), 50, 50, (2,), 3),
    "Reviews": (lambda train: Reviews(train), 9544, 1061, (51,), 5),
}


@pytest.mark.parametrize("name", SETS)
def test_a_set_gives_pairs(name):
    make, many, few, shape, classes = SETS[name]
    learn, held = make(True), make(False)
    assert (len(learn), len(held), len(learn.classes)) == (many, few, classes)
    x, y = learn[7]
    assert tuple(x.shape) == shape and x.dtype == learn.data.dtype and type(y) is int
    assert set(learn.targets.tolist()) == set(held.targets.tolist()) == set(range(classes))
    inputs, targets = next(iter(DataLoader(learn, batch_size=4)))
    assert (inputs == learn.data[:4]).all() and (targets == learn.targets[:4]).all()
    assert targets.dtype == engine.int64
    part, rest = random_split(held, [0.5, 0.5])
    assert len(part) + len(rest) == few
    with pytest.raises(IndexError):
        learn[many]


@pytest.mark.parametrize("name", ["mnist", "digits", "reviews"])
def test_a_set_and_its_tensors_are_the_same(name):
    x, y = dataset(name, train=False)
    held = {"mnist": MNIST, "digits": Digits, "reviews": Reviews}[name](train=False)
    assert (held.data == x).all() and (held.targets == y).all()


def test_parts_of_items_can_be_changed():
    changed = MNIST(False, transform=lambda x: x * 2 - 1, target_transform=lambda y: y + 1)
    plain = MNIST(False)
    assert (changed[3][0] == plain[3][0] * 2 - 1).all() and changed[3][1] == plain[3][1] + 1
    assert repr(plain) == "MNIST(1,000 items of shape (1, 28, 28))"


def test_mnist_is_read_from_a_folder(tmp_path):
    pixels = np.arange(3 * 784, dtype=np.uint8).reshape(3, 28, 28)
    (tmp_path / "train-images-idx3-ubyte").write_bytes(idx(pixels, 0x08))
    (tmp_path / "train-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx(np.array([4, 0, 9], np.uint8), 0x08)))
    whole = MNIST(folder=tmp_path)
    assert len(whole) == 3 and [y for _, y in (whole[i] for i in range(3))] == [4, 0, 9]
    np.testing.assert_allclose(whole[1][0].numpy()[0], pixels[1] / 255, rtol=1e-6)


def test_planar_sets_have_sentences_too():
    with pytest.raises(ValueError, match="no points called 'mnist'; there are moons"):
        Planar("mnist")
    with pytest.raises(ValueError, match="n must be at least 1, not 0"):
        Planar("xor", 0)


def test_reviews_are_those_of_the_file():
    learn, held = Reviews(), Reviews(train=False)
    # The first row and every tenth after it are held out.
    assert held.texts[0].startswith("The Rock is destined to be the 21st Century's new ''Conan''")
    assert learn.texts[1] == "Effective but too tepid biopic" and learn.ratings[1] == -0.6
    assert learn[1][1] == 2 and learn.classes[2] == "neutral"
    both = np.concatenate([learn.targets.numpy(), held.targets.numpy()])
    assert np.bincount(both).tolist() == [1021, 3772, 1022, 3751, 1039]
    # Each class is as wide as the others; a rating on the border belongs to the higher class.
    for each in (learn, held):
        assert ((np.array(each.ratings) + 4) / 1.6 + 1e-9).astype(int).clip(max=4).tolist() == each.targets.tolist()


def test_words_are_numbered_by_how_frequent_they_are():
    learn = Reviews()
    assert learn.vocabulary[:5] == ["<pad>", "<unknown>", "the", "a", "and"]
    counts = {}
    for text in learn.texts:
        for word in reviews.words(text):
            counts[word] = counts.get(word, 0) + 1
    order = [(-counts[word], word) for word in learn.vocabulary[2:]]
    assert order == sorted(order) and order[-1][0] == -2
    assert len(order) == sum(count >= 2 for count in counts.values())
    assert Reviews(train=False).vocabulary == learn.vocabulary


def test_text_becomes_numbers_and_words_again():
    learn = Reviews(train=False)
    found = learn.encode("It’s a DULL film, isn't it? A qwertyuiop!")
    assert found.dtype == engine.int64
    assert learn.decode(found) == "it's a dull film isn't it ? a <unknown> !"
    assert learn.decode([0, 2, 0]) == "the" and learn.encode("").shape == (0,)
    text = reviews.words(learn.texts[5])
    assert all(word in ("<unknown>", mine) for word, mine in zip(learn.decode(learn[5][0]).split(), text, strict=True))


def test_sentences_are_cut_and_filled_up():
    whole, short = Reviews(False), Reviews(False, length=6)
    assert tuple(short.data.shape) == (1061, 6) and (short.data == whole.data[:, :6]).all()
    lengths = (whole.data != 0).sum(1)
    assert lengths.tolist() == [len(reviews.words(text)) for text in whole.texts]
    # What fills up comes after the words.
    assert ((whole.data != 0).long().diff(dim=1) <= 0).all()


PROGRAM = """
import torch
from engine.data import Reviews, dataset, give_as
give_as(torch.from_numpy)
inputs, targets = next(iter(torch.utils.data.DataLoader(Reviews(length=9), batch_size=4)))
print(type(inputs) is torch.Tensor, tuple(inputs.shape), targets.dtype, dataset("moons")[0].dtype)
"""


@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="PyTorch is not installed")
def test_data_can_be_given_as_pytorchs_tensors():
    said = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert said.stdout == "True (4, 9) torch.int64 torch.float32\n"


def test_data_can_be_given_as_anything(monkeypatch):
    monkeypatch.setattr("engine.data.tensors._make", lambda array: ("mine", array.shape))
    assert dataset("moons", n=3) == (("mine", (3, 2)), ("mine", (3,)))
