"""What the slopes of a declared op ask for, and so what its node keeps."""

from __future__ import annotations

import functools
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.op import Op

# By these a slope conjugates.
_CONJUGATING = frozenset(("conj", "conjugate", "conj_physical", "H", "mH", "adjoint", "vdot", "vecdot"))
_SPECIAL = ("aux", "g", "k", "kind", "y", "shape", "shapes")

# Options that are numbers and computed with, for which PyTorch takes a tensor without axes too. Where an integer is
# asked for, as for an axis, Python's and NumPy's own protocol does.
_NUMBERS = frozenset(
    "alpha beta correction delta eps high lambd low nan neginf negative_slope p posinf threshold value".split()  # noqa: SIM905
)


def number_lines(op: Op) -> list[str]:
    """The lines of a call that make numbers of options given as tensors; what is not given costs one comparison."""
    lines = []
    for option in op.options:
        name = option.name
        if name in _NUMBERS or option.default.__class__ is float:
            given = "" if option.default is option.empty else f"{name} is not default_{name} and "
            lines.append(f"    if {given}{name}.__class__ is Tensor: {name} = option(op, {name!r}, {name})")
    return lines


def conjugates(function: Any, seen: set[CodeType] | None = None) -> bool:
    """Whether a function, or a plain function of the engine that it calls, names something that conjugates."""
    seen = set() if seen is None else seen
    codes = [function.__code__]
    for code in codes:
        if code in seen:
            continue
        seen.add(code)
        if not _CONJUGATING.isdisjoint(code.co_names):
            return True
        codes += [each for each in code.co_consts if isinstance(each, CodeType)]
        for name in code.co_names:
            called = function.__globals__.get(name)
            ours = isinstance(called, FunctionType) and called.__module__.startswith("engine")
            if ours and not hasattr(called, "op") and conjugates(called, seen):
                return True
    return False


class Plan:
    """What the slopes of an op ask for, and so what its node keeps."""

    def __init__(self, op: Op) -> None:
        self.op = op
        options = set(op.names) - set(op.operands)
        self.values: dict[str, list[int]] = {}  # operand -> the operands whose slopes ask for it
        self.kept_options: list[str] = []
        self.shapes: list[str] = []  # operands whose shapes are kept
        self.result: list[int] = []  # the operands whose slopes ask for the result
        self.kind = False
        for position, name in enumerate(op.operands):
            slope = op.slopes[name]
            for request in slope.requests if slope else ():
                if request in op.operands:
                    self.values.setdefault(request, []).append(position)
                elif request in options:
                    if request in _SPECIAL:
                        raise TypeError(f"op {op.name}: {request!r}, which the slope of {name} asks for, is an option")
                    if request not in self.kept_options:
                        self.kept_options.append(request)
                elif request.removesuffix("_shape") in op.operands:
                    self._shape(request.removesuffix("_shape"))
                elif request == "shape":
                    self._shape(op.operands[0])
                elif request == "kind":
                    self.kind = True
                elif request == "y":
                    self.result.append(position)
                elif request not in _SPECIAL:
                    raise TypeError(
                        f"op {op.name}: the slope of {name} asks for {request!r}, which is nothing it can have"
                    )
        title = op.title.__code__.co_varnames[: op.title.__code__.co_argcount] if callable(op.title) else ()
        # Operands of which the node's name asks whether they were numbers.
        self.numbers = [name.removesuffix("_number") for name in title if name.endswith("_number")]
        self.places = op.returns is not None and op.aux  # where elements came from: of the results, the second
        self.broadcasts = bool(op.rule) and len([n for n in op.promoted if op.slopes[n]]) > 0 and len(op.operands) > 1

    @functools.cached_property
    def conjugated(self) -> set[str]:
        """The operands whose slopes are written as for real numbers, and are no linear maps with real coefficients.

        An operand without a slope, as a mask or an index, is no complex number.
        """
        return {
            name
            for name, slope in self.op.slopes.items()
            if slope is not None
            and any(request in ("y", "aux") or self.op.slopes.get(request) is not None for request in slope.requests)
            and not conjugates(slope.function)
        }

    def _shape(self, name: str) -> None:
        if name not in self.shapes:
            self.shapes.append(name)

    def fields(self) -> list[str]:
        """The slots of the node."""
        fields = [*self.values, *self.kept_options, *(f"{n}_shape" for n in self.shapes)]
        fields += [f"{name}_number" for name in self.numbers]
        fields += (
            ["y"] * bool(self.result)
            + ["aux"] * self.op.aux
            + ["found_at"] * self.places
            + ["kind"] * self.kind
            + ["shapes"] * (self.broadcasts or self.op.many)
            + ["results"] * self.op.several
        )
        return fields
