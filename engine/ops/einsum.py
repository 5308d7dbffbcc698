"""Einstein's sums of products."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine import array
from engine.array import in_order
from engine.dispatch import raw, tensors
from engine.errors import class_name, not_implemented
from engine.op import composite, d, op
from engine.tensor import Tensor


def _einsum_slopes(g: Any, tensors: Any, shapes: Any, equation: str, k: Any) -> Any:
    inputs, output = equation.split("->")
    terms = inputs.split(",")
    slopes = []
    for i, term in enumerate(terms):
        rest = [t for j, t in enumerate(terms) if j != i]
        known = set(output).union(*rest)
        have = "".join(c for c in term if c in known)
        others = [t for j, t in enumerate(tensors) if j != i]
        part = k.contract([g, *others], ",".join([output, *rest]) + "->" + have)
        if have != term:  # an index that only this operand has was summed away: every place gets the same
            sizes = tuple(n if c in have else 1 for c, n in zip(term, shapes[i], strict=True))
            part = k.spread_to(part.reshape(sizes), shapes[i])
        slopes.append(part)
    return slopes


def _einsum_title(equation: str) -> str:
    """What PyTorch ends with: a product, a sum, or new axes."""
    inputs, output = equation.split("->")
    summed = not set(inputs.replace(",", "")) <= set(output)
    if "," in inputs:
        return "ViewBackward0" if summed else "MulBackward0"
    return "SumBackward1" if summed else "PermuteBackward0"


raw.spread_to = lambda x, shape: np.broadcast_to(x, shape)
tensors.spread_to = lambda x, shape: x.expand(shape)


@op(
    r"y = \mathrm{einsum}(x_1, x_2, \dots)",
    said={"many": True, "homes": (), "title": _einsum_title, "rule": "promote", "in_place": False},
    tensors=d(r"\mathrm{einsum}(\bar y, x_{\ne i})", _einsum_slopes),
)
def contract(tensors, equation, as_product=False):
    """Einstein's sum of products, no index twice in an operand; `as_product` lays out two as PyTorch's product does."""
    found = np.einsum(equation, *tensors, optimize=len(tensors) > 1)
    if as_product and len(tensors) == 2 and _einsum_title(equation) == "ViewBackward0":
        order = _product_order(equation, *(t.shape for t in tensors))
        return in_order(found.transpose(order)).transpose(np.argsort(order))
    return in_order(found) if len(tensors) > 1 else found


def _product_order(equation: str, left: tuple[int, ...], right: tuple[int, ...]) -> list[int]:
    """The axes of the output of two operands: those of the batch, the rows, then the columns.

    What names the first axis of the output, of those that are not of the batch, makes the rows.
    """
    inputs, output = equation.split("->")
    wide = [
        {c for c, n in zip(term, shape, strict=True) if n > 1}
        for term, shape in zip(inputs.split(","), (left, right), strict=True)
    ]
    kinds = [(c in wide[1]) * (1 if c in wide[0] else 2) for c in output]
    batch, rows, columns = ([i for i, kind in enumerate(kinds) if kind == which] for which in (1, 0, 2))
    return batch + (columns + rows if columns and rows and columns[0] < rows[0] else rows + columns)


_LETTERS = "".join(map(chr, (*range(ord("A"), ord("Z") + 1), *range(ord("a"), ord("z") + 1))))


def _check_text(equation: str) -> None:
    """PyTorch's errors for a dot that is part of no ellipsis, or of a second one, and for what is no letter."""
    arrow, place, dotted, at = equation.find("->"), 0, False, 0
    arrow = len(equation) if arrow < 0 else arrow
    while at < len(equation):
        c, out = equation[at], at > arrow
        what = "output" if out else f"operand {place}"
        if at == arrow:
            dotted, at = False, at + 1
        elif c == ",":
            place, dotted = place + 1, False
        elif c == "." and dotted:
            already = "but an ellipsis (...) was already found" if out else "for which an ellipsis was already found"
            raise RuntimeError(f"einsum(): found '.' for {what} {already}")
        elif c == ".":
            if equation[at : at + 3] != "...":
                whole = "any ellipsis (...)" if out else "any ellipsis"
                raise RuntimeError(f"einsum(): found '.' for {what} that is not part of {whole}")
            dotted, at = True, at + 2
        elif c != " " and c not in _LETTERS:
            raise RuntimeError(
                f"einsum(): invalid subscript given at index {at} in the equation string, subscripts must be in "
                "[a-zA-Z]"
            )
        at += 1


