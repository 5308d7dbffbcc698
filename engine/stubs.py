"""The stub files that tell type checkers and editors what `bind` puts where; `python -m engine.stubs` writes them.

`engine/methods.pyi` has the methods and operators of tensors, `engine/__init__.pyi` the names of the package; a test
holds both to be current.
"""

from __future__ import annotations

import inspect
import pathlib
import re
import sys
from typing import Any

from engine import array, bind
from engine.op import registry
from engine.tensor import Tensor

HERE = pathlib.Path(__file__).parent
_BOOLS = ("allclose", "equal", "is_complex", "is_floating_point", "is_nonzero", "is_tensor", "is_same_size")
# What does not give one tensor.
_RETURNS = dict.fromkeys(_BOOLS, "builtins.bool") | {"numel": "builtins.int"}
_RETURNS |= {"result_type": "dtype", "promote_types": "dtype"}
_RETURNS |= dict.fromkeys(
    (
        "split", "chunk", "tensor_split", "unbind", "meshgrid", "broadcast_tensors", "max", "min", "sort", "topk",
        "kthvalue", "median", "aminmax", "unique", "where", "var_mean", "std_mean", "type", "broadcast_shapes",
        "nonzero",         "can_cast", "backward",
    ),
    "Any",
)  # fmt: skip


def _parameters(name: str, call: Any) -> str:
    """The parameters of a function, with `Any` for the types of all but plain numbers and switches."""
    entry = registry.get(name) or getattr(call, "op", None)
    signature = entry.signature if entry is not None else inspect.signature(call)
    parts: list[str] = []
    starred = False
    for p in signature.parameters.values():
        if p.kind is p.VAR_POSITIONAL:
            parts.append(f"*{p.name}: Any")
            starred = True
            continue
        if p.kind is p.VAR_KEYWORD:
            parts.append(f"**{p.name}: Any")
            continue
        if p.kind is p.KEYWORD_ONLY and not starred:
            parts.append("*")
            starred = True
        parts.append(f"{p.name}: Any" + ("" if p.default is p.empty else " = ..."))
    takes_out = getattr(entry, "takes_out", False)
    if takes_out and "out" not in signature.parameters:
        parts += ([] if starred else ["*"]) + ["axis: Any = ...", "keepdims: Any = ...", "out: Any = ..."]
    return ", ".join(parts)


def _line(name: str, call: Any, method: bool) -> str:
    given = _parameters(name, call)
    if method:
        given = ", ".join(["self", *given.split(", ")[1:]])
    return f"def {name}({given}) -> {_RETURNS.get(name, 'Tensor')}: ..."


def methods() -> str:
    """The text of `engine/methods.pyi`."""
    lines = [
        "# ruff: noqa", "# fmt: off",
        '"""The methods and operators of tensors; written by `python -m engine.stubs`."""',
        "", "import builtins", "from typing import Any", "",
        "from engine.tensor import Tensor", "", "class Methods:",
    ]  # fmt: skip
    for name in sorted(vars(Tensor)):
        call = vars(Tensor)[name]
        if isinstance(call, property) and name in ("T", "mT", "H", "mH", "real"):
            lines += ["    @property", f"    def {name}(self) -> Tensor: ..."]
        elif name.startswith("__") and re.fullmatch(r"__[ir]?(\w+)__", name) and _is_bound(name, call):
            lines.append(f"    def {name}(self{_operands(name)}) -> {'None' if name == '__setitem__' else 'Any'}: ...")
        elif name in bind.LEFT_OUT or (name.endswith("_") and name[:-1] in bind.ALIASES):
            continue  # nor the in-place forms of second names
        elif not name.startswith("_") and callable(call) and _is_bound(name, call):
            lines.append("    " + _line(name, call, method=True))
    return "\n".join(lines) + "\n"


def _is_bound(name: str, call: Any) -> bool:
    """Whether `bind` put it there, and not the class statement."""
    return callable(call) and getattr(call, "__module__", "") != "engine.tensor" and name not in ("__hash__", "__new__")


def _operands(name: str) -> str:
    if name in ("__neg__", "__pos__", "__abs__", "__invert__"):
        return ""
    if name in ("__eq__", "__ne__"):
        return ", other: object"
    return ", key: Any, value: Any" if name == "__setitem__" else ", other: Any"


def package() -> str:
    """The text of `engine/__init__.pyi`."""
    head = (HERE / "__init__.py").read_text()
    imports = re.findall(r"^from engine[\w.]* import (?:\([^)]*\)|.*)$", head, re.M)
    lines = [
        "# ruff: noqa",
        "# fmt: off",
        '"""The names of the package; written by `python -m engine.stubs`."""',
        "",
        "import builtins",
        "from typing import Any",
        "",
    ]
    for statement in imports:
        module = statement.split()[1]
        if module != "engine":
            names = re.findall(r"\w+", statement.split("import", 1)[1])
            lines.append(f"from {module} import " + ", ".join(f"{n} as {n}" for n in names))
    lines += ["", *(f"{name}: dtype" for name in ["bool", *array.FORMER_NAMES])]
    lines += [f"{name}: builtins.float" for name in ("e", "pi", "inf", "nan")]
    lines += [
        f"{name}: Any" for name in ("newaxis", "strided", "contiguous_format", "preserve_format", "channels_last")
    ]
    lines += ["__version__: str", "def compile(model: Any = ..., **options: Any) -> Any: ..."]
    lines += ["def typename(obj: Any) -> str: ...", "def is_storage(obj: Any) -> Any: ..."]
    lines += [_line(name, call, method=False) for name, call in sorted(bind.names.items()) if name not in bind.ALIASES]
    lines += ["def __getattr__(name: str) -> Any: ..."]
    return "\n".join(lines) + "\n"


def files() -> dict[pathlib.Path, str]:
    """The stub files and what they should hold."""
    return {HERE / "methods.pyi": methods(), HERE / "__init__.pyi": package()}


if __name__ == "__main__":
    print(files()[HERE / sys.argv[1]], end="")
