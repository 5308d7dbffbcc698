"""Classes are shown where PyTorch keeps them, and objects of theirs are copied and pickled all the same."""

import copy
import pickle

import pytest

import engine
from engine import nn

SHOWN = {
    "torch.Tensor": lambda: engine.ones(1),
    "torch.Size": lambda: engine.Size((1, 2)),
    "torch.dtype": lambda: engine.float32,
    "torch.device": lambda: engine.device("cpu"),
    "torch.nn.parameter.Parameter": lambda: nn.Parameter(engine.ones(1)),
    "torch.nn.modules.linear.Linear": lambda: nn.Linear(1, 1),
    "torch.nn.modules.container.Sequential": lambda: nn.Sequential(nn.ReLU()),
    "torch.nn.modules.batchnorm.BatchNorm1d": lambda: nn.BatchNorm1d(2),
    "torch.nn.utils.rnn.PackedSequence": lambda: nn.utils.rnn.pack_sequence([engine.ones(2)]),
    "torch.optim.adam.Adam": lambda: engine.optim.Adam([nn.Parameter(engine.ones(1))]),
    "torch.optim.lr_scheduler.StepLR": lambda: engine.optim.lr_scheduler.StepLR(
        engine.optim.SGD([nn.Parameter(engine.ones(1))]), 1
    ),
    "torch.distributions.normal.Normal": lambda: engine.distributions.Normal(0.0, 1.0),
    "torch.distributions.one_hot_categorical.OneHotCategorical": lambda: engine.distributions.OneHotCategorical(
        engine.ones(2)
    ),
    "torch.utils.data.dataset.TensorDataset": lambda: engine.utils.data.TensorDataset(engine.ones(2)),
    "torch.utils.data.dataloader.DataLoader": lambda: engine.utils.data.DataLoader([1]),
    "torch.return_types.max": lambda: engine.ones(1, 1).max(0),
}


@pytest.mark.parametrize("name", SHOWN)
def test_is_shown_where_pytorch_keeps_it(name):
    assert str(type(SHOWN[name]())) == f"<class '{name}'>"


@pytest.mark.parametrize("name", [name for name in SHOWN if not name.endswith((".max", "StepLR"))])
def test_is_copied_and_pickled(name):
    made = SHOWN[name]()
    for again in (copy.copy(made), copy.deepcopy(made), pickle.loads(pickle.dumps(made))):
        assert type(again) is type(made)


def test_a_programs_own_class_stays_where_it_is():
    class Own(nn.Linear):
        pass

    assert Own.__module__ == __name__
    assert type(copy.deepcopy(Own(1, 1))) is Own
