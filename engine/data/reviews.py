"""Sentences from film reviews, rated by people, and their words as numbers.

Where they come from, and under which licence, stands in `SOURCE.md` beside this file.
"""

from __future__ import annotations

import gzip
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

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


def sentences(train: bool) -> tuple[list[str], list[float]]:
    """The sentences to learn from (9,544) or those held out (1,061), and their ratings from -4 to 4."""
    rows = [row for i, row in enumerate(_shipped()) if (i % HELD_OUT != 0) == train]
    return [text for text, _ in rows], [rating for _, rating in rows]


def reviews(train: bool, length: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """The sentences as numbers of words (n, length), int64, see `numbered`, and their classes (n,), int64.

    Longer sentences are cut; without `length` it is that of the longest sentence of all.
    """
    texts, ratings = sentences(train)
    if length is None:
        length = max(len(words(text)) for text, _ in _shipped())
    return numbered(texts, length), np.digitize(ratings, BOUNDS).astype(np.int64)


def numbered(texts: Sequence[str], length: int) -> np.ndarray:
    """Each text as the places of its words in the vocabulary, filled up with PAD, (texts, length)."""
    found = np.full((len(texts), length), PAD, np.int64)
    for row, text in zip(found, texts, strict=True):
        inside = numbers(text)[:length]
        row[: len(inside)] = inside
    return found


def numbers(text: str) -> list[int]:
    """The place of each word of a text in the vocabulary."""
    places = _places()
    return [places.get(word, UNKNOWN) for word in words(text)]


def spelled(numbers: Iterable[int]) -> str:
    """The words at these places of the vocabulary, PAD left out."""
    return " ".join(vocabulary()[number] for number in numbers if number != PAD)


@lru_cache(maxsize=1)
def vocabulary() -> tuple[str, ...]:
    """The words of the sentences to learn from, the frequent first and equally frequent ones by the alphabet."""
    counts = Counter(word for text in sentences(True)[0] for word in words(text))
    kept = sorted((-count, word) for word, count in counts.items() if count >= RARE)
    return ("<pad>", "<unknown>", *(word for _, word in kept))


@lru_cache(maxsize=1)
def _places() -> dict[str, int]:
    return {word: place for place, word in enumerate(vocabulary())}


@lru_cache(maxsize=1)
def _shipped() -> tuple[tuple[str, float], ...]:
    lines = gzip.decompress((HERE / "reviews.tsv.gz").read_bytes()).decode().split("\r\n")
    rows = (line.split("\t") for line in lines)
    return tuple((text, float(rating)) for _, rating, text in rows)
