"""The formulas that the page shows, read from the engine's declarations: `python frontend/scripts/formulas.py`.

Prints `frontend/src/generated/formulas.json`, which `node frontend/scripts/formulas.mjs` sets as MathML.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

FRONTEND = Path(__file__).resolve().parents[1]

# The letters that formulas use for operands, by the operand's name: the first that occurs in the formula counts.
LETTERS = {
    "input": ("x", "a", "A", "z"),
    "other": ("b", "B"),
    "end": ("b",),
    "weight": ("W", "w", r"\gamma"),
    "bias": ("b", r"\beta"),
    "mat2": ("B",),
    "target": ("t",),
}


def letters_in(tex: str) -> set[str]:
    """The single letters and Greek ones that a formula uses as names."""
    plain = re.sub(r"\\(mathrm|text|operatorname|mathit)\s*\{[^}]*\}", " ", tex)
    commands = set(re.findall(r"\\[A-Za-z]+", plain))
    return commands | set(re.findall(r"[A-Za-z]", re.sub(r"\\[A-Za-z]+", " ", plain)))


def formulas() -> dict[str, dict[str, object]]:
    """Per op: its formula, each operand's slope, the operands' letters, and the letters of options with a default."""
    sys.path.insert(0, str(FRONTEND.parent))
    import engine  # noqa: F401 (importing it declares the ops)
    from engine import ops
    from engine.op import Op, registry

    ops.load_all()

    found: dict[str, dict[str, object]] = {}
    for name, declared in sorted(registry.items()):
        if not isinstance(declared, Op) or not declared.formula:
            continue
        used = letters_in(" ".join([declared.formula, *(s.tex for s in declared.slopes.values() if s)]))
        letters: dict[str, str] = {}
        for operand in declared.operands:
            choices = LETTERS.get(operand, (operand[0], operand[0].upper()))
            letter = next((each for each in choices if each in used and each not in letters.values()), None)
            if letter is not None:
                letters[operand] = letter
        defaults = {
            f"\\{option.name}": option.default
            for option in declared.options
            if f"\\{option.name}" in used and isinstance(option.default, int | float)
        }
        found[name] = {
            "formula": declared.formula,
            "slopes": {operand: slope.tex for operand, slope in declared.slopes.items() if slope is not None},
            "letters": letters,
            "defaults": defaults,
        }
    return found


if __name__ == "__main__":
    lines = [f"{json.dumps(op)}: {json.dumps(said, ensure_ascii=False)}" for op, said in formulas().items()]
    print("{\n" + ",\n".join(lines) + "\n}")
