"""Datasets and loaders: the programs of `programs_data.py` against PyTorch's answers, and what they do not reach."""

import json
from pathlib import Path

import numpy as np
import pytest

import engine
from engine.utils import data
from tests.engine import programs_data
from tests.engine.compare import differences

ANSWERS = json.loads((Path(__file__).parents[1] / "answers" / "data.json").read_text())


@pytest.mark.parametrize("name", programs_data.PROGRAMS)
def test_program_answers_as_with_pytorch(name):
    found = differences(programs_data.answers_of(engine, name), ANSWERS[name], 2e-6)
    assert not found, "\n".join(found)


class Squares(data.Dataset):
    def __len__(self):
        return 7

    def __getitem__(self, index):
        if index >= 7:
            raise IndexError
        return index, index**2


class Counting(data.IterableDataset):
    def __init__(self, n):
        self.n = n

    def __iter__(self):
        return iter(range(self.n))


def test_batches_of_any_dataset():
    batches = list(data.DataLoader(Squares(), batch_size=3))
    assert [batch[1].tolist() for batch in batches] == [[0, 1, 4], [9, 16, 25], [36]]
    assert len(data.DataLoader(Squares(), batch_size=3)) == 3
    assert len(data.DataLoader(Squares(), batch_size=3, drop_last=True)) == 2


def test_rows_of_tensors_come_as_they_would_one_by_one():
    tensors = data.TensorDataset(engine.arange(12.0).reshape(6, 2), engine.arange(6))
    together = list(data.DataLoader(tensors, batch_size=4))
    one_by_one = list(data.DataLoader(tensors, batch_size=4, collate_fn=lambda batch: data.default_collate(batch)))
    for a, b in zip(together, one_by_one, strict=True):
        assert type(a) is type(b) is list
        assert all((x == y).all() and x.dtype == y.dtype for x, y in zip(a, b, strict=True))
    together[0][0].zero_()
    assert tensors[1][0].tolist() == [2.0, 3.0]  # a batch is a copy


def test_datasets_that_are_only_iterable():
    chain = data.ChainDataset([Counting(3), Counting(2)])
    assert [batch.tolist() for batch in data.DataLoader(chain, batch_size=2)] == [[0, 1], [2, 0], [1]]
    assert [batch.tolist() for batch in data.DataLoader(chain, batch_size=2, drop_last=True)] == [[0, 1], [2, 0]]
    assert list(data.DataLoader(Counting(3), batch_size=None)) == [0, 1, 2]
    with pytest.raises(ValueError, match="IterableDataset: expected unspecified shuffle option"):
        data.DataLoader(Counting(3), shuffle=True)


def test_datasets_end_to_end_side_by_side_and_in_part():
    twice = Squares() + data.Subset(Squares(), [6, 1])
    assert len(twice) == 9
    assert [twice[i] for i in (0, 6, 7, -1)] == [(0, 0), (6, 36), (6, 36), (1, 1)]
    with pytest.raises(ValueError, match="should not exceed dataset length"):
        twice[-10]
    side = data.StackDataset(a=range(3), b="xyz")
    assert (len(side), side[1]) == (3, {"a": 1, "b": "y"})
    with pytest.raises(ValueError, match="Size mismatch"):
        data.StackDataset(range(2), range(3))
    with pytest.raises(AssertionError, match="Size mismatch"):
        data.TensorDataset(engine.zeros(2), engine.zeros(3))


def test_batches_of_ones_own():
    loader = data.DataLoader(Squares(), batch_sampler=[[0, 6], [2]])
    assert [batch[0].tolist() for batch in loader] == [[0, 6], [2]]
    with pytest.raises(ValueError, match="mutually exclusive"):
        data.DataLoader(Squares(), batch_size=2, batch_sampler=[[0]])
    with pytest.raises(ValueError, match="sampler option is mutually exclusive with shuffle"):
        data.DataLoader(Squares(), shuffle=True, sampler=[0])


def test_collate_keeps_types():
    batch = data.default_collate([np.float32(1.5), np.float32(2.5)])
    assert batch.dtype == engine.float32
    assert data.default_collate([np.ones(2), np.zeros(2)]).dtype == engine.float64
    assert data.default_collate([1.5, 2.5]).dtype == engine.float64
    with pytest.raises(RuntimeError, match="each element in list of batch should be of equal size"):
        data.default_collate([[1], [1, 2]])


@pytest.mark.parametrize(
    ("lengths", "message"),
    [([3, 3], "Sum of input lengths"), ([0.2, 0.2], "Sum of input lengths"), ([1.5, -0.5], "Fraction at index")],
)
def test_a_wrong_split_gets_pytorchs_sentence(lengths, message):
    with pytest.raises(ValueError, match=message):
        data.random_split(Squares(), lengths)
