"""The expression that a lambda computes, as text, with other names in the place of its parameters."""

from __future__ import annotations

import ast
import linecache
from collections.abc import Callable
from typing import Any


def expression(function: Callable[..., Any], names: dict[str, str]) -> str | None:
    """What the function gives, where `names` says what its parameters are.

    None for what is no lambda, for one that names anything but its parameters, and where there is no source.
    """
    code = function.__code__
    if code.co_name != "<lambda>" or code.co_freevars:
        return None
    spans: list[Any] = [span for span in code.co_positions() if None not in span and span[::2] != span[1::2]]
    if not spans:
        return None
    (first, begin), (last, end) = min(span[::2] for span in spans), max(span[1::2] for span in spans)
    lines = [line.encode() for line in linecache.getlines(code.co_filename)[first - 1 : last]]
    if not lines:
        return None
    lines[-1] = lines[-1][:end]  # first, as there may be but one
    lines[0] = lines[0][begin:]
    tree = ast.parse(f"({b''.join(lines).decode()})", mode="eval")
    named = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]
    if not set(named) <= set(code.co_varnames[: code.co_argcount]):
        return None
    return ast.unparse(_Renamed(names).visit(tree))


class _Renamed(ast.NodeTransformer):
    def __init__(self, names: dict[str, str]) -> None:
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.AST:
        """What stands for the name."""
        return ast.parse(self.names.get(node.id, node.id), mode="eval").body
