"""Files: PyTorch's are read, the engine's are those that PyTorch reads, and nothing that a file says is run."""

from __future__ import annotations

import copy
import importlib
import io
import json
import pathlib
import pickle
import pickletools
import warnings
import zipfile
from typing import Any

import numpy as np
import pytest

import engine as torch
from engine.pickling import Writer
from engine.rebuild import Kept
from tests.engine import files_data as data

FILES = pathlib.Path(__file__).parent / "answers" / "files"
EXPECTED: dict[str, Any] = json.loads((FILES / "answers.json").read_text())["everything"]


def there_and_back(value: Any, **options: Any) -> Any:
    file = io.BytesIO()
    torch.save(value, file)
    file.seek(0)
    return torch.load(file, **options)


@pytest.mark.parametrize("name", EXPECTED)
def test_what_pytorch_wrote_is_read(name: str) -> None:
    found = torch.load(FILES / "everything.pt")
    assert data.plainly({str(key): value for key, value in found.items()}[name]) == EXPECTED[name]


def test_what_is_written_here_is_read_here() -> None:
    assert data.plainly(there_and_back(data.everything(torch))) == EXPECTED


def test_the_pickle_of_a_state_dict_is_pytorchs_to_the_letter() -> None:
    """The opcodes, storages' numbers and memo of both files, the numbers themselves aside."""
    net, optimizer = data.trained(torch, "SGD")
    file = io.BytesIO()
    torch.save({"net": net.state_dict(), "optimizer": optimizer.state_dict()}, file)
    with zipfile.ZipFile(file) as mine, zipfile.ZipFile(FILES / "SGD.pt") as theirs:
        ours = [(op.name, arg) for op, arg, _ in pickletools.genops(mine.read("archive/data.pkl"))]
        wanted = [(op.name, arg) for op, arg, _ in pickletools.genops(theirs.read("SGD/data.pkl"))]
        assert ours[:60] == wanted[:60]
        for entry in mine.infolist():
            begin = entry.header_offset + 30 + len(entry.filename) + len(entry.extra)
            assert begin % 64 == 0


def test_files_from_before_the_zip_are_read() -> None:
    found = torch.load(FILES / "old.pt")
    assert {name: data.plainly(value) for name, value in found.items()} == {name: EXPECTED[name] for name in found}
    found["row"][0] = 9
    assert found["turned"].tolist() == [[0, 9], [1, 4], [2, 5]]


def test_pytorch_reads_what_is_written_in_the_layout_before_the_zip() -> None:
    theirs = pytest.importorskip("torch", reason="PyTorch is not installed")
    file = io.BytesIO()
    later = ("uint16", "uint32", "uint64")  # which PyTorch itself does not read from there
    given = {name: value for name, value in data.everything(torch).items() if name not in later}
    for i in range(2):
        torch.save({**given, "i": i}, file, _use_new_zipfile_serialization=False)
    file.seek(0)
    found = [theirs.load(file) for _ in range(2)]
    assert [each.pop("i") for each in found] == [0, 1]
    plainly = {str(key): data.plainly(value) for key, value in found[1].items()}
    assert plainly == {name: value for name, value in EXPECTED.items() if name not in later}


@pytest.mark.parametrize("kind", ["SGD", "Adam"])
def test_training_goes_on_from_pytorchs_file(kind: str) -> None:
    state = torch.load(FILES / f"{kind}.pt")
    net, optimizer = data.trained(torch, kind)
    for name, theirs in state["net"].items():
        np.testing.assert_allclose(net.state_dict()[name].numpy(), theirs.numpy(), rtol=1e-4, atol=1e-5)
    fresh = data.model(torch)
    fresh.load_state_dict(state["net"])
    moved = getattr(torch.optim, kind)(fresh.parameters(), lr=0.5)
    moved.load_state_dict(state["optimizer"])
    for made, model in ((optimizer, net), (moved, fresh)):
        made.zero_grad()
        model(torch.ones(4, 2)).pow(2).sum().backward()
        made.step()
    for a, b in zip(net.parameters(), fresh.parameters(), strict=True):
        np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=1e-3, atol=1e-4)


def test_views_share_memory_after_loading() -> None:
    found = torch.load(FILES / "everything.pt")
    found["whole"][1, 0] = 100
    assert found["row"][0] == 100 and found["turned"][0, 1] == 100


def test_a_file_by_name(tmp_path: pathlib.Path) -> None:
    torch.save(torch.ones(2), tmp_path / "some.pt")
    torch.save(torch.ones(2), str(tmp_path / "other.pt"))
    assert torch.load(str(tmp_path / "some.pt"), mmap=True).tolist() == [1, 1]
    with zipfile.ZipFile(tmp_path / "some.pt") as archive:
        assert archive.namelist()[0] == "some/data.pkl"


@pytest.mark.parametrize(
    "place",
    ["cpu", torch.device("cpu"), {"cuda:0": "cpu"}, lambda storage, where: storage, lambda storage, where: None],
)
def test_map_location(place: Any) -> None:
    assert there_and_back(torch.arange(3), map_location=place).tolist() == [0, 1, 2]


