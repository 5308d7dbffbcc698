"""The table of floors: which part may import which. An import only points down."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# Part -> the parts that it may import (besides itself), and the packages from outside that it may use.
# What is absent is absent on purpose: the web process never imports `engine` or `runner`.
FLOORS: dict[str, tuple[set[str], set[str]]] = {
    "engine": (set(), {"numpy", "cupy", "ml_dtypes"}),
    "playground.protocol": (set(), {"msgspec"}),
    "playground.runner": (
        {"engine", "playground.protocol", "playground.sandbox.lockdown"},
        {"numpy", "msgspec", "matplotlib", "ml_dtypes"},
    ),
    "playground.sandbox": ({"playground.protocol"}, set()),
    "playground.dispatch": ({"playground.protocol", "playground.sandbox"}, {"msgspec"}),
    "playground": (
        {"playground.protocol", "playground.dispatch", "playground.sandbox"},
        {"django", "channels", "asgiref", "msgspec", "uvicorn", "whitenoise", "dj_database_url", "markdown_it"},
    ),
}


def part_of(module: str) -> str | None:
    """The floor that `module` belongs to, the longest name first; None for what is from outside."""
    names = sorted(FLOORS, key=len, reverse=True)
    return next((name for name in names if module == name or module.startswith(name + ".")), None)


def modules() -> Iterator[tuple[str, Path]]:
    """Each of our modules with its file."""
    for top in ("engine", "playground"):
        for path in sorted((ROOT / top).rglob("*.py")):
            if path.match("playground/lessons/*/program.py"):
                continue  # a learner's program, not a module of ours
            parts = path.relative_to(ROOT).with_suffix("").parts
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


def imports(module: str, path: Path) -> Iterator[tuple[str, int]]:
    """The modules that a file imports anywhere, by whole name, with the line. Typing-only imports count too."""
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, base] if base else above)
            for alias in node.names:
                # `from playground import runner` names a module, `from playground.runner import run` does not.
                yield f"{base}.{alias.name}", node.lineno
