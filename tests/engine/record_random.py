"""Record PyTorch's draws for `test_random.py`: run with a Python that has torch (CPU, not Intel: MKL draws otherwise).

    python tests/engine/record_random.py

Writes `answers/random.npz`: for every seed and draw below its numbers, and the word that the stream gives next.
"""

from pathlib import Path

import numpy as np
import torch

SEEDS = (0, 1, 42, 2**40 + 5, -3)
WEIGHTS = torch.tensor([0.05, 0.4, 0.0, 0.2, 0.35, 1.5, 0.01])
CHANCES = torch.linspace(0, 1, 23)


def empty(n, dtype=torch.float32):
    return torch.empty(n, dtype=dtype)


DRAWS = {
    "rand": lambda: torch.rand(7, 3),
    "rand float64": lambda: torch.rand(7, 3, dtype=torch.float64),
    "rand float16": lambda: torch.rand(7, 3, dtype=torch.float16),
    "rand many": lambda: torch.rand(5001)[-9:],
    "rand many float64": lambda: torch.rand(5001, dtype=torch.float64)[-9:],
    "uniform": lambda: empty(21).uniform_(-2, 3),
    "uniform float64": lambda: empty(21, torch.float64).uniform_(-2, 3),
    "randn 0": lambda: torch.randn(0),
    "randn 1": lambda: torch.randn(1),
    "randn 15": lambda: torch.randn(15),
    "randn 15 float64": lambda: torch.randn(15, dtype=torch.float64),
    "randn 16": lambda: torch.randn(16),
    "randn 16 float64": lambda: torch.randn(16, dtype=torch.float64),
    "randn 50": lambda: torch.randn(50),
    "randn 50 float64": lambda: torch.randn(50, dtype=torch.float64),
    "randn 50 float16": lambda: torch.randn(50, dtype=torch.float16),
    "randn the kept sine": lambda: torch.cat([torch.randn(3), torch.randn(16), torch.randn(2), torch.randn(4)]),
    "normal": lambda: empty(33).normal_(3, 0.5),
    "normal 5": lambda: empty(5).normal_(3, 0.5),
    "normal strided": lambda: torch.empty(6, 8)[:, ::2].normal_(1, 2),
    "log_normal": lambda: empty(21).log_normal_(0.3, 0.5),
    "randint": lambda: torch.randint(-5, 10, (40,)),
    "randint int8": lambda: torch.randint(0, 20, (40,), dtype=torch.int8),
    "randint float32": lambda: torch.randint(0, 20, (40,), dtype=torch.float32),
    "randint below the wide": lambda: torch.randint(0, 2**28 - 1, (9,)),
    "randint wide": lambda: torch.randint(0, 2**28, (9,)),
    "randint 2**62": lambda: torch.randint(0, 2**62, (9,)),
    "randint everything": lambda: empty(9, torch.int64).random_(-(2**63), None),
    "random int64": lambda: empty(9, torch.int64).random_(),
    "random int32": lambda: empty(9, torch.int32).random_(),
    "random uint8": lambda: empty(9, torch.uint8).random_(),
    "random bool": lambda: empty(9, torch.bool).random_(),
    "random float16": lambda: empty(9, torch.float16).random_(),
    "random float32": lambda: empty(9).random_(),
    "random float64": lambda: empty(9, torch.float64).random_(),
    "randperm": lambda: torch.randperm(50),
    "randperm 1": lambda: torch.randperm(1),
    "randperm many": lambda: torch.randperm(3000)[-9:],
    "bernoulli": lambda: torch.bernoulli(CHANCES),
    "bernoulli float64": lambda: torch.bernoulli(CHANCES.double()),
    "mask": lambda: empty(60, torch.bool).bernoulli_(0.3),
    "mask of dropout": lambda: torch.nn.functional.dropout(torch.ones(60), 0.4) != 0,
    "exponential": lambda: empty(21).exponential_(0.7),
    "exponential float64": lambda: empty(21, torch.float64).exponential_(0.7),
    "geometric": lambda: empty(21).geometric_(0.3),
    "cauchy": lambda: empty(21).cauchy_(0.3, 2),
    "multinomial 1": lambda: torch.multinomial(WEIGHTS, 1),
    "multinomial": lambda: torch.multinomial(WEIGHTS, 5),
    "multinomial replaced": lambda: torch.multinomial(WEIGHTS, 30, True),
    "multinomial replaced float64": lambda: torch.multinomial(WEIGHTS.double(), 30, True),
    "multinomial rows": lambda: torch.multinomial(WEIGHTS.reshape(1, 7).repeat(3, 1), 4),
    "multinomial rows replaced": lambda: torch.multinomial(WEIGHTS.reshape(1, 7).repeat(3, 1), 9, True),
}


def main() -> None:
    answers = {}
    for seed in SEEDS:
        for name, draw in DRAWS.items():
            torch.manual_seed(seed)
            answers[f"{seed}/{name}"] = draw().numpy()
            answers[f"{seed}/{name}/next"] = torch.rand(1).numpy()
        torch.manual_seed(seed)
        answers[f"{seed}/state"] = torch.get_rng_state().numpy()
    torch.manual_seed(7)
    torch.randn(3)
    answers["state after three normals"] = torch.get_rng_state().numpy()
    answers["then"] = torch.randn(4).numpy()
    np.savez_compressed(Path(__file__).parent / "answers" / "random.npz", **answers)


if __name__ == "__main__":
    main()
