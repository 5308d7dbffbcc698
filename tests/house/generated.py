"""The generated files and what makes them: `make gen` writes them anew, a test holds them current.

A generator prints the file's whole content and writes nothing itself.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Generated:
    """A file and the command that prints it; `python` is this interpreter, `needs` a program it takes."""

    file: str
    command: tuple[str, ...]
    needs: str = ""

    def make(self) -> bytes:
        """The content, made anew. Raises `CalledProcessError`."""
        command = [sys.executable if word == "python" else word for word in self.command]
        return subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout


GENERATED: tuple[Generated, ...] = (
    Generated("docs/coverage.md", ("python", "-m", "tests.engine.coverage")),
    Generated("docs/settings.md", ("python", "-m", "playground.environment")),
    Generated("engine/lazy_generated.py", ("python", "-m", "engine.lazy_made")),
    Generated("engine/__init__.pyi", ("python", "-m", "engine.stubs", "__init__.pyi")),
    Generated("engine/methods.pyi", ("python", "-m", "engine.stubs", "methods.pyi")),
    Generated("frontend/src/protocol/types.generated.ts", ("python", "-m", "playground.protocol.typescript")),
    Generated("frontend/src/generated/formulas.json", ("python", "frontend/scripts/formulas.py")),
    Generated("frontend/src/generated/formulas.generated.ts", ("node", "frontend/scripts/formulas.mjs"), needs="node"),
    Generated("frontend/src/generated/names.json", ("python", "frontend/scripts/names.py")),
    *(
        Generated(f"playground/sandbox/filters/{name}", ("python", "-m", "playground.sandbox.filters.generate", name))
        for stage in (1, 2)
        for name in (f"stage{stage}.aarch64.bpf", f"stage{stage}.x86_64.bpf")
    ),
)

if __name__ == "__main__":
    for generated in GENERATED:
        path = ROOT / generated.file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(generated.make())
        print("wrote", generated.file)
