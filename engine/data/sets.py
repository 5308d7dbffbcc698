"""The data that ships as datasets for a `DataLoader`: an item is an input and its class."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from engine.data import reviews
from engine.data.digits import digits, mnist, mnist_folder
from engine.data.planar import planar
from engine.data.tensors import tensor
from engine.utils.data import Dataset

Change = Callable[[Any], Any] | None


class Labelled(Dataset[tuple[Any, Any]]):
    """Inputs `data` and classes `targets` of one length; `classes` names the classes.

    An item is (tensor, int). `transform` and `target_transform` change its two parts whenever it is asked for.
    """

    def __init__(
        self, x: np.ndarray, y: np.ndarray, classes: Sequence[str], transform: Change, target_transform: Change
    ) -> None:
        self.data, self.targets = tensor(x), tensor(y)
        self.classes = list(classes)
        self.transform, self.target_transform = transform, target_transform

    def __getitem__(self, index: Any) -> tuple[Any, Any]:
        x, y = self.data[index], int(self.targets[index])
        return (
            x if self.transform is None else self.transform(x),
            y if self.target_transform is None else self.target_transform(y),
        )

    def __len__(self) -> int:
        return len(self.targets)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self):,} items of shape {tuple(self.data.shape[1:])})"


class MNIST(Labelled):
    """Handwritten digits, (1, 28, 28) from 0 to 1: 9,000 with `train`, without it 1,000 held out.

    A `folder` with the four idx files of the whole of MNIST, or of Fashion-MNIST, is read instead.
    """

    def __init__(
        self,
        train: bool = True,
        transform: Change = None,
        target_transform: Change = None,
        *,
        folder: str | Path | None = None,
    ) -> None:
        x, y = mnist(train) if folder is None else mnist_folder(folder, train)
        super().__init__(x, y, "0123456789", transform, target_transform)


class Digits(Labelled):
    """The same digits at 8x8: (64,) from 0 to 1."""

    def __init__(self, train: bool = True, transform: Change = None, target_transform: Change = None) -> None:
        super().__init__(*digits(train), "0123456789", transform, target_transform)


class Planar(Labelled):
    """Points in the plane, (2,): "moons", "circles", "spiral", "xor" or "blobs", as `dataset` makes them."""

    def __init__(
        self,
        name: str,
        n: int = 200,
        seed: int = 0,
        train: bool = True,
        transform: Change = None,
        target_transform: Change = None,
        *,
        noise: float | None = None,
        classes: int | None = None,
    ) -> None:
        x, y = planar(name, n, seed, train, noise, classes)
        super().__init__(x, y, [str(each) for each in range(y.max() + 1)], transform, target_transform)


class Reviews(Labelled):
    """Sentences from film reviews and how they judge, in five classes: 9,544 with `train`, without it 1,061 held out.

    An input is the numbers of the words, (length,), int64: 0 fills it up, 1 is an unknown word. `texts` has the
    sentences, `ratings` how people rated them from -4 to 4, and `vocabulary` the word of each number, made from the
    sentences to learn from alone.
    """

    def __init__(
        self,
        train: bool = True,
        transform: Change = None,
        target_transform: Change = None,
        *,
        length: int | None = None,
    ) -> None:
        chosen = reviews.sentences(train)
        self.texts, self.ratings = [review.text for review in chosen], [review.rating for review in chosen]
        self.vocabulary = list(reviews.vocabulary())
        super().__init__(*reviews.reviews(train, length), reviews.CLASSES, transform, target_transform)

    def encode(self, text: str) -> Any:
        """The numbers of the words of any text, a tensor (words,), int64."""
        return tensor(np.array(reviews.numbers(reviews.words(text)), np.int64))

    def decode(self, numbers: Iterable[Any]) -> str:
        """The words of these numbers, those that fill up left out."""
        return reviews.spelled(int(number) for number in numbers)
