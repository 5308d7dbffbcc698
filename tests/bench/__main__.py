"""`make bench [names]`: runs the benchmarks and prints what they measured beside the goal."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path

from tests.bench import Row


def main(wanted: list[str]) -> int:
    """Run the modules named (all without a name). Returns the process's exit status."""
    names = sorted(path.stem.removeprefix("bench_") for path in Path(__file__).parent.glob("bench_*.py"))
    unknown = set(wanted) - set(names)
    if unknown:
        print(f"no benchmark called {', '.join(sorted(unknown))}; there are {', '.join(names)}")
        return 2
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}\n")
    for name in wanted or names:
        rows: list[Row] = importlib.import_module(f"tests.bench.bench_{name}").bench()
        for row in rows:
            print(f"{name:9} {row.what:58} {row.figure:>10}   {row.goal}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
