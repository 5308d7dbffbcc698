"""What a program asks before it chooses a device."""

from __future__ import annotations

import pytest

import engine as torch


def test_the_usual_choice_of_a_device() -> None:
    name = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    x = torch.ones(2).to(torch.device(name))
    assert x.device.type == name
    assert x.cpu().tolist() == [1.0, 1.0]


def test_without_a_gpu() -> None:
    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    assert torch.cuda.device_count() == torch.cuda.memory_allocated() == 0
    torch.cuda.empty_cache()
    torch.cuda.manual_seed_all(1)
    with pytest.raises((AssertionError, RuntimeError), match="CUDA"):
        torch.cuda.synchronize()
    with pytest.raises((AssertionError, RuntimeError), match="CUDA"):
        torch.ones(2).cuda()
