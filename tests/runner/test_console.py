"""What is printed arrives whole, in order and in few messages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playground.protocol.events import FrameEvent, StdoutEvent


def test_both_streams_keep_their_order(run: Callable[..., Any]) -> None:
    code = "import sys\nprint('a')\nprint('b', file=sys.stderr)\nsys.stdout.write('c')\nsys.stderr.write('d')"
    said = [(m.stream, m.text) for m in run(code).of(StdoutEvent)]
    assert said == [("stdout", "a\n"), ("stderr", "b\n"), ("stdout", "c"), ("stderr", "d")]


def test_many_lines_go_out_in_few_messages(run: Callable[..., Any]) -> None:
    result = run("for i in range(20_000): print(i)")
    assert result.text() == "".join(f"{i}\n" for i in range(20_000))
    assert len(result.of(StdoutEvent)) < 60


def test_text_comes_while_the_program_goes_on(children: Callable[..., Any]) -> None:
    child = children("print('soon')\nwhile True: pass")
    assert child.until(StdoutEvent).text == "soon\n"


def test_what_is_too_much_is_left_out_and_the_program_goes_on(run: Callable[..., Any]) -> None:
    code = "import playground\nfor i in range(10_000): print('x' * 99)\nplayground.log(reached=1.0)"
    result = run(code, stdout_limit=5000)
    assert len(result.text()) == 5000
    assert "left out" in result.text("stderr")
    assert result.closing.stdout_truncated and result.closing.status == "finished"
    assert result.points("reached") == [(1, 1.0)]


def test_odd_characters_do_no_harm(run: Callable[..., Any]) -> None:
    result = run("print('\\ud800 \\0 é 😀')\nimport sys\nsys.stdout.buffer.write('ü'.encode())")
    assert result.text() == "? � é 😀\nü"


def test_what_is_printed_comes_before_what_follows(run: Callable[..., Any]) -> None:
    code = "import torch\nx = torch.ones(2, requires_grad=True)\nprint('before')\nx.sum().backward()\nprint('after')"
    kinds = [(type(m), getattr(m, "text", "")) for m in run(code).said]
    frame = next(i for i, (kind, _) in enumerate(kinds) if kind is FrameEvent)
    assert kinds.index((StdoutEvent, "before\n")) < frame < kinds.index((StdoutEvent, "after\n"))


def test_writing_what_is_no_text_is_an_error(run: Callable[..., Any]) -> None:
    assert run("import sys\nsys.stdout.write(b'x')").closing.error.type == "TypeError"
