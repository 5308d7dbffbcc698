"""Write files with PyTorch for the tests to read, and read with it what the engine writes.

Run it with a Python that has PyTorch and safetensors, from the repository root: python -m tests.engine.record_files
"""

from __future__ import annotations

import json
import pathlib
import tempfile

import torch

import engine
from tests.engine import files_data as data

FILES = pathlib.Path(__file__).parent / "answers" / "files"


def main() -> None:
    """Write `answers/files/` and say how PyTorch likes the engine's."""
    FILES.mkdir(exist_ok=True)
    everything = data.everything(torch)
    torch.save(everything, FILES / "everything.pt")
    few = {name: everything[name] for name in ("float32", "row", "turned", "int64", "parameter", "plain")}
    torch.save(few, FILES / "old.pt", _use_new_zipfile_serialization=False)
    torch.save(data.model(torch), FILES / "module.pt")
    for kind in ("SGD", "Adam"):
        net, optimizer = data.trained(torch, kind)
        torch.save({"net": net.state_dict(), "optimizer": optimizer.state_dict()}, FILES / f"{kind}.pt")
    (FILES / "answers.json").write_text(json.dumps({"everything": data.plainly(everything)}, indent=0) + "\n")
    with tempfile.TemporaryDirectory() as folder:
        engine.save(data.everything(engine), f"{folder}/everything.pt")
        found = data.plainly(torch.load(f"{folder}/everything.pt"))
        expected = data.plainly(everything)
        for name, value in expected.items():
            if found[name] != value:
                print(f"{name}: {found[name]} instead of {value}")
        for kind in ("SGD", "Adam"):
            net, optimizer = data.trained(engine, kind)
            engine.save({"net": net.state_dict(), "optimizer": optimizer.state_dict()}, f"{folder}/{kind}.pt")
            state = torch.load(f"{folder}/{kind}.pt", mmap=True)
            theirs, moved = data.trained(torch, kind)
            theirs.load_state_dict(state["net"])
            moved.load_state_dict(state["optimizer"])
    try:
        import safetensors.torch
    except ImportError:
        print("safetensors is not installed: answers/files/tensors.safetensors stays as it is")
    else:
        names = [*data.DTYPES[:-1], "whole", "one", "none"]
        safetensors.torch.save_file(
            {n: everything[n] for n in names}, FILES / "tensors.safetensors", {"made by": "PyTorch"}
        )
    print(f"wrote {FILES}")


if __name__ == "__main__":
    main()