def test_a_gpus_file_without_a_gpu() -> None:
    with pytest.raises((RuntimeError, AssertionError)):
        there_and_back(torch.arange(3), map_location="cuda:7")


def test_a_module_is_refused_and_made_only_when_asked() -> None:
    file = io.BytesIO()
    torch.save(data.model(torch), file)
    file.seek(0)
    with pytest.raises(pickle.UnpicklingError, match="Weights only load failed") as caught:
        torch.load(file)
    assert "GLOBAL torch.nn.modules.container.Sequential was not an allowed global by default" in str(caught.value)
    file.seek(0)
    again = torch.load(file, weights_only=False)
    assert again(torch.ones(4, 2)).tolist() == data.model(torch)(torch.ones(4, 2)).tolist()
    with pytest.raises(pickle.UnpicklingError, match=r"torch\.nn\.modules\.container\.Sequential"):
        torch.load(FILES / "module.pt")


class Harm:
    """What a hostile file would have run."""

    def __init__(self, *call: Any) -> None:
        self.call = call

    def __reduce__(self) -> Any:
        return self.call[0], self.call[1:]


@pytest.mark.parametrize(
    "call", [(print, "run"), (eval, "1/0"), (__import__, "os"), (open, "x", "w"), (getattr, 1, "real")]
)
@pytest.mark.parametrize("weights_only", [True, False])
def test_nothing_that_a_file_says_is_run(call: Any, weights_only: bool, capsys: Any) -> None:
    for protocol in (2, 4):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("archive/data.pkl", pickle.dumps(Harm(*call), protocol))
        file.seek(0)
        with pytest.raises(pickle.UnpicklingError, match="Unsupported global"):
            torch.load(file, weights_only=weights_only)
    assert capsys.readouterr().out == ""


OPEN_DOORS = [
    b"\x80\x02ctorch.twister\nos.system\nX\x02\x00\x00\x00hi\x85R.",
    b"\x80\x02ctorch.serialization\nsave\nK\x01X\x01\x00\x00\x00x\x86R.",
    b"\x80\x02ctorch.nn.functional\nrelu\nK\x01\x85R.",
    b"\x80\x02ctorch.nn.functional\nrelu\n}b.",
    b"\x80\x02ctorch.nn.functional\nrelu.__globals__\n.",
    b"\x80\x02ctorch\nsoftmax\nK\x01\x85R.",
    b"\x80\x02ctorch\nload\n.",
    b"\x80\x02ctorch.nn.init\nmath\n.",
    b"\x80\x02ctorch._C\n_VariableFunctionsClass\n)\x81.",
    b"\x80\x02c__builtin__\ngetattr\nctorch._C\n_VariableFunctionsClass\nX\x04\x00\x00\x00load\x86R.",
    b"\x80\x02c__builtin__\ngetattr\nctorch._C\n_VariableFunctionsClass\nX\x09\x00\x00\x00__class__\x86R.",
    b"\x80\x02c__builtin__\ngetattr\nctorch.nn.functional\nrelu\nX\x0b\x00\x00\x00__globals__\x86R.",
    b"\x80\x02ctorch\nTensor\n}b.",
    b"\x80\x02c__main__\n__builtins__\n.",
    b"\x80\x04\x8c\x08builtins\x8c\x04eval\x93\x8c\x011\x85R.",
    b"\x80\x02cbuiltins\nobject\n)\x81.",
]


@pytest.mark.parametrize("pickled", OPEN_DOORS)
@pytest.mark.parametrize("weights_only", [True, False])
def test_no_way_leads_to_a_call(pickled: bytes, weights_only: bool) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("archive/data.pkl", pickled)
    file.seek(0)
    with pytest.raises(pickle.UnpicklingError, match="Weights only load failed"):
        torch.load(file, weights_only=weights_only)


