"""What PyTorch does at the edges: NaN on the way back, deprecated names, refused numbers, runs of elements."""

from __future__ import annotations

import math
import warnings
from typing import Any

import pytest

import engine as torch
from engine import deprecated

F = torch.nn.functional
NAN_SLOPES = {
    "relu": 1.0, "leaky_relu": 0.01, "elu": 1.0, "selu": 1.0507010, "celu": 1.0, "relu6": 1.0, "hardtanh": 1.0,
    "hardsigmoid": 0.0, "hardswish": 1.0, "softshrink": 1.0, "hardshrink": 1.0,
}  # fmt: skip


@pytest.mark.parametrize("name", NAN_SLOPES)
def test_nan_passes_the_gradient_that_pytorch_gives(name: str) -> None:
    x = torch.tensor([math.nan], requires_grad=True)
    getattr(F, name)(x).sum().backward()
    assert x.grad.item() == pytest.approx(NAN_SLOPES[name])


def test_unique_has_a_node_without_derivative() -> None:
    x = torch.tensor([1.0, 2.0, 2.0], requires_grad=True)
    different = torch.unique(x)
    assert different.grad_fn.name() == "Unique2Backward0"
    with pytest.raises(NotImplementedError, match="the derivative for '_unique2' is not implemented"):
        different.sum().backward()


def test_integers_to_negative_powers() -> None:
    assert (torch.tensor([2, 1, -1]) ** torch.tensor(-1)).tolist() == [0, 1, -1]
    assert (2 ** torch.tensor(-1)).item() == 0
    with pytest.raises(RuntimeError, match="Integers to negative integer powers are not allowed"):
        torch.tensor([2, 3]) ** -1


@pytest.mark.parametrize(
    ("call", "begin"),
    [
        (lambda a: torch.qr(a), "torch.qr is deprecated in favor of torch.linalg.qr"),
        (lambda a: torch.lu(a), "torch.lu is deprecated in favor of torch.linalg.lu_factor"),
        (lambda a: torch.range(0, 2), "torch.range is deprecated"),
        (lambda a: torch.meshgrid(a[0], a[0]), "torch.meshgrid: in an upcoming release"),
        (lambda a: torch.cross(a, a), "Using torch.cross without specifying the dim arg is deprecated"),
        (lambda a: a[None].T, "The use of `x.T` on tensors of dimension other than 2"),
        (lambda a: torch.std(a[:1, 0]), r"std\(\): degrees of freedom is <= 0"),
        (lambda a: a.random_(0, 2**25), r"to - 1 is out of bounds \[-\(2\^24\), 2\^24\]"),
        (lambda a: torch.asarray(a.requires_grad_()), "torch.asarray: unspecified requires_grad now defaults"),
    ],
)  # fmt: skip
def test_deprecated_names_warn(call: Any, begin: str, monkeypatch: Any) -> None:
    monkeypatch.setattr(deprecated, "_told", set())
    with pytest.warns(UserWarning, match=f"^{begin}"):
        call(torch.eye(3))


def test_what_is_said_once_is_said_each_time_where_that_is_wished(monkeypatch: Any) -> None:
    monkeypatch.setattr(deprecated, "_told", {deprecated.NO_INDEXING})
    torch.set_warn_always(True)
    try:
        with pytest.warns(UserWarning, match="^torch.meshgrid"):
            torch.meshgrid(torch.ones(1), torch.ones(1))
    finally:
        torch.set_warn_always(False)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        torch.meshgrid(torch.ones(1), torch.ones(1))


def test_the_engine_itself_uses_no_deprecated_name() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        torch.linalg.qr(torch.eye(3))
        torch.linalg.lu_factor(torch.eye(3))


@pytest.mark.parametrize(
    ("how", "want", "slopes"),
    [
        ("sum", [1.0, 5.0, 0.0, 15.0], [1.0] * 6),
        ("max", [1.0, 3.0, -math.inf, 6.0], [1.0, 0.0, 1.0, 0.0, 0.0, 1.0]),
        ("prod", [1.0, 6.0, 1.0, 120.0], [1.0, 3.0, 2.0, 30.0, 24.0, 20.0]),
    ],
)
def test_segments_are_reduced(how: str, want: list[float], slopes: list[float]) -> None:
    x = torch.arange(1.0, 7.0, requires_grad=True)
    found = torch.segment_reduce(x, how, lengths=torch.tensor([1, 2, 0, 3]))
    assert found.tolist() == want
    found[[0, 1, 3]].sum().backward()
    assert x.grad.tolist() == pytest.approx(slopes)
    assert torch.segment_reduce(x, how, offsets=torch.tensor([0, 1, 3, 3, 6])).tolist() == want


def test_the_wish_for_repeatable_results_has_three_modes() -> None:
    for mode, number in (("warn", 1), ("error", 2), ("default", 0)):
        torch.set_deterministic_debug_mode(mode)
        assert torch.get_deterministic_debug_mode() == number
    with pytest.raises(RuntimeError, match="invalid value of debug_mode, expected 0, 1, or 2, but got 5"):
        torch.set_deterministic_debug_mode(5)


def test_complex_halves_are_a_name_alone() -> None:
    assert repr(torch.complex32) == "torch.complex32" and torch.chalf is torch.complex32
    assert torch.complex32.itemsize == 4 and torch.complex32.is_complex
    with pytest.raises(NotImplementedError, match="left out of this engine"):
        torch.zeros(2, dtype=torch.complex32)


@pytest.mark.parametrize(
    ("name", "why"),
    [("masked", "masked tensors"), ("quasirandom", "quasi-random numbers"), ("fx", "a program's graph as code")],
)
def test_a_part_left_out_says_why(name: str, why: str) -> None:
    assert not hasattr(torch, name)
    with pytest.raises(NotImplementedError, match=f"torch.{name} is left out of this engine on purpose: {why}"):
        getattr(torch, name)


def test_out_of_another_dtype_is_refused_where_pytorch_does() -> None:
    x = torch.rand(3)
    with pytest.raises(RuntimeError, match="Expected the dtype for input and out to match, but got Float for input's"):
        torch.amax(x, 0, out=torch.empty((), dtype=torch.float64))
    with pytest.raises(RuntimeError, match="Expected out tensor to have dtype float, but got double instead"):
        torch.sort(x, out=(torch.empty(3, dtype=torch.float64), torch.empty(3, dtype=torch.int64)))
    wide = torch.empty(3, dtype=torch.float64)
    assert torch.add(x, 1, out=wide) is wide


@pytest.mark.parametrize("dtype", [torch.float32, torch.int64, torch.bool])
def test_products_scattered_to_one_place_are_all_taken(dtype: Any) -> None:
    twos = torch.full((2, 2), 2).to(dtype)
    made = twos.clone().scatter_(0, torch.zeros(2, 2, dtype=torch.long), twos, reduce="multiply")
    assert made.tolist() == ([[True, True]] * 2 if dtype is torch.bool else [[8, 8], [2, 2]])


def test_names_left_out_are_not_there_and_say_why() -> None:
    assert not hasattr(torch, "masked") and not hasattr(torch.nn, "quantized") and not hasattr(torch.distributed, "rpc")
    with pytest.raises(NotImplementedError, match="left out of this engine on purpose"):
        torch.masked  # noqa: B018
