"""Modules against PyTorch: the programs of `programs_nn.py` and the answers recorded to them."""

import json
from pathlib import Path

import pytest

import engine
from tests.engine import programs_nn
from tests.engine.compare import differences

ANSWERS = json.loads((Path(__file__).parents[1] / "answers" / "nn.json").read_text())


@pytest.mark.parametrize("name", programs_nn.PROGRAMS)
def test_program_answers_as_with_pytorch(name):
    found = differences(programs_nn.answers_of(engine, name), ANSWERS[name], 2e-6)
    assert not found, "\n".join(found)


def test_parametrizations_of_one_text_are_told_once() -> None:
    nn = engine.nn
    layer = nn.Linear(2, 2)
    for _ in range(2):
        nn.utils.parametrize.register_parametrization(layer, "weight", nn.Identity())
    assert repr(layer.parametrizations.weight) == "ParametrizationList(\n  (0-1): 2 x Identity()\n)"


@pytest.mark.parametrize(("dim", "name"), [(0, "WeightNormInterfaceBackward0"), (1, "MulBackward0")])
def test_a_normed_weight_is_one_node_where_pytorch_has_one(dim, name):
    layer = engine.nn.utils.parametrizations.weight_norm(engine.nn.Conv1d(3, 4, 2), dim=dim)
    assert layer.weight.grad_fn.name() == name


def test_a_convolution_of_a_program_keeps_its_own_arguments() -> None:
    class _Block(engine.nn.Conv2d):
        def __init__(self, channels: int, *, kernel: int = 3) -> None:
            super().__init__(channels, channels, kernel)

    class Block(_Block):
        """Of the same arguments."""

    assert repr(Block(2)) == "Block(2, 2, kernel_size=(3, 3), stride=(1, 1))"
    with pytest.raises(TypeError, match=r"_Block.__init__\(\) missing 1 required positional argument: 'channels'"):
        Block()  # type: ignore[call-arg]
    with pytest.raises(TypeError, match=r"^Conv2d.__init__\(\) missing 1 required positional argument: 'kernel_size'"):
        engine.nn.Conv2d(1, 2)  # type: ignore[call-arg]
