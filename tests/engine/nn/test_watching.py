"""What belongs to our modules alone: they tell a watcher when they begin and end; copies and pickles stand alone."""

import copy
import pickle

import pytest

import engine
from engine import graph, nn


class Watcher:
    def __init__(self):
        self.events = []

    def called(self, op, args, options, out):
        self.events.append(op.name)

    def backward(self, root, gradients):
        self.events.append("backward")

    def entered(self, module):
        self.events.append(f"into {type(module).__name__}")

    def left(self, module):
        self.events.append(f"out of {type(module).__name__}")


@pytest.fixture
def watcher():
    mine = Watcher()
    before = graph.observe(mine)
    yield mine
    graph.observe(before)


def test_modules_tell_when_they_begin_and_end(watcher):
    model = nn.Sequential(nn.Linear(2, 3), nn.Tanh())
    watcher.events.clear()
    model(engine.ones(1, 2))
    assert watcher.events == [
        "into Sequential", "into Linear", "linear", "out of Linear", "into Tanh", "tanh", "out of Tanh",
        "out of Sequential",
    ]  # fmt: skip


def test_a_module_that_raises_is_left_too(watcher):
    model = nn.Sequential(nn.Linear(2, 3))
    watcher.events.clear()
    with pytest.raises(RuntimeError, match="cannot be multiplied"):
        model(engine.ones(1, 4))
    assert [event for event in watcher.events if " " in event] == [
        "into Sequential", "into Linear", "out of Linear", "out of Sequential",
    ]  # fmt: skip


def test_a_hook_that_always_runs_runs_after_an_error():
    seen = []
    model = nn.Linear(2, 3)
    model.register_forward_hook(lambda module, args, out: seen.append(out), always_call=True)
    with pytest.raises(RuntimeError):
        model(engine.ones(1, 4))
    assert seen == [None]


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
def test_a_copy_stands_alone(copied):
    model = nn.Sequential(nn.Linear(2, 3), nn.ReLU())
    model[1].tied = model[0].weight
    other = copied(model)
    assert repr(other) == repr(model)
    assert (other[0].weight == model[0].weight).all()
    assert other[1].tied is other[0].weight
    with engine.no_grad():
        other[0].weight.zero_()
    assert (model[0].weight != 0).all()
    assert isinstance(other[0].weight, nn.Parameter) and other[0].weight.requires_grad


def test_everywhere_hooks_see_every_module():
    from engine.nn.module import register_module_forward_hook, register_module_forward_pre_hook

    seen = []
    handles = [
        register_module_forward_pre_hook(lambda module, args: seen.append(("before", type(module).__name__))),
        register_module_forward_hook(lambda module, args, out: seen.append(("after", type(module).__name__))),
    ]
    model = nn.Sequential(nn.ReLU())
    model(engine.ones(1))
    for handle in handles:
        handle.remove()
    model(engine.ones(1))
    names = ["before Sequential", "before ReLU", "after ReLU", "after Sequential"]
    assert [" ".join(each) for each in seen] == names


def test_an_unknown_function_is_named_with_a_suggestion():
    with pytest.raises(AttributeError, match=r"has no attribute 'cross_entopy'\. Did you mean: 'cross_entropy'"):
        nn.functional.cross_entopy  # noqa: B018
    with pytest.raises(AttributeError, match=r"module 'torch.nn' has no attribute 'Liner'\. Did you mean: 'Linear'"):
        nn.Liner  # noqa: B018
