"""The safetensors format, against a file that the safetensors package wrote."""

from __future__ import annotations

import pathlib

import pytest

import engine as torch
from engine import safetensors
from tests.engine import files_data as data

FILE = pathlib.Path(__file__).parent / "answers" / "files" / "tensors.safetensors"
NAMES = [*data.DTYPES[:-1], "whole", "one", "none"]


def test_the_bytes_are_the_packages() -> None:
    everything = data.everything(torch)
    made = safetensors.save({name: everything[name] for name in NAMES}, {"made by": "PyTorch"})
    assert made == FILE.read_bytes()


def test_its_file_is_read(tmp_path: pathlib.Path) -> None:
    found, everything = safetensors.load_file(FILE), data.everything(torch)
    assert sorted(found) == sorted(NAMES)
    for name in NAMES:
        assert data.plainly(found[name]) == data.plainly(everything[name])
    safetensors.save_file(found, tmp_path / "again.safetensors", {"made by": "PyTorch"})
    assert (tmp_path / "again.safetensors").read_bytes() == FILE.read_bytes()
    with safetensors.safe_open(FILE, framework="pt") as file:
        assert file.keys() == sorted(NAMES) and file.metadata() == {"made by": "PyTorch"}
        assert file.get_tensor("whole").tolist() == everything["whole"].tolist()
        with pytest.raises(safetensors.SafetensorError, match="does not contain tensor nothing"):
            file.get_tensor("nothing")


def test_a_model_with_tied_weights(tmp_path: pathlib.Path) -> None:
    net = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Linear(2, 2))
    net[1].weight = net[0].weight
    with pytest.raises(RuntimeError, match="share memory"):
        safetensors.save(net.state_dict())
    safetensors.save_model(net, tmp_path / "model.safetensors")
    before = net[1].weight.tolist()
    with torch.no_grad():
        net[0].weight.zero_()
    assert safetensors.load_model(net, tmp_path / "model.safetensors") == ([], [])
    assert net[1].weight.tolist() == before


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (b"abc", "header too small"),
        (b"\xff" * 20, "header too large"),
        ((90).to_bytes(8, "little"), "invalid header length"),
        ((5).to_bytes(8, "little") + b"abcde", "invalid JSON in header"),
        ((2).to_bytes(8, "little") + b"[]", "not an object"),
        ((14).to_bytes(8, "little") + b'{"a":{"b":{}}}', "not valid"),
    ],
)
def test_wrong_files(wrong: bytes, sentence: str) -> None:
    with pytest.raises(safetensors.SafetensorError, match=sentence):
        safetensors.load(wrong)


def test_what_cannot_be_saved() -> None:
    x = torch.ones(4)
    assert sorted(safetensors.load(safetensors.save({"a": x[:2], "b": x[2:]}))) == ["a", "b"]
    with pytest.raises(ValueError, match="non contiguous tensor: `a`"):
        safetensors.save({"a": torch.ones(2, 3).t()})
    with pytest.raises(ValueError, match="Expected a dict"):
        safetensors.save([x])  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="Key `a` is invalid"):
        safetensors.save({"a": 1})  # type: ignore[dict-item]
