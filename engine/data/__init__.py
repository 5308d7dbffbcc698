"""Data that ships with the engine: handwritten digits, film reviews, and the classic sets of points in the plane."""

from engine.data.catalog import NAMES, dataset
from engine.data.digits import mnist_folder, read_idx
from engine.data.sets import MNIST, Digits, Planar, Reviews
from engine.data.tensors import give_as

__all__ = ["MNIST", "NAMES", "Digits", "Planar", "Reviews", "dataset", "give_as", "mnist_folder", "read_idx"]
