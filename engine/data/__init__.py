"""Data that ships with the engine: real handwritten digits, and the classic sets of points in the plane."""

from engine.data.catalog import NAMES, dataset
from engine.data.digits import mnist_folder, read_idx

__all__ = ["NAMES", "dataset", "mnist_folder", "read_idx"]
