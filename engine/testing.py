"""Tensors compared as tests do it: `assert_close` says where and by how much two results differ."""

from __future__ import annotations

import cmath
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

import numpy as np

import engine
from engine import array, as_tensor
from engine.make_tensor import make_tensor
from engine.tensor import Tensor

__all__ = ["assert_allclose", "assert_close", "make_tensor"]

# The relative and absolute differences allowed, by dtype; others are compared exactly.
_ALLOWED = {
    "float16": (1e-3, 1e-5), "bfloat16": (1.6e-2, 1e-5), "float32": (1.3e-6, 1e-5), "float64": (1e-7, 1e-7),
    "complex64": (1.3e-6, 1e-5), "complex128": (1e-7, 1e-7),
}  # fmt: skip


class _Check:
    """One comparison with its options."""

    def __init__(self, rtol: float | None, atol: float | None, equal_nan: bool, msg: Any, **checks: bool) -> None:
        if (rtol is None) != (atol is None):
            given = "rtol" if rtol is None else "atol"
            raise ValueError(f"Both 'rtol' and 'atol' must be either specified or omitted, but got no {given}.")
        self.tolerances = None if rtol is None or atol is None else (rtol, atol)
        self.equal_nan = equal_nan
        self.msg: str | Callable[[str], str] | None = msg
        self.checks = checks

    def fail(self, text: str, path: tuple[Any, ...]) -> NoReturn:
        """Raise the AssertionError of a difference at a place."""
        if path:
            text += f"\n\nThe failure occurred for item {''.join(f'[{key!r}]' for key in path)}"
        raise AssertionError(self.msg(text) if callable(self.msg) else text if self.msg is None else self.msg)

    def allowed(self, *dtypes: str) -> tuple[float, float]:
        """The differences allowed between values of dtypes."""
        if self.tolerances is not None:
            return self.tolerances
        each = [_ALLOWED.get(name, (0.0, 0.0)) for name in dtypes]
        return max(r for r, _ in each), max(a for _, a in each)

    def compare(self, actual: Any, expected: Any, path: tuple[Any, ...]) -> None:
        """Compare two values of any kind. TypeError for kinds that are not compared."""
        if isinstance(actual, Mapping) and isinstance(expected, Mapping):
            if actual.keys() != expected.keys():
                missing = f"\nMissing keys in the actual mapping: {sorted(expected.keys() - actual.keys())}"
                more = f"\nAdditional keys in the actual mapping: {sorted(actual.keys() - expected.keys())}"
                parts = [missing] * bool(expected.keys() - actual.keys()) + [more] * bool(
                    actual.keys() - expected.keys()
                )
                self.fail("The keys of the mappings do not match:" + "".join(parts), path)
            for key in actual:
                self.compare(actual[key], expected[key], (*path, key))
        elif all(isinstance(v, Sequence) and not isinstance(v, (str, bytes)) for v in (actual, expected)):
            if len(actual) != len(expected):
                self.fail(f"The length of the sequences mismatch: {len(actual)} != {len(expected)}", path)
            for i, pair in enumerate(zip(actual, expected, strict=True)):
                self.compare(*pair, (*path, i))
        elif actual is None or expected is None:
            if actual is not expected:
                self.fail(f"None mismatch: {actual} is not {expected}", path)
        elif isinstance(actual, bool) and isinstance(expected, bool):
            if actual is not expected:
                self.fail(f"Booleans mismatch: {actual} is not {expected}", path)
        elif all(isinstance(v, (int, float, complex)) for v in (actual, expected)):
            if self.checks["dtype"] and type(actual) is not type(expected):
                self.fail(f"The (d)types do not match: {type(actual)} != {type(expected)}.", path)
            kind = {int: "int64", float: "float64", complex: "complex128"}
            self.numbers(actual, expected, self.allowed(kind.get(type(actual), ""), kind.get(type(expected), "")), path)
        elif all(isinstance(v, (Tensor, np.ndarray, np.generic)) for v in (actual, expected)):
            self.tensors(as_tensor(actual), as_tensor(expected), path)
        else:
            raise TypeError(
                f"No comparison pair was able to handle inputs of type {type(actual)} and {type(expected)}."
            )

    def numbers(self, actual: Any, expected: Any, allowed: tuple[float, float], path: tuple[Any, ...]) -> None:
        """Compare two numbers."""
        rtol, atol = allowed
        away = abs(actual - expected)
        both_nan = self.equal_nan and cmath.isnan(actual) and cmath.isnan(expected)
        if actual == expected or both_nan or (cmath.isfinite(expected) and away <= atol + rtol * abs(expected)):
            return
        exact = not (rtol or atol)
        ratio = away / abs(expected) if expected else float("inf")
        self.fail(
            f"Scalars are not {'equal' if exact else 'close'}!\n\nExpected {expected} but got {actual}.\n"
            f"Absolute difference: {away}{'' if exact else f' (up to {atol} allowed)'}\n"
            f"Relative difference: {ratio}{'' if exact else f' (up to {rtol} allowed)'}",
            path,
        )

    def tensors(self, actual: Any, expected: Any, path: tuple[Any, ...]) -> None:
        """Compare two tensors: shape, device, dtype, strides, then elements."""
        facts = [("shape", True, lambda t: t.shape), ("device", self.checks["device"], lambda t: t.device)]
        facts.append(("dtype", self.checks["dtype"], lambda t: t.dtype))
        facts.append(("stride()", self.checks["stride"], lambda t: t.stride()))
        for name, asked, fact in facts:
            if asked and fact(actual) != fact(expected):
                text = f"The values for attribute '{name}' do not match: {fact(actual)} != {fact(expected)}."
                self.fail(text, path)
        allowed = self.allowed(*(str(t.dtype).removeprefix("torch.") for t in (actual, expected)))
        if actual.ndim == 0:
            self.numbers(actual.item(), expected.item(), allowed, path)
            return
        a, b = (t.detach().cpu().to(_wide(t.dtype)).numpy() for t in (actual, expected))
        rtol, atol = allowed
        wrong = ~np.isclose(a, b, rtol=rtol, atol=atol, equal_nan=self.equal_nan)
        if not wrong.any():
            return
        count, total = int(wrong.sum()), wrong.size
        exact = not (rtol or atol)
        lines = [f"Tensor-likes are not {'equal' if exact else 'close'}!", ""]
        lines.append(f"Mismatched elements: {count} / {total} ({count / total:.1%})")
        kept = np.float32 if str(actual.dtype) == "torch.float32" else None
        with np.errstate(all="ignore"):
            away = np.abs(a - b)
            ratio = away / np.abs(b)
            for name, values, bound in (("absolute", away, atol), ("relative", ratio, rtol)):
                values = np.where(wrong, values, 0)
                place = np.unravel_index(int(np.argmax(np.nan_to_num(values, nan=np.inf))), values.shape)
                most = values[place] if kept is None else kept(values[place])
                shown = (
                    most.item()
                    if name == "absolute" or kept is not None
                    else float(np.float32(most))
                    if exact
                    else most
                )
                index = tuple(int(i) for i in place)
                more = "" if exact else f" (up to {bound} allowed)"
                lines.append(f"Greatest {name} difference: {shown} at index {index}{more}")
        self.fail("\n".join(lines), path)


