"""Running the learner's one file as `__main__`, and telling how it ended."""

from __future__ import annotations

import atexit
import builtins
import sys
import threading
from types import ModuleType
from typing import Any

from playground.runner.console import Console
from playground.runner.control import Stopped
from playground.runner.imports import learners_import
from playground.runner.problems import traceback_of
from playground.runner.source import FILENAME, show


class Program:
    """The learner's file and the module that it runs as."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._code = ""
        self.module = ModuleType("__main__")

    def settle_in(self) -> None:
        """Give the process to the program: its module, its streams, its builtins. Our own output ends here."""
        own = ModuleType("builtins")
        own.__dict__.update(builtins.__dict__)
        own.__dict__.update(__import__=learners_import(builtins.__import__), input=_input)
        self.module.__dict__.update(__builtins__=own, __file__=FILENAME, __cached__=None)
        sys.modules["__main__"] = self.module
        sys.argv = [FILENAME]
        sys.stdin = _NoInput()
        sys.stdout = sys.__stdout__ = self._console.stdout  # type: ignore
        sys.stderr = sys.__stderr__ = self._console.stderr  # type: ignore
        sys.excepthook = self._print_error
        threading.excepthook = self._print_thread_error
        sys.unraisablehook = self._print_unraisable

    def run(self, code: str) -> BaseException | None:
        """Run to the end, threads and exit functions included; what was raised, None if it ended well."""
        try:
            show(code)
            exec(compile(code, FILENAME, "exec", dont_inherit=True), self.module.__dict__)
            for thread in threading.enumerate():
                if thread is not threading.current_thread() and not thread.daemon:
                    thread.join()
            atexit._run_exitfuncs()
        except SystemExit as error:
            return self._exit(error)
        except BaseException as error:
            return error
        return None

    def _exit(self, error: SystemExit) -> BaseException | None:
        if error.code is None or error.code == 0:
            return None
        if not isinstance(error.code, int):
            self._console.stderr.write(f"{error.code}\n")
        return error

    def _print_error(self, kind: type[BaseException], error: BaseException, tb: Any) -> None:
        self._console.stderr.write(traceback_of(error))

    def _print_thread_error(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None and not isinstance(args.exc_value, (SystemExit, Stopped)):
            name = args.thread.name if args.thread is not None else "a thread"
            self._console.stderr.write(f"Exception in thread {name}:\n{traceback_of(args.exc_value)}")

    def _print_unraisable(self, args: Any) -> None:
        if args.exc_value is not None and not isinstance(args.exc_value, Stopped):
            self._console.stderr.write(f"Exception ignored: {traceback_of(args.exc_value)}")


class _NoInput:
    """`sys.stdin` of a program that nobody types to."""

    def read(self, size: int = -1) -> str:
        """Raises EOFError in a sentence."""
        return _input()

    readline = readlines = __iter__ = __next__ = read

    def isatty(self) -> bool:
        """False."""
        return False

    def fileno(self) -> int:
        """Raises OSError: there is no file behind it."""
        raise OSError("the program's input is no file")


def _input(prompt: object = "") -> str:
    raise EOFError(
        "input() has nobody to ask: a program here runs by itself. Write the value into the program, or make a slider "
        'with playground.param("name", default, min, max)'
    )
