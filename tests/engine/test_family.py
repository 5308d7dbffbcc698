"""Memory that is shared: views, changes through them, and the errors that protect saved values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.lib.array_utils import byte_bounds

import engine as torch

VIEWS = [
    "x[0]", "x[:, 1]", "x[1:, ::2]", "x.view(-1)", "x.t()", "x.T", "x.transpose(0, 1)", "x.permute(1, 0)",
    "x.unsqueeze(0)", "x.narrow(1, 0, 2)", "x.select(0, 1)", "x.split(1)[2]", "x.chunk(2)[0]", "x.unbind(1)[3]",
    "x.diagonal()", "x.flatten()", "x.reshape(2, 6)", "x[None]", "x.squeeze()", "x.detach()", "x.data", "x[0, 0]",
    "x.movedim(0, 1)",
]  # fmt: skip


@pytest.mark.parametrize("view", VIEWS)
def test_views_share_memory(view: str) -> None:
    x = torch.arange(12.0).view(3, 4)
    shown = eval(view, {"x": x})
    assert np.shares_memory(shown.numpy(), x.numpy())
    shown.fill_(-5)
    assert (x == -5).any()


@pytest.mark.parametrize(
    "copy", ["x.clone()", "x[[0, 1]]", "x.flip(0)", "x.t().reshape(12)", "x[x > 3]", "x.repeat(1, 2)", "x + 0"]
)
def test_copies_do_not(copy: str) -> None:
    x = torch.arange(12.0).view(3, 4)
    assert not np.shares_memory(eval(copy, {"x": x}).numpy(), x.numpy())


def test_an_expanded_tensor_cannot_be_written() -> None:
    wide = torch.arange(3.0).expand(2, 3)
    with pytest.raises(RuntimeError, match="more than one element of the written-to tensor"):
        wide.add_(1)


def test_from_numpy_and_numpy_share_memory() -> None:
    host = np.zeros(3, np.float32)
    x = torch.from_numpy(host)
    x[1] = 5
    assert host[1] == 5
    x.numpy()[2] = 7
    assert x.tolist() == [0, 5, 7]


def test_a_scalar_result_can_be_changed_and_viewed() -> None:
    total = torch.ones(3).sum()
    same = total.view(1)
    total.add_(1)
    assert (total.item(), same.item()) == (4.0, 4.0)


def test_a_view_made_before_the_change_follows_its_base() -> None:
    x = torch.ones(3, requires_grad=True)
    buffer = torch.zeros(2, 3)
    row = buffer[1]
    buffer[1] = x * 2
    assert row.requires_grad
    row.sum().backward()
    assert x.grad.tolist() == [2.0, 2.0, 2.0]


def test_a_view_of_a_view_follows_too() -> None:
    x = torch.ones(2, 3, requires_grad=True)
    y = x * 1
    inner = y.t()[1]
    y.mul_(3)
    (inner * torch.tensor([1.0, 2.0])).sum().backward()
    assert x.grad.tolist() == [[0.0, 3.0, 0.0], [0.0, 6.0, 0.0]]


def test_a_base_that_does_not_lie_in_order() -> None:
    x = torch.ones(2, 3, requires_grad=True)
    y = (x.t() * 1).t() * 1
    y.t()[0].mul_(5)
    y.sum().backward()
    assert x.grad.tolist() == [[5.0, 1.0, 1.0], [5.0, 1.0, 1.0]]


def test_filling_a_buffer_row_by_row() -> None:
    x = torch.tensor(2.0, requires_grad=True)
    states = torch.zeros(4)
    states[0] = x
    for i in range(3):
        states[i + 1] = states[i].clone() * x
    states[3].backward()
    assert x.grad.item() == 4 * 2.0**3


def test_versions_count_changes_of_all_that_share() -> None:
    x = torch.zeros(3)
    view = x[1:]
    assert x._version == 0
    view.add_(1)
    x.mul_(2)
    assert x._version == view._version == 2
    assert x.detach()._version == 2


def test_a_leaf_refuses_and_so_does_its_view() -> None:
    x = torch.ones(3, requires_grad=True)
    with pytest.raises(RuntimeError, match="a leaf Variable that requires grad is being used in an in-place operation"):
        x.mul_(2)
    with pytest.raises(RuntimeError, match="a view of a leaf Variable that requires grad"):
        x[0] = 1
    with pytest.raises(RuntimeError, match="is a view and is being modified inplace"):
        (x * 1).split(1)[0].zero_()
    with torch.no_grad():
        x.mul_(2)
        x[0] = 1
    assert x.tolist() == [1.0, 2.0, 2.0]


def test_the_error_names_the_saver_and_the_change() -> None:
    x = torch.ones(3, requires_grad=True)
    y = x.exp()
    y.add_(1)
    with pytest.raises(RuntimeError, match=r"\[torch.FloatTensor \[3\]\].*ExpBackward0.*add_"):
        y.sum().backward()


def test_what_was_not_saved_may_be_changed() -> None:
    x = torch.ones(3, requires_grad=True)
    y = x + 1
    z = y * 2
    y.zero_()
    z.sum().backward()
    assert x.grad.tolist() == [2.0, 2.0, 2.0]


def test_base_is_named() -> None:
    x = torch.zeros(2, 3)
    assert x._base is None
    assert x[0].view(3, 1)._base is x


def test_views_that_died_are_forgotten() -> None:
    x = torch.zeros(3)
    for _ in range(1000):
        x[0]
    assert len(x._family.views) < 100


def test_in_place_twins_refuse_what_does_not_fit() -> None:
    x: Any = torch.zeros(3, dtype=torch.int64)
    with pytest.raises(RuntimeError, match="result type Float can't be cast to the desired output type Long"):
        x.add_(0.5)
    with pytest.raises(RuntimeError, match=r"output with shape \[3\] doesn't match the broadcast shape \[2, 3\]"):
        x.add_(torch.zeros(2, 3, dtype=torch.int64))


def test_views_of_what_was_changed_are_named_as_made_by_their_steps() -> None:
    base = torch.ones(2, 2, requires_grad=True) * 1
    row, turned = base[0], base.t()
    row.mul_(2)
    assert base.grad_fn.name() == "torch::autograd::CopySlices"
    assert row.grad_fn.name() == turned.grad_fn.name() == "AsStridedBackward0"
    assert "grad_fn=<AsStridedBackward0>" in repr(row)
    numbers = torch.ones(2, dtype=torch.complex64, requires_grad=True) * 1
    parts = torch.view_as_real(numbers)
    parts.mul_(2)
    assert parts.grad_fn.name() == "ViewAsRealBackward0"


def test_the_way_back_through_a_part_of_a_base_with_gaps() -> None:
    held = np.arange(64.0, dtype=np.float32).reshape(4, 16)[:, ::4]  # no copy lies as this does, without its gaps
    scale, factor = torch.ones(4, requires_grad=True), torch.full((2,), 2.0, requires_grad=True)
    base = torch.from_numpy(held)
    base.mul_(scale)
    base[1, 1:3].mul_(factor)
    outside, _ = base._node.pull(np.ones((4, 4), np.float32))
    low, high = byte_bounds(outside)
    owner = outside
    while owner.base is not None:
        owner = owner.base
    assert byte_bounds(owner)[0] <= low and high <= byte_bounds(owner)[1]
    (base * base).sum().backward()
    assert factor.grad.tolist() == [2 * 2 * 20.0**2, 2 * 2 * 24.0**2]


@pytest.mark.parametrize(
    ("shape", "times"), [((1,), (2, 2)), ((2, 1), (1, 3)), ((1, 2), (3, 1)), ((), (3,)), ((3,), (2, 1))]
)
def test_repetitions_have_memory_of_their_own(shape: tuple[int, ...], times: tuple[int, ...]) -> None:
    x = torch.ones(shape).repeat(*times)
    assert x.is_contiguous()
    x.view(-1)[0] += 1
    assert x.sum().item() == x.numel() + 1
