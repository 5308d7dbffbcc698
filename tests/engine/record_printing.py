"""Record PyTorch's text of tensors for `test_printing.py`: run with a Python that has torch.

    python tests/engine/record_printing.py

Writes `answers/printing.npz`: arrays `0`, `1`, ... and `cases`, a JSON list with, for each of them, the options, what
was done to the tensor before it was printed, and the text.
"""

import json
from pathlib import Path

import numpy as np
import torch

draw = np.random.RandomState(0)


def inputs():
    """Arrays of every dtype, magnitude, rank and size at which the text changes its form."""
    for dtype in ("uint8", "int8", "int16", "int32", "int64"):
        for shape in ((), (0,), (1,), (7,), (40,), (3, 4), (2, 0), (2, 3, 2), (1001,), (2, 1, 2, 2), (300, 7)):
            yield draw.randint(-100 if dtype != "uint8" else 0, 100, shape).astype(dtype)
    yield np.array([2**62, -5, 0])
    for shape in ((), (5,), (0,), (4, 5), (33, 40)):
        yield draw.rand(*shape) > 0.5 if shape else np.array(True)
    for dtype in ("float16", "float32", "float64"):
        for shape in ((), (0,), (3, 0), (1,), (5,), (11,), (3, 4), (2, 2, 3), (2, 1, 3, 2), (60,)):
            for scale in (1.0, 100.0, 1e-3):
                yield (draw.randn(*shape) * scale).astype(dtype) if shape else np.array(draw.randn() * scale, dtype)
        for shape in ((1001,), (1000,), (40, 30), (7, 200), (11, 10, 10), (2, 3, 7, 30), (1100, 1), (1, 1100)):
            yield draw.randn(*shape).astype(dtype).round(2)
        yield np.array([1.0, 2.0, 3.0], dtype)
        yield np.array([[0.0, -0.0], [0.0, 0.0]], dtype)
        yield np.arange(30).astype(dtype).reshape(5, 6)
        yield np.zeros(40, dtype)
        yield np.array([np.inf, -np.inf, np.nan], dtype)
        yield np.array([1.0, np.inf, -3.0, np.nan], dtype)
        yield np.array([1.5, np.inf, -3.0, np.nan], dtype)
        yield np.array([np.nan], dtype)
        yield np.array(np.inf, dtype)
        yield np.array([1000.0, 1.0, 0.5], dtype)
        yield np.array([1001.0, 1.0], dtype)
        yield np.array([1e-4, 1e-3], dtype)
        yield np.array([60000.0, 12.5, -0.125], dtype)
        yield np.array([0.0, 1e-5], dtype)
    for dtype in ("float32", "float64"):
        yield np.array([1e8, 2e8, 3e8], dtype)
        yield np.array([1.1e8, 2e8], dtype)
        yield np.array([1e30, 1e-30, np.nan, -np.inf, 0.0], dtype)
        yield np.array([[1e30, 1.0], [-2e-20, 0.0]], dtype)
        yield np.array(1e-12, dtype)
        yield np.array(123456789.0, dtype)
    for dtype in ("complex64", "complex128"):
        for shape in ((), (3,), (2, 2), (25,), (0,), (1, 3, 2)):
            yield (np.asarray(draw.randn(*shape)) + 1j * np.asarray(draw.randn(*shape))).astype(dtype)
        yield np.array([1 + 2j, -3 - 4j, 0j, complex(np.nan, 1)], dtype)
        yield np.array([1000.5 + 1e-5j, 1 - 1j], dtype)


OPTIONS = (
    {"precision": 2},
    {"precision": 8},
    {"sci_mode": True},
    {"sci_mode": False},
    {"threshold": 5},
    {"threshold": 5, "edgeitems": 1},
    {"threshold": 5, "edgeitems": 0},
    {"linewidth": 30},
    {"profile": "short"},
    {"profile": "full", "precision": 3},
)


def main() -> None:
    arrays, cases = [], []

    def record(array: np.ndarray, done: str = "", **options: object) -> None:
        tensor = torch.from_numpy(array) if array.ndim else torch.tensor(array)
        if done:
            tensor.requires_grad_(True)
        if done == "multiplied":
            tensor = tensor * 1
        torch.set_printoptions(profile="default")
        torch.set_printoptions(**options)
        arrays.append(array)
        cases.append({"options": options, "done": done, "text": repr(tensor)})

    for array in inputs():
        record(array)
        if array.dtype.kind in "fc" and array.size < 100 and not np.isnan(array).any():
            record(array, "required")
            record(array, "multiplied")
    for options in OPTIONS:
        for array in (
            draw.randn(4),
            draw.randn(3, 4) * 100,
            draw.randint(0, 9, (8, 9)),
            np.zeros((2, 8)),
            draw.rand(40),
        ):
            record(array, **options)
    named = {str(i): array for i, array in enumerate(arrays)}
    text = np.frombuffer(json.dumps(cases).encode(), np.uint8)
    np.savez_compressed(Path(__file__).parent / "answers" / "printing.npz", cases=text, **named)
    print(len(cases), "cases")


if __name__ == "__main__":
    main()
