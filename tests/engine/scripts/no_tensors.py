"""What functions and layers say of `None`, lists, numbers and odd types given for a tensor, and of odd devices."""

from __future__ import annotations

from typing import Any


def run(torch: Any, page: Any) -> None:
    """The kind and first line of each error."""
    F, nn = torch.nn.functional, torch.nn

    def said(name: str, call: Any) -> None:
        try:
            page.show(name, "gives", call())
        except Exception as error:
            page.show(name, type(error).__name__, str(error).splitlines()[0])

    layers = (
        nn.Conv1d(3, 3, 3), nn.Conv2d(3, 3, 3), nn.ConvTranspose2d(3, 3, 3), nn.Linear(3, 3), nn.Dropout(), nn.ReLU(),
        nn.MaxPool2d(2), nn.AvgPool2d(2), nn.AdaptiveAvgPool2d(2), nn.BatchNorm2d(3), nn.InstanceNorm2d(3),
        nn.LayerNorm(3), nn.Embedding(3, 3), nn.Flatten(), nn.Softmax(1), nn.PixelShuffle(2),
        nn.Unfold(2), nn.Upsample(scale_factor=2), nn.GELU(), nn.ConstantPad1d(1, 0.0),
    )  # fmt: skip
    for layer in layers:
        said(type(layer).__name__, lambda m=layer: m(None))
        said(type(layer).__name__, lambda m=layer: m([1.0]) if "Flatten" not in type(m).__name__ else m(None))
    for name in ("mse_loss", "l1_loss", "binary_cross_entropy", "kl_div", "cross_entropy"):
        said(name, lambda n=name: getattr(F, n)(None, torch.zeros(1)))
    for name in ("normalize", "one_hot", "scaled_dot_product_attention", "bilinear"):
        arity = {"scaled_dot_product_attention": 3, "bilinear": 3}.get(name, 1)
        said(name, lambda n=name, k=arity: getattr(F, n)(*[None] * k))
    said("conv2d", lambda: F.conv2d(torch.zeros(1, 1, 1, 1), torch.zeros(1, 1, 1, 1), 3))
    for kind in ("int32", "int64", "uint8", "bool", "complex64"):
        for axes in (2, 3):
            x = torch.ones((2,) * axes).to(getattr(torch, kind))
            mask = torch.ones(2, 2, dtype=torch.bool)
            said(kind, lambda x=x: F.scaled_dot_product_attention(x, x, x))
            said(kind, lambda x=x, m=mask: F.scaled_dot_product_attention(x, x, x, attn_mask=m))
    for name in ("chunk", "diag", "diff", "flatten", "histc", "nonzero", "split", "std", "var", "trace", "unique"):
        said(name, lambda n=name: getattr(torch, n)(*([None, 2] if n in ("chunk", "split") else [[1.0]])))
    for name in ("masked_select", "take"):
        said(name, lambda n=name: getattr(torch, n)(torch.ones(2), 1))
    said("pad", lambda: F.pad([1.0], (1, 1)))
    for name in ("not a device", "nope", "cpu:", "cpu:01", "", " cpu", "1", "cpu:0:1"):
        said(name, lambda n=name: torch.device(n))
    said("grad", lambda: F.grad.conv1d_input((1, 1, 4), torch.ones(1, 1, 2), torch.ones(1, 1, 3)))
    scores = torch.ones(3, dtype=torch.bfloat16)
    with torch.autocast("cpu", torch.bfloat16):
        page.show(torch.margin_ranking_loss(scores, scores, scores).dtype, F.kl_div(scores, scores).dtype)