def _check_output(output: str, terms: list[str]) -> None:
    """PyTorch's errors for an output that names an index twice, or one that no operand has."""
    for c in output.replace("...", ""):
        if output.count(c) > 1:
            raise RuntimeError(f"einsum(): output subscript {c} appears more than once in the output")
        if not any(c in term for term in terms):
            raise RuntimeError(f"einsum(): output subscript {c} does not appear in the equation for any input operand")


def _check_ellipses(terms: list[str], widths: list[int], operands: Any) -> None:
    """PyTorch's error for axes that ellipses cover and that do not broadcast."""
    seen = [1] * max(widths, default=0)
    for which, (term, width, each) in enumerate(zip(terms, widths, operands, strict=True)):
        begin = term.find("...")
        for i in range(width):
            size, place = each._array.shape[begin + i], len(seen) - width + i
            if size != 1 and seen[place] not in (1, size):
                raise RuntimeError(
                    f"einsum(): dimension {begin + i} covered by ellipsis in operand {which}has size {size} which does "
                    f"not broadcast with previously seen ellipsis with size {seen[place]} for the respective dimension"
                )
            seen[place] = max(size, seen[place]) if size else 0


def _sums_alone(equation: str) -> bool:
    """Whether an index of one operand alone is summed over, which makes long integers of any."""
    inputs, _, output = equation.partition("->")
    return any(inputs.count(c) == 1 and c not in output for c in inputs.replace(",", ""))


def _spelled_out(equation: str, operands: Any) -> tuple[str, list[Any]]:
    """The equation with its output and letters for every ellipsis, and operands without repeated indices."""
    _check_text(equation)
    inputs, arrow, output = equation.replace(" ", "").partition("->")
    terms = inputs.split(",")
    if len(terms) != len(operands):
        more = "more" if len(terms) < len(operands) else "fewer"
        raise RuntimeError(f"einsum(): {more} operands were provided than specified in the equation")
    free = [c for c in _LETTERS if c not in equation]
    widths = [
        t._array.ndim - len(s.replace("...", "")) if "..." in s else 0 for s, t in zip(terms, operands, strict=True)
    ]
    for which, (term, width, each) in enumerate(zip(terms, widths, operands, strict=True)):
        if width < 0:
            raise RuntimeError(
                f"einsum(): the number of subscripts in the equation ({len(term) - 3}) is more than the number of "
                f"dimensions ({each._array.ndim}) for operand {which}"
            )
    dots = "".join(free[: max(widths, default=0)])
    _check_ellipses(terms, widths, operands)
    if not arrow:
        letters = "".join(terms).replace(".", "")
        output = ("..." if dots else "") + "".join(sorted(c for c in set(letters) if letters.count(c) == 1))
    terms = [s.replace("...", dots[len(dots) - w :]) for s, w in zip(terms, widths, strict=True)]
    _check_output(output, terms)
    plain: list[str] = []
    given: list[Any] = []
    for term, each in zip(terms, operands, strict=True):
        if len(term) != each._array.ndim:
            raise RuntimeError(
                f"einsum(): the number of subscripts in the equation ({len(term)}) does not match the number of "
                f"dimensions ({each._array.ndim}) for operand {len(given)} and no ellipsis was given"
            )
        for c in dict.fromkeys(term):
            while term.count(c) > 1:
                first = term.index(c)
                second = term.index(c, first + 1)
                sizes = [each._array.shape[place] for place in (first, second)]
                if sizes[0] != sizes[1]:
                    raise RuntimeError(
                        f"einsum(): subscript {c} is repeated for operand {len(given)} but the sizes don't match, "
                        f"{sizes[1]} != {sizes[0]}"
                    )
                each = each.diagonal(0, first, second)
                term = term[:first] + term[first + 1 : second] + term[second + 1 :] + c
        plain.append(term)
        given.append(each)
    return ",".join(plain) + "->" + output.replace("...", dots), given