def _wide(dtype: array.dtype) -> array.dtype:
    """The dtype in which elements of another are compared."""
    if str(dtype) == "torch.bool":
        return array.int64
    return dtype if str(dtype) not in ("torch.float16", "torch.bfloat16") else array.float32


def assert_close(
    actual: Any,
    expected: Any,
    *,
    allow_subclasses: bool = True,
    rtol: float | None = None,
    atol: float | None = None,
    equal_nan: bool = False,
    check_device: bool = True,
    check_dtype: bool = True,
    check_layout: bool = True,
    check_stride: bool = False,
    msg: str | Callable[[str], str] | None = None,
) -> None:
    """AssertionError that tells how, where two values differ: |actual − expected| > atol + rtol·|expected|.

    Tensors, arrays, numbers, and sequences and mappings of them; the tolerances are those of the dtype unless given.
    """
    check = _Check(rtol, atol, equal_nan, msg, device=check_device, dtype=check_dtype, stride=check_stride)
    check.compare(actual, expected, ())


def assert_allclose(
    actual: Any, expected: Any, rtol: float | None = None, atol: float | None = None, equal_nan: bool = True,
    msg: str = "",
) -> None:  # fmt: skip
    """The old name of `assert_close`, which compares dtypes, devices and steps as well."""
    warnings.warn(_ALL_CLOSE, FutureWarning, stacklevel=2)
    if not isinstance(actual, Tensor):
        actual = engine.tensor(actual)
    if not isinstance(expected, Tensor):
        expected = engine.tensor(expected, dtype=actual.dtype)
    if rtol is None and atol is None:
        rtol, atol = max(_CLOSE.get(each.dtype, (0.0, 0.0)) for each in (actual, expected))
    assert_close(
        actual, expected, rtol=rtol, atol=atol, equal_nan=equal_nan, check_device=True, check_dtype=False,
        msg=msg or None,
    )  # fmt: skip


_CLOSE = {array.float16: (1e-3, 1e-3), array.float32: (1e-4, 1e-5), array.float64: (1e-5, 1e-8)}
_ALL_CLOSE = (
    "`torch.testing.assert_allclose()` is deprecated since 1.12 and will be removed in a future release. Please use "
    "`torch.testing.assert_close()` instead. You can find detailed upgrade instructions in "
    "https://github.com/pytorch/pytorch/issues/61844."
)