class Net(torch.nn.Module):
    """A module of a program's own, which holds a function."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = torch.nn.Linear(2, 3)
        self.act = torch.nn.functional.relu
        self.register_buffer("shift", torch.ones(3))

    def forward(self, x: Any) -> Any:
        return self.act(self.layer(x)) + self.shift


def test_a_module_of_ones_own() -> None:
    net = Net()
    again = there_and_back(net, weights_only=False)
    assert type(again) is Net and again.act is torch.nn.functional.relu
    assert again(torch.ones(1, 2)).tolist() == net(torch.ones(1, 2)).tolist()
    assert copy.deepcopy(net)(torch.ones(1, 2)).tolist() == net(torch.ones(1, 2)).tolist()


FUNCTIONS = [
    "tanh",
    "softmax",
    "add",
    "linalg.norm",
    "fft.fft",
    "special.expit",
    "nn.functional.softmax",
    "nn.functional.max_pool2d",
    "nn.functional.leaky_relu",
    "nn.functional.elu_",
    "nn.functional.cross_entropy",
    "nn.init.zeros_",
    "nn.utils.clip_grad_norm_",
]


def test_modules_with_hooks_of_ours() -> None:
    prune = importlib.import_module("engine.nn.utils.prune")
    old = torch.nn.utils
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = [old.weight_norm(torch.nn.Linear(3, 2)), old.spectral_norm(torch.nn.Linear(3, 2)).eval()]
    made.append(prune.l1_unstructured(torch.nn.Linear(3, 2), "weight", 0.5))
    kept = Kept(old=False)
    named = [what for _, what, _ in pickletools.genops(Writer(kept.describe).dump(made)) if isinstance(what, str)]
    assert {"torch.nn.utils.weight_norm WeightNorm", "torch.nn.utils.prune L1Unstructured"} <= set(named)
    assert {"torch.nn.utils.spectral_norm SpectralNorm"} <= set(named)
    for module in made:
        again = there_and_back(module, weights_only=False)
        assert again(torch.ones(1, 3)).tolist() == module(torch.ones(1, 3)).tolist()
        assert again.state_dict().keys() == module.state_dict().keys()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_are_pickled_by_the_name_that_programs_have(name: str) -> None:
    home, _, short = name.rpartition(".")
    function = getattr(importlib.import_module(f"engine.{home}".rstrip(".")), short)
    assert pickle.loads(pickle.dumps(function)) is function
    assert there_and_back([function], weights_only=False)[0] is function


@pytest.mark.parametrize(
    ("pickled", "name"),
    [
        (b"\x80\x02c__builtin__\ngetattr\nctorch._C\n_VariableFunctionsClass\nX\x04\x00\x00\x00tanh\x86R.", "tanh"),
        (b"\x80\x02ctorch._C._linalg\nlinalg_norm\n.", "linalg.norm"),
        (b"\x80\x02ctorch._C._nn\ngelu\n.", "nn.functional.gelu"),
        (b"\x80\x02ctorch.nn.utils.clip_grad\nclip_grad_norm_\n.", "nn.utils.clip_grad_norm_"),
    ],
)
def test_functions_in_files_of_pytorch(pickled: bytes, name: str) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("archive/data.pkl", pickled)
    file.seek(0)
    home, _, short = name.rpartition(".")
    function = getattr(importlib.import_module(f"engine.{home}".rstrip(".")), short)
    assert torch.load(file, weights_only=False) is function


def test_blocked_modules() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("archive/data.pkl", b"\x80\x02cposix\nsystem\nX\x02\x00\x00\x00hi\x85R.")
    file.seek(0)
    with pytest.raises(pickle.UnpicklingError, match=r"GLOBAL posix\.system whose module posix is blocked"):
        torch.load(file)


class Pair:
    """A class of a program's own."""

    def __init__(self) -> None:
        self.a = 1


def test_safe_globals() -> None:
    file = io.BytesIO()
    torch.save({"pair": Pair()}, file)
    for _ in range(2):
        file.seek(0)
        with pytest.raises(pickle.UnpicklingError, match="Pair was not an allowed global"):
            torch.load(file)
        file.seek(0)
        with torch.serialization.safe_globals([Pair]):
            assert torch.load(file)["pair"].a == 1


def test_wrong_files() -> None:
    for wrong, error in ((b"", EOFError), (b"abc", Exception), (b"PK\x03\x04", RuntimeError)):
        with pytest.raises(error):
            torch.load(io.BytesIO(wrong))
    with pytest.raises(AttributeError, match="expected 'f' to be string, path"):
        torch.save(1, 3)
    with pytest.raises(AttributeError, match="has no attribute 'seek'"):
        torch.load(3)
    with pytest.raises(FileNotFoundError):
        torch.load("/nowhere/at/all")
    with pytest.raises(ValueError, match="f must be a file path"):
        there_and_back(1, mmap=True)
    with pytest.raises(TypeError, match="generator"):
        torch.save((each for each in [1]), io.BytesIO())


def test_deepcopy_keeps_what_is_shared() -> None:
    x = torch.arange(6.0).reshape(2, 3)
    a, row, turned = copy.deepcopy([x, x[1], x.t()])
    a[1, 0] = 9
    assert row[0] == 9 and turned[0, 1] == 9 and x[1, 0] == 3
    assert turned.stride() == x.t().stride()
    leaf = torch.ones(2, requires_grad=True)
    leaf.grad = torch.full((2,), 3.0)
    again = copy.deepcopy(leaf)
    assert again.requires_grad and again.grad.tolist() == [3, 3] and again.grad is not leaf.grad
    with pytest.raises(RuntimeError, match="graph leaves"):
        copy.deepcopy(leaf * 2)


def test_pickle() -> None:
    for value in (
        torch.arange(3),
        torch.nn.Parameter(torch.ones(2)),
        torch.float16,
        torch.Size([1]),
        torch.device("cpu"),
    ):
        again = pickle.loads(pickle.dumps(value))
        assert type(again) is type(value) and str(again) == str(value)


def test_a_saved_file_can_be_read_before_it_is_closed(tmp_path: pathlib.Path) -> None:
    for zipped in (True, False):
        with open(tmp_path / "open.pt", "wb") as file:
            torch.save(torch.ones(3), file, _use_new_zipfile_serialization=zipped)
            assert torch.load(tmp_path / "open.pt").tolist() == [1.0, 1.0, 1.0]
