"""Where the engine disagrees with PyTorch's own operator tables, for people.

python -m tests.engine.tables [--dtypes float64,int64] [--most 40] [NAME ...]     (NAME may end in *)
"""

from __future__ import annotations

import argparse
from collections import Counter
from fnmatch import fnmatch

import torch

from tests.engine.tables import entries
from tests.engine.tables.compare import difference, samples


def main() -> None:
    """Print the first difference of each kind for each entry, and the sums."""
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*", default=["*"])
    parser.add_argument("--dtypes", default="float64,float32,complex128,int64,bool")
    parser.add_argument("--most", type=int, default=40)
    asked = parser.parse_args()
    total: Counter[str] = Counter()
    for entry in entries():
        if not any(fnmatch(entry.name, name) for name in asked.names):
            continue
        found: Counter[str] = Counter()
        shown: dict[str, str] = {}
        for name in asked.dtypes.split(","):
            dtype = getattr(torch, name)
            if dtype not in entry.dtypes:
                continue
            for sample in samples(entry, dtype, asked.most):
                try:
                    said = difference(entry, sample, dtype)
                except AttributeError as error:
                    said = f"missing: {error}"
                total["good" if said is None else "bad"] += 1
                if said is not None:
                    kind = " ".join(said.split())[:50]
                    found[kind] += 1
                    shown.setdefault(kind, f"{name}: {' '.join(said.split())[:200]}  <- {str(sample.summary())[:260]}")
        total["clean entries" if not found else "entries with differences"] += 1
        if found:
            print(entry.formatted_name)
            for kind, count in found.most_common(4):
                print(f"    {count} x {shown[kind]}")
    print(dict(total))


if __name__ == "__main__":
    main()