def _stretched(equation: str, operands: list[Any]) -> list[Any]:
    """Operands in which an index of size one is as long as in the others, as NumPy's einsum wants it."""
    terms = equation.split("->")[0].split(",")
    sizes: dict[str, int] = {}
    for place, (term, each) in enumerate(zip(terms, operands, strict=True)):
        for c, n in zip(term, each._array.shape, strict=True):
            if n != 1 and sizes.setdefault(c, n) != n:
                raise RuntimeError(
                    f"einsum(): subscript {c} has size {n} for operand {place} which does not broadcast "
                    f"with previously seen size {sizes[c]}"
                )
    wanted = [tuple(sizes.get(c, 1) for c in term) for term in terms]
    return [t if t._array.shape == w else t.expand(w) for t, w in zip(operands, wanted, strict=True)]


def _lettered(given: list[Any]) -> tuple[str, list[Any]]:
    """The equation and the operands of the form in which each operand is followed by a list of numbers."""

    def word(places: Any) -> str:
        for n in places:
            if n is not Ellipsis and not 0 <= n < len(_LETTERS):
                raise ValueError(
                    f"einsum(): subscript in subscript list is not within the valid range [0, {len(_LETTERS)})"
                )
        return "".join("..." if n is Ellipsis else _LETTERS[n] for n in places)

    pairs = len(given) // 2
    equation = ",".join(word(given[2 * i + 1]) for i in range(pairs))
    if len(given) % 2:
        equation += "->" + word(given[-1])
    return equation, [given[2 * i] for i in range(pairs)]


def _check_alike(equation: str, operands: list[Any]) -> None:
    """PyTorch's error for two operands of different dtypes that share an index which is summed over."""
    inputs, _, output = equation.partition("->")
    terms = inputs.split(",")
    if len(terms) == 2 and set(terms[0]) & set(terms[1]) - set(output):
        a, b = (each._array for each in operands)
        if a.dtype == np.bool_:
            raise not_implemented("bmm", a.dtype)
        if a.dtype != b.dtype:
            titles = [array.TITLES[array.OF_NUMPY[x.dtype]] for x in (a, b)]
            raise RuntimeError(f"expected scalar type {titles[0]} but found {titles[1]}")


@composite("engine")
def einsum(equation: Any, *operands: Any) -> Any:
    """Einstein's sum: the products of elements, summed over the indices that the output does not name."""
    if not operands or operands == ([],):
        raise ValueError(
            "einsum(): must specify the equation string and at least one operand, or at least one operand and its "
            "subscripts list"
        )
    if not isinstance(equation, str) and not isinstance(equation, Tensor):
        raise TypeError(f"einsum(): argument 'equation' (position 1) must be str, not {type(equation).__name__}")
    if not isinstance(equation, str):
        equation, given = _lettered([equation, *operands])
    elif len(operands) == 1 and isinstance(operands[0], (list, tuple)):
        given = list(operands[0])
    else:
        given = list(operands)
    for i, each in enumerate(given):
        if not isinstance(each, Tensor):
            raise TypeError(f"expected Tensor as element {i} in argument 1, but got {class_name(each)}")
    plain, given = _spelled_out(equation, given)
    if given[0]._array.dtype.kind in "iu" and _sums_alone(plain):
        given = [each.long() for each in given]
    _check_alike(plain, given)
    return contract(_stretched(plain, given), plain, True)
