"""Strategies that draw calls about shapes, indices, matrices and the functions of networks."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.engine.samples.draw import EVERY, FLOATS, axes, axis, shapes, size_of, tensor


def _sizes(draw: Any, x: Any) -> list[int]:
    """New sizes for as many elements, nearly always."""
    total = 1
    for n in size_of(x):
        total *= n
    kept = [n for n in (1, 2, 3, total) if n and total % n == 0]
    first = draw(st.sampled_from(kept))
    rest = total // first if first else 0
    return draw(st.sampled_from([[first, rest], [first, -1], [-1], [rest, 1, first], [first + 1, rest], [-1, -1]]))


SHAPES = (
    "reshape", ".view", "transpose", "permute", "squeeze", "unsqueeze", ".expand", "flatten", "unflatten",
    "movedim", "narrow", "select", "split", "chunk", "unbind", "flip", "roll", "rot90", "tile", ".repeat",
    "repeat_interleave", "cat", "stack", "hstack", "vstack", "diag", "diagonal", "tril", "triu", "broadcast_to",
    "swapaxes", "ravel", ".unfold", "tensor_split", "atleast_2d", ".T", ".mT", "t", "fliplr", "diag_embed",
    "diagflat", "meshgrid", "column_stack", "dstack", "hsplit", "cartesian_prod", "trace", ".contiguous",
    ".view_as", ".size", ".stride", ".tolist", ".item",
)  # fmt: skip


@st.composite
def shape(draw: Any) -> list[Any]:
    """A change of shape or order, a view mostly."""
    name = draw(st.sampled_from(SHAPES))
    x = draw(tensor())
    ndim, size = len(size_of(x)), size_of(x)
    one = axis(ndim)
    if name in ("cat", "stack", "hstack", "vstack", "column_stack", "dstack", "meshgrid", "cartesian_prod"):
        kinds = (x["t"][0], draw(st.sampled_from(EVERY)))
        flat = name in ("meshgrid", "cartesian_prod")
        shapes_ = [[2], [3]] if flat else [size, draw(st.sampled_from([size, size, size, [*size, 2], [0]]))]
        parts = [draw(tensor(s, kinds)) for s in shapes_]
        kwargs = {"dim": draw(one)} if name in ("cat", "stack") and draw(st.booleans()) else {}
        kwargs = kwargs | ({"indexing": draw(st.sampled_from(["ij", "xy"]))} if name == "meshgrid" else {})
        return [name, parts if flat else [parts], kwargs]
    args: list[Any] = {
        "reshape": lambda: [_sizes(draw, x)],
        ".view": lambda: [_sizes(draw, x)],
        "transpose": lambda: [draw(one), draw(one)],
        "swapaxes": lambda: [draw(one), draw(one)],
        "permute": lambda: [draw(st.permutations(range(ndim)))],
        "squeeze": lambda: draw(st.sampled_from([[], [draw(one)]])),
        "unsqueeze": lambda: [draw(axis(ndim + 1))],
        ".expand": lambda: [[2, *[3 if n == 1 else -1 for n in size]] if draw(st.booleans()) else [5, *size]],
        "broadcast_to": lambda: [[2, *[3 if n == 1 else n for n in size]]],
        "flatten": lambda: draw(st.sampled_from([[], [draw(one)], [0, draw(one)]])),
        "unflatten": lambda: [draw(one), draw(st.sampled_from([[1, -1], [2, -1], [-1]]))],
        "movedim": lambda: [draw(one), draw(one)],
        "narrow": lambda: [draw(one), draw(st.integers(-1, 2)), draw(st.integers(0, 2))],
        "select": lambda: [draw(one), draw(st.integers(-3, 2))],
        "split": lambda: [draw(st.sampled_from([1, 2, 3, [1, 1], [1, 2]])), draw(one)],
        "chunk": lambda: [draw(st.integers(1, 4)), draw(one)],
        "tensor_split": lambda: [draw(st.sampled_from([2, 3, {"u": [1, 2]}])), draw(one)],
        "unbind": lambda: [draw(one)],
        "flip": lambda: [[draw(one)]],
        "roll": lambda: [draw(st.integers(-2, 3)), draw(one)],
        "rot90": lambda: [draw(st.integers(-1, 3)), [0, 1]],
        "tile": lambda: [draw(st.sampled_from([{"u": [2]}, {"u": [1, 2]}, {"u": [2, 1, 2]}]))],
        ".repeat": lambda: draw(st.sampled_from([[2], [1, 2], [2, 1, 2, 1]])),
        "repeat_interleave": lambda: [2, draw(axes(ndim).filter(lambda each: not isinstance(each, dict)))],
        "diag": lambda: [draw(st.integers(-2, 2))],
        "diagonal": lambda: [draw(st.integers(-2, 2))],
        "diag_embed": lambda: [draw(st.integers(-1, 1))],
        "tril": lambda: [draw(st.integers(-2, 2))],
        "triu": lambda: [draw(st.integers(-2, 2))],
        ".unfold": lambda: [draw(one), draw(st.integers(1, 3)), draw(st.integers(1, 2))],
        "hsplit": lambda: [2],
        ".view_as": lambda: [draw(tensor(draw(st.sampled_from([size, size[::-1], [*size, 1]]))))],
    }.get(name, list)()
    if name in (".T", ".mT"):
        return ["transpose", [x, -1, -2], {}]
    return [name, [x, *args], {}]


@st.composite
def key(draw: Any, size: list[int]) -> Any:
    """What stands between the brackets."""
    parts = []
    for n in size[: draw(st.integers(0, len(size)))]:
        way = draw(st.sampled_from(("int", "slice", "slice", "list", "tensor", "mask", "none", "all")))
        if way == "int":
            parts.append(draw(st.integers(-n - (draw(st.integers(0, 9)) == 0), max(n - 1, 0))))
        elif way == "slice":
            step = draw(st.sampled_from([None, 1, 2, 3]))
            ends = [draw(st.one_of(st.none(), st.integers(-n - 1, n + 1))) for _ in range(2)]
            parts.append({"s": [*ends, step]})
        elif way == "list":
            parts.append(draw(st.lists(st.integers(0, max(n - 1, 0)), min_size=1, max_size=3)))
        elif way == "tensor":
            many = draw(st.sampled_from([[], [2], [2, 2], [3]]))
            parts.append({"t": ["i8", many, 9, ""]})
        elif way == "mask":
            parts.append({"t": ["b1", [n], draw(st.integers(0, 5)), ""]})
        elif way == "none":
            parts += [None, {"s": [None, None, None]}]
        else:
            parts.append({"s": [None, None, None]})
    if draw(st.integers(0, 3)) == 0:
        parts.insert(draw(st.integers(0, len(parts))), {"e": 0})
    if len(parts) == 1 and draw(st.booleans()):
        return parts[0]
    return {"u": parts}


PICKS = (
    "[]", "[]", "[]", "[]", "[]=", "[]=", "gather", "index_select", "take", "masked_select", "masked_fill", "scatter",
    "scatter_add", "index_add", "index_fill", "take_along_dim", "topk", "kthvalue", "nonzero", "searchsorted",
    "index_copy", "scatter_reduce", "masked_scatter", "bincount", "argwhere", "isin",
)  # fmt: skip


@st.composite
def pick(draw: Any) -> list[Any]:
    """Indexing and its kin."""
    name = draw(st.sampled_from(PICKS))
    kinds = (draw(st.sampled_from(EVERY)),)
    x = draw(tensor(draw(shapes(1, 3)), kinds))
    size = size_of(x)
    ndim = len(size)
    dim = draw(axis(ndim))
    index = {"t": ["i8", draw(st.sampled_from([size, size, [1] * ndim, [2]])), 9, ""]}
    row = {"t": ["i8", [draw(st.integers(0, 3))], 9, ""]}
    mask = draw(tensor(draw(st.sampled_from([size, size[-1:]])), ("b1",)))
    source = draw(tensor(size, kinds))
    across = list(size)
    if -ndim <= dim < ndim:
        across[dim] = row["t"][1][0]
    args: list[Any] = {
        "[]": lambda: [draw(key(size))],
        "[]=": lambda: [
            draw(key(size)),
            draw(st.one_of(st.sampled_from([1, 0.5, True]), tensor([], kinds), tensor([2]))),
        ],
        "gather": lambda: [dim, index],
        "take_along_dim": lambda: [index, dim],
        "index_select": lambda: [dim, row],
        "take": lambda: [index],
        "masked_select": lambda: [mask],
        "masked_fill": lambda: [mask, draw(st.sampled_from([1, 0.5, -2, float("inf")]))],
        "scatter": lambda: [dim, index, draw(st.sampled_from([source, 2.5]))],
        "scatter_add": lambda: [dim, index, source],
        "scatter_reduce": lambda: [dim, index, source, draw(st.sampled_from(["sum", "prod", "mean", "amax", "amin"]))],
        "index_add": lambda: [dim, row, draw(tensor(across, kinds))],
        "index_copy": lambda: [dim, row, draw(tensor(across, kinds))],
        "index_fill": lambda: [dim, row, draw(st.sampled_from([1, 0.5]))],
        "topk": lambda: [draw(st.integers(0, 3)), dim, draw(st.booleans())],
        "kthvalue": lambda: [draw(st.integers(0, 3)), dim],
        "searchsorted": lambda: [draw(tensor(kinds=kinds))],
        "masked_scatter": lambda: [mask, source],
        "isin": lambda: [draw(tensor([3], kinds))],
    }.get(name, list)()
    if name == "bincount":
        return [name, [{"t": ["i8", [4], 9, ""]}], {}]
    return [name, [x, *args], {}]


MATRICES = (
    "matmul", "matmul", "mm", "mv", "bmm", "dot", "outer", "inner", "tensordot", "addmm", "baddbmm", "addmv", "kron",
    "nn.functional.linear", "nn.functional.bilinear", "linalg.det", "linalg.inv", "linalg.norm", "linalg.matrix_norm",
    "linalg.solve", "linalg.cross", "linalg.matrix_power", "linalg.multi_dot", "einsum", "vdot", "cdist",
    "chain_matmul",
    "linalg.qr", "linalg.cholesky", "linalg.pinv", "linalg.slogdet", "linalg.vecdot", "cov", "block_diag",
)  # fmt: skip


@st.composite
def matrices(draw: Any) -> list[Any]:
    """Products and what is made of them."""
    name = draw(st.sampled_from(MATRICES))
    kind = draw(st.sampled_from((*FLOATS, "c8", "i8")))
    kinds = (kind,) * 9 + (draw(st.sampled_from(EVERY)),)
    n, m, k, b = (draw(st.sampled_from((1, 2, 3, 3, 0))) for _ in range(4))
    wrong = draw(st.integers(0, 9)) == 0
    r = m + 1 if wrong else m

    def made(*size: int) -> Any:
        return draw(tensor(list(size), kinds, (0, 1, 2, 3)))

    products = [
        ([m], [r]), ([n, m], [r]), ([m], [r, k]), ([n, m], [r, k]), ([b, n, m], [r, k]), ([b, n, m], [b, r, k]),
        ([2, 1, n, m], [b, r, k]), ([n, m], [b, r, k]),
    ]  # fmt: skip
    first, second = draw(st.sampled_from(products))
    args: list[Any] = {
        "matmul": lambda: [made(*first), made(*second)],
        "mm": lambda: [made(n, m), made(r, k)],
        "mv": lambda: [made(n, m), made(r)],
        "bmm": lambda: [made(b, n, m), made(b, r, k)],
        "dot": lambda: [made(m), made(r)],
        "vdot": lambda: [made(m), made(r)],
        "outer": lambda: [made(n), made(m)],
        "inner": lambda: [made(n, m), made(k, r)],
        "tensordot": lambda: [made(n, m, k), made(r, k), draw(st.sampled_from([2, 1, [[1], [0]]]))],
        "addmm": lambda: [made(*draw(st.sampled_from([[n, k], [k], [1]]))), made(n, m), made(r, k)],
        "baddbmm": lambda: [made(n, k), made(b, n, m), made(b, r, k)],
        "addmv": lambda: [made(n), made(n, m), made(r)],
        "kron": lambda: [made(n, m), made(k, b)],
        "nn.functional.linear": lambda: [made(*draw(st.sampled_from([[m], [n, m], [b, n, m]]))), made(k, r), made(k)],
        "nn.functional.bilinear": lambda: [made(n, m), made(n, k), made(2, r, k)],
        "linalg.solve": lambda: [made(m, m), made(r, k)],
        "linalg.cross": lambda: [made(n, 3), made(n, 3)],
        "linalg.vecdot": lambda: [made(n, m), made(n, r)],
        "linalg.matrix_power": lambda: [made(m, m), draw(st.integers(0, 3))],
        "linalg.multi_dot": lambda: [[made(n, m), made(r, k), made(k, b)]],
        "chain_matmul": lambda: [made(n, m), made(r, k)],
        "cdist": lambda: [made(n, m), made(k, r), draw(st.sampled_from([1.0, 2.0, float("inf")]))],
        "block_diag": lambda: [made(n, m), made(k), made(1, b)],
        "cov": lambda: [made(n, m)],
    }.get(name, lambda: [made(*draw(st.sampled_from([[m, r], [b, m, r], [m, m]])))])()
    if name == "einsum":
        text, sizes = draw(
            st.sampled_from(
                [("ij,jk->ik", ([n, m], [r, k])), ("bij,bjk->bik", ([b, n, m], [b, r, k])), ("ii->i", ([m, r],)),
                 ("ij->ji", ([n, m],)), ("i,j", ([n], [m])), ("...ij,jk", ([2, n, m], [r, k])),
                 ("ij,ij->", ([n, m], [n, r]))]
            )
        )  # fmt: skip
        args = [text, *(made(*size) for size in sizes)]
    if name == "linalg.norm" and draw(st.booleans()):
        args.append(draw(st.sampled_from(["fro", "nuc", 1, 2, -1, float("inf"), 3.0])))
    return [name, args, {}]
