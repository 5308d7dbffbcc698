"""Tensors among NumPy arrays, Python numbers and old habits: shared memory, conversions, sentences of errors."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

import engine as torch


def test_memory_is_shared_with_numpy_both_ways() -> None:
    host = np.arange(6.0).reshape(2, 3)
    t = torch.from_numpy(host)
    t[0, 0] = 9
    assert host[0, 0] == 9
    t.numpy()[1, 2] = -1
    assert t[1, 2].item() == -1 and np.shares_memory(np.asarray(t), host)
    assert torch.as_tensor(host).numpy().base is host or np.shares_memory(torch.as_tensor(host).numpy(), host)
    turned = torch.from_numpy(host.T)
    assert turned.stride() == (1, 3) and turned.storage_offset() == 0
    turned.mul_(2)
    assert host[1, 2] == -2
    assert np.shares_memory(t[1:].numpy(), host) and np.shares_memory(t.t().view(3, 2).numpy(), host)
    again = torch.from_dlpack(host)
    again.zero_()
    assert not host.any()
    assert np.shares_memory(np.from_dlpack(t), host)


def test_numpys_functions_give_tensors_where_pytorchs_do() -> None:
    assert isinstance(np.sin(torch.ones(2)), torch.Tensor) and isinstance(np.add(torch.ones(2), 1), torch.Tensor)
    assert isinstance(np.stack([torch.ones(2)]), np.ndarray)
    assert (torch.arange(3) * np.int64(3)).dtype is torch.int64
    assert (np.float64(2) * torch.ones(2)).dtype is torch.float32


WRONG: dict[str, tuple[type[Exception], str]] = {
    "torch.from_numpy(np.zeros(3)[::-1])": (ValueError, "At least one stride in the given numpy array is negative"),
    "torch.from_numpy(np.array(['a']))": (TypeError, r"can't convert np.ndarray of type numpy.str_."),
    "torch.from_numpy(np.array([1], '>i4'))": (ValueError, "given numpy array has byte order different"),
    "torch.from_numpy(np.zeros(3, [('a', 'f4'), ('b', 'f8')])['b'])": (
        ValueError,
        "given numpy array strides not a mul",
    ),
    "torch.from_numpy(np.float64(3))": (TypeError, r"expected np.ndarray \(got numpy.float64\)"),
    "torch.tensor(['a'])": (ValueError, "too many dimensions 'str'"),
    "torch.tensor('a')": (TypeError, r"new\(\): invalid data type 'str'"),
    "torch.tensor(None)": (RuntimeError, "Could not infer dtype of NoneType"),
    "torch.tensor({})": (RuntimeError, "Could not infer dtype of dict"),
    "torch.tensor(2**63)": (ValueError, "Overflow when unpacking long long"),
    "torch.tensor([2**70])": (ValueError, "Overflow when unpacking long long"),
    "torch.tensor([300], dtype=torch.uint8)": (
        RuntimeError,
        "value cannot be converted to type uint8 without overflow",
    ),
    "torch.tensor(1j, dtype=torch.float32)": (TypeError, "must be real number, not complex"),
    "torch.tensor(float('nan'), dtype=torch.int64)": (RuntimeError, "value cannot be converted to type int64 without"),
    "torch.tensor([torch.ones(2), torch.ones(2)])": (ValueError, "only one element tensors can be converted"),
    "torch.tensor([1], requires_grad=True)": (RuntimeError, "Only Tensors of floating point and complex dtype can"),
    "torch.zeros(2, dtype=np.float32)": (TypeError, "argument 'dtype' must be torch.dtype, not type"),
    "torch.tensor(1, dtype='float32')": (TypeError, "argument 'dtype' must be torch.dtype, not str"),
    "torch.asarray(np.zeros(1), dtype=torch.float32, copy=False)": (
        ValueError,
        "can't alias tensor with dtype 'Double'",
    ),
    "torch.ones(2, dtype=torch.bfloat16).numpy()": (TypeError, "Got unsupported ScalarType BFloat16"),
    "'a' in torch.ones(2)": (RuntimeError, "Tensor.__contains__ only supports Tensor or scalar"),
    "torch.ones(2).to_sparse_csr()": (NotImplementedError, "sparse tensors"),
    "torch.from_file('x')": (NotImplementedError, "left out"),
    "torch.zeros(2, foo=1)": (TypeError, "unexpected keyword argument 'foo'"),
    "torch.eye(-1)": (RuntimeError, "n must be greater or equal to 0, got -1"),
}


@pytest.mark.parametrize("expression", WRONG)
def test_what_is_refused(expression: str) -> None:
    kind, sentence = WRONG[expression]
    with pytest.raises(kind, match=sentence):
        eval(expression, {"torch": torch, "np": np})


def test_a_read_only_array_warns_and_is_not_written() -> None:
    host = np.arange(3.0)
    host.setflags(write=False)
    with pytest.warns(UserWarning, match="The given NumPy array is not writable"):
        t = torch.from_numpy(host)
    with pytest.raises(RuntimeError, match="not writable"):
        t.add_(1)


def test_numbers_become_tensors_as_in_pytorch() -> None:
    assert torch.tensor([-1], dtype=torch.uint8).tolist() == [255]
    assert torch.tensor(1.7, dtype=torch.int32).item() == 1
    assert torch.tensor(1, dtype=float).dtype is torch.float64
    assert torch.tensor([torch.tensor([1]), torch.tensor([2])]).tolist() == [1, 2]
    assert torch.asarray(bytearray(4), dtype=torch.int32).tolist() == [0]


def test_tensors_among_pythons_own_functions() -> None:
    t = torch.arange(3.0)
    assert f"{torch.tensor(0.5)}" == "0.5" and f"{torch.tensor(3.14159):.2f}" == "3.14" and f"{t}" == str(t)
    assert "%d" % torch.tensor(3) == "3" and [1, 2, 3][torch.tensor(1)] == 2  # noqa: UP031
    assert list(reversed(t)) == [2, 1, 0] and sum(t).item() == 3 and max(t).item() == 2
    assert torch.tensor(1) in t and 7 not in t
    assert torch.tensor(1).is_nonzero()
    for size in (t.shape + (1,), (1,) + torch.Size([2]), torch.Size([2]) * 2, 2 * torch.Size([2])):  # noqa: RUF005
        assert isinstance(size, torch.Size)


class Own(torch.Tensor):
    """A subclass."""


def test_a_subclass_keeps_the_history() -> None:
    x = torch.ones(2, requires_grad=True)
    y = (x * 2).as_subclass(Own)
    assert type(y) is Own and y.grad_fn is not None
    y.sum().backward()
    assert x.grad.tolist() == [2, 2]


def test_settings_that_change_nothing_are_kept() -> None:
    threads = torch.get_num_threads()
    torch.set_num_threads(3)
    assert torch.get_num_threads() == 3
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(True)
    assert torch.are_deterministic_algorithms_enabled()
    torch.use_deterministic_algorithms(False)
    torch.set_float32_matmul_precision("high")
    assert torch.get_float32_matmul_precision() == "high"
    with pytest.warns(UserWarning, match="is not one of"):
        torch.set_float32_matmul_precision("low")
    torch.set_float32_matmul_precision("highest")


def test_threads_compute_side_by_side() -> None:
    found: dict[int, Any] = {}

    def work(n: int) -> None:
        w = torch.full((8,), float(n), requires_grad=True)
        for _ in range(50):
            (w * w).sum().backward()
        found[n] = w.grad.tolist()

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert found == {n: [100.0 * n] * 8 for n in range(4)}


def test_operators_take_arrays_and_functions_refuse_them() -> None:
    host = np.full(2, 3.0)
    for made in (torch.ones(2) + host, torch.ones(2) * host + 1, host / torch.ones(2) + 1):
        assert made.dtype is torch.float64 and made.tolist() == [4.0, 4.0]
    assert (torch.ones(2, dtype=torch.int32) * host.astype(np.float32)).dtype is torch.float64  # as NumPy has it
    assert (torch.ones(2) == host).tolist() == [False, False] and (torch.ones(2) != host) is True
    t = changed = torch.ones(2)
    changed += host
    assert changed.tolist() == [4.0, 4.0] and changed.dtype is torch.float64 and t.tolist() == [1.0, 1.0]
    with pytest.raises(TypeError, match=r"argument 'other' .* must be Tensor, not numpy.ndarray"):
        t.add(host)
    for refused in (lambda: host * t, lambda: host**t, lambda: host @ t, lambda: t < host, lambda: host >= t):
        with pytest.raises(TypeError, match=r"'numpy\.ndarray'"):
            refused()
    with pytest.raises(RuntimeError, match=r"Can't call numpy\(\) on Tensor that requires grad"):
        t.requires_grad_() * host


class Elsewhere:
    """An object of another library, which lends its memory by DLPack and no other way."""

    def __init__(self, held: Any) -> None:
        self.held = held

    def __dlpack__(self, **options: Any) -> Any:
        return self.held.__dlpack__(**options)

    def __dlpack_device__(self) -> Any:
        return self.held.__dlpack_device__()


def test_memory_of_another_library_is_shared_and_written() -> None:
    ours = torch.zeros(3)
    for other in (torch.from_dlpack(Elsewhere(ours)), torch.asarray(Elsewhere(ours)), torch.as_tensor(Elsewhere(ours))):
        other += 1
    torch.from_dlpack(torch.utils.dlpack.to_dlpack(ours))[0] = 9
    assert ours.tolist() == [9, 3, 3]
    copied = torch.tensor(Elsewhere(ours), dtype=torch.float64)
    copied.zero_()
    assert copied.dtype is torch.float64 and ours[0] == 9
    host = np.zeros(2)
    host.flags.writeable = False
    torch.from_dlpack(host).fill_(1)
    assert host.tolist() == [1, 1]


def test_dlpack_says_what_it_does_not_take() -> None:
    ours = torch.ones(2)
    with pytest.raises(TypeError, match="stream must be ``int`` or ``none``"):
        ours.__dlpack__(stream=object())
    with pytest.raises(AssertionError, match=r"stream should be None on cpu\."):
        ours.__dlpack__(stream=1)
    with pytest.raises(BufferError, match="Can't export tensors that require gradient"):
        torch.from_dlpack(torch.ones(2, requires_grad=True))
    capsule = torch.utils.dlpack.to_dlpack(torch.ones(2, requires_grad=True))
    assert torch.from_dlpack(capsule).tolist() == [1, 1]
    with pytest.raises(RuntimeError, match="from_dlpack received an invalid capsule"):
        torch.from_dlpack(capsule)
    assert ours.__dlpack_device__() == (torch.utils.dlpack.DLDeviceType.kDLCPU, 0)
