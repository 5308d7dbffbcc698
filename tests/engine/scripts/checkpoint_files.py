"""What goes into files besides tensors, and where it is put when it comes out."""

import os
import tempfile

import numpy as np


def run(torch, page):
    show, said = page.show, page.said
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "some.pt")
        given = {"a": np.arange(3), "b": np.float32(2.5), "c": [np.array([[True, False]]), np.array(["x", "yz"])]}
        torch.save(given, path)
        show(torch.load(path, weights_only=False))
        said(lambda: torch.save({"a": lambda: 1}, path))
        torch.save(torch.arange(3), path)
        said(lambda: torch.load(path, map_location="foo"))
        said(lambda: torch.load(path, map_location={"cpu": "bar"}))
        said(lambda: torch.load(path, map_location="cpu"))
