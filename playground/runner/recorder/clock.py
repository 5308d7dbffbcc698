"""What counts as a training step when a program calls `backward()` in several places."""

from __future__ import annotations

import ast
from types import CodeType, FrameType

Position = tuple[int, int]


class Clock:
    """Counts steps, and names the series of each loss.

    The place of a `backward()` that leads its loop counts the steps and is the series "loss". Another place in the
    same loop (the generator's turn after the discriminator's) is the series "loss 2" of the same step; one that shares
    no loop with it (a second part of the program) takes over the lead.
    """

    def __init__(self) -> None:
        self.step = 0
        self.code: CodeType | None = None  # with `at`, the place that leads
        self.at = -1
        self._loops: dict[str, list[tuple[int, int]]] = {}
        self._lead: Position | None = None
        self._family: dict[Position, str] = {}
        self._around: dict[Position, tuple[tuple[str, int], ...]] = {}
        self._kept: list[CodeType] = []

    def read(self, code: str) -> None:
        """Note the loops of the program, by the function that they stand in. A program with an error has none."""
        try:
            tree = ast.parse(code)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return
        self._find(tree, "<module>")

    def _find(self, tree: ast.AST, function: str) -> None:
        waiting = [(tree, function)]
        while waiting:
            node, name = waiting.pop()
            for child in ast.iter_child_nodes(node):
                inner = child.name if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)) else name
                if isinstance(child, (ast.For, ast.While, ast.AsyncFor)):
                    self._loops.setdefault(name, []).append((child.lineno, child.end_lineno or child.lineno))
                waiting.append((child, inner))

    def tick(self, frame: FrameType | None) -> str:
        """A `backward()` ended that was called in `frame`: count, and the name of its loss's series."""
        if frame is None:
            self.step += 1
            return "loss"
        position = (id(frame.f_code), frame.f_lasti)
        if position == self._lead:
            self.step += 1
            return "loss"
        if position in self._family:
            return self._family[position]
        around = self._around.get(position)
        if around is None:
            self._kept.append(frame.f_code)
            around = self._around[position] = self._loops_around(frame)
        if self._lead is not None and _together(self._around[self._lead], around):
            name = self._family[position] = f"loss {len(self._family) + 2}"
            return name
        self._lead, self._family = position, {}
        self.code, self.at = frame.f_code, frame.f_lasti
        self.step += 1
        return "loss"

    @property
    def several(self) -> int:
        """How many places of the current loop call `backward()`."""
        return 1 + len(self._family)

    def _loops_around(self, frame: FrameType | None) -> tuple[tuple[str, int], ...]:
        """The loops in which a call is made, innermost first, through all functions that led to it."""
        found = []
        while frame is not None:
            name, line = frame.f_code.co_name, frame.f_lineno
            loops = [loop for loop in self._loops.get(name, ()) if loop[0] <= line <= loop[1]]
            found += [(name, first) for first, _ in sorted(loops, reverse=True)]
            frame = frame.f_back
        return tuple(found)


def _together(a: tuple[tuple[str, int], ...], b: tuple[tuple[str, int], ...]) -> bool:
    """Whether the innermost loop around one call is also around the other."""
    return bool(a and b) and (a[0] in b or b[0] in a)
