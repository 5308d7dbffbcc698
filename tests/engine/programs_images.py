"""The part of `programs_nn.py` about convolutions, poolings, padding and batch normalization."""

from __future__ import annotations

from typing import Any


def on_images(torch, made: dict[str, Any]) -> dict[str, Any]:
    """Values, gradients and gradients of gradients of layers on lines, images and volumes."""
    nn = torch.nn
    image, answers = torch.randn(3, 2, 7, 6), {}
    line, space = torch.randn(3, 2, 9), torch.randn(2, 2, 4, 3, 5)
    cases = [
        ("Conv1d", made["Conv1d"], line),
        *((name, made[name], image) for name in made if name.startswith(("Conv2d", "ConvTranspose2d"))),
        ("Conv2d without a batch", made["Conv2d"], image[0]),
        ("Conv3d", made["Conv3d"], space),
        ("ConvTranspose1d", made["ConvTranspose1d"], line),
        ("BatchNorm1d", made["BatchNorm1d"], line),
        ("BatchNorm1d of vectors", made["BatchNorm1d"], line[:, :, 0]),
        ("BatchNorm1d outside training", made["BatchNorm1d"].eval(), line),
        ("BatchNorm2d", made["BatchNorm2d"], image),
        ("BatchNorm2d once more", made["BatchNorm2d"], image * 2),
        ("BatchNorm2d plain", made["BatchNorm2d plain"], image),
    ]
    pools = [
        nn.MaxPool2d(2), nn.MaxPool2d(3, stride=2, padding=1), nn.MaxPool2d((2, 3), ceil_mode=True, dilation=(2, 1)),
        nn.AvgPool2d(2), nn.AvgPool2d(3, 2, 1), nn.AvgPool2d(3, 2, 1, count_include_pad=False),
        nn.AvgPool2d((3, 4), stride=(3, 4), padding=(1, 2), ceil_mode=True), nn.AvgPool2d(2, divisor_override=3),
        nn.AdaptiveAvgPool2d(1), nn.AdaptiveAvgPool2d((3, None)), nn.AdaptiveAvgPool2d((4, 5)),
    ]  # fmt: skip
    cases += [(f"{pool!r} {number}", pool, image) for number, pool in enumerate(pools)]
    cases += [("MaxPool1d", nn.MaxPool1d(3, 2), line), ("AvgPool1d", nn.AvgPool1d(2), line)]
    cases += [("MaxPool3d", nn.MaxPool3d(2, 1), space), ("AdaptiveAvgPool1d", nn.AdaptiveAvgPool1d(4), line)]
    for name, layer, values in cases:
        # Double, and of few digits, so that two derivatives agree to the last of them.
        module, x = layer.double(), ((values * 64).round() / 64).double().requires_grad_()
        with torch.no_grad():
            for parameter in module.parameters():
                parameter.copy_((parameter * 64).round() / 64)
        y = module(x)
        weights = torch.linspace(-1, 1, y.numel(), dtype=torch.float64).reshape(y.shape)
        first = torch.autograd.grad(((y + y * y) * weights).sum(), [x, *module.parameters()], create_graph=True)
        second = torch.autograd.grad(sum((each * each).sum() for each in first), [x])
        answers[name] = [y.tolist(), [each.tolist() for each in (*first, *second)]]
        answers[name].append({key: value.tolist() for key, value in module.named_buffers()})
    ties = torch.tensor([[[1.0, 1.0, 0.0, float("nan")], [1.0, 2.0, 3.0, 3.0]]])
    answers["ties"] = [each.tolist() for each in nn.MaxPool2d(2, return_indices=True)(ties)]
    answers["indices"] = nn.MaxPool2d(3, 2, 1, return_indices=True)(image)[1].tolist()
    for mode in ("constant", "reflect", "replicate", "circular"):
        answers[f"pad {mode}"] = nn.functional.pad(image[:1], (1, 2, 0, 3), mode=mode).tolist()
    answers["pad less"] = nn.functional.pad(line, (-1, 2, 1, 0), value=5.0).tolist()
    return answers
