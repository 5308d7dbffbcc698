"""Sentences from film reviews, rated by people, and their words as numbers.

Where they come from, and under which licence, stands in `SOURCE.md` beside this file.
"""

from __future__ import annotations

import gzip
import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from sys import intern
from typing import NamedTuple

import numpy as np

HERE = Path(__file__).parent
HELD_OUT = 10  # every tenth row, from the first on
CLASSES = ("very negative", "negative", "neutral", "positive", "very positive")
BOUNDS = (-2.4, -0.8, 0.8, 2.4)  # they part the ratings, from -4 to 4, into five classes of equal width
PAD, UNKNOWN = 0, 1  # the numbers of no word and of a word that is not in the vocabulary
RARE = 2  # a word is in the vocabulary when it occurs so often, so that learning meets unknown words too

_WORD = re.compile(r"\w+(?:'\w+)*|[!?]")


def words(text: str) -> list[str]:
    """The words of a text in small letters, "isn't" being one; of the punctuation only ! and ? count."""
    return _WORD.findall(text.lower().replace("’", "'"))


class Review(NamedTuple):
    """A sentence, its rating from -4 to 4, and its words."""

    text: str
    rating: float
    words: list[str]


def sentences(train: bool) -> list[Review]:
    """The sentences to learn from (9,544) or those held out (1,061)."""
    return [review for i, review in enumerate(_shipped()) if (i % HELD_OUT != 0) == train]


def reviews(train: bool, length: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """The sentences as numbers of words (n, length), int64, filled up with PAD, and their classes (n,), int64.

    Longer sentences are cut; without `length` it is that of the longest sentence of all.
    """
    chosen = sentences(train)
    if length is None:
        length = max(len(review.words) for review in _shipped())
    found = np.full((len(chosen), length), PAD, np.int64)
    for row, review in zip(found, chosen, strict=True):
        inside = numbers(review.words[:length])
        row[: len(inside)] = inside
    return found, np.digitize([review.rating for review in chosen], BOUNDS).astype(np.int64)


def numbers(words: Iterable[str]) -> list[int]:
    """The place of each word in the vocabulary."""
    places = _places()
    return [places.get(word, UNKNOWN) for word in words]


def spelled(numbers: Iterable[int]) -> str:
    """The words at these places of the vocabulary, PAD left out."""
    return " ".join(vocabulary()[number] for number in numbers if number != PAD)


@lru_cache(maxsize=1)
def vocabulary() -> tuple[str, ...]:
    """The words of the sentences to learn from, the frequent first and equally frequent ones by the alphabet."""
    counts = Counter(word for review in sentences(True) for word in review.words)
    kept = sorted((-count, word) for word, count in counts.items() if count >= RARE)
    return ("<pad>", "<unknown>", *(word for _, word in kept))


@lru_cache(maxsize=1)
def _places() -> dict[str, int]:
    return {word: place for place, word in enumerate(vocabulary())}


@lru_cache(maxsize=1)
def _shipped() -> tuple[Review, ...]:
    lines = gzip.decompress((HERE / "reviews.tsv.gz").read_bytes()).decode().split("\r\n")
    rows = (line.split("\t") for line in lines)
    return tuple(Review(text, float(rating), [intern(word) for word in words(text)]) for _, rating, text in rows)
