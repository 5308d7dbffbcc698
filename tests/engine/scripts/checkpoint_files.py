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
        attention = torch.nn.TransformerEncoderLayer(4, 2, activation=torch.nn.functional.gelu)
        torch.save(attention, path)
        read = torch.load(path, weights_only=False)
        show(type(read.self_attn.out_proj), read.activation is torch.nn.functional.gelu)
        show(all(torch.equal(a, b) for a, b in zip(attention.parameters(), read.parameters(), strict=True)))
        show(torch.nn.modules.linear.__all__)
