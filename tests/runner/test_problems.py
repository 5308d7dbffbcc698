"""Errors: the exact place, the learner's own traceback, an explanation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from playground.protocol.events import ErrorEvent

LINEAR = "import torch\nfrom torch import nn\n"


def test_an_error_has_its_place_to_the_column(run: Callable[..., Any]) -> None:
    result = run("def f(a):\n    return a / 0\n\nß = 1; y = f(ß) + 1\n")
    error = result.closing.error
    assert (error.type, error.message) == ("ZeroDivisionError", "division by zero")
    assert (error.line, error.column, error.end_line, error.end_column) == (2, 11, 2, 16)
    assert error.traceback.splitlines() == [
        "Traceback (most recent call last):",
        '  File "main.py", line 4, in <module>',
        "    ß = 1; y = f(ß) + 1",
        "               ^^^^",
        '  File "main.py", line 2, in f',
        "    return a / 0",
        "           ~~^~~",
        "ZeroDivisionError: division by zero",
    ]
    event = result.one(ErrorEvent)
    assert (event.message, event.line) == (error.message, 2)


def test_columns_count_characters(run: Callable[..., Any]) -> None:
    error = run("é = 'ü'; x = é + 1").closing.error
    assert (error.column, error.end_column) == (13, 18)


def test_syntax_errors_have_line_and_column(run: Callable[..., Any]) -> None:
    error = run("x = 1\nfor i in range(3)\n    print(i)\n").closing.error
    assert (error.type, error.line, error.column) == ("SyntaxError", 2, 17)
    assert error.message == "expected ':'"
    assert "runner" not in error.traceback


def test_a_null_byte_is_no_crash(run: Callable[..., Any]) -> None:
    assert run("x = 1\0").closing.status == "failed"


def test_library_frames_stay_and_ours_do_not(run: Callable[..., Any]) -> None:
    error = run("import json\njson.loads('{')").closing.error
    assert 'File "json/decoder.py"' in error.traceback
    assert (error.line, error.column) == (2, 0)
    error = run("import torch\ntorch.ones(2, 3) @ torch.ones(4, 5)").closing.error
    assert error.type == "RuntimeError"
    assert "engine" not in error.traceback and "main.py" in error.traceback


def test_shapes_and_axes_that_clash(run: Callable[..., Any]) -> None:
    error = run("import torch\nx = torch.ones(2, 3) @ torch.ones(4, 5)").closing.error
    assert error.shapes == [[2, 3], [4, 5]] and error.axes == [[1], [0]]
    assert (error.line, error.column, error.end_column) == (2, 4, 39)
    assert "length 3" in error.explanation and "length 4" in error.explanation
    error = run("import torch\nx = torch.ones(5, 3) + torch.ones(5, 4)").closing.error
    assert error.shapes == [[5, 3], [5, 4]] and error.axes == [[1], [1]]
    assert "Axis 1" in error.explanation


def test_chained_errors_are_both_told(run: Callable[..., Any]) -> None:
    error = run("try:\n    {}['a']\nexcept KeyError as e:\n    raise ValueError('bad') from e").closing.error
    assert "direct cause" in error.traceback and "KeyError" in error.traceback
    assert error.line == 4


def test_recursion_is_shortened_and_explained(run: Callable[..., Any]) -> None:
    error = run("def f(n):\n    return f(n + 1)\nf(0)").closing.error
    assert error.type == "RecursionError" and error.line == 2
    assert "calls itself" in error.explanation
    assert len(error.traceback) < 5000


def test_an_error_that_cannot_be_printed(run: Callable[..., Any]) -> None:
    error = run("class E(Exception):\n    def __str__(self): raise ValueError\nraise E()").closing.error
    assert error.type == "E" and error.line == 3


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("x = np.ones(3)", "import numpy as np"),
        ("value = 1\nprint(valeu)", "`value`"),
        (LINEAR + "x = torch.ones(1, requires_grad=True)\ny = (x * x).sum()\ny.backward()\ny.backward()", "twice"),
        (LINEAR + "torch.ones(2).sum().backward()", "requires_grad=True"),
        (LINEAR + "(torch.ones(2, requires_grad=True) * 2).backward()", "one number"),
        (LINEAR + "class M(nn.Module): pass\nM()(1)", "forward"),
        (LINEAR + "x = torch.ones(2, requires_grad=True)\nx.numpy()", "detach().numpy()"),
        (LINEAR + "if torch.ones(2) > 0: pass", ".any() or .all()"),
        (LINEAR + "torch.ones(2).item()", "exactly one element"),
        (LINEAR + "nn.functional.mse_loss(torch.ones(2), 3.0)", "torch.tensor(...) makes one"),
        (LINEAR + "torch.exp([1.0])", "torch.tensor(...) makes one"),
        (LINEAR + "[1.0, 2.0].mean()", "torch.tensor(...) makes one"),
        (LINEAR + "loss = torch.ones(2).sum().item()\nloss.backward()", "nothing leads back"),
        (LINEAR + "x = torch.ones(2)\ny = x.sum * 2", "With () behind its name"),
        (LINEAR + "x = torch.rand.view(2)", "With () behind its name"),
        (LINEAR + "x = torch.ones[2]", "With () behind its name"),
        (LINEAR + "round(torch.ones(1).item, 2)", "With () behind its name"),
        (LINEAR + "print(f'{torch.ones(1).item:.2f}')", "With () behind its name"),
        (LINEAR + "torch.exp(torch.rand)", "With () behind its name"),
        (LINEAR + "a, b = torch.ones(2).max", "With () behind its name"),
        (LINEAR + "torch.ones(2).sum(1, 2, 3, 4)", None),
        (LINEAR + "(lambda a: a)()", None),
        (LINEAR + "x = torch.ones(2, requires_grad=True)\nx += 1", "torch.no_grad()"),
        (LINEAR + "torch.optim.SGD([], lr=0.1)", "no parameters"),
        ("import notamodule", "standard library"),
        ("def f(): f()\nf()", "calls itself"),
        ("open('/etc/hosts2', 'w')", None),
    ],
)
def test_frequent_errors_are_explained(run: Callable[..., Any], code: str, words: str | None) -> None:
    error = run(code).closing.error
    assert (error.explanation is None) if words is None else words in (error.explanation or ""), error
