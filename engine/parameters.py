"""The text of what a generated call takes, and hands on."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.op import Op


def dim_is_wanted(op: Op) -> bool:
    """Whether an axis has to be named, be it as `axis`, and nothing that has to be given comes after it."""
    parameters = list(op.signature.parameters.values())
    names = [p.name for p in parameters]
    behind = parameters[names.index("dim") :] if "dim" in names else []
    return (
        bool(behind)
        and behind[0].default is inspect.Parameter.empty
        and all(p.default is not p.empty for p in behind[1:])
    )


def parameters(op: Op) -> str:
    """The parameters of the call, with `out` and NumPy's names of axes."""
    parts, starred = [], False
    for p in op.signature.parameters.values():
        if p.kind is p.KEYWORD_ONLY and not starred:
            parts.append("*")
            starred = True
        if p.name == "dim" and dim_is_wanted(op):
            parts.append("dim=None")
        else:
            parts.append(p.name if p.default is p.empty else f"{p.name}=default_{p.name}")
    extra = [
        f"{alias}=None" for name, alias in (("dim", "axis"), ("keepdim", "keepdims")) if name in op.signature.parameters
    ]
    extra += ["out=None"] * op.takes_out
    if extra and not starred:
        parts.append("*")
    return ", ".join(parts + extra)


def handed_on(op: Op) -> str:
    """The arguments of the call, positional ones and those by name."""
    by_name = [p.name for p in op.signature.parameters.values() if p.kind is p.KEYWORD_ONLY]
    given = "".join(f"{name}, " for name in op.signature.parameters if name not in by_name)
    options = ", ".join(f"{name!r}: {name}" for name in by_name)
    return f"({given}), {{{options}}}"
