"""How a program runs and how it ends."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from playground.protocol.commands import Start
from playground.protocol.events import ErrorEvent, GraphEvent
from playground.protocol.messages import Ready


def test_a_program_that_prints_ends_well(run: Callable[..., Any]) -> None:
    result = run("print('hello', 1 + 1)")
    assert result.text() == "hello 2\n"
    assert result.closing.status == "finished"
    assert result.closing.error is None
    assert not result.of(ErrorEvent)


def test_it_is_main_and_sees_its_own_file(run: Callable[..., Any]) -> None:
    result = run("import sys\nprint(__name__, __file__, sys.argv, sys.modules['__main__'].__dict__ is globals())")
    assert result.text() == "__main__ main.py ['main.py'] True\n"


def test_dataclasses_and_annotations_find_their_module(run: Callable[..., Any]) -> None:
    code = "from dataclasses import dataclass\n@dataclass\nclass A:\n    x: int = 1\nprint(A(), A.__module__)"
    assert run(code).text() == "A(x=1) __main__\n"


def test_exit_codes(run: Callable[..., Any]) -> None:
    assert run("import sys; sys.exit()").closing.status == "finished"
    assert run("raise SystemExit(0)").closing.status == "finished"
    failed = run("import sys; sys.exit(3)").closing
    assert failed.status == "failed" and failed.error.type == "SystemExit" and "3" in failed.error.message


def test_exit_with_a_text_prints_it(run: Callable[..., Any]) -> None:
    result = run("import sys\nsys.exit('no data')")
    assert result.text("stderr") == "no data\n"
    assert result.closing.status == "failed"
    assert "no data" in result.closing.error.message


def test_keyboard_interrupt_is_a_failure(run: Callable[..., Any]) -> None:
    result = run("raise KeyboardInterrupt")
    assert result.closing.status == "failed" and result.closing.error.type == "KeyboardInterrupt"


def test_memory_error_names_the_limit(run: Callable[..., Any]) -> None:
    result = run("raise MemoryError")
    assert result.closing.status == "killed" and result.closing.error.limit == "memory"
    assert result.closing.error.message == "The program needed more memory than a run may use"


def test_an_exit_past_python_leaves_no_closing(run: Callable[..., Any]) -> None:
    said = run("import os\nprint('x', flush=True)\nos._exit(4)").said
    assert type(said[-1]).__name__ != "Closing"


def test_threads_are_waited_for_and_their_errors_shown(run: Callable[..., Any]) -> None:
    code = """
import threading, time
def work():
    time.sleep(0.2)
    print("done")
    raise ValueError("in a thread")
threading.Thread(target=work, name="worker").start()
"""
    result = run(code)
    assert result.text() == "done\n"
    assert "Exception in thread worker:" in result.text("stderr")
    assert 'File "main.py", line 6, in work' in result.text("stderr")
    assert "runner" not in result.text("stderr")
    assert result.closing.status == "finished"


def test_exit_functions_run(run: Callable[..., Any]) -> None:
    assert run("import atexit\natexit.register(print, 'bye')\nprint('hi')").text() == "hi\nbye\n"


def test_input_has_nobody_to_ask(run: Callable[..., Any]) -> None:
    error = run("name = input('Who? ')").closing.error
    assert error.type == "EOFError" and error.line == 1 and "playground.param" in error.message


def test_seed_sets_every_source_of_chance(run: Callable[..., Any]) -> None:
    code = "import torch, random, numpy as np\nprint(torch.rand(2).tolist(), random.random(), np.random.rand())"
    first, again, other = (run(code, seed=seed).text() for seed in (7, 7, 8))
    assert first == again != other


def test_a_warm_child_takes_a_program_in_milliseconds(cold: Any) -> None:
    ready = cold.until(Ready)
    assert ready.engine_version and "cpu" in ready.devices
    began = time.monotonic()
    cold.tell(Start(code="import torch, torch.nn\ntorch.ones(1, requires_grad=True).sum().backward()"))
    cold.until(GraphEvent)
    assert time.monotonic() - began < 0.1  # 3 ms where nothing else runs
    assert cold.all().closing.status == "finished"
