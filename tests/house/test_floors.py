"""Imports only point down, by the table in `floors.py`."""

from __future__ import annotations

import sys

from tests.house.floors import FLOORS, ROOT, imports, modules, part_of


def _wrong() -> list[str]:
    found = []
    for module, path in modules():
        part = part_of(module)
        assert part is not None, f"{module} is on no floor"
        below, outside = FLOORS[part]
        for target, line in imports(module, path):
            top = target.partition(".")[0]
            other = part_of(target)
            if other == part or other in below or any(target.startswith(name) for name in below):
                continue
            if other is None and (top in sys.stdlib_module_names or top in outside or top == "__future__"):
                continue
            found.append(f"{path.relative_to(ROOT)}:{line} imports {target}, which {part} may not")
    return found


def test_imports_point_down() -> None:
    wrong = _wrong()
    assert not wrong, "\n".join(wrong)


def test_the_table_names_parts_that_exist() -> None:
    for part in FLOORS:
        assert (ROOT / part.replace(".", "/")).is_dir(), part
