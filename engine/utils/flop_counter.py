"""How many floating point operations the products of a program take, on the way forward and on the way back."""

from __future__ import annotations

import math
import warnings
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from engine import graph
from engine.aten import SPACE, OpOverloadPacket, product_name

_GLOBAL = "Global"
_UNITS = ("", "K", "M", "B", "T")
# The places of the matrices among the operands of a product; the others are only added.
_MATRICES = {"addmm": (1, 2), "baddbmm": (1, 2)}
_LAYERS = ("gru_layer", "rnn_tanh_layer", "rnn_relu_layer")
_CELLS = ("lstm_cell", "gru_cell", "rnn_tanh_cell", "rnn_relu_cell")
_BACK = {"addmm": "mm", "baddbmm": "bmm", "convolution": "convolution_backward"}


def _counted(op: Any, args: Sequence[Any], options: Any, out: Any) -> tuple[str, int]:
    """PyTorch's name of a product and its operations; ("", 0) for what is not counted."""
    kind = op.name
    if kind == "conv":
        return "convolution", 2 * out.numel() * math.prod(args[1].shape[1:])
    if kind == "conv_input":
        return "convolution", 2 * args[0].numel() * math.prod(args[1].shape[1:])
    if kind == "contract":
        return _contraction(args, options)
    if kind in _LAYERS or kind in _CELLS:
        return "addmm", 2 * math.prod(args[0].shape[:-1]) * (args[1].numel() + args[2].numel())
    name = product_name(kind, args)
    if name in ("", "dot", "mv"):
        return "", 0
    first = args[_MATRICES.get(name, (0, 1))[0] if kind != "linear" else 0]
    return name, 2 * out.numel() * first.shape[-1]


def _contraction(args: Sequence[Any], options: Any) -> tuple[str, int]:
    terms, _, result = options["equation"].partition("->")
    subscripts = terms.split(",")
    if len(args) != 2 or set(terms) - {","} <= set(result):
        return "", 0
    sizes = {
        letter: size
        for term, arg in zip(subscripts, args, strict=True)
        for letter, size in zip(term, arg.shape, strict=True)
    }
    return "bmm", 2 * math.prod(sizes.values())


class FlopCounterMode:
    """The block in which products are counted, by module and by operator; at its end a table is printed."""

    def __init__(
        self, mods: Any = None, depth: int = 2, display: bool = True, custom_mapping: dict[Any, Any] | None = None
    ) -> None:
        if mods is not None:
            warnings.warn("mods argument is not needed anymore, you can stop passing it", UserWarning, stacklevel=2)
        self.flop_counts: dict[str, dict[Any, int]] = defaultdict(lambda: defaultdict(int))
        self.depth = depth
        self.display = display
        self._names: WeakKeyDictionary[Any, str] = WeakKeyDictionary()  # of modules
        self._inside: list[str] = [_GLOBAL]
        # Of each node: the modules that it was made in, its operator, the operations of the slope of each matrix.
        self._made: WeakKeyDictionary[Any, tuple[set[str], str, tuple[int, int]]] = WeakKeyDictionary()
        self._check: Any = None

    def __enter__(self) -> FlopCounterMode:
        self.flop_counts.clear()
        graph.also(self)
        self._check, graph.check = graph.check, self
        return self

    def __exit__(self, *_: Any) -> None:
        graph.no_longer(self)
        graph.check = self._check
        if self.display:
            print(self.get_table(self.depth))

    # ---- what the graph tells

    def entered(self, module: Any) -> None:
        """A module begins; those below it are named after it."""
        name = self._names.setdefault(module, type(module).__name__)
        for below, child in module.named_children():
            self._names[child] = f"{name}.{below}"
        self._inside.append(name)

    def left(self, module: Any) -> None:
        """It ends."""
        self._inside.pop()

    def called(self, op: Any, args: Sequence[Any], options: Any, out: Any) -> None:
        """Count a call."""
        if not hasattr(op, "operands"):
            return  # a `Function`, whose own calls are told
        name, count = _counted(op, args, options, out)
        if not count:
            return
        inside = set(self._inside)
        self._add(inside, name, count)
        first = out[0] if isinstance(out, tuple) else out
        if first._node is not None:
            # PyTorch counts the slope of a weight as if there were no groups.
            slopes = (count, count * options.get("groups", 1))
            self._made[graph.function_of(first._node)[0]] = (inside, name, slopes)

    def pull(self, node: Any, g: Any, create: bool) -> Any:
        """Count a node's slopes: a product as large for each matrix that needs its gradient."""
        if node in self._made and not create:  # else the calls themselves are told
            inside, name, slopes = self._made[node]
            places = _MATRICES.get(type(node).op.name, (0, 1))
            counts = [count for place, count in zip(places, slopes, strict=True) if node.parents[place] is not None]
            self._add(inside, _BACK.get(name, name), sum(counts))
        if self._check is not None:
            return self._check.pull(node, g, create)
        return node.pull_tensors(g) if create else node.pull(g)

    def _add(self, inside: set[str], name: str, count: int) -> None:
        for module in inside if count else ():
            self.flop_counts[module][getattr(SPACE, name)] += count

    # ---- what it tells

    def get_total_flops(self) -> int:
        """The operations of all products."""
        return sum(self.flop_counts[_GLOBAL].values())

    def get_flop_counts(self) -> dict[str, dict[OpOverloadPacket, int]]:
        """The operations by module and operator."""
        return {name: dict(counts) for name, counts in self.flop_counts.items()}

    def get_table(self, depth: int | None = None) -> str:
        """The same as text, modules down to a depth."""
        depth = self.depth if depth is None else depth
        whole = self.get_total_flops()
        rows = []
        covered = False
        for name in sorted(self.flop_counts):
            level = name.count(".")
            if name != _GLOBAL and level < depth:
                covered |= sum(self.flop_counts[name].values()) >= whole
                rows += self._rows(name, level, whole)
        if _GLOBAL in self.flop_counts and not covered:
            rows = self._rows(_GLOBAL, 0, whole) + [[f" {first}", *rest] for first, *rest in rows]
        return _table(["Module", "FLOP", "% Total"], rows or [[_GLOBAL, "0", "0%"]])

    def _rows(self, name: str, level: int, whole: int) -> list[list[str]]:
        unit = max(0, min(len(_UNITS) - 1, (len(str(whole)) - 2) // 3))
        counts = self.flop_counts[name]
        lines = [(name, sum(counts.values())), *((f" - {packet}", count) for packet, count in counts.items())]
        return [
            [
                " " * level + text,
                f"{count / 1000**unit:.3f}{_UNITS[unit]}",
                f"{count / whole:.2%}" if whole else "0%",
            ]
            for text, count in lines
        ]


def _table(titles: list[str], rows: list[list[str]]) -> str:
    """Columns under titles and rules, the first to the left, numbers as short as they can be."""
    for column in (1, 2):
        if all(_is_number(row[column]) for row in rows):
            rows = [[*row[:column], f"{float(row[column]):g}", *row[column + 1 :]] for row in rows]
    widths = [max(len(title) + 2, *(len(row[i]) for row in rows)) for i, title in enumerate(titles)]
    aligned: list[Callable[[str, int], str]] = [str.ljust, str.rjust, str.rjust]

    def line(words: Sequence[str]) -> str:
        parts = zip(aligned, words, widths, strict=True)
        return "  ".join(align(word, width) for align, word, width in parts)

    return "\n".join([line(titles), "  ".join("-" * width for width in widths), *map(line, rows)])


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


__all__ = ["FlopCounterMode"]
