"""Draws that PyTorch makes without a rounding of its own: what `record_samplers.py` records, for a thousand seeds."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import numpy as np

SEEDS = range(1001)

# After each the next word of the stream is drawn, so that it is known to be where PyTorch's is.
EXACT = """
torch.rand(3)
torch.rand(2, 2, dtype=torch.float64)
torch.rand(3, dtype=torch.float16)
torch.rand(3, dtype=torch.bfloat16)
torch.rand(2, dtype=torch.complex64)
torch.rand_like(torch.zeros(2, 3).t())
torch.randint(10, (5,))
torch.randint(-3, 4, (2, 3), dtype=torch.int8)
torch.randint(0, 2**40, (3,))
torch.randint(0, 7, (3,), dtype=torch.float32)
torch.randint_like(torch.zeros(3, dtype=torch.uint8), 5, 9)
torch.randperm(9)
torch.randperm(5, dtype=torch.int32)
torch.zeros(3).random_()
torch.zeros(3, dtype=torch.float64).random_()
torch.zeros(3, dtype=torch.bfloat16).random_()
torch.zeros(3, dtype=torch.float16).random_(2**14)
torch.zeros(3).random_(2**25)
torch.zeros(3).random_(-2**26, 2**26)
torch.zeros(3, dtype=torch.bool).random_()
torch.zeros(3, dtype=torch.int16).random_()
torch.zeros(3, dtype=torch.int64).random_(-5, None)
torch.zeros(3, dtype=torch.int64).random_(-2**63, None)
torch.zeros(2, 3, dtype=torch.int32).t().random_(100)
torch.bernoulli(torch.tensor([0.1, 0.5, 0.9]))
torch.bernoulli(torch.tensor([0.1, 0.5, 0.9], dtype=torch.float64))
torch.zeros(4).bernoulli_(torch.tensor([0.1, 0.5, 0.9, 1.0]))
torch.poisson(torch.tensor([0.0, 0.5, 4.0, 9.99, 10.0, 33.0, 1e4]))
torch.poisson(torch.tensor([[3.0], [70.0]], dtype=torch.float64))
torch.binomial(torch.tensor([3.0, 40.0, 40.0, 1000.0]), torch.tensor([0.5, 0.1, 0.6, 0.45]))
torch.binomial(torch.tensor([12.0, 0.0, 5.0], dtype=torch.float64), torch.tensor([0.95, 0.5, 1.0], dtype=torch.float64))
""".strip().splitlines()

# The same, where an Intel processor makes PyTorch use another generator.
UNLESS_INTEL = """
torch.zeros(5).bernoulli_(0.3)
torch.zeros(5, dtype=torch.int64).bernoulli_(0.7)
torch.zeros(3, dtype=torch.int64).geometric_(0.2)
torch.multinomial(torch.tensor([0.1, 0.2, 0.3, 0.4]), 6, True)
torch.multinomial(torch.tensor([[1.0, 2.0], [0.0, 3.0]], dtype=torch.float64), 3, True)
""".strip().splitlines()


def digests(torch: Any, expressions: list[str]) -> Iterator[tuple[str, str]]:
    """Each expression with a digest of its draws for all seeds."""
    for expression in expressions:
        code = compile(expression, "<draw>", "eval")
        sum_of_all = hashlib.sha256()
        for seed in SEEDS:
            torch.manual_seed(seed)
            drawn = eval(code, {"torch": torch})
            word = torch.randint(0, 2**20, (1,))
            if "bfloat16" in str(drawn.dtype):
                drawn = drawn.float()
            host = np.ascontiguousarray(drawn.numpy())
            sum_of_all.update(f"{host.dtype} {host.shape} {word.item()} ".encode() + host.tobytes())
        yield expression, sum_of_all.hexdigest()[:16]
