"""Handwritten digits: those that ship with the engine, and a reader of MNIST's own files.

Where they come from, and under which licence, stands in `SOURCE.md` beside this file.
"""

from __future__ import annotations

import gzip
from functools import lru_cache
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
TRAIN = 9_000  # rows before this one are to train on, the rest is held out


def mnist(train: bool) -> tuple[np.ndarray, np.ndarray]:
    """Images (n, 1, 28, 28), float32 from 0 to 1, and labels (n,), int64; 9,000 to train on or 1,000 held out."""
    images, labels = (part[:TRAIN] if train else part[TRAIN:] for part in _shipped())
    return images[:, None].astype(np.float32) / 255.0, labels.astype(np.int64)


def digits(train: bool) -> tuple[np.ndarray, np.ndarray]:
    """The same digits at 8x8: pixels (n, 64), float32 from 0 to 1, and labels.

    The images are padded to 32x32; each pixel here is the mean of 4x4 there.
    """
    images, labels = mnist(train)
    padded = np.pad(images[:, 0], ((0, 0), (2, 2), (2, 2)))
    return padded.reshape(-1, 8, 4, 8, 4).mean(axis=(2, 4)).reshape(-1, 64), labels


@lru_cache(maxsize=1)
def _shipped() -> tuple[np.ndarray, np.ndarray]:
    with np.load(HERE / "mnist.npz") as file:
        return file["images"], file["labels"]


def read_idx(path: str | Path) -> np.ndarray:
    """The array in an idx file, the format of MNIST and Fashion-MNIST, also when it is gzipped.

    The header is two zero bytes, the type of the elements, the number of axes, and each axis's length as a big-endian
    32-bit integer; then come the elements, big-endian. ValueError for a file that is not one.
    """
    types = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
    data = Path(path).read_bytes()
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    if len(data) < 4 or data[:2] != b"\0\0" or data[2] not in types:
        raise ValueError(f"{path} is no idx file: it begins with {data[:4].hex(' ')}")
    axes = data[3]
    shape = tuple(np.frombuffer(data, ">u4", axes, 4).tolist())
    elements = np.frombuffer(data, types[data[2]], offset=4 + 4 * axes)
    if elements.size != np.prod(shape, dtype=int):
        raise ValueError(f"{path} says that it holds an array of shape {shape}, but has {elements.size} elements")
    return elements.reshape(shape).astype(elements.dtype.newbyteorder("="))


def mnist_folder(folder: str | Path, train: bool = True) -> tuple[np.ndarray, np.ndarray]:
    """The whole of MNIST or Fashion-MNIST from a folder with its four idx files (.gz or not), as `mnist` gives it."""
    part = "train" if train else "t10k"
    images, labels = (_find(Path(folder), f"{part}-{kind}") for kind in ("images-idx3-ubyte", "labels-idx1-ubyte"))
    return read_idx(images)[:, None].astype(np.float32) / 255.0, read_idx(labels).astype(np.int64)


def _find(folder: Path, name: str) -> Path:
    for path in (folder / name, folder / f"{name}.gz"):
        if path.is_file():
            return path
    raise FileNotFoundError(f"there is no {name} or {name}.gz in {folder}")
