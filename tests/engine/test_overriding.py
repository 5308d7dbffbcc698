"""Subclasses of tensors; what PyTorch shows of them is in `scripts/subclasses.py`."""

from __future__ import annotations

import pickle
import subprocess
import sys
import threading
from typing import Any

import pytest

import engine as torch
from engine import overriding

COSTS_NOTHING = """
import engine
from engine.tensor import Tensor
plain = engine.sin
engine.nn.Linear(2, 2)(engine.ones(2)).sum().backward()
assert engine.sin is plain and "engine.overriding" not in __import__("sys").modules
class Own(Tensor): pass
assert engine.sin is not plain and engine.sin.__wrapped__ is plain
assert Own.__mro__[2] is Tensor and Own.__mro__[1].__name__ == "Tensor"
"""


class Own(torch.Tensor):
    """A subclass."""


class Counted(torch.Tensor):
    """Counts what it is asked."""

    asked = 0

    @classmethod
    def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        cls.asked += 1
        return super().__torch_function__(func, types, args, kwargs or {})


def test_a_program_without_a_subclass_pays_nothing() -> None:
    subprocess.run([sys.executable, "-c", COSTS_NOTHING], check=True)


def test_what_is_given_is_not_made_one_of_the_subclass() -> None:
    plain = torch.zeros(2)
    shown = torch.add(plain, torch.ones(2).as_subclass(Own), out=plain)
    assert (type(shown), type(plain), plain.tolist()) == (Own, torch.Tensor, [1, 1])


def test_gradients_go_through_views_and_changes_in_place() -> None:
    x = torch.arange(4.0).as_subclass(Own).requires_grad_()
    y = x * 2
    y[1:3] = x[:2] * 3
    y.sum().backward()
    assert type(y) is Own
    assert x.grad.tolist() == [5, 3, 0, 2]


def test_a_subclass_is_asked_once_a_call_and_by_each_thread() -> None:
    Counted.asked = 0
    x = torch.ones(3, 3).as_subclass(Counted)
    y = torch.nn.functional.layer_norm(x, (3,)) @ x
    assert (type(y), Counted.asked) == (Counted, 2)
    with overriding.NotAsking():
        thread = threading.Thread(target=lambda: torch.sin(x))
        thread.start()
        thread.join()
        torch.sin(x)
    assert Counted.asked == 3


def test_a_parameter_is_no_subclass_that_is_asked() -> None:
    class Weight(torch.nn.Parameter):
        pass

    assert type(Weight(torch.ones(2)) + 1) is torch.Tensor


def test_what_all_decline_says_who() -> None:
    class Declining:
        @classmethod
        def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            return NotImplemented

    with pytest.raises(TypeError, match=r"Multiple dispatch failed for 'torch.sin'(.|\n)*Declining"):
        torch.sin(Declining())
    with pytest.raises(TypeError, match="must be Tensor, not object"):
        torch.sin(object())


def test_functions_are_still_found_by_their_names() -> None:
    for function in (torch.nn.functional.relu, torch.linalg.norm):
        assert pickle.loads(pickle.dumps(function)) is function
